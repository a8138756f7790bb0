package dwarf

import (
	std "debug/dwarf"
	"debug/elf"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

// elfSections are those of a file, .dwo sections too.
func elfSections(t testing.TB, path string) mapSections {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := mapSections{}
	for _, s := range f.Sections {
		if strings.HasPrefix(s.Name, ".debug_") {
			if out[s.Name], err = s.Data(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out
}

// columns are the sections of a .dwp file with more than one unit in it, by version.
var columns = map[uint32]map[string]uint32{
	2: {".debug_info": 1, ".debug_abbrev": 3, ".debug_loc": 5, ".debug_str_offsets": 6},
	5: {".debug_info": 1, ".debug_abbrev": 3, ".debug_loclists": 5, ".debug_str_offsets": 6, ".debug_rnglists": 8},
}

// pack makes a .dwp file of a .dwo file: its parts lie behind those of another unit.
func pack(dwo mapSections, version uint32, id uint64) mapSections {
	const before = 40
	out := mapSections{".debug_str.dwo": dwo[".debug_str.dwo"]}
	index := append(u32(uint64(version)), attrs(u32(uint64(len(columns[version]))), u32(2), u32(4))...)
	index = append(index, attrs(word(0), word(id^1), word(id), word(0), u32(0), u32(1), u32(2), u32(0))...)
	var names, offsets, sizes []byte
	for name, column := range columns[version] {
		b := dwo[name+".dwo"]
		out[name+".dwo"] = append(make([]byte, before), b...)
		names = append(names, u32(uint64(column))...)
		offsets = append(offsets, u32(before)...)
		sizes = append(sizes, u32(uint64(len(b)))...)
	}
	other := make([]byte, len(names))
	out[".debug_cu_index"] = attrs(index, names, other, offsets, other, sizes)
	return out
}

// opened is a program with split debug data, which lies in s.
func opened(exe, s mapSections) *Data {
	d := New(exe, nil)
	d.FindSplit(func(_ Dwo, try func(Sections) bool) { try(s) })
	return d
}

// A unit is the same in the program that was not split, in its .dwo file and in a .dwp.
func TestSplit(t *testing.T) {
	for version, flags := range map[uint32][]string{5: {"-gdwarf-5"}, 2: {"-gdwarf-4"}} {
		variant := coretest.Variant{Debug: coretest.Dwo, Flags: append(flags, "-gsplit-dwarf")}
		c := coretest.Build(t, coretest.Program{Source: "inlines", Variant: variant})
		files, err := filepath.Glob(filepath.Join(c.Dir, "*", "*.dwo"))
		if err != nil || len(files) != 1 {
			t.Fatalf("%s has %q, %v", c.Dir, files, err)
		}
		exe, dwo := elfSections(t, c.Exe), elfSections(t, files[0])
		plain := New(elfSections(t, coretest.Build(t, coretest.Program{Source: "inlines", Variant: coretest.Variant{Flags: flags}}).Exe), nil)

		alone := New(exe, nil)
		var skeleton *Unit
		for i := range alone.units {
			if dwo, is := alone.units[i].dwo(); is && strings.HasSuffix(files[0], dwo.Name) {
				skeleton = &alone.units[i]
				variant.Name = dwo.Name
				if u := alone.units[i].whole(); u != skeleton || len(alone.MissingSplit()) != 1 {
					t.Errorf("DWARF %d: unit %p of skeleton %p, missing %q", version, u, skeleton, alone.MissingSplit())
				}
			}
		}
		if skeleton == nil {
			t.Fatalf("DWARF %d: no skeleton of %s", version, files[0])
		}
		dwoID, _ := skeleton.dwo()
		for name, s := range map[string]mapSections{"dwo": dwo, "dwp": pack(dwo, version, dwoID.id)} {
			d := opened(exe, s)
			seen := 0
			for i := range plain.units {
				for _, f := range plain.units[i].functions().spans {
					seen += sameFunction(t, name, d, plain, f.offset, &plain.units[i])
				}
			}
			if seen < 8 || len(d.MissingSplit()) > 0 {
				t.Errorf("DWARF %d, %s: %d functions, missing %q", version, name, seen, d.MissingSplit())
			}
			for tag, at := range plain.defined()[TagName] {
				if e := d.Named(TagName, tag, nil); e == nil || e.TypeOf().Size != at.entry().TypeOf().Size {
					t.Errorf("DWARF %d, %s: %s is %+v", version, name, tag, e)
				}
			}
		}
		for name, s := range map[string]mapSections{"another unit's": pack(dwo, version, dwoID.id+2), "nothing": {}} {
			d := opened(exe, s)
			if d.Unit(skeleton.Root().ranges()[0].Low) == nil || len(d.MissingSplit()) == 0 {
				t.Errorf("DWARF %d: %s .dwp file is taken", version, name)
			}
		}
	}
}

// sameFunction compares a function, which may lie elsewhere, and says whether it has a name.
func sameFunction(t *testing.T, name string, d, plain *Data, off uint64, u *Unit) int {
	t.Helper()
	want := plain.functionAt(u, off)
	n := want.Entry.Name()
	if n == "" {
		return 0
	}
	var got *Function
	for i := range d.units {
		w := d.units[i].whole()
		for _, f := range w.functions().spans {
			if x := w.data.functionAt(w, f.offset); x.Entry.Name() == n {
				got = x
			}
		}
	}
	if got == nil {
		t.Errorf("%s: no function %s", name, n)
		return 0
	}
	shift := got.Low - want.Low
	inside := want.Low + (want.Entry.ranges()[0].High-want.Entry.ranges()[0].Low)/2
	wantFile, wantLine := want.Unit.Line(inside)
	if file, line := got.Unit.Line(inside + shift); file != wantFile || line != wantLine {
		t.Errorf("%s: %s is in line %s:%d, want %s:%d", name, n, file, line, wantFile, wantLine)
	}
	a, b := want.Entry.Parameters(), got.Entry.Parameters()
	if len(a) != len(b) || len(want.Inlines(inside)) != len(got.Inlines(inside+shift)) {
		t.Errorf("%s: %s has %d parameters, %d inlined calls; want %d, %d", name, n, len(b), len(got.Inlines(inside+shift)), len(a), len(want.Inlines(inside)))
		return 0
	}
	for i := range a {
		if a[i].Name() != b[i].Name() || a[i].Type().Name != b[i].Type().Name || a[i].Type().Size != b[i].Type().Size {
			t.Errorf("%s: parameter %d of %s is %s of %+v, want %s of %+v", name, i, n, b[i].Name(), b[i].Type(), a[i].Name(), a[i].Type())
		}
		at := a[i].Attr(std.AttrLocation)
		if at == nil {
			continue
		}
		x, errX := want.Unit.Expression(at, inside)
		y, errY := got.Unit.Expression(b[i].Attr(std.AttrLocation), inside+shift)
		if len(x) != len(y) || (errX == nil) != (errY == nil) {
			t.Errorf("%s: parameter %s of %s is %x, %v; want %x, %v", name, a[i].Name(), n, y, errY, x, errX)
		}
	}
	return 1
}

// FuzzSplit reads what may be a .dwo or a .dwp file. Its seed is one in which all is well.
func FuzzSplit(f *testing.F) {
	unit := newMaker()
	unit.info = attrs([]byte{0, 0, 0, 0, 5, 0, 5, 8, 0, 0, 0, 0}, word(77))
	unit.die(unit.kind(std.TagCompileUnit, true))
	unit.die(unit.kind(std.TagSubprogram, false, spec{std.AttrLowpc, formAddrx}, spec{std.AttrHighpc, formData4}, spec{std.AttrName, formStrx1}), attrs(byte(0), u32(16), byte(0))...)
	unit.end()
	skeleton := newMaker()
	skeleton.info = attrs([]byte{0, 0, 0, 0, 5, 0, 4, 8, 0, 0, 0, 0}, word(77))
	skeleton.die(skeleton.kind(std.TagSkeletonUnit, false, spec{std.AttrDwoName, formString}, spec{std.AttrLowpc, formAddr}, spec{std.AttrHighpc, formData4}, spec{std.AttrAddrBase, formSecOffset}),
		attrs([]byte("x.dwo\x00"), word(0x1000), u32(16), u32(8))...)
	exe := skeleton.sections()
	exe[".debug_addr"] = attrs(u32(12), byte(5), byte(0), byte(8), byte(0), word(0x1000))
	s := unit.sections()
	dwo := mapSections{".debug_info.dwo": s[".debug_info"], ".debug_abbrev.dwo": s[".debug_abbrev"], ".debug_str.dwo": []byte("f\x00"), ".debug_str_offsets.dwo": attrs(u32(8), u32(5), u32(0))}
	packed := pack(dwo, 5, 77)
	for _, s := range []mapSections{dwo, packed} {
		if fn := opened(exe, s).Function(0x1008); fn == nil || fn.Entry.Name() != "f" || fn.Low != 0x1000 {
			f.Fatalf("function %+v", fn)
		}
		f.Add(s[".debug_info.dwo"], s[".debug_abbrev.dwo"], s[".debug_str_offsets.dwo"], s[".debug_cu_index"])
	}
	f.Fuzz(func(t *testing.T, info, abbrev, offsets, index []byte) {
		s := mapSections{".debug_info.dwo": info, ".debug_abbrev.dwo": abbrev, ".debug_str.dwo": []byte("f\x00"), ".debug_str_offsets.dwo": offsets}
		if len(index) > 0 {
			s[".debug_cu_index"] = index
		}
		useAll(opened(exe, s))
	})
}
