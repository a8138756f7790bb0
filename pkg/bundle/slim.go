package bundle

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/unwind"
)

const (
	maxFile = 256 << 20
	// around is how much code is kept before and behind each address.
	around = 32
)

// slimmer copies parts of a file.
type slimmer struct {
	in, out []byte
	e       *elf.File
	addrs   []uint64 // link-time, sorted
}

// slim gives a copy of a file with what stacks of these link-time addresses need; soname is the
// name by which programs ask for it, "" if it has none.
func slim(f *elffile.File, addrs []uint64) (out []byte, soname string, err error) {
	if f.Size() > maxFile {
		return nil, "", fmt.Errorf("%s: %d bytes are too much", f.Path, f.Size())
	}
	in := make([]byte, f.Size())
	if _, err := f.ReadAt(in, 0); err != nil {
		return nil, "", err
	}
	e, err := elf.NewFile(bytes.NewReader(in))
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", f.Path, err)
	}
	addrs = slices.Clone(addrs)
	slices.Sort(addrs)
	s := slimmer{in: in, out: make([]byte, len(in)), e: e, addrs: addrs}
	s.headers()
	for _, x := range e.Sections {
		s.section(x)
	}
	frame, hdr := unwind.Slim(f, addrs)
	s.frames(frame, hdr)
	for _, a := range addrs {
		s.code(a)
	}
	if names, err := e.DynString(elf.DT_SONAME); err == nil && len(names) > 0 {
		soname = names[0]
	}
	return s.out, soname, nil
}

// keep copies a range of the file.
func (s *slimmer) keep(off, size uint64) {
	if all := uint64(len(s.in)); off < all {
		end := off + min(size, all-off)
		copy(s.out[off:end], s.in[off:end])
	}
}

const headerSize, rowSize = 64, 64 // of an ELF file of 64 bits

// headers keeps those of the file, its segments and sections. Sections that debuggers would read
// and that are left out say that they have no bytes in the file.
func (s *slimmer) headers() {
	const shoff, shType = 40, 4
	le := binary.LittleEndian
	s.keep(0, headerSize)
	s.keep(le.Uint64(s.in[32:]), uint64(le.Uint16(s.in[54:]))*uint64(le.Uint16(s.in[56:])))
	rows := le.Uint64(s.in[shoff:])
	s.keep(rows, uint64(len(s.e.Sections))*rowSize)
	for i, x := range s.e.Sections {
		at := rows + uint64(i)*rowSize + shType
		if isLeftOut(x) && at+4 <= uint64(len(s.out)) {
			le.PutUint32(s.out[at:], uint32(elf.SHT_NOBITS))
		}
	}
}

// isLeftOut: debug data, and tables of symbols' versions and hashes, which are of all symbols.
func isLeftOut(x *elf.Section) bool {
	switch x.Type {
	case elf.SHT_HASH, elf.SHT_GNU_HASH, elf.SHT_GNU_VERSYM, elf.SHT_GNU_VERDEF, elf.SHT_GNU_VERNEED:
		return true
	}
	switch x.Name {
	case ".gdb_index", ".gnu_debugdata", ".gnu_debugaltlink":
		return true
	}
	return strings.HasPrefix(x.Name, ".debug_") || strings.HasPrefix(x.Name, ".zdebug_")
}

func (s *slimmer) section(x *elf.Section) {
	switch {
	case x.Type == elf.SHT_NOTE, x.Type == elf.SHT_DYNAMIC, x.Name == ".shstrtab", x.Name == ".interp", x.Name == ".gnu_debuglink":
		s.keep(x.Offset, x.FileSize)
	case x.Type == elf.SHT_SYMTAB || x.Type == elf.SHT_DYNSYM:
		s.symbols(x)
	}
}

// symbols keeps those of functions on the stacks, and their names.
func (s *slimmer) symbols(x *elf.Section) {
	const size, maxName = 24, 1024
	if int(x.Link) >= len(s.e.Sections) {
		return
	}
	names := s.e.Sections[x.Link]
	for off := x.Offset; off+size <= min(x.Offset+x.FileSize, uint64(len(s.in))); off += size {
		row := s.in[off:]
		low, length := binary.LittleEndian.Uint64(row[8:]), binary.LittleEndian.Uint64(row[16:])
		i, _ := slices.BinarySearch(s.addrs, low)
		if i == len(s.addrs) || s.addrs[i]-low >= max(length, 1) {
			continue
		}
		s.keep(off, size)
		name := names.Offset + uint64(binary.LittleEndian.Uint32(row))
		if name < uint64(len(s.in)) {
			text := s.in[name:min(name+maxName, uint64(len(s.in)))]
			s.keep(name, uint64(max(bytes.IndexByte(text, 0), 0)))
		}
	}
	if dynamic := s.e.SectionByType(elf.SHT_DYNAMIC); dynamic != nil && dynamic.Link == x.Link {
		s.soname(names)
	}
}

// soname keeps the name of a library that its dynamic section has.
func (s *slimmer) soname(names *elf.Section) {
	all, err := s.e.DynValue(elf.DT_SONAME)
	if err != nil || len(all) == 0 || all[0] > names.FileSize || names.Offset > uint64(len(s.in)) || all[0] > uint64(len(s.in))-names.Offset {
		return
	}
	text := s.in[names.Offset+all[0]:]
	s.keep(names.Offset+all[0], uint64(max(bytes.IndexByte(text, 0), 0)))
}

// frames puts call frame information in its places; all of it where it could not be made less.
func (s *slimmer) frames(frame, hdr []byte) {
	for name, b := range map[string][]byte{".eh_frame": frame, ".eh_frame_hdr": hdr} {
		x := s.e.Section(name)
		switch {
		case x == nil || x.Type == elf.SHT_NOBITS:
		case uint64(len(b)) == x.FileSize && x.Offset <= uint64(len(s.out)):
			copy(s.out[x.Offset:], b)
		default:
			s.keep(x.Offset, x.FileSize)
		}
	}
}

// code keeps instructions around an address.
func (s *slimmer) code(addr uint64) {
	for _, p := range s.e.Progs {
		if p.Type == elf.PT_LOAD && addr >= p.Vaddr && addr-p.Vaddr < p.Filesz {
			at := addr - p.Vaddr
			from := at - min(at, around)
			s.keep(p.Off+from, min(at+around, p.Filesz)-from)
		}
	}
}
