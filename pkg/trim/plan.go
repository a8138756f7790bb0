package trim

import (
	"context"
	"sort"
	"strings"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/symbols"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// What is kept around registers, in bytes.
const (
	redZone     = 128
	aboveStack  = 64       // above the CFA of the outermost frame
	brokenStack = 64 << 10 // above the stack pointer where a stack has no proper end
	threadSize  = 0x900    // struct pthread of glibc
	localSize   = 48 << 10 // thread-local storage of the executable
	dataSize    = 16 << 20 // of a module
)

// planner makes the list.
type planner struct {
	kept
	modules *module.Set
	used    map[uint64]bool // values of registers that name arguments
	dynamic uint64          // runtime address of the dynamic section of the executable; 0 if none
	program Program
}

// plan walks all stacks as a report does, and notes what that reads.
func (p *planner) plan(ctx context.Context) (stacks []unwind.Stack, err error) {
	u := unwind.New(p.core, p.modules)
	names := symbols.New(p.core, p.modules, symbols.Options{NoMatches: true, Used: func(v uint64) { p.used[v] = true }})
	defer func() { p.core.Reads = nil }()
	for i := range p.core.Threads {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t := &p.core.Threads[i]
		p.core.Reads = func(addr uint64, size int) { p.words(addr, uint64(size)) }
		s := u.Thread(t)
		p.stack(t, s)
		p.core.Reads = func(addr uint64, size int) {
			if size <= 8 {
				p.exact(addr, uint64(size))
			}
			p.words(addr, uint64(size))
		}
		names.Stack(withoutCrypto(s))
		p.core.Reads = nil
		stacks = append(stacks, s)
	}
	if p.program.Objects != nil {
		p.core.Reads = func(addr uint64, size int) { p.words(addr, uint64(size)) }
		p.program.Objects(p.exact)
		p.core.Reads = nil
	}
	for _, m := range p.core.Modules {
		p.module(m)
	}
	p.execName()
	p.linkMap()
	return stacks, nil
}

// withoutCrypto leaves out the frames of libraries whose arguments may be keys.
func withoutCrypto(s unwind.Stack) unwind.Stack {
	for i := range s.Frames {
		m := s.Frames[i].Module
		if m == nil {
			continue
		}
		for _, word := range [...]string{"crypto", "ssl", "tls", "nettle", "gcrypt", "hogweed", "gmp"} {
			if strings.Contains(m.Path[strings.LastIndexByte(m.Path, '/')+1:], word) {
				s.Frames = append(append([]unwind.Frame{}, s.Frames[:i]...), s.Frames[i+1:]...)
				return withoutCrypto(s)
			}
		}
	}
	return s
}

// stack keeps what frames are made of, and the thread's own structures.
func (p *planner) stack(t *elfcore.Thread, s unwind.Stack) {
	sp := t.Registers.SP()
	above := uint64(aboveStack)
	if !s.Whole {
		above = brokenStack
	}
	p.around(sp, redZone, above)
	for i := range s.Frames {
		if at, ok := s.Frames[i].Registers.Get(p.core.Machine.SP); ok {
			p.around(at, 0, aboveStack)
			if p.core.Segment(at) == p.core.Segment(sp) && at > sp && at-sp < dataSize {
				p.words(sp, at-sp)
			}
		}
		if at := s.Frames[i].CFA; at != 0 && p.core.Segment(at) == p.core.Segment(sp) && at > sp && at-sp < dataSize {
			p.words(sp, at-sp+aboveStack)
		}
	}
	p.trampolines(s)
	p.around(t.Registers.ThreadPointer, max(localSize, threadSize), max(threadSize, localSize/8))
}

// trampolines keeps the code to which handlers of signals return, if it is that and nothing else:
// unwinders know such a frame by it. Folklore: under qemu, and with a restorer of the program's own, it
// is neither the vDSO's nor that of a file.
func (p *planner) trampolines(s unwind.Stack) {
	code := p.core.Machine.Signal.Trampoline
	buf := make([]byte, len(code))
	for i := range s.Frames {
		if n, _ := p.core.ReadMemory(buf, s.Frames[i].PC); s.Frames[i].Signal && string(buf[:n]) == code {
			p.exact(s.Frames[i].PC, uint64(len(code)))
		}
	}
}

// module keeps what says which file a module is, and its data.
func (p *planner) module(m *elfcore.Module) {
	if m.VDSO {
		p.vdso(m)
		return
	}
	if m.Header {
		p.image(m)
	}
	all := p.core.Segments
	first := sort.Search(len(all), func(i int) bool { return all[i].End() > m.Start })
	for i := first; i < len(all) && all[i].Address < m.End; i++ {
		s := &all[i]
		// Data that were relocated are not writable any more, and not what the file holds.
		if s.Flags&elfcore.Executable == 0 && (s.Flags&elfcore.Writable != 0 || s.Held() > pageSize) {
			keep, size := p.blank, min(s.Held(), dataSize)
			// The executable's are constants; debuggers need those of the dynamic linker.
			if m.Main && s.Flags&elfcore.Writable != 0 || ofThreads(m.Path) {
				keep = p.words
			}
			keep(s.Address, size)
			if m.Main {
				p.within(s.Address, size, func(k *page, _, _ uint64) { k.tables = p.core.Mapping(s.Address) != nil })
			}
		}
	}
}

// vdso keeps the kernel's code in a process, without the path where somebody built it.
func (p *planner) vdso(m *elfcore.Module) {
	b := make([]byte, min(m.End-m.Start, 16*pageSize))
	n, _ := p.core.ReadMemory(b, m.Start)
	p.exact(m.Start, uint64(n))
	for _, at := range paths().FindAllIndex(b[:n], -1) {
		p.drop(m.Start+uint64(at[0]), uint64(at[1]-at[0]))
	}
}

var paths = lex.Pattern(`/[!-~]{7,}`)

// ofThreads names the libraries whose data list threads and modules: the dynamic linker and
// the C library.
func ofThreads(path string) bool {
	base := path[strings.LastIndexByte(path, '/')+1:]
	for _, name := range [...]string{"ld-", "ld.so", "libc.", "libc-", "libpthread"} {
		if strings.HasPrefix(base, name) {
			return true
		}
	}
	return false
}

// image keeps the ELF header of a module, its program headers, notes and dynamic section, where
// the program cannot write to them, or what is there can only be that.
func (p *planner) image(m *elfcore.Module) {
	const ehdrSize, phdrSize, most = 64, 56, 64
	const ptDynamic, ptNote = 2, 4
	var h [ehdrSize]byte
	if _, err := p.core.ReadMemory(h[:], m.Start); err != nil || !p.constantIn(m, m.Start, ehdrSize) {
		return
	}
	p.exact(m.Start, ehdrSize)
	offset, count := le.Uint64(h[32:]), min(int(le.Uint16(h[56:])), most)
	if offset > pageSize {
		return
	}
	for i := range count {
		var ph [phdrSize]byte
		where := m.Start + offset + uint64(i)*phdrSize
		if _, err := p.core.ReadMemory(ph[:], where); err != nil || !p.constantIn(m, where, phdrSize) {
			return
		}
		p.exact(where, phdrSize)
		start, size := m.Bias+le.Uint64(ph[16:]), le.Uint64(ph[40:])
		switch kind := le.Uint32(ph[:]); {
		case size > 2*pageSize || start < m.Start || start >= m.End:
		case kind == ptDynamic:
			p.dynamicSection(start, size)
			if m.Main {
				p.dynamic = start
			}
		case kind == ptNote && p.constantIn(m, start, size):
			p.exact(start, size)
		}
	}
}

// constantIn tells whether a range lies in a module where the program cannot write.
func (p *planner) constantIn(m *elfcore.Module, addr, size uint64) bool {
	s := p.core.Segment(addr)
	return s != nil && s.Flags&elfcore.Writable == 0 && addr >= m.Start && addr < m.End && size <= s.End()-addr
}

// dynamicSection keeps pairs of a tag and a value: a tag's number, and an address, an offset or a
// size (gABI, chapter 5; those of operating systems are above 0x60000000).
func (p *planner) dynamicSection(at, size uint64) {
	p.words(at, size)
	for ; size >= 16; at, size = at+16, size-16 {
		tag, err := p.core.Uint64(at)
		value, err2 := p.core.Uint64(at + 8)
		if err != nil || err2 != nil || tag == 0 || tag > 1<<16 && tag>>28 != 6 {
			return
		}
		p.exact(at, 8)
		if value>>32 == 0 {
			p.exact(at+8, 8)
		}
	}
}
