package fixes

import (
	"errors"
	"fmt"
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// maxFollow is how far commits are followed that cite one another.
const maxFollow = 3

// origin says whether the version has the bug at all, by the commits that the
// fix says brought it: Yes when one of them is in, No when none is, Unknown when
// it names none or it cannot be told. A revert is the fix of what it takes back.
func (j *Judge) origin(f *Fix, cited *citations, depth int) (Presence, string) {
	commits := f.Introduced
	if f.Revert != "" {
		commits = []string{f.Revert}
	}
	if len(commits) == 0 {
		return Presence{}, ""
	}
	var none Presence
	why := ""
	for i, commit := range commits {
		p := j.hasCited(commit, cited, depth)
		switch p.In {
		case Yes:
			return p, fmt.Sprintf("%s, which brought the bug, is in", commit)
		case Unknown:
			return Presence{}, ""
		}
		if i == 0 || p.Basis == BasisClause {
			none = p
		}
		why = fmt.Sprintf("the bug came with %s, which is not in: %s", commit, p.Reason)
	}
	return none, why
}

// dormant is the commit which makes a bug show that was there before, when a
// build of master lacks it; else "".
func (j *Judge) dormant(f *Fix) string {
	if !j.v.IsDev() || len(f.Introduced) > 0 || f.Revert != "" {
		return ""
	}
	last := ""
	for _, commit := range f.Exposed {
		position, err := j.x.Order(commit)
		if err != nil || position <= j.to {
			return ""
		}
		last = commit
	}
	return last
}

// hasCited says whether the version has a commit that another one cites.
func (j *Judge) hasCited(commit string, cited *citations, depth int) Presence {
	f := cited.fix(commit)
	if f == nil {
		position, err := j.x.Order(commit)
		var unknown *NotFoundError
		if errors.As(err, &unknown) {
			return Presence{In: Yes, Basis: BasisGit, Reason: "it is older than " + j.x.tags[0].Version.String()}
		}
		if err != nil {
			return Presence{Reason: err.Error()}
		}
		p := j.has(position, time.Time{}, false)
		if p.In == Unknown && j.backports && position > j.to {
			// No fix, and younger than X.Y.0: such commits hardly ever go to a branch
			// (3 of 100 fixes of such bugs do).
			return Presence{In: No, Basis: BasisClause, Reason: fmt.Sprintf("it is newer than %s.0 and no fix", j.v.Branch())}
		}
		return p
	}
	p := j.has(f.Position, f.Date, true)
	if p.In != Unknown || !j.backports || depth == 0 {
		return p
	}
	switch wanted, why := j.wants(f, cited, depth-1); {
	case wanted == No:
		return Presence{In: No, Basis: BasisClause, Reason: why}
	case wanted == Yes && !j.day.IsZero() && j.day.Sub(f.Date) >= backportDelay:
		return Presence{In: Yes, Basis: BasisClause, Reason: why}
	}
	return p
}

// wants says whether the branch of the version needs a fix, by what the fix asks
// for and by the commits that it cites.
func (j *Judge) wants(f *Fix, cited *citations, depth int) (Answer, string) {
	answer, why := j.asked(f.Backport, f.Date)
	own := j.v.IsDev() && j.cycle(f) == j.v.Branch()
	switch f.Backport.Kind {
	case Floor, None, All:
	default:
		if answer, why := j.wantsCited(f, cited, depth); answer != Unknown {
			return answer, why
		}
		if own {
			return Yes, "the fix is of the same development cycle"
		}
		return j.guess(f)
	}
	if f.Backport.Kind == None && own {
		return Yes, "no backport needed: the bug is of this development cycle"
	}
	if f.Backport.Kind == Floor && answer != Unknown {
		return answer, why
	}
	born, origin := j.origin(f, cited, depth)
	brought := born.In == Yes && born.Basis != BasisClause
	switch {
	case f.Backport.Kind == All && born.In == No:
		return Unknown, why + ", but " + origin
	case f.Backport.Kind == None && brought:
		return Unknown, "no backport requested, but " + origin
	case f.Backport.Kind == Floor && brought:
		return Yes, origin + "; " + why
	}
	return answer, why
}

// wantsCited says whether the branch needs a fix, by the commits that it belongs to.
func (j *Judge) wantsCited(f *Fix, cited *citations, depth int) (Answer, string) {
	commits := f.Introduced
	if f.Backport.Same != "" {
		commits = []string{f.Backport.Same}
	}
	if len(commits) == 0 {
		commits = f.Exposed
	}
	for _, commit := range commits {
		p := j.hasCited(commit, cited, depth)
		if p.In == Yes {
			return Yes, "it belongs to " + commit + ", which is in"
		}
		other := cited.fix(commit)
		if other == nil && p.In == No {
			return No, "it belongs to " + commit + ", which is not in"
		}
		if other == nil || depth == 0 {
			continue
		}
		if wanted, why := j.wants(other, cited, depth-1); wanted != Unknown {
			return wanted, fmt.Sprintf("it belongs to %s: %s", commit, why)
		}
	}
	return Unknown, ""
}

// asked says whether a fix of a day was asked for in the branch of the version, by
// its words alone.
func (j *Judge) asked(c Clause, made time.Time) (Answer, string) {
	switch {
	case c.Kind == None:
		return No, "no backport needed: the bug never left development"
	case c.Kind == All:
		return Yes, "to be backported to all branches"
	case c.Kind != Floor:
		return Unknown, silent
	case j.below(c.Floor) && !j.weighed(c.Floor, made):
		return Unknown, fmt.Sprintf("to be backported down to %s, the lowest branch maintained then: %s was not considered", c.Floor, j.v.Branch())
	case j.below(c.Floor):
		return No, "to be backported down to " + c.Floor + " only"
	}
	return Yes, "to be backported down to " + c.Floor
}

// weighed says that a floor above the branch tells something of it: the branch, or one
// between the two, had releases when the fix was made, and its author left it out. The
// lowest branch that is maintained is the floor of old bugs too (2.8 of all that was
// fixed when 2.6 had ended).
func (j *Judge) weighed(floor string, made time.Time) bool {
	if j.table == nil || made.IsZero() {
		return true
	}
	for i := range j.x.tables {
		t := &j.x.tables[i]
		if t.Branch == j.table.Branch || branchLess(j.table.Branch, t.Branch) && branchLess(t.Branch, floor) {
			if end, ended := j.x.ended(t); !ended || !made.After(end) {
				return true
			}
		}
	}
	return false
}

// silence is how long a maintained branch is without a release at most: 165 days are the
// longest, but for two branches at the end of their lives.
const silence = 200 * 24 * time.Hour

// ended is the day of the last release of a branch that gets no more.
func (x *Index) ended(t *Table) (time.Time, bool) {
	if len(t.Releases) == 0 {
		return time.Time{}, false
	}
	newest := x.day
	for i := range x.tables {
		if n := len(x.tables[i].Releases); n > 0 && x.tables[i].Releases[n-1].Day.After(newest) {
			newest = x.tables[i].Releases[n-1].Day
		}
	}
	last := t.Releases[len(t.Releases)-1].Day
	return last, newest.Sub(last) > silence
}

const silent = "the fix does not say which branches need it"

// guess is what is left when a fix neither names its lowest branch nor cites a
// commit that tells. The numbers are those of 2.2, 2.6, 2.8, 3.0 and 3.2.
func (j *Judge) guess(f *Fix) (Answer, string) {
	asked := f.Backport.Kind == Asked
	far := 3 // cycles; of the silent ones 1 in 9 goes that far down
	if asked {
		far = 4 // of those that ask for backports somewhere 1 in 15
	}
	switch named := f.Backport.Named; {
	case len(named) > 0 && j.below(named[0]):
		return No, "it mentions no branch below " + named[0]
	case len(named) > 0 && asked:
		return Yes, "a backport is requested, and it mentions " + named[0]
	case j.cycles(f) >= far:
		return No, fmt.Sprintf("%s, and came %d development cycles later", silent, j.cycles(f))
	}
	return Unknown, silent
}

// cycles is how many cycles of development a fix is later than the version: 1
// for the one that follows it.
func (j *Judge) cycles(f *Fix) int {
	n := 1
	for _, t := range j.x.tags {
		if t.Version.Patch == 0 && t.Position > j.to && t.Position < f.Position {
			n++
		}
	}
	return n
}

// below says that the branch of the version is lower than floor.
func (j *Judge) below(floor string) bool {
	v, err := haproxy.ParseVersion(floor)
	return err == nil && j.v.CompareBranch(v) < 0
}

// cycle is the branch in whose development a fix was made.
func (j *Judge) cycle(f *Fix) string {
	if f.First.Raw != "" {
		return f.First.Branch()
	}
	return j.x.tags[len(j.x.tags)-1].Version.Branch()
}

// mayBeYounger says that the bug may have come after the version: within the
// cycle of development of a build, or to its branch by a backport.
func (j *Judge) mayBeYounger(f *Fix, cited *citations) bool {
	if !j.v.IsDev() {
		return true
	}
	if f.Backport.Kind == Floor {
		floor, err := haproxy.ParseVersion(f.Backport.Floor)
		return err != nil || j.v.CompareBranch(floor) <= 0
	}
	born, _ := j.origin(f, cited, maxFollow)
	return born.In != Yes
}
