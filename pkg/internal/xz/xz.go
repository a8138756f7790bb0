// Package xz unpacks streams of the .xz file format 1.2.1 that nobody vouches
// for. What this package knows that no other does: how blocks, index and footer
// of such a stream lie, and how much memory a block may ask for.
//
// The container is read here, for the library would allocate a dictionary of
// any size that a block asks for (up to 4 GiB); its LZMA2 decoder gets one that
// is checked.
package xz

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// Magic is what a stream begins with (2.1.1.1).
const Magic = "\xfd7zXZ\x00"

// Source is compressed data. ReadByte is there so that no byte is taken of what
// follows a stream.
type Source interface {
	io.Reader
	io.ByteReader
}

// stream reads one stream.
type stream struct {
	feed   counted
	dict   int // the largest that a block may ask for
	asked  int64
	given  int64 // bytes of content so far; asked are those of dictionaries
	check  byte  // type of the check behind each block
	blocks uint64
	lzma   io.Reader // nil between blocks
	sum    hash.Hash // nil when the check is none or not known
	start  int64     // of the block's data
	sizes  [2]int64  // compressed and plain size that the header promises, or -1
	plain  int64
	err    error
}

// Lengths of parts (sections 2.1.1 and 2.1.2).
const (
	headerLen = 12
	footerLen = 12
)

// Each block gets a new dictionary, which must be cleared. A stream of many
// blocks with next to nothing in them would keep a machine busy for hours, so
// dictionaries may be dictRatio times as large as the content they brought
// (xz -9 --block-size=64KiB), and freeDicts more.
const (
	freeDicts = 1 << 30
	dictRatio = 1024
)

var errHeaders = errors.New("its headers contradict themselves")

// NewReader reads one stream, to its footer and no further. A block that asks
// for a dictionary of more than dict bytes is an error. The end of src within
// the stream is io.ErrUnexpectedEOF, or io.EOF at its very beginning.
func NewReader(src Source, dict int) (io.Reader, error) {
	var h [headerLen]byte
	if _, err := io.ReadFull(src, h[:]); err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(h[:], []byte(Magic)) || h[6] != 0 || h[7] > 15 || binary.LittleEndian.Uint32(h[8:]) != crc32.ChecksumIEEE(h[6:8]) {
		return nil, errHeaders
	}
	return &stream{feed: counted{Source: src}, dict: dict, check: h[7]}, nil
}

func (x *stream) Read(b []byte) (int, error) {
	for x.err == nil {
		if x.lzma == nil {
			x.err = x.block()
			continue
		}
		n, err := x.lzma.Read(b)
		x.plain += int64(n)
		x.given += int64(n)
		if x.sum != nil {
			x.sum.Write(b[:n])
		}
		if err == io.EOF {
			err = x.endBlock()
		}
		x.err = err
		if n > 0 {
			return n, nil
		}
	}
	return 0, x.err
}

// block reads a block header (3.1), or the index and the footer that stand in
// its place at the end of the stream.
func (x *stream) block() error {
	size, err := x.feed.ReadByte()
	if err != nil {
		return cut(err)
	}
	if size == 0 {
		return x.index()
	}
	h := make([]byte, (int(size)+1)*4)
	h[0] = size
	if _, err := io.ReadFull(&x.feed, h[1:]); err != nil {
		return cut(err)
	}
	body := h[:len(h)-4]
	if binary.LittleEndian.Uint32(h[len(body):]) != crc32.ChecksumIEEE(body) || h[1]&0x3c != 0 {
		return errHeaders
	}
	flags, body := h[1], body[2:]
	x.sizes = [2]int64{-1, -1}
	for i, bit := range []byte{0x40, 0x80} {
		if flags&bit != 0 {
			v, n := binary.Uvarint(body)
			if n <= 0 || v > 1<<62 {
				return errHeaders
			}
			x.sizes[i], body = int64(v), body[n:]
		}
	}
	dict, err := dictionary(flags, body, x.dict)
	if err != nil {
		return err
	}
	if x.sizes[1] >= 0 {
		dict = int(min(int64(dict), max(x.sizes[1], lzma.MinDictCap)))
	}
	if x.asked += int64(dict); x.asked > freeDicts+dictRatio*x.given {
		return errors.New("its blocks are tiny and want large dictionaries; unpack it with xz -d")
	}
	x.start, x.plain, x.sum = x.feed.n, 0, sumOf(x.check)
	x.lzma, err = lzma.Reader2Config{DictCap: dict}.NewReader2(&x.feed)
	return err
}

