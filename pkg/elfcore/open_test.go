package elfcore

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/smallcores"
	"github.com/hacrash/hacrash/pkg/machine"
)

// byName gives a register by its assembler's name.
func byName(r *Registers, name string) (uint64, bool) {
	for _, n := range r.Machine.Manual {
		if r.Machine.RegisterName(n) == name {
			return r.Get(n)
		}
	}
	return 0, false
}

func TestThreads(t *testing.T) {
	c := open(t, smallcores.Bytes(t, "threads"))
	if c.Machine != machine.AMD64 || len(c.Threads) != 3 {
		t.Fatalf("%v, %d threads; want x86_64, 3", c.Machine, len(c.Threads))
	}
	if s := c.Signal; s == nil || s.Number != 11 || s.Code != 1 || s.Address != 8 {
		t.Errorf("signal %+v; want SIGSEGV, SEGV_MAPERR at 8", s)
	}
	p := c.Process
	if p == nil || p.Name != "threads" || p.Arguments != "./threads " {
		t.Fatalf("process %+v", p)
	}
	// The thread that died is not the main one: its id is not the pid.
	if c.Threads[0].LWP == p.PID || c.Threads[1].LWP != p.PID && c.Threads[2].LWP != p.PID {
		t.Errorf("threads %d, %d, %d of process %d: the one that died must come first",
			c.Threads[0].LWP, c.Threads[1].LWP, c.Threads[2].LWP, p.PID)
	}
	if c.Threads[0].Signal == nil || c.Threads[1].Signal != nil {
		t.Error("only the first thread has a siginfo in a kernel core")
	}
	r := &c.Threads[0].Registers
	for name, want := range map[string]uint64{"rip": r.PC(), "rsp": r.SP(), "rdi": 0, "rsi": 42} {
		if got, ok := byName(r, name); !ok || got != want {
			t.Errorf("%s is %#x, %v; want %#x", name, got, ok, want)
		}
	}
	if pc, ok := r.Get(16); !ok || pc != r.PC() {
		t.Errorf("DWARF register 16 is %#x, %v; want the pc", pc, ok)
	}
	if _, ok := r.Get(17); ok {
		t.Error("DWARF register 17 is no general register")
	}
	// glibc stores the descriptor's own address at the thread pointer.
	for i := range c.Threads {
		tp := c.Threads[i].Registers.ThreadPointer
		if v, err := c.Uint64(tp); err != nil || v != tp {
			t.Errorf("thread %d: the word at its thread pointer %#x is %#x, %v", i, tp, v, err)
		}
		if n := len(c.FPRegisters(&c.Threads[i])); n != 512 {
			t.Errorf("thread %d: %d bytes of floating point registers; want 512", i, n)
		}
	}
	if len(c.Problems()) != 0 || c.Truncated() != (Truncation{}) {
		t.Errorf("a whole core has problems: %q, %+v", c.Problems(), c.Truncated())
	}
}

const buildID = "00112233445566778899aabbccddeeff00112233" // see testdata/cores/make.sh

func TestModules(t *testing.T) {
	for _, name := range []string{"threads", "layers"} {
		c := open(t, smallcores.Bytes(t, name))
		m := c.MainModule()
		if m == nil || m.Path != "/tmp/hacrash-cores/"+name || m.BuildID != buildID || m.Bias != m.Start || len(m.Maps) != 5 {
			t.Errorf("%s: executable %+v", name, m)
			continue
		}
		entry := c.Auxv[AtEntry]
		if c.Module(entry) != m {
			t.Errorf("%s: the entry point %#x is not in the executable", name, entry)
		}
		var names []string
		for _, m := range c.Modules {
			names = append(names, m.Path[strings.LastIndexByte(m.Path, '/')+1:])
			if m.BuildID == "" || !m.Header {
				t.Errorf("%s: %s has no build-id", name, m.Path)
			}
		}
		// Data mappings, the program's own file among them, are no modules.
		if want := []string{name, "libc.so.6", "[vdso]", "ld-linux-x86-64.so.2"}; !slices.Equal(names, want) {
			t.Errorf("%s: modules %q; want %q", name, names, want)
		}
	}
}

// An executable that cannot be moved has no bias, wherever it lies.
func TestStaticExecutable(t *testing.T) {
	c := open(t, smallcores.Bytes(t, "threads-static"))
	m := c.MainModule()
	if m == nil || m.Bias != 0 || m.Start != 0x400000 || m.BuildID != buildID {
		t.Errorf("executable %+v; want bias 0 at 0x400000", m)
	}
	if len(c.Modules) != 2 || !c.Modules[1].VDSO {
		t.Errorf("%d modules; want executable and vDSO", len(c.Modules))
	}
}

