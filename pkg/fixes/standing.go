package fixes

import (
	"fmt"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Standing is how a version stands to the bug of a fix, and how that is known.
type Standing struct {
	Status crash.VersionStatus
	// Basis is what Reason rests on: "git", "cherry-pick", "changelog" or "clause";
	// mostly "" when it cannot be told.
	Basis string
	// Estimated: the status is likely but not certain, see docs/knowledge.md for
	// how likely.
	Estimated bool
	// Reason is why, in words.
	Reason string
	// FixedIn are the first releases with the fix that are known, that of master
	// first, then by branch.
	FixedIn []haproxy.Version
}

// Why is the reason with what it rests on: "git: the fix is in 3.2-dev6, …".
func (s Standing) Why() string {
	switch {
	case s.Basis == "":
		return s.Reason
	case s.Estimated:
		return s.Basis + ", an estimate: " + s.Reason
	}
	return s.Basis + ": " + s.Reason
}

// backportDelay is how long after its commit on master a fix is taken for
// granted in the releases of a branch that wants it. Of 1,828 backports 75 % came
// within 19 days and 95 % within 52, but releases come weeks apart: with 21 days,
// 97 % of those taken for granted are there.
const backportDelay = 21 * 24 * time.Hour

// backportGivenUp is when a backport that has not come will not: 99 % are in the
// branch 93 days after their commit on master.
const backportGivenUp = 93 * 24 * time.Hour

// Lacks says whether the version may have the bug of the fix with a number: it is
// affected, or it cannot be told.
func (j *Judge) Lacks(number int) (bool, error) {
	f, _, err := j.x.bare(number)
	if err != nil {
		return false, err
	}
	return j.judge(f).Lacks(), nil
}

// LacksAny is the first of some fixes that the version lacks or may lack, "" when it
// lacks none. One that the index does not know counts as lacking.
func (j *Judge) LacksAny(commits []string) string {
	for _, c := range commits {
		if f, err := j.x.Fix(c); err != nil || j.judge(f).Lacks() {
			return c
		}
	}
	return ""
}

// Lacks says that the version may have the bug.
func (s Standing) Lacks() bool {
	return s.Status == crash.Affected || s.Status == crash.VersionCannotTell
}

// Standing says how the version stands to the bug of a fix.
//
// Whether the fix is in is told by master's order, by the table of the branch or
// by dates; whether the bug is there by the commits that brought it and by the
// branches that the fix was asked for. Where the first is not known, a fix that
// the branch wants and that is older than the release by backportDelay is taken
// to be in it.
func (j *Judge) Standing(f *Fix) Standing {
	s := j.judge(f)
	s.FixedIn = j.x.FixedIn(f)
	if r := j.withdrawn(f); r != nil && s.Status == crash.Affected {
		s.Reason += fmt.Sprintf("; master took the fix back later, with %s", r.Commit[:citedDigits])
	}
	if j.unplaced != "" {
		return s
	}
	return j.packaged(s)
}

// FixedIn are the first releases with a fix that are known, that of master first, then
// by branch.
func (x *Index) FixedIn(f *Fix) (list []haproxy.Version) {
	if f.First.Raw != "" {
		list = append(list, f.First)
	}
	for i := range x.tables {
		t := &x.tables[i]
		if l, ok := x.Landed(t.Branch, f.Position); ok {
			v, err := haproxy.ParseVersion(fmt.Sprintf("%s.%d", t.Branch, l.Patch))
			if err == nil {
				list = append(list, v)
			}
		}
	}
	return list
}

// packaged adds that a distribution may have patched its package.
func (j *Judge) packaged(s Standing) Standing {
	if !j.v.Distro() {
		return s
	}
	switch s.Status {
	case crash.Affected:
		s.Reason += fmt.Sprintf("; affected upstream, your package (%s) may be patched", j.v.Suffix)
	case crash.VersionCannotTell:
		s.Reason += fmt.Sprintf("; your package (%s) may be patched besides", j.v.Suffix)
	}
	return s
}

// judge is Standing without the releases that have the fix.
func (j *Judge) judge(f *Fix) Standing {
	if j.unplaced != "" {
		return cannotTell(j.unplaced)
	}
	cited, err := j.cited()
	if err != nil {
		return cannotTell(err.Error())
	}
	p := j.presence(f)
	switch {
	case p.In == Yes:
		if r := j.takenBack(f, cited, maxFollow); r != nil {
			return cannotTell(fmt.Sprintf("the version has the fix, and %s, which takes it back", r.Commit[:citedDigits]))
		}
		return Standing{Status: crash.Fixed, Basis: p.Basis, Reason: p.Reason}
	case p.In == Unknown && (j.v.IsDev() || p.Release.Raw != ""):
		return cannotTell(p.Reason) // at the release, but how far past or before it is this build?
	}
	if s, ok := j.noBug(f, cited); ok {
		return s
	}
	if p.In == No && p.Release.Raw != "" && !j.v.IsDev() {
		return Standing{Status: crash.Affected, Basis: p.Basis, Reason: p.Reason}
	}
	wanted, why := j.wants(f, cited, maxFollow)
	switch {
	case wanted == No:
		return Standing{Status: crash.NotAffected, Basis: BasisClause, Estimated: true, Reason: why}
	case wanted == Unknown && p.In == No && j.givenUp(f):
		return Standing{Status: crash.NotAffected, Basis: p.Basis, Estimated: true,
			Reason: fmt.Sprintf("%s, and that was long after it was made: the branch did not need it", p.Reason)}
	case wanted == Unknown:
		return cannotTell(fmt.Sprintf("%s; %s", p.Reason, why))
	case p.In == No:
		return Standing{Status: crash.Affected, Basis: p.Basis, Estimated: j.mayBeYounger(f, cited), Reason: fmt.Sprintf("%s; %s", p.Reason, why)}
	}
	return j.byDay(f, p, why)
}

// presence says whether the version has a fix.
func (j *Judge) presence(f *Fix) Presence {
	p := j.has(f.Position, f.Date, true)
	if p.In == No && p.Basis == Changelog.String() && p.Release.Raw == "" && j.x.twin(f) {
		return Presence{Reason: "another fix has the same subject, and the changelog of the branch does not tell them apart"}
	}
	return p
}

// noBug decides versions that lack what brought the bug, or what makes it show.
func (j *Judge) noBug(f *Fix, cited *citations) (Standing, bool) {
	if born, why := j.origin(f, cited, maxFollow); born.In == No && born.Basis != BasisClause {
		return Standing{Status: crash.NotAffected, Basis: born.Basis, Reason: why}, true
	}
	if commit := j.dormant(f); commit != "" {
		return Standing{Status: crash.NotAffected, Basis: BasisGit, Estimated: true,
			Reason: fmt.Sprintf("the bug does not show before %s, which this build does not have", commit)}, true
	}
	return Standing{}, false
}

// byDay says whether a release of a branch that wants a fix came late enough after
// it to have it, where no table tells.
func (j *Judge) byDay(f *Fix, p Presence, why string) Standing {
	days := int(j.day.Sub(f.Date).Hours() / 24)
	switch {
	case j.v.BranchOnly():
		return cannotTell(fmt.Sprintf("%s; %s", why, p.Reason))
	case j.day.IsZero():
		return cannotTell(fmt.Sprintf("%s, but %s, nor the day of %s", why, p.Reason, j.v))
	case j.table != nil && j.v.Patch <= j.table.Complete || j.day.Sub(f.Date) < backportDelay:
		return cannotTell(fmt.Sprintf("%s, but the release came %d days after the fix: it may not have been in the branch yet", why, days))
	}
	return Standing{Status: crash.Fixed, Basis: BasisClause, Estimated: true,
		Reason: fmt.Sprintf("%s, %d days before this release", why, days)}
}

func cannotTell(reason string) Standing {
	return Standing{Status: crash.VersionCannotTell, Reason: reason}
}

// takenBack is the commit of the version that takes a fix back, nil when there
// is none, or when that one is itself taken back.
func (j *Judge) takenBack(f *Fix, cited *citations, depth int) *Fix {
	r := cited.revert[f.Commit[:citedDigits]]
	if r == nil || depth == 0 || j.has(r.Position, r.Date, true).In != Yes || j.takenBack(r, cited, depth-1) != nil {
		return nil
	}
	return r
}

// withdrawn is the commit of master that takes a fix back for good, or nil.
func (j *Judge) withdrawn(f *Fix) *Fix {
	cited, err := j.cited()
	if err != nil {
		return nil
	}
	r := cited.revert[f.Commit[:citedDigits]]
	if r == nil || cited.revert[r.Commit[:citedDigits]] != nil {
		return nil
	}
	return r
}

// givenUp says that the table of the branch goes on long enough after a fix to
// say that the branch will never have it.
func (j *Judge) givenUp(f *Fix) bool {
	if j.table == nil || len(j.table.Landings) == 0 || len(j.table.Releases) == 0 {
		return false
	}
	last := j.table.Releases[len(j.table.Releases)-1]
	return last.Patch <= j.table.Complete && last.Day.Sub(f.Date) > backportGivenUp
}
