package unwind

import (
	"errors"
	"fmt"

	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
)

// MaxFrames is how many frames of one thread are followed.
const MaxFrames = 1024

// Trust says how a frame was found.
type Trust string

// Ways to find a frame, the best first.
const (
	Context      Trust = "context" // the thread's own registers
	CFI          Trust = "cfi"     // call frame information of its callee
	BadPC        Trust = "badpc"   // return address of a call to a bad address
	FramePointer Trust = "fp"
	Scan         Trust = "scan" // found on the stack and verified
)

// Frame is one physical frame; inlined calls are found by pkg/symbols.
type Frame struct {
	// PC is a runtime address: the instruction of the innermost frame and of
	// one that a signal interrupted, a return address elsewhere.
	PC uint64
	// Lookup is what to look up in tables: PC, or the byte before it.
	Lookup uint64
	// CFA is 0 when not known: for frames without call frame information.
	CFA       uint64
	Registers Registers
	Module    *module.Module // nil if the pc is in none
	// Trust is never better than that of the frame before, once a scan was needed:
	// what follows stands or falls with it.
	Trust Trust
	// Direct: the frame before was called from here, by what tables or the
	// instruction set say; nothing was guessed between the two.
	Direct bool
	// Signal: this is the trampoline through which a signal handler returns; the
	// next frame was interrupted.
	Signal bool
}

// Stack is what could be walked.
type Stack struct {
	Frames []Frame
	// Whole: the walk came to the proper end. If not, Reason says why it stopped.
	Whole  bool
	Reason string
}

// Unwinder walks stacks of one core. It is for one goroutine at a time.
type Unwinder struct {
	core    *elfcore.Core
	modules *module.Set
	arch    architecture
	tables  map[*module.Module]*Table
	memo    map[uint64]location // by runtime lookup address
	plts    map[*module.Module][]extent
	work    int             // spent so far
	frames  int             // of all threads so far
	jumps   map[uint64]bool // by runtime address of a function: see jumpsOut

	// Of the thread at work: bits of code pointers that sign them; the runtime
	// address of its thread control block, 0 if not known.
	pac, threadPointer uint64
}

// location is what call frame information says of an address.
type location struct {
	fde *FDE
	row *Row
	err error
}

// New makes an unwinder.
func New(core *elfcore.Core, modules *module.Set) *Unwinder {
	u := &Unwinder{core: core, modules: modules, arch: amd64{}, tables: map[*module.Module]*Table{}, plts: map[*module.Module][]extent{}, memo: map[uint64]location{}, jumps: map[uint64]bool{}}
	if core.Arch == elfcore.ARM64 {
		u.arch = arm64{}
	}
	return u
}

// Table gives the call frame information of a module; nil without its file, or when
// that was cut while it was read.
func (u *Unwinder) Table(m *module.Module) *Table {
	if m.Cut() {
		return nil
	}
	t, ok := u.tables[m]
	if !ok {
		if f := m.File(); f != nil {
			t = NewTable(f, m.Debug)
		}
		u.tables[m] = t
	}
	return t
}

var (
	errEnd      = errors.New("end of the stack")
	errNoTable  = errors.New("its file is not at hand")
	errNoModule = errors.New("no module")
	errNoFDE    = errors.New("no call frame information")
)

// Thread walks the stack of a thread. When a file is cut meanwhile, it is walked anew
// without that file's tables.
func (u *Unwinder) Thread(t *elfcore.Thread) Stack {
	const tries = 4 // each may be the end of one file
	for try := 1; ; try++ {
		var s Stack
		cut := u.modules.Guard(func() { u.walk(t, &s) })
		if cut == nil {
			return s
		}
		clear(u.memo) // rows of tables that are gone
		if try == tries {
			s.Whole, s.Reason = false, fmt.Sprintf("after %d frames: %v", len(s.Frames), cut)
			return s
		}
	}
}

