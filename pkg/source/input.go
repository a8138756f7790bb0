package source

import (
	"errors"
	"io"
	"os"
)

// Kind is what an input holds.
type Kind string

// The kinds. Log and Backtrace are both text.
const (
	Core      Kind = "core"
	Log       Kind = "log"
	Backtrace Kind = "backtrace"
	Other     Kind = "other" // not ours: Problems says what it is
)

// Input is one thing to analyse. It is valid until the yield that got it returns.
type Input struct {
	Name        string
	Kind        Kind
	Compression string // gzip, zstd, lz4, xz or empty
	// Size is in bytes as stored, 0 for a stream.
	Size int64
	// At reads the content at any offset, Length bytes of it. It is nil for
	// streams, which have a Reader instead.
	At     io.ReaderAt
	Length int64
	Reader io.Reader
	// Problems tell what is wrong with the input: it was cut, or it is Other.
	// For a Reader they are whole only after it ended.
	Problems []string

	closers []io.Closer
}

func (in *Input) closeAll() {
	for i := len(in.closers) - 1; i >= 0; i-- {
		_ = in.closers[i].Close() // nothing was written that must last
	}
}

func (in *Input) problem(s string) { in.Problems = append(in.Problems, s) }

// reason takes the operation and the name out of a file error.
func reason(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("no such file or directory")
	case errors.Is(err, os.ErrPermission):
		return errors.New("permission denied; run as a user who may read it")
	}
	return err
}
