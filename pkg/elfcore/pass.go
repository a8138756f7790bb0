package elfcore

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"slices"
	"sort"
	"sync"
)

const (
	// keptPage is what is kept or not as a whole, in bytes of the file.
	keptPage = 4 << 10
	// streamBlock is what is read, searched and looked through at a time. Each
	// goes through three hands, and stays until the next one was searched.
	streamBlock  = 128 << 10
	streamBlocks = 8
	defaultKept  = 32 << 20
)

// pass is one way through a core: blocks are read by one goroutine, searched by
// some, and taken in the order of the file by one that keeps what is wanted.
type pass struct {
	o     StreamOptions
	segs  []*Segment // dumped ones, by offset
	wants []want     // by start; those that were passed are cut off
	open  []want     // those that began
	kept  kept
	size  uint64 // of the stream so far

	hits   []Hit
	each   map[int]int // hits of each literal around which memory was kept
	capped bool
	// A text, or another wanted piece, that began in an earlier block goes on
	// until there at the most.
	text, piece uint64
}

// streamed is a block of the stream.
type streamed struct {
	off  uint64 // in the file, of b[lead]
	b    []byte // with some bytes before it, for literals over the edge
	lead int
	zero []bool // its pages of zeros
	rank []rank // of its pages

	hits   []fileHit
	capped bool
	done   chan struct{} // it was searched
}

type fileHit struct {
	off     uint64
	literal int
}

func (b *streamed) data() []byte { return b.b[b.lead:] }
func (b *streamed) end() uint64  { return b.off + uint64(len(b.b)-b.lead) }

func newPass(c *Core, wants []want, o StreamOptions) *pass {
	if o.MaxHits <= 0 {
		o.MaxHits = 1 << 16
	}
	if o.MaxKept <= 0 {
		o.MaxKept = defaultKept
	}
	return &pass{
		o: o, segs: c.byOffset(), wants: wants, each: map[int]int{},
		kept: kept{max: o.MaxKept, limit: rankNobody, pages: map[rank]int{}},
	}
}

// run reads r to its end. The error is that of r.
func (p *pass) run(ctx context.Context, r io.Reader) error {
	free := make(chan *streamed, streamBlocks)
	for range streamBlocks {
		free <- &streamed{
			b:    make([]byte, streamBlock+max(p.o.Longest-1, 0)),
			zero: make([]bool, streamBlock/keptPage), rank: make([]rank, streamBlock/keptPage),
		}
	}
	// Both have room for all blocks: sending never waits.
	work, order := make(chan *streamed, streamBlocks), make(chan *streamed, streamBlocks)
	var wg sync.WaitGroup
	for range streamWorkers() {
		wg.Go(func() {
			for b := range work {
				p.search(b)
				close(b.done)
			}
		})
	}
	wg.Go(func() { p.takeAll(order, free) })
	err := p.read(ctx, r, free, work, order)
	close(work)
	close(order)
	wg.Wait()
	return err
}

