package elfcore

import (
	"fmt"
	"strings"
)

// Registers are the general registers of a thread, by DWARF number.
//
// Numbers: System V ABI AMD64, figure 3.36 (rax 0 … r15 15, return address rip
// 16); DWARF for the Arm 64-bit Architecture (x0 0 … x30 30, sp 31, pc 32).
type Registers struct {
	Arch   Arch
	values [33]uint64
	// Flags is eflags or pstate.
	Flags uint64
	// ThreadPointer is fs_base or tpidr_el0, the base of thread-local storage;
	// 0 when not known.
	ThreadPointer uint64
}

// layout says how the words of a general register set lie (struct
// user_regs_struct, arch/x86/include/uapi/asm/ptrace.h and user_64.h; struct
// user_pt_regs, arch/arm64/include/uapi/asm/ptrace.h).
type layout struct {
	words  int   // in the note
	dwarf  []int // DWARF number of each word, -1 for what has none of ours
	flags  int   // index of the flags word
	tp     int   // index of the thread pointer word, -1 if it has its own note
	manual []int // DWARF numbers in the order of the manual
	pc, sp int   // DWARF numbers
}

var amd64Layout = layout{
	words: 27,
	// r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip
	// cs eflags rsp ss fs_base gs_base ds es fs gs
	dwarf:  []int{15, 14, 13, 12, 6, 3, 11, 10, 9, 8, 0, 2, 1, 4, 5, -1, 16, -1, -1, 7},
	flags:  18,
	tp:     21,
	manual: []int{0, 3, 2, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
	pc:     16,
	sp:     7,
}

var arm64Layout = layout{
	words: 34, // x0 … x30 sp pc pstate
	dwarf: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
		21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32},
	flags: 33,
	tp:    -1,
	manual: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
		21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32},
	pc: 32,
	sp: 31,
}

func (a Arch) layout() *layout {
	if a == ARM64 {
		return &arm64Layout
	}
	return &amd64Layout
}

// decodeRegisters reads a register set; b holds at least layout.words words.
func decodeRegisters(a Arch, b []byte) Registers {
	l := a.layout()
	r := Registers{Arch: a}
	for i, n := range l.dwarf {
		if n >= 0 {
			r.values[n] = le.Uint64(b[8*i:])
		}
	}
	r.Flags = le.Uint64(b[8*l.flags:])
	if l.tp >= 0 {
		r.ThreadPointer = le.Uint64(b[8*l.tp:])
	}
	return r
}

// Get gives a register by its DWARF number; false if it is not one that a core
// note holds.
func (r *Registers) Get(dwarf int) (uint64, bool) {
	if dwarf < 0 || dwarf > r.Arch.layout().pc {
		return 0, false
	}
	return r.values[dwarf], true
}

// ByName gives a register by the name that RegisterName gives, in any case.
func (r *Registers) ByName(name string) (uint64, bool) {
	name = strings.ToLower(name)
	for _, n := range r.Arch.layout().manual {
		if RegisterName(r.Arch, n) == name {
			return r.values[n], true
		}
	}
	return 0, false
}

// PC is the program counter, a runtime address.
func (r *Registers) PC() uint64 { return r.values[r.Arch.layout().pc] }

// SP is the stack pointer, a runtime address.
func (r *Registers) SP() uint64 { return r.values[r.Arch.layout().sp] }

// Numbers gives the DWARF numbers of all registers in the order of the
// architecture's manual.
func (r *Registers) Numbers() []int { return r.Arch.layout().manual }

// RegisterName gives the assembler's name of a DWARF register number: rip, x30.
func RegisterName(a Arch, dwarf int) string {
	switch {
	case dwarf < 0:
		return ""
	case a == ARM64:
		return arm64Name(dwarf)
	case dwarf < len(amd64Names) && amd64Names[dwarf] != "":
		return amd64Names[dwarf]
	}
	return unknownName(dwarf)
}

// amd64Names are the assembler's, by DWARF number: System V ABI AMD64, figure 3.36.
var amd64Names = [...]string{
	"rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp",
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip",
	"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
	"xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
	"st(0)", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)",
	49: "rflags", "es", "cs", "ss", "ds", "fs", "gs", 58: "fs_base", "gs_base", 64: "mxcsr", "cw", "sw",
}

// arm64Name: DWARF for the Arm 64-bit Architecture, table 1.
func arm64Name(dwarf int) string {
	switch {
	case dwarf <= 30:
		return fmt.Sprintf("x%d", dwarf)
	case dwarf == 31:
		return "sp"
	case dwarf == 32:
		return "pc"
	case dwarf >= 64 && dwarf <= 95:
		return fmt.Sprintf("v%d", dwarf-64)
	}
	return unknownName(dwarf)
}

func unknownName(dwarf int) string { return fmt.Sprintf("unknown%d", dwarf) }
