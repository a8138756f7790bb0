package postmortem_test

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/postmortem"
)

// ask reads all there is to read; found counts it.
func ask(core []byte, exe string) (found int, panicked any) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if panicked = recover(); panicked != nil {
			panicked = fmt.Sprintf("%v\n%s", panicked, debug.Stack())
		}
	}()
	c, err := elfcore.Open(bytes.NewReader(core), int64(len(core)), elfcore.Options{})
	if err != nil {
		return 0, nil
	}
	modules := module.New(context.Background(), c, module.Options{Executable: exe})
	defer modules.Close()
	f, err := postmortem.Read(context.Background(), c, postmortem.Options{})
	if err != nil {
		return 0, nil
	}
	f.Use(postmortem.ReadProgram(c, modules.Main()))
	f.Crash(c)
	if len(c.Threads) > 0 && f.Condition(c.Threads[0].Registers.PC(), 4096) != nil {
		found++
	}
	if f.Object != nil {
		found += 1 + len(f.Object.Components)
	}
	return found + len(f.Counters) + len(f.Rings), nil
}

// place is a part of a file that is to be damaged.
type place struct{ off, len int }

// written are the parts of a core that hold what the program wrote.
func written(t *testing.T, core []byte) []place {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(core))
	if err != nil {
		t.Fatal(err)
	}
	var out []place
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Filesz > 0 && p.Flags&elf.PF_W != 0 && p.Filesz < 256<<10 {
			out = append(out, place{int(p.Off), int(p.Filesz)})
		}
	}
	return out
}

// damage overwrites some words, mostly with addresses that lead somewhere.
func damage(r *rand.Rand, b []byte, places []place, leads []uint64) {
	for range 1 + r.IntN(60) {
		p := places[r.IntN(len(places))]
		at := p.off + r.IntN(max(p.len/8-1, 1))*8
		switch r.IntN(4) {
		case 0, 1:
			binary.LittleEndian.PutUint64(b[at:], leads[r.IntN(len(leads))]+uint64(r.IntN(64)))
		case 2:
			binary.LittleEndian.PutUint64(b[at:], []uint64{0, 1, ^uint64(0), 1 << 40, r.Uint64()}[r.IntN(5)])
		case 3:
			b[at+r.IntN(8)] ^= byte(1 << r.IntN(8))
		}
	}
}

// leads are words of the memory that look like addresses.
func leads(b []byte, places []place) []uint64 {
	out := []uint64{0x4242424242424242}
	for _, p := range places {
		for at := p.off; at+8 <= p.off+p.len && len(out) < 5000; at += 8 {
			if w := binary.LittleEndian.Uint64(b[at:]); w > 1<<32 && w < 1<<47 {
				out = append(out, w)
			}
		}
	}
	return out
}

// TestMutations damages memory, and the executable's sections, segments and code: no
// panic, and an answer in time.
func TestMutations(t *testing.T) {
	const most = 5 * time.Second
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
		if n, wrong := ask(core, c.Exe); n < 8 || wrong != nil {
			t.Fatalf("%s: found %d, %v", v.Name, n, wrong)
		}
		memory := written(t, core)
		to := leads(core, memory)
		path := filepath.Join(t.TempDir(), "exe")
		found := 0
		for i := range 200 {
			r := rand.New(rand.NewPCG(11, uint64(i)))
			damaged, program := bytes.Clone(core), c.Exe
			damage(r, damaged, memory, to)
			if i%3 == 0 {
				b := bytes.Clone(exe)
				damage(r, b, []place{{64, len(b) - 80}}, to)
				if err := os.WriteFile(path, b, 0o700); err != nil {
					t.Fatal(err)
				}
				program = path
			}
			start := time.Now()
			n, wrong := ask(damaged, program)
			if wrong != nil {
				t.Fatalf("%s, damage %d: %v", v.Name, i, wrong)
			}
			if took := time.Since(start); took > most {
				t.Errorf("%s, damage %d takes %v", v.Name, i, took)
			}
			found += n
		}
		if found == 0 {
			t.Errorf("%s: nothing was found in any damaged core", v.Name)
		}
	}
}
