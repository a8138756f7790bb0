package oracle

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

// names gives the functions of a stack up to main, marked if they have no frame.
func names(frames []Frame) string {
	var all []string
	for _, f := range frames {
		switch {
		case f.Signal:
			all = append(all, "<signal>")
		case f.Inline:
			all = append(all, "["+f.Function+"]")
		case f.TailCall:
			all = append(all, "{"+f.Function+"}")
		default:
			all = append(all, f.Function)
		}
		if f.Function == "main" {
			break
		}
	}
	return strings.Join(all, " ")
}

// TestGDBSeesPrograms says what the programs' own comments say; what is in libc depends on
// its debug data, and is left out.
func TestGDBSeesPrograms(t *testing.T) {
	for _, test := range []struct{ source, way, want string }{
		{"threads", "", "store failing"},
		{"inlines", "", "[store] [nest3] [nest2] nested split [split] aggregates floats scalars unused kept main"},
		{"tailcalls", "chain", "trap {three} {two} {one} main"},
		{"tailcalls", "library", "trap lib_hop {lib_enter} {cross} main"},
		{"tailcalls", "callback", "trap lib_call main"},
		{"tailcalls", "indirect", "trap main"},
		{"tailcalls", "jump", "trap main"},
		{"tailcalls", "ambiguous", "trap {meet} main"},
		{"tailcalls", "self", "trap {count} main"},
		{"nullcall", "null", " call main"},
		{"nullcall", "data", "data call main"},
		{"nullcall", "unmapped", " call main"},
		{"deep", "loop", "twist around"},
		{"sig", "handler", "last_words <signal> fault work main"},
		{"sig", "altstack", "last_words <signal> fault work main"},
		{"sig", "nested", "fault inner <signal> outer <signal> work main"},
		{"sig", "first", "last_words <signal> first work main"},
		{"noreturn", "", "fatal last main"},
	} {
		for _, v := range []coretest.Variant{coretest.Plain(), coretest.ARM64Variants()[0]} {
			p := coretest.Program{Source: test.source, Way: test.way, Variant: v}
			t.Run(p.String(), func(t *testing.T) {
				t.Parallel()
				c := coretest.Crash(t, p)
				// The thread that died is the first.
				all := GDB(t, c.Exe, c.Core, For(c))[0].Frames
				inLibc := func(f Frame) bool { return strings.Contains(f.Object, "/libc.") && !f.Signal }
				got := names(slices.DeleteFunc(slices.Clone(all), inLibc))
				if got != test.want {
					t.Errorf("got  %s\nwant %s", got, test.want)
				}
				for i, f := range all {
					if i > 0 && f.PC == 0 || !strings.HasPrefix(f.Text, "#") {
						t.Errorf("%v: no address, or no text %q", f, f.Text)
					}
				}
			})
		}
	}
}

// TestGDBStops looks at ends that are not regular.
func TestGDBStops(t *testing.T) {
	c := coretest.Crash(t, coretest.Program{Source: "deep", Way: "loop"})
	if stop := GDB(t, c.Exe, c.Core, For(c))[0].Stop; stop == "" {
		t.Error("gdb does not say why it stopped at a loop")
	}
	if stop := EUStack(t, c.Exe, c.Core, For(c))[0].Stop; !strings.Contains(stop, fmt.Sprint(maxFrames)) {
		t.Errorf("eu-stack stopped at a loop with %q", stop)
	}
	c = coretest.Crash(t, coretest.Program{Source: "deep", Way: "recursion"})
	thread := GDB(t, c.Exe, c.Core, For(c))[0]
	isDown := func(f Frame) bool { return f.Function == "down" }
	count := 0
	for _, f := range thread.Frames {
		if isDown(f) {
			count++
		}
	}
	if count != 301 || thread.Stop != "" {
		t.Errorf("%d frames of down, stop %q", count, thread.Stop)
	}
	if d := CompareThreads(EUStack(t, c.Exe, c.Core, For(c)), []Thread{{LWP: thread.LWP, Frames: Physical(thread.Frames)}}); d.SameFrames != d.Frames || d.SamePCs != d.Frames {
		t.Errorf("%d of %d frames are in both", d.SameFrames, d.Frames)
	}
}

// truth is what the arguments of inlines.c are.
var truth = map[string]string{
	"store slot": "7", "store value": "42",
	"nest3 depth": "3", "nest3 by": "2", "nest2 depth": "2", "nested depth": "1",
	"split level": "11", "split why": `"cold"`,
	"aggregates pair":  "{first = 1234605616436508552, second = -2}",
	"aggregates large": `{id = 77, name = "seven", weights = {0.5, -1.25, 1e+100}, inner = {first = -1, second = 9}}`,
	"aggregates bits":  "{low = 5, mid = -9, high = 300, set = true}",
	"aggregates word":  "{whole = 1450709556, half = {low = 4660, high = 22136}, real = 6.81892664e+13}",
	"floats single":    "1.5", "floats twice": "-2.25", "floats more": "3", "floats between": "-2000000000",
	"scalars yes": "true", "scalars letter": "120", "scalars small": "-3", "scalars byte": "200", "scalars s": "-30000",
	"scalars us": "60000", "scalars i": "-2000000000", "scalars u": "4000000000", "scalars l": "-5000000000",
	"scalars ul": "18364758544493064720", "scalars colour": "-7 (BLUE)", "scalars flags": "5 ((FLAG_A | FLAG_C))",
	"scalars text": `"a text"`, "scalars nil": "0x0",
	"unused level": "2", "unused ignored": "5",
	"kept a": "1", "kept b": "-2", "kept c": "3", "kept e": "5", "kept f": "6", "kept g": "7", "kept h": "8",
	"main argc": "1",
}

