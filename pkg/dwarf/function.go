package dwarf

import (
	"cmp"
	std "debug/dwarf"
	"slices"
	"sort"
)

// Function is a function as it lies in the code: a subprogram with addresses.
type Function struct {
	// Entry is the DIE with all below it.
	Entry *Entry
	Unit  *Unit
	// Low is the link-time address at which it is entered.
	Low uint64
}

// Inline is a call that was inlined.
type Inline struct {
	Entry *Entry
	// File and Line of the call, within the function that it was inlined into.
	File string
	Line int
}

// Function finds the function whose code holds a link-time address; nil if
// none does.
func (d *Data) Function(addr uint64) *Function {
	u := d.Unit(addr)
	if u == nil || u.Root() == nil {
		return nil
	}
	off, ok := u.subprogram(addr)
	if !ok {
		return nil
	}
	return u.data.functionAt(u, off)
}

// functionAt reads the function whose DIE is at an offset.
func (d *Data) functionAt(u *Unit, off uint64) *Function {
	if f, ok := d.functions[off]; ok {
		return f
	}
	d.functions[off] = nil
	e := u.tree(off)
	if e == nil {
		return nil
	}
	f := &Function{Entry: e, Unit: u}
	f.Low, _ = e.low()
	d.functions[off] = f
	return f
}

// low is where a function is entered: DW_AT_low_pc, or the first of its ranges.
//
// Folklore: gcc splits functions into a hot and a .cold part; the hot one, with
// the entry, is first in the list.
func (e *Entry) low() (uint64, bool) {
	if a := e.Attr(std.AttrLowpc); a != nil {
		return e.Unit.address(a)
	}
	if r := e.ranges(); len(r) > 0 {
		return r[0].Low, true
	}
	return 0, false
}

// subprogram gives the offset of the subprogram that holds a link-time address.
func (u *Unit) subprogram(addr uint64) (offset uint64, ok bool) {
	all := u.functions().spans
	i := sort.Search(len(all), func(i int) bool { return all[i].Low > addr }) - 1
	for n := 0; i >= 0 && n < maxOverlap; i, n = i-1, n+1 {
		if addr >= all[i].High {
			continue
		}
		// Aliases: the first of several with the same code.
		for i > 0 && all[i-1].Range == all[i].Range {
			i--
		}
		return all[i].offset, true
	}
	return 0, false
}

// maxOverlap is how many ranges may lie over others at an address.
const maxOverlap = 16

// functions are the subprograms of a unit that have code.
type functions struct {
	spans []functionSpan // sorted by Low
	// entered tells where the code of an abstract instance is entered, by the
	// offset of its DIE.
	entered map[uint64]uint64
}

// functionSpan is a range of a function's code; offset is that of its DIE.
type functionSpan struct {
	Range
	offset uint64
}

// functions lists the unit's subprograms, once: whoever asks for one address in
// a unit mostly asks for more.
//
// Folklore: the linker leaves functions that it dropped at address 0, where they
// lie over the first ones of a shared object.
func (u *Unit) functions() *functions {
	if u.code != nil {
		return u.code
	}
	f := &functions{entered: map[uint64]uint64{}}
	u.code = f
	u.eachSubprogram(func(e *Entry) bool {
		e.eachRange(func(r Range) bool {
			const size = 64 // in bytes, and twice while the slice grows
			if r.Low == 0 || r.High <= r.Low {
				return true
			}
			f.spans = append(f.spans, functionSpan{r, e.Offset})
			return u.data.keep(size)
		})
		a := e.Attr(std.AttrAbstractOrigin)
		if low, ok := e.low(); a != nil && ok && u.data.keep(entrySize) {
			off := a.Value
			if a.Form != formRefAddr {
				off += u.offset
			}
			if f.entered[off] == 0 {
				f.entered[off] = low
			}
		}
		return true
	})
	slices.SortStableFunc(f.spans, func(a, b functionSpan) int { return cmp.Compare(a.Low, b.Low) })
	return f
}

// eachSubprogram gives every subprogram with addresses, without children, until
// yield says stop. The entry is good until yield returns.
func (u *Unit) eachSubprogram(yield func(*Entry) bool) {
	u.eachTop(func(_ int, a *abbrev) bool { return a.tag == std.TagSubprogram && (a.low >= 0 || a.ranges >= 0) }, yield)
}

