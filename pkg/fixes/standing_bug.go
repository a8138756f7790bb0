package fixes

import (
	"fmt"
	"slices"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Bug is a bug as somebody describes it who read its commits.
type Bug struct {
	// Fix is the master commit that fixes the bug, 10 hex digits or more;
	// Related are others that belong to it.
	Fix          string
	Related      []string
	ExposedBy    []string
	IntroducedBy []string
	Versions     Versions
}

// Versions says which releases have a bug.
type Versions struct {
	// Introduced are the first releases with the bug, by branch; the one of
	// "master" is a development or X.Y.0 release. Empty when not known.
	Introduced Releases
	// Fixed are the first releases without it.
	Fixed Releases
	// Floor is the backport clause of the fix: the lowest branch it was asked
	// for ("2.6"), "all", "none" (the bug never left development) or "unknown".
	Floor string
	// FixDate is that of the master commit, YYYY-MM-DD.
	FixDate string
	// Complete: stable releases were searched for the fix as far as the table
	// of searched releases goes, so that a branch without an entry in Fixed
	// lacks the fix up to there.
	Complete bool
}

// BranchRelease is a release of a branch; the branch may be "master".
type BranchRelease struct{ Branch, Version string }

// Releases has one release a branch at most.
type Releases []BranchRelease

// Of gives the release of a branch, "" when there is none.
func (rr Releases) Of(branch string) string {
	for _, r := range rr {
		if r.Branch == branch {
			return r.Version
		}
	}
	return ""
}

// In is Of, read.
func (rr Releases) In(branch string) (haproxy.Version, bool) {
	v, err := haproxy.ParseVersion(rr.Of(branch))
	return v, err == nil
}

// clause is what the fix was asked for.
func (v *Versions) clause() Clause {
	switch v.Floor {
	case "none":
		return Clause{Kind: None}
	case "all":
		return Clause{Kind: All}
	}
	if _, err := haproxy.ParseVersion(v.Floor); err != nil {
		return Clause{}
	}
	return Clause{Kind: Floor, Floor: v.Floor}
}

// Bug says how the version stands to a bug that somebody described. What was read of
// releases goes before what the index says; the index fills in what is left open, and
// knows where a build of master stands.
func (j *Judge) Bug(b *Bug) Standing {
	fixed, ok := b.Versions.Fixed.In("master")
	switch {
	case !ok:
		return cannotTell("the first release with the fix is not known")
	case j.v.IsDev():
		return j.packaged(j.bugOfMaster(b, fixed))
	}
	return j.packaged(j.bugOfBranch(b, fixed))
}

func told(status crash.VersionStatus, basis, format string, args ...any) Standing {
	return Standing{Status: status, Basis: basis, Reason: fmt.Sprintf(format, args...)}
}

// span is where something happened on master: at one commit, or between two
// tags when that is all that is known.
type span struct{ from, to int }

// stretch is the span of what is first in a tag.
func (x *Index) stretch(tag haproxy.Version) (span, bool) {
	at, ok := x.Tag(tag)
	if !ok {
		return span{}, false
	}
	s := span{0, at.Position}
	for _, t := range x.tags {
		if t.Position >= at.Position {
			break
		}
		s.from = t.Position + 1
	}
	return s, true
}

// reached says whether the build has what happened in a span: No when it is from
// before all of it, Unknown when it has a part. The commits that did it narrow the
// span, those of them that the index knows and that lie in it; they are looked for
// only if they matter.
func (j *Judge) reached(s span, commits ...string) Answer {
	has := func(position int) Answer { return j.has(position, time.Time{}, false).In }
	switch {
	case has(s.to) == Yes:
		return Yes
	case has(s.from) == No:
		return No
	}
	first, last := s.to, s.from-1
	for _, c := range commits {
		if n, err := j.x.Order(c); err == nil && n >= s.from && n <= s.to {
			first, last = min(first, n), max(last, n)
		}
	}
	switch {
	case last < s.from:
		return Unknown
	case has(last) == Yes:
		return Yes
	case has(first) == No:
		return No
	}
	return Unknown
}

// bugOfMaster decides builds of master by its order.
func (j *Judge) bugOfMaster(b *Bug, fixed haproxy.Version) Standing {
	tag := j.v
	tag.CommitCount = 0
	hasFix := told(crash.Fixed, BasisGit, "the fix is in %s, the build is %s", fixed, j.v.Raw)
	at, known := j.x.stretch(fixed)
	switch {
	case known && j.unplaced == "":
	case tag.Compare(fixed) >= 0:
		return hasFix
	case j.unplaced != "":
		return cannotTell(j.unplaced)
	default:
		at = span{j.x.len(), j.x.len()} // tagged after the index was made
	}
	switch fix, all := j.reached(at, b.Fix), j.reached(at, append([]string{b.Fix}, b.Related...)...); {
	case all == Yes:
		return hasFix
	case fix == Yes:
		return told(crash.VersionCannotTell, BasisGit, "the build has fix %s, but not all that belongs to it", b.Fix)
	case fix == Unknown:
		return told(crash.VersionCannotTell, BasisGit, "the build lies between %s and %s, and so does the fix", tag, fixed)
	}
	intro, _ := b.Versions.Introduced.In("master")
	if born, ok := j.x.stretch(intro); ok {
		switch j.reached(born, slices.Concat(b.IntroducedBy, b.ExposedBy)...) {
		case No:
			return told(crash.NotAffected, BasisGit, "the bug is not older than %s", intro)
		case Unknown:
			return told(crash.VersionCannotTell, BasisGit, "the build lies between %s and %s, and so does the origin of the bug", tag, intro)
		}
	}
	return told(crash.Affected, BasisGit, "%s is older than %s, the first release with the fix", tag, fixed)
}

// bugOfBranch decides stable releases: exactly by tables, else by the backport
// clause, which is an estimate.
func (j *Judge) bugOfBranch(b *Bug, fixed haproxy.Version) Standing {
	branch := j.v.Branch()
	zero := haproxy.Version{Major: j.v.Major, Minor: j.v.Minor, Dev: -1, RC: -1}
	if fixed.Compare(zero) <= 0 {
		return told(crash.Fixed, BasisGit, "the fix came in %s, before %s", fixed, zero)
	}
	in, listed := b.Versions.Fixed.In(branch)
	var fix Presence
	if !listed && !j.v.BranchOnly() {
		fix = j.hasFix(b, b.Fix)
	}
	switch {
	case listed && j.v.Patch >= in.Patch:
		return told(crash.Fixed, Changelog.String(), "the fix is in %s", in)
	case fix.In == Yes:
		return j.wholeFix(b, fix)
	}
	if s, ok := j.unborn(b, zero); ok {
		return s
	}
	made, _ := time.Parse(time.DateOnly, b.Versions.FixDate)
	wanted, why := j.asked(b.Versions.clause(), made)
	switch {
	case j.v.BranchOnly():
		return cannotTell("only the branch " + branch + " is known, not the release")
	case listed:
		return told(crash.Affected, Changelog.String(), "the fix came in %s", in)
	case fix.In == No && fix.Release.Raw != "":
		return told(crash.Affected, fix.Basis, "the fix came in %s", fix.Release)
	case fix.In == No && b.came(branch, zero, wanted):
		return told(crash.Affected, fix.Basis, "the releases up to %s lack the fix, and the branch has what brought the bug", j.lacking(fix))
	case wanted == No:
		return Standing{Status: crash.NotAffected, Basis: BasisClause, Estimated: true, Reason: why}
	case wanted == Unknown:
		return cannotTell(why)
	case j.v.Patch == 0:
		return told(crash.Affected, BasisGit, "the fix is newer than %s; clause: %s", zero, why)
	case fix.In == No:
		return told(crash.Affected, fix.Basis, "the releases up to %s lack the fix; clause: %s", j.lacking(fix), why)
	}
	return cannotTell(fmt.Sprintf("%s, but which release of %s got it is not known here", why, branch))
}

// came says that a branch has the bug, whatever the fix asks for: a release of it is
// named that got it, or the bug is older than X.Y.0 and nobody looked at the branch.
func (b *Bug) came(branch string, zero haproxy.Version, wanted Answer) bool {
	if b.Versions.Introduced.Of(branch) != "" {
		return true
	}
	intro, ok := b.Versions.Introduced.In("master")
	return ok && wanted == Unknown && b.Versions.clause().Kind == Floor && intro.Compare(zero) <= 0
}

// wholeFix looks, in a release with the fix, for what belongs to it.
func (j *Judge) wholeFix(b *Bug, fix Presence) Standing {
	for _, c := range b.Related {
		if j.hasFix(b, c).In == No {
			return told(crash.VersionCannotTell, fix.Basis, "the release has fix %s, but not %s, which belongs to it", b.Fix, c)
		}
	}
	return told(crash.Fixed, fix.Basis, "the fix is in %s", fix.Release)
}

// lacking is the last release that is known to lack a fix.
func (j *Judge) lacking(fix Presence) haproxy.Version {
	if last, ok := j.x.Complete(j.v.Branch()); ok && fix.Basis != BasisGit {
		return last
	}
	return j.v
}

// hasFix says whether the version has a commit of the fix. That the branch's table
// does not list it counts only if the bug was searched for in them.
func (j *Judge) hasFix(b *Bug, commit string) Presence {
	position, err := j.x.Order(commit)
	if err != nil {
		return Presence{}
	}
	date := time.Time{}
	if commit == b.Fix {
		date, _ = time.Parse(time.DateOnly, b.Versions.FixDate)
	}
	return j.has(position, date, b.Versions.Complete)
}

// unborn decides releases from before the bug.
func (j *Judge) unborn(b *Bug, zero haproxy.Version) (Standing, bool) {
	branch := j.v.Branch()
	if z, ok := b.Versions.Introduced.In(branch); ok {
		if j.v.Patch >= 0 && j.v.Patch < z.Patch {
			return told(crash.NotAffected, Changelog.String(), "the bug came to this branch in %s", z), true
		}
		return Standing{}, false
	}
	intro, ok := b.Versions.Introduced.In("master")
	// A bug that is younger than X.Y.0 came to the branch with a backport only, as it
	// did where a release of the branch has the fix.
	if !ok || intro.Compare(zero) <= 0 || b.Versions.Fixed.Of(branch) != "" {
		return Standing{}, false
	}
	if c := b.Versions.clause(); c.Kind == Floor && !j.below(c.Floor) {
		return cannotTell(fmt.Sprintf("the bug began in %s; whether a release of %s got it by a backport is not known here", intro, branch)), true
	}
	return told(crash.NotAffected, BasisGit, "the bug began in %s, after %s", intro, zero), true
}
