package analyze_test

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/debiansuite"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/module"
)

// crashOf analyses one input that holds one crash.
func crashOf(t *testing.T, name string, o analyze.Options) *crash.Crash {
	t.Helper()
	var out *crash.Crash
	o.Names = []string{name}
	_, err := analyze.Run(t.Context(), o, func(c *crash.Crash) error {
		if out == nil || len(c.Threads) > len(out.Threads) {
			out = c
		}
		return nil
	})
	if err != nil || out == nil {
		t.Fatalf("%s: %v, %v", name, out, err)
	}
	return out
}

// Of a log alone, with the executable at hand, a printed trace gets the names
// that the core gives the same addresses.
func TestPrintedTraceIsNamed(t *testing.T) {
	p := haproxytest.Start(t, haproxytest.Options{})
	p.CLI("expert-mode on; debug dev bug")
	p.Wait()
	log := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(log, []byte(p.Stderr()), 0o600); err != nil {
		t.Fatal(err)
	}
	exe := analyze.Options{Modules: module.Options{Executable: "/usr/sbin/haproxy"}}
	named := map[crash.Addr]string{}
	for _, th := range crashOf(t, p.Core(), exe).Threads {
		for _, f := range th.Frames {
			named[f.Address] = f.Function + f.Symbol
		}
	}
	same, unnamed := 0, 0
	for _, th := range crashOf(t, log, exe).Threads {
		for _, f := range th.Frames {
			want := named[f.Address]
			if want == "" || f.Module != exe.Modules.Executable {
				continue // a library's, or one that has left the stack since it was printed
			}
			got, _, _ := strings.Cut(f.Function+f.Symbol, "+")
			if f.Function != "" {
				got = f.Function
			}
			if got != want {
				t.Errorf("%s is %q in the log, %q in the core", f.Address, got, want)
			}
			same++
			if strings.HasPrefix(f.Symbol, "sub_") {
				unnamed++
			}
		}
	}
	if same < 5 || unnamed == 0 {
		t.Errorf("%d frames of the log are in the core, %d of functions without a symbol", same, unnamed)
	}

	other := filepath.Join(debiansuite.Root(t, "trixie", false), "usr/sbin/haproxy")
	c := crashOf(t, log, analyze.Options{Modules: module.Options{Executable: other}})
	for _, th := range c.Threads {
		for _, f := range th.Frames {
			if f.Module == other {
				t.Errorf("another build named %s: %+v", f.Address, f)
			}
		}
	}
	if len(c.Missing) == 0 || !strings.Contains(c.Missing[len(c.Missing)-1].What, "another build") {
		t.Errorf("nothing is said of the wrong executable: %+v", c.Missing)
	}
}

// The kernel's line of a fault gets the name of the function that the instruction lies in,
// by the headers of the executable: from any address that it was loaded at, with the place
// in the file or without it, and not of another build.
func TestKernelLineIsNamed(t *testing.T) {
	exe := haproxytest.Program(t, "/")
	f, err := elf.Open(exe)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.DynamicSymbols()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(symbols, func(s elf.Symbol) bool { return s.Name == "process_stream" && s.Value != 0 })
	k := slices.IndexFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_LOAD && p.Flags&elf.PF_X != 0 })
	if i < 0 || k < 0 {
		t.Fatal("no process_stream, or no code, in ", exe)
	}
	link, code := symbols[i].Value+0x42, f.Progs[k]
	bytes := make([]byte, 16)
	if _, err := code.ReadAt(bytes, int64(link-code.Vaddr)); err != nil {
		t.Fatal(err)
	}
	const bias, page = 0x55b0c0c00000, 4096
	start, size := bias+code.Vaddr/page*page, (code.Vaddr+code.Filesz+page-1)/page*page-code.Vaddr/page*page
	line := func(mapping string, bytes []byte) string {
		return fmt.Sprintf("kernel: haproxy[4242]: segfault at 28 ip %016x sp 00007ffc11223340 error 4 in haproxy[%s] likely on CPU 2 (core 2, socket 0)\n"+
			"kernel: Code: 90 90 90 90 90 90 90 90 <%02x> % x\n", bias+link, mapping, bytes[0], bytes[1:])
	}
	old, in := fmt.Sprintf("%x+%x", start, size), fmt.Sprintf("%x,%x+%x", link-code.Vaddr+code.Off, start, size)
	for _, c := range []struct {
		text  string
		named bool
	}{
		{line(old, bytes), true},
		{line(in, bytes), true},
		{line(fmt.Sprintf("%x+%x", start, size+page), bytes), false},
		{line(in, append([]byte{bytes[0] ^ 1}, bytes[1:]...)), false},
		{strings.ReplaceAll(line(in, bytes), "in haproxy[", "in libssl.so.3["), false},
	} {
		log := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(log, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got := crashOf(t, log, analyze.Options{Modules: module.Options{Executable: exe}}).Threads[0].Frames
		last := got[len(got)-1]
		if named := last.Function == "process_stream" && last.Offset == 0x42 && uint64(last.ModuleOffset) == link; named != c.named {
			t.Errorf("%s: %+v", c.text, got)
		}
	}
}
