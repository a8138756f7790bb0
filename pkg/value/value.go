package value

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/hacrash/hacrash/pkg/dwarf"
)

// What may be wrong with a value; errors wrap one of these.
var (
	ErrNoField     = errors.New("no such member in this version")
	ErrNull        = errors.New("null pointer")
	ErrUnavailable = errors.New("memory that the core does not have")
	ErrType        = errors.New("not of the type that is expected")
	ErrRedacted    = errors.New("<redacted>, taken out of this small core")
)

// Bounds on what one value may ask for, in bytes.
const (
	maxLoad = 1 << 20
	maxText = 4 << 10
)

// Value is something of a type at an address, or the reason why it cannot be had.
// The zero Value is unavailable.
type Value struct {
	space *Space
	typ   *dwarf.Type
	addr  uint64
	// bits and first are of a bit field, as in dwarf.Field.
	bits, first uint64
	// data is what was read already; nil if nothing was.
	data []byte
	err  error
}

func failed(format string, args ...any) Value { return Value{err: fmt.Errorf(format, args...)} }

// Err says why the value cannot be had; nil says that it may be, but its memory was
// not looked at.
func (v Value) Err() error {
	if v.err == nil && v.typ == nil {
		return ErrUnavailable
	}
	return v.err
}

// Type is the value's type; nil if it cannot be had.
func (v Value) Type() *dwarf.Type { return v.typ }

// Address is where it lies.
func (v Value) Address() uint64 { return v.addr }

// Exists says that the value is there: the version has it, and no pointer on the way
// was null.
func (v Value) Exists() bool { return v.Err() == nil }

// Load reads all of a structure at once, so that its members cost nothing more. A
// value that cannot be read whole is returned as it is: its parts may be there.
func (v Value) Load() Value {
	if v.Err() != nil || v.data != nil || v.typ.Size == 0 || v.typ.Size > maxLoad {
		return v
	}
	b := make([]byte, v.typ.Size)
	if n, err := v.space.Memory.ReadMemory(b, v.addr); err == nil && n == len(b) {
		v.data = b
	}
	return v
}

// Field goes to a member of a structure or union, and on to its members.
func (v Value) Field(path ...string) Value {
	for _, name := range path {
		v = v.field(name)
	}
	return v
}

func (v Value) field(name string) Value {
	if v.Err() != nil {
		return v
	}
	t := v.space.complete(v.typ)
	if t.Kind != dwarf.StructType && t.Kind != dwarf.UnionType {
		return failed("%s of %s: %w", name, nameOf(t), ErrType)
	}
	f, ok := t.Field(name)
	if !ok {
		return failed("%s of %s: %w", name, nameOf(t), ErrNoField)
	}
	out := Value{space: v.space, typ: f.Type(), addr: v.addr + f.Offset, bits: f.Bits, first: f.First}
	size := out.typ.Size
	if f.Bits > 0 {
		size = (f.First + f.Bits + 7) / 8
	}
	if end := f.Offset + size; v.data != nil && end >= f.Offset && end <= uint64(len(v.data)) {
		out.data = v.data[f.Offset:end:end]
	}
	return out
}

// Has says whether the value's type has a member.
func (v Value) Has(name string) bool {
	if v.Err() != nil {
		return false
	}
	_, ok := v.space.complete(v.typ).Field(name)
	return ok
}

// First is the first of several members that this version has; the others are
// what it is called in other versions.
func (v Value) First(names ...string) Value {
	for _, n := range names {
		if v.Has(n) {
			return v.Field(n)
		}
	}
	if v.Err() != nil || len(names) == 0 {
		return v
	}
	return v.Field(names[0])
}

// Deref goes to what a pointer points to.
func (v Value) Deref() Value {
	addr, err := v.Pointer()
	if err != nil {
		return Value{err: err}
	}
	if addr == 0 {
		return Value{err: ErrNull}
	}
	e := v.typ.Element()
	if e == nil {
		return failed("what %#x points to: %w", addr, ErrType)
	}
	return Value{space: v.space, typ: v.space.complete(e), addr: addr}
}

// As takes what is at the value's address for something else.
func (v Value) As(structure string) Value {
	if v.Err() != nil {
		return v
	}
	return v.space.At(structure, v.addr)
}

// Pointer is the address that a pointer holds.
func (v Value) Pointer() (uint64, error) {
	if v.Err() != nil {
		return 0, v.Err()
	}
	if v.typ.Kind != dwarf.PointerType {
		return 0, fmt.Errorf("%s: %w", nameOf(v.typ), ErrType)
	}
	return v.number(8)
}

