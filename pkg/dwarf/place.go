package dwarf

import (
	"fmt"
)

// place runs the operations that lead to a value: in memory, in a register, with the
// frame or the caller.
func (m *machine) place(op uint8) {
	switch op {
	case opAddr:
		size := 8
		if m.unit != nil {
			size = int(m.unit.addressSize)
		}
		m.push(m.ctx.Runtime(m.c.Uint(size)))
	case opAddrx, opGNUAddrIndex, opConstx, opGNUConstIndex:
		m.addressIndex(op)
	case opDeref, opDerefSize, opDerefType, opGNUDerefType:
		m.deref(op)
	case opRegx:
		m.register(m.c.ULEB())
	case opBregx:
		m.base(m.c.ULEB(), nil)
	case opFbreg:
		off := m.c.SLEB()
		v, err := m.ctx.FrameBase()
		m.pushOr(v+uint64(off), err)
	case opCallFrameCFA:
		v, err := m.ctx.CFA()
		m.pushOr(v, err)
	case opEntryValue, opGNUEntryValue:
		m.entryValue(m.c.Bytes(m.c.ULEB()))
	case opGNUParameterRef:
		m.parameter()
	case opNop, opGNUUninit:
	case opFormTLSAddress, opGNUPushTLSAddress:
		m.fail(fmt.Errorf("thread-local variable: %w", ErrUnavailable))
	case opGNUVariableValue:
		m.fail(fmt.Errorf("reference to another variable: %w", ErrUnavailable))
	default:
		m.describe(op)
	}
}

// describe runs the operations that give a value its type, or say what it is.
func (m *machine) describe(op uint8) {
	switch op {
	case opRegvalType, opGNURegvalType:
		m.registerTyped()
	case opConstType, opGNUConstType:
		t := m.typeOperand()
		if b := m.c.Bytes(uint64(m.c.U8())); len(b) <= 8 {
			m.pushTyped(little(b), t)
			return
		}
		m.fail(fmt.Errorf("constant of more than 8 bytes: %w", ErrUnavailable))
	case opConvert, opGNUConvert:
		to := m.typeOperand()
		it := m.pop().convert(to)
		m.pushTyped(it.v, it.typ)
	case opReinterpret, opGNUReinterpret:
		to := m.typeOperand()
		m.pushTyped(m.pop().v, to)
	case opStackValue:
		it := m.pop()
		m.value(Location{Kind: IsValue, Value: it.v})
	case opImplicitValue:
		m.value(Location{Kind: IsBytes, Bytes: m.c.Bytes(m.c.ULEB())})
	case opImplicitPointer, opGNUImplicitPtr:
		m.implicitPointer()
	case opPiece:
		m.piece(m.c.ULEB()*8, 0)
	case opBitPiece:
		bits := m.c.ULEB()
		m.piece(bits, m.c.ULEB())
	default:
		m.fail(fmt.Errorf("expression with unknown operation %#x: %w", op, ErrUnavailable))
	}
}

func (m *machine) pushOr(v uint64, err error) {
	if err != nil {
		m.fail(err)
		return
	}
	m.push(v)
}

func (m *machine) addressIndex(op uint8) {
	i := m.c.ULEB()
	var v uint64
	ok := m.unit != nil
	if ok {
		v, ok = m.unit.addressAt(i)
	}
	if !ok {
		m.fail(errDamaged)
		return
	}
	if op == opAddrx || op == opGNUAddrIndex {
		v = m.ctx.Runtime(v)
	}
	m.push(v)
}

// deref reads memory at the address on the stack.
func (m *machine) deref(op uint8) {
	size, typ := 8, (*Type)(nil)
	if m.unit != nil {
		size = int(m.unit.addressSize)
	}
	if op != opDeref {
		size = int(m.c.U8())
		if op != opDerefSize {
			typ = m.typeOperand()
		}
	}
	if size == 0 || size > 8 {
		m.fail(fmt.Errorf("memory of %d bytes on the stack: %w", size, ErrUnavailable))
		return
	}
	addr := m.pop().v
	if m.err != nil || !m.afford() {
		return
	}
	var b [8]byte
	if err := m.ctx.Memory(b[:size], addr); err != nil {
		m.fail(err)
		return
	}
	m.pushTyped(le.Uint64(b[:]), typ)
}

func (m *machine) registerTyped() {
	n := m.c.ULEB()
	t := m.typeOperand()
	v, err := m.ctx.Register(n)
	if err != nil {
		m.fail(err)
		return
	}
	m.pushTyped(t.wrap(v), t)
}

// typeOperand reads a reference to a base type; nil is the generic one.
func (m *machine) typeOperand() *Type {
	off := m.c.ULEB()
	if off == 0 {
		return nil
	}
	var e *Entry
	if m.unit != nil && !m.c.Bad() {
		e = m.unit.data.entryAt(m.unit.offset + off)
	}
	if e == nil {
		m.fail(errDamaged)
		return nil
	}
	t := e.Unit.data.typeOf(e)
	if t.Kind != BaseType {
		m.fail(fmt.Errorf("a type on the stack that is not a base type: %w", errDamaged))
		return nil
	}
	if t.Size > 8 {
		m.fail(fmt.Errorf("value of %d bytes on the stack: %w", t.Size, ErrUnavailable))
		return nil
	}
	return t
}

// entryValue asks for a register as it was on entry. gcc writes nothing else
// into the operand.
func (m *machine) entryValue(x []byte) {
	r, ok := IsRegister(x)
	switch {
	case ok:
		m.given(Given{Register: r})
	case !m.c.Bad():
		m.fail(fmt.Errorf("entry value that is not a register: %w", ErrUnavailable))
	}
}

// given pushes what the caller passed.
func (m *machine) given(g Given) {
	if !m.afford() {
		return
	}
	v, err := m.ctx.EntryValue(g)
	if err != nil {
		m.fail(err)
		return
	}
	m.entry = true
	m.push(v)
}

// parameter asks for a parameter that is not passed at all.
//
// Folklore: gcc takes unused or constant parameters out of functions (.isra and
// .constprop in their names); the call site still tells what would have been passed.
func (m *machine) parameter() {
	off := uint64(m.c.U32())
	if m.unit == nil || off == 0 {
		m.fail(errDamaged)
		return
	}
	m.given(Given{Parameter: m.unit.offset + off})
}

func (m *machine) implicitPointer() {
	if m.unit == nil {
		m.fail(errDamaged)
		return
	}
	n := m.unit.offsetSize()
	if m.unit.version < 3 {
		n = int(m.unit.addressSize)
	}
	off := m.c.Uint(n)
	add := m.c.SLEB()
	m.value(Location{Kind: IsPointer, Pointee: &Pointee{Entry: m.unit.data.entryAt(off), Offset: add}})
}

// piece ends the description of a part of the value.
func (m *machine) piece(bits, skip uint64) {
	if len(m.pieces) == maxPieces || bits > 1<<24 || skip > 1<<24 {
		m.fail(fmt.Errorf("value in too many or too large pieces: %w", errDamaged))
		return
	}
	p := Piece{Bits: bits, Skip: skip, Location: m.loc}
	if !m.have {
		if len(m.stack) > 0 {
			p.Location = Location{Kind: InMemory, Address: m.pop().v}
		} else {
			p.Missing = true
		}
	}
	m.pieces = append(m.pieces, p)
	m.loc, m.have = Location{}, false
}

// little makes a number of up to 8 bytes.
func little(b []byte) uint64 {
	var v [8]byte
	copy(v[:], b)
	return le.Uint64(v[:])
}
