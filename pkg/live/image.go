package live

import (
	"encoding/binary"
	"io"
	"slices"
	"sort"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

var le = binary.LittleEndian

// copied is memory that was taken while the process stood still.
type copied struct {
	addr uint64 // runtime
	data []byte
}

// segment is a part of the image that is memory of the process.
type segment struct {
	off, addr, size uint64
}

// image is a core in the making, and its bytes.
type image struct {
	head     []byte // headers and notes
	segments []segment
	copies   []copied // by address, without overlaps
	size     uint64
	memory   io.ReaderAt // of the process, by runtime addresses
}

// newImage lays a core out: header, program headers, notes, then memory.
func newImage(machine uint16, maps []mapping, notes []byte, copies []copied, memory io.ReaderAt) *image {
	slices.SortFunc(copies, func(a, b copied) int { return compare(a.addr, b.addr) })
	im := &image{copies: copies, memory: memory}
	segments := make([]elfcore.Segment, len(maps))
	for i := range maps {
		m := &maps[i]
		segments[i] = elfcore.Segment{Address: m.start, MemSize: m.size(), FileSize: m.dumped(), Flags: flagsOf(m.perms)}
	}
	im.head, im.size = elfcore.Head(machine, pageSize, segments, notes)
	for _, s := range segments {
		if s.FileSize > 0 {
			im.segments = append(im.segments, segment{s.Offset, s.Address, s.FileSize})
		}
	}
	return im
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func flagsOf(perms string) (flags uint32) {
	for i, bit := range [...]uint32{4, 2, 1} { // r, w, x
		if perms[i] != '-' {
			flags |= bit
		}
	}
	return flags
}

// ReadAt reads bytes of the core. Memory that the process does not have any more is an error.
func (im *image) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		at := uint64(off) + uint64(n)
		if off < 0 || at >= im.size {
			return n, io.EOF
		}
		if at < uint64(len(im.head)) {
			n += copy(p[n:], im.head[at:])
			continue
		}
		i := sort.Search(len(im.segments), func(i int) bool { return im.segments[i].off > at }) - 1
		if i < 0 || at-im.segments[i].off >= im.segments[i].size {
			// Between two parts.
			end := im.size
			if i+1 < len(im.segments) {
				end = im.segments[i+1].off
			}
			gap := p[n:][:min(uint64(len(p)-n), end-at)]
			clear(gap)
			n += len(gap)
			continue
		}
		s := im.segments[i]
		part := p[n:][:min(uint64(len(p)-n), s.off+s.size-at)]
		got, err := im.read(part, s.addr+at-s.off)
		if n += got; err != nil {
			return n, err
		}
	}
	return n, nil
}

// read reads memory: copied, where it was, else as it is now.
func (im *image) read(p []byte, addr uint64) (n int, err error) {
	for n < len(p) {
		at := addr + uint64(n)
		i := sort.Search(len(im.copies), func(i int) bool { return im.copies[i].addr > at })
		if i > 0 {
			if c := im.copies[i-1]; at-c.addr < uint64(len(c.data)) {
				n += copy(p[n:], c.data[at-c.addr:])
				continue
			}
		}
		part := p[n:]
		if i < len(im.copies) {
			part = part[:min(uint64(len(part)), im.copies[i].addr-at)]
		}
		got, err := im.memory.ReadAt(part, int64(at))
		if n += got; got < len(part) {
			if err == nil {
				err = io.ErrUnexpectedEOF
			}
			return n, err
		}
	}
	return n, nil
}
