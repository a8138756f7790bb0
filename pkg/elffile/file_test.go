package elffile

import (
	"bytes"
	"debug/elf"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// systemFiles are executables and libraries of this machine.
func systemFiles(t *testing.T, most int) []string {
	var paths []string
	for _, pattern := range []string{"/usr/lib/*-linux-gnu/lib*.so*", "/bin/*", "/usr/lib/debug/.build-id/*/*.debug"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, p := range found {
			st, err := os.Lstat(p)
			if err != nil || !st.Mode().IsRegular() || n == most {
				continue
			}
			n++
			paths = append(paths, p)
		}
	}
	return paths
}

// Every file is read as the standard library reads it.
func TestSystemFiles(t *testing.T) {
	count, ids, debugs := 0, 0, 0
	for _, path := range systemFiles(t, 150) {
		want, err := elf.Open(path)
		if err != nil {
			if f, err := Open(path); err == nil {
				t.Errorf("%s: opened as an ELF file (machine %d)", path, f.Machine)
			}
			continue
		}
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, f, want)
		count++
		if id := f.BuildID(); id != "" {
			ids++
			if strings.Contains(path, "/.build-id/") {
				debugs++
				if path != "/usr/lib/debug/.build-id/"+id[:2]+"/"+id[2:]+".debug" {
					t.Errorf("%s: build-id %s", path, id)
				}
				if f.HasCode() {
					t.Errorf("%s: a debug file has no code", path)
				}
			} else if !f.HasCode() {
				t.Errorf("%s: no code", path)
			}
		}
		f.Close()
		want.Close()
	}
	if count < 50 || ids < 50 {
		t.Errorf("only %d files, %d with a build-id", count, ids)
	}
	t.Logf("%d files, %d debug files", count, debugs)
}

func compare(t *testing.T, f *File, want *elf.File) {
	t.Helper()
	if f.Machine != uint16(want.Machine) || f.Entry != want.Entry || len(f.Segments) != len(want.Progs) {
		t.Errorf("%s: machine %d, entry %#x, %d segments", f.Path, f.Machine, f.Entry, len(f.Segments))
	}
	for _, s := range want.Sections {
		if s.Name == "" || s.Type == elf.SHT_NOBITS || s.Size > 1<<20 || want.Section(s.Name) != s {
			continue
		}
		b, err := s.Data()
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Section(s.Name); !bytes.Equal(got, b) {
			t.Errorf("%s: %s: %d bytes, not %d", f.Path, s.Name, len(got), len(b))
		}
		if addr, size, ok := f.SectionAddress(s.Name); !ok || addr != s.Addr || size != s.FileSize {
			t.Errorf("%s: %s at %#x, %d bytes", f.Path, s.Name, addr, size)
		}
	}
	compareSymbols(t, f, f.DynamicSymbols(), want.DynamicSymbols)
	compareSymbols(t, f, f.Symbols(), want.Symbols)
}

func compareSymbols(t *testing.T, f *File, got SymbolTable, read func() ([]elf.Symbol, error)) {
	t.Helper()
	want, err := read()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		t.Fatal(err)
	}
	if got.Len() != len(want)+1 && (got.Len() != 0 || len(want) != 0) {
		t.Errorf("%s: %d symbols, not %d", f.Path, got.Len(), len(want))
		return
	}
	for i, w := range want {
		s := got.At(i + 1) // the standard library leaves out row 0
		if s.Address != w.Value || s.Size != w.Size || got.Name(s) != w.Name || !got.Is(s, w.Name) ||
			s.Type != w.Info&0xf || s.Bind != w.Info>>4 || s.Defined != (w.Section != elf.SHN_UNDEF) {
			t.Fatalf("%s: symbol %d is %q %+v, not %+v", f.Path, i, got.Name(s), s, w)
		}
	}
}

func TestAddresses(t *testing.T) {
	f := load(t, build(t))
	syms, at := f.Symbols(), uint64(0)
	for i := range syms.Len() {
		if s := syms.At(i); syms.Is(s, "main") {
			at = s.Address
		}
	}
	text, size, _ := f.SectionAddress(".text")
	if at < text || at >= text+size {
		t.Fatalf("main at %#x, .text at %#x", at, text)
	}
	if b := f.At(at); !bytes.HasPrefix(b, f.Section(".text")[at-text:]) {
		t.Error("At gives other bytes than the section")
	}
	if !f.Executable(at) || f.Executable(0) || f.At(1<<40) != nil {
		t.Error("executable and mapped addresses are mixed up")
	}
	if load, err := f.LoadAddress(); err != nil || load != 0 {
		t.Errorf("load address %#x, %v", load, err)
	}
	if load, err := load(t, build(t, "-no-pie")).LoadAddress(); err != nil || load != 0x400000 {
		t.Errorf("load address of a program that cannot be moved: %#x, %v", load, err)
	}
}

func TestNotELF(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("no ELF file\n", 10)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(text); !errors.Is(err, errNotELF) {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "empty"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	// Nobody writes to the pipe: an open that waits would hang.
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"empty", "pipe", ".", "absent"} {
		if f, err := Open(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s: opened: %+v", name, f)
		}
	}
	b := make([]byte, 100)
	copy(b, "\x7fELF\x01\x01\x01") // 32 bits
	if _, err := New(b, "x"); err == nil || !strings.Contains(err.Error(), "64-bit") {
		t.Error(err)
	}
}

// A file that is copied over in place loses its pages under the mapping.
func TestCutWhileMapped(t *testing.T) {
	path := build(t, "-gz=zlib")
	f := load(t, path)
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ReadAt(make([]byte, 100), 8192); !errors.Is(err, ErrCut) {
		t.Errorf("ReadAt: %v", err)
	}
	if b := f.Section(".debug_info"); b != nil {
		t.Errorf("%d bytes of a compressed section", len(b))
	}
	f.Section(".debug_line")
	f.Section(".debug_abbrev")
	if sum := f.CRC(); sum != 0 {
		t.Errorf("CRC %#x", sum)
	}
}

// TestBelowAndNamed: what the two find is what a look at every row finds.
func TestBelowAndNamed(t *testing.T) {
	table := load(t, build(t, "-static")).Symbols() // with libc's two thousand symbols
	if table.Len() < 100 {
		t.Fatalf("%d symbols", table.Len())
	}
	for i := 0; i < table.Len(); i += 7 {
		at := table.At(i)
		name, addr := table.Name(at), at.Address+at.Size/2
		var sized, bare, named int
		for k := range table.Len() {
			s := table.At(k)
			if s.Size > 0 && addr >= s.Address && addr-s.Address < s.Size {
				sized++
			}
			if s.Size == 0 && s.Address <= addr && s.Address+4096 >= addr {
				bare++
			}
			if name != "" && table.Is(s, name) {
				named++
			}
		}
		floor := max(addr, 4096) - 4096
		table.Below(addr, &floor, func(s Symbol) bool {
			if s.Size > 0 {
				sized--
			} else {
				bare--
			}
			return true
		})
		table.Named(name, func(s Symbol) bool {
			if !table.Is(s, name) {
				t.Errorf("%s is not %s", table.Name(s), name)
			}
			named--
			return true
		})
		if sized != 0 || bare != 0 || named != 0 {
			t.Errorf("symbol %d, %s: %d sized, %d bare, %d of the name were not found", i, name, sized, bare, named)
		}
	}
}
