package dwarf

import (
	std "debug/dwarf"
)

// NameKind says what a name stands for at the top of a unit.
type NameKind uint8

// The kinds of names. C has one space of names for what is behind the words
// struct, union and enum, and another for the rest.
const (
	TagName NameKind = iota // of a structure, union or enumeration
	TypedefName
	VariableName
	nameKinds
)

// names are where DIEs lie, by name.
type names [nameKinds]map[string]named

func newNames() *names { return &names{{}, {}, {}} }

// named is where a DIE with a name lies.
type named struct {
	data   *Data
	offset uint64
}

func (n named) entry() *Entry { return n.data.entryAt(n.offset) }

// Named finds the definition of a type or a variable: in the unit near, if that
// is not nil, else in any. nil if there is none.
func (d *Data) Named(kind NameKind, name string, near *Unit) *Entry {
	if near != nil {
		if e := near.Near(kind, name); e != nil {
			return e
		}
	}
	if n, ok := d.defined()[kind][name]; ok {
		return n.entry()
	}
	return nil
}

// Near finds the definition of a type in one unit, or the declaration of a
// variable. It costs a pass over that unit only.
func (u *Unit) Near(kind NameKind, name string) *Entry {
	if n, ok := u.declared()[kind][name]; ok {
		return n.entry()
	}
	return nil
}

// TypeOf decodes the type that a DIE is, as Type decodes that which it has.
func (e *Entry) TypeOf() *Type { return e.Unit.data.typeOf(e) }

// Variable gives the link-time address of a variable; false if it has no fixed
// one: a declaration, a variable of a thread, one that was optimised away.
func (e *Entry) Variable() (addr uint64, ok bool) {
	a := e.Attr(std.AttrLocation)
	if a == nil || !a.isBlock() {
		return 0, false
	}
	c := NewCursor(a.Block, 0)
	switch c.U8() {
	case opAddr:
		addr = c.Uint(int(e.Unit.addressSize))
	case opAddrx, opGNUAddrIndex:
		addr, ok = e.Unit.addressAt(c.ULEB())
		if !ok {
			return 0, false
		}
	default:
		return 0, false
	}
	return addr, !c.Bad() && c.Left() == 0
}

// declared lists the names at the top of the unit, once: declarations of
// variables too, since the unit of their definition may be far.
func (u *Unit) declared() *names {
	if u.names == nil {
		u.names = newNames()
		u.collect(u.names, true)
	}
	return u.names
}

// defined lists the names that any unit defines, once. Of several definitions of
// a name, such as static variables, the first is taken.
func (d *Data) defined() *names {
	if d.all == nil {
		d.all = newNames()
		for i := range d.units {
			if u := d.units[i].whole(); u.Root() != nil {
				u.collect(d.all, false)
			}
		}
	}
	return d.all
}

// What is kept of a name, in bytes, beside its text.
const nameSize = 56

// collect goes over the top of the unit and adds what has a name there.
func (u *Unit) collect(to *names, declarations bool) {
	if u.Root() == nil {
		return
	}
	top := func(depth int, a *abbrev) bool {
		_, has := kindOfName(a.tag)
		return has && depth == 1
	}
	u.eachTop(top, func(e *Entry) bool {
		kind, _ := kindOfName(e.Tag)
		return !e.named(kind, declarations) || u.add(to[kind], e)
	})
}

func kindOfName(tag std.Tag) (NameKind, bool) {
	switch tag {
	case std.TagStructType, std.TagUnionType, std.TagClassType, std.TagEnumerationType:
		return TagName, true
	case std.TagTypedef:
		return TypedefName, true
	case std.TagVariable:
		return VariableName, true
	}
	return 0, false
}

// named tells whether a DIE is what is looked for under its name.
func (e *Entry) named(kind NameKind, declarations bool) bool {
	if kind == VariableName {
		return declarations || e.Attr(std.AttrLocation) != nil
	}
	return e.Attr(std.AttrDeclaration) == nil
}

// add adds a DIE under its name; the first of a name stays. False when the budget
// is spent.
func (u *Unit) add(to map[string]named, e *Entry) bool {
	at := e
	if e.Attr(std.AttrName) == nil {
		if at = e.refer(std.AttrSpecification); at == nil { // the definition of what was declared before
			return true
		}
	}
	a := at.Attr(std.AttrName)
	if a == nil {
		return true
	}
	name := at.Unit.textBytes(a)
	if len(name) == 0 || len(name) > maxText {
		return true
	}
	have, ok := to[string(name)]
	if !ok {
		to[string(name)] = named{u.data, e.Offset}
		return u.data.keep(nameSize + len(name))
	}
	// A definition goes before the declaration that it specifies.
	if e.Tag == std.TagVariable && e.Attr(std.AttrLocation) != nil {
		if first := have.entry(); first != nil && first.Attr(std.AttrLocation) == nil {
			to[string(name)] = named{u.data, e.Offset}
		}
	}
	return true
}
