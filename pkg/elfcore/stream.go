package elfcore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
)

// maxFront is how much of a stream is read for headers and notes. The notes of
// a thread take 1 to 5 KiB.
const maxFront = 16 << 20

// ErrNotKept says that it was dumped, but not kept on the one pass over the stream.
var ErrNotKept = errors.New("dumped, but not kept on the one pass over the compressed core; unpack it")

// OutOfOrderError says that a core cannot be read in one pass, for what says
// where things are does not stand at its front. It must be spooled to a file.
type OutOfOrderError struct {
	Why string
	// Front is what was read of the stream: its first bytes.
	Front []byte
}

func (e *OutOfOrderError) Error() string {
	return "the core cannot be read in one pass: " + e.Why + "; unpack it"
}

// Around is what is kept around a literal that was found, in bytes, as far as
// its segment reaches. It is rounded to pages.
type Around struct {
	Before, After int
	// Text says that whoever reads behind it stops at the first NUL.
	Text bool
}

// StreamOptions of OpenStream.
type StreamOptions struct {
	// Matcher searches all dumped memory on the same pass, nil for no search;
	// Longest is as in SearchOptions.
	Matcher Matcher
	Longest int
	// Around tells what is kept around a hit of a literal; nil means nothing.
	// At most MaxEach hits of each literal are so honoured, by address.
	Around  func(literal int) Around
	MaxEach int
	// MaxHits ends the list of hits; 0 means 65536.
	MaxHits int
	// MaxKept bounds what is kept, in bytes; 0 means 32 MiB.
	MaxKept int
}

// found are the hits of a search that was made on the pass.
type found struct {
	hits   []Hit
	capped bool
}

// OpenStream reads a core once, from front to end, and keeps of its memory what
// a report needs: see the section on streams of this package. ReadMemory gives
// ErrNotKept for the rest, Search the hits of the pass.
//
// The error wraps ErrNotCore if the input is something else, is an
// *OutOfOrderError if the core must be read at offsets, or that of ctx. If r
// fails, or ends early, the core opens with what came before.
func OpenStream(ctx context.Context, r io.Reader, o StreamOptions) (*Core, error) {
	if o.Matcher != nil && (o.Longest < 1 || o.Longest > maxOverlap) {
		return nil, fmt.Errorf("search for literals of %d bytes: 1 to %d are possible", o.Longest, maxOverlap)
	}
	f := &front{r: r}
	c := newCore(f, f, math.MaxInt64)
	err := c.readHeads()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if f.err != nil && !f.far {
		return c.wholeFront(f) // it is all there
	}
	if err == nil && !f.far {
		why := ""
		switch {
		case len(c.Files) == 0:
			// Kernels before 3.7 and emulators: modules are only found by looking.
			why = "it has no table of mapped files"
		case !c.inOrder():
			why = "its segments share bytes of the file"
		}
		if why != "" {
			return nil, &OutOfOrderError{why, f.b}
		}
	}
	if f.far {
		return nil, &OutOfOrderError{"its headers and notes do not stand at its front", f.b}
	}
	if err != nil {
		return nil, err
	}
	return c, c.runPass(ctx, f, o)
}

// wholeFront opens a core that ended while its front was read.
func (c *Core) wholeFront(f *front) (*Core, error) {
	c, err := Open(f, int64(len(f.b)), Options{})
	if err == nil && f.err != io.EOF {
		c.problem("truncated after %d bytes of content: %v", len(f.b), f.err)
	}
	return c, err
}

// runPass reads the rest of the stream and makes c a core of what was kept.
func (c *Core) runPass(ctx context.Context, f *front, o StreamOptions) error {
	// Of the notes only floating point registers are read again.
	wants := append([]want{{0, f.used, rankLast}}, c.plan()...)
	p := newPass(c, wants, o)
	err := p.run(ctx, io.MultiReader(f.take(), f.r))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.Size = int64(p.size)
	p.kept.size = p.size
	c.r, c.cache = &p.kept, &p.kept
	c.found = &found{p.hits, p.capped}
	if err != nil {
		c.problem("truncated after %d bytes of content: %v", p.size, err)
	}
	if p.kept.dropped > 0 {
		c.problem("stacks and data are more than the %d MiB that are kept of a compressed core: %d MiB were left out, of the last threads first; unpack the core and analyse that file",
			p.kept.max>>20, (p.kept.dropped+1<<20-1)>>20)
	}
	c.countCut()
	c.findModules()
	return nil
}

// OnePass says that the core was read as a stream, so that memory may be
// missing with ErrNotKept.
func (c *Core) OnePass() bool { return c.found != nil }

// foundOnPass gives the hits of the pass that are asked for.
func (c *Core) foundOnPass(o SearchOptions) (hits []Hit, capped bool, err error) {
	capped = c.found.capped
	for _, h := range c.found.hits {
		if o.Only != nil {
			if s := c.Segment(h.Address); s == nil || !o.Only(s) {
				continue
			}
		}
		if o.MaxHits > 0 && len(hits) == o.MaxHits {
			return hits, true, nil
		}
		hits = append(hits, h)
	}
	return hits, capped, nil
}

// inOrder says whether no byte of the file belongs to two segments.
func (c *Core) inOrder() bool {
	var end uint64
	for _, s := range c.byOffset() {
		if s.Offset < end {
			return false
		}
		end = s.Offset + s.FileSize
	}
	return true
}

// byOffset are the segments that were dumped, in the order of the file.
func (c *Core) byOffset() []*Segment {
	order := make([]*Segment, 0, len(c.Segments))
	for i := range c.Segments {
		if s := &c.Segments[i]; s.FileSize > 0 {
			order = append(order, s)
		}
	}
	slices.SortStableFunc(order, func(a, b *Segment) int { return cmp.Compare(a.Offset, b.Offset) })
	return order
}

// front reads the first bytes of a stream at offsets.
type front struct {
	r    io.Reader
	b    []byte
	used uint64 // end of what was asked for
	far  bool   // something was asked for that is not at the front
	err  error  // of r
}

func (f *front) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 || off > maxFront-int64(len(b)) {
		f.far = true
		return 0, errors.New("not at the front of the stream")
	}
	end := int(off) + len(b)
	for len(f.b) < end && f.err == nil {
		f.b = slices.Grow(f.b, 64<<10)
		n, err := f.r.Read(f.b[len(f.b):cap(f.b)])
		f.b, f.err = f.b[:len(f.b)+n], err
	}
	if int(off) >= len(f.b) {
		return 0, io.EOF
	}
	n := copy(b, f.b[off:])
	f.used = max(f.used, uint64(off)+uint64(n))
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// take gives the front away, so that it is not held while the rest is read.
func (f *front) take() io.Reader {
	b := f.b
	f.b = nil
	return &once{b}
}

// once gives out its bytes and forgets them.
type once struct{ b []byte }

func (o *once) Read(b []byte) (int, error) {
	if len(o.b) == 0 {
		o.b = nil
		return 0, io.EOF
	}
	n := copy(b, o.b)
	o.b = o.b[n:]
	return n, nil
}

// streamWorkers search while one goroutine more unpacks and one keeps.
func streamWorkers() int { return min(max(runtime.GOMAXPROCS(0)-1, 1), 4) }
