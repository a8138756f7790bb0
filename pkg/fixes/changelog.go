package fixes

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// MarkOf is a number for the subject of a commit: the same for the subject on
// master and for the line of a CHANGELOG, which differ in blanks and at times in
// case or in the last dot. 32 bits are enough: of some 5,000 subjects no two that
// differ have the same, and a line that is none of them hits one in a million.
func MarkOf(subject string) uint32 {
	s := strings.ToLower(strings.Join(strings.Fields(subject), " "))
	h := fnv.New32a()
	io.WriteString(h, strings.TrimRight(s, "."))
	return h.Sum32()
}

// maxChangelog is how many bytes of a CHANGELOG are read; HAProxy's have 2 MB.
const maxChangelog = 64 << 20

// Searched is what a CHANGELOG gave.
type Searched struct {
	Table Table
	// Lines are those that should be found: they speak of a bug. Found are those
	// that belong to one fix, Several those that might belong to more than one.
	Lines, Found, Several int
}

// Search reads the CHANGELOG of a maintained branch, as HAProxy's archives and
// packages have it, and finds the fixes in it. The releases of other branches and
// X.Y.0 itself are passed over: master's tags say what is in them.
func Search(r io.Reader, branch string, tags []Tag, fixes []Fix) (*Searched, error) {
	var first *Tag
	for i := range tags {
		if v := tags[i].Version; v.Branch() == branch && v.Patch == 0 {
			first = &tags[i]
		}
	}
	if first == nil {
		return nil, fmt.Errorf("branch %q: master has no release %s.0", branch, branch)
	}
	marks := map[uint32][]int{}
	for i := range fixes {
		if fixes[i].Position > first.Position {
			marks[fixes[i].Mark] = append(marks[fixes[i].Mark], i)
		}
	}
	s := &Searched{Table: Table{Branch: branch}}
	landed := map[int]int{}
	var release *Release
	lines := bufio.NewScanner(io.LimitReader(r, maxChangelog))
	lines.Buffer(nil, 64<<10)
	for lines.Scan() {
		line := lines.Text()
		if v, day, ok := heading(line); ok {
			release = nil
			if v.Branch() == branch && !v.IsDev() && v.Patch > 0 && v.Patch <= maxPatch && dayNumber(day) > 0 && dayNumber(day) < maxDay {
				s.Table.Releases = append(s.Table.Releases, Release{v.Patch, day})
				release = &Release{v.Patch, day}
			}
			continue
		}
		subject, ok := strings.CutPrefix(strings.TrimSpace(line), "- ")
		if !ok || release == nil || !bugLine(subject) {
			continue
		}
		s.Lines++
		// A release cannot have a commit that is younger than it.
		var in []int
		for _, i := range marks[MarkOf(subject)] {
			if !fixes[i].Date.After(release.Day) {
				in = append(in, i)
			}
		}
		if len(in) > 1 {
			s.Several++
		}
		if len(in) != 1 {
			continue
		}
		s.Found++
		if z, ok := landed[in[0]]; !ok || release.Patch < z {
			landed[in[0]] = release.Patch
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(s.Table.Releases) == 0 {
		return nil, fmt.Errorf("no release of %s after %s.0 is in it; want HAProxy's CHANGELOG of that branch", branch, branch)
	}
	for i, z := range landed {
		s.Table.Landings = append(s.Table.Landings, Landing{fixes[i].Position, z, Changelog})
	}
	s.Table.sort()
	return s, nil
}

func (t *Table) sort() {
	sort.Slice(t.Landings, func(i, j int) bool { return t.Landings[i].Position < t.Landings[j].Position })
	sort.SliceStable(t.Releases, func(i, j int) bool { return t.Releases[i].Patch < t.Releases[j].Patch })
	t.Releases = slices.CompactFunc(t.Releases, func(a, b Release) bool { return a.Patch == b.Patch })
	t.Complete = 0
	if n := len(t.Releases); n > 0 {
		t.Complete = t.Releases[n-1].Patch
	}
}

// heading reads "2023/03/28 : 2.6.12".
func heading(line string) (haproxy.Version, time.Time, bool) {
	date, version, ok := strings.Cut(line, " : ")
	if !ok {
		return haproxy.Version{}, time.Time{}, false
	}
	day, err := time.Parse("2006/01/02", date)
	if err != nil {
		return haproxy.Version{}, time.Time{}, false
	}
	v, err := haproxy.ParseVersion(version)
	return v, day, err == nil
}

// bugLine says whether a subject is one of those that the index keeps.
func bugLine(subject string) bool {
	return strings.HasPrefix(subject, "BUG") || strings.HasPrefix(subject, "Revert") && strings.Contains(subject, "BUG")
}

// Merge joins what was found of one branch in two ways. A cherry-pick line is
// the better basis, the earlier release is right.
func (t Table) Merge(other Table) Table {
	found := map[int]Landing{}
	for _, list := range [][]Landing{t.Landings, other.Landings} {
		for _, l := range list {
			have, ok := found[l.Position]
			if !ok {
				found[l.Position] = l
				continue
			}
			found[l.Position] = Landing{l.Position, min(l.Patch, have.Patch), min(l.Basis, have.Basis)}
		}
	}
	out := Table{Branch: t.Branch, Releases: slices.Concat(t.Releases, other.Releases)}
	for _, l := range found {
		out.Landings = append(out.Landings, l)
	}
	out.sort()
	return out
}

// WithChangelog gives an index that also knows what the CHANGELOG of a branch
// tells, such as the one that came with the user's own package.
func (x *Index) WithChangelog(r io.Reader, branch string) (*Index, *Searched, error) {
	fixes, err := x.fixes()
	if err != nil {
		return nil, nil, err
	}
	s, err := Search(r, branch, x.tags, fixes)
	if err != nil {
		return nil, nil, err
	}
	y := *x
	y.tables = WithTable(x.tables, s.Table)
	return &y, s, nil
}

// WithTable gives tables with one more, merged with that of the same branch.
func WithTable(tables []Table, t Table) []Table {
	var out []Table
	for _, have := range tables {
		if have.Branch == t.Branch {
			t = have.Merge(t)
			continue
		}
		out = append(out, have)
	}
	out = append(out, t)
	sort.Slice(out, func(i, j int) bool { return branchLess(out[i].Branch, out[j].Branch) })
	return out
}

func branchLess(a, b string) bool {
	v, _ := haproxy.ParseVersion(a)
	w, _ := haproxy.ParseVersion(b)
	return v.CompareBranch(w) < 0
}
