package elffile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

var le = binary.LittleEndian

// Types of a Segment (p_type, System V gABI chapter 5; GNU extensions in
// include/elf/common.h of binutils).
const (
	Load       = 1
	Note       = 4
	TLS        = 7
	GNUEHFrame = 0x6474e550
)

const (
	ehdrSize = 64
	phdrSize = 56
	shdrSize = 64

	maxSegments = 1 << 12
	maxSections = 1 << 16
)

// Segment is a program header.
type Segment struct {
	Type, Flags uint32
	// Offset in the file; Address is link-time; FileSize and MemSize in bytes.
	Offset, Address, FileSize, MemSize uint64
}

// File is an ELF file, 64 bits and little endian. It is for one
// goroutine at a time.
type File struct {
	// Path is where it was opened, or what it was taken out of.
	Path    string
	Machine uint16
	// Entry is e_entry, a link-time address.
	Entry    uint64
	Segments []Segment

	data     []byte
	mapped   []byte // data, if it is a mapping
	unmap    func() error
	cut      bool // a read of it faulted
	sections []section

	inflated map[int][]byte // by index of the section
	room     uint64         // bytes that may still be inflated
}

// errNotELF says that the file is something else.
var errNotELF = errors.New("not an ELF file")

// Open maps the file at path. Close it when nothing reads it any more.
func Open(path string) (*File, error) {
	data, unmap, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	var f *File
	if cut := Guard(func(addr uintptr) bool { return within(data, addr) }, func() { f, err = New(data, path) }); cut != nil {
		err = fmt.Errorf("%s: %w", path, cut)
	}
	if err != nil {
		_ = unmap() // it was only read
		return nil, err
	}
	f.mapped, f.unmap = data, unmap
	return f, nil
}

// New reads an ELF file that is in memory. The bytes are not copied; path says
// in messages where they are from.
func New(data []byte, path string) (*File, error) {
	if len(data) < ehdrSize || string(data[:4]) != "\x7fELF" {
		return nil, fmt.Errorf("%s: %w", path, errNotELF)
	}
	if data[4] != 2 || data[5] != 1 {
		return nil, fmt.Errorf("%s: only 64-bit little-endian ELF files can be read", path)
	}
	f := &File{
		Path:     path,
		Machine:  le.Uint16(data[18:]),
		Entry:    le.Uint64(data[24:]),
		data:     data,
		inflated: map[int][]byte{},
		room:     maxInflated,
	}
	f.readSegments()
	f.readSections()
	return f, nil
}

// Close ends the mapping. No byte that Section gave may be used after it.
func (f *File) Close() error {
	if f.unmap == nil {
		return nil
	}
	err := f.unmap()
	f.unmap, f.data, f.mapped = nil, nil, nil
	return err
}

// Size is that of the file, in bytes.
func (f *File) Size() int64 { return int64(len(f.data)) }

// ReadAt reads the file's own bytes. [ErrCut] says that they are gone.
func (f *File) ReadAt(b []byte, off int64) (n int, err error) {
	if off < 0 || off >= int64(len(f.data)) {
		return 0, io.EOF
	}
	if err := f.guard(func() { n = copy(b, f.data[off:]) }); err != nil {
		return 0, err
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// readSegments reads the program headers that lie within the file.
func (f *File) readSegments() {
	off, size, n := le.Uint64(f.data[32:]), le.Uint16(f.data[54:]), uint64(le.Uint16(f.data[56:]))
	if size != phdrSize || off > uint64(len(f.data)) {
		return
	}
	b := f.data[off:]
	n = min(n, uint64(len(b))/phdrSize, maxSegments)
	f.Segments = make([]Segment, 0, n)
	for ; n > 0; n, b = n-1, b[phdrSize:] {
		f.Segments = append(f.Segments, Segment{
			Type: le.Uint32(b), Flags: le.Uint32(b[4:]), Offset: le.Uint64(b[8:]),
			Address: le.Uint64(b[16:]), FileSize: le.Uint64(b[32:]), MemSize: le.Uint64(b[40:]),
		})
	}
}

// slice gives size bytes at a file offset; nil if they are not all there.
func (f *File) slice(off, size uint64) []byte {
	if off > uint64(len(f.data)) || size > uint64(len(f.data))-off {
		return nil
	}
	return f.data[off : off+size : off+size]
}

// Segment gives the bytes of the first segment of a type and its link-time
// address; nil if there is none or the file is cut before its end.
func (f *File) Segment(typ uint32) (b []byte, addr uint64) {
	for _, s := range f.Segments {
		if s.Type == typ {
			return f.slice(s.Offset, s.FileSize), s.Address
		}
	}
	return nil, 0
}

// At gives the file's bytes from a link-time address to the end of what its
// segment has in the file; nil if no segment holds the address.
func (f *File) At(addr uint64) []byte {
	for _, s := range f.Segments {
		if s.Type == Load && addr >= s.Address && addr-s.Address < s.FileSize {
			b := f.slice(s.Offset, min(s.FileSize, uint64(len(f.data))-min(s.Offset, uint64(len(f.data)))))
			if in := addr - s.Address; in < uint64(len(b)) {
				return b[in:]
			}
			return nil
		}
	}
	return nil
}

// Executable tells whether a link-time address lies in a segment that may be
// executed.
func (f *File) Executable(addr uint64) bool {
	for _, s := range f.Segments {
		if s.Type == Load && s.Flags&1 != 0 && addr >= s.Address && addr-s.Address < s.MemSize {
			return true
		}
	}
	return false
}

// HasCode tells whether the file holds the instructions of the program: a debug
// file has their addresses, but not their bytes.
func (f *File) HasCode() bool {
	if s, _ := f.section(".text"); s != nil {
		return s.typ != typeNoBits
	}
	for _, s := range f.Segments {
		if s.Type == Load && s.Flags&1 != 0 && s.FileSize > 0 {
			return true
		}
	}
	return false
}

// LoadAddress is the link-time address at which the file's offset 0 would lie:
// that of the first PT_LOAD, less its offset, at the start of its page. The
// error is for files that are not loaded.
func (f *File) LoadAddress() (uint64, error) {
	for _, s := range f.Segments {
		if s.Type == Load {
			return (s.Address - s.Offset) &^ 0xfff, nil
		}
	}
	return 0, errors.New("no segment to load; it is no program or library")
}

// maxName is how long the name of a symbol may be. Those of C++ templates reach
// some thousand bytes.
const maxName = 32 << 10

// cString cuts b at its first NUL, or at maxName bytes.
func cString(b []byte) string {
	b, _, _ = bytes.Cut(b[:min(len(b), maxName)], []byte{0})
	return string(b)
}
