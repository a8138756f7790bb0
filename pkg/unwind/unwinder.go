package unwind

import (
	"errors"
	"fmt"

	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/machine"
	"github.com/hacrash/hacrash/pkg/module"
)

// maxFrames is how many frames of one thread are followed.
const maxFrames = 1024

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
	machine *machine.Machine
	tables  map[*module.Module]*Table
	memo    map[uint64]location // by runtime lookup address
	plts    map[*module.Module][]extent
	work    int                // spent so far
	frames  int                // of all threads so far
	jumps   map[uint64]bool    // by runtime address of a function: see jumpsOut
	depths  map[uint64]int64   // by runtime address of an instruction: see depth; -1 is not known
	ways    map[[2]uint64]bool // by runtime addresses of two functions: see reaches

	thread *elfcore.Thread // at work
}

// location is what call frame information says of an address.
type location struct {
	fde *FDE
	row *Row
	err error
}

// New makes an unwinder.
func New(core *elfcore.Core, modules *module.Set) *Unwinder {
	return &Unwinder{
		core: core, modules: modules, machine: core.Machine,
		tables: map[*module.Module]*Table{}, plts: map[*module.Module][]extent{},
		memo: map[uint64]location{}, jumps: map[uint64]bool{}, depths: map[uint64]int64{}, ways: map[[2]uint64]bool{},
	}
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

// step is the way from a frame to its caller.
type step struct {
	registers Registers // of the caller
	trust     Trust
	// exact: the caller's pc is the very instruction, for a signal struck there.
	exact bool
}

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
	u.thread = t
	f := Frame{Registers: ofThread(t), Trust: Context}
	err := u.follow(f, true, maxFrames, &s.Frames)
	switch {
	case err == errEnd:
		s.Whole = true
	case err == errFrames:
		s.Reason = err.Error()
		if outer := u.outermost(s.Frames); outer != nil {
			s.Frames = append(s.Frames[:maxFrames-maxOutermost], outer...)
			s.Reason = u.leftOut(s.Frames)
		}
	default:
		s.Reason = u.reason(err, len(s.Frames)-1)
	}
}

// follow walks from a frame on and adds the frames to a list, of at most so many.
func (u *Unwinder) follow(f Frame, exact bool, most int, to *[]Frame) error {
	for {
		f.PC, _ = f.Registers.Get(u.machine.PC)
		f.Lookup = f.PC
		if !exact {
			f.Lookup--
		}
		f.Module = u.modules.Find(f.Lookup)
		caller, err := u.leave(&f, exact)
		*to = append(*to, f)
		u.frames++
		if err == nil {
			err = u.goesOn(&f, &caller, exact)
		}
		if err == nil && len(*to) == most {
			err = errFrames
		}
		if err != nil {
			return err
		}
		exact = caller.exact
		direct := caller.trust == CFI || caller.trust == BadPC
		if f.Trust == Scan {
			caller.trust = Scan
		}
		f = Frame{Registers: caller.registers, Trust: caller.trust, Direct: direct}
	}
}

var (
	errLoop      = errors.New("the stack does not go on upwards: it is damaged, or loops")
	errFrames    = fmt.Errorf("more than %d frames", maxFrames)
	errAllFrames = fmt.Errorf("more than %d frames in all threads", maxAllFrames)
)

// reason says why a walk broke off after a frame.
func (u *Unwinder) reason(err error, frame int) string {
	switch {
	case err == errAllFrames:
		return err.Error()
	case err != errLoop && !u.spend(0):
		err = errWork
	}
	return fmt.Sprintf("after frame %d: %v", frame, err)
}

// goesOn tells whether the walk may go on to the caller of f; errEnd if there is none.
func (u *Unwinder) goesOn(f *Frame, to *step, exact bool) error {
	pc, _ := to.registers.Get(u.machine.PC)
	switch {
	case pc == 0:
		return errEnd
	case !u.grows(f, &to.registers, exact):
		return errLoop
	case u.frames >= maxAllFrames:
		return errAllFrames
	}
	return nil
}