// dictionary gives the size of the dictionary that the filters of a block
// header ask for (3.1.5 and 5.3.1), in bytes.
func dictionary(flags byte, filters []byte, limit int) (int, error) {
	const lzma2 = 0x21
	if len(filters) < 3 {
		return 0, errHeaders
	}
	if flags&3 != 0 || filters[0] != lzma2 {
		return 0, errors.New("it uses a filter for machine code or deltas; unpack it with xz -d")
	}
	bits := filters[2]
	if filters[1] != 1 || bits > 40 {
		return 0, errHeaders
	}
	if bits == 40 {
		bits = 39 // 4 GiB - 1, too much in any case
	}
	dict := uint64(2|bits&1) << (bits/2 + 11)
	if dict > uint64(limit) {
		return 0, fmt.Errorf("its dictionary is larger than %d MiB; unpack it with xz -d", limit>>20)
	}
	return int(max(dict, lzma.MinDictCap)), nil
}

// sumOf gives the sum of a type of check (2.1.1.2), nil for those not in use.
func sumOf(check byte) hash.Hash {
	switch check {
	case 1:
		return crc32.NewIEEE()
	case 4:
		return crc64.New(crc64.MakeTable(crc64.ECMA))
	case 10:
		return sha256.New()
	}
	return nil
}

// endBlock reads the padding and the check behind a block's data.
func (x *stream) endBlock() error {
	x.lzma = nil
	x.blocks++
	data := x.feed.n - x.start
	if x.sizes[0] >= 0 && x.sizes[0] != data || x.sizes[1] >= 0 && x.sizes[1] != x.plain {
		return errHeaders
	}
	// 0; 4; 8; 16; 32 and 64 bytes, three types each.
	check := 0
	if x.check > 0 {
		check = 4 << ((x.check - 1) / 3)
	}
	padding := int(-data & 3)
	var b [3 + 64]byte
	if _, err := io.ReadFull(&x.feed, b[:padding+check]); err != nil {
		return cut(err)
	}
	for _, c := range b[:padding] {
		if c != 0 {
			return errHeaders
		}
	}
	if x.sum == nil {
		return nil
	}
	sum := x.sum.Sum(nil)
	for i, c := range b[padding : padding+check] {
		// CRCs are stored with the lowest byte first, unlike what Sum gives.
		if x.check != 10 && c != sum[len(sum)-1-i] || x.check == 10 && c != sum[i] {
			return errors.New("a checksum is wrong")
		}
	}
	return nil
}

// index reads the index (4) and the footer (2.1.2); io.EOF is the good end.
func (x *stream) index() error {
	r := summed{&x.feed, crc32.Update(0, crc32.IEEETable, []byte{0}), 1}
	records, err := binary.ReadUvarint(&r)
	if err != nil {
		return cut(err)
	}
	if records != x.blocks {
		return errHeaders
	}
	for range 2 * records { // two numbers each
		if _, err := binary.ReadUvarint(&r); err != nil {
			return cut(err)
		}
	}
	for r.n%4 != 0 {
		if _, err := r.ReadByte(); err != nil {
			return cut(err)
		}
	}
	var b [4 + footerLen]byte
	if _, err := io.ReadFull(&x.feed, b[:]); err != nil {
		return cut(err)
	}
	footer := b[4:]
	if binary.LittleEndian.Uint32(b[:]) != r.sum || binary.LittleEndian.Uint32(footer) != crc32.ChecksumIEEE(footer[4:10]) ||
		footer[8] != 0 || footer[9] != x.check || string(footer[10:]) != "YZ" {
		return errHeaders
	}
	return io.EOF
}

// cut makes the end of the file what it is within a stream: too early.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// summed reads bytes and keeps their CRC32 and count.
type summed struct {
	io.ByteReader
	sum uint32
	n   int64
}

func (s *summed) ReadByte() (byte, error) {
	c, err := s.ByteReader.ReadByte()
	if err == nil {
		s.sum = crc32.Update(s.sum, crc32.IEEETable, []byte{c})
		s.n++
	}
	return c, err
}

// counted is a Source that counts the bytes taken.
type counted struct {
	Source
	n int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Source.Read(b)
	c.n += int64(n)
	return n, err
}

func (c *counted) ReadByte() (byte, error) {
	b, err := c.Source.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}
