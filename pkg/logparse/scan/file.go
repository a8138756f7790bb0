package scan

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	// runAhead is by how many blocks a worker may be ahead of the caller. Few
	// make the workers wait for one another, which costs a third of the speed.
	runAhead = 128
	// maxHits is how many hits of a block are listed; a block with more is
	// dense and searched again in its turn. So the lists take at most
	// 8 workers * 128 blocks * 256 hits * 16 bytes = 4 MiB.
	maxHits = 256
)

// hit is a literal found in a block.
type hit struct {
	off   int64 // in the input
	lines int32 // newlines before it in its block
	lit   int32
}

// found is what a worker found in a block.
type found struct {
	hits  []hit
	dense bool  // more than maxHits, none listed
	lines int64 // newlines in the block
	short bool  // the input ended before its size: it was truncated
	err   error
}

// cursor goes through the hits of one block.
type cursor struct {
	at      int // search from here
	counted int // newlines are counted up to here
	lines   int // so many
}

// list appends hits of b, a block that has off in the input and owns own of the
// bytes in b, up to a total of most. More says that some may be left.
func (s *Set) list(hits []hit, b []byte, own int, off int64, c *cursor, most int) (_ []hit, more bool) {
	for {
		p, lit := s.Find(b, c.at)
		if p < 0 || p >= own { // the next block's
			return hits, false
		}
		if len(hits) == most {
			return hits, true
		}
		c.lines += bytes.Count(b[c.counted:p], newline)
		c.counted = p
		hits = append(hits, hit{off + int64(p), int32(c.lines), int32(lit)})
		// All hits, not one a line: which of them share a window depends
		// on where windows end, and is known to the caller's goroutine only.
		c.at = p + 1
	}
}

var newline = []byte{'\n'}

// ScanAt calls yield for every line of the first size bytes of r that holds a
// literal, in order, until yield is false. Yield runs in the goroutine of the
// caller. A file that is truncated meanwhile ends early, without an error; what
// is appended to it is not seen. When ctx is done, its error is returned.
//
// Memory: Workers*Block + some MaxLine, and at most 4 MiB for hits.
func (s *Set) ScanAt(ctx context.Context, r io.ReaderAt, size int64, o Options, yield func(*Window) bool) error {
	o = o.fill(s)
	o.Block = int(min(int64(o.Block), max(size, 1)))
	blocks := (size + int64(o.Block) - 1) / int64(o.Block)
	t := s.start(r, size, blocks, o)
	defer t.end()
	f := fileWalk{
		walk: walk{set: s, ctx: ctx, src: &file{r: r, size: size}, opt: o, yield: yield, next: place{number: 1}},
		r:    r, size: size,
	}
	var before int64 // newlines before the block
	for k := range blocks {
		res, err := t.result(ctx, k)
		if err != nil {
			return err
		}
		off := k * int64(o.Block)
		goOn, err := f.windows(res.hits, before)
		if res.dense {
			goOn, err = f.denseBlock(off, before)
		}
		if err != nil || !goOn {
			return err
		}
		if res.err != nil {
			return fmt.Errorf("read at offset %d: %w", off, res.err)
		}
		if res.short {
			return nil
		}
		before += res.lines
	}
	return ctx.Err()
}

// team are workers that claim blocks by a counter and put each result in the ring slot of
// its block. A token per slot bounds how far they run ahead.
type team struct {
	ring    []chan found
	tokens  chan struct{}
	claimed atomic.Int64
	stop    chan struct{}
	wg      sync.WaitGroup
}

// start sets workers to search the blocks of a file.
func (s *Set) start(r io.ReaderAt, size, blocks int64, o Options) *team {
	workers := min(int64(o.Workers), blocks)
	t := &team{ring: make([]chan found, min(runAhead*workers, blocks)), stop: make(chan struct{})}
	t.tokens = make(chan struct{}, len(t.ring))
	for i := range t.ring {
		t.ring[i] = make(chan found, 1)
		t.tokens <- struct{}{}
	}
	for range workers {
		t.wg.Go(func() {
			buf := make([]byte, o.Block+s.longest-1)
			hits := make([]hit, 0, maxHits)
			for {
				select {
				case <-t.tokens:
				case <-t.stop:
					return
				}
				k := t.claimed.Add(1) - 1
				if k >= blocks {
					return
				}
				t.ring[k%int64(len(t.ring))] <- s.searchBlock(r, buf, hits, k*int64(o.Block), size, o.Block)
			}
		})
	}
	return t
}

