package machine

import (
	"fmt"

	"golang.org/x/arch/riscv64/riscv64asm"
)

// RISCV64 is RV64 (RISC-V ELF psABI: calling convention, DWARF).
var RISCV64 = &Machine{
	Name: "riscv64", ELF: 243,
	PC: riscv64PC, SP: 2, FP: 8, Link: 1, General: 32,
	// ra as well: until a function calls another, it is its return address.
	Saved:  bits(append(upTo(18, 27), 1, 3, 4, 8, 9)...),
	Manual: upTo(1, riscv64PC),
	names: []string{
		"zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
		"a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
		"pc", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5",
		"fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
	},
	Set: Set{
		// struct user_regs_struct (arch/riscv/include/uapi/asm/ptrace.h): pc x1 … x31
		Registers:     append([]int{riscv64PC}, upTo(1, 31)...),
		ThreadPointer: 4,
	},
	// s0 is the CFA: the record lies just below it.
	Record: Record{At: -16, Top: 0, HasTop: true},
	Signal: Signal{
		// li a7, 139; ecall. The vDSO describes it as a signal's frame without a rule.
		Trampoline: "\x93\x08\xb0\x08\x73\x00\x00\x00",
		// struct rt_sigframe (arch/riscv/kernel/signal.c): 128 bytes of siginfo, then a
		// ucontext, 176 bytes before its mcontext (arch/riscv/include/uapi/asm/ucontext.h),
		// which begins as the register set of a core does.
		At:        128 + 176,
		Registers: append([]int{riscv64PC}, upTo(1, 31)...),
	},
	Code:    riscv64Code{},
	Longest: 4,
	Step:    2,
}

// riscv64PC is a number of ours. DWARF gives it to a register for numbers with a fraction,
// which nobody follows.
const riscv64PC = 32

// riscv64Code: The RISC-V Instruction Set Manual, volume I: 2.5, and 16 for instructions
// of two bytes.
type riscv64Code struct{}

const (
	riscvRA = 1

	riscvAUIPC  = 0x17
	riscvJAL    = 0x6f
	riscvJALR   = 0x67
	riscvBranch = 0x63
)

// Call knows jal and jalr with the return address in ra, and auipc before the latter,
// which is how a call of any distance is written.
func (riscv64Code) Call(code []byte, end uint64, _ func(uint64) bool) (Call, bool) {
	if b, ok := last(code, 2); ok && end%2 == 0 {
		if h := le.Uint16(b); h&0xf07f == 0x9002 && h>>7&31 != 0 { // c.jalr
			return Call{}, true
		}
	}
	b, ok := last(code, 4)
	if !ok || end%2 != 0 {
		return Call{}, false
	}
	w := le.Uint32(b)
	if w>>7&31 != riscvRA {
		return Call{}, false
	}
	if w&0x7f == riscvJAL {
		return Call{Target: end - 4 + uint64(riscvDistance(w))}, true
	}
	if w&0x707f == riscvJALR {
		if b, ok := last(code, 8); ok {
			if up := le.Uint32(b); up&0x7f == riscvAUIPC && up>>7&31 == w>>15&31 {
				return Call{Target: riscvFormed(end-8, up, signed(w>>20, 12))}, true
			}
		}
		return Call{}, true
	}
	return Call{}, false
}

// riscvFormed is what auipc at an address and a number that is added to it make.
func riscvFormed(at uint64, auipc uint32, add int64) uint64 {
	return at + uint64(int64(int32(auipc&^0xfff))+add)
}

// riscvDistance is that of a jal.
func riscvDistance(w uint32) int64 {
	return signed(w>>31<<20|w>>12&0xff<<12|w>>20&1<<11|w>>21&0x3ff<<1, 21)
}

func (riscv64Code) Jump(b []byte, at uint64) (Jump, bool) {
	if len(b) < 2 || at%2 != 0 {
		return Jump{}, false
	}
	if b[0]&3 != 3 {
		return riscvShortJump(uint32(le.Uint16(b)), at)
	}
	if len(b) < 4 {
		return Jump{}, false
	}
	w := le.Uint32(b)
	to := func(distance int64) uint64 { return at + uint64(distance) }
	switch rd, rs := w>>7&31, w>>15&31; {
	case w&0x7f == riscvJAL && rd == 0:
		return Jump{Target: to(riscvDistance(w))}, true
	case w&0x707f == riscvJALR && rd == 0 && rs != riscvRA: // with ra it returns
		return Jump{}, true
	case w&0x7f == riscvBranch:
		return Jump{Target: to(signed(w>>31<<12|w>>7&1<<11|w>>25&0x3f<<5|w>>8&0xf<<1, 13)), Conditional: true}, true
	}
	return Jump{}, false
}

// riscvShortJump reads one of two bytes: c.j, c.beqz, c.bnez, c.jr.
func riscvShortJump(h uint32, at uint64) (Jump, bool) {
	switch rs := h >> 7 & 31; {
	case h&0xe003 == 0xa001:
		d := h>>12&1<<11 | h>>11&1<<4 | h>>9&3<<8 | h>>8&1<<10 | h>>7&1<<6 | h>>6&1<<7 | h>>3&7<<1 | h>>2&1<<5
		return Jump{Target: at + uint64(signed(d, 12))}, true
	case h&0xc003 == 0xc001:
		d := h>>12&1<<8 | h>>10&3<<3 | h>>5&3<<6 | h>>3&3<<1 | h>>2&1<<5
		return Jump{Target: at + uint64(signed(d, 9)), Conditional: true}, true
	case h&0xf07f == 0x8002 && rs != 0 && rs != riscvRA:
		return Jump{}, true
	}
	return Jump{}, false
}

// Traps: HAProxy writes to address 1 where it knows no instruction that is undefined.
func (riscv64Code) Traps(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	w := le.Uint32(b)
	return w == 0x000000a3 || w == 0x000020a3 // sb, sw zero, 1(zero)
}

// References finds what auipc and an addi make.
func (riscv64Code) References(code []byte, start uint64, _ bool) []Reference {
	const near, addi = 16, 0x13
	var out []Reference
	for i := (len(code) - 4) &^ 1; i >= 4; i -= 2 {
		add := le.Uint32(code[i:])
		if add&0x707f != addi {
			continue
		}
		for j := i - 4; j >= max(0, i-near); j -= 2 {
			if up := le.Uint32(code[j:]); up&0x7f == riscvAUIPC && up>>7&31 == add>>15&31 {
				out = append(out, Reference{riscvFormed(start+uint64(j), up, signed(add>>20, 12)), i + 4})
				break
			}
		}
	}
	return out
}

func (riscv64Code) Text(code []byte, pc uint64, _ func(uint64) (string, uint64)) (string, int) {
	in, err := riscv64asm.Decode(code)
	if err != nil {
		return "", 0
	}
	// Folklore: x/arch 0.28 takes a bit too many for the distance of c.j.
	if j, ok := riscvShortJump(in.Enc, pc); ok && in.Len == 2 && in.Op == riscv64asm.JAL {
		return fmt.Sprintf("j %#x", j.Target), in.Len
	}
	return riscv64asm.GNUSyntax(in), in.Len
}
