package unwind

import (
	"github.com/hacrash/hacrash/pkg/elfcore"
)

// arm64 is AArch64 (Procedure Call Standard for the Arm 64-bit Architecture, 6).
type arm64 struct{}

const (
	arm64X19 = 19
	arm64FP  = 29
	arm64LR  = 30
	arm64SP  = 31
	arm64PC  = 32
)

func (arm64) pc() uint64                { return arm64PC }
func (arm64) sp() uint64                { return arm64SP }
func (arm64) fp() uint64                { return arm64FP }
func (arm64) leafs() bool               { return true }
func (arm64) name(n uint64) string      { return elfcore.RegisterName(elfcore.ARM64, int(n)) }
func (arm64) calleeSaved(n uint64) bool { return n >= arm64X19 && n <= arm64LR }

// left: the call has put its return address into x30, whatever was there.
func (arm64) left(r *Registers) { r.forget(arm64LR) }

// rt_sigreturn: mov x8, #139; svc #0.
const arm64Sigreturn = "\x68\x11\x80\xd2\x01\x00\x00\xd4"

// trampoline: always by the code.
//
// Folklore: kernels up to 5.7 gave the vDSO's trampoline call frame information
// that leads past the interrupted function to its caller; later ones give none.
// The instructions have never changed.
func (arm64) trampoline(u *Unwinder, f *Frame) bool {
	var b [len(arm64Sigreturn)]byte
	n, _ := u.core.ReadMemory(b[:], f.PC)
	return string(b[:n]) == arm64Sigreturn
}

// interrupted: struct rt_sigframe is at the stack pointer. Where that is not
// known, the frame pointer leads to a frame record behind the rt_sigframe, which
// holds the x29 and x30 that are in it as well: that they agree is the proof.
func (a arm64) interrupted(u *Unwinder, f *Frame) (Registers, bool) {
	if sp, ok := f.Registers.Get(arm64SP); ok {
		return a.sigframe(u, sp)
	}
	fp, ok := f.Registers.Get(arm64FP)
	if !ok {
		return Registers{}, false
	}
	for at := fp - rtSigframeSize; at > fp-rtSigframeSize-rtSigframeExtra; at -= 16 {
		r, ok := a.sigframe(u, at)
		if !ok {
			break
		}
		x29, err := u.core.Uint64(fp)
		if err != nil {
			break
		}
		if x30, err := u.core.Uint64(fp + 8); err == nil && r.values[arm64FP] == x29 && r.values[arm64LR] == x30 {
			return r, true
		}
	}
	return Registers{}, false
}

// signalFrame: the trampoline's address is in the handler's frame record only,
// nothing on the stack leads to the sigframe.
func (arm64) signalFrame(*Unwinder, uint64) (Registers, bool) { return Registers{}, false }

// Layout of struct rt_sigframe (arch/arm64/kernel/signal.c): siginfo, then a
// ucontext whose sigcontext (arch/arm64/include/uapi/asm/sigcontext.h) is
// aligned to 16 bytes.
const (
	rtSigframeUcontext = 128
	ucontextSigcontext = 176
	sigcontextX0       = 8 // behind fault_address: x0 … x30, sp, pc, pstate

	rtSigframeSize  = rtSigframeUcontext + ucontextSigcontext + 4384
	rtSigframeExtra = 8 << 10 // more, for vector registers beyond the reserved space
)

func (arm64) sigframe(u *Unwinder, addr uint64) (Registers, bool) {
	var r Registers
	var b [numRegisters * 8]byte
	if _, err := u.core.ReadMemory(b[:], addr+rtSigframeUcontext+ucontextSigcontext+sigcontextX0); err != nil {
		return r, false
	}
	for n := range uint64(numRegisters) {
		r.set(n, le.Uint64(b[8*n:]))
	}
	return r, true
}

// framePointer: x29 points at a frame record, the caller's x29 and the return
// address. The caller's stack pointer is not told; it is above the record.
func (arm64) framePointer(u *Unwinder, f *Frame) (Registers, bool) {
	var r Registers
	sp, _ := f.Registers.Get(arm64SP)
	fp, ok := f.Registers.Get(arm64FP)
	if !ok || fp < sp || sp != 0 && fp-sp > 1<<20 || fp&7 != 0 {
		return r, false
	}
	var b [16]byte
	if _, err := u.core.ReadMemory(b[:], fp); err != nil {
		return r, false
	}
	r.set(arm64FP, le.Uint64(b[:]))
	r.set(arm64PC, u.authenticated(le.Uint64(b[8:]), false))
	return r, true
}

// returnInRegister: x30 is the return address until a function saves it.
func (arm64) returnInRegister(f *Frame) (Registers, bool) {
	r := f.Registers
	lr, ok := r.Get(arm64LR)
	r.set(arm64PC, lr)
	r.forget(arm64LR)
	return r, ok
}

// call decodes the instruction before a return address: BL, BLR and BLRAA.
func (arm64) call(u *Unwinder, ra uint64) (callKind, uint64) {
	var b [4]byte
	if ra&3 != 0 {
		return noCall, 0
	}
	if _, err := u.core.ReadMemory(b[:], ra-4); err != nil {
		return unknown, 0
	}
	ins := le.Uint32(b[:])
	switch {
	case ins>>26 == 0x25: // BL: 26 bits, in words
		target := branch(ra-4, ins)
		if u.inPLT(target) {
			return importCall, target
		}
		return anyCall, target
	case ins&^0x3e0 == 0xd63f0000, ins&^0x3e0 == 0xd63f081f, ins&0xfefff800 == 0xd63f0800: // BLR, BLRAAZ, BLRAA, BLRAB
		return anyCall, 0
	}
	return noCall, 0
}

// branch is the target of a B or BL at a runtime address.
func branch(at uint64, ins uint32) uint64 { return at + uint64(int64(int32(ins<<6)>>4)) }

// jumpsOut looks for B into the PLT, and for BR.
func (arm64) jumpsOut(u *Unwinder, code []byte, addr uint64) bool {
	for i := 0; i+4 <= len(code); i += 4 {
		ins := le.Uint32(code[i:])
		if ins&^0x3e0 == 0xd61f0000 || ins>>26 == 0x05 && u.inPLT(branch(addr+uint64(i), ins)) {
			return true
		}
	}
	return false
}
