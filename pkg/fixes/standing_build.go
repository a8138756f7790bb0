package fixes

import (
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Answer is yes, no, or that it cannot be told.
type Answer uint8

// The answers.
const (
	Unknown Answer = iota
	Yes
	No
)

// What an answer rests on. Those of a Landing are the words of Basis.
const (
	BasisGit    = "git"    // the order of master's commits, and dates
	BasisClause = "clause" // what the fix asks for the maintained branches
)

// Presence says whether a version has a commit of master.
type Presence struct {
	In Answer
	// Basis is BasisGit or the word of a Basis; "" when In is Unknown.
	Basis string
	// Release is the first release of the version's branch that has the commit;
	// its Raw is "" when that is not known. In a version of master it is the tag.
	Release haproxy.Version
	Reason  string
}

// Judge says how one version stands to fixes. It is safe for concurrent use.
type Judge struct {
	x *Index
	v haproxy.Version
	// unplaced says why nothing can be told of this version; "" when it can.
	unplaced string
	// The version has every commit of master up to from and, but for backports,
	// none after to.
	from, to int
	// backports: the version is of a maintained branch, after X.Y.0.
	backports bool
	table     *Table
	// day is that of the release, zero when it is not known.
	day time.Time
	// cited finds fixes, and what takes them back, by ten digits of the commit.
	cited func() (*citations, error)
}

// citations finds what cites a commit.
type citations struct {
	x *Index
	// revert are the fixes that take a commit back, by its first ten digits.
	revert map[string]*Fix
	known  sync.Map // commit to *Fix: what many fixes and versions ask for
}

// fix is the fix with a commit, nil when that is none.
func (c *citations) fix(commit string) *Fix {
	if f, ok := c.known.Load(commit); ok {
		return f.(*Fix)
	}
	f, err := c.x.Fix(commit)
	if err != nil {
		f = nil
	}
	c.known.Store(commit, f)
	return f
}

// Judge makes the judge of a version. The day is that which a build prints of
// itself, zero when it is not known: it counts only where the index does not know
// when the version was released, and not for packages, which print their own day.
func (x *Index) Judge(v haproxy.Version, day time.Time) *Judge {
	j := &Judge{x: x, v: v, cited: sync.OnceValues(x.citations)}
	switch {
	case len(x.tags) == 0:
		j.unplaced = "the fix index knows no version"
	case v.CompareBranch(x.tags[0].Version) < 0:
		j.unplaced = fmt.Sprintf("it is older than %s, where the fix index begins", x.tags[0].Version)
	case v.IsDev():
		j.development()
	default:
		j.release(day)
	}
	return j
}

func (x *Index) citations() (*citations, error) {
	c := &citations{x: x, revert: map[string]*Fix{}}
	for i := range x.Count() {
		if x.remark(i)&remarkRevert == 0 {
			continue
		}
		f, err := x.Number(i)
		if err != nil {
			return nil, err
		}
		c.revert[f.Revert] = f
	}
	return c, nil
}

// twin says that several fixes have one subject: the line of a changelog does not
// tell which it was (an OCSP crash was fixed twice in a week under one subject).
func (x *Index) twin(f *Fix) bool {
	i := x.After(f.Position)
	return i < x.Count() && x.remark(i)&remarkTwin != 0
}

// development places a build of master: exactly where it is possible, else
// between its tag and the next.
func (j *Judge) development() {
	tag, ok := j.x.Tag(j.v)
	if !ok {
		j.unknownTag(j.v)
		return
	}
	next := j.x.len() - 1
	if i := j.x.byName[tag.Version.String()] + 1; i < len(j.x.tags) {
		next = j.x.tags[i].Position
	}
	j.from, j.to = tag.Position, next
	p, err := j.x.Build(j.v)
	if err != nil || p < tag.Position || p > next {
		return // a commit that is not on master, such as one of a branch of somebody's own
	}
	if n := j.v.CommitCount; n > 0 && p != tag.Position+n {
		return // commit and count do not agree: there are local ones
	}
	j.from, j.to = p, p
}

func (j *Judge) unknownTag(v haproxy.Version) {
	newest := j.x.tags[len(j.x.tags)-1]
	if v.Compare(newest.Version) < 0 || j.v.BranchOnly() {
		j.unplaced = fmt.Sprintf("the fix index knows no %s on HAProxy's master", v)
		return
	}
	// What was tagged after the index was made has all that is in it.
	j.from = j.x.len() - 1
	j.to = j.from
}

// release places a version of a maintained branch, or X.Y.0.
func (j *Judge) release(day time.Time) {
	zero := haproxy.Version{Major: j.v.Major, Minor: j.v.Minor, Dev: -1, RC: -1}
	tag, ok := j.x.Tag(zero)
	if !ok {
		j.unknownTag(zero)
		return
	}
	j.from, j.to = tag.Position, tag.Position
	j.backports = j.v.Patch != 0 || j.v.CommitCount > 0
	j.table = j.x.table(j.v.Branch())
	if d, ok := j.x.Release(j.v); ok {
		j.day = d
	} else if !j.v.Distro() {
		j.day = Day(day)
	}
}

// has says whether the version has the commit of master at a position. The
// date is that of the commit, zero when it is not known; bug says that the commit
// is a fix, which a table of the branch would list.
func (j *Judge) has(position int, date time.Time, bug bool) Presence {
	switch {
	case j.unplaced != "":
		return Presence{Reason: j.unplaced}
	case position <= j.from:
		first := j.x.firstTag(position)
		if first.Raw == "" {
			return Presence{Yes, BasisGit, first, "it is older than this version"}
		}
		return Presence{Yes, BasisGit, first, "it came to master in " + first.Raw}
	case position <= j.to:
		return Presence{Reason: fmt.Sprintf("the commit of the build is not on master: the build lies somewhere between %s and %s, and so does the fix", j.v, nextName(j.x.firstTag(j.from+1)))}
	case j.v.IsDev():
		return Presence{No, BasisGit, j.x.firstTag(position), "it is newer than this build"}
	}
	return j.backported(position, date, bug)
}

// backported says whether a stable release has a commit that is newer than X.Y.0.
func (j *Judge) backported(position int, date time.Time, bug bool) Presence {
	branch := j.v.Branch()
	searched := -1 // the last release that was searched for it
	if j.table != nil {
		if l, ok := j.x.Landed(branch, position); ok {
			return j.landed(l)
		}
		if bug {
			searched = j.table.Complete
		}
	}
	switch {
	case !j.backports:
		return Presence{In: No, Basis: BasisGit, Reason: "it is newer than " + j.v.String()}
	case j.v.BranchOnly():
		return Presence{Reason: fmt.Sprintf("only the branch %s is known, not the release", j.v)}
	case !j.day.IsZero() && date.After(j.day) && j.v.CommitCount == 0:
		return Presence{In: No, Basis: BasisGit, Reason: fmt.Sprintf("it is newer than %s of %s", j.v, j.day.Format(time.DateOnly))}
	case j.v.Patch < searched, j.v.Patch == searched && j.v.CommitCount == 0:
		return Presence{In: No, Basis: j.table.basis().String(), Reason: fmt.Sprintf("no release of the branch up to %s.%d has it", branch, searched)}
	case j.v.Patch > searched && searched > 0:
		return Presence{Reason: fmt.Sprintf("no release of %s up to %s.%d has it, and what came later is not known here", branch, branch, searched)}
	}
	return Presence{Reason: fmt.Sprintf("which release of %s got it is not known here", branch)}
}

// landed says whether the version has what came to its branch in a release.
func (j *Judge) landed(l Landing) Presence {
	release := haproxy.Version{Major: j.v.Major, Minor: j.v.Minor, Patch: l.Patch, Dev: -1, RC: -1}
	release.Raw = release.String()
	p := Presence{Basis: l.Basis.String(), Release: release, Reason: "the branch got it in " + release.Raw}
	switch {
	case j.v.BranchOnly():
		p.Basis, p.Reason = "", fmt.Sprintf("%s, but only the branch %s is known here, not the release", p.Reason, j.v)
	case l.Patch <= j.v.Patch:
		p.In = Yes
	case l.Patch == j.v.Patch+1 && j.v.CommitCount > 0:
		p.Basis, p.Reason = "", fmt.Sprintf("%s, and this build lies after %s", p.Reason, j.v)
	default:
		p.In = No
	}
	return p
}

// basis is what a table rests on as a whole.
func (t *Table) basis() Basis {
	for _, l := range t.Landings {
		if l.Basis == CherryPick {
			return CherryPick
		}
	}
	return Changelog
}

// firstTag is the first version of master that has the commit at a position.
func (x *Index) firstTag(position int) haproxy.Version {
	i := sort.Search(len(x.tags), func(i int) bool { return x.tags[i].Position >= position })
	if i == len(x.tags) {
		return haproxy.Version{}
	}
	return x.tags[i].Version
}

func nextName(v haproxy.Version) string {
	if v.Raw == "" {
		return "the next version"
	}
	return v.Raw
}

// Unplaced says why nothing can be told of the version; "" when something can.
func (j *Judge) Unplaced() string { return j.unplaced }
