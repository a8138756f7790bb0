package elffile

import "bytes"

// Flags and types of sections (System V gABI chapter 4).
const (
	typeNoBits     = 8
	flagCompressed = 0x800
)

// maxSectionName bounds the search for the end of a name, which each of 65536
// sections may demand. Those we ask for are short.
const maxSectionName = 256

// section is a row of the section table.
type section struct {
	name            string
	typ             uint32
	flags           uint64
	addr, off, size uint64
}

// readSections reads the section headers that lie within the file.
//
// Folklore: sstrip and some packers leave none; then sections are absent and
// what segments tell must do.
func (f *File) readSections() {
	off, size, n := le.Uint64(f.data[40:]), le.Uint16(f.data[58:]), uint64(le.Uint16(f.data[60:]))
	names := uint32(le.Uint16(f.data[62:]))
	if off == 0 || size != shdrSize || off > uint64(len(f.data)) {
		return
	}
	b := f.data[off:]
	// Folklore: with 65280 sections or more (-ffunction-sections in a
	// relocatable file) the counts stand in the first header.
	if len(b) >= shdrSize {
		if n == 0 {
			n = le.Uint64(b[32:])
		}
		if names == 0xffff {
			names = le.Uint32(b[40:])
		}
	}
	n = min(n, uint64(len(b))/shdrSize, maxSections)
	if uint64(names) >= n {
		return
	}
	nb := b[uint64(names)*shdrSize:]
	strtab := f.slice(le.Uint64(nb[24:]), le.Uint64(nb[32:]))
	f.sections = make([]section, 0, n)
	for ; n > 0; n, b = n-1, b[shdrSize:] {
		s := section{
			typ: le.Uint32(b[4:]), flags: le.Uint64(b[8:]),
			addr: le.Uint64(b[16:]), off: le.Uint64(b[24:]), size: le.Uint64(b[32:]),
		}
		if at := le.Uint32(b); uint64(at) < uint64(len(strtab)) {
			name := strtab[at:]
			name = name[:min(len(name), maxSectionName)]
			s.name = string(name[:max(bytes.IndexByte(name, 0), 0)])
		}
		f.sections = append(f.sections, s)
	}
}

// section finds a section and its index; nil if there is none.
func (f *File) section(name string) (*section, int) {
	if name == "" {
		return nil, 0
	}
	for i := range f.sections {
		if f.sections[i].name == name {
			return &f.sections[i], i
		}
	}
	return nil, 0
}

// Section gives the bytes of a section, inflated if it is compressed; nil if
// there is none, if the file does not hold its bytes (.bss, or the code of a
// debug file), or if it is damaged.
func (f *File) Section(name string) []byte {
	s, i := f.section(name)
	if s == nil {
		return f.oldCompressed(name)
	}
	if s.typ == typeNoBits {
		return nil
	}
	b := f.slice(s.off, s.size)
	if s.flags&flagCompressed == 0 {
		return b
	}
	return f.inflate(i, func() []byte { return f.inflateSection(b) })
}

// Has tells whether the file holds the bytes of a section, compressed or not. It
// inflates nothing.
func (f *File) Has(name string) bool {
	s, _ := f.section(name)
	if s == nil {
		s, _ = f.section(oldName(name))
	}
	return s != nil && s.typ != typeNoBits && s.size > 0 && f.slice(s.off, s.size) != nil
}

// SectionAddress gives the link-time address and the size of a section, whether
// the file holds its bytes or not.
func (f *File) SectionAddress(name string) (addr, size uint64, ok bool) {
	s, _ := f.section(name)
	if s == nil {
		return 0, 0, false
	}
	return s.addr, s.size, true
}
