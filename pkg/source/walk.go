package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxEntries caps the files of one directory.
const maxEntries = 100_000

// Options of Walk.
type Options struct {
	Stdin io.Reader
	// TempDir is where cores from streams are laid down; empty for the system's.
	TempDir string
}

// Walk opens one input after the other and gives it to yield, until that
// returns false. "-", or no name at all, is stdin. A name that fails gives an
// error of the form "name: what is wrong; what to do", and the walk goes on.
func Walk(ctx context.Context, names []string, o Options, yield func(*Input, error) bool) {
	w := walker{ctx: ctx, o: o, yield: yield}
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		if ctx.Err() != nil || !w.name(name) {
			return
		}
	}
}

type walker struct {
	ctx   context.Context
	o     Options
	yield func(*Input, error) bool
}

func (w *walker) fail(name string, err error) bool {
	return w.yield(nil, fmt.Errorf("%s: %w", name, reason(err)))
}

func (w *walker) name(name string) bool {
	if name == "-" {
		return w.stdin()
	}
	st, err := os.Stat(name)
	switch {
	case err != nil:
		return w.fail(name, err)
	case st.IsDir():
		return w.directory(name)
	}
	return w.path(name, st)
}

// stdin is read like a file when it is one (hacrash < core).
func (w *walker) stdin() bool {
	if f, ok := w.o.Stdin.(*os.File); ok {
		if st, err := f.Stat(); err == nil && st.Mode().IsRegular() {
			return w.file("stdin", f, st.Size())
		}
	}
	if w.o.Stdin == nil {
		return w.fail("stdin", errors.New("there is none; name a file"))
	}
	return w.stream("stdin", w.o.Stdin)
}

func (w *walker) path(name string, st fs.FileInfo) bool {
	f, err := os.Open(name)
	if err != nil {
		return w.fail(name, err)
	}
	defer f.Close()
	switch m := st.Mode(); {
	case m.IsRegular():
		return w.file(name, f, st.Size())
	case m&(fs.ModeNamedPipe|fs.ModeCharDevice) != 0:
		return w.stream(name, f)
	}
	return w.fail(name, errors.New("not a file, a directory or a pipe"))
}

// directory gives the cores, logs and backtraces that lie in it, one level deep.
func (w *walker) directory(dir string) bool {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return w.fail(dir, err)
	}
	found := 0
	for _, e := range entries[:min(len(entries), maxEntries)] {
		if w.ctx.Err() != nil {
			return false
		}
		name := filepath.Join(dir, e.Name())
		st, err := os.Stat(name)
		if err != nil || !st.Mode().IsRegular() || st.Size() == 0 || e.Name()[0] == '.' {
			continue
		}
		if !ours(name) {
			continue
		}
		found++
		if !w.path(name, st) {
			return false
		}
	}
	if found == 0 {
		return w.fail(dir, errors.New("holds no core, log or backtrace; name the files, or another directory"))
	}
	return true
}

// ours sniffs a file of a directory: others than ours are passed over there. A
// file that cannot be opened counts, so that the user hears of it.
func ours(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return true
	}
	defer f.Close()
	head, err := readHead(io.NewSectionReader(f, 0, sniffLen))
	if err != nil {
		return true
	}
	if c := compression(head); c != "" {
		if head = unpackHead(c, f); len(head) == 0 {
			return false
		}
	}
	k, _ := sniff(head)
	return k != Other
}

// unpackHead gives the first bytes behind a compression, as many as can be had.
func unpackHead(c string, f *os.File) []byte {
	r, done, err := unpacker(c, io.NewSectionReader(f, 0, 1<<62))
	if err != nil {
		return nil
	}
	if done != nil {
		defer done.Close()
	}
	head, _ := readHead(r) // damage behind the head is told when it is read
	return head
}

// readHead reads up to sniffLen bytes; what came before an error is returned
// with it. io.ReadFull would give the end of content and that of a cut
// compressed stream the same error.
func readHead(r io.Reader) ([]byte, error) {
	b := make([]byte, sniffLen)
	n := 0
	for idle := 0; n < len(b) && idle < 100; idle++ {
		m, err := r.Read(b[n:])
		if m > 0 {
			n, idle = n+m, 0
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return b[:n], err
		}
	}
	return b[:n], nil
}
