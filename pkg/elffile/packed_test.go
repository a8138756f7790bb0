package elffile

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// Sections come out as they were before they were compressed.
func TestCompressedSections(t *testing.T) {
	plain := build(t)
	want := load(t, plain)
	need(t, "objcopy")
	for _, way := range []string{"zlib", "zlib-gnu", "zlib-gabi", "zstd"} {
		packed := filepath.Join(t.TempDir(), way)
		out, err := exec.Command("objcopy", "--compress-debug-sections="+way, plain, packed).CombinedOutput()
		if err != nil {
			if way == "zstd" { // an objcopy without it
				t.Log(string(out))
				continue
			}
			t.Fatalf("%v: %s", err, out)
		}
		f := load(t, packed)
		if bytes.Equal(f.data, want.data) {
			t.Fatalf("%s: nothing was compressed", way)
		}
		for _, name := range []string{".debug_info", ".debug_abbrev", ".debug_line", ".debug_str", ".symtab"} {
			if got := f.Section(name); !f.Has(name) || !bytes.Equal(got, want.Section(name)) {
				t.Errorf("%s: %s has %d bytes, not %d", way, name, len(got), len(want.Section(name)))
			}
		}
		if f.Has(".debug_none") || f.Has("") || f.Section("") != nil || f.Section(".bss") != nil || f.Has(".bss") {
			t.Errorf("%s: sections that are not there", way)
		}
	}
}

