package machine

import (
	"debug/elf"
	"strings"
	"testing"

	"golang.org/x/arch/arm64/arm64asm"
	"golang.org/x/arch/riscv64/riscv64asm"
	"golang.org/x/arch/x86/x86asm"

	"github.com/hacrash/hacrash/internal/coretest"
)

// unsure is the target of a jump that a decoder reads wrongly.
const unsure = ^uint64(0)

// decoded is what a decoder says of an instruction.
type decoded struct {
	size       int
	jump, call bool
	to         Jump   // of a jump
	target     uint64 // of a call, 0 if it is not in the instruction
}

func decodeAMD64(code []byte, at uint64) (d decoded) {
	in, err := x86asm.Decode(code, 64)
	if err != nil {
		return d
	}
	d.size = in.Len
	rel, direct := in.Args[0].(x86asm.Rel)
	target := at + uint64(in.Len) + uint64(int64(rel))
	mem, _ := in.Args[0].(x86asm.Mem)
	name := in.Op.String()
	switch {
	case in.Prefix[0] != 0: // of no meaning, or another size
	case in.Op == x86asm.CALL:
		d.call = true
		if direct {
			d.target = target
		}
	case in.Op == x86asm.JMP && (direct || mem.Base == x86asm.RIP):
		d.jump = true
		if direct {
			d.to.Target = target
		}
	case name[0] == 'J' && direct && !strings.HasSuffix(name, "CXZ"):
		d.jump, d.to = true, Jump{Target: target, Conditional: true}
	}
	return d
}

func decodeARM64(code []byte, at uint64) (d decoded) {
	d.size = 4
	in, err := arm64asm.Decode(code)
	if err != nil {
		return d
	}
	var target uint64
	for _, a := range in.Args {
		if rel, ok := a.(arm64asm.PCRel); ok {
			target = at + uint64(rel)
		}
	}
	_, conditional := in.Args[0].(arm64asm.Cond)
	switch in.Op {
	case arm64asm.BL, arm64asm.BLR:
		d.call, d.target = true, target
	case arm64asm.BR, arm64asm.B:
		d.jump, d.to = true, Jump{Target: target, Conditional: conditional}
	case arm64asm.CBZ, arm64asm.CBNZ, arm64asm.TBZ, arm64asm.TBNZ:
		d.jump, d.to = true, Jump{Target: target, Conditional: true}
	}
	return d
}

func decodeRISCV64(code []byte, at uint64) (d decoded) {
	in, err := riscv64asm.Decode(code)
	d.size = 2
	if code[0]&3 == 3 {
		d.size = 4
	}
	if err != nil {
		return d
	}
	rel := func(i int) uint64 { return at + uint64(int64(in.Args[i].(riscv64asm.Simm).Imm)) }
	switch rd := in.Args[0]; in.Op {
	case riscv64asm.JAL:
		if in.Len == 2 {
			// Folklore: x/arch 0.28 is wrong where a bit of the distance is set: see Text.
			d.jump, d.to.Target = true, unsure
			return d
		}
		d.call, d.jump = rd == riscv64asm.X1, rd == riscv64asm.X0
		d.target, d.to.Target = rel(1), rel(1)
	case riscv64asm.JALR:
		through := in.Args[1].(riscv64asm.RegOffset).OfsReg
		d.call, d.jump = rd == riscv64asm.X1, rd == riscv64asm.X0 && through != riscv64asm.X1
	case riscv64asm.BEQ, riscv64asm.BNE, riscv64asm.BLT, riscv64asm.BGE, riscv64asm.BLTU, riscv64asm.BGEU:
		d.jump, d.to = true, Jump{Target: rel(2), Conditional: true}
	}
	return d
}

// TestCodeIsThatOfDecoders reads the code of a static program, with much of the C
// library, with masks and with a decoder.
func TestCodeIsThatOfDecoders(t *testing.T) {
	static := func(list []coretest.Variant, name string) coretest.Variant {
		for _, v := range list {
			if v.Name == name {
				return v
			}
		}
		t.Fatal(name)
		return coretest.Variant{}
	}
	for _, c := range []struct {
		m       *Machine
		variant coretest.Variant
		decode  func(code []byte, at uint64) decoded
	}{
		{AMD64, static(coretest.Variants(), "static"), decodeAMD64},
		{ARM64, static(coretest.ARM64Variants(), "arm64-static"), decodeARM64},
		{RISCV64, static(coretest.RISCV64Variants(), "riscv64-static"), decodeRISCV64},
	} {
		t.Run(c.m.Name, func(t *testing.T) {
			code, start := text(t, coretest.Build(t, coretest.Program{Source: "inlines", Variant: c.variant}).Linked)
			const enough = 200 << 10
			code = code[:min(len(code), enough)]
			jumps, calls := 0, 0
			for i := 0; i+c.m.Longest <= len(code); {
				at := start + uint64(i)
				d := c.decode(code[i:], at)
				if d.size == 0 {
					i += c.m.Step
					continue
				}
				if j, ok := c.m.Jump(code[i:], at); (ok || d.jump) && (ok != d.jump || j != d.to && d.to.Target != unsure) {
					t.Fatalf("%#x: % x: jump %v %+v; want %v %+v", at, code[i:i+d.size], ok, j, d.jump, d.to)
				}
				// What is no call may look like one, backwards; a call is always seen.
				call, ok := c.m.Call(code[:i+d.size], at+uint64(d.size), func(uint64) bool { return true })
				if d.call && (!ok || d.target != 0 && call.Target != d.target) {
					t.Fatalf("%#x: % x: call %v %+v; want %#x", at, code[i:i+d.size], ok, call, d.target)
				}
				if d.jump {
					jumps++
				}
				if d.call {
					calls++
				}
				i += d.size
			}
			t.Logf("%d jumps, %d calls", jumps, calls)
			if jumps < 1000 || calls < 500 {
				t.Errorf("only %d jumps and %d calls were compared", jumps, calls)
			}
		})
	}
}

// text gives the code of a file, and where it is.
func text(t *testing.T, path string) ([]byte, uint64) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := f.Section(".text")
	code, err := s.Data()
	if err != nil {
		t.Fatal(err)
	}
	return code, s.Addr
}
