package postmortem_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/postmortem"
)

// ask reads all there is to read; found counts it.
func ask(core []byte, exe string) (found int) {
	c, err := elfcore.Open(bytes.NewReader(core), int64(len(core)), elfcore.Options{})
	if err != nil {
		return 0
	}
	modules := module.New(context.Background(), c, module.Options{Executable: exe})
	defer modules.Close()
	f, err := postmortem.Read(context.Background(), c, postmortem.Options{})
	if err != nil {
		return 0
	}
	f.UseProgram(c, modules.Main())
	f.Crash(c, nil)
	if len(c.Threads) > 0 && f.Condition(c.Threads[0].Registers.PC(), 4096) != nil {
		found++
	}
	if f.Object != nil {
		found += 1 + len(f.Object.Components)
	}
	return found + len(f.Counters) + len(f.Rings)
}

// TestMutations damages memory, and the executable's sections, segments and code: no
// panic, and no more memory than anybody can spare.
func TestMutations(t *testing.T) {
	const mostAllocated = 64 << 20 // bytes
	for _, v := range []coretest.Variant{
		variant("newest", coretest.Stripped, newest()...),
		variant("newest-types", coretest.InExe, newest()...),
		variant("old-ring", coretest.Stripped, "-DOLD_RING"),
	} {
		c := coretest.Crash(t, coretest.Program{Source: "postmortem", Way: "bug", Variant: v})
		core, err := os.ReadFile(c.Core)
		if err != nil {
			t.Fatal(err)
		}
		exe, err := os.ReadFile(c.Exe)
		if err != nil {
			t.Fatal(err)
		}
		if n := ask(core, c.Exe); n < 8 {
			t.Fatalf("%s: found %d", v.Name, n)
		}
		memory := coretest.Written(t, core, 256<<10)
		pointers := coretest.Pointers(core, memory)
		path := filepath.Join(t.TempDir(), "exe")
		found, worst := 0, uint64(0)
		for i := range 200 {
			r := rand.New(rand.NewPCG(11, uint64(i)))
			damaged, program := bytes.Clone(core), c.Exe
			coretest.DamageWords(r, damaged, memory, pointers)
			if i%3 == 0 {
				b := bytes.Clone(exe)
				coretest.DamageWords(r, b, []coretest.Region{{Name: "file", Off: 64, Len: len(b) - 80}}, pointers)
				if err := os.WriteFile(path, b, 0o700); err != nil {
					t.Fatal(err)
				}
				program = path
			}
			cost := coretest.Measure(func() { found += ask(damaged, program) })
			if cost.Panic != "" {
				t.Fatalf("%s, damage %d: %s", v.Name, i, cost.Panic)
			}
			if cost.Allocated > mostAllocated {
				t.Errorf("%s, damage %d takes %d MB", v.Name, i, cost.Allocated>>20)
			}
			worst = max(worst, cost.Allocated)
		}
		t.Logf("%s: found %d, %d MB at most", v.Name, found, worst>>20)
		if found == 0 {
			t.Errorf("%s: nothing was found in any damaged core", v.Name)
		}
	}
}
