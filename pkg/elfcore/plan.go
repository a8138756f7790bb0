package elfcore

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// What is kept of memory on one pass, in bytes. Ranges are clipped to their
// segment, and rounded to pages.
const (
	// Around a stack pointer: what the process prints while it dies lies in dead
	// frames below (9 KiB of them were seen), the frames above. The part that
	// nearly all stacks fit in is given up last.
	stackBelow, stackAbove         = 64 << 10, 256 << 10
	nearStackBelow, nearStackAbove = 16 << 10, 32 << 10
	// Of the thread that died more is kept below: as far as texts are looked
	// for that belong to it.
	firstStackBelow = 256 << 10
	// On either side of a thread pointer: x86-64 has thread-local storage below
	// it, aarch64 above.
	threadLocal = 8 << 10
	// An ELF header with its program headers and notes, of each mapped file.
	imageHead = 8 << 10
	// Data and bss of the executable, and bss of libraries.
	mainData = 16 << 20
	mainBSS  = 8 << 20
	otherBSS = 1 << 20
	// An anonymous mapping of this size or less: the dynamic linker has its list of modules in one.
	smallMapping = 256 << 10
)

// rank orders what is wanted: the higher it is, the sooner it is given up when
// there is too much.
type rank int32

const (
	rankFirst   rank = iota // headers, the executable, the thread that died
	rankLibrary             // data of libraries
	rankNear                // + thread: where its frames most likely are
	// Texts that were found come before the rest of the stacks.
	rankText rank = MaxThreads + iota
	rankFar       // + thread: the rest of its stack
	// Code, where the core has it: the files have it, too. Notes, which were read.
	rankLast   rank = 2*MaxThreads + iota
	rankNobody rank = math.MaxInt32
)

// want is a range of the file that is to be kept.
type want struct {
	from, to uint64
	rank     rank
}

// planner derives from headers and notes alone which bytes of the file a
// report will read.
type planner struct {
	c     *Core
	wants []want
}

// plan gives the wanted ranges by their start. They may overlap.
func (c *Core) plan() []want {
	p := planner{c: c}
	p.images()
	if s := c.Segment(c.Auxv[AtVDSO]); s != nil {
		p.memory(s.Address, mainData, rankFirst)
	}
	// The auxiliary vector stands at the end of the first stack, below what it
	// points to.
	p.around(c.Auxv[AtRandom], threadLocal, threadLocal, rankFirst)
	p.around(c.Auxv[AtExecFn], threadLocal, threadLocal, rankFirst)
	for i := range c.Threads {
		p.thread(rank(i), &c.Threads[i].Registers)
	}
	slices.SortFunc(p.wants, func(a, b want) int { return cmp.Compare(a.from, b.from) })
	return p.wants
}

// memory wants size bytes at a runtime address, as far as its segment was dumped.
func (p *planner) memory(addr, size uint64, r rank) {
	s := p.c.Segment(addr)
	if s == nil || addr-s.Address >= s.FileSize {
		return
	}
	in := addr - s.Address
	p.wants = append(p.wants, want{s.Offset + in, s.Offset + in + min(size, s.FileSize-in), r})
}

// around wants what lies around a runtime address in its segment.
func (p *planner) around(addr, below, above uint64, r rank) {
	if s := p.c.Segment(addr); s != nil {
		below = min(below, addr-s.Address)
		p.memory(addr-below, below+above, r)
	}
}

func (p *planner) thread(i rank, r *Registers) {
	sp := r.SP()
	if i == 0 {
		p.around(sp, firstStackBelow, stackAbove, rankFirst)
		p.around(r.ThreadPointer, threadLocal, threadLocal, rankFirst)
		return
	}
	p.around(r.ThreadPointer, threadLocal, threadLocal, rankNear+i)
	p.around(sp, nearStackBelow, nearStackAbove, rankNear+i)
	p.around(sp, stackBelow, stackAbove, rankFar+i)
}

// images wants what was dumped of executables and libraries. Which mapped files
// these are is not certain before their headers went by, but a file with code is
// one, and the others have little.
func (p *planner) images() {
	code := p.codeFiles()
	main := ""
	if m := p.c.Mapping(p.c.Auxv[AtPhdr]); m != nil {
		main = m.Path
	}
	for i := range p.c.Files {
		if f := &p.c.Files[i]; f.Offset == 0 {
			p.memory(f.Start, imageHead, rankFirst)
		}
	}
	for i := range p.c.Segments {
		s := &p.c.Segments[i]
		m := p.c.Mapping(s.Address)
		bss := m == nil && s.Address > 0
		if bss {
			m = p.c.Mapping(s.Address - 1)
		}
		switch {
		case m == nil && s.Flags&(Writable|Executable) == 0:
			// Folklore: HAProxy's set-dumpable libs leaves its libraries in the core, as
			// an archive in an anonymous mapping that may only be read.
			p.memory(s.Address, s.FileSize, rankLast)
		case m == nil && s.Flags&Writable != 0 && s.FileSize <= smallMapping:
			p.memory(s.Address, s.FileSize, rankLibrary)
		case m == nil || !code[m.Path]:
		case bss && m.Path == main:
			p.memory(s.Address, mainBSS, rankFirst)
		case bss:
			p.memory(s.Address, otherBSS, rankLibrary)
		case s.Flags&Executable != 0:
			p.memory(s.Address, s.FileSize, rankLast)
		case m.Path == main:
			p.memory(s.Address, mainData, rankFirst)
		default:
			p.memory(s.Address, s.FileSize, rankLibrary)
		}
	}
}

// codeFiles are the paths of files of which code is mapped.
//
// Folklore: gcore leaves read-only code out of the program headers as well.
func (p *planner) codeFiles() map[string]bool {
	code := map[string]bool{}
	for i := range p.c.Files {
		f := &p.c.Files[i]
		if s := p.c.Segment(f.Start); !strings.HasPrefix(f.Path, "/dev/") && (s == nil || s.Flags&Executable != 0) {
			code[f.Path] = true
		}
	}
	return code
}
