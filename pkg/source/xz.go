package source

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"

	"crypto/sha256"

	"github.com/ulikunitz/xz/lzma"
)

// xzStream reads one stream of the .xz file format 1.2.1. The container is read
// here, for the library would allocate a dictionary of any size that a block
// asks for (up to 4 GiB); its LZMA2 decoder gets one that is checked.
type xzStream struct {
	feed   *feed
	check  byte // type of the check behind each block
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
	xzHeaderLen = 12
	xzFooterLen = 12
)

var errXZ = errors.New("its headers contradict themselves")

func openXZ(f *feed) (io.Reader, error) {
	var h [xzHeaderLen]byte
	if _, err := io.ReadFull(f, h[:]); err != nil {
		return nil, err
	}
	if !startsWith("\xfd7zXZ\x00")(h[:]) || h[6] != 0 || h[7] > 15 || binary.LittleEndian.Uint32(h[8:]) != crc32.ChecksumIEEE(h[6:8]) {
		return nil, errXZ
	}
	return &xzStream{feed: f, check: h[7]}, nil
}

func (x *xzStream) Read(b []byte) (int, error) {
	for x.err == nil {
		if x.lzma == nil {
			x.err = x.block()
			continue
		}
		n, err := x.lzma.Read(b)
		x.plain += int64(n)
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
func (x *xzStream) block() error {
	size, err := x.feed.ReadByte()
	if err != nil {
		return cut(err)
	}
	if size == 0 {
		return x.index()
	}
	h := make([]byte, (int(size)+1)*4)
	h[0] = size
	if _, err := io.ReadFull(x.feed, h[1:]); err != nil {
		return cut(err)
	}
	body := h[:len(h)-4]
	if binary.LittleEndian.Uint32(h[len(body):]) != crc32.ChecksumIEEE(body) || h[1]&0x3c != 0 {
		return errXZ
	}
	flags, body := h[1], body[2:]
	x.sizes = [2]int64{-1, -1}
	for i, bit := range []byte{0x40, 0x80} {
		if flags&bit != 0 {
			v, n := binary.Uvarint(body)
			if n <= 0 || v > 1<<62 {
				return errXZ
			}
			x.sizes[i], body = int64(v), body[n:]
		}
	}
	dict, err := xzDictionary(flags, body)
	if err != nil {
		return err
	}
	x.start, x.plain, x.sum = x.feed.consumed(), 0, xzSum(x.check)
	x.lzma, err = lzma.Reader2Config{DictCap: dict}.NewReader2(x.feed)
	return err
}

// xzDictionary gives the size of the dictionary that the filters of a block
// header ask for (3.1.5 and 5.3.1).
func xzDictionary(flags byte, filters []byte) (int, error) {
	const lzma2 = 0x21
	if len(filters) < 3 {
		return 0, errXZ
	}
	if flags&3 != 0 || filters[0] != lzma2 {
		return 0, errors.New("it uses a filter for machine code or deltas; unpack it with xz -d")
	}
	bits := filters[2]
	if filters[1] != 1 || bits > 40 {
		return 0, errXZ
	}
	if bits == 40 {
		bits = 39 // 4 GiB - 1, too much in any case
	}
	dict := uint64(2|bits&1) << (bits/2 + 11)
	if dict > maxWindow {
		return 0, fmt.Errorf("its dictionary is larger than %d MiB; unpack it with xz -d", maxWindow>>20)
	}
	return int(max(dict, lzma.MinDictCap)), nil
}

// xzSum gives the sum of a type of check (2.1.1.2), nil for those not in use.
func xzSum(check byte) hash.Hash {
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
func (x *xzStream) endBlock() error {
	x.lzma = nil
	x.blocks++
	data := x.feed.consumed() - x.start
	if x.sizes[0] >= 0 && x.sizes[0] != data || x.sizes[1] >= 0 && x.sizes[1] != x.plain {
		return errXZ
	}
	// 0; 4; 8; 16; 32 and 64 bytes, three types each.
	check := 0
	if x.check > 0 {
		check = 4 << ((x.check - 1) / 3)
	}
	padding := int(-data & 3)
	var b [3 + 64]byte
	if _, err := io.ReadFull(x.feed, b[:padding+check]); err != nil {
		return cut(err)
	}
	for _, c := range b[:padding] {
		if c != 0 {
			return errXZ
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
func (x *xzStream) index() error {
	r := summed{x.feed, crc32.Update(0, crc32.IEEETable, []byte{0}), 1}
	records, err := binary.ReadUvarint(&r)
	if err != nil {
		return cut(err)
	}
	if records != x.blocks {
		return errXZ
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
	var b [4 + xzFooterLen]byte
	if _, err := io.ReadFull(x.feed, b[:]); err != nil {
		return cut(err)
	}
	footer := b[4:]
	if binary.LittleEndian.Uint32(b[:]) != r.sum || binary.LittleEndian.Uint32(footer) != crc32.ChecksumIEEE(footer[4:10]) ||
		footer[8] != 0 || footer[9] != x.check || string(footer[10:]) != "YZ" {
		return errXZ
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