// eachTop gives the DIEs that pick wants, by their depth below that of the unit, which
// is 0, and their abbreviation; without children, until yield says stop. It goes into
// namespaces, and around everything else. The entry is good until yield returns.
func (u *Unit) eachTop(pick func(depth int, a *abbrev) bool, yield func(*Entry) bool) {
	var room []Attr // for the attributes of one after the other
	c := NewCursor(u.data.info[:u.end], u.first)
	depth := 0
	for c.Left() > 0 && u.data.spend(1) {
		off := c.Offset()
		code := c.ULEB()
		if code == 0 {
			if depth--; depth <= 0 {
				return
			}
			continue
		}
		a := u.abbrev(code)
		if a == nil {
			return
		}
		var sibling uint64
		if pick(depth, a) {
			if len(a.attrs) > len(room) {
				room = make([]Attr, len(a.attrs))
			}
			e := Entry{Offset: off, Unit: u, Tag: a.tag, parental: a.children, attrs: room[:len(a.attrs)]}
			if !u.readAttrs(&c, a, e.attrs) || !yield(&e) {
				return
			}
			if s := e.Attr(std.AttrSibling); s != nil {
				sibling = u.offset + s.Value
			}
		} else {
			sibling = u.passOver(&c, a)
		}
		if !a.children {
			continue
		}
		if depth > 0 && a.tag != std.TagNamespace && sibling >= c.Offset() && sibling <= u.end {
			c.Seek(sibling)
			continue
		}
		if depth++; depth > maxDepth {
			return
		}
	}
}

// passOver skips the attributes of a DIE and gives the offset of its sibling,
// 0 if it does not say.
//
// gcc writes DW_AT_sibling first: then the rest need not be decoded, since the
// next DIE of interest is the sibling.
func (u *Unit) passOver(c *Cursor, a *abbrev) uint64 {
	if a.sibling < 0 && a.fixed >= 0 {
		c.Skip(uint64(a.fixed))
		return 0
	}
	if a.sibling == 0 && a.attrs[0].form == formRef4 && a.children && a.tag != std.TagNamespace && a.tag != std.TagCompileUnit {
		return u.offset + uint64(c.U32())
	}
	var sibling uint64
	u.data.spend(len(a.attrs))
	for i, s := range a.attrs {
		if i == int(a.sibling) {
			var v Attr
			u.readForm(c, s.form, s.implicit, &v)
			sibling = u.offset + v.Value
			continue
		}
		u.skipForm(c, s.form)
	}
	return sibling
}

// scopes gives what is open at a link-time address within the function: the
// function's own DIE first, then blocks and inlined functions, inwards.
func (f *Function) scopes(addr uint64) []*Entry {
	out := []*Entry{f.Entry}
	for e := f.Entry; e != nil && f.Unit.data.spend(len(e.Children)); {
		var next *Entry
		for _, c := range e.Children {
			if (c.Tag == std.TagInlinedSubroutine || c.Tag == std.TagLexDwarfBlock) && c.holds(addr) {
				next = c
				break
			}
		}
		if next != nil {
			out = append(out, next)
		}
		e = next
	}
	return out
}

// Inlines gives the calls that were inlined at a link-time address, from the
// outermost inwards.
func (f *Function) Inlines(addr uint64) []Inline {
	var out []Inline
	for _, e := range f.scopes(addr) {
		if e.Tag != std.TagInlinedSubroutine {
			continue
		}
		in := Inline{Entry: e}
		if n, ok := e.uint(std.AttrCallFile); ok {
			in.File = f.Unit.file(n)
		}
		if n, ok := e.uint(std.AttrCallLine); ok {
			in.Line = int(n)
		}
		out = append(out, in)
	}
	return out
}

// Variables gives the variables that scope, the function itself or one that is inlined at a
// link-time address, has there: those of the innermost block first, as gdb lists them. What is only
// declared is none.
func (f *Function) Variables(scope *Entry, addr uint64) []*Entry {
	var blocks []*Entry
	inside := false
	for _, e := range f.scopes(addr) {
		switch {
		case e == scope:
			inside = true
		case inside && e.Tag == std.TagInlinedSubroutine:
			inside = false
		}
		if inside {
			blocks = append(blocks, e)
		}
	}
	var out []*Entry
	for _, b := range slices.Backward(blocks) {
		if !f.Unit.data.spend(len(b.Children)) {
			break
		}
		for _, c := range b.Children {
			if c.Tag == std.TagVariable && c.Attr(std.AttrDeclaration) == nil {
				out = append(out, c)
			}
		}
	}
	return out
}

// Parameters gives the formal parameters of a function or an inlined one, in
// the order of its declaration.
func (e *Entry) Parameters() []*Entry {
	var out []*Entry
	if !e.Unit.data.spend(len(e.Children)) {
		return nil
	}
	for _, c := range e.Children {
		if c.Tag == std.TagFormalParameter {
			out = append(out, c)
		}
	}
	return out
}
