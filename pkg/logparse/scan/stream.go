package scan

import (
	"bytes"
	"context"
	"io"
	"time"
)

// ScanReader calls yield for every line of r that holds a literal, in order,
// until yield is false or r ends. Each Read is searched at once, so that it
// serves for tail -f too. For a regular file use [Set.ScanAt].
//
// When ctx is done, its error is returned before the next Read. A Read that
// waits is interrupted only if r has a working SetReadDeadline (network
// connections, pipes in non-blocking mode); otherwise close r.
//
// Memory: Block + 3*MaxLine.
func (s *Set) ScanReader(ctx context.Context, r io.Reader, o Options, yield func(*Window) bool) error {
	o = o.fill(s)
	if d, ok := r.(interface{ SetReadDeadline(time.Time) error }); ok {
		stop := context.AfterFunc(ctx, func() { _ = d.SetReadDeadline(time.Unix(1, 0)) })
		defer stop()
	}
	back := int64(o.MaxLine / 2)
	src := &stream{ctx: ctx, r: r, block: o.Block, keep: max(back, behind)}
	src.buf = make([]byte, o.Block+2*o.MaxLine+int(src.keep))
	k := walk{set: s, ctx: ctx, src: src, opt: o, yield: yield, next: place{number: 1}}
	var pos int64 // searched up to here
	for {
		p, lit := -1, -1
		if from := pos - src.base; from < int64(len(src.data())) {
			p, lit = s.Find(src.data(), int(from))
		}
		if p < 0 {
			end := src.base + int64(len(src.data()))
			pos = max(pos, end-int64(s.longest-1))
			if more, err := src.more(pos - src.keep); err != nil || !more {
				return err
			}
			continue
		}
		hit := src.base + int64(p)
		lo := max(k.next.off, hit-back, src.base)
		start, headCut := lo, lo > k.next.off
		if i := bytes.LastIndexByte(src.data()[lo-src.base:p], '\n'); i >= 0 {
			start, headCut = lo+int64(i+1), false
		}
		goOn, err := k.hand(start, hit, src.newlines(start)+1, lit, headCut)
		if err != nil || !goOn {
			return err
		}
		pos = max(k.next.off, hit+1)
	}
}

// stream is a sliding buffer over a Reader.
type stream struct {
	ctx   context.Context
	r     io.Reader
	block int
	keep  int64 // bytes to keep before a position that is still needed
	buf   []byte
	n     int   // bytes held
	base  int64 // offset of buf[0] in the input
	eof   bool
	// lines is the number of newlines before the offset counted, which moves
	// on when a line is handed out and before text is dropped.
	lines, counted int64
}

func (s *stream) data() []byte { return s.buf[:s.n] }

// newlines says how many there are in the input before off, which is in the buffer.
func (s *stream) newlines(off int64) int64 {
	if off >= s.counted {
		s.lines += int64(bytes.Count(s.buf[s.counted-s.base:off-s.base], newline))
	} else {
		s.lines -= int64(bytes.Count(s.buf[off-s.base:s.counted-s.base], newline))
	}
	s.counted = off
	return s.lines
}

// more reads once; false at the end of input. What lies before from may be
// dropped; it is when the room left would make reads small.
func (s *stream) more(from int64) (bool, error) {
	if d := int(from - s.base); d > 0 && len(s.buf)-s.n < s.block {
		if s.counted < from {
			s.newlines(from)
		}
		s.n = copy(s.buf, s.buf[d:s.n])
		s.base = from
	}
	for tries := 0; !s.eof && tries < 100; tries++ {
		if err := s.ctx.Err(); err != nil {
			return false, err
		}
		m, err := s.r.Read(s.buf[s.n:])
		s.n += m
		if err == io.EOF {
			s.eof, err = true, nil
		}
		if err != nil && s.ctx.Err() != nil {
			err = s.ctx.Err() // the deadline that ctx set
		}
		if m > 0 || err != nil {
			return m > 0, err
		}
	}
	if !s.eof {
		return false, io.ErrNoProgress
	}
	return false, nil
}

func (s *stream) view(off int64, n int) ([]byte, error) {
	for seen := off; off+int64(n) > s.base+int64(s.n); {
		end := s.base + int64(s.n)
		if seen < end && bytes.IndexByte(s.buf[seen-s.base:s.n], '\n') >= 0 {
			break
		}
		seen = max(seen, end)
		from := max(off-s.keep, s.base)
		if off+int64(n)-from > int64(len(s.buf)) {
			from = off
		}
		if more, err := s.more(from); err != nil {
			return nil, err
		} else if !more {
			break
		}
	}
	at := min(int(off-s.base), s.n)
	return s.buf[at:min(at+n, s.n)], nil
}

func (s *stream) before(off int64, n int) ([]byte, error) {
	if off < s.base {
		return nil, nil // dropped by Next
	}
	at := int(off - s.base)
	return s.buf[max(0, at-n):at], nil
}
