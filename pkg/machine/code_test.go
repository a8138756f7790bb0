package machine

import (
	"slices"
	"strings"
	"testing"
)

// Addresses are those that the assemblers and objdump name.
func TestReferences(t *testing.T) {
	for _, c := range []struct {
		name   string
		m      *Machine
		code   string
		start  uint64
		target uint64
	}{
		{"lea", AMD64, "\x48\x8d\x35\xdd\xea\x15\x00", 0x1db344, 0x339e28},
		{"lea of r15", AMD64, "\x4c\x8d\x3d\xf0\xff\xff\xff", 0x1000, 0xff7},
		{"lock addl", AMD64, "\xf0\x83\x05\x2c\x83\x27\x00\x01", 0x1db33c, 0x453670},
		{"incl", AMD64, "\xf0\xff\x05\x00\x10\x00\x00", 0x1000, 0x2007},
		{"mov", AMD64, "\xbf\x28\x10\x40\x00", 0x1000, 0x401028},
		{"adrp and add", ARM64, "\xe1\x00\x00\xf0\x21\x20\x18\x91", 0x401234, 0x420608},
		{"adrp backwards", ARM64, "\xe0\xff\xff\xf0\x00\x04\x00\x91", 0x401000, 0x400001},
		// auipc a0,0x2; sd ra,8(sp); addi a0,a0,-1980
		{"auipc and addi", RISCV64, "\x17\x25\x00\x00\x06\xe4\x13\x05\x45\x84", 0x10620, 0x11e64},
		// auipc a0,0xfffff; addi a0,a0,16
		{"auipc backwards", RISCV64, "\x17\xf5\xff\xff\x13\x05\x05\x01", 0x10620, 0xf630},
	} {
		found := c.m.References([]byte(c.code), c.start, true)
		if !slices.Contains(found, Reference{c.target, len(c.code)}) {
			t.Errorf("%s: %#x, want %#x", c.name, found, c.target)
		}
	}
	if got := AMD64.References([]byte("\xbf\x28\x10\x40\x00"), 0x1000, false); got != nil {
		t.Errorf("a number of a program that can be moved is an address: %#x", got)
	}
}

func TestJumps(t *testing.T) {
	for _, c := range []struct {
		m    *Machine
		code string
		at   uint64
		want Jump
		ok   bool
	}{
		{AMD64, "\xeb\xfe", 0x1000, Jump{Target: 0x1000}, true},
		{AMD64, "\x75\x07", 0x1db333, Jump{Target: 0x1db33c, Conditional: true}, true},
		{AMD64, "\xe9\x00\x01\x00\x00", 0x1000, Jump{Target: 0x1105}, true},
		{AMD64, "\x0f\x84\xfa\xff\xff\xff", 0x1000, Jump{Target: 0x1000, Conditional: true}, true},
		{AMD64, "\xff\x25\x00\x10\x00\x00", 0x1000, Jump{Entry: 0x2006}, true},
		{AMD64, "\xe8\x00\x01\x00\x00", 0x1000, Jump{}, false},
		{AMD64, "\x0f\x84\xfa\xff", 0x1000, Jump{}, false},
		{AMD64, "\xeb", 0x1000, Jump{}, false},
		{ARM64, "\xc7\xff\xff\x17", 0x401278, Jump{Target: 0x401194}, true},
		{ARM64, "\x8c\x00\x00\x54", 0x401224, Jump{Target: 0x401234, Conditional: true}, true},
		{ARM64, "\x80\x00\xf8\xb7", 0x4011b8, Jump{Target: 0x4011c8, Conditional: true}, true},
		{ARM64, "\x20\x02\x1f\xd6", 0x401000, Jump{}, true},  // br x17
		{ARM64, "\xc0\x03\x5f\xd6", 0x401000, Jump{}, false}, // ret
		{ARM64, "\xc7\xff\xff", 0x401278, Jump{}, false},
		{ARM64, "\xc7\xff\xff\x17", 0x401279, Jump{}, false},
		{RISCV64, "\x6f\x00\x00\x01", 0x10600, Jump{Target: 0x10610}, true},                    // j
		{RISCV64, "\x6f\xf0\x1f\xff", 0x10600, Jump{Target: 0x105f0}, true},                    // j backwards
		{RISCV64, "\x63\x08\xb5\x00", 0x10600, Jump{Target: 0x10610, Conditional: true}, true}, // beq a0,a1
		{RISCV64, "\x21\xa0", 0x104ee, Jump{Target: 0x104f6}, true},                            // c.j
		{RISCV64, "\x01\xa8", 0x10600, Jump{Target: 0x10610}, true},                            // c.j
		{RISCV64, "\x11\xe1", 0x6, Jump{Target: 0xa, Conditional: true}, true},                 // bnez a0
		{RISCV64, "\x82\x87", 0x10600, Jump{}, true},                                           // jr a5
		{RISCV64, "\x67\x00\x0e\x00", 0x10600, Jump{}, true},                                   // jr t3
		{RISCV64, "\x82\x80", 0x10600, Jump{}, false},                                          // ret
		{RISCV64, "\x67\x80\x00\x00", 0x10600, Jump{}, false},                                  // ret, of four bytes
		{RISCV64, "\x6f\x00", 0x10600, Jump{}, false},
		{RISCV64, "\x01", 0x10600, Jump{}, false},
	} {
		if j, ok := c.m.Jump([]byte(c.code), c.at); ok != c.ok || j != c.want {
			t.Errorf("%s: % x at %#x: %+v, %v; want %+v", c.m, c.code, c.at, j, ok, c.want)
		}
	}
}