// read cuts the stream into blocks.
func (p *pass) read(ctx context.Context, r io.Reader, free <-chan *streamed, work, order chan<- *streamed) error {
	overlap := max(p.o.Longest-1, 0)
	tail := make([]byte, 0, overlap)
	for ctx.Err() == nil {
		b := <-free
		b.b = b.b[:cap(b.b)]
		b.lead = copy(b.b, tail)
		n, err := io.ReadFull(r, b.b[b.lead:b.lead+streamBlock])
		b.b = b.b[:b.lead+n]
		b.off = p.size
		p.size += uint64(n)
		tail = append(tail[:0], b.b[max(len(b.b)-overlap, 0):]...)
		b.done = make(chan struct{})
		work <- b
		order <- b
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// search finds literals and pages of zeros.
func (p *pass) search(b *streamed) {
	b.hits, b.capped = b.hits[:0], false
	data := b.data()
	b.zero = b.zero[:0]
	for len(data) > 0 {
		page := data[:min(len(data), keptPage)]
		b.zero = append(b.zero, isZero(page))
		data = data[len(page):]
	}
	if p.o.Matcher == nil {
		return
	}
	start := b.off - uint64(b.lead)
	i := sort.Search(len(p.segs), func(i int) bool { return p.segs[i].Offset+p.segs[i].FileSize > start })
	for ; i < len(p.segs) && p.segs[i].Offset < b.end(); i++ {
		s := p.segs[i]
		from, to := max(s.Offset, start)-start, min(s.Offset+s.FileSize, b.end())-start
		p.searchPast(b, int(from), int(to))
	}
	slices.SortFunc(b.hits, func(x, y fileHit) int {
		return cmp.Or(cmp.Compare(x.off, y.off), cmp.Compare(x.literal, y.literal))
	})
	b.hits = slices.Compact(b.hits) // what was searched overlaps where zeros were passed over
}

// searchPast searches b.b[from:to], but for runs of zero pages. Literals may
// begin or end in zeros, so a little of these is searched as well.
func (p *pass) searchPast(b *streamed, from, to int) {
	for at := from; at < to; {
		page := max(at-b.lead, 0) / keptPage
		for page < len(b.zero) && b.zero[page] && (at >= b.lead || page > 0) {
			page++
			at = b.lead + page*keptPage
		}
		if at >= to {
			return
		}
		end := page + 1
		for end < len(b.zero) && !b.zero[end] {
			end++
		}
		stop := b.lead + end*keptPage
		p.find(b, max(at-p.o.Longest+1, from), min(stop+p.o.Longest-1, to))
		at = stop
	}
}

func (p *pass) find(b *streamed, from, to int) {
	for at := from; ; {
		pos, literal := p.o.Matcher.Find(b.b[:to], at)
		if pos < 0 {
			return
		}
		if len(b.hits) == hitsPerBlock {
			b.capped = true
			return
		}
		b.hits = append(b.hits, fileHit{b.off - uint64(b.lead) + uint64(pos), literal})
		at = pos + 1
	}
}

// takeAll keeps what is wanted of the blocks. A block is kept when the next one
// was searched: what is found there may want the end of this one.
func (p *pass) takeAll(order <-chan *streamed, free chan<- *streamed) {
	var last *streamed
	for b := range order {
		<-b.done
		p.rankPlanned(b)
		p.goOn(b)
		p.takeHits(last, b)
		if last != nil {
			p.keep(last)
			free <- last
		}
		last = b
	}
	if last != nil {
		p.keep(last)
	}
}

// rankPlanned ranks the pages that the plan wants.
func (p *pass) rankPlanned(b *streamed) {
	b.rank = b.rank[:0]
	for range b.zero {
		b.rank = append(b.rank, rankNobody)
	}
	for len(p.wants) > 0 && p.wants[0].from < b.end() {
		p.open = append(p.open, p.wants[0])
		p.wants = p.wants[1:]
	}
	left := p.open[:0]
	for _, w := range p.open {
		b.want(w)
		if w.to > b.end() {
			left = append(left, w)
		}
	}
	p.open = left
}

// want ranks the pages of a range, as far as they are in b.
func (b *streamed) want(w want) {
	from, to := max(w.from, b.off), min(w.to, b.end())
	if from >= to {
		return
	}
	for i := (from - b.off) / keptPage; i <= (to-1-b.off)/keptPage; i++ {
		b.rank[i] = min(b.rank[i], w.rank)
	}
}

// goOn wants what goes on from earlier blocks.
func (p *pass) goOn(b *streamed) {
	b.want(want{b.off, p.piece, rankText})
	if p.text <= b.off {
		return
	}
	if i := bytes.IndexByte(b.data(), 0); i >= 0 {
		p.text = min(p.text, b.off+uint64(i)+1)
	}
	b.want(want{b.off, p.text, rankText})
}

// takeHits lists what was found in b, and wants what is around it.
func (p *pass) takeHits(last, b *streamed) {
	p.capped = p.capped || b.capped
	for _, h := range b.hits {
		// It may lie wholly in the part that was searched with the last block.
		if h.off < b.off && last != nil && slices.Contains(last.hits, h) {
			continue
		}
		i := sort.Search(len(p.segs), func(i int) bool { return p.segs[i].Offset > h.off }) - 1
		if i < 0 {
			continue
		}
		if len(p.hits) >= p.o.MaxHits {
			p.capped = true
			return
		}
		s := p.segs[i]
		p.hits = append(p.hits, Hit{s.Address + (h.off - s.Offset), h.literal})
		if p.o.Around != nil && p.each[h.literal] < p.o.MaxEach {
			p.each[h.literal]++
			p.wantAround(last, b, s, h)
		}
	}
}

func (p *pass) wantAround(last, b *streamed, s *Segment, h fileHit) {
	a := p.o.Around(h.literal)
	before := min(uint64(max(a.Before, 0)), h.off-s.Offset)
	to := h.off + min(uint64(max(a.After, 0)), s.Offset+s.FileSize-h.off)
	if a.Text {
		if i := bytes.IndexByte(b.b[h.off+uint64(b.lead)-b.off:], 0); i >= 0 {
			to = min(to, h.off+uint64(i)+1)
		} else {
			p.text = max(p.text, to)
		}
	} else {
		p.piece = max(p.piece, to)
	}
	w := want{h.off - before, to, rankText}
	b.want(w)
	if last != nil {
		last.want(w)
	}
}

func (p *pass) keep(b *streamed) {
	data := b.data()
	for i, r := range b.rank {
		if r != rankNobody {
			at := i * keptPage
			p.kept.add(b.off/keptPage+uint64(i), data[at:min(at+keptPage, len(data))], b.zero[i], r)
		}
	}
}

// isZero compares b with itself, shifted by a byte: memory compares are fast.
func isZero(b []byte) bool {
	return len(b) == 0 || b[0] == 0 && bytes.Equal(b[1:], b[:len(b)-1])
}
