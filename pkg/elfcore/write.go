package elfcore

// AppendNote appends a note, padded to four bytes.
func AppendNote(b []byte, owner string, kind uint32, desc []byte) []byte {
	name := make([]byte, (len(owner)+4)&^3) // with a NUL
	copy(name, owner)
	b = le.AppendUint32(b, uint32(len(owner)+1))
	b = le.AppendUint32(b, uint32(len(desc)))
	b = le.AppendUint32(b, kind)
	b = append(b, name...)
	b = append(b, desc...)
	return append(b, make([]byte, -len(desc)&3)...)
}

// Head gives the start of a core: header, program headers, notes. It sets the offsets of the
// segments, each at a page, and tells the size of the whole. What lies between the parts is zero.
func Head(machine uint16, pageSize uint64, segments []Segment, notes []byte) (head []byte, size uint64) {
	align := func(n uint64) uint64 { return (n + pageSize - 1) &^ (pageSize - 1) }
	count := len(segments) + 1
	sections := 0
	if count >= pnXNum {
		sections = 1
	}
	notesAt := uint64(ehdrSize + count*phdrSize + sections*shdrSize)
	at := align(notesAt + uint64(len(notes)))
	b := make([]byte, 0, at)
	b = append(b, "\x7fELF\x02\x01\x01"...)
	b = append(b, make([]byte, 9)...)
	b = le.AppendUint16(b, etCore)
	b = le.AppendUint16(b, machine)
	b = le.AppendUint32(b, 1)
	b = le.AppendUint64(b, 0)
	b = le.AppendUint64(b, ehdrSize) // program headers
	b = le.AppendUint64(b, uint64(sections)*(ehdrSize+uint64(count)*phdrSize))
	b = le.AppendUint32(b, 0)
	for _, n := range [...]int{ehdrSize, phdrSize, min(count, pnXNum), shdrSize, sections, 0} {
		b = le.AppendUint16(b, uint16(n))
	}
	b = appendProgram(b, ptNote, Segment{Offset: notesAt, FileSize: uint64(len(notes)), MemSize: uint64(len(notes))}, 4)
	for i := range segments {
		s := &segments[i]
		s.Offset = at
		b = appendProgram(b, ptLoad, *s, pageSize)
		at += align(s.FileSize)
	}
	if sections > 0 { // the count of program headers in sh_info
		row := make([]byte, shdrSize)
		le.PutUint32(row[44:], uint32(count))
		b = append(b, row...)
	}
	return append(b, notes...), at
}

func appendProgram(b []byte, kind uint32, s Segment, alignment uint64) []byte {
	b = le.AppendUint32(b, kind)
	b = le.AppendUint32(b, s.Flags)
	for _, v := range [...]uint64{s.Offset, s.Address, 0, s.FileSize, s.MemSize, alignment} {
		b = le.AppendUint64(b, v)
	}
	return b
}
