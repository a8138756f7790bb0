package dwarf

import (
	std "debug/dwarf"
	"fmt"
	"testing"
)

// TestTypesAgreeWithStandard decodes every type of all files.
func TestTypesAgreeWithStandard(t *testing.T) {
	types, enumerators := 0, 0
	for _, o := range oracles(t) {
		for r := o.std.Reader(); ; {
			e, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if e == nil {
				break
			}
			if !isType(e.Tag) {
				continue
			}
			want, err := o.std.Type(e.Offset)
			if err != nil {
				continue // of a language that the standard library does not know
			}
			o.refresh()
			entry := o.entryAt(uint64(e.Offset))
			if entry == nil {
				t.Fatalf("%s: no entry at %#x", o.path, e.Offset)
			}
			got := o.typeOf(entry)
			types++
			enumerators += len(got.Enumerators)
			if why := sameType(got, want); why != "" {
				t.Errorf("%s: %#x: %s: %+v; want %v %+v", o.path, e.Offset, why, *got, want, want.Common())
			}
		}
	}
	t.Logf("%d types, %d enumerators", types, enumerators)
	if types < 1000 || enumerators < 100 {
		t.Errorf("only %d types were compared", types)
	}
}

func isType(tag std.Tag) bool {
	switch tag {
	case std.TagBaseType, std.TagPointerType, std.TagEnumerationType, std.TagStructType, std.TagUnionType,
		std.TagArrayType, std.TagSubroutineType, std.TagTypedef, std.TagConstType, std.TagVolatileType:
		return true
	}
	return false
}

// sameType says what differs; empty if nothing does.
func sameType(got *Type, want std.Type) string {
	name, want := plain(want)
	own, kind := "", UnknownType
	var values []*std.EnumValue
	switch w := want.(type) {
	case *std.VoidType:
		kind = VoidType
	case *std.PtrType:
		kind = PointerType
		if why := sameElement(got, w); why != "" {
			return why
		}
	case *std.EnumType:
		own, kind, values = w.EnumName, EnumType, w.Val
	case *std.StructType:
		own, kind = w.StructName, StructType
		if w.Kind == "union" {
			kind = UnionType
		}
		if got.Tag != w.StructName || got.Incomplete != w.Incomplete {
			return "tag"
		}
		if why := sameFields(got, w); why != "" {
			return why
		}
		if w.Incomplete {
			want = nil // its size is not told
		}
	case *std.ArrayType:
		if why := sameArray(got, w); why != "" {
			return why
		}
		kind, want = ArrayType, nil // the size of one without a count is told by neither
	case *std.FuncType:
		kind, want = FunctionType, nil
	case *std.UnspecifiedType:
		own, want = w.Name, nil
	default:
		own, kind = want.Common().Name, BaseType
		if why := sameEncoding(got, w); why != "" {
			return why
		}
	}
	if name == "" {
		name = own
	}
	switch {
	case got.Kind != kind:
		return "kind"
	case got.Name != name && kind != FunctionType && kind != ArrayType && kind != PointerType:
		return "name"
	case want != nil && kind != VoidType && int64(got.Size) != want.Size():
		return "size"
	case len(got.Enumerators) != len(values):
		return "count of enumerators"
	}
	for i, v := range values {
		if got.Enumerators[i] != (Enumerator{v.Name, v.Val}) {
			return "enumerator " + v.Name
		}
	}
	return ""
}

// plain sees through typedefs and qualifiers; name is that of the first typedef.
func plain(t std.Type) (name string, under std.Type) {
	for {
		switch w := t.(type) {
		case *std.TypedefType:
			if name == "" {
				name = w.Name
			}
			t = w.Type
		case *std.QualType:
			t = w.Type
		default:
			return name, t
		}
	}
}

func sameElement(got *Type, want *std.PtrType) string {
	name, under := plain(want.Type)
	_, void := under.(*std.VoidType)
	element := got.Element()
	switch {
	case void != (element == nil || element.Kind == VoidType):
		return "pointer to void"
	case !void && name != "" && element.Name != name:
		return "name of what it points to"
	}
	return ""
}

func sameEncoding(got *Type, want std.Type) string {
	var signed, float bool
	switch want.(type) {
	case *std.IntType, *std.CharType:
		signed = true
	case *std.FloatType:
		float = true
	}
	if got.Signed() != signed || (got.Encoding == EncodingFloat) != float {
		return "encoding"
	}
	return ""
}

func sameFields(got *Type, want *std.StructType) string {
	fields := got.Fields()
	if len(fields) != len(want.Field) {
		return fmt.Sprintf("%d fields", len(fields))
	}
	for i, w := range want.Field {
		g := &fields[i]
		if g.Name != w.Name || int64(g.Bits) != w.BitSize {
			return "field " + w.Name
		}
		offset, first := w.ByteOffset, int64(0)
		switch {
		case w.DataBitOffset != 0:
			offset, first = w.DataBitOffset/8, w.DataBitOffset%8
		case w.BitSize != 0 && w.BitOffset != 0:
			low := 8*w.ByteSize - w.BitOffset - w.BitSize
			offset, first = w.ByteOffset+low/8, low%8
		}
		if int64(g.Offset) != offset || int64(g.First) != first {
			return fmt.Sprintf("field %s at %d, bit %d; want %d, bit %d:", w.Name, g.Offset, g.First, offset, first)
		}
	}
	return ""
}

// sameArray compares the first dimension; those within are types of their own.
func sameArray(got *Type, want *std.ArrayType) string {
	if want.Count >= 0 && int64(got.Length()) != want.Count {
		return fmt.Sprintf("%d elements, want %d:", got.Length(), want.Count)
	}
	if _, ok := want.Type.(*std.ArrayType); ok {
		e := got.Element()
		if e == nil || e.Kind != ArrayType {
			return "no rows"
		}
		return sameArray(e, want.Type.(*std.ArrayType))
	}
	return ""
}
