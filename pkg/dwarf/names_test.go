package dwarf

import (
	std "debug/dwarf"
	"encoding/binary"
	"testing"
)

// TestNamesAgreeWithStandard finds every name at the top of every unit.
func TestNamesAgreeWithStandard(t *testing.T) {
	found := map[NameKind]int{}
	addresses := 0
	for _, o := range oracles(t) {
		r := o.std.Reader()
		for {
			unit, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if unit == nil {
				break
			}
			if unit.Tag != std.TagCompileUnit || !unit.Children {
				r.SkipChildren()
				continue
			}
			o.refresh()
			u := o.unitAt(uint64(unit.Offset))
			seen := map[NameKind]map[string]bool{TagName: {}, TypedefName: {}, VariableName: {}}
			for {
				e, err := r.Next()
				if err != nil {
					t.Fatal(err)
				}
				if e == nil || e.Tag == 0 {
					break
				}
				r.SkipChildren()
				kind, ok := kindOfName(e.Tag)
				name, _ := e.Val(std.AttrName).(string)
				declared, _ := e.Val(std.AttrDeclaration).(bool)
				if !ok || name == "" || declared && kind != VariableName || seen[kind][name] {
					continue
				}
				got := u.Near(kind, name)
				if got == nil || got.Name() != name {
					t.Fatalf("%s: %#x: %q is not found: %v", o.path, e.Offset, name, got)
				}
				b, _ := e.Val(std.AttrLocation).([]byte)
				if kind == VariableName && len(b) == 9 && b[0] == opAddr {
					addresses++
					if addr, ok := got.Variable(); ok && addr != binary.LittleEndian.Uint64(b[1:]) {
						t.Errorf("%s: %s at %#x, want %#x", o.path, name, addr, b[1:])
					}
					if all := o.Named(kind, name, nil); all == nil {
						t.Errorf("%s: no unit defines %s", o.path, name)
					}
				}
				seen[kind][name] = true
				found[kind]++
			}
		}
	}
	t.Logf("%v names, %d addresses", found, addresses)
	if found[TagName] < 1000 || found[TypedefName] < 1000 || found[VariableName] < 1000 || addresses < 500 {
		t.Errorf("only %v names and %d addresses were compared", found, addresses)
	}
}

// BenchmarkNames lists all names of the largest file at hand.
func BenchmarkNames(b *testing.B) {
	var largest *oracle
	for _, o := range debugFiles(b) {
		if largest == nil || len(o.info) > len(largest.info) {
			largest = o
		}
	}
	if largest == nil {
		b.Skip("no package of debug data is installed")
	}
	b.SetBytes(int64(len(largest.info)))
	for b.Loop() {
		largest.refresh()
		largest.all = nil
		if e := largest.Named(TagName, "no such structure", nil); e != nil {
			b.Fatal(e)
		}
	}
}
