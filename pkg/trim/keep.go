package trim

import "github.com/hacrash/hacrash/pkg/elfcore"

// maxPages bounds what is kept, in pages of pageSize.
const (
	pageSize = 4096
	maxPages = 64 << 20 / pageSize
)

// page says what is kept of a page: a bit for each byte, and for each word.
type page struct {
	exact [pageSize / 64]uint64
	words [pageSize / 8 / 64]uint64
	// blank: what is in no class is blank, not zero; debuggers would take the file's for it.
	blank bool
	// tables: pointers to constants and code of the executable are blank. They make half of its
	// data: lists of keywords, which are as the file has them.
	tables bool
}

// kept is the list of what is kept.
type kept struct {
	core  *elfcore.Core
	pages map[uint64]*page // by runtime address
	full  bool             // there was more
}

// held tells whether the core itself has the byte at a runtime address.
func (k *kept) held(addr uint64) bool {
	s := k.core.Segment(addr)
	return s != nil && addr-s.Address < s.Held()
}

// page gives the page of an address, if the core has it; nil if not.
func (k *kept) page(addr uint64) *page {
	base := addr &^ (pageSize - 1)
	p := k.pages[base]
	if p != nil || !k.held(base) && !k.held(addr) {
		return p
	}
	if len(k.pages) == maxPages {
		k.full = true
		return nil
	}
	p = &page{}
	k.pages[base] = p
	return p
}

// within calls visit for the part of a range that lies in each page.
func (k *kept) within(addr, size uint64, visit func(p *page, from, to uint64)) {
	end := addr + size
	if end < addr || size > maxPages*pageSize {
		return
	}
	for addr < end {
		next := min(end, addr&^(pageSize-1)+pageSize)
		if p := k.page(addr); p != nil {
			visit(p, addr%pageSize, (next-1)%pageSize+1)
		}
		addr = next
	}
}

func (k *kept) exact(addr, size uint64) {
	k.within(addr, size, func(p *page, from, to uint64) {
		for i := from; i < to; i++ {
			p.exact[i/64] |= 1 << (i % 64)
		}
	})
}

// drop takes back what exact said of a range.
func (k *kept) drop(addr, size uint64) {
	k.within(addr, size, func(p *page, from, to uint64) {
		for i := from; i < to; i++ {
			p.exact[i/64] &^= 1 << (i % 64)
		}
	})
}

// words keeps the words that a range touches.
func (k *kept) words(addr, size uint64) {
	k.within(addr, size, func(p *page, from, to uint64) {
		for i := from / 8; i < (to+7)/8; i++ {
			p.words[i/64] |= 1 << (i % 64)
		}
	})
}

// blank keeps the place of a range and nothing in it.
func (k *kept) blank(addr, size uint64) {
	k.within(addr, size, func(p *page, _, _ uint64) { p.blank = true })
}

// around keeps words around an address, in its segment.
func (k *kept) around(addr, below, above uint64) {
	s := k.core.Segment(addr)
	if s == nil {
		return
	}
	from := addr - min(below, addr-s.Address)
	k.words(from, min(above, s.End()-addr)+addr-from)
}
