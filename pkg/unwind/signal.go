package unwind

import "encoding/binary"

var le = binary.LittleEndian

// called forgets what a call overwrites in the registers of a caller.
func (u *Unwinder) called(r *Registers) {
	if u.machine.Link != 0 {
		r.forget(u.machine.Link)
	}
}

// trampoline tells by its code whether f is where a signal handler returns to, where call
// frame information is missing or not to be believed.
func (u *Unwinder) trampoline(f *Frame) bool {
	s := &u.machine.Signal
	if s.Described && (f.Module == nil || u.lookUp(f).fde != nil) {
		return false
	}
	var b [16]byte
	n, _ := u.core.ReadMemory(b[:len(s.Trampoline)], f.PC) // n tells enough
	return string(b[:n]) == s.Trampoline
}

// interrupted reads the registers that a signal pushed, at a trampoline: they are at the
// stack pointer. Where that is not known, the frame pointer may lead to a record behind
// them, with values that are in them as well: that they agree is the proof.
func (u *Unwinder) interrupted(f *Frame) (r Registers, ok bool) {
	if sp, ok := f.Registers.Get(u.machine.SP); ok {
		return u.signalFrame(sp)
	}
	s := &u.machine.Signal
	fp, ok := f.Registers.Get(u.machine.FP)
	if !ok || s.Size == 0 {
		return r, false
	}
	var record [16]byte
	if _, err := u.core.ReadMemory(record[:], fp); err != nil {
		return r, false
	}
	for at := fp - s.Size; at > fp-s.Size-s.More; at -= 16 {
		r, ok := u.signalFrame(at)
		if !ok {
			break
		}
		if r.values[u.machine.FP] == le.Uint64(record[:]) && r.values[u.machine.Link] == le.Uint64(record[8:]) {
			return r, true
		}
	}
	return r, false
}

// signalFrame reads the registers that a signal pushed at sp, if what lies there has the
// shape of them.
func (u *Unwinder) signalFrame(sp uint64) (r Registers, ok bool) {
	s := &u.machine.Signal
	b := make([]byte, s.At+8*len(s.Registers))
	if _, err := u.core.ReadMemory(b, sp); err != nil || s.Fits != nil && !s.Fits(b, sp) {
		return r, false
	}
	r.take(b[s.At:], s.Registers)
	return r, true
}

// pushed reads the registers that a signal pushed at sp where a return address below it
// leads to the trampoline. Where calls leave it in a register, nothing on the stack leads
// to them.
func (u *Unwinder) pushed(sp uint64) (Registers, bool) {
	if u.machine.Signal.Fits == nil {
		return Registers{}, false
	}
	return u.signalFrame(sp)
}
