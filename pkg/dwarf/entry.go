package dwarf

import (
	std "debug/dwarf"
)

// Attributes that the standard library has no name for (DWARF 5, table 7.5, and
// the GNU extensions that gcc writes with DWARF 4).
const (
	attrGNUDwoName       std.Attr = 0x2130
	attrGNUDwoID         std.Attr = 0x2131
	attrGNURangesBase    std.Attr = 0x2132
	attrGNUAddrBase      std.Attr = 0x2133
	attrGNUCallSiteValue std.Attr = 0x2111
	attrGNUCallTarget    std.Attr = 0x2113
	attrGNUTailCall      std.Attr = 0x2115
)

// Attr is an attribute of a DIE. Value holds numbers, offsets and indices,
// Block bytes; which it is, the form says.
type Attr struct {
	Name  std.Attr
	Form  uint32
	Value uint64
	Block []byte
}

// isBlock tells whether the value is bytes: a location expression rather than a
// list of them.
func (a *Attr) isBlock() bool {
	switch a.Form {
	case formExprloc, formBlock, formBlock1, formBlock2, formBlock4:
		return true
	}
	return false
}

// Entry is a DIE.
type Entry struct {
	// Offset in .debug_info.
	Offset   uint64
	Unit     *Unit
	Tag      std.Tag
	Children []*Entry // where a tree was read

	attrs    []Attr
	parental bool // it has children, read or not
}

// Attr finds an attribute; nil if the DIE has none of that name.
func (e *Entry) Attr(name std.Attr) *Attr {
	for i := range e.attrs {
		if e.attrs[i].Name == name {
			return &e.attrs[i]
		}
	}
	return nil
}

func (e *Entry) uint(name std.Attr) (uint64, bool) {
	if a := e.Attr(name); a != nil && a.Block == nil {
		return a.Value, true
	}
	return 0, false
}

// text gives an attribute of class string, and whether there is one.
func (e *Entry) text(name std.Attr) (string, bool) {
	a := e.Attr(name)
	if a == nil {
		return "", false
	}
	return e.Unit.text(a), true
}

// refer follows an attribute that refers to another DIE; nil if it leads
// nowhere.
func (e *Entry) refer(name std.Attr) *Entry {
	a := e.Attr(name)
	if a == nil {
		return nil
	}
	d := e.Unit.data
	off := a.Value
	switch a.Form {
	case formRef1, formRef2, formRef4, formRef8, formRefUdata:
		off += e.Unit.offset
	case formRefAddr:
	case formRefSig8:
		var ok bool
		if off, ok = d.signed[a.Value]; !ok {
			return nil
		}
	case formRefSup4, formRefSup8, formGNURefAlt:
		if d = d.alt; d == nil {
			return nil
		}
	default:
		return nil
	}
	return d.entryAt(off)
}

// entryAt reads the DIE at an offset, without children, once.
func (d *Data) entryAt(off uint64) *Entry {
	if e, ok := d.entries[off]; ok {
		return e
	}
	u := d.unitAt(off)
	if u == nil || off < u.first || u.Root() == nil {
		return nil
	}
	c := NewCursor(d.info[:u.end], off)
	e := u.read(&c)
	if e == nil || e.Tag == 0 {
		return nil
	}
	d.entries[off] = e
	return e
}

// What is kept of a DIE in memory, in bytes.
const (
	entrySize = 128
	attrSize  = 40
)

// read decodes the DIE at the cursor. It is nil if it cannot; its tag is 0 for
// the end of a list of children.
func (u *Unit) read(c *Cursor) *Entry {
	d := u.data
	e := &Entry{Offset: c.Offset(), Unit: u}
	code := c.ULEB()
	if c.Bad() || !d.spend(1) {
		return nil
	}
	if code == 0 {
		return e
	}
	a := u.abbrev(code)
	if a == nil || !d.keep(entrySize+attrSize*len(a.attrs)) {
		return nil
	}
	e.Tag, e.parental = a.tag, a.children
	e.attrs = d.takeAttrs(len(a.attrs))
	if !u.readAttrs(c, a, e.attrs) {
		return nil
	}
	return e
}

// readAttrs reads the attributes of a DIE; false if they are not all there.
func (u *Unit) readAttrs(c *Cursor, a *abbrev, to []Attr) bool {
	for i, s := range a.attrs {
		to[i] = Attr{Name: s.name}
		u.readForm(c, s.form, s.implicit, &to[i])
	}
	return !c.Bad() && u.data.spend(len(a.attrs))
}

// takeAttrs cuts n attributes from a larger piece of memory.
func (d *Data) takeAttrs(n int) []Attr {
	const chunk = 1024
	if n > len(d.attrs) {
		d.attrs = make([]Attr, max(n, chunk))
	}
	a := d.attrs[:n:n]
	d.attrs = d.attrs[n:]
	return a
}

// tree reads the DIE at an offset with all that is below it.
func (u *Unit) tree(off uint64) *Entry {
	c := NewCursor(u.data.info[:u.end], off)
	left := maxTree
	return u.readTree(&c, 0, &left)
}

func (u *Unit) readTree(c *Cursor, depth int, left *int) *Entry {
	if *left--; *left < 0 || depth > maxDepth {
		return nil
	}
	e := u.read(c)
	if e == nil || e.Tag == 0 || !e.parental {
		return e
	}
	for {
		child := u.readTree(c, depth+1, left)
		if child == nil || child.Tag == 0 {
			return e
		}
		e.Children = append(e.Children, child)
	}
}

// deep finds an attribute of a DIE or of what it is an instance of, and the DIE
// that has it (DWARF 5, 2.13 and 3.3.8.2).
func (e *Entry) deep(name std.Attr) (*Attr, *Entry) {
	for range maxHops {
		if a := e.Attr(name); a != nil {
			return a, e
		}
		next := e.refer(std.AttrAbstractOrigin)
		if next == nil {
			next = e.refer(std.AttrSpecification)
		}
		if next == nil {
			break
		}
		e = next
	}
	return nil, nil
}

// Name gives DW_AT_name, of the DIE or of what it is an instance of.
func (e *Entry) Name() string {
	d := e.Unit.data
	if n, ok := d.names[e.Offset]; ok {
		return n
	}
	n := ""
	if a, at := e.deep(std.AttrName); a != nil {
		n = at.Unit.text(a)
	}
	d.names[e.Offset] = n
	return n
}

// linkageName gives the name in the symbol table, where it differs.
func (e *Entry) linkageName() string {
	if a, at := e.deep(std.AttrLinkageName); a != nil {
		return at.Unit.text(a)
	}
	return ""
}
