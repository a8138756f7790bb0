package source

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// fewBytes is less than any magic needs: a pipe that gave less is read again.
const fewBytes = 16

// file opens a regular file.
func (w *walker) file(name string, f *os.File, size int64) bool {
	if size == 0 {
		return w.fail(name, errors.New("empty; nothing to analyse"))
	}
	head, err := readHead(io.NewSectionReader(f, 0, sniffLen))
	if err != nil {
		return w.fail(name, err)
	}
	if len(head) == 0 {
		return w.fail(name, errors.New("empty; nothing to analyse"))
	}
	in := &Input{Name: name, Size: size, Compression: compression(head)}
	defer in.closeAll()
	if in.Compression != "" {
		return w.packed(in, io.NewSectionReader(f, 0, size))
	}
	in.At, in.Length = f, size
	w.describe(in, head)
	return w.yield(in, nil)
}

// stream opens a pipe. It waits for no more than the first read gives, so that
// a log that is still being written is shown as it comes.
func (w *walker) stream(name string, r io.Reader) bool {
	head, err := peek(r)
	if err != nil {
		return w.fail(name, err)
	}
	if len(head) == 0 {
		return w.fail(name, errors.New("empty; nothing to analyse"))
	}
	in := &Input{Name: name, Compression: compression(head)}
	defer in.closeAll()
	rest := rejoin(head, r)
	if in.Compression != "" {
		return w.packed(in, rest)
	}
	return w.content(in, rest, head)
}

// rejoin puts peeked bytes back in front. The pipe itself stays visible behind
// them for those who can read it faster.
func rejoin(head []byte, r io.Reader) io.Reader {
	return io.MultiReader(bytes.NewReader(head), r)
}

func peek(r io.Reader) ([]byte, error) {
	b := make([]byte, sniffLen)
	n := 0
	for n < fewBytes {
		m, err := r.Read(b[n:])
		n += m
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	return b[:n], nil
}

// packed opens what lies behind a compression.
func (w *walker) packed(in *Input, r io.Reader) bool {
	z, done, err := unpacker(in.Compression, r)
	if err != nil {
		return w.fail(in.Name, errors.New(damage(in.Compression, 0, err)))
	}
	if done != nil {
		in.closers = append(in.closers, done)
	}
	head, err := readHead(z)
	if len(head) == 0 {
		if err != nil {
			return w.fail(in.Name, errors.New(damage(in.Compression, 0, err)))
		}
		return w.fail(in.Name, errors.New("empty behind its compression; nothing to analyse"))
	}
	rest := rejoin(head, z)
	if err != nil { // damaged within the head: give the head, and the error again after it
		rest = io.MultiReader(bytes.NewReader(head), failing{err})
	}
	return w.content(in, rest, head)
}

// failing is a reader of one error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// content gives out a stream: text as it is, a core by way of a temporary file.
func (w *walker) content(in *Input, r io.Reader, head []byte) bool {
	w.describe(in, head)
	if in.Kind != Core {
		in.Reader = &stream{ctx: w.ctx, r: r, in: in}
		return w.yield(in, nil)
	}
	t, length, err := spool(w.ctx, w.o.TempDir, r)
	if t.File == nil {
		if w.ctx.Err() != nil {
			return false
		}
		return w.fail(in.Name, err)
	}
	in.closers = append(in.closers, t)
	if err != nil {
		in.problem(damage(orStream(in.Compression), length, err))
	}
	in.At, in.Length = t.File, length
	return w.yield(in, nil)
}

func orStream(compression string) string {
	if compression == "" {
		return "piped"
	}
	return compression
}

// describe fills the kind, and says what an Other is.
func (w *walker) describe(in *Input, head []byte) {
	var what string
	in.Kind, what = sniff(head)
	if what != "" {
		in.problem(what)
	}
}
