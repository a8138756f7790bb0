package matched

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"sort"

	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/machine"
	"github.com/hacrash/hacrash/pkg/unwind"
)

var le = binary.LittleEndian

// Bounds of what is read of an executable. HAProxy 3.4 has 4 MB of code, 6,500 functions,
// 7,000 dynamic symbols and 40,000 relocations.
const (
	maxText        = 64 << 20
	maxFunctions   = 1 << 16
	maxSymbols     = 1 << 17
	maxRelocations = 1 << 20
	maxEdges       = 1 << 20
)

// Program is an executable as its functions: what they refer to, and who refers to them. It
// is for one goroutine at a time.
type Program struct {
	file      *elffile.File
	decode    decoder
	functions []function
	text      section
	rodata    section

	near   []int32  // the last function that begins before each block of the code
	starts []uint64 // a bit for each byte at which a function begins

	symbols  elffile.SymbolTable
	objects  []object         // exported variables, by address
	got      map[uint64]int32 // symbol that a word holds the address of
	stubs    map[uint64]int32 // symbol that a stub of the procedure linkage table calls
	pointers []pointer        // by address
	slots    []slot           // pointers to functions, by function

	edges      []edge // by function, each both ways
	edgesAt    []int32
	cut        map[int32][]int32 // pieces of a function
	scanned    bool
	work, most int // bytes and candidates that were looked at
}

// section is the bytes of a section and its link-time address.
type section struct {
	data []byte
	addr uint64
}

func (s section) holds(addr uint64) bool { return addr-s.addr < uint64(len(s.data)) }

func sectionOf(f *elffile.File, name string) section {
	addr, _, _ := f.SectionAddress(name)
	return section{f.Section(name), addr}
}

// function is a function, or a piece of one that the compiler laid elsewhere.
type function struct {
	start, end uint64
	symbol     int32 // that exports it, or -1
	parent     int32 // of which it is a piece, or -1
	features   []uint32
	collected  bool
}

type object struct {
	start, end uint64
	symbol     int32
}

// pointer is a word of the data that holds an address.
type pointer struct{ at, to uint64 }

// slot is a pointer to a function.
type slot struct{ function, pointer int32 }

// edge leads from a function to another one.
type edge struct {
	from, to int32
	kind     uint8
}

// Kinds of edges. Those of tables have the distance in words added.
const (
	calls    = 1
	calledBy = 2
	takes    = 3 // its address
	takenBy  = 4
	tableBy  = 16 // stands so many words behind the other in a table
	inTable  = 32 // stands so many words before the other
)

// blockShift is the size of a block of near.
const blockShift = 4

// Open finds the functions of an executable; nil if it has none whose bounds are told, or is of
// a machine that cannot be read.
func Open(f *elffile.File, frames *unwind.Table) *Program {
	p := &Program{file: f, decode: decoderOf(f.Machine), text: sectionOf(f, ".text"), rodata: sectionOf(f, ".rodata"), symbols: f.DynamicSymbols()}
	n := len(p.text.data)
	if p.decode == nil || n == 0 || n > maxText || p.symbols.Len() > maxSymbols {
		return nil
	}
	frames.Functions(func(low, high uint64) bool {
		if p.text.holds(low) && high > low && high-p.text.addr <= uint64(n) {
			p.functions = append(p.functions, function{start: low, end: high, symbol: -1, parent: -1})
		}
		return len(p.functions) < maxFunctions
	})
	if len(p.functions) == 0 {
		return nil
	}
	slices.SortFunc(p.functions, func(a, b function) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end)) })
	p.functions = slices.CompactFunc(p.functions, func(a, b function) bool { return a.start == b.start })
	p.index()
	p.readSymbols()
	p.most = 64 << 20
	return p
}

// index makes near and starts.
func (p *Program) index() {
	p.near = make([]int32, len(p.text.data)>>blockShift+1)
	p.starts = make([]uint64, len(p.text.data)/64+1)
	k := int32(0)
	for b := range p.near {
		for addr := p.text.addr + uint64(b)<<blockShift; int(k)+1 < len(p.functions) && p.functions[k+1].start <= addr; {
			k++
		}
		p.near[b] = k
	}
	for i := range p.functions {
		at := p.functions[i].start - p.text.addr
		p.starts[at/64] |= 1 << (at % 64)
	}
}

// begins tells whether a function begins at an offset of the code.
func (p *Program) begins(at uint64) bool {
	return at < uint64(len(p.text.data)) && p.starts[at/64]>>(at%64)&1 != 0
}

// find gives the function that holds a link-time address, or -1.
func (p *Program) find(addr uint64) int32 {
	if !p.text.holds(addr) {
		return -1
	}
	k := p.near[(addr-p.text.addr)>>blockShift]
	for int(k)+1 < len(p.functions) && p.functions[k+1].start <= addr {
		k++
	}
	if f := &p.functions[k]; f.start <= addr && addr < f.end {
		return k
	}
	return -1
}

// entry gives the function that begins at a link-time address, or -1.
func (p *Program) entry(addr uint64) int32 {
	if !p.begins(addr - p.text.addr) {
		return -1
	}
	if k := p.find(addr); k >= 0 && p.functions[k].start == addr {
		return k
	}
	return -1
}

// readSymbols finds what is exported. Of several names the first is taken, in the order of the
// alphabet: two builds agree on that.
func (p *Program) readSymbols() {
	for i := range p.symbols.Len() {
		s := p.symbols.At(i)
		if !s.Defined {
			continue
		}
		switch s.Type {
		case elffile.SymFunc:
			k := p.entry(s.Address)
			if k < 0 {
				continue
			}
			if f := &p.functions[k]; f.symbol < 0 || p.symbols.Name(s) < p.symbolName(f.symbol) {
				f.symbol = int32(i)
			}
		case elffile.SymObject:
			if end := s.Address + max(s.Size, 1); end > s.Address {
				p.objects = append(p.objects, object{s.Address, end, int32(i)})
			}
		}
	}
	slices.SortFunc(p.objects, func(a, b object) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.symbol, b.symbol)) })
}

func (p *Program) symbolName(i int32) string { return p.symbols.Name(p.symbols.At(int(i))) }

// objectAt gives the symbol of the exported variable that holds an address, or -1.
func (p *Program) objectAt(addr uint64) int32 {
	i := sort.Search(len(p.objects), func(i int) bool { return p.objects[i].start > addr }) - 1
	if i >= 0 && addr < p.objects[i].end {
		return p.objects[i].symbol
	}
	return -1
}

// logSize is the size of a function on a scale of logarithms, 16 to a factor of e.
func (f *function) logSize() uint8 {
	return uint8(min(255, math.Round(16*math.Log(float64(f.end-f.start)+8))))
}

// nameless tells whether a function is static, and whole.
func (f *function) nameless() bool { return f.symbol < 0 && f.parent < 0 }

// spend takes from the work that an executable may cost; false if there is none left.
func (p *Program) spend(n int) bool {
	p.work += n
	return p.work <= p.most
}

// machines that can be read.
func decoderOf(elf uint16) decoder {
	switch machine.Of(elf) {
	case machine.AMD64:
		return amd64{}
	case machine.ARM64:
		return arm64{}
	}
	return nil
}
