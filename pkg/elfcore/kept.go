package elfcore

import (
	"bytes"
	"io"
	"slices"
	"sort"
)

// kept are the pages that were kept of a stream. Runs of zero pages take no
// memory.
type kept struct {
	runs []run // by page
	size uint64
	max  int // bytes

	bytes   int
	pages   map[rank]int // how many there are of each rank
	limit   rank         // from here on nothing is kept any more
	dropped int          // bytes that were wanted and are not here
}

// run are pages that follow each other.
type run struct {
	first, count uint64
	rank         rank
	data         [][]byte // nil for zeros
	gone         bool     // given up
}

// add keeps a page, which must lie behind all others. If that is too much,
// those of higher ranks are given up first.
func (k *kept) add(page uint64, b []byte, zero bool, r rank) {
	if !zero {
		if r < k.limit && k.bytes+keptPage > k.max {
			k.makeRoom(r)
		}
		if r >= k.limit || k.bytes+keptPage > k.max {
			k.dropped += keptPage
			return
		}
		k.bytes += keptPage
		k.pages[r]++
	}
	last := len(k.runs) - 1
	if last < 0 || k.runs[last].first+k.runs[last].count != page || k.runs[last].rank != r || k.runs[last].gone || (k.runs[last].data == nil) != zero {
		k.runs = append(k.runs, run{first: page, rank: r})
		last++
	}
	k.runs[last].count++
	if !zero {
		k.runs[last].data = append(k.runs[last].data, bytes.Clone(b))
	}
}

// makeRoom gives up pages of ranks above r: an eighth of all, so that it is
// seldom needed.
func (k *kept) makeRoom(r rank) {
	var ranks []rank
	for x := range k.pages {
		if x > r {
			ranks = append(ranks, x)
		}
	}
	slices.Sort(ranks)
	room := k.bytes
	limit := k.limit
	for i := len(ranks) - 1; i >= 0 && room > k.max-k.max/8; i-- {
		limit = ranks[i]
		room -= k.pages[limit] * keptPage
		delete(k.pages, limit)
	}
	if limit == k.limit {
		return
	}
	k.limit = limit
	k.dropped += k.bytes - room
	k.bytes = room
	for i := range k.runs {
		if x := &k.runs[i]; x.rank >= limit && x.data != nil {
			x.data, x.gone = nil, true
		}
	}
}

// ReadAt is as that of io.ReaderAt; ErrNotKept where nothing was kept.
func (k *kept) ReadAt(b []byte, off int64) (int, error) {
	n := 0
	for n < len(b) {
		at := uint64(off) + uint64(n)
		if at >= k.size {
			return n, io.EOF
		}
		m := k.readRun(b[n:min(uint64(len(b)), k.size-uint64(off))], at)
		if m == 0 {
			return n, ErrNotKept
		}
		n += m
	}
	return n, nil
}

// readRun copies from the run that holds at; 0 if none does.
func (k *kept) readRun(b []byte, at uint64) int {
	page := at / keptPage
	i := sort.Search(len(k.runs), func(i int) bool { return k.runs[i].first > page }) - 1
	if i < 0 || page-k.runs[i].first >= k.runs[i].count || k.runs[i].gone {
		return 0
	}
	r := &k.runs[i]
	if r.data != nil {
		return copy(b, r.data[page-r.first][at%keptPage:])
	}
	b = b[:min(uint64(len(b)), (r.first+r.count)*keptPage-at)]
	clear(b)
	return len(b)
}
