package dwarf

import (
	"fmt"
)

// Bounds on one expression.
const (
	maxSteps      = 10000
	maxFrameSteps = 256 // of call frame information, which needs a dozen
	maxStack      = 1024
	maxPieces     = 256

	// What it costs to ask the frame for memory or for an entry value, in steps.
	contextCost = 64
)

// Context is where an expression is evaluated: a frame of a thread.
type Context interface {
	// Register gives a register by its DWARF number, as it was in the frame. The
	// error wraps ErrUnavailable if it was not saved.
	Register(n uint64) (uint64, error)
	// Memory fills b from a runtime address, or fails.
	Memory(b []byte, addr uint64) error
	// CFA is the frame's canonical frame address, runtime.
	CFA() (uint64, error)
	// FrameBase is the value of DW_AT_frame_base of the frame's function.
	FrameBase() (uint64, error)
	// EntryValue gives what the function was given when it was entered.
	EntryValue(g Given) (uint64, error)
	// Runtime turns a link-time address of the frame's module into a runtime one.
	Runtime(addr uint64) uint64
}

// Kind of a Location.
type Kind int

// The kinds.
const (
	InMemory   Kind = iota // at Address
	InRegister             // Register
	IsValue                // Value itself: it has no place
	IsBytes                // Bytes
	InPieces               // Pieces
	IsPointer              // a pointer to something that has no place: Pointee
)

// Location is where a value is, or what it is.
type Location struct {
	Kind     Kind
	Address  uint64 // runtime
	Register uint64
	Value    uint64
	Bytes    []byte
	Pieces   []Piece
	Pointee  *Pointee
	// Entry says that an entry value was used: it holds as far as the caller
	// told the truth.
	Entry bool
}

// Piece is a part of a value, lowest first.
type Piece struct {
	// Bits is its size; Skip how many low bits of the place are not of it.
	Bits, Skip uint64
	// Missing: the compiler kept no place for this part.
	Missing bool
	Location
}

// Pointee is the object that an implicit pointer points to (DWARF 5, 2.6.1.1.4):
// the pointer was optimised away together with the object's place, but the value
// of the object is described by its DIE.
type Pointee struct {
	Entry  *Entry
	Offset int64
}

// item is an entry of the stack. typ is nil for the generic type: an integer
// of the size of an address.
type item struct {
	v   uint64
	typ *Type
}

// machine runs one expression.
type machine struct {
	c     Cursor
	ctx   Context
	unit  *Unit
	stack []item
	err   error

	loc    Location // what the simple location description so far says
	have   bool     // loc says more than "the address on the stack"
	pieces []Piece
	entry  bool
}

// Evaluate runs a location expression. unit is the one it stands in; nil for
// call frame information. initial is what the stack starts with.
//
// The error wraps ErrOptimizedOut, ErrUnavailable or one of the context's.
func Evaluate(x []byte, ctx Context, unit *Unit, initial ...uint64) (Location, error) {
	m := machine{c: NewCursor(x, 0), ctx: ctx, unit: unit}
	for _, v := range initial {
		m.push(v)
	}
	steps := maxSteps
	if unit == nil {
		steps = maxFrameSteps
	}
	for n := 0; m.c.Left() > 0 && m.err == nil; n++ {
		if n == steps || unit != nil && !unit.data.spend(1) {
			return Location{}, fmt.Errorf("expression does not end: %w", errDamaged)
		}
		m.step(m.c.U8())
		if m.c.Bad() && m.err == nil {
			m.err = fmt.Errorf("expression is cut: %w", errDamaged)
		}
	}
	if m.err != nil {
		return Location{}, m.err
	}
	return m.result()
}

// result is what the whole expression describes.
func (m *machine) result() (Location, error) {
	if len(m.pieces) > 0 {
		return Location{Kind: InPieces, Pieces: m.pieces, Entry: m.entry}, nil
	}
	if !m.have {
		if len(m.stack) == 0 {
			return Location{}, ErrOptimizedOut
		}
		m.loc = Location{Kind: InMemory, Address: m.top().v}
	}
	m.loc.Entry = m.entry
	return m.loc, nil
}

