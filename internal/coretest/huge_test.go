package coretest

import (
	"debug/elf"
	"os"
	"path/filepath"
	"testing"
)

// TestGrow: the copy has what the core has, moved, and one segment more.
func TestGrow(t *testing.T) {
	const size = 1 << 32
	small := Crash(t, Program{Source: "busy", Way: "2", Variant: Plain()}).Core
	path := filepath.Join(t.TempDir(), "grown")
	Grow(t, small, path, size)
	was, err := elf.Open(small)
	if err != nil {
		t.Fatal(err)
	}
	defer was.Close()
	is, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer is.Close()
	if len(is.Progs) != len(was.Progs)+1 {
		t.Fatalf("%d segments, want one more than %d", len(is.Progs), len(was.Progs))
	}
	k, added := 0, 0
	for i, p := range is.Progs {
		if i > 1 && (p.Vaddr <= is.Progs[i-1].Vaddr || p.Off < is.Progs[i-1].Off+is.Progs[i-1].Filesz) {
			t.Errorf("segment %d is not behind the one before it", i)
		}
		if p.Filesz == size {
			added++
			continue
		}
		w := was.Progs[k]
		k++
		if p.Vaddr != w.Vaddr || p.Filesz != w.Filesz || p.Memsz != w.Memsz {
			t.Fatalf("segment %d became %v, was %v", k-1, p.ProgHeader, w.ProgHeader)
		}
		a, b := make([]byte, w.Filesz), make([]byte, w.Filesz)
		if _, err := w.ReadAt(a, 0); len(a) > 0 && err != nil {
			t.Fatal(err)
		}
		if _, err := p.ReadAt(b, 0); len(b) > 0 && err != nil {
			t.Fatal(err)
		}
		if string(a) != string(b) {
			t.Errorf("segment %d at %#x holds other bytes", k-1, w.Vaddr)
		}
	}
	if added != 1 {
		t.Errorf("%d segments were added", added)
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if st.Size() < size {
		t.Errorf("a file of %d bytes", st.Size())
	}
}