// qemu writes no siginfo, no table of files and no code.
func TestARM64(t *testing.T) {
	c := open(t, smallcores.Bytes(t, "threads-aarch64"))
	if c.Machine != machine.ARM64 || len(c.Threads) != 3 {
		t.Fatalf("%v, %d threads; want aarch64, 3", c.Machine, len(c.Threads))
	}
	if s := c.Signal; s == nil || s.Number != 11 || !s.Bare {
		t.Errorf("signal %+v; want 11, bare", s)
	}
	r := &c.Threads[0].Registers
	for name, want := range map[string]uint64{"pc": r.PC(), "sp": r.SP(), "x0": 0, "x1": 42} {
		if got, ok := byName(r, name); !ok || got != want {
			t.Errorf("%s is %#x, %v; want %#x", name, got, ok, want)
		}
	}
	if s := c.Segment(r.SP()); s == nil || s.Flags&Writable == 0 {
		t.Errorf("the stack pointer %#x lies in segment %+v", r.SP(), s)
	}
	m := c.MainModule()
	if m == nil || m.Header || m.Path != "threads-aarch64" || m.Bias != 0 || c.Module(r.PC()) != m {
		t.Errorf("executable %+v", m)
	}
}

func TestNotOurs(t *testing.T) {
	core := smallcores.Bytes(t, "layers")
	patched := func(at int, b ...byte) []byte {
		out := slices.Clone(core[:4096])
		copy(out[at:], b)
		return out
	}
	for _, c := range []struct {
		name    string
		in      []byte
		want    string
		notCore bool
	}{
		{"empty", nil, "not an ELF core", true},
		{"text", []byte("Thread 1 is about to kill the process.\n"), "not an ELF core", true},
		{"program", patched(16, 3), "a program or library?", true},
		{"x32", patched(4, 1), "32-bit x32 core; hacrash reads 64-bit cores of x86_64, aarch64 and riscv64 from Linux, use gdb", false},
		{"i386", patched(4, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 3, 0), "i386 core; hacrash reads", false},
		{"s390x", patched(4, 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 22), "big-endian s390x core; ", false},
		{"big-endian program", patched(4, 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 22), "a program or library?", true},
		{"loongarch", patched(18, 2, 1), "loongarch core; ", false},
		{"nobody's", patched(18, 0xef, 0xbe), "machine 48879 core; ", false},
		{"FreeBSD", patched(7, 9), "FreeBSD core; ", false},
		{"NetBSD", madeCore(madeNote("NetBSD-CORE", 1, make([]byte, 160))), "NetBSD core; ", false},
		{"OpenBSD", madeCore(madeNote("OpenBSD", 10, make([]byte, 160))), "OpenBSD core; ", false},
		{"bad class", patched(4, 7), "bad ELF class", true},
		{"only a start", core[:40], "cut within its ELF header", false},
		{"other program headers", patched(54, 32), "damaged", false},
	} {
		_, err := Open(bytes.NewReader(c.in), int64(len(c.in)), Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, ErrNotCore) != c.notCore {
			t.Errorf("%s: error %v; want %q, not a core: %v", c.name, err, c.want, c.notCore)
		}
	}
}

// A core may be cut anywhere. What is behind the cut is told to be missing.
func TestCut(t *testing.T) {
	core := smallcores.Bytes(t, "layers")
	headers := int(le.Uint64(core[64+8:])) + int(le.Uint64(core[64+32:])) // end of the notes
	for n := 0; n < len(core); n++ {
		if n > headers && n%97 != 0 {
			continue
		}
		c, err := Open(bytes.NewReader(core[:n]), int64(n), Options{})
		if err != nil {
			if n >= ehdrSize {
				t.Fatalf("cut at %d: %v", n, err)
			}
			continue
		}
		if n < ehdrSize {
			t.Fatalf("cut at %d: opened", n)
		}
		if c.Truncated() == (Truncation{}) {
			t.Fatalf("cut at %d: not said", n)
		}
		if n >= headers && (len(c.Threads) != 1 || c.MainModule() == nil && n > headers+1<<16) {
			t.Fatalf("cut at %d, behind the notes: %d threads, executable %v", n, len(c.Threads), c.MainModule())
		}
		for _, s := range c.Segments {
			if held := s.Held(); s.Cut > 0 {
				var b [1]byte
				_, err := c.ReadMemory(b[:], s.Address+held)
				if !errors.Is(err, ErrCutOff) {
					t.Fatalf("cut at %d: first missing byte of %#x: %v", n, s.Address, err)
				}
			}
		}
	}
}
