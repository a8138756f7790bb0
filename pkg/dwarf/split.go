package dwarf

import (
	std "debug/dwarf"
	"fmt"
)

// Split debug data (DWARF 5, 3.1.3 and 7.3.2; for DWARF 4 the GNU extension, see
// https://gcc.gnu.org/wiki/DebugFission): the executable has skeletons of units, with
// addresses and lines; the entries lie in a .dwo file for each unit, or in one .dwp file
// that has all of them. Each unit of those is read as a Data of its own, whose sections
// are the parts that belong to it.

// Dwo says which file holds the entries of a unit.
type Dwo struct {
	// Name is a path, Dir the directory that it counts from where it is not absolute.
	Name, Dir string

	id uint64
}

// Finder offers to try what may be the file, a .dwo or a .dwp, until it is.
type Finder func(d Dwo, try func(Sections) bool)

// maxMissingSplit is how many names are kept of files that were not found.
const maxMissingSplit = 1 << 12

// FindSplit says who finds .dwo and .dwp files.
func (d *Data) FindSplit(find Finder) { d.findSplit = find }

// MissingSplit are the files that units needed so far and that were not found.
func (d *Data) MissingSplit() []string { return d.missingSplit }

// whole gives the unit that has the entries of a skeleton: the skeleton itself where they
// are not found, and for other units.
func (u *Unit) whole() *Unit {
	if u.split != nil {
		return u.split
	}
	u.split = u
	dwo, is := u.dwo()
	if !is {
		return u
	}
	if find := u.data.findSplit; find != nil {
		find(dwo, func(s Sections) bool {
			if found := u.open(dwo, s); found != nil {
				u.split = found
			}
			return u.split != u
		})
	}
	if d := u.data; u.split == u && len(d.missingSplit) < maxMissingSplit {
		d.missingSplit = append(d.missingSplit, dwo.Name)
	}
	return u.split
}

// dwo is where the entries of a skeleton lie; false for other units.
func (u *Unit) dwo() (d Dwo, is bool) {
	if u.skeleton != nil || u.kind != unitSkeleton && u.version != 4 {
		return d, false
	}
	r := u.Root()
	if r == nil {
		return d, false
	}
	name, id := std.AttrDwoName, u.dwoID
	if u.kind != unitSkeleton {
		name = attrGNUDwoName
		id, _ = r.uint(attrGNUDwoID)
	}
	d.id = id
	d.Name, is = r.text(name)
	d.Dir, _ = r.text(std.AttrCompDir)
	return d, is
}

// open reads the unit of a skeleton in a file; nil if it is not there.
func (u *Unit) open(dwo Dwo, s Sections) *Unit {
	split := splitSections{file: s, skeleton: u.data}
	if index := s.Section(".debug_cu_index"); index != nil {
		if split.parts = readIndex(index, dwo.id, u.data.budget); split.parts == nil {
			return nil
		}
	}
	info := split.Section(".debug_info")
	if len(info) == 0 {
		return nil
	}
	const size = 2 << 10 // of a Data and its maps, in bytes
	if !u.data.keep(size) {
		return nil
	}
	d := empty(split, info, u.data.budget)
	d.readUnits()
	for i := range d.units {
		d.units[i].skeleton = u
	}
	for i := range d.units {
		if n := &d.units[i]; !n.ofType() && n.splitID() == dwo.id {
			return n
		}
	}
	return nil
}

// splitID is the number that a unit and its skeleton share.
func (u *Unit) splitID() uint64 {
	id := u.dwoID
	if r := u.Root(); u.version < 5 && r != nil {
		id, _ = r.uint(attrGNUDwoID)
	}
	return id
}

// takeBases takes from the skeleton what a split unit does not say itself. Its lists start
// behind the headers of its sections.
func (u *Unit) takeBases() {
	s := u.skeleton
	r := s.Root()
	if r == nil {
		return
	}
	u.addrBase, u.low = s.addrBase, s.low
	u.rangesBase, _ = r.uint(attrGNURangesBase)
	if u.version < 5 {
		return
	}
	u.strOffsets, u.rngBase, u.locBase = 8, 12, 12
	if u.is64 {
		u.strOffsets, u.rngBase, u.locBase = 16, 20, 20
	}
}

