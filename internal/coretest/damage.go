package coretest

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// Region is a part of a file that is worth damaging. Off and Len are in bytes.
type Region struct {
	Name     string
	Off, Len int
}

// Headers are the ELF header of a file, its program headers, and its section headers if
// it has any.
func Headers(t testing.TB, file []byte) []Region {
	t.Helper()
	f := parse(t, file)
	out := []Region{{"header", 16, 48}, {"program headers", 64, 56 * len(f.Progs)}}
	if len(f.Sections) > 0 {
		out = append(out, Region{"section headers", int(binary.LittleEndian.Uint64(file[40:])), 64 * len(f.Sections)})
	}
	return out
}

// Notes are the notes of a core.
func Notes(t testing.TB, core []byte) []Region {
	t.Helper()
	var out []Region
	for _, p := range parse(t, core).Progs {
		if p.Type == elf.PT_NOTE {
			out = append(out, Region{"notes", int(p.Off), int(p.Filesz)})
		}
	}
	return out
}

// Written are the parts of a core that hold what the program wrote, those of most bytes
// at most.
func Written(t testing.TB, core []byte, most uint64) []Region {
	t.Helper()
	var out []Region
	for _, p := range parse(t, core).Progs {
		if p.Type == elf.PT_LOAD && p.Filesz > 0 && p.Flags&elf.PF_W != 0 && p.Filesz < most {
			out = append(out, Region{"memory", int(p.Off), int(p.Filesz)})
		}
	}
	return out
}

// LastMemory are the ends of the last two segments of a core: the main thread's stack,
// and the vDSO.
func LastMemory(t testing.TB, core []byte) []Region {
	t.Helper()
	var out []Region
	progs := parse(t, core).Progs
	for _, p := range progs[len(progs)-2:] {
		if n := int(min(p.Filesz, 16<<10)); n > 0 {
			out = append(out, Region{"memory", int(p.Off+p.Filesz) - n, n})
		}
	}
	return out
}

// Sections are those of the given names that a file has.
func Sections(t testing.TB, file []byte, names ...string) []Region {
	t.Helper()
	var out []Region
	for _, s := range parse(t, file).Sections {
		if slices.Contains(names, s.Name) && s.FileSize > 0 {
			out = append(out, Region{s.Name, int(s.Offset), int(s.FileSize)})
		}
	}
	return out
}

func parse(t testing.TB, file []byte) *elf.File {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Pointers are words in the regions that look like addresses of the heap or the program,
// and one that leads nowhere.
func Pointers(b []byte, at []Region) []uint64 {
	const most = 5000
	out := []uint64{0x4242424242424242}
	for _, p := range at {
		for i := p.Off; i+8 <= p.Off+p.Len && len(out) < most; i += 8 {
			if w := binary.LittleEndian.Uint64(b[i:]); w > 1<<32 && w < 1<<47 {
				out = append(out, w)
			}
		}
	}
	return out
}

// edges are numbers at which counts and offsets go wrong.
func edges() []uint64 {
	return []uint64{0, 1, 7, 0x7f, 0x80, 0xff, 0xffff, 1 << 20, 1<<31 - 1, 1 << 32, 1 << 40, 1 << 63, 1<<63 - 1, ^uint64(0)}
}

// DamageWords overwrites some aligned words of the regions, mostly with addresses that
// lead somewhere: what a program does that writes where it must not.
func DamageWords(r *rand.Rand, b []byte, at []Region, pointers []uint64) {
	for range 1 + r.IntN(60) {
		p := at[r.IntN(len(at))]
		if p.Len < 16 {
			continue
		}
		word := b[p.Off+r.IntN(p.Len/8-1)*8:]
		switch r.IntN(4) {
		case 0, 1:
			binary.LittleEndian.PutUint64(word, pointers[r.IntN(len(pointers))]+uint64(r.IntN(64)))
		case 2:
			binary.LittleEndian.PutUint64(word, append(edges(), r.Uint64())[r.IntN(len(edges())+1)])
		case 3:
			word[r.IntN(8)] ^= 1 << r.IntN(8)
		}
	}
}

// DamageBytes changes some bytes of a region in one of many ways, as somebody does who
// wants a reader to fail. It gives how to undo that.
func DamageBytes(r *rand.Rand, b []byte, at Region) (undo func()) {
	part := b[at.Off : at.Off+at.Len]
	whole := bytes.Clone(part)
	for range 1 + r.IntN(6) {
		i := r.IntN(len(part))
		rest := part[i:]
		run := rest[:min(len(rest), r.IntN(64))]
		switch r.IntN(7) {
		case 0:
			rest[0] = byte(r.Uint32())
		case 1:
			rest[0] ^= 1 << r.IntN(8)
		case 2, 3: // a number of 1, 2, 4 or 8 bytes
			var w [8]byte
			binary.LittleEndian.PutUint64(w[:], append(edges(), r.Uint64())[r.IntN(len(edges())+1)])
			copy(rest, w[:1<<r.IntN(4)])
		case 4:
			clear(run)
		case 5:
			for k := range run {
				run[k] = 0xff
			}
		case 6: // what came before comes again
			copy(rest, part[:min(i, r.IntN(256))])
		}
	}
	return func() { copy(part, whole) }
}
