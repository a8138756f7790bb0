package machine

import (
	"bytes"
	"strings"

	"golang.org/x/arch/x86/x86asm"
)

// AMD64 is x86-64 (System V ABI AMD64, 3.2, 3.4 and 3.6).
var AMD64 = &Machine{
	Name: "x86_64", ELF: 62,
	PC: 16, SP: 7, FP: 6, General: 17,
	Saved:  bits(3, 6, 12, 13, 14, 15),
	Manual: []int{0, 3, 2, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
	names: []string{ // figure 3.36
		"rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp",
		"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip",
		"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
		"xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
		"st(0)", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)",
		49: "rflags", "es", "cs", "ss", "ds", "fs", "gs", 58: "fs_base", "gs_base", 64: "mxcsr", "cw", "sw",
	},
	Set: Set{
		// struct user_regs_struct (arch/x86/include/asm/user_64.h): r15 r14 r13 r12 rbp rbx
		// r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds
		// es fs gs
		Registers:     []int{15, 14, 13, 12, 6, 3, 11, 10, 9, 8, 0, 2, 1, 4, 5, None, 16, None, None, 7, None, None, None, None, None, None, None},
		ThreadPointer: 21,
	},
	Record: Record{At: 0, Top: 16, HasTop: true},
	Signal: Signal{
		// As the C libraries have it: mov $15,%rax; syscall. glibc describes it by call frame
		// information, musl does not.
		Trampoline: "\x48\xc7\xc0\x0f\x00\x00\x00\x0f\x05",
		Described:  true,
		// struct ucontext (include/uapi/asm-generic/ucontext.h) with struct sigcontext_64
		// (arch/x86/include/uapi/asm/sigcontext.h): r8 … r15 rdi rsi rbp rbx rdx rax rcx rsp
		// rip eflags cs/gs/fs/ss err trapno oldmask cr2 fpstate
		At:        amd64Registers,
		Registers: []int{8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16, None, None, None, None, None, None, None},
		Fits:      amd64Fits,
	},
	Code:     amd64Code{},
	Depth:    amd64Depth,
	Exits:    amd64Exits,
	ThreadID: true,
	Longest:  15,
	Step:     1,
	X87:      true,
}

const (
	amd64Registers = 40
	amd64CS        = amd64Registers + 8*18
	amd64FPState   = amd64Registers + 8*23
)

// amd64Fits: small flags, the user code segment of a 64-bit process, and the
// floating-point state aligned and just above. The pc may be wild: that is what signals
// are about.
func amd64Fits(b []byte, sp uint64) bool {
	const userCS = 0x33
	fp := le.Uint64(b[amd64FPState:])
	return le.Uint64(b) < 256 && le.Uint16(b[amd64CS:]) == userCS && fp&63 == 0 && fp >= sp && fp <= sp+4096
}

type amd64Code struct{}

// Call decodes backwards, which on x86 is a guess of its own: calls have 2 to 7 bytes,
// prefixes aside. The likeliest are tried first: direct ones, and those through a table.
func (amd64Code) Call(code []byte, end uint64, valid func(uint64) bool) (Call, bool) {
	for _, size := range [...]int{5, 6, 2, 3, 4, 7} {
		before, ok := last(code, size)
		if !ok || before[0] != 0xe8 && before[0] != 0xff {
			continue
		}
		in, err := x86asm.Decode(before, 64)
		if err != nil || in.Op != x86asm.CALL || in.Len != size {
			continue
		}
		switch to := in.Args[0].(type) {
		case x86asm.Rel:
			if target := end + uint64(to); valid(target) {
				return Call{Target: target}, true
			}
			continue
		case x86asm.Mem:
			if to.Base == x86asm.RIP {
				return Call{Entry: end + uint64(to.Disp)}, true
			}
		}
		return Call{}, true
	}
	return Call{}, false
}

// last gives the last n bytes.
func last(b []byte, n int) ([]byte, bool) {
	if len(b) < n {
		return nil, false
	}
	return b[len(b)-n:], true
}

func (amd64Code) Jump(b []byte, at uint64) (Jump, bool) {
	to := func(size, distance int64) uint64 { return at + uint64(size) + uint64(distance) }
	switch {
	case len(b) < 2:
	case b[0] == 0xeb, b[0]&0xf0 == 0x70: // jmp, jcc of 8 bits
		return Jump{Target: to(2, int64(int8(b[1]))), Conditional: b[0] != 0xeb}, true
	case len(b) >= 6 && b[0] == 0xff && b[1] == 0x25: // jmp *disp32(%rip)
		return Jump{Entry: to(6, signed(le.Uint32(b[2:]), 32))}, true
	case len(b) >= 5 && b[0] == 0xe9:
		return Jump{Target: to(5, signed(le.Uint32(b[1:]), 32))}, true
	case len(b) >= 6 && b[0] == 0x0f && b[1]&0xf0 == 0x80:
		return Jump{Target: to(6, signed(le.Uint32(b[2:]), 32)), Conditional: true}, true
	}
	return Jump{}, false
}

func (amd64Code) Traps(b []byte) bool {
	return bytes.HasPrefix(b, []byte("\x0f\x0b")) || // ud2
		bytes.HasPrefix(b, []byte("\xc6\x04\x25\x01\x00\x00\x00\x00")) || // movb $0, 1
		bytes.HasPrefix(b, []byte("\xc7\x04\x25\x01\x00\x00\x00")) // movl $0, 1
}