// Index goes to an element of an array, or to one of those behind a pointer.
func (v Value) Index(i uint64) Value {
	if v.Err() != nil {
		return v
	}
	switch v.typ.Kind {
	case dwarf.PointerType:
		if v = v.Deref(); v.Err() != nil {
			return v
		}
		if v.typ.Size == 0 || i > math.MaxInt32 {
			return failed("element %d of %s: %w", i, nameOf(v.typ), ErrType)
		}
		return Value{space: v.space, typ: v.typ, addr: v.addr + i*v.typ.Size}
	case dwarf.ArrayType:
		e := v.typ.Element()
		if e == nil || e.Size == 0 || i > math.MaxInt32 {
			return failed("element %d: %w", i, ErrType)
		}
		if n := v.typ.Length(); n > 0 && i >= n {
			return failed("element %d of %d: %w", i, n, ErrNoField)
		}
		out := Value{space: v.space, typ: v.space.complete(e), addr: v.addr + i*e.Size}
		if end := (i + 1) * e.Size; v.data != nil && end <= uint64(len(v.data)) {
			out.data = v.data[i*e.Size : end : end]
		}
		return out
	}
	return failed("element of %s: %w", nameOf(v.typ), ErrType)
}

// Len is how many elements an array has.
func (v Value) Len() uint64 {
	if v.Err() != nil || v.typ.Kind != dwarf.ArrayType {
		return 0
	}
	return v.typ.Length()
}

// Uint is an unsigned number, an enumerator's number, or an address.
func (v Value) Uint() (uint64, error) {
	if v.Err() != nil {
		return 0, v.Err()
	}
	if !v.typ.Scalar() || v.typ.Encoding == dwarf.EncodingFloat {
		return 0, fmt.Errorf("%s: %w", nameOf(v.typ), ErrType)
	}
	return v.number(v.typ.Size)
}

// Int is a number with its sign.
func (v Value) Int() (int64, error) {
	u, err := v.Uint()
	if err != nil {
		return 0, err
	}
	bits := 8 * v.typ.Size
	if v.bits > 0 {
		bits = v.bits
	}
	if v.typ.Signed() && bits < 64 {
		return int64(u<<(64-bits)) >> (64 - bits), nil
	}
	return int64(u), nil
}

// number reads a little-endian number of up to 8 bytes.
func (v Value) number(size uint64) (uint64, error) {
	if size == 0 || size > 8 {
		return 0, fmt.Errorf("number of %d bytes: %w", size, ErrType)
	}
	if v.bits > 0 {
		size = (v.first + v.bits + 7) / 8
		if size > 8 || v.bits > 64 {
			return 0, fmt.Errorf("bit field of %d bits at bit %d: %w", v.bits, v.first, ErrType)
		}
	}
	if v.space != nil && v.space.Numbers != nil && v.addr != 0 {
		v.space.Numbers(v.addr, size)
	}
	var b [8]byte
	if uint64(len(v.data)) >= size {
		copy(b[:], v.data[:size])
	} else if err := v.space.read(b[:size], v.addr); err != nil {
		return 0, err
	}
	if redacted(b[:size]) {
		return 0, fmt.Errorf("number: %w", ErrRedacted)
	}
	n := binary.LittleEndian.Uint64(b[:])
	if v.bits > 0 && v.bits < 64 {
		n = n >> v.first & (1<<v.bits - 1)
	}
	return n, nil
}

// bytes reads what lies in memory of the value, up to limit bytes.
func (v Value) bytes(limit int) ([]byte, error) {
	if v.Err() != nil {
		return nil, v.Err()
	}
	n := min(v.typ.Size, uint64(limit), maxLoad)
	if uint64(len(v.data)) >= n && v.data != nil {
		return v.data[:n], nil
	}
	b := make([]byte, n)
	return b, v.space.read(b, v.addr)
}

// Text is the text in an array of characters, or behind a pointer to some, up to
// its NUL; of a text of more than 4 kB the beginning.
func (v Value) Text() (string, error) {
	if v.Err() != nil {
		return "", v.Err()
	}
	if v.typ.Kind == dwarf.ArrayType {
		b, err := v.bytes(maxText)
		if err != nil {
			return "", err
		}
		if redacted(b[:min(4, len(b))]) {
			return "", fmt.Errorf("text: %w", ErrRedacted)
		}
		b, _, _ = bytes.Cut(b, []byte{0})
		return string(b), nil
	}
	addr, err := v.Pointer()
	if err != nil {
		return "", err
	}
	if addr == 0 {
		return "", fmt.Errorf("text: %w", ErrNull)
	}
	return v.space.text(addr)
}

// Enum is the name of an enumeration's value; its number when it has none.
func (v Value) Enum() (string, error) {
	n, err := v.Int()
	if err != nil {
		return "", err
	}
	for _, e := range v.typ.Enumerators {
		if e.Value == n {
			return e.Name, nil
		}
	}
	return fmt.Sprint(n), nil
}

// redacted tells of bytes, 4 at least, whether a small core has them instead of what was there.
func redacted(b []byte) bool {
	return len(b) >= 4 && bytes.Count(b, []byte{0xbd}) == len(b)
}

func nameOf(t *dwarf.Type) string {
	switch {
	case t.Tag != "" && t.Kind == dwarf.StructType:
		return "struct " + t.Tag
	case t.Tag != "" && t.Kind == dwarf.UnionType:
		return "union " + t.Tag
	case t.Name != "":
		return t.Name
	}
	return "a type without a name"
}
