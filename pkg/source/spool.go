package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/hacrash/hacrash/pkg/fault"
)

// Sizes of a spooled core.
const (
	spoolBlock  = 1 << 20
	spoolBlocks = 3       // being filled, being written, and one between
	holeSize    = 4 << 10 // a zero page of this size becomes a hole
)

// errDisk says that a temporary file would fill the disk.
var errDisk = errors.New("not enough free disk for a temporary copy; give a roomier --temp-dir, or unpack the core and name that file")

// Spool copies the content of Reader to a temporary file, so that it can be
// read at any offset: At and Length are set, Reader is not any more. Taken is
// what was read of Reader already. A compressed file is read from its start
// again, whatever was read of it; of a pipe taken must be all that was read.
func (in *Input) Spool(ctx context.Context, taken []byte) error {
	if in.At != nil {
		return nil
	}
	if in.again != nil {
		taken, in.Problems = nil, nil // they will be found again
		in.again()
	}
	t, err := newTemporary(in.tempDir)
	if err != nil {
		return err
	}
	in.closers = append(in.closers, t)
	s := spool{ctx: ctx, f: t.File, room: NewRoom(t.File)}
	readErr, err := s.copy(rejoin(taken, in.Reader))
	if err != nil {
		return err
	}
	if readErr != nil {
		in.problem(fmt.Sprintf("truncated after %d bytes of content: %v", s.length, readErr))
	}
	in.At, in.Length, in.Reader = t.File, s.length, nil
	return nil
}

// temporary is a file without a name: it is gone when it is closed, and when
// the program dies of whatever.
type temporary struct {
	*os.File
	path string // when it could not be unlinked at once
}

func (t temporary) Close() error {
	err := t.File.Close()
	if t.path != "" {
		err = errors.Join(err, os.Remove(t.path))
	}
	return err
}

func newTemporary(dir string) (temporary, error) {
	t, err := newNamed(dir)
	if err == nil && os.Remove(t.path) == nil { // on Unix
		t.path = ""
	}
	return t, err
}

// newNamed makes a temporary that keeps its name until it is closed.
func newNamed(dir string) (temporary, error) {
	dirs := []string{dir}
	if dir == "" {
		dirs = []string{"/var/tmp", "/tmp"}
	}
	var f *os.File
	var err error
	for _, dir = range dirs {
		if f, err = os.CreateTemp(dir, "hacrash-core-*"); err == nil { // for this user only
			break
		}
	}
	if err != nil {
		return temporary{}, fmt.Errorf("no temporary file in %s for the core: %v; give another --temp-dir", dir, plainReason(err))
	}
	return temporary{f, f.Name()}, nil
}

// spool writes a stream to a file, with holes where it is zero.
type spool struct {
	ctx    context.Context
	f      *os.File
	length int64 // of the content so far
	room   *Room
}

// copy tells errors of reading, after which the copy is as good as what came
// before, from those that make it useless. Blocks are written while the next
// ones are decompressed: both take about the same time.
func (s *spool) copy(r io.Reader) (readErr, err error) {
	full, free := make(chan []byte, spoolBlocks), make(chan []byte, spoolBlocks)
	for range spoolBlocks {
		free <- make([]byte, spoolBlock)
	}
	writing := fault.Go(func() error { return s.writeAll(full, free) })
	defer writing.End() // it writes to what is closed behind us
	readErr = s.readAll(r, full, free, writing.Done())
	if err := errors.Join(writing.Wait(), s.ctx.Err()); err != nil {
		return nil, err
	}
	// The last hole has no end yet.
	return readErr, writeError(s.f.Truncate(s.length))
}

// readAll fills blocks until r or ctx ends, or writing does. The error is one
// of reading.
func (s *spool) readAll(r io.Reader, full chan<- []byte, free <-chan []byte, written <-chan struct{}) error {
	defer close(full)
	for s.ctx.Err() == nil {
		var buf []byte
		select {
		case buf = <-free:
		case <-written: // it failed
			return nil
		}
		n, err := io.ReadFull(r, buf)
		full <- buf[:n]
		if err != nil {
			return notEOF(err)
		}
	}
	return nil
}

// notEOF gives nil for the good end of content. A compressed stream that is cut
// ends well, too: what is wrong with it was told.
func notEOF(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil
	}
	return err
}

func (s *spool) writeAll(full <-chan []byte, free chan<- []byte) error {
	for b := range full {
		if err := s.write(b); err != nil {
			return err
		}
		free <- b[:cap(b)]
	}
	return nil
}

// write appends b, leaving out zero pages.
func (s *spool) write(b []byte) error {
	for len(b) > 0 {
		n := 0
		for n < len(b) && !isZero(b[n:min(n+holeSize, len(b))]) {
			n = min(n+holeSize, len(b))
		}
		if n > 0 {
			if !s.room.Take(int64(n)) {
				return errDisk
			}
			if _, err := s.f.WriteAt(b[:n], s.length); err != nil {
				return writeError(err)
			}
		}
		for n < len(b) && isZero(b[n:min(n+holeSize, len(b))]) {
			n = min(n+holeSize, len(b))
		}
		b, s.length = b[n:], s.length+int64(n)
	}
	return nil
}

func writeError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return errDisk
	}
	return fmt.Errorf("temporary copy of the core: %v; give another --temp-dir", plainReason(err))
}

// isZero compares b with itself, shifted by a byte: memory compares are fast.
func isZero(b []byte) bool {
	return b[0] == 0 && bytes.Equal(b[1:], b[:len(b)-1])
}
