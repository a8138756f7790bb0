package dwarf

import (
	std "debug/dwarf"
)

// maxAbbrevs is how many kinds of DIE one table may have. gcc's largest have
// some hundreds.
const maxAbbrevs = 1 << 16

// attrSpec is an attribute of an abbreviation.
type attrSpec struct {
	name     std.Attr
	form     uint32
	implicit int64 // value of DW_FORM_implicit_const
}

// abbrev says how the DIEs of one code are encoded (DWARF 5, 7.5.3).
type abbrev struct {
	tag      std.Tag
	children bool
	attrs    []attrSpec
	// fixed is the size of all attributes in bytes; -1 if it varies.
	fixed int
	// Where among attrs these are; -1 if they are not.
	sibling, low, ranges int
}

// abbrevs is a table, by code.
type abbrevs struct {
	byCode []abbrev // gcc and clang count from 1 without a gap
	rest   map[uint64]*abbrev
}

func (t *abbrevs) get(code uint64) *abbrev {
	if code < uint64(len(t.byCode)) {
		if a := &t.byCode[code]; a.tag != 0 {
			return a
		}
		return nil
	}
	return t.rest[code]
}

// table gives the unit's abbreviations; many units may share one.
func (u *Unit) table() *abbrevs {
	if u.abbrevs != nil {
		return u.abbrevs
	}
	key := abbrevKey{u.abbrevOffset, u.version, u.addressSize, u.is64}
	t, ok := u.data.abbrevs[key]
	if !ok {
		t = u.readAbbrevs()
		u.data.abbrevs[key] = t
	}
	u.abbrevs = t
	return t
}

// abbrevKey is a table as units of one format see it: the sizes of forms
// depend on the format.
type abbrevKey struct {
	offset      uint64
	version     uint16
	addressSize uint8
	is64        bool
}

// readAbbrevs reads as much of the table as there is.
func (u *Unit) readAbbrevs() *abbrevs {
	c := NewCursor(u.data.section(".debug_abbrev"), u.abbrevOffset)
	t := &abbrevs{byCode: make([]abbrev, 1, 128)}
	pool := make([]attrSpec, 0, 1024)
	for n := 0; n < maxAbbrevs; n++ {
		code := c.ULEB()
		if code == 0 || c.Bad() {
			break
		}
		a := abbrev{tag: std.Tag(c.ULEB()), children: c.U8() != 0, sibling: -1, low: -1, ranges: -1}
		start := len(pool)
		for !c.Bad() {
			s := attrSpec{name: std.Attr(c.ULEB()), form: uint32(c.ULEB())}
			if s.form == formImplicitConst {
				s.implicit = c.SLEB()
			}
			if s.name == 0 && s.form == 0 {
				break
			}
			switch i := len(pool) - start; s.name {
			case std.AttrSibling:
				a.sibling = i
			case std.AttrLowpc:
				a.low = i
			case std.AttrRanges:
				a.ranges = i
			}
			pool = append(pool, s)
		}
		if c.Bad() {
			break
		}
		a.attrs = pool[start:len(pool):len(pool)]
		a.fixed = u.fixedSize(a.attrs)
		switch {
		case code == uint64(len(t.byCode)):
			t.byCode = append(t.byCode, a)
		case code > uint64(len(t.byCode)):
			if t.rest == nil {
				t.rest = map[uint64]*abbrev{}
			}
			t.rest[code] = &a
		}
	}
	return t
}

func (u *Unit) fixedSize(attrs []attrSpec) int {
	sum := 0
	for _, a := range attrs {
		n := u.formSize(a.form)
		if n < 0 {
			return -1
		}
		sum += n
	}
	return sum
}
