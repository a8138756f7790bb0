package unwind

import (
	"errors"
	"fmt"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

// fallBack finds the caller of f without call frame information, the surest way first. why is
// the reason for which that did not help.
func (u *Unwinder) fallBack(f *Frame, exact bool, why error) (step, error) {
	if !u.executable(f.PC) {
		return u.badPC(f)
	}
	for _, way := range [...]func(*Frame, bool) (step, bool){u.handled, u.counted, u.ownRecord, u.inLink, u.scan, u.chain, u.start} {
		if to, ok := way(f, exact); ok {
			return to, nil
		}
	}
	if f.Module != nil {
		why = fmt.Errorf("%s: %w", f.Module.Path, why)
	}
	return step{}, fmt.Errorf("%w, and nothing on the stack leads on", why)
}

// atHand tells whether the file of f's code is.
func (f *Frame) atHand() bool { return f.Module != nil && f.Module.File() != nil }

// handled: a signal handler's return took the address of this very trampoline off the stack.
func (u *Unwinder) handled(f *Frame, exact bool) (step, bool) {
	sp, ok := f.Registers.Get(u.machine.SP)
	if !ok || exact || f.Module == nil {
		return step{}, false
	}
	r, ok := u.pushed(sp)
	f.Signal = ok
	return step{r, Scan, true}, ok
}

// ownRecord follows the frame pointer of code that has likely set it.
//
// Folklore: a library that does not use the frame pointer leaves that of its caller in the
// register, and to follow it skips the caller. But a program without tables was mostly built to
// be followed this way, and so may be one that is not at hand. Where calls leave the
// return address in a register, all code is.
func (u *Unwinder) ownRecord(f *Frame, exact bool) (step, bool) {
	main := f.Module != nil && f.Module.Main
	_, sure := f.Registers.Sure(u.machine.FP)
	if f.atHand() && (main || u.machine.Link != 0) || main && sure && !exact {
		r, ok := u.framePointer(f)
		return step{r, FramePointer, false}, ok
	}
	return step{}, false
}

// inLink takes the return address from the register in which calls leave it.
func (u *Unwinder) inLink(f *Frame, exact bool) (step, bool) {
	r, ok := u.linked(f)
	return step{r, Scan, false}, ok && exact && u.plausible(&r) && u.elsewhere(f.PC, &r)
}

// framePointer follows the frame pointer of f. It leaves out the stack pointer where
// that cannot be told.
func (u *Unwinder) framePointer(f *Frame) (r Registers, ok bool) {
	const farthest = 1 << 20
	sp, known := f.Registers.Get(u.machine.SP)
	fp, ok := f.Registers.Get(u.machine.FP)
	if !ok || fp < sp || known && fp-sp > farthest || fp&7 != 0 {
		return r, false
	}
	var b [16]byte
	record := u.machine.Record
	if _, err := u.core.ReadMemory(b[:], fp+uint64(record.At)); err != nil {
		return r, false
	}
	r.set(u.machine.FP, le.Uint64(b[:]))
	r.set(u.machine.PC, u.address(le.Uint64(b[8:]), false))
	if record.HasTop {
		r.set(u.machine.SP, fp+uint64(record.Top))
	}
	return r, u.plausible(&r)
}

// linked gives the registers of the caller of a function that has not saved its return
// address yet, where calls leave it in a register.
func (u *Unwinder) linked(f *Frame) (r Registers, ok bool) {
	if u.machine.Link == 0 {
		return r, false
	}
	r = f.Registers
	ra, ok := r.Get(u.machine.Link)
	r.set(u.machine.PC, ra)
	u.called(&r)
	return r, ok
}

// elsewhere tells whether the return address that a register holds is another function's, or
// whether its code tells what it is.
//
// Folklore: once a function has called another, the register holds the address behind that
// call, until the function restores it.
func (u *Unwinder) elsewhere(pc uint64, r *Registers) bool {
	const near = 16 << 10 // few functions are larger
	ra, _ := r.Get(u.machine.PC)
	if _, _, known := u.call(ra); known {
		return true
	}
	return u.modules.Find(pc) != u.modules.Find(ra) || max(pc, ra)-min(pc, ra) > near
}

// badPC: a call has just been made to where there is no code.
func (u *Unwinder) badPC(f *Frame) (step, error) {
	if r, ok := u.linked(f); ok {
		if pc, _ := r.Get(u.machine.PC); u.executable(pc) && u.mayReturn(pc) {
			return step{r, BadPC, false}, nil
		}
	}
	if !u.mapped(f.PC) && !u.mapped(u.core.Auxv[elfcore.AtEntry]) {
		return step{}, fmt.Errorf("the core does not say what was mapped at the pc %#x", f.PC)
	}
	r := f.Registers
	sp, _ := r.Get(u.machine.SP)
	ra, err := u.core.Uint64(sp)
	if err != nil || !u.executable(ra) || !u.mayReturn(ra) {
		return step{}, fmt.Errorf("the pc %#x is no code, and no return address is on the stack", f.PC)
	}
	r.set(u.machine.PC, ra)
	r.set(u.machine.SP, sp+8)
	return step{r, BadPC, false}, nil
}

// plausible tells whether registers that a guess gave may be a caller's: the
// pc stands behind a call, and what can be unwound from there does unwind.
func (u *Unwinder) plausible(r *Registers) bool {
	pc, _ := r.Get(u.machine.PC)
	if !u.executable(pc) {
		return false
	}
	f := Frame{PC: pc, Lookup: pc - 1, Registers: *r, Module: u.modules.Find(pc - 1)}
	switch _, is, known := u.call(pc); {
	case !known:
		return true
	case !is:
		// A signal handler returns to where nothing called it.
		l := u.lookUp(&f)
		return l.fde != nil && l.fde.CIE.Signal || u.trampoline(&f)
	}
	_, err := u.stepCFI(&f)
	return err == nil || err == errEnd || errors.Is(err, errNoFDE) || errors.Is(err, errNoTable)
}
