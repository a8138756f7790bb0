package symbols

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// What any input may cost.
const (
	maxHostileTime   = 2 * time.Second
	maxHostileMemory = 512 << 20
)

// cost is what it took to walk all stacks of a core.
type cost struct {
	time   time.Duration
	memory uint64 // by which the heap grew, in bytes
	frames int
}

// walkHostile walks all stacks of a core that is in memory, and says which panic
// there was.
func walkHostile(t testing.TB, core []byte, files module.Options, o Options) (c cost, panicked any) {
	t.Helper()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	before := heap()
	start, startCPU := time.Now(), cpu(t)
	func() {
		defer func() {
			if panicked = recover(); panicked != nil {
				panicked = fmt.Sprintf("%v\n%s", panicked, debug.Stack())
			}
		}()
		c.frames = walkAll(t, core, files, o)
	}()
	// On a machine that is busy with other things the clock says little.
	c.time = min(time.Since(start), cpu(t)-startCPU)
	if now := heap(); now > before {
		c.memory = now - before
	}
	return c, panicked
}

// cpu is how long all threads of this process have computed.
func cpu(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// heap is how many bytes the heap has of the system. It gives none back at once,
// so that this is the most that was in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapSys - m.HeapReleased
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

// region is a part of a file that is worth damaging.
type region struct {
	name     string
	off, len int
}

// coreRegions are the headers, the notes and some of the memory of a core.
func coreRegions(t *testing.T, core []byte) []region {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(core))
	if err != nil {
		t.Fatal(err)
	}
	out := []region{{"header", 16, 48}, {"program headers", 64, 56 * len(f.Progs)}}
	for _, p := range f.Progs {
		if p.Type == elf.PT_NOTE {
			out = append(out, region{"notes", int(p.Off), int(p.Filesz)})
		}
	}
	last := f.Progs[len(f.Progs)-2:] // the stack, and the vDSO
	for _, p := range last {
		if n := int(min(p.Filesz, 16<<10)); n > 0 {
			out = append(out, region{"memory", int(p.Off+p.Filesz) - n, n})
		}
	}
	return out
}

// fileRegions are the headers of an executable and the sections that we read.
func fileRegions(t *testing.T, exe []byte) []region {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(exe))
	if err != nil {
		t.Fatal(err)
	}
	out := []region{{"header", 16, 48}, {"program headers", 64, 56 * len(f.Progs)}}
	out = append(out, region{"section headers", int(binary.LittleEndian.Uint64(exe[40:])), 64 * len(f.Sections)})
	for _, s := range f.Sections {
		switch s.Name {
		case ".eh_frame", ".eh_frame_hdr", ".debug_frame", ".debug_info", ".debug_abbrev", ".debug_line", ".debug_str", ".debug_line_str",
			".debug_aranges", ".debug_ranges", ".debug_rnglists", ".debug_loc", ".debug_loclists", ".symtab", ".strtab", ".dynsym":
			if s.FileSize > 0 {
				out = append(out, region{s.Name, int(s.Offset), int(s.FileSize)})
			}
		}
	}
	return out
}

// damage changes some bytes of a region, in one of many ways, and returns how to
// undo it.
func damage(r *rand.Rand, b []byte, at region) (undo func()) {
	part := b[at.off : at.off+at.len]
	whole := bytes.Clone(part)
	for range 1 + r.IntN(6) {
		i := r.IntN(len(part))
		rest := part[i:]
		switch r.IntN(8) {
		case 0:
			rest[0] = byte(r.Uint32())
		case 1:
			rest[0] = []byte{0, 1, 0x7f, 0x80, 0xff}[r.IntN(5)]
		case 2:
			rest[0] ^= 1 << r.IntN(8)
		case 3:
			extreme := []uint64{0, 1, ^uint64(0), 1 << 63, 1 << 32, 1<<31 - 1, 1 << 20, uint64(r.IntN(1 << 16)), r.Uint64()}
			var w [8]byte
			binary.LittleEndian.PutUint64(w[:], extreme[r.IntN(len(extreme))])
			copy(rest, w[:1<<r.IntN(4)])
		case 4:
			copy(rest, whole[r.IntN(len(whole)):][:min(r.IntN(64), 1)])
		case 5:
			clear(rest[:min(len(rest), r.IntN(64))])
		case 6:
			for k := range rest[:min(len(rest), r.IntN(64))] {
				rest[k] = 0xff
			}
		case 7: // what came before comes again
			copy(rest, part[:min(i, r.IntN(256))])
		}
	}
	return func() { copy(part, whole) }
}

// TestMutations damages cores and executables in thousands of ways: no panic, and
// no more time or memory than anybody can spare.
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
	var slowest, largest cost
	for n, p := range programs {
		c := coretest.Crash(t, p)
		core, exe := readFile(t, c.Core), readFile(t, c.Exe)
		whole, panicked := walkHostile(t, core, module.Options{Executable: c.Exe}, Options{})
		if panicked != nil || whole.frames < 2 {
			t.Fatalf("%v: %d frames, %v", p, whole.frames, panicked)
		}
		inCore, inExe := coreRegions(t, core), fileRegions(t, exe)
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
				what = "core's " + at.name
				undo = damage(r, core, at)
			default:
				at := inExe[r.IntN(len(inExe))]
				what = at.name
				undo = damage(r, exe, at)
				writeFile(t, path, exe)
				undo()
				undo = func() {}
				files.Executable = path
			}
			got, panicked := walkHostile(t, data, files, o)
			if panicked == nil && got.time > maxHostileTime {
				got, panicked = walkHostile(t, data, files, o) // it may have been the machine
			}
			undo()
			total++
			if panicked != nil {
				t.Errorf("%v: mutation %d of %s: %v", p, i, what, panicked)
			}
			if got.time > maxHostileTime || got.memory > maxHostileMemory {
				t.Errorf("%v: mutation %d of %s took %v and %d MB", p, i, what, got.time, got.memory>>20)
			}
			if got.time > slowest.time {
				slowest = got
			}
			if got.memory > largest.memory {
				largest = got
			}
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("%d mutations; the slowest took %v, the largest %d MB", total, slowest.time, largest.memory>>20)
	if total < 5000 {
		t.Errorf("only %d mutations", total)
	}
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
