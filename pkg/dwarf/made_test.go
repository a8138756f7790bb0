package dwarf

import (
	std "debug/dwarf"
	"encoding/binary"
)

// mapSections are sections that a test has made.
type mapSections map[string][]byte

func (m mapSections) Section(name string) []byte { return m[name] }

// spec is an attribute as an abbreviation declares it.
type spec struct {
	name std.Attr
	form uint64
}

// maker writes debug data of one DWARF 5 unit by hand.
type maker struct {
	info, abbrev []byte
	codes        uint64
}

func newMaker() *maker {
	// Length (set at the end), version 5, DW_UT_compile, addresses of 8 bytes, table at 0.
	return &maker{info: []byte{0, 0, 0, 0, 5, 0, 1, 8, 0, 0, 0, 0}}
}

// kind declares a kind of DIE and gives its code.
func (m *maker) kind(tag std.Tag, children bool, specs ...spec) uint64 {
	m.codes++
	b := binary.AppendUvarint(nil, m.codes)
	b = binary.AppendUvarint(b, uint64(tag))
	b = append(b, 0)
	if children {
		b[len(b)-1] = 1
	}
	for _, s := range specs {
		b = binary.AppendUvarint(b, uint64(s.name))
		b = binary.AppendUvarint(b, s.form)
	}
	m.abbrev = append(m.abbrev, append(b, 0, 0)...)
	return m.codes
}

// die writes a DIE with the bytes of its attributes and gives its offset.
func (m *maker) die(code uint64, attrs ...byte) uint64 {
	at := uint64(len(m.info))
	m.info = append(binary.AppendUvarint(m.info, code), attrs...)
	return at
}

// end ends a list of children.
func (m *maker) end() { m.info = append(m.info, 0) }

// sections gives what was written.
func (m *maker) sections() mapSections {
	le.PutUint32(m.info, uint32(len(m.info)-4))
	return mapSections{".debug_info": m.info, ".debug_abbrev": append(m.abbrev, 0)}
}

// baseTypes makes a unit with some types for typed operations; the offsets are
// those from its start, as operations have them.
func baseTypes() (u *Unit, types map[string]byte) {
	m := newMaker()
	m.die(m.kind(std.TagCompileUnit, true))
	base := m.kind(std.TagBaseType, false, spec{std.AttrName, formString}, spec{std.AttrByteSize, formData1}, spec{std.AttrEncoding, formData1})
	types = map[string]byte{}
	for _, t := range []struct {
		name           string
		size, encoding byte
	}{
		{"char", 1, EncodingSignedChar}, {"short", 2, EncodingSigned}, {"int", 4, EncodingSigned}, {"unsigned", 4, EncodingUnsigned},
		{"long", 8, EncodingSigned}, {"ulong", 8, EncodingUnsigned}, {"float", 4, EncodingFloat}, {"double", 8, EncodingFloat},
		{"long double", 16, EncodingFloat}, {"__int128", 16, EncodingSigned},
	} {
		types[t.name] = byte(m.die(base, append([]byte(t.name), 0, t.size, t.encoding)...))
	}
	types["struct"] = byte(m.die(m.kind(std.TagStructType, false, spec{std.AttrByteSize, formData1}), 8))
	m.end()
	return &New(m.sections(), nil).units[0], types
}
