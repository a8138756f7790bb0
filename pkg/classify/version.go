package classify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/classify/internal/sig"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// standing is how a version stands to a bug, and why.
type standing struct {
	status crash.VersionStatus
	basis  string
}

func stands(s crash.VersionStatus, format string, args ...any) standing {
	return standing{s, fmt.Sprintf(format, args...)}
}

// past is what HAProxy's history says of one version. What a signature says of
// its bug was read by a person and goes first; the index fills in what it leaves
// open, and knows where a build of master stands.
type past struct {
	v     haproxy.Version
	x     *history
	judge *fixes.Judge
}

func (db *DB) past(v haproxy.Version) (*past, error) {
	x, err := db.historyOf(v)
	if err != nil {
		return nil, err
	}
	return &past{v, x, x.Judge(v, time.Time{})}, nil
}

func (f *facts) standing(s *sig.Signature) standing {
	p, err := f.history()
	if err != nil {
		return stands(crash.VersionCannotTell, "%s", err)
	}
	return p.standing(s)
}

// standing decides how the version stands to the bug of a signature.
func (p *past) standing(s *sig.Signature) standing {
	fixed, err := haproxy.ParseVersion(sig.Of(s.Versions.Fixed, "master"))
	if err != nil {
		return stands(crash.VersionCannotTell, "the first release with the fix is not known")
	}
	var st standing
	switch {
	case p.v.IsDev():
		st = p.development(s, fixed)
	default:
		st = p.stable(s, fixed)
	}
	if p.v.Distro() {
		switch st.status {
		case crash.Affected:
			st.basis += "; affected upstream, your package (" + p.v.Suffix + ") may be patched"
		case crash.VersionCannotTell:
			st.basis += "; your package (" + p.v.Suffix + ") may be patched besides"
		}
	}
	return st
}

// span is where something happened on master: at one commit, or between two
// tags when that is all that is known.
type span struct{ from, to int }

