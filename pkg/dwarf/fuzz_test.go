package dwarf

import (
	std "debug/dwarf"
	"os/exec"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

// useAll asks debug data for everything that a report asks for, at some addresses.
func useAll(d *Data) {
	if d == nil {
		return
	}
	addrs := []uint64{0x1000, 0x1139, 0x401136}
	for i := range d.units[:min(len(d.units), 20)] {
		u := &d.units[i]
		if root := u.Root(); root != nil {
			for _, r := range root.ranges()[:min(len(root.ranges()), 3)] {
				addrs = append(addrs, r.Low, r.High-1)
			}
		}
		for _, s := range u.functions().spans[:min(len(u.functions().spans), 8)] {
			addrs = append(addrs, s.Low, s.Low+(s.High-s.Low)/2)
		}
	}
	d.MissingSplit()
	for _, addr := range addrs {
		useAddress(d, addr)
	}
	useNames(d)
}

// useNames reads what is declared at the top of the units, and the structures to
// the third level.
func useNames(d *Data) {
	d.Named(TagName, "stream", nil)
	left := 2000
	for kind := range nameKinds {
		for name := range d.defined()[kind] {
			e := d.Named(kind, name, nil)
			if left--; e == nil || left < 0 {
				continue
			}
			e.Variable()
			useType(e.TypeOf(), 3)
			useType(e.Type(), 3)
		}
	}
}

func useType(t *Type, depth int) {
	if t == nil || depth == 0 {
		return
	}
	t.Field("next")
	t.Length()
	fields := t.Fields()
	for i := range fields[:min(len(fields), 50)] {
		useType(fields[i].Type(), depth-1)
	}
	useType(t.Element(), depth-1)
}

func useAddress(d *Data, addr uint64) {
	if u := d.Unit(addr); u != nil {
		u.Line(addr)
		u.file(1)
		u.Version()
	}
	f := d.Function(addr)
	if f == nil {
		return
	}
	if x, err := f.FrameBase(addr); err == nil {
		_, _ = Evaluate(x, testFrame{}, f.Unit)
	}
	f.Inlines(addr)
	for _, scope := range f.scopes(addr) {
		scope.Name()
		scope.linkageName()
		for _, p := range scope.Parameters() {
			useParameter(f, p, addr)
		}
	}
	for _, ret := range []uint64{addr, addr + 1, addr + 5} {
		if site := f.CallSite(ret); site != nil {
			useSite(f, site)
		}
	}
	for _, site := range f.TailCalls() {
		useSite(f, &site)
	}
}

func useParameter(f *Function, p *Entry, addr uint64) {
	p.Name()
	t := p.Type()
	for e, n := t, 0; e != nil && n < 100; e, n = e.Element(), n+1 {
		e.Scalar()
	}
	a := p.Attr(std.AttrLocation)
	if a == nil {
		return
	}
	x, err := f.Unit.Expression(a, addr)
	if err != nil {
		return
	}
	if l, err := Evaluate(x, testFrame{}, f.Unit); err == nil {
		_, _ = l.Read(t.Size, testFrame{})
	}
}

func useSite(f *Function, s *CallSite) {
	for n := range uint64(6) {
		_, _ = Evaluate(s.Value(Given{Register: n}), testFrame{}, f.Unit)
	}
	_, _ = Evaluate(s.Target, testFrame{}, f.Unit)
	if s.Origin != nil {
		s.Origin.EntryAddress()
	}
}

// fuzzSections are the sections that a fuzzer may damage. Those of DWARF 4 and 5
// that hold the same have one place.
var fuzzSections = [][2]string{
	{".debug_info"}, {".debug_abbrev"}, {".debug_line"}, {".debug_str"}, {".debug_line_str"}, {".debug_aranges"},
	{".debug_ranges", ".debug_rnglists"}, {".debug_loc", ".debug_loclists"}, {".debug_addr", ".debug_str_offsets"},
}

// FuzzData reads damaged debug data. Seeds are small programs, and a unit made
// by hand.
func FuzzData(f *testing.F) {
	add := func(s Sections) {
		var parts [9][]byte
		for i, names := range fuzzSections {
			for _, n := range names {
				if b := s.Section(n); b != nil {
					parts[i] = b
				}
			}
		}
		f.Add(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6], parts[7], parts[8])
	}
	u, _ := baseTypes()
	add(u.data.sections)
	if _, err := exec.LookPath("gcc"); err == nil {
		for _, v := range coretest.Variants()[:4] {
			for _, source := range []string{"inlines", "tailcalls"} {
				o := openOracle(f, coretest.Build(f, coretest.Program{Source: source, Variant: v}).Exe)
				add(o.sections)
			}
		}
	}
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h, i, j []byte) {
		s := mapSections{}
		for n, content := range [][]byte{a, b, c, d, e, g, h, i, j} {
			for _, name := range fuzzSections[n] {
				s[name] = content
			}
		}
		useAll(New(s, s))
	})
}

// FuzzExpression runs any bytes as an expression.
func FuzzExpression(f *testing.F) {
	f.Add([]byte{opLit0, opLit31, opPlus, opStackValue}, false)
	f.Add([]byte{opBreg0 + 7, 8, opDeref, opPiece, 4, opReg0, opBitPiece, 4, 4}, false)
	f.Add([]byte{opEntryValue, 1, opReg0, opConvert, 13, opImplicitValue, 2, 1, 2}, false)
	f.Add([]byte{opBra, 0, 0, opSkip, 0xfd, 0xff, opPick, 3, opImplicitPointer, 13, 0, 0, 0, 1}, true)
	f.Fuzz(func(t *testing.T, x []byte, frameInfo bool) {
		u, _ := baseTypes()
		if frameInfo {
			u = nil
		}
		l, err := Evaluate(x, testFrame{memory: make([]byte, 64)}, u, 0x1000)
		if err != nil {
			return
		}
		for _, size := range []uint64{0, 1, 8, 16, maxValue, 1 << 60} {
			if b, err := l.Read(size, testFrame{}); err == nil && uint64(len(b)) != size {
				t.Errorf("%d bytes; want %d", len(b), size)
			}
		}
	})
}