// result waits for that of a block; they are asked for in order.
func (t *team) result(ctx context.Context, block int64) (found, error) {
	select {
	case res := <-t.ring[block%int64(len(t.ring))]:
		t.tokens <- struct{}{}
		return res, nil
	case <-ctx.Done():
		return found{}, ctx.Err()
	}
}

func (t *team) end() {
	close(t.stop)
	t.wg.Wait()
}

// searchBlock is the work of a worker, whose buf and hits it uses.
func (s *Set) searchBlock(r io.ReaderAt, buf []byte, hits []hit, off, size int64, block int) (res found) {
	want := int(min(int64(len(buf)), size-off))
	n, err := r.ReadAt(buf[:want], off)
	res.short = n < want
	if err != io.EOF {
		res.err = err
	}
	own := min(n, block)
	var c cursor
	hits, res.dense = s.list(hits, buf[:n], own, off, &c, maxHits)
	if !res.dense {
		res.hits = slices.Clone(hits)
	}
	res.lines = int64(c.lines + bytes.Count(buf[c.counted:own], newline))
	return res
}

// fileWalk hands out the windows of a file.
type fileWalk struct {
	walk
	r     io.ReaderAt
	size  int64
	block []byte // for dense blocks
}

// windows hands out the lines of hits. before is the number of newlines before their block.
func (f *fileWalk) windows(hits []hit, before int64) (bool, error) {
	back := int64(f.opt.MaxLine / 2)
	for _, h := range hits {
		if h.off < f.next.off {
			continue // a line of the previous window
		}
		start, headCut, err := lineStart(f.src, max(f.next.off, h.off-back), h.off)
		if err != nil {
			return false, err
		}
		headCut = headCut && start > f.next.off
		goOn, err := f.hand(start, h.off, before+int64(h.lines)+1, int(h.lit), headCut)
		if err != nil || !goOn {
			return false, err
		}
	}
	return true, nil
}

// denseBlock searches a block whose hits were too many to be listed.
func (f *fileWalk) denseBlock(off, before int64) (bool, error) {
	if f.block == nil {
		f.block = make([]byte, f.opt.Block+f.set.longest-1)
	}
	n, err := f.r.ReadAt(f.block[:min(int64(len(f.block)), f.size-off)], off)
	if err != nil && err != io.EOF {
		return false, fmt.Errorf("read at offset %d: %w", off, err)
	}
	b := f.block[:n]
	own := min(n, f.opt.Block)
	var c cursor
	hits := make([]hit, 0, maxHits)
	for more := true; more; {
		c.at = max(c.at, int(min(f.next.off-off, int64(n))))
		hits, more = f.set.list(hits[:0], b, own, off, &c, maxHits)
		if goOn, err := f.windows(hits, before); err != nil || !goOn {
			return false, err
		}
	}
	return true, nil
}

// lineStart looks back from hit, no further than lo, for the start of its line;
// false when it is not there.
func lineStart(src source, lo, hit int64) (start int64, none bool, err error) {
	for want := int64(2048); ; want *= 8 {
		from := max(lo, hit-want)
		b, err := src.view(from, int(hit-from))
		if err != nil {
			return 0, false, err
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			return from + int64(i+1), false, nil
		}
		if from == lo {
			return lo, true, nil
		}
	}
}

// file is a window over a ReaderAt that is read again where hits are.
type file struct {
	r    io.ReaderAt
	size int64
	buf  []byte
	base int64 // offset of buf[0]
	back []byte
}

func (f *file) view(off int64, n int) ([]byte, error) {
	n = int(min(int64(n), max(f.size-off, 0)))
	if off >= f.base && off+int64(n) <= f.base+int64(len(f.buf)) {
		return f.buf[off-f.base:][:n], nil
	}
	// Read more than asked, so that dense hits cost one read for many.
	want := int(min(int64(max(n, 16<<10)), f.size-off))
	if cap(f.buf) < want {
		f.buf = make([]byte, want)
	}
	m, err := f.r.ReadAt(f.buf[:want], off)
	f.buf, f.base = f.buf[:m], off
	if err == io.EOF {
		err = nil
	}
	return f.buf[:min(n, m)], err
}

func (f *file) before(off int64, n int) ([]byte, error) {
	if cap(f.back) < n {
		f.back = make([]byte, n)
	}
	m, err := f.r.ReadAt(f.back[:n], off-int64(n))
	if err == io.EOF {
		err = nil
	}
	if m < n {
		return nil, err // what is there would not reach to off
	}
	return f.back[:n], err
}
