package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// output is where a report goes: stdout, or a file that is written beside its place
// and takes it when the report is whole. Until then what stood there stays, and
// nothing is left of a report that failed.
type output struct {
	io.Writer
	// path is where the file will be; empty for what is written through.
	path string
	file *os.File // made by the first Write
	err  error
	done bool
}

// openOutput opens where --output says; inputs are what is read. Nothing is made
// before something is written.
//
// A link is followed: what it leads to is replaced, and the link stays. A pipe, a
// terminal or another device, /dev/stdout too, is written through.
func (p *program) openOutput(name string, inputs []string) (*output, error) {
	if name == "" || name == "-" {
		return &output{Writer: p.stdout}, nil
	}
	target, err := filepath.EvalSymlinks(name)
	if errors.Is(err, os.ErrNotExist) {
		target, err = absent(name)
	}
	st, statErr := os.Stat(name) // for links of /proc, which have no path to follow
	switch {
	case err != nil && statErr != nil:
		return nil, plain(err)
	case statErr != nil: // there is none yet
	case st.IsDir():
		return nil, usageError{fmt.Errorf("--output %s: a directory; name a file", name)}
	case st.Mode()&os.ModeSocket != 0:
		return nil, usageError{fmt.Errorf("--output %s: a socket; name a file", name)}
	case sameOpen(st, p.stdout):
		return &output{Writer: p.stdout}, nil
	default:
		if in := p.inputLike(st, inputs); in != "" && st.Mode()&os.ModeCharDevice == 0 {
			return nil, usageError{fmt.Errorf("--output %s: this is an input (%s); name another file", name, in)}
		}
		if !st.Mode().IsRegular() || err != nil || below("/dev", target) || below("/proc", target) {
			o := &output{path: name}
			o.Writer = through{o}
			return o, nil
		}
	}
	if dir, err := os.Stat(filepath.Dir(target)); err != nil || !dir.IsDir() {
		return nil, usageError{fmt.Errorf("--output %s: no file can be there", name)}
	}
	if err := writable(filepath.Dir(target)); err != nil {
		return nil, fmt.Errorf("--output %s: no file can be made in its directory: %w", name, err)
	}
	o := &output{path: target}
	o.Writer = beside{o}
	return o, nil
}

// absent resolves the directory of a file that is not there. A link to nowhere is
// not followed: nobody knows what it was for.
func absent(name string) (string, error) {
	if _, err := os.Lstat(name); err == nil {
		return "", usageError{fmt.Errorf("--output %s: a link that leads nowhere; remove it, or name a file", name)}
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(name))
	if errors.Is(err, os.ErrNotExist) {
		err = usageError{fmt.Errorf("--output %s: no such directory", name)}
	}
	return filepath.Join(dir, filepath.Base(name)), err
}

func below(dir, path string) bool { return strings.HasPrefix(path, dir+"/") }

// sameOpen tells whether an open file is the one that st tells of.
func sameOpen(st os.FileInfo, open any) bool {
	f, ok := open.(*os.File)
	if !ok {
		return false
	}
	its, err := f.Stat()
	return err == nil && os.SameFile(st, its)
}

// inputLike gives the input that is the same file, under whatever name; empty if
// none is. Of a directory each file is an input.
func (p *program) inputLike(st os.FileInfo, inputs []string) string {
	for _, name := range inputs {
		if name == "-" {
			if sameOpen(st, p.stdin) {
				return "stdin"
			}
			continue
		}
		its, err := os.Stat(name)
		if err != nil {
			continue // it will be said
		}
		if os.SameFile(st, its) {
			return name
		}
		if !its.IsDir() {
			continue
		}
		entries, err := os.ReadDir(name)
		if err != nil {
			continue
		}
		for _, e := range entries {
			path := filepath.Join(name, e.Name())
			if its, err := os.Stat(path); err == nil && os.SameFile(st, its) {
				return path
			}
		}
	}
	return ""
}

// beside writes to a new file in the directory of the output's place. Its name begins
// with a dot, so that no walk over the directory takes it for an input.
type beside struct{ *output }

func (b beside) Write(p []byte) (int, error) {
	o := b.output
	if o.file == nil && o.err == nil {
		o.file, o.err = os.CreateTemp(filepath.Dir(o.path), "."+filepath.Base(o.path)+".*") // mode 0600
	}
	if o.err != nil {
		return 0, plain(o.err)
	}
	return o.file.Write(p)
}

// through writes to something that is no file.
type through struct{ *output }

func (t through) Write(p []byte) (int, error) {
	o := t.output
	if o.file == nil && o.err == nil {
		o.file, o.err = os.OpenFile(o.path, os.O_WRONLY, 0)
	}
	if o.err != nil {
		return 0, plain(o.err)
	}
	return o.file.Write(p)
}

// close ends the output. The file takes its place if keep is true, also an empty one;
// else nothing is left of it. It may be called again, which does nothing.
func (o *output) close(keep bool) error {
	if o.done {
		return nil
	}
	o.done = true
	b, regular := o.Writer.(beside)
	if regular && keep {
		if _, err := b.Write(nil); err != nil {
			return err
		}
	}
	if o.file == nil {
		return nil
	}
	err := o.file.Close()
	if !regular {
		return plain(err)
	}
	if err == nil && keep {
		err = os.Rename(o.file.Name(), o.path)
	}
	if err != nil || !keep {
		err = errors.Join(err, os.Remove(o.file.Name()))
	}
	return plain(err)
}

// replaceFile writes a file as a whole or not at all, for everybody to read.
func replaceFile(name string, data []byte) error {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	o := &output{path: name}
	o.Writer = beside{o}
	_, err := o.Write(data)
	if err == nil {
		err = o.file.Chmod(0o644)
	}
	return errors.Join(plain(err), o.close(err == nil))
}
