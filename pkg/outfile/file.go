package outfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/hacrash/hacrash/pkg/source"
)

// File is where a result goes.
type File struct {
	// Writer takes the result. It is stdout itself where that was asked for, so that
	// a caller can find out whether it is a terminal.
	io.Writer
	// path is where the file will be; empty for what is written through.
	path string
	file *os.File // made by the first Write
	err  error
	done bool
}

// beside writes to a new file in the directory of the result's place. Its name begins
// with a dot, so that no walk over the directory takes it for an input.
type beside struct{ *File }

func (b beside) Write(p []byte) (int, error) {
	f := b.File
	if f.file == nil && f.err == nil {
		f.file, f.err = os.CreateTemp(filepath.Dir(f.path), "."+filepath.Base(f.path)+".*") // mode 0600
	}
	if f.err != nil {
		return 0, source.Plain(f.err)
	}
	return f.file.Write(p)
}

// through writes to something that is no file.
type through struct{ *File }

func (t through) Write(p []byte) (int, error) {
	f := t.File
	if f.file == nil && f.err == nil {
		f.file, f.err = os.OpenFile(f.path, os.O_WRONLY, 0)
	}
	if f.err != nil {
		return 0, source.Plain(f.err)
	}
	return f.file.Write(p)
}

// Close ends the result. The file takes its place if keep is true, also an empty one;
// else nothing is left of it. A second call does nothing.
func (f *File) Close(keep bool) error {
	if f.done {
		return nil
	}
	f.done = true
	b, regular := f.Writer.(beside)
	if regular && keep {
		if _, err := b.Write(nil); err != nil {
			return err
		}
	}
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	if !regular {
		return source.Plain(err)
	}
	if err == nil && keep {
		err = os.Rename(f.file.Name(), f.path)
	}
	if err != nil || !keep {
		err = errors.Join(err, os.Remove(f.file.Name()))
	}
	return source.Plain(err)
}

// Replace writes a file as a whole or not at all, for everybody to read.
func Replace(name string, data []byte) error {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	f := &File{path: name}
	f.Writer = beside{f}
	_, err := f.Write(data)
	if err == nil {
		err = f.file.Chmod(0o644)
	}
	return errors.Join(source.Plain(err), f.Close(err == nil))
}
