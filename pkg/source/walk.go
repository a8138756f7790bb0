package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/hacrash/hacrash/pkg/fault"
)

// maxEntries caps the files of one directory.
const maxEntries = 100_000

// Options of Walk.
type Options struct {
	// Stdin is what "-" means. A regular file is read at offsets, from where it
	// stands.
	Stdin io.Reader
	// TempDir is where Input.Spool copies to. Empty means /var/tmp, or
	// /tmp where that cannot be written: /tmp is often memory.
	TempDir string
	// Since and Until narrow what journalctl is asked for, and which cores of a directory are
	// opened, where their names tell; zero means no bound.
	Since, Until time.Time
	// Note, when not nil, is told what of a directory or an archive was passed over.
	Note func(where, what string)
	// MaxContent is how many bytes are taken out of one compressed input, or
	// read of a piped core; 0 means 1 TiB. More is a problem of that input.
	MaxContent int64
}

// Walk opens one input after the other and gives it to yield, until that
// returns false or ctx ends. "-", or no name at all, is stdin. A name that fails
// gives an error of the form "name: what is wrong; what to do", and the walk
// goes on. A directory stands for the cores, logs and backtraces in it, in the
// order of their names; what is not ours there is passed over, and so is a file
// that was given already under another name.
func Walk(ctx context.Context, names []string, o Options, yield func(*Input, error) bool) {
	if o.MaxContent <= 0 {
		o.MaxContent = 1 << 40
	}
	w := walker{ctx: ctx, o: o, yield: yield, given: map[identity][]fs.FileInfo{}}
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
	// given are the regular files so far.
	given   map[identity][]fs.FileInfo
	noStdin bool // it was read already
	depth   int  // of inputs that hold the one at hand
}

// identity is what two names of one file have in common, as far as a map can
// tell; os.SameFile decides among the few that are left.
type identity [2]uint64

// again tells that a file was given already: logs of containers often lie beside
// a link that leads to the newest of them.
func (w *walker) again(st fs.FileInfo) bool {
	id := identityOf(st)
	for _, other := range w.given[id] {
		if os.SameFile(other, st) {
			return true
		}
	}
	w.given[id] = append(w.given[id], st)
	return false
}

// fail gives an error to yield, except when it is only that ctx ended.
func (w *walker) fail(name string, err error) bool {
	if w.ctx.Err() != nil {
		return false
	}
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
	in, err := caught(func() (*Input, error) { return w.path(name, st) })
	return w.give(name, in, err)
}

// caught opens an input. A bug that this meets costs that input, and not those behind.
func caught(open func() (*Input, error)) (in *Input, err error) {
	err = fault.Catch(func() (err error) { in, err = open(); return err })
	return in, err
}

// stdin is read like a file when it is one (hacrash < core).
func (w *walker) stdin() bool {
	const name = "stdin"
	if w.o.Stdin == nil {
		return w.fail(name, errors.New("there is none; name a file"))
	}
	if w.noStdin {
		return w.fail(name, errors.New("given twice; name it once"))
	}
	w.noStdin = true
	if f, ok := w.o.Stdin.(*os.File); ok {
		if st, err := f.Stat(); err == nil && st.Mode().IsRegular() && st.Size() > 0 {
			in, err := caught(func() (*Input, error) { return w.redirected(name, f, st) })
			return w.give(name, in, err)
		}
	}
	in, err := caught(func() (*Input, error) { return w.stream(name, w.o.Stdin) })
	return w.give(name, in, err)
}

// redirected opens a file that stands somewhere already: a program before us
// may have read its beginning.
func (w *walker) redirected(name string, f *os.File, st fs.FileInfo) (*Input, error) {
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	if at >= st.Size() {
		return nil, errEmpty
	}
	if w.again(st) {
		return nil, nil
	}
	return w.at(name, f, at, st.Size()-at)
}

// path opens what is not a directory. Without an error and an input, the file
// was given before.
func (w *walker) path(name string, st fs.FileInfo) (*Input, error) {
	switch m := st.Mode(); {
	case m.IsRegular():
		if w.again(st) {
			return nil, nil
		}
	case m&(fs.ModeNamedPipe|fs.ModeCharDevice) == 0:
		return nil, errors.New("not a file, a directory or a pipe; name one of these")
	}
	f, err := openWaiting(w.ctx, name)
	if err != nil {
		return nil, err
	}
	if st, err = f.Stat(); err != nil {
		_ = f.Close()
		return nil, err
	}
	var in *Input
	if st.Mode().IsRegular() && st.Size() > 0 {
		in, err = w.at(name, f, 0, st.Size())
		if c, ok := ReadCoreName(name); ok && err == nil && in.Kind == Core {
			in.Time = c.Time
		}
	} else {
		// Files of /proc say that they are empty, and are not.
		in, err = w.stream(name, f)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	in.closers = append([]io.Closer{f}, in.closers...)
	return in, nil
}

// directory gives the cores, logs and backtraces that lie in it, one level deep; of the
// directories in it only those that are one input ([descends]).
func (w *walker) directory(dir string) bool {
	if isProblem(dir) {
		return w.problem(dir)
	}
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return w.fail(dir, err)
	}
	var p passed
	ours, others := 0, 0
	for _, e := range entries[:min(len(entries), maxEntries)] {
		if w.ctx.Err() != nil {
			return false
		}
		name := filepath.Join(dir, e.Name())
		if descends(name, e) {
			ours++
			if !w.directory(name) {
				return false
			}
			continue
		}
		in, why, err := w.entry(name)
		if why != "" {
			p.add(name, why)
			if why != hidden && why != noFile && why != noContent && why != noTarget {
				others++
			}
			continue
		}
		ours++ // also one that fails: the user hears of it
		if !w.give(name, in, err) {
			return false
		}
	}
	w.passedOver(dir, &p)
	switch {
	case len(entries) > maxEntries:
		return w.fail(dir, fmt.Errorf("holds %d files, of which %d were looked at; name those that matter", len(entries), maxEntries))
	case ours == 0 && others > 0:
		return w.fail(dir, fmt.Errorf("holds no core, log or backtrace among its %d files; name another directory, or a file", others))
	case ours == 0:
		return w.fail(dir, errors.New("holds no core, log or backtrace; name another directory, or a file"))
	}
	return true
}

// entry opens what lies in a directory, or says why it is passed over.
func (w *walker) entry(name string) (in *Input, why string, err error) {
	switch {
	case filepath.Base(name)[0] == '.':
		return nil, hidden, nil
	case foreignCore(name):
		return nil, otherCore, nil
	case w.otherTime(name):
		return nil, otherTime, nil
	}
	st, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ELOOP):
		return nil, noTarget, nil
	case err != nil:
		return nil, "", err
	case !st.Mode().IsRegular():
		return nil, noFile, nil
	case st.Size() == 0:
		return nil, noContent, nil
	}
	in, err = caught(func() (*Input, error) { return w.path(name, st) })
	if err == nil && in != nil && in.Kind == Other {
		in.closeAll()
		return nil, in.Problems[0], nil
	}
	return in, "", err
}

// give hands an opened input to yield, and closes it.
func (w *walker) give(name string, in *Input, err error) bool {
	if err == nil && in == nil {
		return true // given before
	}
	if in != nil {
		defer in.closeAll()
		in.tempDir = w.o.TempDir
	}
	if err != nil {
		return w.fail(name, err)
	}
	if w.ctx.Err() != nil {
		return false
	}
	switch in.Kind {
	case archive, journal, report, letter:
		return w.inside(in)
	}
	return w.yield(in, nil)
}
