package unwind

import (
	"bytes"
	"sort"

	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/machine"
)

// maxFDEs is how many FDEs a section without a search table may have.
const maxFDEs = 1 << 19

// CIE is what several FDEs have in common (DWARF 5, 6.4.1; LSB core generic,
// 10.6.1).
type CIE struct {
	CodeAlign     uint64
	DataAlign     int64
	ReturnAddress uint64 // DWARF register number
	// Signal: the frame is that of a signal trampoline, the frame below it was
	// interrupted, not left by a call.
	Signal bool

	section         *section
	pointerEncoding uint8
	sized           bool // FDEs say how long their augmentation is
	instructions    []byte
	initial         *Row
}

// FDE is the call frame information of one function, or of a part of one.
type FDE struct {
	CIE *CIE
	// Low and High are link-time addresses; High is not part of it.
	Low, High    uint64
	instructions []byte
	base         pointerBase
}

// section is one section of call frame information: .eh_frame or .debug_frame.
type section struct {
	data  []byte
	addr  uint64 // link-time, of data
	debug bool   // .debug_frame: other ids, no encodings

	table []byte // sorted pairs of .eh_frame_hdr; nil if there are none
	hdr   uint64 // link-time address of .eh_frame_hdr

	index []extent // where there is no table, once it was needed
	built bool
	cies  map[uint64]*CIE
	fdes  map[uint64]*FDE
	work  int // instructions that were run
}

// extent is a row of an index that we make ourselves.
type extent struct{ low, high, offset uint64 }

// Table finds the FDE for an address of one module.
type Table struct {
	sections []*section
	file     *elffile.File
	debug    func() *elffile.File // not asked yet
}

// NewTable reads the call frame information of a file: .eh_frame with its
// search table, and .debug_frame, of itself or of its debug file. That is asked
// for when the file itself does not know an address; debug may be nil.
//
// Folklore: in a separate debug file .eh_frame has no bytes; .debug_frame, which
// some distributions build their aarch64 libraries with, is only there. The
// file has an .eh_frame all the same, of its start-up code.
func NewTable(file *elffile.File, debug func() *elffile.File) *Table {
	t := &Table{file: file, debug: debug}
	if s := ehFrame(file); s != nil {
		t.sections = append(t.sections, s)
	}
	t.addDebugFrame(file)
	return t
}

func (t *Table) addDebugFrame(f *elffile.File) {
	if b := f.Section(".debug_frame"); len(b) > 0 {
		t.sections = append(t.sections, newSection(b, 0, true))
	}
}

func newSection(b []byte, addr uint64, debug bool) *section {
	return &section{data: b, addr: addr, debug: debug, cies: map[uint64]*CIE{}, fdes: map[uint64]*FDE{}}
}

// ehFrame finds .eh_frame by the section table, or by PT_GNU_EH_FRAME in a file
// that has none (the vDSO in memory may be cut before it).
func ehFrame(f *elffile.File) *section {
	var s *section
	if b := f.Section(".eh_frame"); len(b) > 0 {
		addr, _, _ := f.SectionAddress(".eh_frame")
		s = newSection(b, addr, false)
	}
	hdr, addr := f.Segment(elffile.GNUEHFrame)
	if len(hdr) < 4 || hdr[0] != 1 {
		return s
	}
	c := dwarf.NewCursor(hdr, 4)
	base := pointerBase{section: addr, data: addr}
	frame := base.read(&c, hdr[1])
	count := base.read(&c, hdr[2])
	if c.Bad() {
		return s
	}
	if s == nil {
		b := f.At(frame)
		if len(b) == 0 {
			return nil
		}
		s = newSection(b, frame, false)
	}
	const sorted = peDataRel | peSData4 // linkers write no other
	if hdr[3] == sorted && count > 0 && count <= uint64(c.Left())/8 {
		s.table, s.hdr = c.Bytes(count*8), addr
	}
	return s
}

// Find gives the FDE that holds a link-time address; nil if none does.
func (t *Table) Find(addr uint64) *FDE {
	for i := 0; ; i++ {
		if i == len(t.sections) && t.debug != nil {
			debug := t.debug
			t.debug = nil
			if f := debug(); f != nil && f != t.file {
				t.addDebugFrame(f)
			}
		}
		if i >= len(t.sections) {
			return nil
		}
		if f := t.sections[i].find(addr); f != nil {
			return f
		}
	}
}

func (s *section) find(addr uint64) *FDE {
	if s.table != nil {
		n := len(s.table) / 8
		i := sort.Search(n, func(i int) bool { return s.tableAddr(8*i) > addr }) - 1
		if i >= 0 {
			if f := s.fde(s.tableAddr(8*i+4) - s.addr); f.holds(addr) {
				return f
			}
		}
		return nil
	}
	if !s.built {
		s.build()
	}
	i := sort.Search(len(s.index), func(i int) bool { return s.index[i].low > addr }) - 1
	// Folklore: functions that the linker dropped leave FDEs at 0 that overlap.
	for n := 0; i >= 0 && n < 8; i, n = i-1, n+1 {
		if addr < s.index[i].high {
			return s.fde(s.index[i].offset)
		}
	}
	return nil
}

// tableAddr reads a pointer of the search table at a byte offset.
func (s *section) tableAddr(at int) uint64 {
	return s.hdr + uint64(int64(int32(le.Uint32(s.table[at:]))))
}

func (f *FDE) holds(addr uint64) bool { return f != nil && addr >= f.Low && addr < f.High }

