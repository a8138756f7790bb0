package affects

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Closing is the newest release of a branch that is known, and how many of the fixes that were
// asked for it closes. Enough is the first of the branch that closes as many.
type Closing struct {
	Release string `json:"release"`
	Fixes   int    `json:"fixes"`
	Enough  string `json:"enough"`

	version haproxy.Version
}

// close finds what the newest release of each branch closes, from that of the version on.
// Development versions are none to go to.
func (r *Result) close(x *fixes.Index) {
	var open []*fixes.Fix
	for i := range r.Fixes {
		if f := &r.Fixes[i]; f.Status == crash.Affected {
			open = append(open, f.fix)
		}
	}
	if len(open) == 0 {
		return
	}
	for _, branch := range x.Branches() {
		last, ok := x.Complete(branch)
		if !ok || last.CompareBranch(r.version) < 0 {
			continue
		}
		if c := closing(x, last, open); c.Fixes > 0 && c.version.Compare(r.version) > 0 {
			r.Closes = append(r.Closes, c)
		}
	}
	r.Best = best(x, r.Closes, len(open), r.version)
}

// closing is what a branch closes up to its last release.
func closing(x *fixes.Index, last haproxy.Version, open []*fixes.Fix) Closing {
	day, _ := x.Release(last)
	judge := x.Judge(last, day)
	c := Closing{Release: last.String(), version: last}
	enough := last
	enough.Patch = 0
	for _, f := range open {
		s := judge.Standing(f)
		if s.Lacks() {
			continue
		}
		c.Fixes++
		for _, in := range s.FixedIn {
			if in.Branch() == last.Branch() && !in.IsDev() {
				enough.Patch = max(enough.Patch, in.Patch)
			}
		}
	}
	c.Enough = enough.String()
	return c
}

// best chooses the release of the branch at hand, and of the newer ones that get more releases the
// first that closes all: of those with long-term support, if one of them does; else the one
// that closes most.
func best(x *fixes.Index, list []Closing, all int, v haproxy.Version) []Closing {
	var out []Closing
	var newer []Closing
	for _, c := range list {
		switch {
		case c.version.CompareBranch(v) == 0:
			out = append(out, c)
		case !x.Ended(c.version.Branch()):
			newer = append(newer, c)
		}
	}
	if len(newer) == 0 || len(out) > 0 && out[0].Fixes == all {
		return out
	}
	closesAll := func(c Closing) bool { return c.Fixes == all }
	lasting := func(c Closing) bool { return c.version.LongTerm() && closesAll(c) }
	i := slices.IndexFunc(newer, lasting)
	if i < 0 {
		i = slices.IndexFunc(newer, closesAll)
	}
	if i < 0 {
		i = 0
		for k := range newer {
			if newer[k].Fixes > newer[i].Fixes {
				i = k
			}
		}
	}
	if len(out) > 0 && newer[i].Fixes <= out[0].Fixes {
		return out
	}
	return append(out, newer[i])
}
