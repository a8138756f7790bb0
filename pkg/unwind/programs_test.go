package unwind

import (
	"debug/elf"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
)

// walked is a thread of a program's core, with names.
type walked struct {
	Stack
	names []string // of the executable's functions; "?" is another module, "signal" a trampoline
}

// openCore opens a core, for as long as the test runs.
func openCore(t *testing.T, path string, o module.Options) (*elfcore.Core, *module.Set) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	st, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	core, err := elfcore.Open(file, st.Size(), elfcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	set := module.New(t.Context(), core, o)
	t.Cleanup(func() {
		set.Close()
		file.Close()
	})
	return core, set
}

// walk walks the first thread of a program's core. sysroot is where its libraries are
// looked for; "" is where they are.
func walk(t *testing.T, p coretest.Program, sysroot string) walked {
	t.Helper()
	c := coretest.Crash(t, p)
	o := module.Options{Executable: c.Exe, Sysroot: c.Sysroot}
	if sysroot != "" {
		o.Sysroot = sysroot
	}
	if c.DebugDir != "" {
		o.DebugDirs = []string{c.DebugDir}
	}
	core, set := openCore(t, c.Core, o)
	w := walked{Stack: New(core, set).Thread(&core.Threads[0])}
	symbols := symbolsOf(t, c.Linked)
	for _, f := range w.Frames {
		name := "?"
		switch {
		case f.Signal:
			name = "signal"
		case f.Module != nil && f.Module.Main:
			name = symbols(f.Module.LinkTime(f.Lookup))
		}
		w.names = append(w.names, name)
	}
	return w
}

// symbolsOf names the functions and objects of a file.
func symbolsOf(t *testing.T, path string) func(addr uint64) string {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	return func(addr uint64) string {
		for _, s := range list {
			if addr >= s.Value && addr < s.Value+s.Size {
				return s.Name
			}
		}
		return fmt.Sprintf("%#x", addr)
	}
}

// own lists the executable's frames, without what the compiler added to a name, and a
// recursion once.
func (w walked) own() string {
	var out []string
	for _, name := range w.names {
		name, _, _ = strings.Cut(name, ".")
		if name != "?" && name != "_start" && !strings.HasPrefix(name, "__libc_start") {
			out = append(out, name)
		}
	}
	return strings.Join(slices.Compact(out), " ")
}

// trusts lists how frames were found, each change of it.
func (w walked) trusts() string {
	var out []string
	for _, f := range w.Frames {
		out = append(out, string(f.Trust))
	}
	return strings.Join(slices.Compact(out), " ")
}