func (u *Unwinder) walk(t *elfcore.Thread, s *Stack) {
	u.pac, u.threadPointer = t.PACCodeMask, t.Registers.ThreadPointer
	f := Frame{Registers: ofThread(t), Trust: Context}
	exact := true
	for {
		f.PC, _ = f.Registers.Get(u.arch.pc())
		f.Lookup = f.PC
		if !exact {
			f.Lookup--
		}
		f.Module = u.modules.Find(f.Lookup)
		next, trust, err := u.leave(&f, exact)
		s.Frames = append(s.Frames, f)
		u.frames++
		if err == errEnd {
			s.Whole = true
			return
		}
		if err != nil {
			if !u.spend(0) {
				err = errWork
			}
			s.Reason = fmt.Sprintf("after frame %d: %v", len(s.Frames)-1, err)
			return
		}
		if pc, _ := next.Get(u.arch.pc()); pc == 0 {
			s.Whole = true
			return
		}
		if !u.grows(&f, &next, exact) {
			s.Reason = fmt.Sprintf("after frame %d: the stack does not go on upwards: it is damaged, or loops", len(s.Frames)-1)
			return
		}
		if len(s.Frames) == MaxFrames {
			s.Reason = fmt.Sprintf("more than %d frames", MaxFrames)
			return
		}
		if u.frames >= maxAllFrames {
			s.Reason = fmt.Sprintf("more than %d frames in all threads", maxAllFrames)
			return
		}
		exact = f.Signal
		if trust == scanSignal {
			trust, exact = Scan, true
		}
		direct := trust == CFI || trust == BadPC
		if f.Trust == Scan {
			trust = Scan
		}
		f = Frame{Registers: next, Trust: trust, Direct: direct}
	}
}

// scanSignal is a frame that was found in what a signal pushed on the stack.
const scanSignal Trust = "scan-signal"

// grows tells whether a caller's stack pointer is where it can be. A signal
// handler may have run on a stack of its own, anywhere.
//
// Folklore: on aarch64 a leaf function needs no stack: its caller has the same
// stack pointer. That is possible only where the walk began or a signal struck.
func (u *Unwinder) grows(f *Frame, next *Registers, exact bool) bool {
	if f.Signal {
		return true
	}
	sp, known := f.Registers.Get(u.arch.sp())
	above, ok := next.Get(u.arch.sp())
	if known && ok {
		return above > sp || above == sp && exact && u.arch.leafs()
	}
	fp, known := f.Registers.Get(u.arch.fp())
	above, ok = next.Get(u.arch.fp())
	return known && ok && (above > fp || above == 0) // a chain of frame pointers ends with 0
}

// leave finds the registers of f's caller, and fills in what it learns of f.
func (u *Unwinder) leave(f *Frame, exact bool) (Registers, Trust, error) {
	if u.arch.trampoline(u, f) {
		if r, ok := u.arch.interrupted(u, f); ok {
			f.Signal = true
			return r, CFI, nil
		}
	}
	r, why := u.stepCFI(f)
	if why == nil || why == errEnd {
		return r, CFI, why
	}
	return u.fallBack(f, exact, why)
}

// lookUp finds the row of f's function at its address.
func (u *Unwinder) lookUp(f *Frame) location {
	if l, ok := u.memo[f.Lookup]; ok {
		return l
	}
	l := u.findRow(f)
	if len(u.memo) == maxRows {
		clear(u.memo)
	}
	u.memo[f.Lookup] = l
	return l
}

func (u *Unwinder) findRow(f *Frame) location {
	if f.Module == nil {
		return location{err: errNoModule}
	}
	t := u.Table(f.Module)
	if t == nil {
		return location{err: errNoTable}
	}
	addr := f.Module.LinkTime(f.Lookup)
	fde := t.Find(addr)
	if fde == nil {
		return location{err: errNoFDE}
	}
	row, err := fde.Row(addr)
	return location{fde, row, err}
}

// stepCFI applies the row. The error is errEnd at the proper end.
func (u *Unwinder) stepCFI(f *Frame) (Registers, error) {
	l := u.lookUp(f)
	if l.err != nil {
		return Registers{}, l.err
	}
	f.Signal = l.fde.CIE.Signal
	cfa, err := u.cfa(f, l.row)
	f.CFA = cfa
	ra := l.fde.CIE.ReturnAddress
	if l.row.Rules[ra].Kind == Undefined {
		return Registers{}, errEnd
	}
	if err != nil {
		return Registers{}, err
	}
	var next Registers
	next.set(u.arch.sp(), cfa)
	for n := range uint64(numRegisters) {
		v, ok, err := u.recover(f, l.row, n)
		if err != nil && n == ra {
			return next, err
		}
		if ok && err == nil {
			next.set(n, v)
			if k := l.row.Rules[n].Kind; k == Unspecified || k == SameValue {
				next.inherit(n, &f.Registers)
			}
		} else if n != u.arch.sp() {
			next.forget(n)
		}
	}
	pc, ok := next.Get(ra)
	if !ok {
		return next, errors.New("the return address was not saved")
	}
	next.set(u.arch.pc(), u.authenticated(pc, l.row.SignedRA))
	if !f.Signal {
		u.arch.left(&next)
	}
	return next, nil
}

