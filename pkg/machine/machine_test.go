package machine

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-delve/delve/pkg/dwarf/regnum"
)

// TestRegisterNames: delve's tables are the oracle. Of x86-64 it knows registers behind
// the first 67 as well, which no core note and no rule of ours has.
func TestRegisterNames(t *testing.T) {
	for n := range 67 {
		if got, want := AMD64.RegisterName(n), strings.ToLower(regnum.AMD64ToName(uint64(n))); got != want {
			t.Errorf("x86-64 %d is %s, want %s", n, got, want)
		}
	}
	for n := range 100 {
		if got, want := ARM64.RegisterName(n), strings.ToLower(regnum.ARM64ToName(uint64(n))); got != want {
			t.Errorf("arm64 %d is %s, want %s", n, got, want)
		}
	}
	for name, n := range map[string]int{
		"zero": regnum.RISCV64_X0, "ra": regnum.RISCV64_LR, "sp": regnum.RISCV64_SP, "gp": regnum.RISCV64_GP, "tp": regnum.RISCV64_TP,
		"t0": regnum.RISCV64_T0, "t2": regnum.RISCV64_T2, "s0": regnum.RISCV64_FP, "s1": regnum.RISCV64_S1, "a0": regnum.RISCV64_A0, "a7": regnum.RISCV64_A7,
		"s2": regnum.RISCV64_S2, "s11": regnum.RISCV64_S11, "t3": regnum.RISCV64_T3, "t6": regnum.RISCV64_T6,
		"ft1": regnum.RISCV64_F0 + 1, "fs0": regnum.RISCV64_F0 + 8, "fa0": regnum.RISCV64_F0 + 10, "fs2": regnum.RISCV64_F0 + 18, "ft11": regnum.RISCV64_F31,
	} {
		if got := RISCV64.RegisterName(n); got != name {
			t.Errorf("riscv64 %d is %s, want %s", n, got, name)
		}
	}
	if got := AMD64.RegisterName(-1) + RISCV64.RegisterName(1000); got != "unknown1000" {
		t.Errorf("what has no name is %q", got)
	}
}

// TestMachines: rows that contradict each other would be found by nobody else.
func TestMachines(t *testing.T) {
	for _, m := range all {
		if Of(m.ELF) != m || m.String() != m.Name || !strings.Contains(Names(), m.Name) {
			t.Errorf("%s is not found as ELF machine %d, or not listed", m, m.ELF)
		}
		for what, numbers := range map[string][]int{"note": m.Set.Registers, "signal": m.Signal.Registers} {
			for _, n := range m.Manual {
				if !slices.Contains(numbers, n) {
					t.Errorf("%s: the %s lacks %s", m, what, m.RegisterName(n))
				}
			}
			for _, n := range numbers {
				if n != None && !slices.Contains(m.Manual, n) {
					t.Errorf("%s: the %s has %s, which is not listed", m, what, m.RegisterName(n))
				}
			}
		}
		if len(m.Manual) > MaxRegisters || m.General > MaxRegisters || m.PC >= MaxRegisters {
			t.Errorf("%s has more than %d registers", m, MaxRegisters)
		}
		if !m.Keeps(m.FP) || m.Keeps(m.PC) || m.Keeps(64) {
			t.Errorf("%s keeps registers %b", m, m.Saved)
		}
		if (m.Set.ThreadPointer == None) != (m.Set.ThreadPointerNote != 0) {
			t.Errorf("%s has its thread pointer in two places, or in none", m)
		}
	}
	if Of(8) != nil {
		t.Error("MIPS is read")
	}
}

func TestAddress(t *testing.T) {
	for _, c := range []struct {
		m             *Machine
		pointer, mask uint64
		signed        bool
		want          uint64
	}{
		{AMD64, 0xffff800000001000, 0, false, 0xffff800000001000},
		{ARM64, 0x0000aaaa00001000, 0, false, 0x0000aaaa00001000},
		{ARM64, 0x003faaaa00001000, 0, true, 0x0000aaaa00001000},
		{ARM64, 0x003faaaa00001000, 0, false, 0x0000aaaa00001000},
		{ARM64, 0x003f0aaa00001000, 0x007f000000000000, true, 0x00000aaa00001000},
		{RISCV64, 0x3fb7e0a2c1, 0, true, 0x3fb7e0a2c1},
	} {
		if got := c.m.Address(c.pointer, c.mask, c.signed); got != c.want {
			t.Errorf("%s: %#x is %#x, want %#x", c.m, c.pointer, got, c.want)
		}
	}
}

func TestTrampolines(t *testing.T) {
	for hex, want := range map[string]bool{
		"48 c7 c0 0f 00 00 00 0f": true,
		"68 11 80 d2 01 00 00 d4": true,
		"93 08 b0 08 73 00 00 00": true,
		"48 c7 c0 0f 00 00 00":    false,
		"48 c7 c0 0e 00 00 00 0f": false,
		"":                        false,
	} {
		if IsTrampoline(hex) != want {
			t.Errorf("%q is a trampoline: %v", hex, !want)
		}
	}
}

// TestSignalShape: what makes bytes a signal's frame on x86-64, one thing missing each
// time.
func TestSignalShape(t *testing.T) {
	const sp = 0x7ffe0000
	frame := func(flags, cs, fp uint64) []byte {
		b := make([]byte, AMD64.Signal.At+8*len(AMD64.Signal.Registers))
		le.PutUint64(b, flags)
		le.PutUint64(b[amd64CS:], cs)
		le.PutUint64(b[amd64FPState:], fp)
		return b
	}
	for _, c := range []struct {
		flags, cs, fp uint64
		want          bool
	}{
		{7, 0x33, sp + 0x1c0, true},
		{256, 0x33, sp + 0x1c0, false},
		{7, 0x23, sp + 0x1c0, false},
		{7, 0x33, sp + 0x1c8, false},
		{7, 0x33, sp - 0x40, false},
		{7, 0x33, sp + 0x2000, false},
	} {
		if got := AMD64.Signal.Fits(frame(c.flags, c.cs, c.fp), sp); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
