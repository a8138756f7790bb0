package fixes

import (
	"encoding/binary"
	"errors"
)

// errDamaged is what every check of the data's form ends in.
var errDamaged = errors.New("the fix index is damaged; import it anew with hacrash bugs import")

// cursor reads the data of an index. After the first thing that does not fit,
// all reads give zero values and bad is set.
type cursor struct {
	data []byte
	bad  bool
}

func (c *cursor) bytes(n int) []byte {
	if n < 0 || n > len(c.data) {
		c.bad, c.data = true, nil
		return nil
	}
	b := c.data[:n]
	c.data = c.data[n:]
	return b
}

// number reads an unsigned LEB128 number that is at most limit.
func (c *cursor) number(limit int) int {
	v, n := binary.Uvarint(c.data)
	if n <= 0 || v > uint64(limit) {
		c.bad, c.data = true, nil
		return 0
	}
	c.data = c.data[n:]
	return int(v)
}

// count reads how many things follow that take size bytes or more each.
func (c *cursor) count(size int) int { return c.number(len(c.data) / size) }

// word reads four bytes, little-endian.
func (c *cursor) word() uint32 {
	if b := c.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// text reads a length and that many bytes.
func (c *cursor) text() string { return string(c.bytes(c.count(1))) }

func putText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
