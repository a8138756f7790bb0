package symbols

import (
	"slices"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/internal/oracle"
)

// programs are all ways in which the programs of testdata/src die.
func programs() []coretest.Program {
	ways := map[string][]string{
		"inlines":   {""},
		"threads":   {""},
		"busy":      {"4"},
		"noreturn":  {""},
		"vdso":      {""},
		"tailcalls": {"chain", "library", "callback", "indirect", "jump", "ambiguous", "self"},
		"sig":       {"handler", "altstack", "nested", "first"},
		"nullcall":  {"null", "data", "unmapped"},
		"deep":      {"recursion"},
	}
	var out []coretest.Program
	for source, list := range ways {
		for _, way := range list {
			out = append(out, coretest.Program{Source: source, Way: way, Variant: coretest.Plain()})
		}
	}
	// Every layout of debug data with the programs that have most of it.
	for _, v := range slices.Concat(coretest.Variants()[1:], coretest.ARM64Variants(), coretest.RISCV64Variants()[:1]) {
		out = append(out,
			coretest.Program{Source: "inlines", Variant: v},
			coretest.Program{Source: "tailcalls", Way: "chain", Variant: v},
			coretest.Program{Source: "sig", Way: "altstack", Variant: v},
			coretest.Program{Source: "nullcall", Way: "null", Variant: v})
	}
	return out
}

// TestFramesAreThoseOfGDB compares every frame, line and argument of every
// program with gdb's.
func TestFramesAreThoseOfGDB(t *testing.T) {
	var sum oracle.Diff
	results := make(chan oracle.Diff, 256)
	t.Run("programs", func(t *testing.T) {
		for _, p := range programs() {
			if gdbIsLost(p) {
				continue
			}
			t.Run(p.String(), func(t *testing.T) {
				t.Parallel()
				c := coretest.Crash(t, p)
				ours := walkCore(t, c.Core, modulesOf(c), Options{LibraryDebug: true, Locals: true})
				d := oracle.CompareThreads(ours.threads(), oracle.GDB(t, c.Exe, c.Core, oracle.For(c)))
				if len(d.Differences) > 0 {
					t.Log(d)
				}
				if d.SamePCs != d.PCs || d.SameLines != d.Lines || d.Args.Differ+d.Entries.Differ+d.Locals.Differ+d.Locals.Ours > 0 {
					t.Errorf("wrong: %v", d)
				}
				results <- d
			})
		}
	})
	close(results)
	for d := range results {
		sum.Add("", d)
	}
	sum.Differences = nil
	t.Log(sum)
	if sum.Locals.Equal < 100 {
		t.Errorf("only %d variables were compared", sum.Locals.Equal)
	}
	if 100*sum.SameFrames < 99*sum.Frames {
		t.Errorf("%d of %d frames are those of gdb; want 99 %%", sum.SameFrames, sum.Frames)
	}
}

// gdbIsLost tells programs on which gdb 13 gives up or guesses.
//
// Folklore: a core of qemu has no register set with the bits that sign return
// addresses, and gdb then cannot unwind code that signs them ("Register 69 is
// not available"). Without any unwind table gdb reads prologues, and finds frames at
// addresses like 0x3fe0000000000000.
func gdbIsLost(p coretest.Program) bool {
	return p.Name == "arm64-pac" || p.Name == "frame-pointer-only"
}

// TestWhereGDBIsLost compares with the same program, compiled so that it can be
// unwound by tables alone.
func TestWhereGDBIsLost(t *testing.T) {
	for _, p := range programs() {
		if !gdbIsLost(p) {
			continue
		}
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			like := p
			like.Variant = coretest.Plain()
			if p.Arch == coretest.ARM64 {
				like.Variant = coretest.ARM64Variants()[0]
			}
			want, c := coretest.Crash(t, like), coretest.Crash(t, p)
			truth := names(walkCore(t, want.Core, modulesOf(want), Options{}))
			got := names(walkCore(t, c.Core, modulesOf(c), Options{}))
			found := 0
			rest := truth
			for _, name := range got {
				i := slices.Index(rest, name)
				if i < 0 {
					t.Errorf("%s is not in the stack %v, or not in that order: %v", name, truth, got)
					continue
				}
				rest = rest[i+1:]
				found++
			}
			if found < len(truth) {
				t.Errorf("found %v of %v", got, truth)
			}
		})
	}
}

// names gives the functions of the first thread that have a name and were called.
func names(w walked) []string {
	var out []string
	for _, f := range w.frames[0] {
		if f.Function != "" && !f.MadeUp && !f.Tail && !f.Inlined {
			out = append(out, f.Function)
		}
	}
	return out
}

// TestAddressesAreThoseOfEUStack compares the address of every physical frame.
func TestAddressesAreThoseOfEUStack(t *testing.T) {
	for _, p := range programs() {
		// Folklore: eu-stack has no sysroot. It looks up the row of a call through NULL
		// where the callee would be, and then skips the caller. Without tables it skips that of a
		// function that has not pushed the frame pointer: see TestWhereGDBIsLost.
		if p.Arch != coretest.AMD64 || p.Source == "nullcall" || p.Name == "frame-pointer-only" {
			continue
		}
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			c := coretest.Crash(t, p)
			ours := walkCore(t, c.Core, modulesOf(c), Options{})
			samePCs(t, ours.threads(), oracle.EUStack(t, c.Exe, c.Core, oracle.For(c)))
		})
	}
}

// samePCs demands that two sides have the same addresses in all physical frames.
func samePCs(t *testing.T, ours, theirs []oracle.Thread) {
	t.Helper()
	for _, th := range theirs {
		if th.Stop != "" {
			t.Logf("eu-stack gave up: %s", th.Stop)
			continue
		}
		a, b := oracle.Physical(oracle.Find(ours, th.LWP).Frames), oracle.Physical(th.Frames)
		// Folklore: libc inlines a function into one of the same name (write), which
		// eu-stack lists twice, as recursion would be.
		b = slices.CompactFunc(b, func(x, y oracle.Frame) bool {
			return len(b) > len(a) && x.PC == y.PC && x.Function == y.Function
		})
		for i := range max(len(a), len(b)) {
			if i >= len(a) || i >= len(b) || a[i].PC != b[i].PC {
				t.Errorf("frame %d differs\nours:   %v\ntheirs: %v", i, a[min(i, len(a)):], b[min(i, len(b)):])
				break
			}
		}
	}
}
