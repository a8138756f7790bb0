package classify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/signatures"
)

// Points that make a match.
const (
	probablePoints = 40
	exactPoints    = 60
	versionPoints  = 20
)

// candidate is a signature that fits, and how the version stands to its bug.
type candidate struct {
	signatures.Fit
	standing fixes.Standing
}

// judge adds what the version says to a candidate.
func (f *facts) judge(c *candidate) {
	if !f.placed() {
		c.standing = fixes.Standing{Status: crash.VersionCannotTell, Reason: "the version of HAProxy is not known"}
		return
	}
	c.standing = f.standing(c.Signature)
	if c.standing.Status == crash.Affected {
		c.Gain(versionPoints, fmt.Sprintf("%s lacks the fix (first in %s)", f.named(), firstFix(c.Signature, f.version.Branch())))
	}
}

// standing is how the version stands to the bug of a signature.
func (f *facts) standing(s *signatures.Signature) fixes.Standing {
	p, err := f.history()
	if err != nil {
		return fixes.Standing{Status: crash.VersionCannotTell, Reason: err.Error()}
	}
	return p.judge.Bug(&s.Bug)
}

// doubt says why a signature that fits may be another bug, "" when it is this one.
func (f *facts) doubt(c *candidate) string {
	s := c.Signature
	switch {
	case !s.Unique:
		return "other bugs may look the same"
	case !f.values.Decides(s):
		var keys []string
		for _, group := range s.Decisive {
			for _, t := range group {
				keys = append(keys, t.Key)
			}
		}
		slices.Sort(keys)
		return "its " + words(slices.Compact(keys)) + " does not tell it from other bugs"
	case len(s.Lookalikes) == 0 || !f.placed():
		return ""
	}
	p, err := f.history()
	if err != nil {
		return err.Error()
	}
	if other := p.judge.LacksAny(s.Lookalikes); other != "" {
		return fmt.Sprintf("%s may lack fix %s too, whose bug looks the same", f.named(), other[:min(10, len(other))])
	}
	return ""
}

// firstFix is the first release with the fix that the user of a branch can take.
func firstFix(s *signatures.Signature, branch string) string {
	if z := s.Versions.Fixed.Of(branch); z != "" {
		return z
	}
	return s.Versions.Fixed.Of("master")
}

// live says that the version may suffer from the bug.
func (c *candidate) live() bool {
	return c.standing.Lacks()
}

// fixedIn lists the first releases with the fix, that of master first.
func fixedIn(s *signatures.Signature) []string {
	var out []string
	for _, r := range s.Versions.Fixed {
		out = append(out, r.Version)
	}
	return out
}

// upgrade says what to upgrade to. Nobody is sent to a development version who has not one
// already, unless no release has the fix.
func (f *facts) upgrade(s *signatures.Signature) string {
	dev := f.hasVersion && f.version.IsDev()
	var all []haproxy.Version
	var names []string
	for _, r := range s.Versions.Fixed {
		v, err := haproxy.ParseVersion(r.Version)
		if err != nil {
			continue
		}
		all = append(all, v)
		if dev || !v.IsDev() {
			names = append(names, r.Version)
		}
	}
	if names == nil {
		names = fixedIn(s)
	}
	if p, err := f.history(); err == nil && f.hasVersion {
		if to, ok := p.x.FirstWith(f.version, all); ok && (to.Branch() == f.version.Branch() || dev) {
			return "Upgrade to " + to.String() + " or later."
		}
	}
	return "Upgrade to a release that contains fix " + s.Fix[:min(len(s.Fix), 10)] + ": " + strings.Join(names, ", ") +
		" or later; see http://www.haproxy.org/bugs/ for other branches."
}
