package outfile

import (
	"errors"
	"os"
	"path/filepath"
)

// Create makes a file with its content, readable for its owner alone, which is on the disk when it
// returns. Nothing is replaced: the error is fs.ErrExist when there is one of that name.
func Create(name string, data []byte) error {
	if err := nameless(name, data); err != nil {
		return err
	}
	return syncDir(name)
}

// Save is Create that takes the place of what was there.
func Save(name string, data []byte) error {
	return putBeside(name, data, func(temp string) error { return os.Rename(temp, name) })
}

// createBeside links a file into place that has a name of its own before.
func createBeside(name string, data []byte) error {
	return putBeside(name, data, func(temp string) error {
		return errors.Join(os.Link(temp, name), os.Remove(temp))
	})
}

// putBeside writes a file beside its place, and through to the disk; place then puts it there.
func putBeside(name string, data []byte, place func(temp string) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = place(f.Name())
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return syncDir(name)
}

// syncDir puts the name of a file on the disk.
func syncDir(name string) error {
	d, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
