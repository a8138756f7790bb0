package dwarf

import (
	"sort"
)

// Bounds on what is read of one file.
const (
	maxUnits = 1 << 17 // those of a browser have some ten thousand
	maxTree  = 1 << 16 // DIEs of one function
	maxDepth = 128
	maxHops  = 8 // references from a DIE to what it is a part of
)

// Sections gives the bytes of an ELF section, nil if there is none.
type Sections interface {
	Section(name string) []byte
}

// Data is the debug data of one file. It is for one goroutine at a time.
type Data struct {
	*budget
	sections Sections
	alt      *Data // what dwz moved out; nil if nothing

	info    []byte
	units   []Unit
	abbrevs map[abbrevKey]*abbrevs
	loaded  map[string][]byte

	spans    []span // sorted by lo
	allSpans bool   // the units that .debug_aranges does not know are in spans

	// By offset of the DIE.
	functions map[uint64]*Function
	entries   map[uint64]*Entry // those that others refer to
	names     map[uint64]string
	types     map[uint64]*Type
	all       *names // what any unit defines; nil until it is asked for

	attrs  []Attr            // to cut attributes of DIEs from
	specs  []attrSpec        // to cut those of abbreviations from
	signed map[uint64]uint64 // type units: signature to the DIE's offset

	findSplit    Finder
	missingSplit []string
}

// New lists the units of .debug_info. alt is the file that .gnu_debugaltlink
// names, or nil. It is nil if there is no debug data.
func New(s, alt Sections) *Data {
	info := s.Section(".debug_info")
	if len(info) == 0 {
		return nil
	}
	d := empty(s, info, &budget{})
	if alt != nil {
		d.alt = New(alt, nil)
	}
	d.readUnits()
	return d
}

func empty(s Sections, info []byte, left *budget) *Data {
	return &Data{
		budget:    left,
		sections:  s,
		info:      info,
		abbrevs:   map[abbrevKey]*abbrevs{},
		loaded:    map[string][]byte{},
		functions: map[uint64]*Function{},
		entries:   map[uint64]*Entry{},
		names:     map[uint64]string{},
		types:     map[uint64]*Type{},
	}
}

// section gives a section's bytes, asked for once.
func (d *Data) section(name string) []byte {
	b, ok := d.loaded[name]
	if !ok {
		b = d.sections.Section(name)
		d.loaded[name] = b
	}
	return b
}

// unitAt finds the unit that holds an offset of .debug_info.
func (d *Data) unitAt(off uint64) *Unit {
	if i := d.unitIndex(off); i >= 0 {
		return &d.units[i]
	}
	return nil
}

// unitIndex is the index of the unit that holds an offset; -1 if none does.
func (d *Data) unitIndex(off uint64) int {
	i := sort.Search(len(d.units), func(i int) bool { return d.units[i].offset > off }) - 1
	if i < 0 || off >= d.units[i].end {
		return -1
	}
	return i
}
