package matched

import (
	"debug/elf"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// source is a program of a hundred functions, half of them static, that call each other, print,
// and stand in a table of keywords. It says that it is HAProxy of a version.
func source(version string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#include <stdio.h>\n#include <stdlib.h>\nconst char haproxy_version[] = %q;\n", version)
	for i := range 50 {
		fmt.Fprintf(&b, "static int local_%d(int x);\nint shared_%d(int x);\n", i, i)
	}
	for i := range 50 {
		fmt.Fprintf(&b, `
static __attribute__((noinline)) int local_%[1]d(int x) {
	printf("local %[2]d says %%d\n", x);
	if (x > %[1]d) { fprintf(stderr, "number %[3]d is too large\n"); return shared_%[4]d(x - 1) + 1; }
	return x + local_%[5]d(x + 1);
}
__attribute__((noinline)) int shared_%[1]d(int x) { return x > 1000 ? x : local_%[1]d(x + 3) + local_%[6]d(x + 5); }
`, i, 7*i+1, 13*i+2, (i+11)%50, (i*7+3)%50, (i+25)%50)
	}
	b.WriteString("struct keyword { const char *name; int (*run)(int); };\nstruct keyword keywords[] = {\n")
	for i := range 20 {
		fmt.Fprintf(&b, "\t{ \"keyword-%d\", local_%d },\n", i, 2*i)
	}
	b.WriteString("};\nint main(int n, char **v) { return keywords[n % 20].run(n) + atoi(v[0]); }\n")
	return b.String()
}

// compiled gives an executable, and with the names of its functions by address.
func compiled(t *testing.T, compiler, version string, flags ...string) (path string, names map[uint64]string) {
	t.Helper()
	dir := t.TempDir()
	c := filepath.Join(dir, "small.c")
	if err := os.WriteFile(c, []byte(source(version)), 0o600); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "small")
	args := append([]string{"-g", "-rdynamic", "-fPIE", "-pie", "-o", path, c}, flags...)
	if out, err := exec.CommandContext(t.Context(), compiler, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", compiler, err, out)
	}
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	names = map[uint64]string{}
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Size > 0 {
			names[s.Value], _, _ = strings.Cut(s.Name, ".")
		}
	}
	return path, names
}

