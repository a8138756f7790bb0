package dwarf

import (
	"bytes"
	std "debug/dwarf"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

// attrs makes the bytes of attributes.
func attrs(parts ...any) []byte { return join(parts...) }

func u32(v uint64) []byte { return le.AppendUint32(nil, uint32(v)) }

// program makes a unit with the line table at 0 and a function at 0x1000 to 0x2000,
// whose children fill writes.
func program(fill func(m *maker, function uint64)) mapSections {
	m := newMaker()
	m.die(m.kind(std.TagCompileUnit, true, spec{std.AttrLowpc, formAddr}, spec{std.AttrHighpc, formData4}, spec{std.AttrStmtList, formSecOffset}),
		attrs(word(0x1000), u32(0x1000), u32(0))...)
	f := m.die(m.kind(std.TagSubprogram, true, spec{std.AttrLowpc, formAddr}, spec{std.AttrHighpc, formData4}, spec{std.AttrName, formString}),
		attrs(word(0x1000), u32(0x1000), []byte("f\x00"))...)
	fill(m, f)
	m.end()
	m.end()
	return m.sections()
}

// hostile is debug data that asks for more than it may have.
var hostile = map[string]func() mapSections{
	"origins in a circle": func() mapSections {
		return program(func(m *maker, f uint64) {
			k := m.kind(std.TagFormalParameter, false, spec{std.AttrAbstractOrigin, formRef4})
			at := uint64(len(m.info))
			m.die(k, u32(at)...)
			m.die(k, u32(at+10)...)
			m.die(k, u32(at+5)...)
			m.die(k, u32(f)...)
		})
	},
	"a deep tree": func() mapSections {
		return program(func(m *maker, f uint64) {
			k := m.kind(std.TagLexDwarfBlock, true, spec{std.AttrLowpc, formAddr}, spec{std.AttrHighpc, formData1})
			for range 1 << 20 {
				m.die(k, attrs(word(0x1000), 0xff)...)
			}
		})
	},
	"a wide tree": func() mapSections {
		return program(func(m *maker, f uint64) {
			k := m.kind(std.TagFormalParameter, false, spec{std.AttrName, formStrp})
			for range 1 << 21 {
				m.die(k, u32(0)...)
			}
		})
	},
	"a million abbreviations": func() mapSections {
		return program(func(m *maker, f uint64) {
			for range 1 << 20 {
				m.kind(std.TagVariable, false, spec{std.AttrName, formStrp}, spec{std.AttrType, formRef4})
			}
			m.die(m.codes)
		})
	},
	"abbreviation with a million attributes": func() mapSections {
		return program(func(m *maker, f uint64) {
			k := m.kind(std.TagFormalParameter, false, make([]spec, 0)...)
			m.abbrev = m.abbrev[:len(m.abbrev)-2]
			for range 1 << 20 {
				m.abbrev = append(m.abbrev, byte(std.AttrExternal), formFlagPresent)
			}
			m.abbrev = append(m.abbrev, 0, 0)
			for range 1 << 16 {
				m.die(k)
			}
		})
	},
	"units without number": func() mapSections {
		var info []byte
		for i := range uint32(1 << 19) {
			info = append(info, 8, 0, 0, 0, 4, 0)
			info = append(le.AppendUint32(info, i), 8, 1)
		}
		return mapSections{".debug_info": info, ".debug_abbrev": bytes.Repeat([]byte{1, 0x11, 1, 0x3f, 0x19, 0, 0}, 1<<18)}
	},
	"lines without end": func() mapSections {
		s := program(func(*maker, uint64) {})
		s[".debug_line"] = lineSection(bytes.Repeat([]byte{0xff}, 32<<20))
		return s
	},
	"sequences without number": func() mapSections {
		s := program(func(*maker, uint64) {})
		s[".debug_line"] = lineSection(bytes.Repeat(join(0, 9, 2, word(0x1100), 0xff, 0, 1, 1), 1<<20))
		return s
	},
	"files of no size": func() mapSections {
		s := program(func(*maker, uint64) {})
		s[".debug_line"] = lineHeader(join(0, uleb(0), 1, 1, formFlagPresent, uleb(1<<62)), join(0, 9, 2, word(0x1000), 0xff, 0, 1, 1))
		return s
	},
	"directories of no size": func() mapSections {
		s := program(func(*maker, uint64) {})
		s[".debug_line"] = lineHeader(join(1, 1, formFlagPresent, uleb(1<<62), 0, 0), join(0, 9, 2, word(0x1000), 0xff, 0, 1, 1))
		return s
	},
	"location lists that do not end": func() mapSections {
		s := program(func(m *maker, f uint64) {
			k := m.kind(std.TagFormalParameter, false, spec{std.AttrLocation, formSecOffset})
			for range 1000 {
				m.die(k, u32(0)...)
			}
		})
		s[".debug_loclists"] = bytes.Repeat(join(6, word(0)), 4<<20)
		return s
	},
	"ranges that do not end": func() mapSections {
		s := program(func(m *maker, f uint64) {
			k := m.kind(std.TagInlinedSubroutine, false, spec{std.AttrRanges, formSecOffset})
			for range 50000 {
				m.die(k, u32(0)...)
			}
		})
		s[".debug_rnglists"] = bytes.Repeat(join(4, 1, 1), 4<<20)
		return s
	},
	"functions with ranges that do not end": func() mapSections {
		m := newMaker()
		m.die(m.kind(std.TagCompileUnit, true, spec{std.AttrRanges, formSecOffset}), u32(0)...)
		k := m.kind(std.TagSubprogram, false, spec{std.AttrRanges, formSecOffset})
		for range 50000 {
			m.die(k, u32(0)...)
		}
		m.end()
		s := m.sections()
		s[".debug_rnglists"] = bytes.Repeat(join(7, word(0x1000), 100), 4<<20)
		return s
	},
	"a name that does not end": func() mapSections {
		s := program(func(m *maker, f uint64) {
			k := m.kind(std.TagFormalParameter, false, spec{std.AttrName, formStrp})
			for i := range uint64(1 << 16) {
				m.die(k, u32(i)...)
			}
		})
		s[".debug_str"] = bytes.Repeat([]byte{'x'}, 32<<20)
		return s
	},
	"pointers to pointers": func() mapSections {
		return program(func(m *maker, f uint64) {
			p := m.kind(std.TagFormalParameter, false, spec{std.AttrType, formRef4})
			k := m.kind(std.TagPointerType, false, spec{std.AttrType, formRef4})
			m.die(p, u32(uint64(len(m.info)+5))...)
			for range 1 << 20 {
				m.die(k, u32(uint64(len(m.info)+5))...)
			}
		})
	},
	"a typedef of itself": func() mapSections {
		return program(func(m *maker, f uint64) {
			p := m.kind(std.TagFormalParameter, false, spec{std.AttrType, formRef4})
			k := m.kind(std.TagTypedef, false, spec{std.AttrType, formRef4})
			m.die(p, u32(uint64(len(m.info)+5))...)
			m.die(k, u32(uint64(len(m.info)))...)
		})
	},
	"a million enumerators": func() mapSections {
		return program(func(m *maker, f uint64) {
			p := m.kind(std.TagFormalParameter, false, spec{std.AttrType, formRef4})
			k := m.kind(std.TagEnumerationType, true, spec{std.AttrByteSize, formData1})
			e := m.kind(std.TagEnumerator, false, spec{std.AttrName, formString}, spec{std.AttrConstValue, formData1})
			m.die(p, u32(uint64(len(m.info)+5))...)
			m.die(k, 4)
			for range 1 << 20 {
				m.die(e, 'x', 0, 1)
			}
			m.end()
		})
	},
	"call sites without number": func() mapSections {
		return program(func(m *maker, f uint64) {
			k := m.kind(std.TagCallSite, false, spec{std.AttrCallReturnPC, formAddr}, spec{std.AttrCallOrigin, formRef4}, spec{std.AttrCallTailCall, formFlagPresent})
			for range 60000 {
				m.die(k, attrs(word(0x1001), u32(f))...)
			}
		})
	},
	"expressions that go on": func() mapSections {
		return program(func(m *maker, f uint64) {
			k := m.kind(std.TagFormalParameter, false, spec{std.AttrLocation, formExprloc})
			loop := join(opLit0, opDrop, opSkip, 0xfb, 0xff)
			for range 60000 {
				m.die(k, join(len(loop), loop)...)
			}
		})
	},
	"address ranges without number": func() mapSections {
		s := program(func(*maker, uint64) {})
		s[".debug_aranges"] = join(u32(32<<20), 2, 0, u32(0), 8, 0, u32(0), bytes.Repeat(join(word(0x1000), word(16)), 2<<20))
		return s
	},
	"siblings that lead back": func() mapSections {
		m := newMaker()
		m.die(m.kind(std.TagCompileUnit, true, spec{std.AttrLowpc, formAddr}, spec{std.AttrHighpc, formData4}), attrs(word(0x1000), u32(0x1000))...)
		k := m.kind(std.TagStructType, true, spec{std.AttrSibling, formRef4})
		first := uint64(len(m.info))
		for range 1 << 16 {
			m.die(k, u32(first)...)
		}
		return m.sections()
	},
	"a unit of its own type": func() mapSections {
		m := newMaker()
		m.die(m.kind(std.TagCompileUnit, true, spec{std.AttrStrOffsetsBase, formSecOffset}, spec{std.AttrName, formStrx1}), attrs(u32(1<<31), 255)...)
		return m.sections()
	},
}

// lineSection is a line table with a program.
func lineSection(program []byte) []byte {
	return lineHeader(join(1, 1, formString, 1, '/', 0, 1, 1, formString, 1, 'f', 0), program)
}

// lineHeader is a DWARF 5 line table with tables of directories and files.
func lineHeader(tables, program []byte) []byte {
	header := join(1, 1, 1, 0xfb, 14, 13, []byte{0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1}, tables)
	body := join(5, 0, 8, 0, u32(uint64(len(header))), header, program)
	return join(u32(uint64(len(body))), body)
}

// TestHostile: none of these takes much.
func TestHostile(t *testing.T) {
	for name, build := range hostile {
		s := build()
		cost := coretest.Measure(func() { useAll(New(s, s)) })
		t.Logf("%s: %d MB", name, cost.Allocated>>20)
		if cost.Panic != "" || cost.Allocated > 512<<20 {
			t.Errorf("%s took %d MB %s", name, cost.Allocated>>20, cost.Panic)
		}
	}
}