func TestCalls(t *testing.T) {
	for _, c := range []struct {
		m    *Machine
		code string
		end  uint64
		want Call
		ok   bool
	}{
		{AMD64, "\x90\x90\x90\xe8\x00\x01\x00\x00", 0x1000, Call{Target: 0x1100}, true},
		{AMD64, "\x90\x90\x90\xe8\x00\x01\x00\x70", 0x1000, Call{}, false}, // leads nowhere
		{AMD64, "\xff\x15\x00\x10\x00\x00", 0x1000, Call{Entry: 0x2000}, true},
		{AMD64, "\xff\xd0", 0x1000, Call{}, true},                          // *%rax
		{AMD64, "\xff\x50\x08", 0x1000, Call{}, true},                      // *8(%rax)
		{AMD64, "\x41\xff\x54\x24\x08", 0x1000, Call{}, true},              // *8(%r12)
		{AMD64, "\xff\x90\x00\x01\x00\x00", 0x1000, Call{}, true},          // *0x100(%rax)
		{AMD64, "\xff\x14\xc5\x00\x10\x00\x00", 0x1000, Call{}, true},      // *0x1000(,%rax,8)
		{AMD64, "\x90\x90\x90\x90\x90\x90\xff\xe0", 0x1000, Call{}, false}, // jmp *%rax
		{AMD64, "\x90\x90\x90\x90\x90\xff\x30\x90", 0x1000, Call{}, false}, // push
		{AMD64, "\xd0", 0x1000, Call{}, false},
		{ARM64, "\x00\x00\x00\x94", 0x401004, Call{Target: 0x401000}, true},
		{ARM64, "\x20\x00\x3f\xd6", 0x401004, Call{}, true},  // blr x1
		{ARM64, "\x1f\x08\x3f\xd6", 0x401004, Call{}, true},  // blraaz x0
		{ARM64, "\xc0\x03\x5f\xd6", 0x401004, Call{}, false}, // ret
		{ARM64, "\x00\x00\x00\x94", 0x401006, Call{}, false},
		{RISCV64, "\xef\x00\x00\x01", 0x10604, Call{Target: 0x10610}, true},                 // jal 16
		{RISCV64, "\x97\x00\x00\x00\xe7\x80\x00\x0c", 0x10608, Call{Target: 0x106c0}, true}, // auipc ra,0; jalr 192(ra)
		{RISCV64, "\x17\x03\x00\x00\xe7\x80\x00\x0c", 0x10608, Call{}, true},                // another register
		{RISCV64, "\x82\x97", 0x10602, Call{}, true},                                        // jalr a5
		{RISCV64, "\x02\x90", 0x10602, Call{}, false},                                       // ebreak
		{RISCV64, "\x6f\x00\x00\x01", 0x10604, Call{}, false},                               // j
		{RISCV64, "\x67\x03\x0e\x00", 0x10604, Call{}, false},                               // jalr t1,t3
		{RISCV64, "\xef\x00\x00\x01", 0x10605, Call{}, false},
		{RISCV64, "\xe7\x80\x00", 0x10604, Call{}, false},
	} {
		below := func(addr uint64) bool { return addr < 1<<30 }
		if got, ok := c.m.Call([]byte(c.code), c.end, below); ok != c.ok || got != c.want {
			t.Errorf("%s: % x before %#x: %+v, %v; want %+v", c.m, c.code, c.end, got, ok, c.want)
		}
	}
}