// References finds what is loaded or counted by its distance, and numbers that are loaded.
func (amd64Code) References(code []byte, start uint64, fixed bool) []Reference {
	var out []Reference
	for i := len(code) - 5; i >= 0; i-- {
		// How many bytes stand before the distance, and behind it.
		before, behind := 0, 0
		switch c := code[i:]; {
		case c[0]&0xfb == 0x48 && c[1] == 0x8d && c[2]&0xc7 == 5: // lea distance(%rip), reg
			before = 3
		case c[0] == 0xff && c[1] == 5: // incl distance(%rip)
			before = 2
		case c[0] == 0x83 && c[1] == 5: // addl $1, distance(%rip)
			before, behind = 2, 1
		case fixed && c[0]&0xf8 == 0xb8: // mov $address, reg
			out = append(out, Reference{uint64(le.Uint32(c[1:])), i + 5})
			continue
		default:
			continue
		}
		if end := i + before + 4 + behind; end <= len(code) {
			distance := signed(le.Uint32(code[i+before:]), 32)
			out = append(out, Reference{start + uint64(end) + uint64(distance), end})
		}
	}
	return out
}

func (amd64Code) Text(code []byte, pc uint64, name func(uint64) (string, uint64)) (string, int) {
	in, ok := amd64Decode(code)
	if !ok {
		return "", 0
	}
	return x86asm.GNUSyntax(in, pc, name), in.Len
}

// amd64Decode decodes the instruction that code begins with.
//
// Folklore: x/arch 0.28 panics at the end of the bytes within an AVX instruction. Of these, one
// has at most 12 bytes with its VEX or EVEX prefix, before which there is hardly another.
func amd64Decode(code []byte) (in x86asm.Inst, ok bool) {
	const longest, avx = 15, 12
	var b [longest]byte
	copy(b[:], code)
	other := 0 // prefixes
	for other < longest-1 && strings.IndexByte("\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3@ABCDEFGHIJKLMNO", b[other]) >= 0 {
		other++
	}
	if other > longest-avx && strings.IndexByte("\x62\xc4\xc5", b[other]) >= 0 {
		return in, false
	}
	in, err := x86asm.Decode(b[:], 64)
	return in, err == nil && in.Len <= len(code)
}

// stackDepth is how far the stack pointer is below the CFA; unknown where the code does not
// tell: behind an alloca, or an alignment.
type stackDepth int64

const unknown stackDepth = -1

// below is a depth that is n bytes deeper.
func (d stackDepth) below(n int64) stackDepth {
	if d == unknown || int64(d)+n < 0 {
		return unknown
	}
	return d + stackDepth(n)
}

const amd64Entry stackDepth = 8 // the return address

func amd64Depth(code []byte, at int) (int64, bool) {
	depth := amd64Follow(code, at, func(*x86asm.Inst, int, stackDepth) {})
	return int64(depth), depth != unknown
}

// amd64Exits: a function that leaves by a jump has popped all but its return address.
func amd64Exits(code []byte) (to []int, anywhere bool) {
	amd64Follow(code, len(code), func(in *x86asm.Inst, end int, depth stackDepth) {
		rel, direct := in.Args[0].(x86asm.Rel)
		switch at := end + int(rel); {
		case in.Op == x86asm.CALL:
		case direct && (at < 0 || at >= len(code)):
			to = append(to, at)
		case in.Op == x86asm.JMP && !direct && (depth == amd64Entry || depth == unknown):
			anywhere = true
		}
	})
	return to, anywhere
}

// amd64Follow reads instructions in the order of their addresses. Behind a jump or a return,
// the depth is that with which another jump leads there, or else that of the last jump within
// the body: none stands between instructions that pop registers or push arguments.
func amd64Follow(code []byte, until int, visit func(in *x86asm.Inst, end int, depth stackDepth)) stackDepth {
	depth, frame, body := amd64Entry, unknown, amd64Entry
	known := map[int]stackDepth{} // by offset, of what jumps lead to
	for i := 0; i < until; {
		in, ok := amd64Decode(code[i:])
		if !ok {
			i++ // of an extension that x/arch does not know
			continue
		}
		i += in.Len
		if in.Op == x86asm.MOV && in.Args[0] == x86asm.RBP && in.Args[1] == x86asm.RSP {
			frame = depth
		}
		depth = amd64Moves(&in, depth, frame)
		visit(&in, i, depth)
		if to, ok := in.Args[0].(x86asm.Rel); ok && in.Op != x86asm.CALL {
			known[i+int(to)] = depth
			if in.Op != x86asm.JMP || depth != amd64Entry {
				body = depth
			}
		}
		if in.Op == x86asm.JMP || in.Op == x86asm.RET || in.Op == x86asm.UD2 {
			depth = body
		}
		if d, ok := known[i]; ok {
			depth = d
		}
	}
	return depth
}

// amd64Moves gives the depth behind an instruction, from that before it and that of the frame
// pointer.
func amd64Moves(in *x86asm.Inst, depth, frame stackDepth) stackDepth {
	switch in.Op {
	case x86asm.PUSH:
		return depth.below(8)
	case x86asm.POP:
		return depth.below(-8)
	case x86asm.LEAVE:
		return frame.below(-8)
	}
	if in.Args[0] != x86asm.RSP || in.Op == x86asm.CMP || in.Op == x86asm.TEST {
		return depth
	}
	switch from := in.Args[1].(type) {
	case x86asm.Imm:
		if in.Op == x86asm.SUB {
			return depth.below(int64(from))
		}
		if in.Op == x86asm.ADD {
			return depth.below(-int64(from))
		}
	case x86asm.Reg:
		if in.Op == x86asm.MOV && from == x86asm.RBP {
			return frame
		}
	case x86asm.Mem:
		if in.Op == x86asm.LEA && from.Index == 0 && from.Base == x86asm.RSP {
			return depth.below(-from.Disp)
		}
		if in.Op == x86asm.LEA && from.Index == 0 && from.Base == x86asm.RBP {
			return frame.below(-from.Disp)
		}
	}
	return unknown
}
