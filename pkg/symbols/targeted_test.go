package symbols

import (
	"bytes"
	"compress/zlib"
	"debug/elf"
	"encoding/binary"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/unwind"
)

var le = binary.LittleEndian

// forged is a core and its executable, which a test changes.
type forged struct {
	core, exe []byte
	frames    []unwind.Frame // of the first thread, as it was
}

func forge(t *testing.T, p coretest.Program) *forged {
	t.Helper()
	c := coretest.Crash(t, p)
	f := &forged{core: readFile(t, c.Core), exe: readFile(t, c.Exe)}
	core, err := elfcore.Open(bytes.NewReader(f.core), int64(len(f.core)), elfcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	set := module.New(t.Context(), core, module.Options{Executable: c.Exe})
	defer set.Close()
	f.frames = unwind.New(core, set).Thread(&core.Threads[0]).Frames
	if len(f.frames) < 3 {
		t.Fatalf("%v: %d frames", p, len(f.frames))
	}
	return f
}

// returnAddress is one in the executable.
func (f *forged) returnAddress() uint64 {
	i := slices.IndexFunc(f.frames[1:], func(fr unwind.Frame) bool { return fr.Module != nil && fr.Module.Main })
	return f.frames[1+i].PC
}

// phdr gives the program header of the core that want accepts.
func (f *forged) phdr(want func(p []byte) bool) []byte {
	at := f.core[64:]
	for range le.Uint16(f.core[56:]) {
		if want(at[:56]) {
			return at[:56]
		}
		at = at[56:]
	}
	panic("no such program header")
}

// content gives the bytes of a segment.
func (f *forged) content(p []byte) []byte {
	off, n := le.Uint64(p[8:]), le.Uint64(p[32:])
	return f.core[off : off+n]
}

// replace gives a segment other bytes, at the end of the core.
func (f *forged) replace(p, content []byte) {
	le.PutUint64(p[8:], uint64(len(f.core)))
	le.PutUint64(p[32:], uint64(len(content)))
	if le.Uint64(p[40:]) != 0 {
		le.PutUint64(p[40:], uint64(len(content)))
	}
	f.core = append(f.core, content...)
}

func (f *forged) notes() []byte {
	return f.phdr(func(p []byte) bool { return le.Uint32(p) == uint32(elf.PT_NOTE) })
}

// stack is the segment that holds the stack of the first thread.
func (f *forged) stack() []byte {
	sp, _ := f.frames[0].Registers.Get(7)
	return f.phdr(func(p []byte) bool { return sp-le.Uint64(p[16:]) < le.Uint64(p[40:]) })
}

// fill makes the stack of words, from the stack pointer on.
func (f *forged) fill(words ...uint64) {
	sp, _ := f.frames[0].Registers.Get(7)
	p := f.stack()
	stack := bytes.Clone(f.content(p))
	for i, n := int(sp-le.Uint64(p[16:])), 0; i+8 <= len(stack); i, n = i+8, n+1 {
		le.PutUint64(stack[i:], words[n%len(words)])
	}
	f.replace(p, stack)
}

// grow makes the stack larger, at its end.
func (f *forged) grow(n int) {
	p := f.stack()
	f.replace(p, append(bytes.Clone(f.content(p)), make([]byte, n)...))
}

// threads writes the notes of the first thread many times.
func (f *forged) threads(n int) {
	notes := f.content(f.notes())
	size := 12 + 8 + (int(le.Uint32(notes[4:]))+3)&^3 // NT_PRSTATUS of "CORE" is the first
	f.replace(f.notes(), append(bytes.Repeat(notes[:size], n), notes[size:]...))
}

// files writes an NT_FILE note with other rows, behind the one there is.
func (f *forged) files(rows int, path string) {
	var b []byte
	b = le.AppendUint64(b, uint64(rows))
	b = le.AppendUint64(b, 4096)
	for i := range uint64(rows) {
		b = le.AppendUint64(b, 0x10000000+i*0x1000)
		b = le.AppendUint64(b, 0x10000000+i*0x1000+0x1000)
		b = le.AppendUint64(b, 0)
	}
	b = append(b, strings.Repeat(path+"\x00", rows)...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	note := le.AppendUint32(nil, 5)
	note = le.AppendUint32(note, uint32(len(b)))
	note = append(le.AppendUint32(note, 0x46494c45), "CORE\x00\x00\x00\x00"...)
	f.replace(f.notes(), append(append(note, b...), f.content(f.notes())...))
}

// section gives a section of the executable other bytes, at its end; flags are
// added to its own.
func (f *forged) section(name string, content []byte, flags uint64) {
	file, err := elf.NewFile(bytes.NewReader(f.exe))
	if err != nil {
		panic(err)
	}
	i := slices.IndexFunc(file.Sections, func(s *elf.Section) bool { return s.Name == name })
	h := f.exe[int(le.Uint64(f.exe[40:]))+64*i:]
	le.PutUint64(h[8:], le.Uint64(h[8:])|flags)
	le.PutUint64(h[24:], uint64(len(f.exe)))
	le.PutUint64(h[32:], uint64(len(content)))
	f.exe = append(f.exe, content...)
}

// withoutTable takes away the search table of .eh_frame.
func (f *forged) withoutTable() {
	at := f.exe[64:]
	for range le.Uint16(f.exe[56:]) {
		if le.Uint32(at) == 0x6474e550 {
			le.PutUint32(at, 0)
		}
		at = at[56:]
	}
}

// frameInfo replaces all call frame information by one function that is
// everywhere and has these instructions.
func (f *forged) frameInfo(instructions []byte) {
	cie := []byte{0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0, 0x0c, 7, 8, 0x90, 1}
	fde := make([]byte, 20, 32+len(instructions))
	le.PutUint32(fde, uint32(4+len(cie)+4))
	le.PutUint64(fde[12:], 1<<40) // from 0 on
	fde = append(append(fde, 0), instructions...)
	b := append(le.AppendUint32(nil, uint32(len(cie))), cie...)
	b = append(append(le.AppendUint32(b, uint32(len(fde))), fde...), 0, 0, 0, 0)
	f.section(".eh_frame", b, 0)
	f.withoutTable()
}

// everywhere makes a stack of a thousand addresses in the code, all different.
func (f *forged) everywhere() {
	f.frameInfo(nil) // each word is a return address
	words := make([]uint64, 1000)
	for i := range words {
		words[i] = f.returnAddress() + uint64(i)
	}
	f.grow(1 << 20)
	f.fill(words...)
}

// packed is a compressed section that says it has size bytes, and has n.
func packed(size uint64, n int) []byte {
	b := le.AppendUint64(nil, 1) // zlib
	b = le.AppendUint64(b, size)
	b = le.AppendUint64(b, 1)
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(make([]byte, n))
	_ = w.Close()
	return append(b, z.Bytes()...)
}

// manySections gives the executable 65000 sections before its own.
func (f *forged) manySections() {
	const more = 65000
	old := int(le.Uint64(f.exe[40:]))
	n := int(le.Uint16(f.exe[60:]))
	own := bytes.Clone(f.exe[old : old+64*n])
	table := append(bytes.Repeat(own[64:128], more), own...)
	le.PutUint64(f.exe[40:], uint64(len(f.exe)))
	le.PutUint16(f.exe[60:], uint16(more+n))
	le.PutUint16(f.exe[62:], le.Uint16(f.exe[62:])+more)
	f.exe = append(f.exe, table...)
}

// symbols makes a symbol table of n functions that all hold every address.
func (f *forged) symbols(n int) {
	row := make([]byte, 24)
	row[4] = 0x12 // global function
	row[6] = 1
	le.PutUint32(row, 1)
	le.PutUint64(row[16:], 1<<40)
	f.section(".symtab", bytes.Repeat(row, n), 0)
}

// TestTargets walks cores that were made to cost much.
func TestTargets(t *testing.T) {
	inlines := coretest.Program{Source: "inlines", Variant: coretest.Plain()}
	threads := coretest.Program{Source: "threads", Variant: coretest.Plain()}
	alone := t.TempDir()                         // no library is here
	loop := []byte{0x30, 0x13, 0x2f, 0xfb, 0xff} // lit0, drop, skip back
	for _, c := range []struct {
		name    string
		program coretest.Program
		sysroot string
		forge   func(f *forged)
	}{
		{"forty thousand threads", inlines, "", func(f *forged) { f.threads(40000) }},
		{"a stack of one return address", inlines, "", func(f *forged) { f.grow(1 << 20); f.fill(f.returnAddress()) }},
		{"many such stacks", inlines, "", func(f *forged) { f.grow(1 << 20); f.fill(f.returnAddress()); f.threads(20000) }},
		{"a stack of candidates", threads, alone, func(f *forged) { f.grow(1 << 20); f.fill(f.returnAddress(), 1); f.threads(10000) }},
		{"a stack of code", threads, alone, func(f *forged) { f.grow(1 << 20); f.fill(f.frames[0].PC, f.returnAddress()+1); f.threads(10000) }},
		{"signal frames without end", threads, alone, func(f *forged) {
			f.grow(1 << 20)
			sp, _ := f.frames[0].Registers.Get(7)
			words := make([]uint64, 8000)
			for i := range words {
				words[i] = f.frames[0].PC
			}
			const at = 7000 // the return address; struct ucontext follows
			u := words[at+1:]
			u[0] = 0
			u[5+15] = sp                      // rsp
			u[5+16] = f.frames[0].PC          // rip
			u[5+18] = 0x33                    // cs
			u[5+23] = (sp + 8*at + 512) &^ 63 // floating-point state
			f.fill(words...)
			f.threads(10000)
		}},
		{"200000 mapped files", inlines, "", func(f *forged) { f.files(200000, "/usr/bin/gcc"); f.fill(0x10000100) }},
		{"65000 sections", inlines, "", func(f *forged) { f.manySections(); f.fill(f.returnAddress()) }},
		{"65000 sections and no library", threads, alone, func(f *forged) { f.manySections(); f.grow(1 << 20); f.fill(f.returnAddress(), 1); f.threads(10000) }},
		{"expressions that go on", inlines, "", func(f *forged) {
			x := append([]byte{0x0f, byte(len(loop))}, loop...)
			f.frameInfo(x)
			f.threads(20000)
		}},
		{"expressions of all registers", inlines, "", func(f *forged) {
			var x []byte
			for n := range byte(16) {
				x = append(append(x, 0x10, n, 240), bytes.Repeat([]byte{0x77, 0, 0x06, 0x13}, 60)...) // breg7, deref, drop
			}
			f.frameInfo(x)
			f.grow(1 << 20)
			f.threads(10000)
		}},
		{"instructions that go on", inlines, "", func(f *forged) { f.frameInfo(make([]byte, 64<<20)); f.threads(10000) }},
		{"states remembered", inlines, "", func(f *forged) { f.frameInfo(bytes.Repeat([]byte{0x0a, 0x0b}, 16<<20)); f.threads(10000) }},
		{"frames of no size", inlines, "", func(f *forged) { f.frameInfo([]byte{0x0c, 7, 0}) }},
		{"sections said to be huge", inlines, "", func(f *forged) {
			for _, name := range []string{".debug_info", ".debug_abbrev", ".debug_line", ".symtab"} {
				f.section(name, packed(1<<40, 1000), 0x800)
			}
		}},
		{"sections that are huge", inlines, "", func(f *forged) {
			for _, name := range []string{".debug_abbrev", ".debug_line", ".debug_info", ".symtab"} {
				f.section(name, packed(50<<20, 50<<20), 0x800)
			}
		}},
		{"symbols that hold every address", inlines, "", func(f *forged) {
			f.symbols(1 << 14)
			f.section(".debug_info", nil, 0)
			f.everywhere()
		}},
		{"location lists that do not end", inlines, "", func(f *forged) {
			list := append([]byte{6}, make([]byte, 8)...) // base address 0
			f.section(".debug_loclists", bytes.Repeat(list, 4<<20), 0)
			f.everywhere()
			f.threads(100)
		}},
		{"ranges that do not end", inlines, "", func(f *forged) {
			f.section(".debug_rnglists", bytes.Repeat([]byte{4, 0, 0}, 8<<20), 0)
			f.everywhere()
			f.threads(100)
		}},
		{"zero sections", inlines, "", func(f *forged) { le.PutUint16(f.exe[60:], 0); le.PutUint64(f.exe[40:], 0) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := forge(t, c.program)
			c.forge(f)
			exe := filepath.Join(t.TempDir(), "exe")
			writeFile(t, exe, f.exe)
			files := module.Options{Executable: exe, Sysroot: c.sysroot}
			debug.FreeOSMemory()
			frames := 0
			cost := coretest.Measure(func() { frames = walkAll(t, f.core, files, Options{}) })
			t.Logf("%d MB, the heap grew by %d MB, %d frames", cost.Allocated>>20, cost.Grown>>20, frames)
			if wrong := tooMuch(cost); wrong != "" {
				t.Error(wrong)
			}
		})
	}
}