// build reads all FDEs of a section that has no search table.
//
// Folklore: ld --no-eh-frame-hdr, some static programs, and every .debug_frame.
func (s *section) build() {
	s.built = true
	for off := uint64(0); len(s.index) < maxFDEs; {
		r, next, ok := s.record(off)
		if !ok {
			break
		}
		if !r.isCIE {
			if f := s.parseFDE(r); f != nil && f.High > f.Low {
				s.index = append(s.index, extent{f.Low, f.High, off})
			}
		}
		off = next
	}
	sort.Slice(s.index, func(i, j int) bool { return s.index[i].low < s.index[j].low })
}

// Functions gives the bounds, link-time, of what the file itself describes: of functions, and of
// the pieces of those that the compiler laid apart, until yield says stop.
func (t *Table) Functions(yield func(low, high uint64) bool) {
	for _, s := range t.sections {
		for i := range min(len(s.table)/8, maxFDEs) {
			f := s.fde(s.tableAddr(8*i+4) - s.addr)
			if f != nil && f.High > f.Low && !yield(f.Low, f.High) {
				return
			}
		}
		if s.table != nil {
			continue
		}
		if !s.built {
			s.build()
		}
		for _, e := range s.index {
			if !yield(e.low, e.high) {
				return
			}
		}
	}
}

// record is the common start of CIEs and FDEs. body ends where the record does.
type record struct {
	body  dwarf.Cursor
	isCIE bool
	cie   uint64 // offset of an FDE's CIE
}

// record reads the head of the record at an offset, and gives the offset of the
// next one.
func (s *section) record(off uint64) (r record, next uint64, ok bool) {
	c := dwarf.NewCursor(s.data, off)
	n := uint64(c.U32())
	is64 := n == 0xffffffff
	if is64 {
		n = c.U64()
	}
	// A length of 0 ends .eh_frame.
	if c.Bad() || n == 0 || n > uint64(c.Left()) {
		return r, 0, false
	}
	next = c.Offset() + n
	c.Limit(n)
	at := c.Offset()
	if s.debug {
		none, size := uint64(0xffffffff), 4
		if is64 {
			none, size = ^uint64(0), 8
		}
		r.cie = c.Uint(size)
		r.isCIE = r.cie == none
	} else {
		id := uint64(c.U32())
		r.isCIE = id == 0
		r.cie = at - id // how far back the CIE begins
	}
	r.body = c
	return r, next, !c.Bad()
}

// fde gives the FDE at an offset, decoded once.
func (s *section) fde(off uint64) *FDE {
	if f, ok := s.fdes[off]; ok {
		return f
	}
	s.fdes[off] = nil
	if r, _, ok := s.record(off); ok && !r.isCIE {
		s.fdes[off] = s.parseFDE(r)
	}
	return s.fdes[off]
}

func (s *section) parseFDE(r record) *FDE {
	cie := s.cie(r.cie)
	if cie == nil {
		return nil
	}
	c := r.body
	f := &FDE{CIE: cie, base: pointerBase{section: s.addr, data: s.hdr}}
	f.Low = f.base.read(&c, cie.pointerEncoding)
	f.High = f.Low + f.base.read(&c, cie.pointerEncoding&peForm)
	if cie.sized {
		c.Skip(c.ULEB())
	}
	if c.Bad() {
		return nil
	}
	f.base.section += c.Offset()
	f.instructions = c.Bytes(uint64(c.Left()))
	return f
}

// cie gives the CIE at an offset, decoded once.
func (s *section) cie(off uint64) *CIE {
	if c, ok := s.cies[off]; ok {
		return c
	}
	s.cies[off] = nil
	if r, _, ok := s.record(off); ok && r.isCIE {
		s.cies[off] = s.parseCIE(r)
	}
	return s.cies[off]
}

func (s *section) parseCIE(r record) *CIE {
	c := r.body
	cie := &CIE{section: s}
	version := c.U8()
	augmentation := c.CString()
	if version != 1 && version != 3 && version != 4 || bytes.HasPrefix(augmentation, []byte("eh")) {
		return nil // "eh" is of gcc 2
	}
	if version == 4 {
		if c.U8() != 8 || c.U8() != 0 { // size of addresses, of segments
			return nil
		}
	}
	cie.CodeAlign, cie.DataAlign = c.ULEB(), c.SLEB()
	if version == 1 {
		cie.ReturnAddress = uint64(c.U8())
	} else {
		cie.ReturnAddress = c.ULEB()
	}
	if len(augmentation) > 0 && !s.augment(cie, &c, augmentation) {
		return nil
	}
	if c.Bad() || cie.ReturnAddress >= machine.MaxRegisters {
		return nil
	}
	cie.instructions = c.Bytes(uint64(c.Left()))
	return cie
}

// augment reads what the augmentation string announces.
func (s *section) augment(cie *CIE, c *dwarf.Cursor, letters []byte) bool {
	var end uint64
	if letters[0] == 'z' {
		cie.sized = true
		n := c.ULEB()
		end = c.Offset() + n
		letters = letters[1:]
	}
	for _, l := range letters {
		switch l {
		case 'R': // encoding of addresses in FDEs
			cie.pointerEncoding = c.U8()
		case 'P': // personality routine, not needed
			enc := c.U8()
			pointerBase{}.read(c, enc)
		case 'L': // encoding of pointers to exception tables
			c.U8()
		case 'S':
			cie.Signal = true
		case 'B', 'G': // aarch64: return addresses signed with key B; tagged stack
		default:
			// What follows an unknown letter cannot be read, unless the size of it all
			// was given: then it is passed over.
			if !cie.sized {
				return false
			}
			c.Seek(end)
			return !c.Bad()
		}
	}
	if cie.sized {
		c.Seek(end)
	}
	return !c.Bad()
}
