package lines

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// known is evidence of a version that is known.
type known struct {
	id       string
	version  haproxy.Version
	evidence Evidence
}

// readKnown reads a line "stack ID VERSION", then a line for each frame, the innermost first:
// its function, file and line. A "-" stands between stacks of one process, and
// "assertion FILE LINE CONDITION" is what an assertion printed.
func readKnown(t testing.TB, name string) []known {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var list []known
	callee := ""
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if f[0] == "stack" {
			v, err := haproxy.ParseVersion(f[2])
			if err != nil {
				t.Fatal(err)
			}
			list, callee = append(list, known{id: f[1], version: v}), ""
			continue
		}
		if f[0] == "-" {
			callee = ""
			continue
		}
		n, err := strconv.Atoi(f[2])
		if err != nil {
			t.Fatalf("%s: %q", name, line)
		}
		e := &list[len(list)-1].evidence
		if f[0] == "assertion" {
			e.Assertion = Assertion{strings.Join(f[3:], " "), f[1], n}
			continue
		}
		e.Frames = append(e.Frames, Frame{f[0], f[1], n, callee})
		callee = f[0]
	}
	return list
}

// result counts how often the true version is among the candidates.
type result struct {
	right, wrong, none int
	sizes              map[int][]int // of the candidates, by places
}

func count(t *testing.T, list []known, candidates func(known) Candidates) *result {
	t.Helper()
	out := &result{sizes: map[int][]int{}}
	for _, k := range list {
		c := candidates(k)
		has := slices.ContainsFunc(c.Releases, func(r haproxy.Version) bool { return r.Compare(tagOf(k.version)) == 0 })
		switch {
		case c.Used == 0:
			out.none++
			continue
		case has:
			out.right++
		default:
			out.wrong++
			t.Logf("%s: %s is not in %q, %d of %d places are wrong", k.id, k.version.Raw, c.String(), c.Wrong, c.Used)
		}
		if len(c.Releases) > 0 {
			out.sizes[c.Used] = append(out.sizes[c.Used], len(c.Releases))
		}
	}
	return out
}

// tagOf is the version without what follows its tag.
func tagOf(v haproxy.Version) haproxy.Version {
	v.CommitCount = 0
	return v
}

// median is that of stacks with so many places or more.
func (y *result) median(least int) (median, of int) {
	var all []int
	for n, sizes := range y.sizes {
		if n >= least {
			all = append(all, sizes...)
		}
	}
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	return all[len(all)/2], len(all)
}

func (y *result) log(t *testing.T, what string) {
	t.Helper()
	all, n := y.median(1)
	long, m := y.median(6)
	t.Logf("%s: the version is among the candidates of %d of %d (%.0f %%), %d tell nothing; median %d releases of %d stacks, %d of %d with six places or more",
		what, y.right, y.right+y.wrong, 100*float64(y.right)/float64(y.right+y.wrong), y.none, all, n, long, m)
}

// Public reports that state an exact version. Five of them are wrong about it: their
// frames lie in no such function of the release that they name (#2378 says 2.6.5, and
// each of seven lines is as in 2.6.13).
func TestReports(t *testing.T) {
	y := count(t, readKnown(t, "reports.txt"), func(k known) Candidates { return k.evidence.Candidates() })
	y.log(t, "reports")
	if all, _ := y.median(1); 100*y.right < 88*(y.right+y.wrong) || all > 10 {
		t.Error("want 88 % and a median of 10 releases")
	}
}

// Stacks of builds whose versions are certain, one of each branch: see
// internal/linesgen/stacks.
func TestStacksOfBuilds(t *testing.T) {
	list := readKnown(t, "stacks.txt")
	y := count(t, list, func(k known) Candidates { return k.evidence.Candidates() })
	y.log(t, "stacks")
	for n := 1; n <= 12; n++ {
		if sizes := y.sizes[n]; len(sizes) > 0 {
			slices.Sort(sizes)
			t.Logf("%2d places: %3d stacks, median %d releases", n, len(sizes), sizes[len(sizes)/2])
		}
	}
	if long, _ := y.median(6); 100*y.right < 98*(y.right+y.wrong) || long > 4 {
		t.Error("want 98 %, and a median of 4 releases from six places on")
	}
}

// Builds of a branch that the table does not have: it is not noticed that they are, which
// is why nothing is ever decided by lines.
func TestUnknownBranch(t *testing.T) {
	found, none := 0, 0
	for _, k := range readKnown(t, "stacks.txt") {
		if k.version.IsDev() {
			continue
		}
		c := k.evidence.Without(k.version)
		switch {
		case c.Used == 0:
		case len(c.Releases) == 0:
			none++
		default:
			found++
		}
	}
	t.Logf("of builds of a branch that is not in the table, %d fit other releases, %d none", found, none)
	if none == 0 {
		t.Error("all of them fit something")
	}
}

// The frames of two crashes of two versions, pasted as one, fit nothing.
func TestTwoVersionsInOne(t *testing.T) {
	list := readKnown(t, "stacks.txt")
	pairs, guesses := 0, 0
	for i, a := range list {
		b := list[(i+len(list)/2)%len(list)]
		if len(a.evidence.Frames) < 4 || len(b.evidence.Frames) < 4 || a.version.CompareBranch(b.version) == 0 {
			continue
		}
		both := Evidence{Frames: slices.Concat(a.evidence.Frames, b.evidence.Frames)}
		pairs++
		if c := both.Candidates(); len(c.Releases) > 0 {
			guesses++
			t.Logf("%s and %s: %s", a.id, b.id, c.String())
		}
	}
	t.Logf("%d of %d pairs fit something", guesses, pairs)
	if pairs < 20 || guesses*10 > pairs {
		t.Error("too many")
	}
}

// What the first crash of a run costs.
func BenchmarkCandidates(b *testing.B) {
	list := readKnown(b, "stacks.txt")
	t := table()
	n := 0
	for b.Loop() {
		t.unpacked.Clear()
		t.candidates(list[n%len(list)].evidence, t.until(0))
		n++
	}
}