// splitSections are those of a .dwo file, or the parts of a .dwp file that belong to one
// unit.
type splitSections struct {
	file     Sections
	skeleton *Data
	parts    map[string]part // nil for a .dwo file
}

// part is where something lies in a section.
type part struct{ offset, size uint64 }

func (s splitSections) Section(name string) []byte {
	switch name {
	case ".debug_addr", ".debug_ranges": // they would need relocation
		return s.skeleton.section(name)
	}
	b := s.file.Section(name + ".dwo")
	if s.parts == nil || name == ".debug_str" {
		return b
	}
	p := s.parts[name]
	if p.offset > uint64(len(b)) || p.size > uint64(len(b))-p.offset {
		return nil
	}
	return b[p.offset:][:p.size]
}

// readIndex finds the parts of a unit in a .debug_cu_index (DWARF 5, 7.3.5.3): a hash table
// of units, and a row of offsets and of sizes for each, with a column for each section.
func readIndex(b []byte, id uint64, left *budget) map[string]part {
	c := NewCursor(b, 0)
	version := c.U32() & 0xffff // 5 with two bytes of padding; 2 of the GNU extension
	columns, rows, slots := uint64(c.U32()), uint64(c.U32()), uint64(c.U32())
	const most = 16
	if version != 2 && version != 5 || columns > most || slots > uint64(len(b))/12 || rows > slots || !left.spend(int(slots)) {
		return nil
	}
	row := uint64(0)
	hashes, numbers := c, c
	numbers.Skip(8 * slots)
	for range slots {
		if h, n := hashes.U64(), uint64(numbers.U32()); h == id && n > 0 && n <= rows {
			row = n
			break
		}
	}
	if row == 0 {
		return nil
	}
	c.Skip(12 * slots)
	names := c
	c.Skip(4 * columns * row) // the row of names, and the rows before
	offsets, sizes := c, c
	sizes.Skip(4 * columns * rows)
	parts := map[string]part{}
	for range columns {
		parts[columnName(version, names.U32())] = part{uint64(offsets.U32()), uint64(sizes.U32())}
	}
	if names.Bad() || offsets.Bad() || sizes.Bad() {
		return nil
	}
	return parts
}

// columnName is the section of a column (DW_SECT_; DWARF 5, table 7.1).
func columnName(version, n uint32) string {
	switch {
	case n == 1:
		return ".debug_info"
	case n == 3:
		return ".debug_abbrev"
	case n == 5 && version == 2:
		return ".debug_loc"
	case n == 5:
		return ".debug_loclists"
	case n == 6:
		return ".debug_str_offsets"
	case n == 8 && version == 5:
		return ".debug_rnglists"
	}
	return fmt.Sprintf("section %d", n)
}

// splitLocations reads a list of .debug_loc.dwo, in the encoding of the GNU extension for
// DWARF 4 (DW_LLE_GNU_).
func (u *Unit) splitLocations(off, addr uint64) ([]byte, error) {
	base := u.low
	for c := NewCursor(u.data.section(".debug_loc"), off); !c.Bad() && u.data.spend(1); {
		kind := c.U8()
		var low, high uint64
		ok := true
		switch kind {
		case 0: // end_of_list
			if c.Bad() {
				return nil, errDamaged
			}
			return nil, ErrOptimizedOut
		case 1: // base_address_selection
			base, ok = u.addressAt(c.ULEB())
		case 2: // start_end
			var end bool
			low, ok = u.addressAt(c.ULEB())
			high, end = u.addressAt(c.ULEB())
			ok = ok && end
		case 3: // start_length
			low, ok = u.addressAt(c.ULEB())
			high = low + uint64(c.U32())
		case 4: // offset_pair
			low, high = base+uint64(c.U32()), base+uint64(c.U32())
		default:
			ok = false
		}
		if !ok {
			return nil, errDamaged
		}
		if kind == 1 {
			continue
		}
		x := c.Bytes(uint64(c.U16()))
		if addr >= low && addr < high && !c.Bad() {
			return notEmpty(x)
		}
	}
	return nil, errDamaged
}