// grows tells whether a caller's stack pointer is where it can be. A signal
// handler may have run on a stack of its own, anywhere.
//
// Folklore: where calls leave the return address in a register, a leaf function needs no
// stack: its caller has the same stack pointer. That is possible only where the walk
// began or a signal struck.
func (u *Unwinder) grows(f *Frame, next *Registers, exact bool) bool {
	if f.Signal {
		return true
	}
	sp, known := f.Registers.Get(u.machine.SP)
	above, ok := next.Get(u.machine.SP)
	if known && ok {
		return above > sp || above == sp && exact && u.machine.Link != 0
	}
	fp, known := f.Registers.Get(u.machine.FP)
	above, ok = next.Get(u.machine.FP)
	return known && ok && (above > fp || above == 0) // a chain of frame pointers ends with 0
}

// leave finds the way to f's caller, and fills in what it learns of f: by call frame
// information, or else by what a function leaves on the stack.
func (u *Unwinder) leave(f *Frame, exact bool) (step, error) {
	if u.trampoline(f) {
		if r, ok := u.interrupted(f); ok {
			f.Signal = true
			return step{r, CFI, true}, nil
		}
	}
	r, why := u.stepCFI(f)
	if u.first(f.Lookup) {
		return step{}, errEnd // its call frame information may know no end
	}
	if why == nil || why == errEnd {
		return step{r, CFI, f.Signal}, why
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
	cfa, err := u.cfa(f, &l)
	f.CFA = cfa
	ra := l.fde.CIE.ReturnAddress
	if l.row.Rules[ra].Kind == Undefined {
		return Registers{}, errEnd
	}
	if err != nil {
		return Registers{}, err
	}
	var next Registers
	next.set(u.machine.SP, cfa)
	for n := range u.machine.General {
		v, ok, err := u.recover(f, l.row, n)
		if err != nil && n == ra {
			return next, err
		}
		if k := l.row.Rules[n].Kind; ok && err == nil && (k == Unspecified || k == SameValue) {
			next.inherit(n, &f.Registers)
		} else if ok && err == nil {
			next.set(n, v)
		} else if n != u.machine.SP {
			next.forget(n)
		}
	}
	pc, ok := next.Get(ra)
	if !ok {
		return next, errors.New("the return address was not saved")
	}
	next.set(u.machine.PC, u.address(pc, l.row.SignedRA))
	if !f.Signal {
		u.called(&next)
	}
	return next, nil
}

func (u *Unwinder) cfa(f *Frame, l *location) (uint64, error) {
	row := l.row
	if row.CFAExpr != nil {
		return u.evaluate(f, row.CFAExpr)
	}
	v, ok := f.Registers.Sure(row.CFARegister)
	if !ok && row.CFARegister == u.machine.FP {
		if cfa, ok := u.depthOf(f, l.fde); ok {
			f.Registers.set(u.machine.FP, cfa-uint64(row.CFAOffset))
			return cfa, nil
		}
	}
	if !ok {
		v, ok = f.Registers.Get(row.CFARegister)
	}
	if !ok {
		return 0, fmt.Errorf("register %s is not known here", u.machine.RegisterName(int(row.CFARegister)))
	}
	return v + uint64(row.CFAOffset), nil
}

// recover finds register n of the caller; ok is false if it is not known.
func (u *Unwinder) recover(f *Frame, row *Row, n uint64) (v uint64, ok bool, err error) {
	switch rule := row.Rules[n]; rule.Kind {
	case Unspecified:
		// Callee-saved ones are as they were; what the callee may use is lost. A signal
		// frame describes all that it saved, the rest is as it was.
		if n == u.machine.SP || n == u.machine.PC || !f.Signal && !u.machine.Keeps(n) {
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

// address takes the signature off a code pointer.
func (u *Unwinder) address(pointer uint64, signed bool) uint64 {
	return u.machine.Address(pointer, u.thread.CodeMask, signed)
}

// frameContext evaluates the expressions of call frame information.
type frameContext struct {
	u *Unwinder
	f *Frame
}

func (c frameContext) Register(n uint64) (uint64, error) {
	if v, ok := c.f.Registers.Get(n); ok && n < c.u.machine.General {
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
