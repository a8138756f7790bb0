package unwind

import (
	"encoding/binary"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

var le = binary.LittleEndian

// amd64 is x86-64 (System V ABI AMD64, 3.2 and 3.6).
type amd64 struct{}

const (
	amd64RBX = 3
	amd64RBP = 6
	amd64RSP = 7
	amd64R12 = 12
	amd64R15 = 15
	amd64RIP = 16
)

func (amd64) pc() uint64           { return amd64RIP }
func (amd64) sp() uint64           { return amd64RSP }
func (amd64) fp() uint64           { return amd64RBP }
func (amd64) leafs() bool          { return false }
func (amd64) left(*Registers)      {}
func (amd64) name(n uint64) string { return elfcore.RegisterName(elfcore.AMD64, int(n)) }

func (amd64) calleeSaved(n uint64) bool {
	return n == amd64RBX || n == amd64RBP || n >= amd64R12 && n <= amd64R15
}

func (amd64) returnInRegister(*Frame) (Registers, bool) { return Registers{}, false }

// rt_sigreturn as the C libraries write it: mov $15,%rax; syscall.
const amd64Sigreturn = "\x48\xc7\xc0\x0f\x00\x00\x00\x0f\x05"

// trampoline: glibc describes its own by call frame information; that of musl
// is known by its code.
func (amd64) trampoline(u *Unwinder, f *Frame) bool {
	if f.Module == nil || u.lookUp(f).fde != nil {
		return false
	}
	var b [len(amd64Sigreturn)]byte
	n, _ := u.core.ReadMemory(b[:], f.PC)
	return string(b[:n]) == amd64Sigreturn
}

// interrupted: the handler's return has taken its address off the stack, so
// the ucontext is at the stack pointer.
func (a amd64) interrupted(u *Unwinder, f *Frame) (Registers, bool) {
	sp, _ := f.Registers.Get(amd64RSP)
	return a.ucontext(u, sp)
}

// signalFrame: the kernel pushes the ucontext, then the return address.
func (a amd64) signalFrame(u *Unwinder, slot uint64) (Registers, bool) {
	return a.ucontext(u, slot+8)
}

// Layout of struct ucontext (include/uapi/asm-generic/ucontext.h) with struct
// sigcontext_64 (arch/x86/include/uapi/asm/sigcontext.h), in bytes.
const (
	ucontextRegisters = 40 // r8 … r15 rdi rsi rbp rbx rdx rax rcx rsp rip eflags cs …
	ucontextRIP       = ucontextRegisters + 8*16
	ucontextCS        = ucontextRegisters + 8*18
	ucontextFPState   = ucontextRegisters + 8*23
	ucontextSize      = ucontextFPState + 8
)

// ucontext reads the registers if what is at addr has the shape of a ucontext
// of a 64-bit process: small flags, the user code segment, a pc in code, and
// the floating-point state aligned and just above.
func (amd64) ucontext(u *Unwinder, addr uint64) (Registers, bool) {
	var b [ucontextSize]byte
	if _, err := u.core.ReadMemory(b[:], addr); err != nil {
		return Registers{}, false
	}
	const userCS = 0x33
	if le.Uint64(b[:]) >= 256 || le.Uint16(b[ucontextCS:]) != userCS {
		return Registers{}, false
	}
	// The pc may be wild: that is what signals are about. But then the rest must fit
	// all the better.
	fp := le.Uint64(b[ucontextFPState:])
	if fp&63 != 0 || fp < addr || fp > addr+4096 {
		return Registers{}, false
	}
	var r Registers
	for i, n := range []uint64{8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16} {
		r.set(n, le.Uint64(b[ucontextRegisters+8*i:]))
	}
	return r, true
}

// framePointer: rbp points at the caller's rbp, the return address is above.
func (amd64) framePointer(u *Unwinder, f *Frame) (Registers, bool) {
	var r Registers
	sp, _ := f.Registers.Get(amd64RSP)
	bp, ok := f.Registers.Get(amd64RBP)
	if !ok || bp < sp || bp-sp > 1<<20 || bp&7 != 0 {
		return r, false
	}
	var b [16]byte
	if _, err := u.core.ReadMemory(b[:], bp); err != nil {
		return r, false
	}
	r.set(amd64RBP, le.Uint64(b[:]))
	r.set(amd64RIP, le.Uint64(b[8:]))
	r.set(amd64RSP, bp+16)
	return r, true
}

// call decodes the instruction before a return address backwards, which on
// x86 is a guess of its own: calls have 2 to 8 bytes.
func (a amd64) call(u *Unwinder, ra uint64) (callKind, uint64) {
	var b [8]byte // b[8-n] is n bytes before ra
	if _, err := u.core.ReadMemory(b[:], ra-8); err != nil {
		return unknown, 0
	}
	if b[3] == 0xe8 { // call rel32
		target := ra + uint64(int64(int32(le.Uint32(b[4:]))))
		if u.inPLT(target) {
			return importCall, target
		}
		if u.executable(target) {
			return anyCall, target
		}
	}
	if b[2] == 0xff && b[3] == 0x15 { // call *disp32(%rip): through the GOT
		return importCall, 0
	}
	// ff /2 with every form of operand. REX prefixes do not matter.
	for _, at := range []int{6, 5, 4, 2, 1} {
		if b[at] == 0xff && modrmLength(b[at+1], b[min(at+2, 7)]) == 7-at {
			return anyCall, 0
		}
	}
	return noCall, 0
}

// jumpsOut looks for jmp *disp32(%rip), and for jmp rel32 into the PLT. What looks
// like one within another instruction does no harm: it lets a candidate be tried.
func (amd64) jumpsOut(u *Unwinder, code []byte, addr uint64) bool {
	const jmp = 5 // bytes of jmp rel32
	for i := 0; i+jmp <= len(code); i++ {
		switch {
		case code[i] == 0xff && code[i+1] == 0x25:
			return true
		case code[i] == 0xe9 && u.inPLT(addr+uint64(i)+jmp+uint64(int64(int32(le.Uint32(code[i+1:]))))):
			return true
		}
	}
	return false
}

// modrmLength is how many bytes the operand of a call takes, ModRM included; 0
// if it is not one of /2.
func modrmLength(modrm, sib byte) int {
	if modrm>>3&7 != 2 {
		return 0
	}
	mod, rm := modrm>>6, modrm&7
	n := 1
	if mod != 3 && rm == 4 {
		n++
		if mod == 0 && sib&7 == 5 {
			n += 4
		}
	}
	switch {
	case mod == 0 && rm == 5, mod == 2:
		n += 4
	case mod == 1:
		n++
	}
	return n
}
