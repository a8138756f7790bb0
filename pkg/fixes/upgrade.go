package fixes

import (
	"fmt"
	"slices"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Upgrade is what the newest known release of a version's own branch brings.
type Upgrade struct {
	Release haproxy.Version
	// Fixes are those of crashes that the version lacks and Release has, by number (Index.Number).
	Fixes []int
}

// Upgrade says what the newest release of its branch brings to a stable
// release of the fixes that are of crashes, as crashes tells, which is asked before their words
// are read. The error says why that cannot be told.
func (x *Index) Upgrade(v haproxy.Version, crashes func(*Fix) bool) (*Upgrade, error) {
	if v.IsDev() || v.BranchOnly() {
		return nil, fmt.Errorf("version %s: no stable release", v.Raw)
	}
	last, ok := x.Complete(v.Branch())
	if !ok {
		return nil, fmt.Errorf("branch %s: the fix index has no releases of it", v.Branch())
	}
	j, err := x.JudgeKnown(v, time.Time{})
	if err != nil {
		return nil, err
	}
	out := &Upgrade{Release: last}
	for _, l := range x.Table(v.Branch()) {
		if l.Patch <= v.Patch || l.Patch > last.Patch {
			continue
		}
		i := x.After(l.Position)
		if i == x.Count() || x.Brief(i).Position != l.Position || x.Brief(i).Kinds == 0 {
			continue // of no crash, or a line whose fix is not known yet
		}
		f, _, err := x.bare(i)
		if err != nil {
			return nil, err
		}
		if crashes(f) && j.judge(f).Status == crash.Affected {
			out.Fixes = append(out.Fixes, i)
		}
	}
	return out, nil
}

// Touching counts the fixes that change one of some functions or source files, or are of one
// of some subsystems. The numbers are in order.
func (x *Index) Touching(numbers []int, functions, files, subsystems []string) (int, error) {
	words, err := x.words()
	if err != nil {
		return 0, err
	}
	found := map[int]bool{}
	mark := func(d *Dictionary, word int, column Column) {
		d.Each(word, func(fix int, in Column) {
			if in&column == 0 {
				return
			}
			if _, is := slices.BinarySearch(numbers, fix); is {
				found[fix] = true
			}
		})
	}
	for _, name := range functions {
		if n, ok := words[Names].Find(name); ok {
			mark(words[Names], n, InChanged)
		}
	}
	for _, name := range files {
		for _, dir := range [...]string{"", "src/"} {
			if n, ok := words[Paths].Find(dir + name); ok {
				mark(words[Paths], n, 1)
			}
		}
	}
	for n := range words[Topics].Len() {
		if slices.ContainsFunc(subsystems, func(name string) bool { return IsSubsystem(words[Topics].Word(n), name) }) {
			mark(words[Topics], n, 1)
		}
	}
	return len(found), nil
}

// Ended says that a branch gets no more releases, as far as the index knows.
func (x *Index) Ended(branch string) bool {
	if t := x.table(branch); t != nil {
		_, ended := x.ended(t)
		return ended
	}
	v, err := haproxy.ParseVersion(branch)
	if err != nil || len(x.tables) == 0 {
		return false
	}
	first, err := haproxy.ParseVersion(x.tables[0].Branch)
	return err == nil && v.CompareBranch(first) < 0
}

// Successors are the newest known releases of the branches to move to from one that gets no
// more: the nearest with long-term support, and the newest one.
func (x *Index) Successors(v haproxy.Version) (first, last haproxy.Version, ok bool) {
	first, ok = x.above(v, func(branch haproxy.Version) (haproxy.Version, bool) { return x.Complete(branch.Branch()) })
	last = first
	for _, name := range x.Branches() {
		if r, known := x.Complete(name); known && r.LongTerm() && !x.Ended(name) && r.Compare(last) > 0 {
			last = r
		}
	}
	return first, last, ok
}

// FirstWith is the first production release with a fix that a user of a version can take: of
// its own branch, else of the nearest branch above it. first are the first releases with
// the fix, of master and of branches. A development version takes that of master.
func (x *Index) FirstWith(v haproxy.Version, first []haproxy.Version) (haproxy.Version, bool) {
	var master haproxy.Version
	of := map[string]haproxy.Version{}
	for i, r := range first {
		if i == 0 || r.IsDev() {
			master = r
		}
		if !r.IsDev() {
			of[r.Branch()] = r
		}
	}
	if v.IsDev() {
		return master, master.Raw != ""
	}
	if r, ok := of[v.Branch()]; ok {
		return r, true
	}
	return x.above(v, func(branch haproxy.Version) (haproxy.Version, bool) {
		if r, ok := of[branch.Branch()]; ok {
			return r, true
		}
		branch.Patch = 0
		tag, ok := x.Tag(branch)
		return tag.Version, ok && master.Raw != "" && master.Compare(branch) <= 0
	})
}

// above asks for a release of the branches above that of a version; those with long-term
// support that get more releases go first, then those that get more.
func (x *Index) above(v haproxy.Version, release func(branch haproxy.Version) (haproxy.Version, bool)) (haproxy.Version, bool) {
	var best haproxy.Version
	rank := -1
	for _, name := range x.Branches() {
		branch, err := haproxy.ParseVersion(name)
		if err != nil || branch.CompareBranch(v) <= 0 {
			continue
		}
		r, ok := release(branch)
		if !ok {
			continue
		}
		n := 0
		if !x.Ended(name) {
			n = 1
			if branch.LongTerm() {
				n = 2
			}
		}
		if n > rank {
			best, rank = r, n
		}
	}
	return best, rank >= 0
}
