package elffile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// MaxInflated is how many bytes one compressed section may have.
const MaxInflated = 512 << 20

// Kinds of compression (ch_type, System V gABI chapter 4, Elf64_Chdr).
const (
	compressZlib = 1
	compressZstd = 2
)

// inflated is a section that was compressed, unpacked by whoever asked first.
type inflated struct {
	once sync.Once
	data []byte
}

// inflate unpacks the bytes of section i once.
func (f *File) inflate(i int, packed []byte, unpack func([]byte) []byte) []byte {
	f.mu.Lock()
	in := f.inflated[i]
	if in == nil {
		in = &inflated{}
		f.inflated[i] = in
	}
	f.mu.Unlock()
	in.once.Do(func() { in.data = unpack(packed) })
	return in.data
}

// Prefetch inflates sections at the same time, each in its goroutine, and
// returns at once. Sections that are not compressed cost nothing.
func (f *File) Prefetch(names ...string) {
	for _, name := range names {
		if s, _ := f.section(name); s != nil && s.flags&flagCompressed != 0 {
			go f.Section(name)
		}
	}
}

// inflateSection unpacks an Elf64_Chdr and what follows it.
func inflateSection(b []byte) []byte {
	if len(b) < 24 {
		return nil
	}
	return unpack(le.Uint32(b), b[24:], le.Uint64(b[8:]))
}

// oldCompressed gives a section that was compressed in the way of binutils
// before 2.26.
//
// Folklore: .zdebug_info instead of .debug_info, with "ZLIB" and a big-endian
// size in front; Go and gcc -gz=zlib-gnu wrote it for years.
func (f *File) oldCompressed(name string) []byte {
	rest, ok := strings.CutPrefix(name, ".debug_")
	if !ok {
		return nil
	}
	s, i := f.section(".zdebug_" + rest)
	if s == nil || s.typ == typeNoBits {
		return nil
	}
	return f.inflate(i, f.slice(s.off, s.size), func(b []byte) []byte {
		if len(b) < 12 || string(b[:4]) != "ZLIB" {
			return nil
		}
		return unpack(compressZlib, b[12:], binary.BigEndian.Uint64(b[4:]))
	})
}

// unpack gives size bytes, or as many as there are when the data is damaged.
// The size is a claim: memory is taken as bytes arrive, not as it says.
func unpack(typ uint32, b []byte, size uint64) []byte {
	if size > MaxInflated {
		return nil
	}
	var r io.Reader
	switch typ {
	case compressZlib:
		z, err := zlib.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil
		}
		defer z.Close()
		r = z
		// Deflate packs at most 1032 to 1.
		if uint64(len(b)) < size/1033 {
			return nil
		}
	case compressZstd:
		z, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil
		}
		defer z.Close()
		r = z
	default:
		return nil
	}
	return readClaimed(r, size)
}

// readClaimed reads size bytes into memory that grows as they come.
func readClaimed(r io.Reader, size uint64) []byte {
	const step = 8 << 20
	out := make([]byte, 0, min(size, step))
	for uint64(len(out)) < size {
		if len(out) == cap(out) {
			bigger := make([]byte, len(out), min(size, 2*uint64(cap(out))))
			copy(bigger, out)
			out = bigger
		}
		n, err := io.ReadFull(r, out[len(out):cap(out)])
		out = out[:len(out)+n]
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if n == 0 {
			break
		}
	}
	return out
}
