package fixes

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Collector finds the first release of a branch that has each fix, from what
// the releases have in any order. The zero value is ready.
type Collector struct {
	has  map[int][]int // position -> releases, by Z of X.Y.Z
	back map[int]int   // position -> last release that took it back
}

// Has says that release X.Y.patch got the fix at a position.
func (c *Collector) Has(position, patch int) {
	if c.has == nil {
		c.has = map[int][]int{}
	}
	c.has[position] = append(c.has[position], patch)
}

// TakenBack says that release X.Y.patch took the fix at a position back, by a
// commit that master has not. What got it before counts no more.
func (c *Collector) TakenBack(position, patch int) {
	if c.back == nil {
		c.back = map[int]int{}
	}
	c.back[position] = max(patch, c.back[position])
}

// Landings are the fixes that stayed, by position.
func (c *Collector) Landings(basis Basis) []Landing {
	var list []Landing
	for position, releases := range c.has {
		slices.Sort(releases)
		back, ok := c.back[position]
		for _, patch := range releases {
			if !ok || patch > back {
				list = append(list, Landing{position, patch, basis})
				break
			}
		}
	}
	sortLandings(list)
	return list
}

func sortLandings(list []Landing) {
	sort.Slice(list, func(i, j int) bool { return list[i].Position < list[j].Position })
}

// sort puts a table in order and sets Complete.
func (t *Table) sort() {
	sortLandings(t.Landings)
	sort.SliceStable(t.Releases, func(i, j int) bool { return t.Releases[i].Patch < t.Releases[j].Patch })
	t.Releases = slices.CompactFunc(t.Releases, func(a, b Release) bool { return a.Patch == b.Patch })
	slices.SortFunc(t.Pending, func(a, b Pending) int {
		return cmp.Or(cmp.Compare(a.Patch, b.Patch), cmp.Compare(a.Mark, b.Mark))
	})
	t.Pending = slices.Compact(t.Pending)
	t.Complete = 0
	if n := len(t.Releases); n > 0 {
		t.Complete = t.Releases[n-1].Patch
	}
}

// Gap is Z of the first release X.Y.Z that a table should have and has not; 0 when
// they are all from the first one on. What came in a release that was not read
// would be taken to be in none.
func (t *Table) Gap() int {
	for i, r := range t.Releases {
		if r.Patch != i+1 {
			return i + 1
		}
	}
	return 0
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
	out := Table{
		Branch:   t.Branch,
		Releases: slices.Concat(t.Releases, other.Releases),
		Pending:  slices.Concat(t.Pending, other.Pending),
	}
	for _, l := range found {
		out.Landings = append(out.Landings, l)
	}
	out.sort()
	return out
}

// Settle gives the table with those of its pending lines landed that belong to
// one of the fixes. So a table stays right when an index learns of more fixes.
func (t Table) Settle(fixes []Fix) Table {
	marks := map[uint32][]int{}
	for _, p := range t.Pending {
		marks[p.Mark] = nil
	}
	for i := range fixes {
		if _, ok := marks[fixes[i].Mark]; ok {
			marks[fixes[i].Mark] = append(marks[fixes[i].Mark], i)
		}
	}
	days := map[int]time.Time{}
	for _, r := range t.Releases {
		days[r.Patch] = r.Day
	}
	var landed Collector
	var left []Pending
	for _, p := range t.Pending {
		in := inTime(marks[p.Mark], fixes, days[p.Patch])
		if len(in) == 1 {
			landed.Has(fixes[in[0]].Position, p.Patch)
			continue
		}
		left = append(left, p)
	}
	t.Pending = left
	return t.Merge(Table{Landings: landed.Landings(Changelog)})
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