// stretch is the span of what is first in a tag.
func (p *past) stretch(tag haproxy.Version) (span, bool) {
	at, ok := p.x.Tag(tag)
	if !ok {
		return span{}, false
	}
	s := span{0, at.Position}
	for _, t := range p.x.Tags() {
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
func (p *past) reached(s span, commits []string) fixes.Answer {
	switch {
	case p.has(s.to) == fixes.Yes:
		return fixes.Yes
	case p.has(s.from) == fixes.No:
		return fixes.No
	}
	first, last := s.to, s.from-1
	for _, c := range commits {
		if n, err := p.x.Order(c); err == nil && n >= s.from && n <= s.to {
			first, last = min(first, n), max(last, n)
		}
	}
	switch {
	case last < s.from:
		return fixes.Unknown
	case p.has(last) == fixes.Yes:
		return fixes.Yes
	case p.has(first) == fixes.No:
		return fixes.No
	}
	return fixes.Unknown
}

func (p *past) has(position int) fixes.Answer {
	return p.judge.Has(position, time.Time{}, false).In
}

// development decides builds of master by its order.
func (p *past) development(s *sig.Signature, fixed haproxy.Version) standing {
	tag := p.v
	tag.CommitCount = 0
	at, known := p.stretch(fixed)
	if lost := p.judge.Lost(); lost != "" || !known {
		switch {
		case tag.Compare(fixed) >= 0:
			return stands(crash.Fixed, "git: the fix is in %s, the build is %s", fixed, p.v.Raw)
		case lost != "":
			return stands(crash.VersionCannotTell, "%s", lost)
		}
		at = span{p.x.Len(), p.x.Len()} // tagged after the index was made
	}
	switch fix, all := p.reached(at, []string{s.Fix}), p.reached(at, append([]string{s.Fix}, s.Related...)); {
	case all == fixes.Yes:
		return stands(crash.Fixed, "git: the fix is in %s, the build is %s", fixed, p.v.Raw)
	case fix == fixes.Yes:
		return stands(crash.VersionCannotTell, "git: the build has fix %s, but not all that belongs to it", s.Fix)
	case fix == fixes.Unknown:
		return stands(crash.VersionCannotTell, "git: the build lies between %s and %s, and so does the fix", tag, fixed)
	}
	intro, err := haproxy.ParseVersion(sig.Of(s.Versions.Introduced, "master"))
	if born, ok := p.stretch(intro); err == nil && ok {
		switch p.reached(born, slices.Concat(s.IntroducedBy, s.ExposedBy)) {
		case fixes.No:
			return stands(crash.NotAffected, "git: the bug is not older than %s", intro)
		case fixes.Unknown:
			return stands(crash.VersionCannotTell, "git: the build lies between %s and %s, and so does the origin of the bug", tag, intro)
		}
	}
	return stands(crash.Affected, "git: %s is older than %s, the first release with the fix", tag, fixed)
}

// stable decides stable releases: exactly by tables, else by the backport
// clause, which is an estimate.
func (p *past) stable(s *sig.Signature, fixed haproxy.Version) standing {
	v := p.v
	branch := v.Branch()
	first := haproxy.Version{Major: v.Major, Minor: v.Minor, Patch: 0, Dev: -1, RC: -1} // X.Y.0
	if fixed.Compare(first) <= 0 {
		return stands(crash.Fixed, "git: the fix came in %s, before %s", fixed, first)
	}
	if v.BranchOnly() {
		if st, ok := p.tooOld(s, first); ok {
			return st
		}
		return stands(crash.VersionCannotTell, "only the branch %s is known, not the release", branch)
	}
	if in := sig.Of(s.Versions.Fixed, branch); in != "" {
		if z, err := haproxy.ParseVersion(in); err == nil {
			if v.Patch >= z.Patch {
				return stands(crash.Fixed, "changelog: the fix is in %s", z)
			}
			if st, ok := p.tooOld(s, first); ok {
				return st
			}
			return stands(crash.Affected, "changelog: the fix came in %s", z)
		}
	}
	fix := p.hasFix(s, s.Fix)
	if fix.In == fixes.Yes {
		for _, c := range s.Related {
			if p.hasFix(s, c).In == fixes.No {
				return stands(crash.VersionCannotTell, "%s: the release has fix %s, but not %s, which belongs to it", fix.Basis, s.Fix, c)
			}
		}
		return stands(crash.Fixed, "%s: the fix is in %s", fix.Basis, fix.Release)
	}
	if st, ok := p.tooOld(s, first); ok {
		return st
	}
	if fix.In == fixes.No && fix.Release.Raw != "" {
		return stands(crash.Affected, "%s: the fix came in %s", fix.Basis, fix.Release)
	}
	wanted, why := wants(s, branch, first)
	switch {
	case wanted == no:
		return stands(crash.NotAffected, "clause, an estimate: %s", why)
	case wanted == unsure:
		return stands(crash.VersionCannotTell, "%s", why)
	case v.Patch == 0:
		return stands(crash.Affected, "git: the fix is newer than %s; clause: %s", first, why)
	case fix.In == fixes.No:
		return stands(crash.Affected, "%s: the releases up to %s lack the fix; clause: %s", fix.Basis, p.lacking(fix, branch), why)
	}
	return stands(crash.VersionCannotTell, "%s, but which release of %s got it is not known here", why, branch)
}

// lacking is the last release that is known to lack a fix.
func (p *past) lacking(fix fixes.Presence, branch string) string {
	if last, ok := p.x.Complete(branch); ok && fix.Basis != fixes.BasisGit {
		return last.String()
	}
	return p.v.String()
}

// hasFix says whether the version has a commit of a signature. That the branch's
// table does not list it counts only if the signature was searched for in them.
func (p *past) hasFix(s *sig.Signature, commit string) fixes.Presence {
	position, err := p.x.Order(commit)
	if err != nil {
		return fixes.Presence{}
	}
	date := time.Time{}
	if commit == s.Fix {
		date, _ = time.Parse(time.DateOnly, s.Versions.FixDate)
	}
	return p.judge.Has(position, date, s.Versions.Complete)
}

// tooOld decides releases from before the bug.
func (p *past) tooOld(s *sig.Signature, first haproxy.Version) (standing, bool) {
	v := p.v
	if in := sig.Of(s.Versions.Introduced, v.Branch()); in != "" {
		if z, err := haproxy.ParseVersion(in); err == nil && v.Patch >= 0 && v.Patch < z.Patch {
			return stands(crash.NotAffected, "changelog: the bug came to this branch in %s", z), true
		}
		return standing{}, false
	}
	in := sig.Of(s.Versions.Introduced, "master")
	intro, err := haproxy.ParseVersion(in)
	if in == "" || err != nil || intro.Compare(first) <= 0 {
		return standing{}, false
	}
	// The bug is younger than X.Y.0. A branch gets it only with a backport.
	if sig.Of(s.Versions.Fixed, v.Branch()) != "" {
		return standing{}, false
	}
	if floor, err := haproxy.ParseVersion(s.Versions.Floor); err == nil && v.CompareBranch(floor) >= 0 {
		return stands(crash.VersionCannotTell, "the bug began in %s; whether a release of %s got it by a backport is not known here", intro, v.Branch()), true
	}
	return stands(crash.NotAffected, "git: the bug began in %s, after %s", intro, first), true
}

type answer int

const (
	unsure answer = iota
	yes
	no
)

// wants says whether the fix was meant for a branch.
func wants(s *sig.Signature, branch string, first haproxy.Version) (answer, string) {
	switch s.Versions.Floor {
	case "none":
		return no, "no backport was asked for, the bug never left development"
	case "all":
		return yes, "the fix was asked for in all branches"
	case "unknown":
		return unsure, "the fix does not say which branches need it"
	}
	floor, err := haproxy.ParseVersion(s.Versions.Floor)
	if err != nil {
		return unsure, "the fix does not say which branches need it"
	}
	if first.CompareBranch(floor) < 0 {
		return no, "the fix was asked for down to " + floor.Branch() + " only"
	}
	return yes, "the fix was asked for down to " + floor.Branch()
}

// fixedIn lists the first releases with the fix, that of master first.
func fixedIn(s *sig.Signature) []string {
	var out []string
	for _, r := range s.Versions.Fixed {
		out = append(out, r.Version)
	}
	return out
}

// upgrade says what to upgrade to.
func upgrade(s *sig.Signature, v haproxy.Version, known bool) string {
	master := sig.Of(s.Versions.Fixed, "master")
	fix := s.Fix[:min(len(s.Fix), 10)]
	if known && v.IsDev() {
		return "Upgrade to " + master + " or later."
	}
	if known {
		if z := sig.Of(s.Versions.Fixed, v.Branch()); z != "" {
			return "Upgrade to " + z + " or later."
		}
	}
	return "Upgrade to a release that contains fix " + fix + ": " + strings.Join(fixedIn(s), ", ") + " or later; see http://www.haproxy.org/bugs/ for other branches."
}
