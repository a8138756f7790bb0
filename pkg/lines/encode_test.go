package lines

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// plainFunction is what a function of a release is made of.
type plainFunction struct {
	name  string
	start int
	lines []Line
}

// history makes releases of a file that changes at random, as files do: functions come,
// go, move and change, on master and on a branch.
func history(t testing.TB, rnd *rand.Rand, releases int) ([]Release, [][]plainFunction) {
	t.Helper()
	line := func() Line {
		switch rnd.IntN(6) {
		case 0:
			return Line{}
		case 1:
			return Line{Code: true, Calls: []string{fmt.Sprint("f", rnd.IntN(20)), "g"}[:1+rnd.IntN(2)]}
		case 2:
			return Line{Code: true, Asserts: []string{"a > b"}}
		case 3:
			return Line{Code: true, Calls: []string{"BUG_ON"}, Asserts: []string{"x", "NULL"}[:1+rnd.IntN(2)]}
		}
		return Line{Code: true}
	}
	body := func() []Line {
		out := []Line{{Code: true}}
		for range rnd.IntN(30) {
			out = append(out, line())
		}
		return out
	}
	var list []Release
	var plain [][]plainFunction
	for i := range releases {
		parent := -1
		var fns []plainFunction
		if i > 0 {
			parent = i - 1 - rnd.IntN(min(i, 3))
			for _, f := range plain[parent] {
				f.lines = append([]Line(nil), f.lines...)
				fns = append(fns, f)
			}
		}
		for range rnd.IntN(4) {
			switch n := len(fns); {
			case n == 0 || rnd.IntN(3) == 0:
				at := rnd.IntN(n + 1)
				f := plainFunction{name: fmt.Sprint("f", rnd.IntN(20)), lines: body()}
				fns = append(fns[:at:at], append([]plainFunction{f}, fns[at:]...)...)
			case rnd.IntN(3) == 0:
				at := rnd.IntN(n)
				fns = append(fns[:at:at], fns[at+1:]...)
			default:
				f := &fns[rnd.IntN(n)]
				at := 1 + rnd.IntN(len(f.lines))
				f.lines = append(f.lines[:at:at], append([]Line{line()}, f.lines[at:]...)...)
			}
		}
		f := &File{}
		end := 0
		for k := range fns {
			fns[k].start = end + 1 + rnd.IntN(5)
			end = fns[k].start + len(fns[k].lines) - 1
			f.Function(fns[k].name, fns[k].start, fns[k].lines)
		}
		v, err := haproxy.ParseVersion(fmt.Sprintf("3.0.%d", i))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Release{Version: v, Day: 1000 + i, Parent: parent, Files: map[string]*File{"src/a.c": f}})
		plain = append(plain, fns)
	}
	return list, plain
}

// What was written is read: every line of every function in every release.
func TestTableKeepsEverything(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		list, plain := history(t, rnd, 30)
		c := &Content{Releases: list, Aliases: map[string][]string{"MACRO": {"f1", "f2"}}}
		data, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := c.Encode()
		if err != nil || !bytes.Equal(data, again) {
			t.Fatalf("the same content gives other bytes, %v", err)
		}
		table, err := open(data)
		if err != nil {
			t.Fatal(err)
		}
		f := table.file(table.filesOf("/build/src/a.c")[0])
		if f == nil {
			t.Fatal("the file cannot be read")
		}
		for i := range list {
			check(t, f, i, plain[i])
		}
	}
}

func check(t *testing.T, f *file, release int, want []plainFunction) {
	t.Helper()
	if len(f.versions[release]) != len(want) {
		t.Fatalf("release %d has %d functions, want %d", release, len(f.versions[release]), len(want))
	}
	end := 0
	for k, got := range f.versions[release] {
		w := want[k]
		start := end + int(got.gap) + 1
		end = start - 1 + int(got.length)
		if got.name != nameHash(w.name) || start != w.start || int(got.length) != len(w.lines) {
			t.Fatalf("release %d, %s: lines %d to %d, want %d and %d of them", release, w.name, start, end, w.start, len(w.lines))
		}
		for n := range w.lines {
			if l := lineOf(f.bodies[got.start:got.end], n); !bytes.Equal(l, w.lines[n].bytes()) {
				t.Fatalf("release %d, %s, line %d: % x, want % x", release, w.name, n, l, w.lines[n].bytes())
			}
		}
	}
}

// FuzzTable opens damaged tables and asks them.
func FuzzTable(f *testing.F) {
	list, _ := history(f, rand.New(rand.NewPCG(3, 4)), 12)
	data, err := (&Content{Releases: list, Aliases: map[string][]string{"MACRO": {"f1"}}}).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, 0, byte(0))
	for i := 8; i < len(data); i += 7 {
		f.Add(data, i, byte(0xff))
	}
	f.Add([]byte(magic), 3, byte(1))
	f.Fuzz(func(t *testing.T, data []byte, at int, with byte) {
		data = bytes.Clone(data)
		if at >= 0 && at < len(data) {
			data[at] ^= with
		}
		table, err := open(data)
		if err != nil {
			return
		}
		e := Evidence{Frames: []Frame{{"f1", "src/a.c", 10, ""}, {"f2", "a.c", 20, "f1"}}, Assertion: Assertion{"a > b", "src/a.c", 12}, Day: 1004}
		table.candidates(e, table.until(e.Day))
	})
}

// FuzzFile reads damaged files.
func FuzzFile(f *testing.F) {
	list, _ := history(f, rand.New(rand.NewPCG(3, 4)), 12)
	c := &Content{Releases: list}
	f.Add(c.file("src/a.c"))
	f.Add([]byte{3, 0, 1, 0x80})
	releases := make([]release, len(list))
	for i := range list {
		releases[i] = release{list[i].Version, list[i].Day, list[i].Parent}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := readFile(raw, releases)
		if err != nil {
			return
		}
		for _, s := range v.spans(nameHash("f1")) {
			s.at(int(s.first)+1, []byte{1})
		}
	})
}
