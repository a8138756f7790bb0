package dwarf

import (
	std "debug/dwarf"
)

// TypeKind says what a Type is.
type TypeKind int

// The kinds. Typedefs and qualifiers are seen through.
const (
	UnknownType TypeKind = iota
	BaseType
	PointerType
	EnumType
	StructType
	UnionType
	ArrayType
	FunctionType
	VoidType
)

// Encodings of base types (DW_ATE_, DWARF 5, table 7.11).
const (
	EncodingBoolean      = 0x02
	EncodingFloat        = 0x04
	EncodingSigned       = 0x05
	EncodingSignedChar   = 0x06
	EncodingUnsigned     = 0x07
	EncodingUnsignedChar = 0x08
)

const (
	maxEnumerators = 1 << 12
	maxTypeHops    = 32
)

// Type is what a report needs to know of a type.
type Type struct {
	Kind TypeKind
	// Name is the outermost one, of a typedef too; empty if it has none. Tag is
	// that of the structure, union or enumeration itself.
	Name, Tag string
	// Size in bytes; 0 when not told.
	Size uint64
	// Encoding of a base type, or of the integer under an enumeration.
	Encoding uint64
	// Enumerators of an enumeration, as declared.
	Enumerators []Enumerator

	// Incomplete: the structure or union is declared here and defined elsewhere.
	Incomplete bool

	element    *Entry   // of a pointer or array; nil for void
	dimensions []uint64 // of an array
	entry      *Entry   // of a structure or union
	fields     []Field
}

// Element is the type that a pointer points to, nil for void, or that of an array's
// elements. It is decoded when asked for: a list of lists would lead through the
// whole program.
func (t *Type) Element() *Type {
	if t.element == nil {
		return nil
	}
	if len(t.dimensions) > 1 {
		return t.row()
	}
	return t.element.Unit.data.typeOf(t.element)
}

// Enumerator is a name of an enumeration's value.
type Enumerator struct {
	Name  string
	Value int64
}

// Signed tells whether a value of the type has a sign.
func (t *Type) Signed() bool {
	return t.Encoding == EncodingSigned || t.Encoding == EncodingSignedChar || t.Encoding == 0x0d
}

// Type gives the type of a DIE of a variable or parameter, or of what it is an
// instance of; one of UnknownType if it has none.
func (e *Entry) Type() *Type {
	a, at := e.deep(std.AttrType)
	if a == nil {
		return &Type{}
	}
	t := at.refer(std.AttrType)
	if t == nil {
		return &Type{}
	}
	return t.Unit.data.typeOf(t)
}

// typeOf decodes the DIE of a type.
func (d *Data) typeOf(e *Entry) *Type {
	if t, ok := d.types[e.Offset]; ok {
		return t
	}
	t := &Type{}
	d.types[e.Offset] = t // for a type that contains itself
	name := ""
	for range maxTypeHops {
		if name == "" {
			name, _ = e.text(std.AttrName)
		}
		switch e.Tag {
		case std.TagTypedef, std.TagConstType, std.TagVolatileType, std.TagRestrictType, std.TagAtomicType:
			if e = e.refer(std.AttrType); e == nil {
				t.Kind, t.Name = VoidType, name
				return t
			}
			continue
		}
		break
	}
	t.decode(e)
	t.Name = name
	return t
}

func (t *Type) decode(e *Entry) {
	t.Size, _ = e.uint(std.AttrByteSize)
	t.entry = e
	t.Incomplete = e.Attr(std.AttrDeclaration) != nil
	t.Tag, _ = e.text(std.AttrName)
	switch e.Tag {
	case std.TagBaseType:
		t.Kind = BaseType
		t.Encoding, _ = e.uint(std.AttrEncoding)
	case std.TagPointerType, std.TagReferenceType, std.TagRvalueReferenceType:
		t.Kind = PointerType
		if t.Size == 0 {
			t.Size = uint64(e.Unit.addressSize)
		}
		t.element = e.refer(std.AttrType)
	case std.TagEnumerationType:
		t.Kind = EnumType
		t.readEnumerators(e)
	case std.TagStructType, std.TagClassType:
		t.Kind = StructType
	case std.TagUnionType:
		t.Kind = UnionType
	case std.TagArrayType:
		t.Kind = ArrayType
		t.readDimensions(e)
	case std.TagSubroutineType:
		t.Kind = FunctionType
	}
}

func (t *Type) readEnumerators(e *Entry) {
	t.Encoding, _ = e.uint(std.AttrEncoding)
	if under := e.refer(std.AttrType); under != nil && under.Tag == std.TagBaseType {
		t.Encoding, _ = under.uint(std.AttrEncoding)
	}
	tree := e.Unit.tree(e.Offset)
	if tree == nil {
		return
	}
	for _, c := range tree.Children[:min(len(tree.Children), maxEnumerators)] {
		if a := c.Attr(std.AttrConstValue); c.Tag == std.TagEnumerator && a != nil {
			name, _ := c.text(std.AttrName)
			t.Enumerators = append(t.Enumerators, Enumerator{name, int64(a.Value)})
		}
	}
}

// Scalar tells whether a value of the type is one number, address or name.
func (t *Type) Scalar() bool {
	switch t.Kind {
	case BaseType, PointerType, EnumType:
		return t.Size > 0
	}
	return false
}
