package source

import (
	"context"
	"io"
	"os"
	"sync"

	"github.com/hacrash/hacrash/pkg/fault"
)

// Sizes of the read-ahead of a pipe, which is made to hold 1 MiB where that is
// possible: a few large reads cost far less than many of the usual 64 KiB.
const (
	pipeChunk  = 256 << 10
	pipeChunks = 8
)

// pipe reads a stream in a goroutine of its own, so that whoever waits for it
// can be called off: nothing else ends a read of stdin. The goroutine itself
// ends with the read it is in.
type pipe struct {
	ctx    context.Context
	full   chan chunk
	free   chan []byte
	closed chan struct{}
	once   sync.Once
	// reading ends with the last chunk; else it panicked, or the pipe was closed.
	reading *fault.Task[struct{}]
	buf     []byte // whole buffer of what is being given out
	rest    []byte
	err     error
}

type chunk struct {
	buf []byte
	n   int
	err error
}

func newPipe(ctx context.Context, r io.Reader) *pipe {
	p := &pipe{ctx: ctx, full: make(chan chunk, pipeChunks), free: make(chan []byte, pipeChunks), closed: make(chan struct{})}
	if f, ok := r.(*os.File); ok {
		growPipe(f)
	}
	p.reading = fault.Go(func() struct{} { p.run(r); return struct{}{} })
	return p
}

// run needs no wait to send: there are never more buffers than full has room for.
func (p *pipe) run(r io.Reader) {
	for made := 0; ; {
		var buf []byte
		if made < pipeChunks && len(p.free) == 0 {
			made++
			buf = make([]byte, pipeChunk)
		} else {
			select {
			case buf = <-p.free:
			case <-p.closed:
				return
			}
		}
		n, err := r.Read(buf)
		p.full <- chunk{buf, n, err}
		if err != nil {
			return
		}
	}
}

func (p *pipe) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		if p.buf != nil {
			p.free <- p.buf
			p.buf = nil
		}
		if p.err != nil {
			return 0, p.err
		}
		if p.err = p.ctx.Err(); p.err != nil {
			return 0, p.err
		}
		select {
		case c := <-p.full:
			p.buf, p.rest, p.err = c.buf, c.buf[:c.n], c.err
		case <-p.ctx.Done():
			p.err = p.ctx.Err()
		case <-p.reading.Done():
			p.reading.Wait()
			if len(p.full) == 0 {
				p.err = io.ErrClosedPipe
			}
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func (p *pipe) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}
