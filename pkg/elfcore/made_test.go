package elfcore

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"testing"
)

// madeSegment is memory of a core that a test makes up; with a size and no data it was
// not dumped.
type madeSegment struct {
	address uint64
	flags   uint32
	data    []byte
	size    uint64
}

// madeNote is a note as a core holds it.
func madeNote(owner string, typ uint32, desc []byte) []byte {
	b := le.AppendUint32(nil, uint32(len(owner)+1))
	b = le.AppendUint32(b, uint32(len(desc)))
	b = le.AppendUint32(b, typ)
	b = append(b, owner...)
	b = append(b, make([]byte, int(align4(uint64(len(owner)+1)))-len(owner))...)
	return append(append(b, desc...), make([]byte, int(align4(uint64(len(desc))))-len(desc))...)
}

// madeHeader is the ELF header with program headers behind it.
func madeHeader(typ elf.Type, headers ...elf.Prog64) []byte {
	var b bytes.Buffer
	h := elf.Header64{
		Ident: [16]byte{0x7f, 'E', 'L', 'F', 2, 1, 1}, Type: uint16(typ), Machine: uint16(elf.EM_X86_64),
		Version: 1, Phoff: ehdrSize, Ehsize: ehdrSize, Phentsize: phdrSize, Phnum: uint16(len(headers)),
	}
	_ = binary.Write(&b, le, h) // a buffer takes all
	_ = binary.Write(&b, le, headers)
	return b.Bytes()
}

// madeCore is a core of an x86-64 process.
func madeCore(notes []byte, segments ...madeSegment) []byte {
	at := uint64(ehdrSize + phdrSize*(1+len(segments)))
	headers := []elf.Prog64{{Type: ptNote, Off: at, Filesz: uint64(len(notes))}}
	body := bytes.Clone(notes)
	for _, s := range segments {
		headers = append(headers, elf.Prog64{
			Type: ptLoad, Flags: s.flags, Off: at + uint64(len(body)), Vaddr: s.address,
			Filesz: uint64(len(s.data)), Memsz: max(s.size, uint64(len(s.data))),
		})
		body = append(body, s.data...)
	}
	return append(madeHeader(elf.ET_CORE, headers...), body...)
}

func openMade(t *testing.T, b []byte) *Core {
	t.Helper()
	c, err := Open(bytes.NewReader(b), int64(len(b)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// quads are the bytes of 64-bit numbers.
func quads(list ...uint64) (b []byte) {
	for _, w := range list {
		b = le.AppendUint64(b, w)
	}
	return b
}

// program is the start of a program of two segments, code and data, whose file ends in
// its first page.
func program(base uint64) []byte {
	page := make([]byte, 4096)
	copy(page, madeHeader(elf.ET_EXEC,
		elf.Prog64{Type: ptLoad, Vaddr: base, Filesz: 0xe00, Memsz: 0xe00},
		elf.Prog64{Type: ptLoad, Off: 0xe00, Vaddr: base + 0x200e00, Filesz: 0x100, Memsz: 0x300},
		elf.Prog64{Type: ptNote, Off: 0x800, Vaddr: base + 0x800, Filesz: 20, Memsz: 20}))
	copy(page[0x800:], madeNote("GNU", 3, []byte{0xca, 0xfe, 0xba, 0xbe}))
	return page
}

// files is NT_FILE.
func files(path string, rows ...[3]uint64) []byte {
	b := quads(uint64(len(rows)), 4096)
	for _, r := range rows {
		b = append(b, quads(r[0], r[1], r[2])...)
	}
	for range rows {
		b = append(append(b, path...), 0)
	}
	return madeNote("CORE", NoteFile, b)
}

func auxv(list ...uint64) []byte { return madeNote("CORE", NoteAuxv, quads(list...)) }

// The header of a small program was dumped with its data only, which are mapped from
// offset 0 as well: it is one module, at the address of its code.
func TestHeaderIsAmongTheData(t *testing.T) {
	notes := append(files("/p", [3]uint64{0x400000, 0x401000, 0}, [3]uint64{0x600000, 0x601000, 0}), auxv(AtPhdr, 0x400040)...)
	c := openMade(t, madeCore(notes,
		madeSegment{address: 0x400000, flags: Executable, size: 4096},
		madeSegment{address: 0x600000, flags: Writable, data: program(0x400000)}))
	if len(c.Modules) != 1 {
		t.Fatalf("%d modules", len(c.Modules))
	}
	if m := c.MainModule(); m == nil || m.Start != 0x400000 || m.End != 0x602000 || m.Bias != 0 || m.BuildID != "cafebabe" || !m.Header || len(m.Maps) != 2 {
		t.Errorf("%+v", m)
	}
	// A file that is mapped a second time, far away, is another module.
	notes = files("/p", [3]uint64{0x400000, 0x401000, 0}, [3]uint64{0x7f0000600000, 0x7f0000601000, 0})
	c = openMade(t, madeCore(notes,
		madeSegment{address: 0x400000, flags: Executable, size: 4096},
		madeSegment{address: 0x7f0000600000, flags: Writable, data: program(0x400000)}))
	if len(c.Modules) != 2 {
		t.Errorf("%d modules of a file that is mapped twice", len(c.Modules))
	}
}

// A core without a table of files whose AT_EXECFN leads to nothing: the executable is
// called as it was started, what else has no name by its address.
func TestModulesWithoutNames(t *testing.T) {
	info := make([]byte, 136)
	copy(info[40:], "prog\x00")
	copy(info[56:], "./prog -v\x00")
	stack := make([]byte, 4096)
	notes := append(madeNote("CORE", NotePRPSInfo, info), auxv(AtPhdr, 0x400040, AtExecFn, 0x7ff000000100)...)
	c := openMade(t, madeCore(notes,
		madeSegment{address: 0x400000, flags: Executable, data: program(0x400000)},
		madeSegment{address: 0x7f0000400000, flags: Executable, data: program(0x400000)},
		madeSegment{address: 0x7ff000000000, flags: Writable, data: stack}))
	if len(c.Modules) != 2 || c.Modules[0].Path != "./prog" || !c.Modules[0].Main || c.Modules[1].Path != "[0x7f0000400000]" {
		for _, m := range c.Modules {
			t.Errorf("%+v", m)
		}
	}
}
