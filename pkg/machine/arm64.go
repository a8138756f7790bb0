package machine

import "golang.org/x/arch/arm64/arm64asm"

// ARM64 is AArch64 (Procedure Call Standard, and DWARF, for the Arm 64-bit Architecture).
var ARM64 = &Machine{
	Name: "aarch64", ELF: 183,
	PC: 32, SP: 31, FP: 29, Link: 30, General: 33,
	Saved:  bits(upTo(19, 30)...),
	Manual: upTo(0, 32),
	names: []string{
		"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
		"x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x29", "x30", "sp", "pc",
		64: "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",
		"v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31",
	},
	Set: Set{
		// struct user_pt_regs (arch/arm64/include/uapi/asm/ptrace.h): x0 … x30 sp pc pstate
		Registers:         append(upTo(0, 32), None),
		ThreadPointer:     None,
		ThreadPointerNote: 0x401, // NT_ARM_TLS
		PointerMaskNote:   0x406, // NT_ARM_PAC_MASK
	},
	// Where in its frame a function has the record is its own affair.
	Record: Record{At: 0},
	Signal: Signal{
		// mov x8, #139; svc #0
		//
		// Folklore: kernels up to 5.7 gave the vDSO's trampoline call frame information that
		// leads past the interrupted function to its caller; later ones give none. The
		// instructions have never changed.
		Trampoline: "\x68\x11\x80\xd2\x01\x00\x00\xd4",
		// struct rt_sigframe (arch/arm64/kernel/signal.c): 128 bytes of siginfo, then a
		// ucontext, 176 bytes before its sigcontext (arch/arm64/include/uapi/asm/sigcontext.h):
		// fault_address x0 … x30 sp pc
		At:        128 + 176 + 8,
		Registers: upTo(0, 32),
		Size:      128 + 176 + 4384,
		More:      8 << 10, // for vector registers beyond the reserved space
	},
	Code:        arm64Code{},
	Longest:     4,
	Step:        4,
	AddressBits: 48,
}

// arm64Code: Arm Architecture Reference Manual, C4.1 and C6.2.
type arm64Code struct{}

// Call knows BL, BLR, BLRAA and their like.
func (arm64Code) Call(code []byte, end uint64, _ func(uint64) bool) (Call, bool) {
	before, ok := last(code, 4)
	if !ok || end%4 != 0 {
		return Call{}, false
	}
	switch w := le.Uint32(before); {
	case w>>26 == 0b100101: // bl
		return Call{Target: arm64Target(end-4, w, 26)}, true
	case w&^0x3e0 == 0xd63f0000, w&^0x3e0 == 0xd63f081f, w&0xfefff800 == 0xd63f0800: // blr, blraaz, blraa, blrab
		return Call{}, true
	}
	return Call{}, false
}

// arm64Target is where a branch leads: its lowest bits are a distance in words.
func arm64Target(at uint64, w uint32, bits int) uint64 { return at + uint64(signed(w, bits)*4) }

func (arm64Code) Jump(b []byte, at uint64) (Jump, bool) {
	if len(b) < 4 || at%4 != 0 {
		return Jump{}, false
	}
	switch w := le.Uint32(b); {
	case w&^0x3e0 == 0xd61f0000: // br
		return Jump{}, true
	case w>>26 == 0b000101: // b
		return Jump{Target: arm64Target(at, w, 26)}, true
	case w>>24 == 0x54, w>>25&0x3f == 0b011010: // b.cond, cbz and cbnz
		return Jump{Target: arm64Target(at, w>>5, 19), Conditional: true}, true
	case w>>25&0x3f == 0b011011: // tbz and tbnz
		return Jump{Target: arm64Target(at, w>>5, 14), Conditional: true}, true
	}
	return Jump{}, false
}

func (arm64Code) Traps(b []byte) bool { return len(b) >= 4 && le.Uint32(b) == 0 } // udf #0

// References finds what adrp, which loads the address of a page, and adds to it make. The
// last of several adds may be the offset from the start of a section, where gcc puts an
// anchor.
func (arm64Code) References(code []byte, start uint64, _ bool) []Reference {
	skip := min(int(-start&3), len(code))
	all := words(code[skip:])
	var out []Reference
	for i := len(all) - 1; i >= 0; i-- {
		if at, ok := arm64Formed(all[:i+1], start+uint64(skip)); ok {
			out = append(out, Reference{at, skip + 4*i + 4})
		}
	}
	return out
}

// arm64Formed is the address that the last instruction, an add, makes of those before it;
// start is that of the first one.
func arm64Formed(code []uint32, start uint64) (at uint64, ok bool) {
	const near, adds = 8, 3
	isAdd := func(w uint32) bool { return w>>22 == 0x91000000>>22 } // add xd, xn, #imm12
	w := code[len(code)-1]
	if !isAdd(w) {
		return 0, false
	}
	register, n := w>>5&31, 1
	at = uint64(w >> 10 & 0xfff)
	for i := len(code) - 2; i >= max(0, len(code)-1-near); i-- {
		switch w := code[i]; {
		case w&31 != register:
		case w&0x9f000000 == 0x90000000: // adrp
			pages := signed(w>>5&0x7ffff<<2|w>>29&3, 21)
			return at + (start+uint64(4*i))&^0xfff + uint64(pages<<12), true
		case isAdd(w) && n < adds:
			register, n = w>>5&31, n+1
			at += uint64(w >> 10 & 0xfff)
		}
	}
	return 0, false
}

// words are the whole words of code.
func words(code []byte) []uint32 {
	out := make([]uint32, len(code)/4)
	for i := range out {
		out[i] = le.Uint32(code[4*i:])
	}
	return out
}

func (arm64Code) Text(code []byte, _ uint64, _ func(uint64) (string, uint64)) (string, int) {
	in, err := arm64asm.Decode(code)
	if err != nil {
		return "", 0
	}
	return arm64asm.GNUSyntax(in), 4
}
