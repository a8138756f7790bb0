package dwarf

import (
	"cmp"
	std "debug/dwarf"
	"slices"
	"sort"
)

// Range is a range of link-time addresses, without High.
type Range struct{ Low, High uint64 }

// span is a range of a unit.
type span struct {
	Range
	unit int // its index
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
	known := map[int]bool{}
	for _, s := range d.spans {
		known[s.unit] = true
	}
	for i := range d.units {
		u := &d.units[i]
		if known[i] || u.ofType() {
			continue
		}
		if root := u.Root(); root != nil {
			root.eachRange(func(r Range) bool { return d.addSpan(r, i) })
		}
	}
	d.sortSpans()
	return d.spanAt(addr)
}

// addSpan says that a unit has code; false if there is no room for more.
func (d *Data) addSpan(r Range, unit int) bool {
	const size = 48 // in bytes, and twice while the slice grows
	if !d.keep(size) {
		return false
	}
	if r.Low > 0 && r.High > r.Low { // 0: what the linker dropped
		d.spans = append(d.spans, span{r, unit})
	}
	return true
}

func (d *Data) spanAt(addr uint64) *Unit {
	i := sort.Search(len(d.spans), func(i int) bool { return d.spans[i].Low > addr }) - 1
	// Ranges of discarded functions begin at 0 and may lie over others.
	for n := 0; i >= 0 && n < 16; i, n = i-1, n+1 {
		if addr < d.spans[i].High {
			return d.units[d.spans[i].unit].whole()
		}
	}
	return nil
}

func (d *Data) sortSpans() {
	slices.SortFunc(d.spans, func(a, b span) int { return cmp.Compare(a.Low, b.Low) })
}

// readAranges reads .debug_aranges (DWARF 5, 6.1.2).
func (d *Data) readAranges() {
	d.spans = []span{}
	b := d.section(".debug_aranges")
	for off := uint64(0); off < uint64(len(b)) && d.spend(1); {
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
		u := d.unitIndex(c.Uint(size))
		address := int(c.U8())
		c.U8() // segment selectors: none since the 8086
		if address == 8 || address == 4 {
			// The first pair stands at a multiple of its size from the header.
			if over := (c.Offset() - off) % uint64(2*address); over != 0 {
				c.Skip(uint64(2*address) - over)
			}
			for u >= 0 && c.Left() >= 2*address {
				low, size := c.Uint(address), c.Uint(address)
				if low == 0 && size == 0 || !d.addSpan(Range{low, low + size}, u) {
					break
				}
			}
		}
		off = end
	}
	d.sortSpans()
}

// ranges gives the link-time addresses of a DIE: a unit, a function, a block.
func (e *Entry) ranges() []Range {
	var out []Range
	e.eachRange(func(r Range) bool {
		const size = 32 // in bytes, and twice while the slice grows
		out = append(out, r)
		return e.Unit.data.keep(size)
	})
	return out
}

// holds tells whether one of the DIE's ranges holds a link-time address.
func (e *Entry) holds(addr uint64) bool {
	found := false
	e.eachRange(func(r Range) bool {
		found = addr >= r.Low && addr < r.High
		return !found
	})
	return found
}

// eachRange gives the DIE's ranges until yield says stop.
func (e *Entry) eachRange(yield func(Range) bool) {
	u := e.Unit
	low, high := e.Attr(std.AttrLowpc), e.Attr(std.AttrHighpc)
	if low != nil && high != nil {
		l, ok := u.address(low)
		if !ok {
			return
		}
		h, isAddress := u.address(high)
		if !isAddress {
			h = l + high.Value // since DWARF 4: a size
		}
		yield(Range{l, h})
		return
	}
	r := e.Attr(std.AttrRanges)
	switch {
	case r == nil || r.Block != nil:
	case u.version >= 5:
		u.rangeList(r, yield)
	default:
		u.oldRanges(u.rangesBase+r.Value, yield)
	}
}

// rangeList reads a list of .debug_rnglists (DWARF 5, 2.17.3 and 7.25).
func (u *Unit) rangeList(a *Attr, yield func(Range) bool) {
	b := u.data.section(".debug_rnglists")
	off, ok := u.listOffset(b, a, formRnglistx, u.rngBase)
	if !ok {
		return
	}
	base := u.low
	for c := NewCursor(b, off); u.data.spend(1); {
		kind := c.U8()
		if kind == 0 {
			return
		}
		low, high, isBase, ok := u.rangeEntry(&c, kind, base)
		if !ok {
			return
		}
		if isBase {
			base = low
		} else if !yield(Range{low, high}) {
			return
		}
	}
}

// listOffset gives the offset of a list: the attribute's value, or where the
// table before the unit's lists has it, if the form says that it is an index.
func (u *Unit) listOffset(b []byte, a *Attr, indexed uint32, base uint64) (off uint64, ok bool) {
	if a.Form != indexed {
		return a.Value, true
	}
	if a.Value > 1<<32 {
		return 0, false
	}
	c := NewCursor(b, base)
	c.Skip(a.Value * uint64(u.offsetSize()))
	off = base + c.Uint(u.offsetSize())
	return off, !c.Bad()
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
func (u *Unit) oldRanges(off uint64, yield func(Range) bool) {
	size := int(u.addressSize)
	base, last := u.low, ^uint64(0)>>(64-8*size)
	for c := NewCursor(u.data.section(".debug_ranges"), off); u.data.spend(1); {
		low, high := c.Uint(size), c.Uint(size)
		switch {
		case c.Bad() || low == 0 && high == 0:
			return
		case low == last:
			base = high
		case !yield(Range{base + low, base + high}):
			return
		}
	}
}
