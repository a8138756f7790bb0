package classify

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/classify/internal/sig"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// tags lists the tags of master since 2.0: version, commit, date. It is searched
// as text, so that it costs nothing until it is needed.
//
//go:embed data/tags.txt
var tags string

// tagOf finds the commit and the date of a tag such as 3.2-dev5.
func tagOf(version string) (commit, date string, ok bool) {
	for rest := tags; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		name, tail, _ := strings.Cut(line, " ")
		if name == version {
			commit, date, ok = strings.Cut(tail, " ")
			return commit, date, ok
		}
	}
	return "", "", false
}

// searched is the last release of a branch whose changelog, or whose branch with
// its cherry-pick lines, was searched for the fixes of signatures marked
// complete; -1 for branches that were not.
func searched(branch string) int {
	switch branch {
	case "2.2":
		return 19
	case "2.4":
		return 9
	case "2.6":
		return 23
	case "2.8":
		return 14
	case "3.0":
		return 11
	case "3.2":
		return 26
	}
	return -1
}

// standing is how a version stands to a bug, and why.
type standing struct {
	status crash.VersionStatus
	basis  string
}

func stands(s crash.VersionStatus, format string, args ...any) standing {
	return standing{s, fmt.Sprintf(format, args...)}
}

// standingOf decides how version v stands to the bug of a signature.
func standingOf(s *sig.Signature, v haproxy.Version) standing {
	fixed, err := haproxy.ParseVersion(sig.Of(s.Versions.Fixed, "master"))
	if err != nil {
		return stands(crash.VersionCannotTell, "the first release with the fix is not known")
	}
	var st standing
	switch {
	case v.IsDev():
		st = developmentStanding(s, v, fixed)
	default:
		st = stableStanding(s, v, fixed)
	}
	if v.Distro() {
		switch st.status {
		case crash.Affected:
			st.basis += "; affected upstream, your package (" + v.Suffix + ") may be patched"
		case crash.VersionCannotTell:
			st.basis += "; your package (" + v.Suffix + ") may be patched besides"
		}
	}
	return st
}

// developmentStanding decides builds of master by the order of its tags.
func developmentStanding(s *sig.Signature, v, fixed haproxy.Version) standing {
	// past says that the build may have commits after its tag.
	past := v.CommitCount > 0
	if v.Commit != "" && !past {
		commit, _, ok := tagOf(v.String())
		past = !ok || !strings.HasPrefix(commit, v.Commit) && !strings.HasPrefix(v.Commit, commit)
	}
	tag := v
	tag.CommitCount = 0
	if tag.Compare(fixed) >= 0 {
		return stands(crash.Fixed, "git: the fix is in %s, the build is %s", fixed, v.Raw)
	}
	if past && nextTag(tag) == fixed.String() {
		return stands(crash.VersionCannotTell, "git: the build lies between %s and %s, and so does the fix", tag, fixed)
	}
	if in := sig.Of(s.Versions.Introduced, "master"); in != "" {
		intro, err := haproxy.ParseVersion(in)
		if err == nil && tag.Compare(intro) < 0 {
			if past && nextTag(tag) == intro.String() {
				return stands(crash.VersionCannotTell, "git: the build lies between %s and %s, and so does the origin of the bug", tag, intro)
			}
			return stands(crash.NotAffected, "git: the bug is not older than %s", intro)
		}
	}
	return stands(crash.Affected, "git: %s is older than %s, the first release with the fix", tag, fixed)
}

// nextTag is the tag of master after v, "" when not known.
func nextTag(v haproxy.Version) string {
	if v.Dev < 0 {
		return ""
	}
	next := v
	next.Dev++
	if _, _, ok := tagOf(next.String()); ok {
		return next.String()
	}
	next.Dev, next.Patch = -1, 0
	if _, _, ok := tagOf(next.String()); ok {
		return next.String()
	}
	return ""
}

// stableStanding decides stable releases: exactly by tables, else by the backport
// clause, which is an estimate.
func stableStanding(s *sig.Signature, v, fixed haproxy.Version) standing {
	branch := v.Branch()
	first := haproxy.Version{Major: v.Major, Minor: v.Minor, Patch: 0, Dev: -1, RC: -1} // X.Y.0
	if fixed.Compare(first) <= 0 {
		return stands(crash.Fixed, "git: the fix came in %s, before %s", fixed, first)
	}
	if v.BranchOnly() {
		if st, ok := tooOld(s, v, first); ok {
			return st
		}
		return stands(crash.VersionCannotTell, "only the branch %s is known, not the release", branch)
	}
	if in := sig.Of(s.Versions.Fixed, branch); in != "" {
		if z, err := haproxy.ParseVersion(in); err == nil {
			if v.Patch >= z.Patch {
				return stands(crash.Fixed, "changelog: the fix is in %s", z)
			}
			if st, ok := tooOld(s, v, first); ok {
				return st
			}
			return stands(crash.Affected, "changelog: the fix came in %s", z)
		}
	}
	if st, ok := tooOld(s, v, first); ok {
		return st
	}
	wanted, why := wants(s, branch, first)
	switch {
	case wanted == no:
		return stands(crash.NotAffected, "clause, an estimate: %s", why)
	case wanted == unsure:
		return stands(crash.VersionCannotTell, "%s", why)
	case v.Patch == 0:
		return stands(crash.Affected, "git: the fix is newer than %s; clause: %s", first, why)
	case s.Versions.Complete && v.Patch <= searched(branch):
		return stands(crash.Affected, "changelog: the releases up to %s lack the fix; clause: %s",
			branch+"."+strconv.Itoa(searched(branch)), why)
	}
	return stands(crash.VersionCannotTell, "%s, but which release of %s got it is not known here", why, branch)
}

// tooOld decides releases from before the bug.
func tooOld(s *sig.Signature, v, first haproxy.Version) (standing, bool) {
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
