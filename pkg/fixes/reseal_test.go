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
		if e+12 > len(b) {
			break
		}
		start, length := binary.LittleEndian.Uint32(b[e:]), binary.LittleEndian.Uint32(b[e+4:])
		if uint64(start)+uint64(length) <= uint64(len(b)) {
			binary.LittleEndian.PutUint32(b[e+8:], crc32.Checksum(b[start:start+length], castagnoli))
		}
	}
	return b
}
