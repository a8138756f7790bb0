package fixes

import (
	"encoding/binary"
	"hash/crc32"
)

// Reseal sets the sums of the sections right, so that a fuzzer gets past them.
func Reseal(data []byte) []byte {
	b := append([]byte(nil), data...)
	if len(b) < len(magic)+4 {
		return b
	}
	copy(b, magic)
	n := min(binary.LittleEndian.Uint32(b[len(magic):]), maxSections)
	for i := range int(n) {
		e := len(magic) + 4 + i*entrySize + nameSize
		if e+16 > len(b) {
			break
		}
		start, length := binary.LittleEndian.Uint32(b[e:]), binary.LittleEndian.Uint32(b[e+4:])
		if uint64(start)+uint64(length) <= uint64(len(b)) {
			binary.LittleEndian.PutUint32(b[e+12:], crc32.Checksum(b[start:start+length], castagnoli))
		}
	}
	return b
}

// Unpacked writes an index anew with no section packed, so that a fuzzer reaches
// what is in them.
func Unpacked(data []byte) ([]byte, error) {
	stored, err := sectionsOf(data)
	if err != nil {
		return nil, err
	}
	var list []section
	for _, name := range []string{sectionMaster, sectionTables, sectionOrder, sectionHashes, sectionMarks, sectionFacts, sectionWords} {
		raw, err := stored[name].unpack()
		if err != nil {
			return nil, err
		}
		list = append(list, section{name: name, raw: raw})
	}
	return pack(list)
}
