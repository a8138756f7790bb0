package haproxy

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// truth is what a C compiler says of the constants of a family in a version
// (internal/flagsgen/truth.sh): name to value.
type truth map[string]map[string]map[string]uint64 // version, family, name

func readTruth(t *testing.T) truth {
	t.Helper()
	data, err := os.ReadFile("testdata/flags-truth.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := truth{}
	for line := range strings.Lines(string(data)) {
		p := strings.Fields(line)
		if len(p) != 4 {
			t.Fatalf("line %q", line)
		}
		value, err := strconv.ParseUint(p[2], 10, 64)
		if err != nil {
			// An enum's negative constant: an int of 32 bits.
			n, err := strconv.ParseInt(p[2], 10, 32)
			if err != nil {
				t.Fatalf("line %q: %v", line, err)
			}
			value = uint64(uint32(n))
		}
		for v := range strings.SplitSeq(p[3], ",") {
			if out[v] == nil {
				out[v] = map[string]map[string]uint64{}
			}
			if out[v][p[0]] == nil {
				out[v][p[0]] = map[string]uint64{}
			}
			out[v][p[0]][p[1]] = value
		}
	}
	return out
}

// at gives the meanings that a family has in a version.
func (f *Family) at(t *testing.T, v Version) (list []meaning) {
	t.Helper()
	at, _, exact := f.table.candidates(v)
	if len(at) != 1 || !exact {
		t.Fatalf("%s: not a version of the table", v)
	}
	for _, m := range f.meanings {
		if m.from <= at[0] && at[0] < m.to {
			list = append(list, m)
		}
	}
	return list
}

var truthVersions = []string{"2.0.0", "2.2.0", "2.4.0", "2.6.0", "2.8.0", "3.0.0", "3.2.0", "3.4.0", "3.5-dev5"}

// Every constant of every family has the compiler's value, and there is none
// that the compiler does not know.
func TestFlagsAreTheCompilers(t *testing.T) {
	all := readTruth(t)
	compared := 0
	for _, version := range truthVersions {
		v := mustParse(t, version)
		for _, f := range FlagFamilies() {
			want := all[version][f.Name]
			for _, m := range f.at(t, v) {
				got, ok := want[m.name]
				if !ok || got != m.value {
					t.Errorf("%s %s: %s is %#x, the compiler says %#x (%v)", version, f.Name, m.name, m.value, got, ok)
				}
				delete(want, m.name)
				compared++
			}
			for name, value := range want {
				t.Errorf("%s %s: %s = %#x is missing", version, f.Name, name, value)
			}
		}
	}
	t.Logf("%d constants compared", compared)
	if compared < 6000 {
		t.Errorf("only %d constants compared", compared)
	}
}

// Of random values, those bits have a name that have one in the compiler's
// constants, and the names say exactly what is set.
func TestDecodeRandomValues(t *testing.T) {
	all := readTruth(t)
	r := rand.New(rand.NewPCG(1, 2))
	for _, version := range truthVersions {
		v := mustParse(t, version)
		for _, f := range FlagFamilies() {
			constants := all[version][f.Name]
			if len(constants) == 0 {
				continue
			}
			for range 100 {
				value := uint64(r.Uint32())
				value &= uint64(r.Uint32()) // a quarter of the bits
				if f.Enum {
					value = uint64(r.IntN(40))
				}
				d := f.Decode(value, v)
				checkDecoded(t, version, f, constants, value, d)
			}
		}
	}
}

func checkDecoded(t *testing.T, version string, f *Family, constants map[string]uint64, value uint64, d Decoded) {
	t.Helper()
	var sum uint64
	for _, g := range d.Flags {
		if constants[g.Name] != g.Value || value&g.Mask != g.Value {
			t.Errorf("%s %s %#x: %s is %#x of %#x, the compiler says %#x", version, f.Name, value, g.Name, g.Value, g.Mask, constants[g.Name])
		}
		sum |= g.Value
	}
	if f.Enum {
		named := slices.Contains(values(constants, f), value)
		if named != (len(d.Flags) > 0) || named == (d.Unknown != 0) && value != 0 {
			t.Errorf("%s %s %d: got %s", version, f.Name, value, d)
		}
		return
	}
	if sum|d.Unknown != value || sum&d.Unknown != 0 {
		t.Errorf("%s %s %#x: %s leaves %#x", version, f.Name, value, d, d.Unknown)
	}
	for name, bit := range constants {
		if bit != 0 && bit&(bit-1) == 0 && value&bit != 0 && d.Unknown&bit != 0 && !inField(f, bit) {
			t.Errorf("%s %s %#x: %s (%#x) is not told", version, f.Name, value, name, bit)
		}
	}
}

// values are the constants of an enum that are names, and not notes beside them.
func values(constants map[string]uint64, f *Family) (list []uint64) {
	for name, v := range constants {
		if !slices.ContainsFunc(f.meanings, func(m meaning) bool { return m.name == name && m.mask == 0 }) {
			list = append(list, v)
		}
	}
	return list
}

// inField says that a bit is of a number within the word.
func inField(f *Family, bit uint64) bool {
	return slices.ContainsFunc(f.meanings, func(m meaning) bool { return m.mask&bit != 0 && m.mask&(m.mask-1) != 0 })
}