// TestPrograms walks the stacks of programs whose calls their sources tell, on each machine,
// with call frame information and without, and with libraries that are not at hand.
func TestPrograms(t *testing.T) {
	variants := map[string]coretest.Variant{}
	for _, list := range [][]coretest.Variant{coretest.Variants(), coretest.ARM64Variants(), coretest.RISCV64Variants()} {
		for _, v := range list {
			variants[v.Name] = v
		}
	}
	const (
		inlines = "nested split aggregates floats scalars unused kept main"
		handler = "last_words signal fault work main"
		nested  = "fault inner signal outer signal work main"
	)
	for _, c := range []struct {
		program string // source, way
		variant string
		hidden  bool // the libraries are not at hand
		own     string
		trusts  string
		reason  string // the end of it
	}{
		{"inlines", "plain", false, inlines, "context cfi", ""},
		{"inlines", "plain", true, inlines, "context cfi scan", ""},
		{"inlines", "no-eh-frame-hdr", false, inlines, "context cfi", ""},
		{"inlines", "frame-pointer-only", false, inlines, "context scan", ""},
		{"sig handler", "plain", false, handler, "context cfi", ""},
		{"sig handler", "plain", true, handler, "context scan", ""},
		{"sig altstack", "plain", true, handler, "context scan", ""},
		{"sig nested", "plain", true, nested, "context cfi scan", ""},
		{"sig altstack", "frame-pointer-only", false, handler, "context cfi fp cfi scan", ""},
		{"nullcall null", "plain", false, "call main", "context badpc cfi", ""},
		{"nullcall data", "plain", false, "data call main", "context badpc cfi", ""},
		{"nullcall unmapped", "plain", true, "call main", "context badpc cfi scan", ""},
		{"tailcalls library", "plain", true, "trap main", "context cfi scan", ""},
		{"tailcalls callback", "plain", true, "trap main", "context cfi scan", ""},
		{"vdso", "plain", false, "tick signal spin main", "context cfi", ""},
		{"threads", "plain", false, "store failing", "context cfi", ""},
		{"threads", "plain", true, "store failing", "context cfi", "its file is not at hand, and nothing on the stack leads on"},
		{"bare", "plain", false, "fault", "context cfi", ""},
		{"deep recursion", "plain", false, "down main", "context cfi", ""},
		{"deep recursion", "plain", true, "down main", "context scan", ""},
		{"deep overflow", "plain", false, "down main", "context cfi scan", " between frame 895 and frame 896 are left out"},
		{"deep overflow", "plain", true, "down main", "context cfi scan", " between frame 895 and frame 896 are left out"},
		{"deep overflow", "O0", true, "down main", "context cfi scan", " between frame 895 and frame 896 are left out"},
		{"deep overflow", "static", false, "down main", "context cfi scan", " between frame 895 and frame 896 are left out"},
		{"deep overflow", "frame-pointer-only", false, "down main", "context fp scan", " between frame 895 and frame 896 are left out"},
		{"deep corrupt", "plain", false, "smash", "context cfi", "the pc 0x4141414141414141 is no code, and no return address is on the stack"},
		{"deep loop", "frame-pointer-only", false, "twist around main", "context fp scan", ""},
		{"inlines", "arm64", false, inlines, "context cfi fp", ""},
		{"inlines", "arm64-pac", true, inlines, "context cfi fp", ""},
		{"sig handler", "arm64", false, handler, "context fp cfi fp", ""},
		{"sig altstack", "arm64-pac", false, handler, "context fp cfi fp", ""},
		{"sig nested", "arm64-O0", true, nested, "context cfi fp cfi fp", ""},
		{"nullcall null", "arm64", false, "call main", "context badpc cfi fp", ""},
		{"tailcalls callback", "arm64-static", false, "trap lib_call main", "context cfi", ""},
		{"inlines", "riscv64", false, inlines, "context cfi", ""},
		{"inlines", "riscv64-O0", false, inlines, "context cfi", ""},
		{"inlines", "riscv64-static", false, inlines, "context cfi", ""},
		{"inlines", "riscv64", true, inlines, "context cfi scan", ""},
		{"inlines", "riscv64-fp", false, "nested aggregates floats scalars unused kept main", "context fp cfi", ""},
		{"sig handler", "riscv64", false, handler, "context cfi scan", ""},
		{"sig altstack", "riscv64", true, handler, "context scan", ""},
		{"sig nested", "riscv64", false, nested, "context cfi", ""},
		{"sig nested", "riscv64", true, nested, "context cfi scan", ""},
		{"sig first", "riscv64", false, "last_words signal first work main", "context cfi scan", ""},
		{"nullcall null", "riscv64", false, "call main", "context badpc cfi", ""},
		{"tailcalls callback", "riscv64-static", false, "trap lib_call main", "context cfi", ""},
		{"threads", "riscv64", false, "store failing", "context cfi fp", ""},
		{"deep recursion", "riscv64", false, "down main", "context cfi scan", ""},
	} {
		source, way, _ := strings.Cut(c.program, " ")
		p := coretest.Program{Source: source, Way: way, Variant: variants[c.variant]}
		name := p.String()
		root := ""
		if c.hidden {
			name, root = name+"/hidden", t.TempDir()
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := walk(t, p, root)
			if w.own() != c.own || w.trusts() != c.trusts || !strings.HasSuffix(w.Reason, c.reason) || w.Whole != (c.reason == "") {
				t.Errorf("%s\n[%s] %q\nwant %s\n[%s] %q", w.own(), w.trusts(), w.Reason, c.own, c.trusts, c.reason)
			}
		})
	}
}
