package dwarf

import (
	"bytes"
	"encoding/binary"
)

var le = binary.LittleEndian

// Cursor reads little-endian values from bytes that nobody vouches for. After
// the first read that does not fit it is bad for good, gives zeros, and stays
// at the end: loops that ask Bad, or that run until Left is 0, end.
type Cursor struct {
	b   []byte
	pos int
	bad bool
}

// NewCursor reads b from an offset on; it is bad at once if there is no such
// offset.
func NewCursor(b []byte, off uint64) Cursor {
	if off > uint64(len(b)) {
		return Cursor{b: b, pos: len(b), bad: true}
	}
	return Cursor{b: b, pos: int(off)}
}

// Bad tells that something was read that is not there.
func (c *Cursor) Bad() bool { return c.bad }

// Offset is where the next byte is read, from the start of the bytes.
func (c *Cursor) Offset() uint64 { return uint64(c.pos) }

// Left is how many bytes there are still.
func (c *Cursor) Left() int { return len(c.b) - c.pos }

// Seek goes to an offset from the start of the bytes.
func (c *Cursor) Seek(off uint64) {
	if c.bad || off > uint64(len(c.b)) {
		c.fail()
		return
	}
	c.pos = int(off)
}

// Limit makes the bytes end n bytes from here.
func (c *Cursor) Limit(n uint64) {
	if c.bad || n > uint64(c.Left()) {
		c.fail()
		return
	}
	c.b = c.b[:c.pos+int(n)]
}

func (c *Cursor) fail() {
	c.bad = true
	c.pos = len(c.b)
}

// Bytes gives the next n bytes, not copied; nil if they are not there.
func (c *Cursor) Bytes(n uint64) []byte {
	if c.bad || n > uint64(c.Left()) {
		c.fail()
		return nil
	}
	b := c.b[c.pos : c.pos+int(n) : c.pos+int(n)]
	c.pos += int(n)
	return b
}

// Skip passes over n bytes.
func (c *Cursor) Skip(n uint64) { c.Bytes(n) }

// U8 reads a byte.
func (c *Cursor) U8() uint8 {
	if c.pos >= len(c.b) {
		c.fail()
		return 0
	}
	v := c.b[c.pos]
	c.pos++
	return v
}

// U16 reads two bytes.
func (c *Cursor) U16() uint16 { return uint16(c.Uint(2)) }

// U32 reads four bytes.
func (c *Cursor) U32() uint32 { return uint32(c.Uint(4)) }

// U64 reads eight bytes.
func (c *Cursor) U64() uint64 { return c.Uint(8) }

// Uint reads an unsigned number of n bytes, at most 8.
func (c *Cursor) Uint(n int) uint64 {
	if n < 0 || n > 8 {
		c.fail()
		return 0
	}
	switch b := c.Bytes(uint64(n)); len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(le.Uint16(b))
	case 4:
		return uint64(le.Uint32(b))
	case 8:
		return le.Uint64(b)
	default:
		return little(b)
	}
}

// maxLEB is how many bytes a LEB128 may have. Ten hold 64 bits; linkers that
// shorten numbers in place leave longer ones.
const maxLEB = 16

// ULEB reads an unsigned LEB128 (DWARF 5, 7.6). Bits beyond 64 are dropped.
func (c *Cursor) ULEB() uint64 {
	var v uint64
	for shift := uint(0); shift < 7*maxLEB; shift += 7 {
		b := c.U8()
		if shift < 64 {
			v |= uint64(b&0x7f) << shift
		}
		if b&0x80 == 0 {
			return v
		}
	}
	c.fail()
	return 0
}

// SLEB reads a signed LEB128.
func (c *Cursor) SLEB() int64 {
	var v int64
	for shift := uint(0); shift < 7*maxLEB; {
		b := c.U8()
		if shift < 64 {
			v |= int64(b&0x7f) << shift
		}
		shift += 7
		if b&0x80 == 0 {
			if shift < 64 && b&0x40 != 0 {
				v |= -1 << shift
			}
			return v
		}
	}
	c.fail()
	return 0
}

// CString reads up to a NUL and passes it; the bytes are not copied.
func (c *Cursor) CString() []byte {
	i := bytes.IndexByte(c.b[c.pos:], 0)
	if i < 0 {
		c.fail()
		return nil
	}
	s := c.b[c.pos : c.pos+i : c.pos+i]
	c.pos += i + 1
	return s
}

// length reads an initial length (DWARF 5, 7.4); is64 tells the 64-bit format,
// in which offsets have eight bytes.
func (c *Cursor) length() (n uint64, is64 bool) {
	v := c.U32()
	switch {
	case v == 0xffffffff:
		return c.U64(), true
	case v >= 0xfffffff0: // reserved
		c.fail()
		return 0, false
	}
	return uint64(v), false
}
