package dwarf

import (
	std "debug/dwarf"
)

const (
	maxFields     = 1 << 12
	maxDimensions = 8
	maxAnonymous  = 8 // unions in structures in unions …
)

// Field is a member of a structure or union.
type Field struct {
	// Name is empty for an anonymous structure or union.
	Name string
	// Offset in bytes from the start of what it is a member of.
	Offset uint64
	// Bits is the size of a bit field, 0 for any other; First is its lowest bit,
	// counted from that of the byte at Offset.
	Bits, First uint64

	entry *Entry // of its type
}

// Type gives the type of the field.
func (f *Field) Type() *Type {
	if f.entry == nil {
		return &Type{}
	}
	return f.entry.Unit.data.typeOf(f.entry)
}

// Fields gives the members of a structure or union, as declared. They are decoded
// when asked for.
func (t *Type) Fields() []Field {
	if t.fields == nil && t.entry != nil && (t.Kind == StructType || t.Kind == UnionType) {
		t.fields = t.entry.readFields()
	}
	return t.fields
}

// Field finds a member by its name, in anonymous members too; its Offset counts
// from the start of t.
func (t *Type) Field(name string) (Field, bool) { return t.field(name, maxAnonymous) }

func (t *Type) field(name string, depth int) (Field, bool) {
	all := t.Fields()
	for i := range all {
		if all[i].Name == name {
			return all[i], true
		}
	}
	if depth == 0 {
		return Field{}, false
	}
	for i := range all {
		if all[i].Name != "" {
			continue
		}
		if f, ok := all[i].Type().field(name, depth-1); ok {
			f.Offset += all[i].Offset
			return f, true
		}
	}
	return Field{}, false
}

func (e *Entry) readFields() []Field {
	fields := []Field{}
	tree := e.Unit.tree(e.Offset)
	if tree == nil {
		return fields
	}
	for _, c := range tree.Children[:min(len(tree.Children), maxFields)] {
		if c.Tag != std.TagMember || c.Attr(std.AttrExternal) != nil {
			continue
		}
		f := Field{entry: c.refer(std.AttrType)}
		f.Name, _ = c.text(std.AttrName)
		f.place(c)
		fields = append(fields, f)
	}
	return fields
}

// place says where a member lies (DWARF 5, 5.7.6; DWARF 2, 5.5.6).
func (f *Field) place(e *Entry) {
	if a := e.Attr(std.AttrDataMemberLoc); a != nil {
		f.Offset = a.Value
		if a.isBlock() {
			// DWARF 2 wrote a program, of which compilers used one instruction.
			c := NewCursor(a.Block, 0)
			if c.U8() == opPlusUconst {
				f.Offset = c.ULEB()
			}
		}
	}
	bits, ok := e.uint(std.AttrBitSize)
	if !ok {
		return
	}
	f.Bits = bits
	if first, ok := e.uint(std.AttrDataBitOffset); ok {
		f.Offset, f.First = first/8, first%8
		return
	}
	// Folklore: before DWARF 4 the offset counted from the highest bit of the unit
	// that the field is stored in, also on machines that count from the lowest.
	size, ok := e.uint(std.AttrByteSize)
	if !ok {
		size = f.Type().Size
	}
	if high, ok := e.uint(std.AttrBitOffset); ok && high+bits <= 8*size {
		low := 8*size - high - bits
		f.Offset, f.First = f.Offset+low/8, low%8
	}
}

// Length is how many elements an array has; 0 when not told, as for one that ends
// a structure.
func (t *Type) Length() uint64 {
	if len(t.dimensions) == 0 {
		return 0
	}
	return t.dimensions[0]
}

// readDimensions reads how long an array is, and its size when that is not told.
func (t *Type) readDimensions(e *Entry) {
	t.element = e.refer(std.AttrType)
	tree := e.Unit.tree(e.Offset)
	if tree == nil {
		return
	}
	for _, c := range tree.Children[:min(len(tree.Children), maxDimensions)] {
		if c.Tag != std.TagSubrangeType {
			continue
		}
		n, ok := c.uint(std.AttrCount)
		if last, bounded := c.uint(std.AttrUpperBound); !ok && bounded {
			n = last + 1
		}
		t.dimensions = append(t.dimensions, n)
	}
	if t.Size == 0 {
		t.Size = t.arraySize()
	}
}

// arraySize is the size of an array in bytes, 0 when it is not told or beyond
// what a program can have.
func (t *Type) arraySize() uint64 {
	size := uint64(0)
	if t.element != nil {
		size = t.element.Unit.data.typeOf(t.element).Size
	}
	for _, n := range t.dimensions {
		if n != 0 && size > (1<<47)/n {
			return 0
		}
		size *= n
	}
	return size
}

// row is the type of the elements of an array of several dimensions.
func (t *Type) row() *Type {
	r := &Type{Kind: ArrayType, element: t.element, dimensions: t.dimensions[1:]}
	r.Size = r.arraySize()
	return r
}