// afford says whether there is work left to ask the frame for something; if not,
// the expression fails.
func (m *machine) afford() bool {
	if m.unit != nil && !m.unit.data.spend(contextCost) {
		m.fail(fmt.Errorf("too much to compute: %w", errDamaged))
		return false
	}
	return true
}

func (m *machine) fail(err error) {
	if m.err == nil {
		m.err = err
	}
}

func (m *machine) push(v uint64) { m.pushTyped(v, nil) }

func (m *machine) pushTyped(v uint64, t *Type) {
	if len(m.stack) == maxStack {
		m.fail(fmt.Errorf("expression's stack overflows: %w", errDamaged))
		return
	}
	m.stack = append(m.stack, item{v, t})
}

func (m *machine) pop() item {
	if len(m.stack) == 0 {
		m.fail(fmt.Errorf("expression's stack is empty: %w", errDamaged))
		return item{}
	}
	it := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return it
}

func (m *machine) top() item { return m.stack[len(m.stack)-1] }

// pick pushes a copy of the item n below the top.
func (m *machine) pick(n int) {
	if n >= len(m.stack) {
		m.fail(fmt.Errorf("expression's stack is too short: %w", errDamaged))
		return
	}
	it := m.stack[len(m.stack)-1-n]
	m.pushTyped(it.v, it.typ)
}

// step runs one operation.
func (m *machine) step(op uint8) {
	switch {
	case op >= opLit0 && op <= opLit31:
		m.push(uint64(op - opLit0))
	case op >= opReg0 && op <= opReg31:
		m.register(uint64(op - opReg0))
	case op >= opBreg0 && op <= opBreg31:
		m.base(uint64(op-opBreg0), nil)
	case op >= opConst1u && op <= opConsts:
		m.push(m.constant(op))
	case op >= opDup && op <= opRot:
		m.shuffle(op)
	case op >= opAbs && op <= opSkip:
		m.compute(op)
	default:
		m.place(op)
	}
}

// constant reads the operand of a DW_OP_const.
func (m *machine) constant(op uint8) uint64 {
	switch op {
	case opConst1u:
		return uint64(m.c.U8())
	case opConst1s:
		return uint64(int64(int8(m.c.U8())))
	case opConst2u:
		return uint64(m.c.U16())
	case opConst2s:
		return uint64(int64(int16(m.c.U16())))
	case opConst4u:
		return uint64(m.c.U32())
	case opConst4s:
		return uint64(int64(int32(m.c.U32())))
	case opConst8u, opConst8s:
		return m.c.U64()
	case opConstu:
		return m.c.ULEB()
	}
	return uint64(m.c.SLEB())
}

func (m *machine) shuffle(op uint8) {
	switch op {
	case opDup:
		m.pick(0)
	case opDrop:
		m.pop()
	case opOver:
		m.pick(1)
	case opPick:
		m.pick(int(m.c.U8()))
	case opSwap:
		a, b := m.pop(), m.pop()
		m.pushTyped(a.v, a.typ)
		m.pushTyped(b.v, b.typ)
	case opRot:
		a, b, c := m.pop(), m.pop(), m.pop()
		m.pushTyped(a.v, a.typ)
		m.pushTyped(c.v, c.typ)
		m.pushTyped(b.v, b.typ)
	}
}

// base pushes a register plus an offset.
func (m *machine) base(register uint64, typ *Type) {
	off := m.c.SLEB()
	v, err := m.ctx.Register(register)
	if err != nil {
		m.fail(err)
		return
	}
	m.pushTyped(v+uint64(off), typ)
}

// register says that the value is in a register.
func (m *machine) register(n uint64) {
	m.loc, m.have = Location{Kind: InRegister, Register: n}, true
}

// value says that the value is v itself.
func (m *machine) value(l Location) { m.loc, m.have = l, true }
