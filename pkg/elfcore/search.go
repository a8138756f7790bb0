package elfcore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
)

const (
	searchBlock  = 128 << 10 // fits the second cache; larger ones cost more to have than they save
	hitsPerBlock = 4096
	maxOverlap   = 64 << 10
)

// Matcher finds literals in a block: the offset and the index of one that lies
// wholly in b and starts at from or later, or -1, -1. Literals may be given in
// the order in which it meets them. It must be safe for concurrent use.
type Matcher interface {
	Find(b []byte, from int) (pos, literal int)
}

// SearchOptions bound a Search.
type SearchOptions struct {
	// Longest is the length of the longest literal, in bytes.
	Longest int
	// Workers read and search at the same time; 0 means one for each CPU, at most 8.
	Workers int
	// MaxHits ends the search early; 0 means 65536.
	MaxHits int
	// Only limits the search to segments that it returns true for; nil means all.
	Only func(*Segment) bool
}

// Hit is a literal found in memory.
type Hit struct {
	// Address is a runtime address.
	Address uint64
	Literal int
}

// Search looks for literals in all dumped memory and returns the hits by
// address. Capped says that there were more than could be listed.
//
// Others may read memory meanwhile. Blocks are read past the cache, each with the first bytes of the
// next one, so a literal over the edge is found once. Holes of a sparse file
// are passed over where the system tells them. A literal does not reach over
// the end of a segment.
//
// A core that was read in one pass was searched then: it gives what was found
// there, so m must hold the literals of StreamOptions.Matcher.
func (c *Core) Search(ctx context.Context, m Matcher, o SearchOptions) (hits []Hit, capped bool, err error) {
	if o.Longest < 1 || o.Longest > maxOverlap {
		return nil, false, fmt.Errorf("search for literals of %d bytes: 1 to %d are possible", o.Longest, maxOverlap)
	}
	if c.found != nil {
		return c.foundOnPass(o)
	}
	if o.Workers <= 0 {
		o.Workers = min(runtime.GOMAXPROCS(0), 8)
	}
	if o.MaxHits <= 0 {
		o.MaxHits = 1 << 16
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	blocks := make(chan block)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range o.Workers {
		wg.Go(func() {
			buf := make([]byte, searchBlock+o.Longest-1)
			for b := range blocks {
				found, full, e := c.searchBlock(m, b, buf)
				mu.Lock()
				hits = append(hits, found...)
				capped = capped || full || len(hits) >= o.MaxHits
				if e != nil && err == nil {
					err = e
				}
				stop := err != nil || len(hits) >= o.MaxHits
				mu.Unlock()
				if stop {
					cancel()
				}
			}
		})
	}
	c.feed(ctx, blocks, o)
	close(blocks)
	wg.Wait()
	if err == nil && !capped {
		err = ctx.Err()
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Address, b.Address), cmp.Compare(a.Literal, b.Literal))
	})
	return hits[:min(len(hits), o.MaxHits)], capped, err
}

// block is a piece of the file that is to be searched.
type block struct {
	off  int64  // in the file
	size int    // literals that start in these bytes count
	more int    // bytes behind it that a literal may reach into
	addr uint64 // runtime address of off
}

// feed sends all blocks, in the order of the file.
func (c *Core) feed(ctx context.Context, blocks chan<- block, o SearchOptions) {
	order := make([]*Segment, 0, len(c.Segments))
	for i := range c.Segments {
		if s := &c.Segments[i]; s.Held() > 0 && (o.Only == nil || o.Only(s)) {
			order = append(order, s)
		}
	}
	slices.SortStableFunc(order, func(a, b *Segment) int { return cmp.Compare(a.Offset, b.Offset) })
	holes := holeFinder(c.r)
	// Hostile headers may let segments share bytes of the file, so that a small
	// file makes an endless search: no more than the file's size is read.
	budget := uint64(c.Size) + searchBlock
	for _, s := range order {
		off, end := s.Offset, s.Offset+s.Held()
		for off < end {
			from, to := holes.data(off, end)
			for off = from; off < to; {
				n := min(to-off, searchBlock)
				if n > budget {
					return
				}
				budget -= n
				b := block{off: int64(off), size: int(n), addr: s.Address + (off - s.Offset)}
				b.more = int(min(end-off-n, uint64(o.Longest-1)))
				select {
				case blocks <- b:
				case <-ctx.Done():
					return
				}
				off += n
			}
			if to <= from {
				break
			}
			off = max(off, to)
		}
	}
}

func (c *Core) searchBlock(m Matcher, b block, buf []byte) (hits []Hit, capped bool, err error) {
	buf = buf[:b.size+b.more]
	n, err := c.r.ReadAt(buf, b.off)
	if n > 0 || errors.Is(err, io.EOF) {
		err = nil // shorter than its size said: search what there is
	}
	buf = buf[:n]
	for at := 0; ; {
		pos, literal := m.Find(buf, at)
		if pos < 0 || pos >= b.size {
			return hits, false, err
		}
		if len(hits) == hitsPerBlock {
			return hits, true, err
		}
		hits = append(hits, Hit{b.addr + uint64(pos), literal})
		at = pos + 1
	}
}
