package symbols

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// What any input may cost, in bytes.
const (
	maxHostileAllocated = 1 << 30
	maxHostileMemory    = 512 << 20
)

// sections are those that are read of an executable.
func sections() []string {
	return []string{".eh_frame", ".eh_frame_hdr", ".debug_frame", ".debug_info", ".debug_abbrev", ".debug_line", ".debug_str", ".debug_line_str",
		".debug_aranges", ".debug_ranges", ".debug_rnglists", ".debug_loc", ".debug_loclists", ".symtab", ".strtab", ".dynsym"}
}

func walkAll(t testing.TB, data []byte, files module.Options, o Options) (frames int) {
	core, err := elfcore.Open(bytes.NewReader(data), int64(len(data)), elfcore.Options{})
	if err != nil {
		return 0
	}
	set := module.New(t.Context(), core, files)
	defer set.Close()
	u := unwind.New(core, set)
	s := New(core, set, o)
	var all [][]Frame // a report keeps them
	for i := range core.Threads {
		st := u.Thread(&core.Threads[i])
		if !st.Whole && st.Reason == "" {
			t.Error("a broken stack without a reason")
		}
		all = append(all, s.Stack(st))
		frames += len(all[i])
	}
	runtime.KeepAlive(all)
	return frames
}

// TestMutations damages cores and executables in thousands of ways: no panic, and
// no more memory than anybody can spare.
func TestMutations(t *testing.T) {
	const each = 450
	variants := map[string]coretest.Variant{}
	for _, v := range coretest.Variants() {
		variants[v.Name] = v
	}
	var programs []coretest.Program
	for _, name := range []string{"plain", "dwarf4", "O0", "zlib", "no-eh-frame-hdr", "debug-frame-only", "stripped", "dwz"} {
		programs = append(programs, coretest.Program{Source: "inlines", Variant: variants[name]})
	}
	plain := coretest.Plain()
	for source, way := range map[string]string{"tailcalls": "chain", "sig": "altstack", "threads": "", "layers": "", "nullcall": "null"} {
		programs = append(programs, coretest.Program{Source: source, Way: way, Variant: plain})
	}
	total := 0
	var worst coretest.Cost
	for n, p := range programs {
		c := coretest.Crash(t, p)
		core, exe := readFile(t, c.Core), readFile(t, c.Exe)
		if frames := walkAll(t, core, module.Options{Executable: c.Exe}, Options{}); frames < 2 {
			t.Fatalf("%v: %d frames", p, frames)
		}
		inCore := slices.Concat(coretest.Headers(t, core), coretest.Notes(t, core), coretest.LastMemory(t, core))
		inExe := append(coretest.Headers(t, exe), coretest.Sections(t, exe, sections()...)...)
		path := filepath.Join(t.TempDir(), "exe")
		for i := range each {
			r := rand.New(rand.NewPCG(uint64(n), uint64(i)))
			o := Options{Strings: i%2 == 0}
			files := module.Options{Executable: c.Exe}
			data := core
			what := "cut"
			undo := func() {}
			switch {
			case i%50 == 0:
				data = core[:r.IntN(len(core))]
			case i%50 == 1:
				writeFile(t, path, exe[:r.IntN(len(exe))])
				files.Executable = path
			case i%3 == 0:
				at := inCore[r.IntN(len(inCore))]
				what = "core's " + at.Name
				undo = coretest.DamageBytes(r, core, at)
			default:
				at := inExe[r.IntN(len(inExe))]
				what = at.Name
				restore := coretest.DamageBytes(r, exe, at)
				writeFile(t, path, exe)
				restore()
				files.Executable = path
			}
			cost := coretest.Measure(func() { walkAll(t, data, files, o) })
			undo()
			total++
			if wrong := tooMuch(cost); wrong != "" {
				t.Fatalf("%v: mutation %d of %s: %s", p, i, what, wrong)
			}
			worst.Allocated, worst.Grown = max(worst.Allocated, cost.Allocated), max(worst.Grown, cost.Grown)
		}
	}
	t.Logf("%d mutations; %d MB at most, the heap grew by %d MB", total, worst.Allocated>>20, worst.Grown>>20)
	if total < 5000 {
		t.Errorf("only %d mutations", total)
	}
}

// tooMuch says what is wrong with a cost; empty if nothing is.
func tooMuch(c coretest.Cost) string {
	switch {
	case c.Panic != "":
		return c.Panic
	case c.Allocated > maxHostileAllocated || c.Grown > maxHostileMemory:
		return fmt.Sprintf("%d MB, the heap grew by %d MB", c.Allocated>>20, c.Grown>>20)
	}
	return ""
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeFile(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
}