func (u *Unwinder) cfa(f *Frame, row *Row) (uint64, error) {
	if row.CFAExpr != nil {
		return u.evaluate(f, row.CFAExpr)
	}
	v, ok := f.Registers.Get(row.CFARegister)
	if !ok {
		return 0, fmt.Errorf("register %s is not known here", u.arch.name(row.CFARegister))
	}
	return v + uint64(row.CFAOffset), nil
}

// recover finds register n of the caller; ok is false if it is not known.
func (u *Unwinder) recover(f *Frame, row *Row, n uint64) (v uint64, ok bool, err error) {
	switch rule := row.Rules[n]; rule.Kind {
	case Unspecified:
		// Callee-saved ones are as they were; what the callee may use is lost. A signal
		// frame describes all that it saved, the rest is as it was.
		if n == u.arch.sp() || n == u.arch.pc() || !f.Signal && !u.arch.calleeSaved(n) {
			return 0, false, nil
		}
		v, ok = f.Registers.Get(n)
		return v, ok, nil
	case SameValue:
		v, ok = f.Registers.Get(n)
		return v, ok, nil
	case Offset:
		v, err = u.core.Uint64(f.CFA + uint64(rule.Offset))
		return v, true, err
	case ValOffset:
		return f.CFA + uint64(rule.Offset), true, nil
	case InRegister:
		v, ok = f.Registers.Get(uint64(rule.Offset))
		return v, ok, nil
	case Expression, ValExpression:
		v, err = u.evaluate(f, rule.Expr, f.CFA)
		if err == nil && rule.Kind == Expression {
			v, err = u.core.Uint64(v)
		}
		return v, err == nil, err
	}
	return 0, false, nil
}

// evaluate runs an expression of call frame information, which leaves an address
// or a value on the stack (DWARF 5, 6.4.2.2).
func (u *Unwinder) evaluate(f *Frame, x []byte, initial ...uint64) (uint64, error) {
	if !u.spend(expressionCost) {
		return 0, errWork
	}
	l, err := dwarf.Evaluate(x, frameContext{u, f}, nil, initial...)
	if err == nil && l.Kind != dwarf.InMemory {
		err = errors.New("call frame information names a place where an address must be")
	}
	return l.Address, err
}

// authenticated takes the signature off a return address (Arm ARM, pointer
// authentication). The core says which bits hold it; where it does not (qemu),
// those above 48 bits, which no user address has.
func (u *Unwinder) authenticated(pc uint64, signed bool) uint64 {
	if u.core.Arch != elfcore.ARM64 {
		return pc
	}
	if u.pac != 0 {
		return pc &^ u.pac
	}
	if signed || pc>>48 != 0 {
		return pc & (1<<48 - 1)
	}
	return pc
}

// frameContext evaluates the expressions of call frame information.
type frameContext struct {
	u *Unwinder
	f *Frame
}

func (c frameContext) Register(n uint64) (uint64, error) {
	if v, ok := c.f.Registers.Get(n); ok {
		return v, nil
	}
	return 0, dwarf.ErrUnavailable
}

func (c frameContext) Memory(b []byte, addr uint64) error {
	if !c.u.spend(expressionCost) {
		return errWork
	}
	_, err := c.u.core.ReadMemory(b, addr)
	return err
}

func (c frameContext) CFA() (uint64, error)                   { return c.f.CFA, nil }
func (c frameContext) FrameBase() (uint64, error)             { return 0, dwarf.ErrUnavailable }
func (c frameContext) EntryValue(dwarf.Given) (uint64, error) { return 0, dwarf.ErrUnavailable }
func (c frameContext) Runtime(addr uint64) uint64             { return c.f.Module.Runtime(addr) }
