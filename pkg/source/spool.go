package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// Sizes of a spooled core.
const (
	spoolBlock = 1 << 20
	holeSize   = 4 << 10 // a zero page of this size becomes a hole
	// reserve is what must stay free on the disk.
	reserve = 256 << 20
	// maxContent is the largest core that is taken from a stream.
	maxContent = 16 << 40
)

// errDisk says that a temporary file would fill the disk.
var errDisk = errors.New("not enough free disk for a temporary copy; give a roomier --temp-dir, or unpack the core and name that file")

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
	f, err := os.CreateTemp(dir, "hacrash-core-*")
	if err != nil {
		return temporary{}, fmt.Errorf("no temporary file for the core: %w; give a --temp-dir", reason(err))
	}
	t := temporary{File: f, path: f.Name()}
	if os.Remove(f.Name()) == nil {
		t.path = ""
	}
	return t, nil
}

// spool copies r to a temporary file, with holes where it is zero, and returns
// the file and the length of the content. A read error ends the copy: the file
// and the error are both returned then.
func spool(ctx context.Context, dir string, r io.Reader) (temporary, int64, error) {
	t, err := newTemporary(dir)
	if err != nil {
		return t, 0, err
	}
	length, readErr, err := copySparse(ctx, t.File, r)
	if err == nil {
		err = t.Truncate(length) // the last hole has no end yet
	}
	if err != nil {
		return temporary{}, 0, errors.Join(err, t.Close())
	}
	return t, length, readErr
}

// copySparse tells errors of reading from those that make the copy useless.
func copySparse(ctx context.Context, f *os.File, r io.Reader) (length int64, readErr, err error) {
	buf := make([]byte, spoolBlock)
	left := int64(0) // may be written before the disk is asked again
	for {
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
		n, rerr := io.ReadFull(r, buf)
		if n > 0 {
			if left -= int64(n); left < 0 {
				if left, err = room(f); err != nil {
					return 0, nil, err
				}
			}
			if err := writeSparse(f, buf[:n], length); err != nil {
				return 0, nil, err
			}
			length += int64(n)
		}
		switch {
		case rerr == io.EOF, rerr == io.ErrUnexpectedEOF && n < len(buf) && isEnd(r):
			return length, nil, nil
		case rerr != nil:
			return length, rerr, nil
		case length > maxContent:
			return length, errors.New("larger than any core; stopped there"), nil
		}
	}
}

// isEnd tells the end of content from that of a cut compressed stream: ReadFull
// gives the same error for both, the reader itself does not.
func isEnd(r io.Reader) bool {
	var b [1]byte
	n, err := r.Read(b[:])
	return n == 0 && err == io.EOF
}

// room asks how much may be written before asking again.
func room(f *os.File) (int64, error) {
	free, ok := freeDisk(f)
	if !ok {
		return 1 << 30, nil
	}
	if free < reserve {
		return 0, errDisk
	}
	return min(free-reserve, 1<<30), nil
}

// writeSparse writes b at off, leaving holes for zero pages.
func writeSparse(f *os.File, b []byte, off int64) error {
	zero := make([]byte, holeSize)
	for len(b) > 0 {
		n := 0
		for n < len(b) && !bytes.Equal(b[n:min(n+holeSize, len(b))], zero[:min(holeSize, len(b)-n)]) {
			n = min(n+holeSize, len(b))
		}
		if n > 0 {
			if _, err := f.WriteAt(b[:n], off); err != nil {
				return fmt.Errorf("temporary copy of the core: %w", reason(err))
			}
		} else {
			n = min(holeSize, len(b))
		}
		b, off = b[n:], off+int64(n)
	}
	return nil
}
