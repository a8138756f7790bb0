package dwarf

import (
	std "debug/dwarf"
)

// Types of units (DWARF 5, 7.5.1).
const (
	unitType      = 2
	unitSkeleton  = 4
	unitSplit     = 5
	unitSplitType = 6
)

// Unit is a compilation unit, a partial one, or one of a type.
type Unit struct {
	data *Data
	// offset of the header and behind the unit, in .debug_info; first is the
	// offset of its first DIE.
	offset, end, first uint64
	abbrevOffset       uint64
	version            uint16
	kind               uint8
	addressSize        uint8
	is64               bool
	dwoID              uint64 // of a skeleton and its split unit, since DWARF 5

	skeleton *Unit // of a split unit
	split    *Unit // of a skeleton, itself if there is none; see whole

	abbrevs *abbrevs
	root    *Entry
	// Bases of the unit's parts of other sections, from its root.
	strOffsets, addrBase, rngBase, locBase, rangesBase uint64
	low                                                uint64 // DW_AT_low_pc, base of ranges
	code                                               *functions
	names                                              *names
	line                                               *lineTable
	lineRead                                           bool
}

// ofType tells that the unit is of a type.
func (u *Unit) ofType() bool { return u.kind == unitType || u.kind == unitSplitType }

func (u *Unit) offsetSize() int {
	if u.is64 {
		return 8
	}
	return 4
}

// Version is that of DWARF: 2 to 5.
func (u *Unit) Version() int { return int(u.version) }

// readUnits reads the headers of all units (DWARF 5, 7.5.1; DWARF 4, 7.5.1).
func (d *Data) readUnits() {
	d.units = make([]Unit, 0, d.countUnits())
	for off := uint64(0); len(d.units) < maxUnits; {
		c := NewCursor(d.info, off)
		n, is64 := c.length()
		u := Unit{data: d, offset: off, is64: is64}
		if c.Bad() || n > uint64(c.Left()) {
			return
		}
		u.end = c.Offset() + n
		u.version = c.U16()
		var signature, typeOffset uint64
		if u.version >= 5 {
			u.kind = c.U8()
			u.addressSize = c.U8()
			u.abbrevOffset = c.Uint(u.offsetSize())
			switch u.kind {
			case unitSkeleton, unitSplit:
				u.dwoID = c.U64()
			case unitType, unitSplitType:
				signature, typeOffset = c.U64(), c.Uint(u.offsetSize())
			}
		} else {
			u.abbrevOffset = c.Uint(u.offsetSize())
			u.addressSize = c.U8()
		}
		u.first = c.Offset()
		if c.Bad() || u.first > u.end {
			return
		}
		off = u.end
		if u.version < 2 || u.version > 5 || (u.addressSize != 8 && u.addressSize != 4) {
			continue
		}
		if signature != 0 {
			if d.signed == nil {
				d.signed = map[uint64]uint64{}
			}
			d.signed[signature] = u.offset + typeOffset
		}
		const size = 256 // in bytes
		if !d.keep(size) {
			return
		}
		d.units = append(d.units, u)
	}
}

// countUnits counts the headers of units.
func (d *Data) countUnits() int {
	n := 0
	for off := uint64(0); n < maxUnits; n++ {
		c := NewCursor(d.info, off)
		size, _ := c.length()
		c.Skip(size)
		if c.Bad() {
			break
		}
		off = c.Offset()
	}
	return n
}

// Root gives the unit's first DIE, without children; nil if it cannot be read.
func (u *Unit) Root() *Entry {
	if u.root != nil {
		if u.root.Tag == 0 {
			return nil
		}
		return u.root
	}
	u.root = &Entry{} // for a root that refers to itself
	c := NewCursor(u.data.info[:u.end], u.first)
	e := u.read(&c)
	if e == nil || e.Tag == 0 {
		return nil
	}
	// Folklore: with DWARF 5 the bases are needed to read other attributes of
	// the very DIE that holds them, so they are taken first.
	u.strOffsets, _ = e.uint(std.AttrStrOffsetsBase)
	u.addrBase, _ = e.uint(std.AttrAddrBase)
	u.rngBase, _ = e.uint(std.AttrRnglistsBase)
	u.locBase, _ = e.uint(std.AttrLoclistsBase)
	if v, ok := e.uint(attrGNUAddrBase); ok && u.addrBase == 0 {
		u.addrBase = v
	}
	u.root = e
	if u.skeleton != nil {
		u.takeBases()
		return e
	}
	if a := e.Attr(std.AttrLowpc); a != nil {
		u.low, _ = u.address(a)
	}
	return e
}
