package dwarf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testFrame is a frame as a test wants it: a register holds 1000 times its number,
// 20 and above are lost; memory is at 0x1000.
type testFrame struct{ memory []byte }

func (testFrame) Register(n uint64) (uint64, error) {
	if n >= 20 {
		return 0, ErrUnavailable
	}
	return n * 1000, nil
}

func (f testFrame) Memory(b []byte, addr uint64) error {
	if addr < 0x1000 || addr-0x1000 > uint64(len(f.memory)) || copy(b, f.memory[addr-0x1000:]) < len(b) {
		return ErrUnavailable
	}
	return nil
}

func (testFrame) CFA() (uint64, error)       { return 0x7000, nil }
func (testFrame) FrameBase() (uint64, error) { return 0x6000, nil }

func (testFrame) EntryValue(g Given) (uint64, error) {
	switch {
	case g.Parameter != 0:
		return g.Parameter + 1, nil
	case g.Register < 6:
		return g.Register + 500, nil
	}
	return 0, ErrOptimizedOut
}

func (testFrame) Runtime(addr uint64) uint64 { return addr + 0x550000000000 }

// join makes an expression of bytes and of parts.
func join(parts ...any) []byte {
	var out []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			out = append(out, byte(p))
		case rune:
			out = append(out, byte(p))
		case byte:
			out = append(out, p)
		case []byte:
			out = append(out, p...)
		default:
			panic(fmt.Sprintf("%T", p))
		}
	}
	return out
}