func TestTrapsAndText(t *testing.T) {
	for _, c := range []struct {
		m    *Machine
		code string
		trap bool
		text string
	}{
		{AMD64, "\x0f\x0b", true, "ud2"},
		{AMD64, "\xc6\x04\x25\x01\x00\x00\x00\x00", true, "movb $0x0,0x1"},
		{AMD64, "\xc7\x04\x25\x01\x00\x00\x00\x00\x00\x00\x00", true, "movl $0x0,0x1"},
		{AMD64, "\xe8\x00\x01\x00\x00", false, "callq"},
		{AMD64, "\x06", false, ""},
		{ARM64, "\x00\x00\x00\x00", true, ""},
		{ARM64, "\xc0\x03\x5f\xd6", false, "ret"},
		{RISCV64, "\xa3\x00\x00\x00", true, "sb x0,1(x0)"},
		{RISCV64, "\xa3\x20\x00\x00", true, "sw x0,1(x0)"},
		{RISCV64, "\x82\x80\x00\x00", false, "ret"},
		{RISCV64, "\x02\x90", false, "ebreak"},
		{RISCV64, "\x21\xa0", false, "j 0x1008"},
		{RISCV64, "", false, ""},
	} {
		code := []byte(c.code)
		if got := c.m.Traps(code); got != c.trap || c.m.HasTrap(code) != c.trap {
			t.Errorf("%s: % x ends on purpose: %v", c.m, c.code, got)
		}
		text, size := c.m.Text(code, 0x1000, nil)
		if !strings.HasPrefix(text, c.text) || (text == "") != (c.text == "") || (size == 0) != (text == "") || size > len(code) {
			t.Errorf("%s: % x is %q of %d bytes, want %q", c.m, c.code, text, size, c.text)
		}
	}
}

func TestHasCall(t *testing.T) {
	for _, c := range []struct {
		m    *Machine
		code string
		want bool
	}{
		{AMD64, "\x90\x90\xe8\x00\x01\x00\x00\x90", true},
		{AMD64, "\x90\x90\x90\x0f\x0b", false},
		{ARM64, "\x1f\x20\x03\xd5\x00\x00\x00\x94\x1f\x20\x03\xd5", true},
		{ARM64, "\x1f\x20\x03\xd5\xc0\x03\x5f\xd6", false},
		{RISCV64, "\x01\x00\x82\x97\x01\x00", true},
		{RISCV64, "\x01\x00\x82\x80", false},
		{RISCV64, "", false},
	} {
		if got := c.m.HasCall([]byte(c.code), 0x1000); got != c.want {
			t.Errorf("%s: % x holds a call: %v", c.m, c.code, got)
		}
	}
}

// TestCutAVX: an instruction that ends within itself is none, whatever comes before it.
func TestCutAVX(t *testing.T) {
	for _, code := range []string{"\x62\x30\x30\x30", "\xc5\xf8", "\xc4\xe2\x7d", "\xc5\xf9\x6f"} {
		for n := range 15 {
			b := []byte(strings.Repeat("\x66", n) + code)
			if text, size := AMD64.Text(b, 0x1000, nil); size > len(b) || text != "" && n == 0 {
				t.Errorf("% x is %q of %d bytes", b, text, size)
			}
		}
	}
	if text, size := AMD64.Text([]byte("\xc5\xf9\x6f\x07"), 0x1000, nil); size != 4 || text == "" {
		t.Errorf("vmovdqa is %q of %d bytes", text, size)
	}
}

// FuzzCode takes anything for code: what is found lies within it.
func FuzzCode(f *testing.F) {
	f.Add([]byte("\x48\x8d\x35\xdd\xea\x15\x00\xf0\x83\x05\x2c\x83\x27\x00\x01\xe8\x8b\xff\xff\xff\x0f\x0b"), uint64(0x1db33c))
	f.Add([]byte("\xe1\x00\x00\xf0\x21\x20\x18\x91\x00\x00\x00\x00"), uint64(0x401234))
	f.Add([]byte("\x17\x25\x00\x00\x06\xe4\x13\x05\x45\x84\x97\x00\x00\x00\xe7\x80\x00\x0c\x82\x80"), uint64(0x10620))
	f.Fuzz(func(t *testing.T, code []byte, start uint64) {
		for _, m := range all {
			for _, r := range m.References(code, start, true) {
				if r.End <= 0 || r.End > len(code) {
					t.Errorf("%s: %+v of %d bytes", m, r, len(code))
				}
			}
			for i := range code {
				m.Jump(code[i:], start+uint64(i))
			}
			if text, n := m.Text(code, start, func(uint64) (string, uint64) { return "", 0 }); (text == "") != (n == 0) || n > len(code) || n > m.Longest {
				t.Errorf("%s: %q of %d bytes", m, text, n)
			}
			m.HasCall(code, start)
			m.HasTrap(code)
		}
	})
}

