package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"
	"time"
)

// Kind is what an input holds.
type Kind string

// The kinds. Log and Backtrace are both text, and read in the same way.
const (
	Core      Kind = "core"
	Log       Kind = "log"
	Backtrace Kind = "backtrace"
	Other     Kind = "other" // not ours: Problems says what it is
)

// Input is one thing to analyse. It is valid until the yield that got it returns.
type Input struct {
	// Name is as the user gave it, or "stdin".
	Name        string
	Kind        Kind
	Compression string // gzip, zstd, lz4, xz or empty
	// Size is in bytes as stored, 0 for a stream.
	Size int64
	// At reads the content at any offset, Length bytes of it; it may be used by
	// several goroutines at once. It is nil for what is compressed or comes
	// through a pipe: that has a Reader instead, to be read once. Spool makes a
	// file of it.
	At     io.ReaderAt
	Length int64
	Reader io.Reader
	// Time is when it was made, where its name tells: that of a core is of the crash.
	Time time.Time
	// Problems tell what is wrong with the input: it was cut, or it is Other.
	// They are complete only when the content was read.
	Problems []string

	closers []io.Closer
	// again makes Reader give the content from its start again; nil for a pipe.
	again   func()
	tempDir string
}

func (in *Input) closeAll() {
	for i := len(in.closers) - 1; i >= 0; i-- {
		_ = in.closers[i].Close() // nothing was written that must last
	}
}

func (in *Input) problem(s string) { in.Problems = append(in.Problems, s) }

// describe fills the kind from the first bytes of the content, and says what an
// Other is.
func (in *Input) describe(head []byte) {
	var what string
	in.Kind, what = sniff(head)
	if p := codecOf(head); p != nil && in.Compression != "" {
		// Folklore: cores that a crash handler packs and a backup packs again.
		in.Kind, what = Other, "compressed twice, "+p.name+" within "+in.Compression+"; unpack it once"
	}
	if what != "" {
		in.problem(what)
	}
}

var errEmpty = errors.New("empty; nothing to analyse")

// reason words an error of opening or reading what the user named.
func reason(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("no such file or directory")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("permission denied; run as a user who may read it")
	case errors.Is(err, syscall.ELOOP):
		return errors.New("symbolic links that lead in a circle; name the file itself")
	}
	return plainReason(err)
}

// Plain takes the name of the system call out of a file error: "core: permission
// denied". Other errors stay as they are.
func Plain(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("%s: %w", pe.Path, pe.Err)
	}
	return err
}

// plainReason takes the operation and the name out of a file error.
func plainReason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
