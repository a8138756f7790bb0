// Package cursor reads the tables that the program carries with it, which a user may
// replace: bytes, LEB128 numbers and texts, each of them checked against what is left.
package cursor

import "encoding/binary"

// Cursor reads data from its beginning. After the first thing that does not fit, all reads
// give zero values and Bad is set.
type Cursor struct {
	Data []byte // what is left
	Bad  bool
}

// Fail ends all reading.
func (c *Cursor) Fail() { c.Bad, c.Data = true, nil }

// Bytes takes n bytes.
func (c *Cursor) Bytes(n int) []byte {
	if n < 0 || n > len(c.Data) {
		c.Fail()
		return nil
	}
	b := c.Data[:n:n]
	c.Data = c.Data[n:]
	return b
}

// Number reads an unsigned LEB128 number that is at most limit.
func (c *Cursor) Number(limit int) int {
	v, n := binary.Uvarint(c.Data)
	if n <= 0 || v > uint64(limit) {
		c.Fail()
		return 0
	}
	c.Data = c.Data[n:]
	return int(v)
}

// Signed reads a number as [binary.AppendVarint] writes it, at most limit/2 on either side of zero.
func (c *Cursor) Signed(limit int) int {
	n := c.Number(limit)
	return n>>1 ^ -(n & 1)
}

// Count reads how many things follow that take size bytes or more each.
func (c *Cursor) Count(size int) int { return c.Number(len(c.Data) / size) }

// Word reads four bytes, little-endian.
func (c *Cursor) Word() uint32 {
	if b := c.Bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// Text reads a length and that many bytes.
func (c *Cursor) Text() string { return string(c.Bytes(c.Count(1))) }

// AppendText writes what Text reads.
func AppendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
