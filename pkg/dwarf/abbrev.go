package dwarf

import (
	std "debug/dwarf"
	"slices"
)

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
	sibling, low, ranges int32
}

// abbrevs is a table of abbreviations. It is read as far as it was asked for: to
// know the root of each of thirty thousand units, one row of each table will do.
type abbrevs struct {
	byCode []abbrev // gcc and clang count from 1 without a gap
	rest   map[uint64]*abbrev
	next   Cursor // where the table goes on
	done   bool
}

// abbrevKey is a table as units of one format see it: the sizes of forms
// depend on the format.
type abbrevKey struct {
	offset      uint64
	version     uint16
	addressSize uint8
	is64        bool
}

// abbrev gives the unit's abbreviation of a code; nil if it has none.
func (u *Unit) abbrev(code uint64) *abbrev {
	t := u.table()
	for {
		if code < uint64(len(t.byCode)) {
			if a := &t.byCode[code]; a.tag != 0 {
				return a
			}
		} else if a := t.rest[code]; a != nil {
			return a
		}
		if t.done {
			return nil
		}
		t.done = !u.readAbbrev(t)
	}
}

// table gives the unit's abbreviations; many units may share one.
func (u *Unit) table() *abbrevs {
	if u.abbrevs != nil {
		return u.abbrevs
	}
	key := abbrevKey{u.abbrevOffset, u.version, u.addressSize, u.is64}
	t, ok := u.data.abbrevs[key]
	if !ok {
		t = &abbrevs{byCode: make([]abbrev, 1, 2), next: NewCursor(u.data.section(".debug_abbrev"), u.abbrevOffset)}
		t.done = !u.data.keep(abbrevsSize)
		u.data.abbrevs[key] = t
	}
	u.abbrevs = t
	return t
}

// specChunk is how many attributes are made room for at once.
const specChunk = 2048

// What is kept of a table, of a row, and of an attribute in it, in bytes. Slices
// are larger than that while they grow.
const (
	abbrevsSize  = 256
	abbrevSize   = 256
	attrSpecSize = 32
)

// readAbbrev reads the next row of a table; false at its end.
func (u *Unit) readAbbrev(t *abbrevs) bool {
	c, d := &t.next, u.data
	code := c.ULEB()
	if code == 0 || c.Bad() {
		return false
	}
	a := abbrev{tag: std.Tag(c.ULEB()), children: c.U8() != 0, sibling: -1, low: -1, ranges: -1}
	start := len(d.specs)
	for {
		s := attrSpec{name: std.Attr(c.ULEB()), form: uint32(c.ULEB())}
		if s.form == formImplicitConst {
			s.implicit = c.SLEB()
		}
		if c.Bad() || !d.spend(1) {
			return false
		}
		if s.name == 0 && s.form == 0 {
			break
		}
		switch i := int32(len(d.specs) - start); s.name {
		case std.AttrSibling:
			a.sibling = i
		case std.AttrLowpc:
			a.low = i
		case std.AttrRanges:
			a.ranges = i
		}
		if !d.keep(attrSpecSize) {
			return false
		}
		if len(d.specs) == cap(d.specs) {
			row := d.specs[start:]
			d.specs = append(make([]attrSpec, 0, max(specChunk, 2*len(row))), row...)
			start = 0
		}
		d.specs = append(d.specs, s)
	}
	a.attrs = d.specs[start:len(d.specs):len(d.specs)]
	a.fixed = u.fixedSize(a.attrs)
	if !d.keep(abbrevSize) {
		return false
	}
	switch {
	case code == uint64(len(t.byCode)):
		if len(t.byCode) == cap(t.byCode) {
			t.byCode = slices.Grow(t.byCode, 3*len(t.byCode)) // 2, 8, 32, 128: most have a hundred
		}
		t.byCode = append(t.byCode, a)
	case code > uint64(len(t.byCode)):
		if t.rest == nil {
			t.rest = map[uint64]*abbrev{}
		}
		t.rest[code] = &a
	}
	return true
}

// fixedSize is the size of all attributes together; -1 if it varies.
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
