package objects_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/objects"
)

// What the questions to one damaged core may take together, in bytes, and how many
// objects are looked at.
const (
	mostAllocated = 64 << 20
	mostGrown     = 64 << 20
	mostObjects   = 20_000
)

// ask asks everything there is to ask, and gives how many objects there were.
func ask(core []byte, exe string) (n int) {
	c, err := elfcore.Open(bytes.NewReader(core), int64(len(core)), elfcore.Options{})
	if err != nil {
		return 0
	}
	modules := module.New(context.Background(), c, module.Options{Executable: exe})
	defer modules.Close()
	p, err := objects.Open(c, modules, objects.Options{Wide: true})
	if err != nil {
		return 0
	}
	count := func(crash.Object) bool { n++; return n < mostObjects }
	all := opened{p, c}
	for _, w := range walks(all) {
		w.walk(context.Background(), count)
	}
	var first uint64
	p.Streams(context.Background(), func(o crash.Object) bool { first = uint64(o.Address); return false })
	for _, list := range [][]crash.Object{p.Current(1), p.Thread(1), p.Stream(first), p.Applet(first), p.Task(first)} {
		n += len(list)
	}
	p.Globals()
	return n
}

// TestMutations damages the memory of a core and the debug data of its executable:
// no panic, and no more memory than anybody can spare.
func TestMutations(t *testing.T) {
	c := coretest.Crash(t, coretest.Program{Source: "objects", Variant: coretest.Plain()})
	core, err := os.ReadFile(c.Core)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.ReadFile(c.Exe)
	if err != nil {
		t.Fatal(err)
	}
	if n := ask(core, c.Exe); n < 20 {
		t.Fatalf("%d objects", n)
	}
	memory := coretest.Written(t, core, 1<<20)
	types := coretest.Sections(t, exe, ".debug_info", ".debug_abbrev", ".debug_str", ".symtab")
	pointers := coretest.Pointers(core, memory)
	path := filepath.Join(t.TempDir(), "exe")
	found, worst := 0, coretest.Cost{}
	for i := range 600 {
		r := rand.New(rand.NewPCG(7, uint64(i)))
		damagedCore, damagedExe := bytes.Clone(core), c.Exe
		coretest.DamageWords(r, damagedCore, memory, pointers)
		if i%3 == 0 {
			b := bytes.Clone(exe)
			coretest.DamageWords(r, b, types, pointers)
			if err := os.WriteFile(path, b, 0o700); err != nil {
				t.Fatal(err)
			}
			damagedExe = path
		}
		cost := coretest.Measure(func() { found += ask(damagedCore, damagedExe) })
		if cost.Panic != "" {
			t.Fatalf("damage %d: %s", i, cost.Panic)
		}
		if cost.Allocated > mostAllocated || cost.Grown > mostGrown {
			t.Errorf("damage %d takes %d MB, the heap grows by %d MB", i, cost.Allocated>>20, cost.Grown>>20)
		}
		worst.Allocated, worst.Grown = max(worst.Allocated, cost.Allocated), max(worst.Grown, cost.Grown)
	}
	t.Logf("%d objects; %d MB at most, the heap grew by %d MB", found, worst.Allocated>>20, worst.Grown>>20)
	if found == 0 {
		t.Error("nothing was found in any damaged core")
	}
}
