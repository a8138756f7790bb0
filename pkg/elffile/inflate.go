package elffile

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// maxInflated is how many bytes the compressed sections of one file may have in
// all. Those of an HAProxy with DWARF 5 have 20 MB, those of a large C++ program
// some hundred.
const maxInflated = 256 << 20

// Kinds of compression (ch_type, System V gABI chapter 4, Elf64_Chdr).
const (
	compressZlib = 1
	compressZstd = 2
)

// inflate unpacks the bytes of section i once.
func (f *File) inflate(i int, unpack func() []byte) []byte {
	data, ok := f.inflated[i]
	if !ok {
		if f.guard(func() { data = unpack() }) != nil {
			data = nil // the file was cut under us
		}
		f.inflated[i] = data
	}
	return data
}

// inflateSection unpacks an Elf64_Chdr and what follows it.
func (f *File) inflateSection(b []byte) []byte {
	if len(b) < 24 {
		return nil
	}
	return f.unpack(le.Uint32(b), b[24:], le.Uint64(b[8:]))
}

// oldName is the name of a section that was compressed in the way of binutils
// before 2.26; empty if it is none that was.
//
// Folklore: .zdebug_info instead of .debug_info, with "ZLIB" and a big-endian
// size in front; Go and gcc -gz=zlib-gnu wrote it for years.
func oldName(name string) string {
	if rest, ok := strings.CutPrefix(name, ".debug_"); ok {
		return ".zdebug_" + rest
	}
	return ""
}

// oldCompressed gives a section that was compressed in that way.
func (f *File) oldCompressed(name string) []byte {
	s, i := f.section(oldName(name))
	if s == nil || s.typ == typeNoBits {
		return nil
	}
	b := f.slice(s.off, s.size)
	return f.inflate(i, func() []byte {
		if len(b) < 12 || string(b[:4]) != "ZLIB" {
			return nil
		}
		return f.unpack(compressZlib, b[12:], binary.BigEndian.Uint64(b[4:]))
	})
}

// maxRatio is the most that deflate can pack; zstd can do more, but no section
// of a compiler comes near it.
const maxRatio = 1032

// unpack gives the size bytes of a section, or as many as there are when the
// data is damaged.
func (f *File) unpack(typ uint32, b []byte, size uint64) []byte {
	if size > maxInflated || size/maxRatio > uint64(len(b)) {
		return nil
	}
	// All sections share one budget, so that a thousand of them cost no more
	// than one.
	if size > f.room {
		return nil
	}
	f.room -= size
	switch typ {
	case compressZlib:
		z, err := zlib.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil
		}
		defer z.Close()
		return readClaimed(z, size, len(b))
	case compressZstd:
		z, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil
		}
		defer z.Close()
		return readClaimed(z, size, len(b))
	}
	return nil
}

// maxWindow is what zstd may keep besides. Linkers and objcopy compress with
// its middle levels, whose windows have 8 MiB at most.
const maxWindow = 32 << 20

// readClaimed reads size bytes that were packed into so many. The size is a
// claim: if it is not a likely one, memory grows as bytes come.
func readClaimed(r io.Reader, size uint64, packed int) []byte {
	const likely, least = 32, 1 << 20
	out := make([]byte, 0, min(size, max(least, likely*uint64(packed))))
	for uint64(len(out)) < size {
		if len(out) == cap(out) {
			bigger := make([]byte, len(out), min(size, 2*uint64(cap(out))))
			copy(bigger, out)
			out = bigger
		}
		n, err := io.ReadFull(r, out[len(out):cap(out)])
		out = out[:len(out)+n]
		if err != nil {
			break
		}
	}
	return out
}
