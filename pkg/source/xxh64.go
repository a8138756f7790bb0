package source

import (
	"encoding/binary"
	"math/bits"
)

// Primes of XXH64 (xxHash specification 0.1.1).
const (
	prime1 = 11400714785074694791
	prime2 = 14029467366897019727
	prime3 = 1609587929392839161
	prime4 = 9650029242287828579
	prime5 = 2870177450012600261
)

// xxh64 is the checksum of zstd frames, XXH64 with the seed 0. The libraries at
// hand cannot hash a run of one byte without making it.
type xxh64 struct {
	lanes [4]uint64
	part  [32]byte // of a stripe; total%32 bytes of it
	total uint64
}

func newXXH64() xxh64 {
	var p1, p2 uint64 = prime1, prime2
	return xxh64{lanes: [4]uint64{p1 + p2, p2, 0, -p1}}
}

func round(lane, input uint64) uint64 { return bits.RotateLeft64(lane+input*prime2, 31) * prime1 }

func (h *xxh64) write(b []byte) {
	in := int(h.total % 32)
	h.total += uint64(len(b))
	if in > 0 {
		n := copy(h.part[in:], b)
		b = b[n:]
		if in+n < 32 {
			return
		}
		h.stripes(h.part[:])
	}
	whole := len(b) &^ 31
	h.stripes(b[:whole])
	copy(h.part[:], b[whole:])
}

// stripes takes a multiple of 32 bytes.
func (h *xxh64) stripes(b []byte) {
	l0, l1, l2, l3 := h.lanes[0], h.lanes[1], h.lanes[2], h.lanes[3]
	for ; len(b) >= 32; b = b[32:] {
		s := (*[32]byte)(b)
		l0 = round(l0, binary.LittleEndian.Uint64(s[0:]))
		l1 = round(l1, binary.LittleEndian.Uint64(s[8:]))
		l2 = round(l2, binary.LittleEndian.Uint64(s[16:]))
		l3 = round(l3, binary.LittleEndian.Uint64(s[24:]))
	}
	h.lanes = [4]uint64{l0, l1, l2, l3}
}

// fill is as writing n times the byte v.
func (h *xxh64) fill(v byte, n uint64) {
	var stripe [32]byte
	fill(stripe[:], v)
	if in := h.total % 32; in > 0 {
		k := min(32-in, n)
		h.write(stripe[:k])
		n -= k
	}
	input := binary.LittleEndian.Uint64(stripe[:])
	l0, l1, l2, l3 := h.lanes[0], h.lanes[1], h.lanes[2], h.lanes[3]
	for range n / 32 {
		l0, l1, l2, l3 = round(l0, input), round(l1, input), round(l2, input), round(l3, input)
	}
	h.lanes = [4]uint64{l0, l1, l2, l3}
	h.total += n &^ 31
	h.write(stripe[:n%32])
}

func (h *xxh64) sum() uint64 {
	l := h.lanes
	var x uint64 = prime5
	if h.total >= 32 {
		x = bits.RotateLeft64(l[0], 1) + bits.RotateLeft64(l[1], 7) + bits.RotateLeft64(l[2], 12) + bits.RotateLeft64(l[3], 18)
		for _, lane := range l {
			x = (x^round(0, lane))*prime1 + prime4
		}
	}
	x += h.total
	b := h.part[:h.total%32]
	for ; len(b) >= 8; b = b[8:] {
		x = bits.RotateLeft64(x^round(0, binary.LittleEndian.Uint64(b)), 27)*prime1 + prime4
	}
	if len(b) >= 4 {
		x = bits.RotateLeft64(x^uint64(binary.LittleEndian.Uint32(b))*prime1, 23)*prime2 + prime3
		b = b[4:]
	}
	for _, c := range b {
		x = bits.RotateLeft64(x^uint64(c)*prime5, 11) * prime1
	}
	x = (x ^ x>>33) * prime2
	x = (x ^ x>>29) * prime3
	return x ^ x>>32
}