// TestGDBSeesArguments compares what gdb says with the source: with -O0 it must
// know all, else no more may be wrong than is known.
func TestGDBSeesArguments(t *testing.T) {
	for _, v := range append(coretest.Variants(), coretest.ARM64Variants()...) {
		if v.Debug == coretest.Stripped || v.Debug == coretest.Mini || v.Name == "arm64-pac" {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			c := coretest.Crash(t, coretest.Program{Source: "inlines", Variant: v})
			exe := c.Exe
			if v.Debug == coretest.NoFrameInfo {
				exe = c.Linked
			}
			thread := GDB(t, exe, c.Core, For(c))[0]
			known := map[string]bool{}
			for _, f := range thread.Frames {
				for _, a := range f.Args {
					name := f.Function + " " + a.Name
					want, ok := truth[name]
					if !ok {
						continue
					}
					for _, got := range []string{a.Value, a.Entry} {
						if _, text, ok := strings.Cut(got, ` "`); ok && strings.HasPrefix(got, "0x") {
							got = `"` + text // what a char * points to
						}
						switch sameValue(got, want) {
						case equal:
							known[name] = true
						case differ:
							t.Errorf("%s is %q, want %q", name, got, want)
						}
					}
				}
			}
			least := 25
			if strings.HasSuffix(v.Name, "O0") {
				least = len(truth)
			}
			if len(known) < least {
				t.Errorf("%d arguments are known, want %d: %v", len(known), least, thread.Frames)
			}
		})
	}
}

// TestLayouts: gdb finds the debug data of each layout, for it says the same of the
// executable as it was linked.
func TestLayouts(t *testing.T) {
	for _, v := range coretest.Variants() {
		switch v.Debug {
		case coretest.InExe, coretest.Stripped, coretest.Mini, coretest.NoFrameInfo:
			continue
		case coretest.Dwp: // the .dwo files of the executable as it was linked are packed away
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			c := coretest.Crash(t, coretest.Program{Source: "inlines", Variant: v})
			d := CompareThreads(GDB(t, c.Exe, c.Core, For(c)), GDB(t, c.Linked, c.Core, For(c)))
			if d.SameFrames != d.Frames || d.SameLines != d.Lines || d.SamePCs != d.PCs || d.Args.Theirs+d.Args.Differ > 0 || d.Args.Equal == 0 {
				t.Error(d)
			}
		})
	}
}

// TestOraclesAgree compares gdb and eu-stack, each address of each thread.
//
// Folklore: in arm64 cores of qemu eu-stack 0.188 finds no files, so it follows frame
// pointers from x30 on: it has a caller twice where x30 was saved already. In a static
// program that faults in a function that calls nobody the stack is right.
func TestOraclesAgree(t *testing.T) {
	variants := coretest.ARM64Variants()
	arm64Static := variants[slices.IndexFunc(variants, func(v coretest.Variant) bool { return v.Name == "arm64-static" })]
	for _, p := range []coretest.Program{
		{Source: "threads"}, {Source: "inlines"}, {Source: "noreturn"}, {Source: "vdso"},
		{Source: "sig", Way: "handler"}, {Source: "sig", Way: "nested"}, {Source: "sig", Way: "altstack"},
		{Source: "tailcalls", Way: "library"},
		{Source: "inlines", Variant: arm64Static},
	} {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			c := coretest.Crash(t, p)
			threads, others := GDB(t, c.Exe, c.Core, For(c)), EUStack(t, c.Exe, c.Core, For(c))
			if len(threads) != len(others) || (p.Source == "threads") != (len(threads) == 3) {
				t.Fatalf("%d and %d threads", len(threads), len(others))
			}
			for _, thread := range threads {
				other := Find(others, thread.LWP)
				var ours, theirs []uint64
				for _, f := range Physical(thread.Frames) {
					ours = append(ours, f.PC)
				}
				for _, f := range Physical(other.Frames) {
					theirs = append(theirs, f.PC)
				}
				if !slices.Equal(ours, theirs) {
					t.Errorf("LWP %d: gdb %x\neu-stack %x", thread.LWP, ours, theirs)
				}
			}
		})
	}
}

// TestNoLibDebug: without debug data libc's frames have names, but no lines.
func TestNoLibDebug(t *testing.T) {
	c := coretest.Crash(t, coretest.Program{Source: "sig", Way: "handler"})
	o := For(c)
	o.NoLibDebug = true
	for _, thread := range slices.Concat(GDB(t, c.Exe, c.Core, o), EUStack(t, c.Exe, c.Core, o)) {
		for _, f := range thread.Frames {
			if ours := strings.HasPrefix(filepath.Base(f.File), "sig.c"); f.Line > 0 && !ours {
				t.Errorf("%v has a line", f)
			}
		}
		if len(thread.Frames) < 6 {
			t.Errorf("%v", thread.Frames)
		}
	}
}
