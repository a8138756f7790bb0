package coretest

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"
)

const (
	headerSize  = 64 // of Elf64_Ehdr
	segmentSize = 56 // of Elf64_Phdr
	page        = 4096
	// touched is the distance of the pages of a grown core that hold anything.
	touched = 64 << 20
)

// Grow writes a copy of a kernel's core with one more anonymous segment of size
// bytes, a multiple of the page size, to path: what a process leaves that had
// reserved so much memory and wrote a little of it here and there. The segment
// lies where the kernel would have it, between the heap and the libraries, in
// memory and in the file, of which it is a hole.
func Grow(t testing.TB, core, path string, size uint64) {
	t.Helper()
	if err := grow(core, path, size); err != nil {
		t.Fatal(err)
	}
}

func grow(core, path string, size uint64) error {
	in, err := os.Open(core)
	if err != nil {
		return err
	}
	defer in.Close()
	header, segments, err := readSegments(in)
	if err != nil {
		return err
	}
	at, address := gap(segments, size)
	if at < 0 {
		return fmt.Errorf("%s: no gap of %d bytes between its segments", core, size)
	}
	// All of the file moves by a page, for the list of segments grows by one; what
	// is behind the gap moves by the new segment as well.
	split := segments[at].Off
	for i := range segments {
		segments[i].Off += page
		if i >= at {
			segments[i].Off += size
		}
	}
	segments = slices.Insert(segments, at, elf.Prog64{
		Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_W),
		Off: split + page, Vaddr: address, Filesz: size, Memsz: size, Align: page,
	})
	header.Phnum = uint16(len(segments))
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	for _, part := range []any{header, segments} {
		if err := binary.Write(out, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	st, err := in.Stat()
	if err != nil {
		return err
	}
	first := uint64(headerSize + segmentSize*(len(segments)-1))
	if err := copySparse(out, in, first, split, page); err != nil {
		return err
	}
	if err := copySparse(out, in, split, uint64(st.Size()), page+size); err != nil {
		return err
	}
	for off := uint64(0); off < size; off += touched {
		if _, err := out.WriteAt([]byte("written once\x00"), int64(split+page+off)); err != nil {
			return err
		}
	}
	if err := out.Truncate(st.Size() + page + int64(size)); err != nil {
		return err
	}
	return out.Close()
}

// readSegments reads the header and the program headers, which the kernel writes
// right behind it.
func readSegments(in io.ReaderAt) (header elf.Header64, segments []elf.Prog64, err error) {
	r := io.NewSectionReader(in, 0, 1<<32)
	if err := binary.Read(r, binary.LittleEndian, &header); err != nil {
		return header, nil, err
	}
	if header.Phoff != headerSize || header.Phentsize != segmentSize || header.Phnum >= 0xfff0 {
		return header, nil, errors.New("not a core as the kernel writes them")
	}
	segments = make([]elf.Prog64, header.Phnum)
	return header, segments, binary.Read(r, binary.LittleEndian, segments)
}

// gap finds room of size bytes and a page on each side: the segment to come
// after it, -1 if there is none, and its address.
func gap(segments []elf.Prog64, size uint64) (before int, address uint64) {
	end := uint64(0)
	for i, s := range segments {
		if elf.ProgType(s.Type) != elf.PT_LOAD {
			continue
		}
		if end > 0 && s.Vaddr >= end && s.Vaddr-end > size+2*page {
			return i, (s.Vaddr - size - page) &^ (page - 1)
		}
		end = s.Vaddr + s.Memsz
	}
	return -1, 0
}

// copySparse copies [from, to) to where it was and delta more; zeros become holes.
func copySparse(out io.WriterAt, in io.ReaderAt, from, to, delta uint64) error {
	buf, zeros := make([]byte, 64<<10), make([]byte, 64<<10)
	for off := from; off < to; off += uint64(len(buf)) {
		b := buf[:min(uint64(len(buf)), to-off)]
		if _, err := in.ReadAt(b, int64(off)); err != nil {
			return err
		}
		if string(b) == string(zeros[:len(b)]) {
			continue
		}
		if _, err := out.WriteAt(b, int64(off+delta)); err != nil {
			return err
		}
	}
	return nil
}
