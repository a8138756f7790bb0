package source

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// Small reads a file that has no reason to be large: settings, signatures, tables. It
// must be a regular one of at most so many bytes, which is found out before anything
// is read of it, and without waiting for the other end of a pipe.
func Small(name string, most int64) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, plainReason(err))
	}
	defer f.Close()
	b, err := SmallOf(f, most)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return b, nil
}

// SmallOf is Small for a file that is open.
func SmallOf(f *os.File, most int64) ([]byte, error) {
	st, err := f.Stat()
	switch {
	case err != nil:
		return nil, plainReason(err)
	case !st.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case st.Size() > most:
		return nil, fmt.Errorf("%d bytes, more than %s", st.Size(), amount(most))
	}
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return nil, plainReason(err)
	case int64(len(b)) > most: // it grew
		return nil, fmt.Errorf("more than %s", amount(most))
	}
	return b, nil
}
