package outfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/hacrash/hacrash/pkg/source"
)

// Streams are what the program reads and writes without opening it, and the names of
// what it opens to read.
type Streams struct {
	Stdin  io.Reader
	Stdout io.Writer
	// Inputs are files, directories, of which each file is one, and "-", which is Stdin.
	Inputs []string
}

// PlaceError says that a result cannot go where its name says, whatever the program
// may do: another one is needed.
type PlaceError struct{ Name, Why string }

func (e *PlaceError) Error() string { return e.Name + ": " + e.Why }

// Open gives the file of a name; "" and "-" are stdout. Nothing is made before
// something is written. [File.Close] is needed afterwards.
func Open(name string, s Streams) (*File, error) {
	if name == "" || name == "-" {
		return &File{Writer: s.Stdout}, nil
	}
	target, err := filepath.EvalSymlinks(name)
	if errors.Is(err, os.ErrNotExist) {
		target, err = absent(name)
	}
	st, statErr := os.Stat(name) // for links of /proc, which have no path to follow
	switch {
	case err != nil && statErr != nil:
		return nil, source.Plain(err)
	case statErr != nil:
		return create(name, target)
	}
	if err := s.refuse(name, st); err != nil {
		return nil, err
	}
	switch {
	case sameOpen(st, s.Stdout):
		return &File{Writer: s.Stdout}, nil
	case !st.Mode().IsRegular() || err != nil || below("/dev", target) || below("/proc", target):
		f := &File{path: name}
		f.Writer = through{f}
		return f, nil
	}
	return create(name, target)
}

// refuse says why something that is there cannot be the place of a result.
func (s Streams) refuse(name string, st os.FileInfo) error {
	switch {
	case st.IsDir():
		return &PlaceError{name, "a directory; name a file"}
	case st.Mode()&os.ModeSocket != 0:
		return &PlaceError{name, "a socket; name a file"}
	case st.Mode()&os.ModeCharDevice != 0 || sameOpen(st, s.Stdout):
		return nil
	}
	if in := s.inputLike(st); in != "" {
		return &PlaceError{name, fmt.Sprintf("this is an input (%s); name another file", in)}
	}
	return nil
}

// create gives a file that will be at target.
func create(name, target string) (*File, error) {
	dir := filepath.Dir(target)
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return nil, &PlaceError{name, "no file can be there"}
	}
	if err := writable(dir); err != nil {
		return nil, fmt.Errorf("%s: no file can be made in its directory: %w", name, err)
	}
	f := &File{path: target}
	f.Writer = beside{f}
	return f, nil
}

// absent resolves the directory of a file that is not there. A link to nowhere is
// not followed: nobody knows what it was for.
func absent(name string) (string, error) {
	if _, err := os.Lstat(name); err == nil {
		return "", &PlaceError{name, "a link that leads nowhere; remove it, or name a file"}
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(name))
	if errors.Is(err, os.ErrNotExist) {
		err = &PlaceError{name, "no such directory"}
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
// none is.
func (s Streams) inputLike(st os.FileInfo) string {
	for _, name := range s.Inputs {
		if name == "-" {
			if sameOpen(st, s.Stdin) {
				return "stdin"
			}
			continue
		}
		if found := like(st, name, maxDepth); found != "" {
			return found
		}
	}
	return ""
}

// maxDepth is how deep in a directory inputs are: some of its directories are inputs too.
const maxDepth = 2

// like gives the name if it is that of the file, or the one of a file in the directory
// that it names. What cannot be read will be said by whoever reads it.
func like(st os.FileInfo, name string, depth int) string {
	its, err := os.Stat(name)
	switch {
	case err != nil:
		return ""
	case os.SameFile(st, its):
		return name
	case !its.IsDir() || depth == 0:
		return ""
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if found := like(st, filepath.Join(name, e.Name()), depth-1); found != "" {
			return found
		}
	}
	return ""
}
