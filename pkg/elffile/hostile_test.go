package elffile

import (
	"bytes"
	"math/rand/v2"
	"os"
	"testing"
)

// useAll asks a file for everything.
func useAll(b []byte) {
	f, err := New(b, "hostile")
	if err != nil {
		return
	}
	f.BuildID()
	f.DebugLink()
	f.DebugAltLink()
	f.LoadAddress()
	f.HasCode()
	f.Executable(f.Entry)
	f.At(f.Entry)
	f.Segment(GNUEHFrame)
	f.ReadAt(make([]byte, 16), int64(len(b)/2))
	for _, name := range []string{".text", ".debug_info", ".debug_line", ".eh_frame"} {
		f.Has(name)
		f.Section(name)
		f.SectionAddress(name)
	}
	for _, table := range []SymbolTable{f.Symbols(), f.DynamicSymbols()} {
		for i := range min(table.Len(), 1000) {
			s := table.At(i)
			table.Name(s)
			table.Is(s, "main")
		}
	}
	if mini, err := f.MiniDebugInfo(); err == nil && mini != nil {
		mini.BuildID()
	}
}

// Every byte of the headers takes every extreme value.
func TestMutatedHeaders(t *testing.T) {
	whole, err := os.ReadFile(build(t, "-gz=zlib"))
	if err != nil {
		t.Fatal(err)
	}
	phdrs := int(le.Uint64(whole[32:])) + int(le.Uint16(whole[56:]))*phdrSize
	shdrs := int(le.Uint64(whole[40:]))
	spots := []int{}
	for i := 4; i < phdrs; i++ {
		spots = append(spots, i)
	}
	for i := shdrs; i < len(whole); i++ {
		spots = append(spots, i)
	}
	b := bytes.Clone(whole)
	for _, i := range spots {
		for _, v := range []byte{0, 1, 0x7f, 0x80, 0xff} {
			b[i] = v
			useAll(b)
		}
		b[i] = whole[i]
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		copy(b, whole)
		for range 1 + r.IntN(8) {
			le.PutUint64(b[spots[r.IntN(len(spots)-8)]:], []uint64{0, 1, ^uint64(0), 1 << 63, r.Uint64(), r.Uint64N(uint64(len(b)))}[r.IntN(6)])
		}
		useAll(b)
	}
	for n := range 2000 {
		useAll(whole[:len(whole)*n/2000])
	}
}

// Sixty thousand sections, each with a name that never ends.
func TestEndlessNames(t *testing.T) {
	const sections, names = 60000, 8 << 20
	b := make([]byte, ehdrSize)
	copy(b, "\x7fELF\x02\x01\x01")
	le.PutUint64(b[40:], ehdrSize)
	le.PutUint16(b[58:], shdrSize)
	le.PutUint16(b[60:], sections)
	le.PutUint16(b[62:], sections-1)
	for range sections {
		row := make([]byte, shdrSize)
		le.PutUint64(row[24:], ehdrSize+sections*shdrSize)
		le.PutUint64(row[32:], names)
		b = append(b, row...)
	}
	useAll(append(b, bytes.Repeat([]byte{'x'}, names)...))
}

func FuzzFile(f *testing.F) {
	content := bytes.Repeat([]byte("content "), 20)
	f.Add(made(map[string][]byte{
		".debug_info": append(chdr(1, 160), zlibbed(f, content)...),
		".debug_line": append(chdr(2, 160), zstded(f, content)...),
	}, flagCompressed))
	f.Add(made(map[string][]byte{
		".gnu_debuglink": []byte("p.debug\x00abcd"), ".gnu_debugaltlink": []byte("p\x00abcd"),
		".note.gnu.build-id": []byte("\x04\x00\x00\x00\x04\x00\x00\x00\x03\x00\x00\x00GNU\x00abcd"),
		".symtab":            make([]byte, 3*symSize), ".strtab": []byte("\x00main\x00"),
		".gnu_debugdata": []byte("\xfd7zXZ\x00"),
	}, 0))
	f.Fuzz(func(t *testing.T, b []byte) { useAll(b) })
}
