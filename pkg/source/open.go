package source

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/hacrash/hacrash/pkg/fault"
)

const (
	// sniffLen is how much of the content decides what it is.
	sniffLen = 64 << 10
	// enough is what a pipe must have given: without less than that it cannot be
	// told whether an ELF file is a core, for e_type ends there.
	enough = 18
	// tarHeader is what it takes to know a tar archive; none is text.
	tarHeader = 512
)

// at opens length bytes of a regular file, or of one within it, from off.
func (w *walker) at(name string, f io.ReaderAt, off, length int64) (*Input, error) {
	in := &Input{Name: name, Size: length}
	body := io.NewSectionReader(f, off, length)
	head, err := readHead(body, sniffLen)
	if len(head) == 0 {
		return nil, cmp.Or(err, errEmpty)
	}
	if p := codecOf(head); p != nil {
		in, err := w.compressed(in, p, io.NewSectionReader(f, off, length), sniffLen)
		if err == nil {
			in.again = func() { w.decompressInto(in, p, io.NewSectionReader(f, off, length)) }
		}
		return in, err
	}
	in.describe(head)
	in.Length = length
	switch {
	case in.Kind == Log || in.Kind == Backtrace:
		in.At = &steady{in: in, r: body}
	case off == 0:
		in.At = f // as it is, so that its holes can be found
	default:
		in.At = body
	}
	return in, nil
}

// stream opens a pipe. It waits for no more than the first read gives, so that
// a log that is still being written is shown as it comes.
func (w *walker) stream(name string, r io.Reader) (*Input, error) {
	p := newPipe(w.ctx, r)
	in, err := w.once(&Input{Name: name, closers: []io.Closer{p}}, p, enough)
	if err == nil && in.Kind == Core && in.Compression == "" {
		in.Reader = &limited{in.Reader, w.o.MaxContent, w.o.MaxContent}
	}
	return in, err
}

// once opens content that is read once; atLeast is as in readHead.
func (w *walker) once(in *Input, r io.Reader, atLeast int) (*Input, error) {
	head, err := readHead(r, atLeast)
	if len(head) == 0 {
		in.closeAll()
		return nil, cmp.Or(err, errEmpty)
	}
	rest := rejoin(head, r)
	if c := codecOf(head); c != nil {
		return w.compressed(in, c, rest, atLeast)
	}
	in.describe(head)
	in.Reader = rest
	return in, nil
}

// compressed opens what lies behind a compression; at least is as in readHead.
func (w *walker) compressed(in *Input, p *codec, r io.Reader, atLeast int) (*Input, error) {
	in.Compression = p.name
	w.decompressInto(in, p, r)
	z := in.Reader
	head, err := readHead(z, atLeast)
	if len(head) == 0 {
		in.closeAll()
		if len(in.Problems) > 0 {
			err = errors.New(in.Problems[0] + "; nothing to analyse")
		}
		return nil, cmp.Or(err, errEmpty)
	}
	in.describe(head)
	in.Reader = rejoin(head, z)
	return in, nil
}

// decompressInto makes what r holds compressed the content of in.
func (w *walker) decompressInto(in *Input, p *codec, r io.Reader) {
	z := decompress(w.ctx, in, p, r, w.o.MaxContent)
	in.closers = append(in.closers, z)
	in.Reader = z
}

// limited fails behind its limit.
type limited struct {
	r         io.Reader
	left, max int64
}

func (l *limited) Read(b []byte) (int, error) {
	if l.left > 0 {
		n, err := l.r.Read(b[:min(int64(len(b)), l.left)])
		l.left -= int64(n)
		return n, err
	}
	n, err := l.r.Read(make([]byte, 1))
	if n > 0 {
		err = fmt.Errorf("it is larger than %s, the rest was not read", amount(l.max))
	}
	return 0, err
}

// rejoin puts peeked bytes back in front.
func rejoin(head []byte, r io.Reader) io.Reader {
	return io.MultiReader(bytes.NewReader(head), r)
}

// readHead reads up to sniffLen bytes, and stops when it has at least so many.
// What came before an error counts; the reader gives the error again.
func readHead(r io.Reader, atLeast int) ([]byte, error) {
	b := make([]byte, sniffLen)
	n := 0
	for idle := 0; idle < 100; idle++ {
		if n >= atLeast && (n >= tarHeader || bytes.IndexByte(b[:n], 0) < 0) {
			break
		}
		m, err := r.Read(b[n:])
		if m > 0 {
			n, idle = n+m, 0
		}
		if err == io.EOF {
			return b[:n], nil
		}
		if err != nil {
			return b[:n], err
		}
	}
	return b[:n], nil
}

// steady is text that is read at offsets. It notes when the file became shorter
// after it was opened: logrotate's copytruncate does that.
type steady struct {
	in   *Input
	r    *io.SectionReader
	once sync.Once
}

func (s *steady) ReadAt(b []byte, off int64) (int, error) {
	n, err := s.r.ReadAt(b, off)
	if err == io.EOF && n < len(b) && off+int64(n) < s.r.Size() {
		s.once.Do(func() { s.in.problem("became shorter while it was read; analyse it again, or a copy") })
	}
	return n, err
}

// openWaiting opens a file. A named pipe has nobody at its other end for a
// while, perhaps for ever: the wait ends with ctx.
func openWaiting(ctx context.Context, name string) (*os.File, error) {
	type opened struct {
		f   *os.File
		err error
	}
	open := fault.Go(func() opened {
		f, err := os.Open(name)
		if err == nil && ctx.Err() != nil { // nobody waits any more
			return opened{nil, errors.Join(ctx.Err(), f.Close())}
		}
		return opened{f, err}
	})
	select {
	case <-open.Done():
		o := open.Wait()
		return o.f, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
