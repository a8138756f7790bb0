package objects_test

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
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/objects"
)

// most is how long the questions to one damaged core may take together, and how many
// objects are looked at.
const (
	most        = 5 * time.Second
	mostObjects = 20_000
)

// ask asks everything there is to ask.
func ask(core []byte, exe string) (n int, panicked any) {
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
	p, err := objects.Open(c, modules, objects.Options{Wide: true})
	if err != nil {
		return 0, nil
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
	return n, nil
}

// place is a part of a file that is to be damaged.
type place struct{ off, len int }

// memory are the parts of a core that hold what the program wrote.
func memory(t *testing.T, core []byte) []place {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(core))
	if err != nil {
		t.Fatal(err)
	}
	var out []place
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Filesz > 0 && p.Flags&elf.PF_W != 0 && p.Filesz < 1<<20 {
			out = append(out, place{int(p.Off), int(p.Filesz)})
		}
	}
	return out
}

// types are the parts of an executable that describe structures.
func types(t *testing.T, exe []byte) []place {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(exe))
	if err != nil {
		t.Fatal(err)
	}
	var out []place
	for _, s := range f.Sections {
		switch s.Name {
		case ".debug_info", ".debug_abbrev", ".debug_str", ".symtab":
			out = append(out, place{int(s.Offset), int(s.FileSize)})
		}
	}
	return out
}

// damage overwrites some words, mostly with addresses that lead somewhere.
func damage(r *rand.Rand, b []byte, places []place, addresses []uint64) {
	for range 1 + r.IntN(40) {
		p := places[r.IntN(len(places))]
		if p.len < 16 {
			continue
		}
		at := p.off + r.IntN(p.len/8-1)*8
		switch r.IntN(4) {
		case 0, 1:
			binary.LittleEndian.PutUint64(b[at:], addresses[r.IntN(len(addresses))]+uint64(r.IntN(64)))
		case 2:
			binary.LittleEndian.PutUint64(b[at:], []uint64{0, 1, ^uint64(0), 1 << 40, r.Uint64()}[r.IntN(5)])
		case 3:
			b[at+r.IntN(8)] ^= byte(1 << r.IntN(8))
		}
	}
}

// pointers are words of the memory that look like addresses of the heap or the
// program.
func pointers(b []byte, places []place) []uint64 {
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

// TestMutations damages the memory of a core and the debug data of its executable:
// no panic, and an answer in time.
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
	if n, wrong := ask(core, c.Exe); n < 20 || wrong != nil {
		t.Fatalf("%d objects, %v", n, wrong)
	}
	inMemory, inTypes := memory(t, core), types(t, exe)
	leads := pointers(core, inMemory)
	path := filepath.Join(t.TempDir(), "exe")
	found, slowest := 0, time.Duration(0)
	for i := range 600 {
		r := rand.New(rand.NewPCG(7, uint64(i)))
		damagedCore, damagedExe := bytes.Clone(core), c.Exe
		damage(r, damagedCore, inMemory, leads)
		if i%3 == 0 {
			b := bytes.Clone(exe)
			damage(r, b, inTypes, leads)
			if err := os.WriteFile(path, b, 0o700); err != nil {
				t.Fatal(err)
			}
			damagedExe = path
		}
		start := time.Now()
		n, wrong := ask(damagedCore, damagedExe)
		took := time.Since(start)
		if wrong != nil {
			t.Fatalf("damage %d: %v", i, wrong)
		}
		if took > most {
			t.Errorf("damage %d takes %v", i, took)
		}
		found, slowest = found+n, max(slowest, took)
	}
	t.Logf("%d objects, %v at most", found, slowest)
	if found == 0 {
		t.Error("nothing was found in any damaged core")
	}
}
