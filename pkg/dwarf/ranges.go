package dwarf

import (
	std "debug/dwarf"
	"sort"
)

// maxRanges is how many ranges one DIE may have.
const maxRanges = 1 << 16

// Range is a range of link-time addresses, without High.
type Range struct{ Low, High uint64 }

// span is a range of a unit.
type span struct {
	Range
	unit *Unit
}

// Unit finds the unit that holds a link-time address; nil if none does.
func (d *Data) Unit(addr uint64) *Unit {
	if d.spans == nil {
		d.readAranges()
	}
	if u := d.spanAt(addr); u != nil || d.allSpans {
		return u
	}
	// Folklore: clang writes no .debug_aranges by default, and assembly or
	// link-time optimisation leaves units out of it.
	d.allSpans = true
	known := map[*Unit]bool{}
	for _, s := range d.spans {
		known[s.unit] = true
	}
	for i := range d.units {
		u := &d.units[i]
		if known[u] || u.kind == unitType || u.kind == unitSplitType {
			continue
		}
		if root := u.Root(); root != nil {
			for _, r := range root.Ranges() {
				d.spans = append(d.spans, span{r, u})
			}
		}
	}
	d.sortSpans()
	return d.spanAt(addr)
}

func (d *Data) spanAt(addr uint64) *Unit {
	i := sort.Search(len(d.spans), func(i int) bool { return d.spans[i].Low > addr }) - 1
	// Ranges of discarded functions begin at 0 and may lie over others.
	for n := 0; i >= 0 && n < 16; i, n = i-1, n+1 {
		if addr < d.spans[i].High {
			return d.spans[i].unit
		}
	}
	return nil
}

func (d *Data) sortSpans() {
	sort.Slice(d.spans, func(i, j int) bool { return d.spans[i].Low < d.spans[j].Low })
}

// readAranges reads .debug_aranges (DWARF 5, 6.1.2).
func (d *Data) readAranges() {
	d.spans = []span{}
	b := d.section(".debug_aranges")
	for off := uint64(0); off < uint64(len(b)); {
		c := NewCursor(b, off)
		n, is64 := c.length()
		if c.Bad() || n > uint64(c.Left()) {
			break
		}
		end := c.Offset() + n
		c.Limit(n)
		c.U16() // version
		size := 4
		if is64 {
			size = 8
		}
		u := d.unitAt(c.Uint(size))
		address := int(c.U8())
		c.U8() // segment selectors: none since the 8086
		if address == 8 || address == 4 {
			// The first pair stands at a multiple of its size from the header.
			if over := (c.Offset() - off) % uint64(2*address); over != 0 {
				c.Skip(uint64(2*address) - over)
			}
			for u != nil && c.Left() >= 2*address && len(d.spans) < maxUnits*4 {
				low, size := c.Uint(address), c.Uint(address)
				if low == 0 && size == 0 {
					break
				}
				if low+size > low {
					d.spans = append(d.spans, span{Range{low, low + size}, u})
				}
			}
		}
		off = end
	}
	d.sortSpans()
}

// Ranges gives the link-time addresses of a DIE: a unit, a function, a block.
func (e *Entry) Ranges() []Range {
	u := e.Unit
	low, high := e.Attr(std.AttrLowpc), e.Attr(std.AttrHighpc)
	if low != nil && high != nil {
		l, ok := u.address(low)
		if !ok {
			return nil
		}
		h, isAddress := u.address(high)
		if !isAddress {
			h = l + high.Value // since DWARF 4: a size
		}
		return []Range{{l, h}}
	}
	r := e.Attr(std.AttrRanges)
	if r == nil || r.Block != nil {
		return nil
	}
	if u.version >= 5 {
		return u.rangeList(r)
	}
	return u.oldRanges(r.Value)
}

// rangeList reads a list of .debug_rnglists (DWARF 5, 2.17.3 and 7.25).
func (u *Unit) rangeList(a *Attr) []Range {
	b := u.data.section(".debug_rnglists")
	off := a.Value
	if a.Form == formRnglistx {
		c := NewCursor(b, u.rngBase)
		if off > 1<<32 {
			return nil
		}
		c.Skip(off * uint64(u.offsetSize()))
		off = u.rngBase + c.Uint(u.offsetSize())
		if c.Bad() {
			return nil
		}
	}
	var out []Range
	base := u.low
	c := NewCursor(b, off)
	for len(out) < maxRanges && !c.Bad() {
		kind := c.U8()
		if kind == 0 {
			break
		}
		low, high, isBase, ok := u.rangeEntry(&c, kind, base)
		if !ok {
			break
		}
		if isBase {
			base = low
			continue
		}
		out = append(out, Range{low, high})
	}
	return out
}

// rangeEntry reads the operands of an entry. The kinds of .debug_rnglists and
// of .debug_loclists differ in their numbers only from 5 on; see location.
func (u *Unit) rangeEntry(c *Cursor, kind uint8, base uint64) (low, high uint64, isBase, ok bool) {
	index := func() uint64 {
		v, found := u.addressAt(c.ULEB())
		if !found {
			c.fail()
		}
		return v
	}
	size := int(u.addressSize)
	switch kind {
	case 1: // base_addressx
		return index(), 0, true, !c.Bad()
	case 2: // startx_endx
		low, high = index(), index()
	case 3: // startx_length
		low = index()
		high = low + c.ULEB()
	case 4: // offset_pair
		low = base + c.ULEB()
		high = base + c.ULEB()
	case 5: // base_address
		return c.Uint(size), 0, true, !c.Bad()
	case 6: // start_end
		low, high = c.Uint(size), c.Uint(size)
	case 7: // start_length
		low = c.Uint(size)
		high = low + c.ULEB()
	default:
		return 0, 0, false, false
	}
	return low, high, false, !c.Bad()
}

// oldRanges reads a list of .debug_ranges (DWARF 4, 2.17.3).
func (u *Unit) oldRanges(off uint64) []Range {
	var out []Range
	size := int(u.addressSize)
	base, last := u.low, ^uint64(0)>>(64-8*size)
	c := NewCursor(u.data.section(".debug_ranges"), off)
	for len(out) < maxRanges {
		low, high := c.Uint(size), c.Uint(size)
		if c.Bad() || low == 0 && high == 0 {
			break
		}
		if low == last {
			base = high
			continue
		}
		out = append(out, Range{base + low, base + high})
	}
	return out
}

// holds tells whether one of the DIE's ranges holds a link-time address.
func (e *Entry) holds(addr uint64) bool {
	for _, r := range e.Ranges() {
		if addr >= r.Low && addr < r.High {
			return true
		}
	}
	return false
}