func TestDepth(t *testing.T) {
	const prologue = "\x55\x48\x89\xe5\x41\x57\x48\x83\xec\x18" // push %rbp; mov %rsp,%rbp; push %r15; sub $24,%rsp
	for _, c := range []struct {
		name string
		code string // up to where the depth is asked
		want int64
		ok   bool
	}{
		{"the first instruction", "", 8, true},
		{"a push", "\x55", 16, true},
		{"a frame", prologue, 48, true},
		{"an argument", prologue + "\x6a\x00", 56, true},                                             // push $0
		{"behind a return", "\x53\x74\x02\x5b\xc3\x90", 16, true},                                    // push %rbx; je; pop; ret; nop
		{"behind a jump elsewhere", prologue + "\x74\x10\x48\x83\xc4\x18\x41\x5f\x5d\xc3", 48, true}, // je; the epilogue
		{"where a jump leads", "\x74\x02\x53\x53\x90", 8, true},                                      // je over two pushes, and nop
		{"an AVX instruction", prologue + "\xc5\xf8\x77", 48, true},                                  // vzeroupper
		{"alloca", prologue + "\x48\x29\xc4", 0, false},                                              // sub %rax,%rsp
		{"behind an alloca", prologue + "\x48\x29\xc4\x48\x8d\x65\xf8", 24, true},                    // lea -8(%rbp),%rsp
		{"leave", prologue + "\x48\x29\xc4\xc9", 8, true},
		{"an aligned stack", "\x48\x83\xe4\xe0", 0, false}, // and $-32,%rsp
		{"too many pops", "\x5d\x5d", 0, false},
		{"an instruction that is cut", "\xc5\xf8", 8, true},
	} {
		if got, ok := AMD64.Depth([]byte(c.code), len(c.code)); ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %d, %v; want %d, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestExits(t *testing.T) {
	const pushed = "\x53" // push %rbx
	for _, c := range []struct {
		name     string
		code     string
		to       []int
		anywhere bool
	}{
		{"a return", pushed + "\x5b\xc3", nil, false},
		{"a tail call", pushed + "\x5b\xe9\x10\x00\x00\x00", []int{0x17}, false},
		{"a part elsewhere", pushed + "\x0f\x84\x00\xff\xff\xff\x5b\xc3", []int{7 - 0x100}, false}, // je
		{"a loop", pushed + "\xeb\xfe", nil, false},
		{"a call", "\xe8\x00\x10\x00\x00\xc3", nil, false},
		{"a tail call through a register", pushed + "\x5b\xff\xe0", nil, true},
		{"a switch", pushed + "\xff\xe0", nil, false},
		{"a switch of what needs no stack", "\xff\xe0", nil, true}, // or a tail call
		{"through a table", "\xff\x25\x00\x10\x00\x00", nil, true},
	} {
		if to, anywhere := AMD64.Exits([]byte(c.code)); !slices.Equal(to, c.to) || anywhere != c.anywhere {
			t.Errorf("%s: %#x, %v; want %#x, %v", c.name, to, anywhere, c.to, c.anywhere)
		}
	}
}

// FuzzDepth follows code that is none.
func FuzzDepth(f *testing.F) {
	f.Add([]byte("\x55\x48\x89\xe5\x48\x83\xec\x18\x74\x02\xc9\xc3\xe8\x00\x00\x00\x00"))
	f.Add([]byte("\xc5\xf8\x77\x48\x8d\x64\x24\x80\x5d\xeb\xf8"))
	f.Fuzz(func(t *testing.T, code []byte) {
		for at := range len(code) + 1 {
			if d, ok := AMD64.Depth(code, at); ok && d < 0 {
				t.Fatalf("the stack pointer is %d above the CFA", -d)
			}
		}
		to, _ := AMD64.Exits(code)
		for _, at := range to {
			if at >= 0 && at < len(code) {
				t.Fatalf("%d is no exit of %d bytes", at, len(code))
			}
		}
	})
}