func open(t *testing.T, path string) *elffile.File {
	t.Helper()
	f, err := elffile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// learned makes a table of one executable.
func learned(t *testing.T, path string, names map[uint64]string) []byte {
	t.Helper()
	f := open(t, path)
	v, ok := Version(f)
	if !ok {
		t.Fatal("no version")
	}
	r := Release{Version: v.Raw, Machine: f.Machine}
	r.Records = Open(f, unwind.NewTable(f, nil)).Learn(func(addr uint64) (Source, bool) {
		return Source{Name: names[addr], Unit: "small"}, names[addr] != ""
	}, nil)
	table, err := Encode([]Release{r})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestNames: what is learned from one build names the static functions of others, stripped or not,
// of other options, and nothing wrongly.
func TestNames(t *testing.T) {
	for _, compiler := range []string{"gcc", "aarch64-linux-gnu-gcc"} {
		t.Run(compiler, func(t *testing.T) {
			coretest.Need(t, compiler, compiler)
			table := learned(t, first(compiled(t, compiler, "3.0.1", "-O2")), second(compiled(t, compiler, "3.0.1", "-O2")))
			for _, flags := range []string{"-O1", "-Os", "-O2 -fcf-protection=none -fstack-protector-all", "-O2 -Wl,-z,now"} {
				if compiler != "gcc" && strings.Contains(flags, "-fcf") {
					continue
				}
				path, names := compiled(t, compiler, "3.0.7", strings.Fields(flags)...)
				f := open(t, path)
				n := NewOf(table, f, unwind.NewTable(f, nil))
				if n == nil {
					t.Fatal("no names at all")
				}
				right := 0
				for _, g := range n.All() {
					want := names[g.Low]
					if g.Name != "" && want != "" && g.Name != want {
						t.Errorf("%s: %s is named %s", flags, want, g.Name)
					}
					if g.Name == want && strings.HasPrefix(want, "local_") {
						right++
					}
				}
				if right < 45 {
					t.Errorf("%s: %d of 50 functions named", flags, right)
				}
				alone(t, table, f, names)
			}
		})
	}
}

func first(path string, _ map[uint64]string) string              { return path }
func second(_ string, names map[uint64]string) map[uint64]string { return names }

// alone names each function by itself: what was asked before must make no difference.
func alone(t *testing.T, table []byte, f *elffile.File, names map[uint64]string) {
	t.Helper()
	n := NewOf(table, f, unwind.NewTable(f, nil))
	right := 0
	for low, want := range names {
		if !strings.HasPrefix(want, "local_") {
			continue
		}
		got, _ := n.Name(low + 1)
		fresh, _ := NewOf(table, f, unwind.NewTable(f, nil)).Name(low + 1)
		if got != fresh {
			t.Errorf("%s: %v after others, %v alone", want, got, fresh)
		}
		if got.Name != "" && got.Name != want {
			t.Errorf("%s alone is named %s", want, got.Name)
		}
		if got.Name == want {
			right++
		}
	}
	if right < 40 {
		t.Errorf("%d of 50 functions named one by one", right)
	}
}

// TestOtherBranch: a table of another branch names nothing, and no other program has names.
func TestOtherBranch(t *testing.T) {
	coretest.Need(t, "gcc", "gcc")
	path, names := compiled(t, "gcc", "3.0.1", "-O2")
	table := learned(t, path, names)
	for _, version := range []string{"3.1.1", "2.9-dev4", "1.8", "", "none"} {
		path, _ := compiled(t, "gcc", version, "-O2")
		f := open(t, path)
		if NewOf(table, f, unwind.NewTable(f, nil)) != nil {
			t.Errorf("%q has names of 3.0.1", version)
		}
	}
	for _, program := range []string{"/bin/bash", "/usr/bin/gdb"} {
		if f, err := elffile.Open(program); err == nil {
			if New(f, unwind.NewTable(f, nil)) != nil {
				t.Errorf("%s is taken for HAProxy", program)
			}
			_ = f.Close()
		}
	}
}

// TestDamagedExecutables: whatever an executable holds, there is an end to the work.
func TestDamagedExecutables(t *testing.T) {
	coretest.Need(t, "gcc", "gcc")
	path, names := compiled(t, "gcc", "3.0.1", "-O2")
	table := learned(t, path, names)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	places := coretest.Sections(t, whole, ".eh_frame", ".eh_frame_hdr", ".dynsym", ".dynstr", ".rela.dyn", ".rela.plt", ".text", ".plt", ".rodata")
	r := rand.New(rand.NewPCG(15, 1))
	named := 0
	for range 600 {
		b := append([]byte(nil), whole...)
		for range 1 + r.IntN(6) {
			coretest.DamageBytes(r, b, places[r.IntN(len(places))])
		}
		f, err := elffile.New(b, "damaged")
		if err != nil {
			continue
		}
		n := NewOf(table, f, unwind.NewTable(f, nil))
		if n == nil {
			continue
		}
		for _, g := range n.All() {
			if g.Name != "" {
				named++
			}
		}
		if n.p.work > n.p.most+maxText {
			t.Errorf("%d units of work", n.p.work)
		}
	}
	if named < 10000 {
		t.Errorf("%d names in all: nothing was tried", named)
	}
}

// FuzzProgram reads executables that nobody vouches for.
func FuzzProgram(f *testing.F) {
	releases := madeReleases()
	table, err := Encode(releases)
	if err != nil {
		f.Fatal(err)
	}
	p := poolOf(table, releases[0].Machine).branch(func(string) bool { return true })
	for _, program := range []string{"/bin/true", "/usr/bin/env"} {
		if b, err := os.ReadFile(program); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := elffile.New(b, "fuzz")
		if err != nil {
			return
		}
		program := Open(file, unwind.NewTable(file, nil))
		if program == nil {
			return
		}
		n := &Namer{p: program, t: p, names: map[int32]Match{}}
		n.Expect([]uint64{file.Entry, program.functions[0].start})
		n.All()
	})
}

// TestRealHAProxy: Debian's package is named by what other releases of its branch taught, and the
// names are those that its functions have in the source.
func TestRealHAProxy(t *testing.T) {
	const program = "/usr/sbin/haproxy"
	if _, err := os.Stat(program); err != nil {
		coretest.Absent(t, "no haproxy to test with: install the package haproxy")
	}
	f := open(t, program)
	v, ok := Version(f)
	if !ok {
		t.Fatal("no version")
	}
	if floor, _ := haproxy.ParseVersion("2.4"); v.CompareBranch(floor) < 0 {
		t.Skipf("%s is older than the table", v)
	}
	n := New(f, unwind.NewTable(f, nil))
	if n == nil {
		t.Fatalf("%s has no names", v)
	}
	all, named := 0, map[string]int{}
	for _, g := range n.All() {
		if !g.Piece {
			all++
			named[g.Name]++
		}
	}
	if got := all - named[""]; got < all*85/100 {
		t.Errorf("%d of %d functions named", got, all)
	}
	for _, name := range []string{"cli_io_handler", "h1_process", "h2_process", "run_thread_poll_loop", "debug_parse_cli_loop"} {
		if named[name] != 1 {
			t.Errorf("%s: named %d times", name, named[name])
		}
	}
}