func zlibbed(t testing.TB, b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstded(t testing.TB, b []byte) []byte {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

// made is an ELF file of nothing but sections.
func made(sections map[string][]byte, flags uint64) []byte {
	names := []byte("\x00")
	table := make([]byte, shdrSize)
	body := make([]byte, ehdrSize)
	row := func(name string, b []byte, flags uint64) {
		r := make([]byte, shdrSize)
		le.PutUint32(r, uint32(len(names)))
		le.PutUint32(r[4:], 1)
		le.PutUint64(r[8:], flags)
		le.PutUint64(r[24:], uint64(len(body)))
		le.PutUint64(r[32:], uint64(len(b)))
		names = append(append(names, name...), 0)
		body = append(body, b...)
		table = append(table, r...)
	}
	for name, b := range sections {
		row(name, b, flags)
	}
	row(".shstrtab", append(names, ".shstrtab\x00"...), 0)
	copy(body, "\x7fELF\x02\x01\x01")
	le.PutUint64(body[40:], uint64(len(body)))
	le.PutUint16(body[58:], shdrSize)
	le.PutUint16(body[60:], uint16(len(table)/shdrSize))
	le.PutUint16(body[62:], uint16(len(table)/shdrSize-1))
	return append(body, table...)
}

// chdr is an Elf64_Chdr.
func chdr(typ uint32, size uint64) []byte {
	b := le.AppendUint32(nil, typ)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint64(b, size)
	return le.AppendUint64(b, 1)
}

// allocated runs f and tells how many bytes of memory it took.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// What a section claims costs no memory; what it has does.
func TestClaims(t *testing.T) {
	content := bytes.Repeat([]byte("content "), 1000)
	old := binary.BigEndian.AppendUint64([]byte("ZLIB"), uint64(len(content)))
	for _, test := range []struct {
		name    string
		section string
		flags   uint64
		bytes   []byte
		want    []byte
	}{
		{"zlib", ".debug_info", flagCompressed, append(chdr(1, 8000), zlibbed(t, content)...), content},
		{"zstd", ".debug_info", flagCompressed, append(chdr(2, 8000), zstded(t, content)...), content},
		{"old", ".zdebug_info", 0, append(old, zlibbed(t, content)...), content},
		{"claims less", ".debug_info", flagCompressed, append(chdr(1, 100), zlibbed(t, content)...), content[:100]},
		{"claims more than deflate can", ".debug_info", flagCompressed, append(chdr(1, 200<<20), zlibbed(t, content)...), nil},
		{"claims more with zstd", ".debug_info", flagCompressed, append(chdr(2, 200<<20), zstded(t, content)...), nil},
		{"claims more, with padding", ".debug_info", flagCompressed, append(append(chdr(2, 200<<20), zstded(t, content)...), make([]byte, 1<<18)...), content},
		{"claims all there is", ".debug_info", flagCompressed, append(chdr(1, 1<<63), zlibbed(t, content)...), nil},
		{"other way", ".debug_info", flagCompressed, append(chdr(3, 8000), content...), nil},
		{"no header", ".debug_info", flagCompressed, []byte{1, 0, 0}, nil},
		{"no data", ".debug_info", flagCompressed, chdr(1, 0), nil},
		{"damaged", ".debug_info", flagCompressed, append(chdr(1, 8000), content...), nil},
		{"old, damaged", ".zdebug_info", 0, []byte("ZLIB"), nil},
	} {
		f, err := New(made(map[string][]byte{test.section: test.bytes}, test.flags), test.name)
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		// A zlib or zstd reader alone takes some hundred kilobytes.
		if n := allocated(func() { got = f.Section(".debug_info") }); n > 24<<20 {
			t.Errorf("%s: took %d bytes of memory", test.name, n)
		}
		if !bytes.Equal(got, test.want) {
			t.Errorf("%s: %d bytes, not %d", test.name, len(got), len(test.want))
		}
	}
}

// A frame of zstd may want a window of gigabytes.
func TestWindow(t *testing.T) {
	frame := "\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00" // 2 GiB (RFC 8878 3.1.1.1.2)
	f, err := New(made(map[string][]byte{".debug_info": append(chdr(2, 8000), frame...)}, flagCompressed), "x")
	if err != nil {
		t.Fatal(err)
	}
	var got []byte
	if n := allocated(func() { got = f.Section(".debug_info") }); n > 24<<20 || len(got) > 0 {
		t.Errorf("%d bytes, took %d bytes of memory", len(got), n)
	}
}

// All sections of a file share one budget.
func TestBudget(t *testing.T) {
	packed := append(chdr(1, 100<<20), zlibbed(t, make([]byte, 100<<20))...)
	f, err := New(made(map[string][]byte{".a": packed, ".b": packed, ".c": packed, ".d": packed}, flagCompressed), "x")
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, name := range []string{".a", ".b", ".c", ".d"} {
		sum += len(f.Section(name))
	}
	if sum != 200<<20 {
		t.Errorf("%d bytes were inflated", sum)
	}
}

func TestMiniDebugInfo(t *testing.T) {
	need(t, "objcopy", "xz", "strip")
	full := build(t)
	dir := filepath.Dir(full)
	run(t, dir, "objcopy", "--only-keep-debug", "p", "mini")
	run(t, dir, "strip", "-g", "mini")
	run(t, dir, "xz", "-k", "mini")
	run(t, dir, "strip", "-o", "stripped", "p")
	run(t, dir, "objcopy", "--add-section", ".gnu_debugdata=mini.xz", "stripped")
	mini, err := load(t, filepath.Join(dir, "stripped")).MiniDebugInfo()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for i := range mini.Symbols().Len() {
		found = found || mini.Symbols().Is(mini.Symbols().At(i), "seen")
	}
	if !found {
		t.Error("a function is not in the symbol table")
	}
	if m, err := load(t, full).MiniDebugInfo(); m != nil || err != nil {
		t.Errorf("a file without: %v, %v", m, err)
	}

	packed, err := os.ReadFile(filepath.Join(dir, "mini.xz"))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"cut": packed[:len(packed)/2], "no xz": []byte("abc"), "empty": {}} {
		f, err := New(made(map[string][]byte{".gnu_debugdata": b}, 0), name)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := f.MiniDebugInfo(); m != nil || err == nil || !strings.Contains(err.Error(), "cannot be read") {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
}

func TestLinks(t *testing.T) {
	need(t, "objcopy", "strip", "dwz")
	full := build(t)
	dir := filepath.Dir(full)
	run(t, dir, "objcopy", "--only-keep-debug", "p", "p.debug")
	run(t, dir, "strip", "-o", "stripped", "p")
	run(t, dir, "objcopy", "--add-gnu-debuglink=p.debug", "stripped")
	f := load(t, filepath.Join(dir, "stripped"))
	debug := load(t, filepath.Join(dir, "p.debug"))
	name, crc, ok := f.DebugLink()
	if !ok || name != "p.debug" || crc != debug.CRC() {
		t.Errorf("debug link %q %#x %v, its file has %#x", name, crc, ok, debug.CRC())
	}
	if f.BuildID() != "feedbeef00112233" || debug.BuildID() != f.BuildID() {
		t.Errorf("build-ids %q, %q", f.BuildID(), debug.BuildID())
	}
	if _, _, ok := debug.DebugLink(); ok || f.Has(".debug_info") || !debug.Has(".debug_info") || debug.HasCode() || !f.HasCode() {
		t.Error("which file has what is mixed up")
	}

	run(t, dir, "cp", "p", "q")
	run(t, dir, "dwz", "-m", "common", "-M", "/lib/common", "p", "q")
	path, id, ok := load(t, full).DebugAltLink()
	if !ok || path != "/lib/common" || id != load(t, filepath.Join(dir, "common")).BuildID() {
		t.Errorf("alternate file %q %q %v", path, id, ok)
	}
}

func TestDamagedLinks(t *testing.T) {
	for name, b := range map[string]string{
		"no name": "\x00abcd", "no end": "name", "no CRC": "name.debug\x00", "path": "../x\x00\x00\x00\x00abcd", "": "",
	} {
		f, err := New(made(map[string][]byte{".gnu_debuglink": []byte(b), ".gnu_debugaltlink": []byte(strings.Repeat(b, 30))}, 0), name)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, ok := f.DebugLink(); ok {
			t.Errorf("%s: link %q", name, got)
		}
		if got, id, ok := f.DebugAltLink(); ok && len(id) > 128 {
			t.Errorf("%s: alternate %q %q", name, got, id)
		}
	}
}
