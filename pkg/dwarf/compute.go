package dwarf

import (
	"fmt"
	"math"
)

// compute runs an arithmetic, comparing or jumping operation (DWARF 5, 2.5.1.4
// and 2.5.1.5).
func (m *machine) compute(op uint8) {
	switch op {
	case opAbs, opNeg, opNot:
		m.unary(op)
	case opPlusUconst:
		it := m.pop()
		m.pushTyped(it.v+m.c.ULEB(), it.typ)
	case opSkip, opBra:
		off := int64(int16(m.c.U16()))
		if op == opBra && m.pop().v == 0 {
			return
		}
		m.c.Seek(uint64(int64(m.c.Offset()) + off))
	default:
		b, a := m.pop(), m.pop()
		m.binary(op, a, b)
	}
}

func (m *machine) unary(op uint8) {
	it := m.pop()
	if f, ok := it.float(); ok {
		switch op {
		case opAbs:
			f = math.Abs(f)
		case opNeg:
			f = -f
		default:
			m.fail(fmt.Errorf("expression inverts the bits of a float: %w", errDamaged))
			return
		}
		m.pushTyped(it.typ.fromFloat(f), it.typ)
		return
	}
	v := it.signed()
	switch op {
	case opAbs:
		if v < 0 {
			v = -v
		}
	case opNeg:
		v = -v
	case opNot:
		v = ^v
	}
	m.pushTyped(it.typ.wrap(uint64(v)), it.typ)
}

func (m *machine) binary(op uint8, a, b item) {
	if x, ok := a.float(); ok {
		y, _ := b.float()
		m.floats(op, x, y, a.typ)
		return
	}
	if op >= opEq && op <= opNe {
		m.push(compare(op, a, b))
		return
	}
	var v uint64
	switch op {
	case opAnd:
		v = a.v & b.v
	case opOr:
		v = a.v | b.v
	case opXor:
		v = a.v ^ b.v
	case opPlus:
		v = a.v + b.v
	case opMinus:
		v = a.v - b.v
	case opMul:
		v = a.v * b.v
	case opShl:
		v = a.v << b.v
	case opShr:
		v = a.typ.wrap(a.v) >> b.v
	case opShra:
		v = uint64(a.signed() >> b.v)
	case opDiv, opMod:
		var ok bool
		if v, ok = divide(op, a, b); !ok {
			m.fail(fmt.Errorf("expression divides by zero: %w", errDamaged))
			return
		}
	}
	m.pushTyped(a.typ.wrap(v), a.typ)
}

// divide divides signed, and takes the rest unsigned, as the standard has it
// for the generic type; typed values do as their type says.
func divide(op uint8, a, b item) (uint64, bool) {
	if b.v == 0 {
		return 0, false
	}
	signed := op == opDiv
	if a.typ != nil {
		signed = a.typ.Signed()
	}
	if !signed {
		if op == opDiv {
			return a.v / b.v, true
		}
		return a.v % b.v, true
	}
	x, y := a.signed(), b.signed()
	if y == 0 {
		return 0, false
	}
	if op == opDiv {
		return uint64(x / y), true
	}
	return uint64(x % y), true
}

func compare(op uint8, a, b item) uint64 {
	if a.typ != nil && !a.typ.Signed() {
		return truth(op, a.v < b.v, a.v > b.v, a.v == b.v)
	}
	x, y := a.signed(), b.signed()
	return truth(op, x < y, x > y, x == y)
}

// truth gives the result of a comparison. Of a NaN and anything nothing is true
// but that they differ.
func truth(op uint8, less, greater, equal bool) uint64 {
	var is bool
	switch op {
	case opEq:
		is = equal
	case opNe:
		is = !equal
	case opLt:
		is = less
	case opLe:
		is = less || equal
	case opGt:
		is = greater
	case opGe:
		is = greater || equal
	}
	if is {
		return 1
	}
	return 0
}

func (m *machine) floats(op uint8, x, y float64, t *Type) {
	if op >= opEq && op <= opNe {
		m.push(truth(op, x < y, x > y, x == y))
		return
	}
	var f float64
	switch op {
	case opPlus:
		f = x + y
	case opMinus:
		f = x - y
	case opMul:
		f = x * y
	case opDiv:
		f = x / y
	default:
		m.fail(fmt.Errorf("expression has integer operation %#x on a float: %w", op, errDamaged))
		return
	}
	m.pushTyped(t.fromFloat(f), t)
}

// signed gives an integer item with its sign. The generic type is signed here.
func (it item) signed() int64 {
	if it.typ == nil || it.typ.Size <= 0 || it.typ.Size >= 8 {
		return int64(it.v)
	}
	shift := 64 - 8*uint(it.typ.Size)
	if it.typ.Signed() {
		return int64(it.v<<shift) >> shift
	}
	return int64(it.v << shift >> shift)
}

// float gives an item of a floating-point type of 4 or 8 bytes.
func (it item) float() (float64, bool) {
	if it.typ == nil || it.typ.Encoding != EncodingFloat {
		return 0, false
	}
	switch it.typ.Size {
	case 4:
		return float64(math.Float32frombits(uint32(it.v))), true
	case 8:
		return math.Float64frombits(it.v), true
	}
	return 0, false
}

// fromFloat gives the bits of f in the type.
func (t *Type) fromFloat(f float64) uint64 {
	if t.Size == 4 {
		return uint64(math.Float32bits(float32(f)))
	}
	return math.Float64bits(f)
}

// wrap cuts v to the size of an integer type; nil is the generic one.
func (t *Type) wrap(v uint64) uint64 {
	if t == nil || t.Size <= 0 || t.Size >= 8 {
		return v
	}
	shift := 64 - 8*uint(t.Size)
	return v << shift >> shift
}

// convert changes the type of an item (DW_OP_convert); nil is the generic type.
func (it item) convert(to *Type) item {
	f, isFloat := it.float()
	toFloat := to != nil && to.Encoding == EncodingFloat
	switch {
	case isFloat && toFloat:
		return item{to.fromFloat(f), to}
	case isFloat && to != nil && !to.Signed():
		return item{to.wrap(uint64(f)), to}
	case isFloat:
		return item{to.wrap(uint64(int64(f))), to}
	case toFloat && it.typ != nil && !it.typ.Signed():
		return item{to.fromFloat(float64(it.v)), to}
	case toFloat:
		return item{to.fromFloat(float64(it.signed())), to}
	}
	return item{to.wrap(uint64(it.signed())), to}
}