func sleb(v int64) []byte {
	var out []byte
	for {
		b := byte(v & 0x7f)
		v >>= 7
		if v == 0 && b&0x40 == 0 || v == -1 && b&0x40 != 0 {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}

func uleb(v uint64) []byte { return binary.AppendUvarint(nil, v) }

func word(v uint64) []byte { return le.AppendUint64(nil, v) }

func minus(v int64) uint64 { return uint64(-v) }

// TestValues runs expressions that leave one value on the stack.
func TestValues(t *testing.T) {
	u, types := baseTypes()
	u.data.loaded[".debug_addr"] = append(word(0x1111), word(0x2222)...)
	frame := testFrame{memory: []byte{1, 2, 3, 4, 5, 6, 7, 0x88, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8}}
	typed := func(name string, size int, v uint64) []byte {
		return join(opConstType, types[name], size, word(v)[:size])
	}
	float := func(v float32) []byte { return typed("float", 4, uint64(math.Float32bits(v))) }
	double := func(v float64) []byte { return typed("double", 8, math.Float64bits(v)) }
	to := func(name string) []byte { return join(opConvert, types[name]) }
	for _, c := range []struct {
		name string
		x    []byte
		want uint64
	}{
		{"addr", join(opAddr, word(0x4000)), 0x550000004000},
		{"addrx", join(opAddrx, 1), 0x550000002222},
		{"constx", join(opConstx, 1), 0x2222},
		{"GNU_addr_index", join(opGNUAddrIndex, 0), 0x550000001111},
		{"lit", join(opLit31), 31},
		{"const1u", join(opConst1u, 0xff), 0xff},
		{"const1s", join(opConst1s, 0xff), minus(1)},
		{"const2u", join(opConst2u, 0xfe, 0xff), 0xfffe},
		{"const2s", join(opConst2s, 0xfe, 0xff), minus(2)},
		{"const4u", join(opConst4u, word(0xfffffffd)[:4]), 0xfffffffd},
		{"const4s", join(opConst4s, word(0xfffffffd)[:4]), minus(3)},
		{"const8u", join(opConst8u, word(minus(4))), minus(4)},
		{"const8s", join(opConst8s, word(minus(4))), minus(4)},
		{"constu", join(opConstu, uleb(1<<40)), 1 << 40},
		{"consts", join(opConsts, sleb(-1<<40)), minus(1 << 40)},
		{"breg", join(opBreg0+7, sleb(-8)), 6992},
		{"bregx", join(opBregx, 9, sleb(8)), 9008},
		{"fbreg", join(opFbreg, sleb(-16)), 0x5ff0},
		{"call_frame_cfa", join(opCallFrameCFA), 0x7000},
		{"dup", join(opLit0+3, opDup, opPlus), 6},
		{"drop", join(opLit0+3, opLit0+4, opDrop), 3},
		{"over", join(opLit0+3, opLit0+4, opOver, opMinus), 1},
		{"pick", join(opLit0+9, opLit0+4, opLit0+5, opPick, 2, opMinus), minus(4)},
		{"swap", join(opLit0+9, opLit0+4, opSwap, opMinus), minus(5)},
		// DWARF 5, 2.5.1.3: the first three rotate, the top becomes the third.
		{"rot top", join(opLit0+1, opLit0+2, opLit0+3, opRot), 2},
		{"rot second", join(opLit0+1, opLit0+2, opLit0+3, opRot, opDrop), 1},
		{"rot third", join(opLit0+1, opLit0+2, opLit0+3, opRot, opDrop, opDrop), 3},
		{"abs", join(opConst1s, 0xfb, opAbs), 5},
		{"neg", join(opLit0+5, opNeg), minus(5)},
		{"not", join(opLit0, opNot), minus(1)},
		{"and", join(opLit0+12, opLit0+10, opAnd), 8},
		{"or", join(opLit0+12, opLit0+10, opOr), 14},
		{"xor", join(opLit0+12, opLit0+10, opXor), 6},
		{"minus", join(opLit0+3, opLit0+5, opMinus), minus(2)},
		{"mul", join(opConst1s, 0xfe, opLit0+5, opMul), minus(10)},
		{"div is signed", join(opConst1s, 0xf8, opLit0+3, opDiv), minus(2)},
		{"mod is not", join(opConst1s, 0xff, opLit0+10, opMod), math.MaxUint64 % 10},
		{"plus_uconst", join(opLit0+1, opPlusUconst, uleb(300)), 301},
		{"shl", join(opLit0+1, opLit0+31, opShl), 1 << 31},
		{"shl too far", join(opLit0+1, opConst1u, 200, opShl), 0},
		{"shr is unsigned", join(opConst1s, 0xff, opConst1u, 60, opShr), 15},
		{"shra is signed", join(opConst1s, 0x80, opLit0+3, opShra), minus(16)},
		{"shra too far", join(opConst1s, 0x80, opConst1u, 99, opShra), minus(1)},
		{"lt is signed", join(opConst1s, 0xff, opLit0+1, opLt), 1},
		{"le", join(opLit0+1, opLit0+1, opLe), 1},
		{"gt", join(opConst1s, 0xff, opLit0+1, opGt), 0},
		{"ge", join(opLit0+1, opLit0+1, opGe), 1},
		{"eq", join(opLit0+1, opLit0+2, opEq), 0},
		{"ne", join(opLit0+1, opLit0+2, opNe), 1},
		{"skip", join(opLit0+1, opSkip, 1, 0, opLit0+2), 1},
		{"bra taken", join(opLit0+7, opLit0+1, opBra, 1, 0, opLit0+2), 7},
		{"bra not taken", join(opLit0+7, opLit0, opBra, 1, 0, opLit0+2), 2},
		// 5 times: count down from 5, add 2 each time.
		{"loop", join(opLit0, opLit0+5, opSwap, opLit0+2, opPlus, opSwap, opLit0+1, opMinus, opDup, opBra, 0xf6, 0xff, opDrop), 10},
		{"deref", join(opConst2u, 0x00, 0x10, opDeref), 0x8807060504030201},
		{"deref_size 1", join(opConst2u, 0x07, 0x10, opDerefSize, 1), 0x88},
		{"deref_size 3", join(opConst2u, 0x00, 0x10, opDerefSize, 3), 0x030201},
		{"deref_type has a sign", join(opConst2u, 0x08, 0x10, opDerefType, 2, types["short"], opConvert, 0), minus(257)},
		{"nop", join(opLit0+3, opNop), 3},
		{"GNU_uninit", join(opLit0+3, opGNUUninit), 3},
		{"entry_value", join(opEntryValue, 1, opReg0+5), 505},
		{"entry_value of regx", join(opEntryValue, 2, opRegx, 4), 504},
		{"GNU_entry_value", join(opGNUEntryValue, 1, opReg0+1, opLit0+1, opPlus), 502},
		{"GNU_parameter_ref", join(opGNUParameterRef, 0x30, 0, 0, 0), 0x31},

		// Typed operations do as their type says.
		{"const_type", typed("int", 4, 7), 7},
		{"GNU_const_type", join(opGNUConstType, types["int"], 4, word(7)[:4]), 7},
		{"regval_type", join(opRegvalType, 3, types["char"]), 3000 & 0xff},
		{"int wraps", join(typed("int", 4, 0x7fffffff), typed("int", 4, 1), opPlus, to("long")), minus(1 << 31)},
		{"unsigned wraps", join(typed("unsigned", 4, 0xffffffff), typed("unsigned", 4, 2), opPlus, to("long")), 1},
		{"int divides signed", join(typed("int", 4, 0xfffffff8), typed("int", 4, 3), opDiv, to("long")), minus(2)},
		{"int takes the rest signed", join(typed("int", 4, 0xfffffff8), typed("int", 4, 3), opMod, to("long")), minus(2)},
		{"unsigned divides unsigned", join(typed("unsigned", 4, 0xfffffff8), typed("unsigned", 4, 8), opDiv, to("long")), 0x1fffffff},
		{"int shifts its sign in", join(typed("int", 4, 0x80000000), typed("int", 4, 4), opShra, to("long")), minus(1 << 27)},
		{"int shr does not", join(typed("int", 4, 0x80000000), typed("int", 4, 4), opShr, to("long")), 1 << 27},
		{"int compares signed", join(typed("int", 4, 0xffffffff), typed("int", 4, 1), opLt), 1},
		{"unsigned compares unsigned", join(typed("unsigned", 4, 0xffffffff), typed("unsigned", 4, 1), opLt), 0},
		{"abs of int", join(typed("int", 4, 0xfffffffb), opAbs, to("long")), 5},
		{"neg of short", join(typed("short", 2, 5), opNeg, to("long")), minus(5)},
		{"char to int", join(typed("char", 1, 0xff), to("int"), to("long")), minus(1)},
		{"unsigned to long", join(typed("unsigned", 4, 0xffffffff), to("long")), 0xffffffff},
		{"long to char", join(typed("long", 8, 0x1234), to("char")), 0x34},
		{"generic to char", join(opConst2u, 0x80, 0x01, opConvert, types["char"], to("long")), minus(128)},
		{"reinterpret", join(float(1), opReinterpret, types["int"]), 0x3f800000},

		{"float adds", join(float(1.5), float(2.25), opPlus), uint64(math.Float32bits(3.75))},
		{"float rounds as a float", join(float(16777216), float(1), opPlus), uint64(math.Float32bits(16777216))},
		{"double multiplies", join(double(1.5), double(-2), opMul), math.Float64bits(-3)},
		{"double divides", join(double(1), double(8), opDiv), math.Float64bits(0.125)},
		{"double by zero", join(double(1), double(0), opDiv), math.Float64bits(math.Inf(1))},
		{"double subtracts", join(double(1), double(8), opMinus), math.Float64bits(-7)},
		{"double neg", join(double(1), opNeg), math.Float64bits(-1)},
		{"double abs", join(double(-1), opAbs), math.Float64bits(1)},
		{"double compares", join(double(-1), double(1), opLt), 1},
		{"NaN equals nothing", join(double(math.NaN()), opDup, opEq), 0},
		{"NaN is not less", join(double(math.NaN()), opDup, opGe), 0},
		{"NaN differs from itself", join(double(math.NaN()), opDup, opNe), 1},
		{"float to double", join(float(1.5), to("double")), math.Float64bits(1.5)},
		{"double to float", join(double(0.1), to("float")), uint64(math.Float32bits(0.1))},
		{"double to int", join(double(-2.75), to("int"), to("long")), minus(2)},
		{"double to ulong", join(double(1e19), to("ulong")), 10000000000000000000},
		{"int to double", join(typed("int", 4, 0xffffffff), to("double")), math.Float64bits(-1)},
		{"unsigned to double", join(typed("unsigned", 4, 0xffffffff), to("double")), math.Float64bits(4294967295)},
		{"ulong to double", join(typed("ulong", 8, math.MaxUint64), to("double")), math.Float64bits(18446744073709551615)},
		{"generic to double", join(opLit0+3, to("double")), math.Float64bits(3)},
	} {
		// Both as the address of a place in memory, and as the value itself.
		l, err := Evaluate(c.x, frame, u)
		if err != nil || l.Kind != InMemory || l.Address != c.want {
			t.Errorf("%s: %+v, %v; want %#x", c.name, l, err, c.want)
		}
		l, err = Evaluate(append(c.x[:len(c.x):len(c.x)], opStackValue), frame, u)
		if err != nil || l.Kind != IsValue || l.Value != c.want {
			t.Errorf("%s: %+v, %v; want the value %#x", c.name, l, err, c.want)
		}
	}
}

// TestBadExpressions: none of these has a value, and the error says whose fault
// that is.
func TestBadExpressions(t *testing.T) {
	u, types := baseTypes()
	endless := join(opSkip, 0xfd, 0xff)
	for _, c := range []struct {
		name string
		x    []byte
		unit *Unit
		want error
	}{
		{"nothing", nil, u, ErrOptimizedOut},
		{"nothing left", join(opLit0, opDrop), u, ErrOptimizedOut},
		{"pop of nothing", join(opDrop), u, errDamaged},
		{"plus of one", join(opLit0, opPlus), u, errDamaged},
		{"swap of one", join(opLit0, opSwap), u, errDamaged},
		{"rot of two", join(opLit0, opLit0, opRot), u, errDamaged},
		{"dup of nothing", join(opDup), u, errDamaged},
		{"pick beyond the stack", join(opLit0, opPick, 200), u, errDamaged},
		{"deref of nothing", join(opDeref), u, errDamaged},
		{"value of nothing", join(opStackValue), u, errDamaged},
		{"endless", endless, u, errDamaged},
		{"endless and growing", join(opLit0, opSkip, 0xfc, 0xff), u, errDamaged},
		{"jump behind the end", join(opLit0, opSkip, 9, 0), u, errDamaged},
		{"jump before the start", join(opLit0, opSkip, 0x00, 0x80), u, errDamaged},
		{"constant is cut", join(opConst8u, 1, 2), u, errDamaged},
		{"number is cut", join(opConstu, 0x80, 0x80), u, errDamaged},
		{"number does not end", join(opConstu, bytes.Repeat([]byte{0x80}, 1000), 1), u, errDamaged},
		{"value is cut", join(opImplicitValue, uleb(1<<62), 1), u, errDamaged},
		{"entry value is cut", join(opEntryValue, 200, opReg0), u, errDamaged},
		{"div by zero", join(opLit0+1, opLit0, opDiv), u, errDamaged},
		{"mod by zero", join(opLit0+1, opLit0, opMod), u, errDamaged},
		{"deref of 0 bytes", join(opConst2u, 0, 0x10, opDerefSize, 0), u, ErrUnavailable},
		{"deref of 9 bytes", join(opConst2u, 0, 0x10, opDerefSize, 9), u, ErrUnavailable},
		{"lost memory", join(opLit0, opDeref), u, ErrUnavailable},
		{"lost register", join(opBregx, 40, 0), u, ErrUnavailable},
		{"lost typed register", join(opRegvalType, 40, types["int"]), u, ErrUnavailable},
		{"entry value of a sum", join(opEntryValue, 2, opBreg0, 0), u, ErrUnavailable},
		{"entry value not told", join(opEntryValue, 1, opReg0+9), u, ErrOptimizedOut},
		{"thread-local", join(opLit0, opFormTLSAddress), u, ErrUnavailable},
		{"operation 0xff", join(0xff), u, ErrUnavailable},
		{"operation 0", join(0), u, ErrUnavailable},
		{"type that is none", join(opConstType, types["struct"], 1, 1), u, errDamaged},
		{"type beyond the unit", join(opConvert, uleb(1<<40)), u, errDamaged},
		{"types without unit", join(opLit0, opConvert, 40), nil, errDamaged},
		{"addrx without unit", join(opAddrx, 1), nil, errDamaged},
		{"addrx beyond the section", join(opAddrx, uleb(1<<31)), u, errDamaged},
		{"parameter without unit", join(opGNUParameterRef, 1, 0, 0, 0), nil, errDamaged},
		{"implicit pointer without unit", join(opImplicitPointer, 1, 0, 0, 0, 0), nil, errDamaged},
		{"long double", join(opConstType, types["long double"], 16, make([]byte, 16)), u, ErrUnavailable},
		{"to long double", join(opLit0+1, opConvert, types["long double"]), u, ErrUnavailable},
		{"to __int128", join(opLit0+1, opConvert, types["__int128"]), u, ErrUnavailable},
		{"shift of a float", join(opConstType, types["float"], 4, 0, 0, 0, 0, opDup, opShl), u, errDamaged},
		{"not of a float", join(opConstType, types["float"], 4, 0, 0, 0, 0, opNot), u, errDamaged},
	} {
		l, err := Evaluate(c.x, testFrame{}, c.unit)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v; want %v", c.name, l, err, c.want)
		}
	}
	many := bytes.Repeat(join(opLit0), 2000)
	if _, err := Evaluate(many, testFrame{}, u); !errors.Is(err, errDamaged) {
		t.Errorf("2000 values on the stack: %v", err)
	}
	pieces := bytes.Repeat(join(opPiece, 1), 1000)
	if _, err := Evaluate(pieces, testFrame{}, u); !errors.Is(err, errDamaged) {
		t.Errorf("1000 pieces: %v", err)
	}
}

// TestPlaces runs expressions that describe more than a number, and reads what is
// there.
func TestPlaces(t *testing.T) {
	u, types := baseTypes()
	frame := testFrame{memory: []byte{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88}}
	reg := func(n byte, v ...any) []byte { return join(opReg0+n, join(v...)) }
	for _, c := range []struct {
		name string
		x    []byte
		kind Kind
		size uint64
		want []byte
		err  error
	}{
		{"register", reg(3), InRegister, 4, []byte{0xb8, 0x0b, 0, 0}, nil},
		{"regx", join(opRegx, 3), InRegister, 2, []byte{0xb8, 0x0b}, nil},
		{"lost register", join(opRegx, 33), InRegister, 4, nil, ErrUnavailable},
		{"register is too small", reg(3), InRegister, 16, nil, ErrUnavailable},
		{"memory", join(opConst2u, 2, 0x10), InMemory, 3, []byte{0x33, 0x44, 0x55}, nil},
		{"lost memory", join(opConst2u, 6, 0x10), InMemory, 3, nil, ErrUnavailable},
		{"value", join(opConst1s, 0xfe, opStackValue), IsValue, 2, []byte{0xfe, 0xff}, nil},
		{"implicit value", join(opImplicitValue, 3, 7, 8, 9), IsBytes, 3, []byte{7, 8, 9}, nil},
		{"implicit value is short", join(opImplicitValue, 3, 7, 8, 9), IsBytes, 4, nil, errDamaged},
		{"huge", join(opConst2u, 0, 0x10), InMemory, 1 << 40, nil, ErrUnavailable},
		{"implicit pointer", join(opImplicitPointer, types["int"], 0, 0, 0, sleb(-4)), IsPointer, 8, nil, ErrOptimizedOut},
		{"GNU_implicit_pointer", join(opGNUImplicitPtr, 0xff, 0xff, 0, 0, 0), IsPointer, 8, nil, ErrOptimizedOut},

		{"two pieces", join(reg(1, opPiece, 4), opConst2u, 4, 0x10, opPiece, 4), InPieces, 8,
			[]byte{0xe8, 0x03, 0, 0, 0x55, 0x66, 0x77, 0x88}, nil},
		{"a value and bytes", join(opLit0+9, opStackValue, opPiece, 1, opImplicitValue, 2, 5, 6, opPiece, 2), InPieces, 3, []byte{9, 5, 6}, nil},
		{"the part asked for is there", join(reg(1, opPiece, 4), opPiece, 4), InPieces, 4, []byte{0xe8, 0x03, 0, 0}, nil},
		{"a missing piece", join(reg(1, opPiece, 4), opPiece, 4), InPieces, 8, nil, ErrOptimizedOut},
		{"too few pieces", reg(1, opPiece, 4), InPieces, 8, nil, ErrOptimizedOut},
		{"a lost piece", join(reg(1, opPiece, 4), reg(25, opPiece, 4)), InPieces, 8, nil, ErrUnavailable},
		// 0x3e8 is 11 1110 1000: bits 3 to 6 are 1101, then 12 bits of memory from bit 4.
		{"bits", join(reg(1, opBitPiece, 4, 3), opConst2u, 0, 0x10, opBitPiece, 12, 4), InPieces, 2, []byte{0x1d, 0x22}, nil},
		{"bits beyond all", join(reg(1, opBitPiece, 8, uleb(1<<20))), InPieces, 1, nil, ErrUnavailable},
		{"pieces of nothing", join(opPiece, 0, opPiece, 0), InPieces, 1, nil, ErrOptimizedOut},
	} {
		l, err := Evaluate(c.x, frame, u)
		if err != nil || l.Kind != c.kind {
			t.Errorf("%s: %+v, %v; want kind %v", c.name, l, err, c.kind)
			continue
		}
		got, err := l.Read(c.size, frame)
		if !errors.Is(err, c.err) || c.err == nil && !cmp.Equal(got, c.want) {
			t.Errorf("%s: % x, %v; want % x, %v", c.name, got, err, c.want, c.err)
		}
	}
	l, err := Evaluate(join(opImplicitPointer, types["int"], 0, 0, 0, sleb(-4)), frame, u)
	if err != nil || l.Pointee.Entry.Name() != "int" || l.Pointee.Offset != -4 {
		t.Errorf("implicit pointer: %+v, %v", l, err)
	}
	if l, err := Evaluate(join(opEntryValue, 1, opReg0, opStackValue, opPiece, 8), frame, u); err != nil || !l.Entry {
		t.Errorf("a piece of an entry value: %+v, %v", l, err)
	}
}

// TestCallFrameExpressions: without a unit, on top of what is on the stack.
func TestCallFrameExpressions(t *testing.T) {
	// What ld writes for the procedure linkage table of x86-64.
	plt := join(opBreg0+7, 8, opBreg0+16, 0, opLit0+15, opAnd, opLit0+11, opGe, opLit0+3, opShl, opPlus)
	if l, err := Evaluate(plt, testFrame{}, nil); err != nil || l.Address != 7008 {
		t.Errorf("PLT: %+v, %v", l, err)
	}
	if l, err := Evaluate(join(opConst1u, 8, opMinus), testFrame{}, nil, 0x7000); err != nil || l.Address != 0x6ff8 {
		t.Errorf("with the CFA on the stack: %+v, %v", l, err)
	}
}

func TestIsRegister(t *testing.T) {
	for _, c := range []struct {
		x    []byte
		n    uint64
		want bool
	}{
		{join(opReg0 + 5), 5, true},
		{join(opRegx, 40), 40, true},
		{join(opRegx), 0, false},
		{join(opRegx, 40, opNop), 40, false},
		{join(opReg0+5, opPiece, 4), 0, false},
		{join(opBreg0+5, 0), 0, false},
		{nil, 0, false},
	} {
		if n, ok := IsRegister(c.x); ok != c.want || ok && n != c.n {
			t.Errorf("% x: %d %v", c.x, n, ok)
		}
	}
}
