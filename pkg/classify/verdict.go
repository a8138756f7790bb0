package classify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/signatures"
)

// maxMatches bounds the list of a verdict that cannot decide.
const maxMatches = 5

// Classify says what is known of a crash. It does not change the crash.
func (db *DB) Classify(c *crash.Crash) crash.Verdict {
	if g := withGuesses(c); g != nil {
		return g.verdict(db)
	}
	return db.classify(c)
}

func (db *DB) classify(c *crash.Crash) crash.Verdict {
	if c.Provoked != "" {
		return crash.Verdict{Status: crash.UnknownBug, Why: "crashed on purpose by " + c.Provoked + ", so there is no bug to look for"}
	}
	if why := noBug(c); why != "" {
		return crash.Verdict{Status: crash.CannotTell, Why: why}
	}
	f := factsOf(c)
	f.setup = db.setup
	f.history = sync.OnceValues(func() (*past, error) { return db.past(f) })
	var live, fixed, fallback []candidate
	fits := false
	var near []signatures.Fit
	for i := range db.sigs {
		t := f.values.Try(&db.sigs[i])
		if !t.Holds {
			if len(t.Missing) > 0 && t.Score > 0 {
				near = append(near, t)
			}
			continue
		}
		cand := candidate{Fit: t}
		f.judge(&cand)
		switch {
		case cand.standing.Status == crash.NotAffected, cand.Score < probablePoints:
		case cand.standing.Status == crash.Fixed && !resembles(cand.Signature):
		case cand.Signature.Fallback:
			if cand.live() {
				fallback = append(fallback, cand)
			}
		case cand.live():
			live, fits = append(live, cand), true
		default:
			fixed, fits = append(fixed, cand), true
		}
	}
	if !fits {
		live = fallback
	}
	var v crash.Verdict
	switch {
	case len(live) > 0:
		v = f.liveVerdict(live)
	case len(fixed) > 0:
		v = f.fixedVerdict(fixed)
	default:
		v = f.nothing()
	}
	if v.Status != crash.Known {
		v.Near = f.near(near)
	}
	return f.doubted(f.suspect(v))
}

// noBug says why there is no bug of HAProxy's to look for; empty if there may be one.
func noBug(c *crash.Crash) string {
	switch {
	case c.Kind == crash.Snapshot:
		return "this is the state of a process that lived on: nothing ended it"
	case c.Signal == nil || !c.Signal.Outside:
		return ""
	case c.Signal.SenderPID > 0:
		return fmt.Sprintf("process %d sent %s, so what ended it is not in HAProxy", c.Signal.SenderPID, c.SignalName())
	}
	return c.SignalName() + " was sent from outside of the process's pid namespace, so what ended it is not in HAProxy"
}

// resembles says whether a crash of a fixed version may be said to look like the
// bug. Muxes and states alone fit too much for that; a condition, the caller of
// a pool, or a signature that fits one bug only do not.
func resembles(s *signatures.Signature) bool {
	return s.Unique || slices.ContainsFunc(s.Require, func(t signatures.Test) bool {
		return t.Key == "condition" || t.Key == "pool_caller"
	})
}

// liveVerdict words signatures that fit a version which may suffer from them.
func (f *facts) liveVerdict(live []candidate) crash.Verdict {
	sortCandidates(live)
	v := crash.Verdict{Status: crash.Probable}
	best := live[0]
	doubt := f.doubt(&best)
	exact := len(live) == 1 && doubt == "" && best.Score >= exactPoints && best.standing.Status == crash.Affected
	for _, c := range live[:min(len(live), maxMatches)] {
		v.Matches = append(v.Matches, f.match(c, crash.ConfidenceProbable))
	}
	switch {
	case exact:
		v.Status = crash.Known
		v.Matches[0].Confidence = crash.ConfidenceExact
		v.Why = fmt.Sprintf("the facts fit %s, and %s lacks its fix", best.Signature.ID, f.named())
	case len(live) > 1:
		v.Why = fmt.Sprintf("%d known bugs fit and the facts do not tell them apart", len(live))
		if !f.placed() {
			v.Why += "; the version of HAProxy would help"
		}
	case !f.placed():
		v.Why = "the facts fit " + best.Signature.ID + ", but the version of HAProxy is not known"
	case best.standing.Status == crash.VersionCannotTell:
		v.Why = fmt.Sprintf("the facts fit %s, but whether %s has the fix cannot be told: %s", best.Signature.ID, f.named(), best.standing.Why())
	case doubt != "":
		v.Why = "the facts fit " + best.Signature.ID + ", but " + doubt
	default:
		v.Why = "the facts fit " + best.Signature.ID + ", but they are few"
	}
	return v
}

// fixedVerdict words signatures that fit, but not this version.
func (f *facts) fixedVerdict(fixed []candidate) crash.Verdict {
	sortCandidates(fixed)
	best := fixed[0]
	v := crash.Verdict{
		Status: crash.AlreadyFixed,
		Why: fmt.Sprintf("it looks like %s, which %s already has the fix for (%s): a new bug or a changed build",
			best.Signature.ID, f.named(), best.standing.Why()),
		Advice: "Report it as a new bug to https://github.com/haproxy/haproxy/issues, and name issues " + issues(fixed) + ".",
	}
	if issues(fixed) == "" {
		v.Advice = "Report it as a new bug to https://github.com/haproxy/haproxy/issues."
	}
	for _, c := range fixed[:min(len(fixed), maxMatches)] {
		m := f.match(c, crash.ConfidenceProbable)
		m.Advice = "This version already has fix " + c.Signature.Fix[:min(10, len(c.Signature.Fix))] + "; upgrading for it will not help."
		v.Matches = append(v.Matches, m)
	}
	return v
}

// nearPoints are those of a signature that is worth mentioning although the input does not
// tell all of its facts: a kind of crash, and a function or the like.
const nearPoints = 30

// near are signatures that fit but for what the input does not tell, of bugs that the
// version may have.
func (f *facts) near(list []signatures.Fit) []crash.Match {
	var found []candidate
	for _, t := range list {
		c := candidate{Fit: t}
		if t.Signature.Fallback || t.Score < nearPoints {
			continue
		}
		if f.judge(&c); c.live() {
			found = append(found, c)
		}
	}
	sortCandidates(found)
	var out []crash.Match
	for _, c := range found[:min(len(found), maxMatches)] {
		m := f.match(c, crash.ConfidenceProbable)
		m.Lacks = c.Missing
		out = append(out, m)
	}
	return out
}

// nothing words the case that no signature fits.
func (f *facts) nothing() crash.Verdict {
	switch f.crash.Kind {
	case crash.Killed:
		return crash.Verdict{Status: crash.UnknownBug, Why: "a signal from outside ended the process, which is no bug by itself"}
	case crash.OutOfMemory:
		return crash.Verdict{Status: crash.UnknownBug, Why: "memory ran out, and nothing here says what used it"}
	}
	if missing := f.lacking(); missing != "" {
		return crash.Verdict{Status: crash.CannotTell, Why: "too few facts: " + missing}
	}
	return crash.Verdict{Status: crash.UnknownBug, Why: "no signature fits these facts"}
}

// lacking says what a verdict would need, "" when there is enough.
func (f *facts) lacking() string {
	const names = "no function on the stack has a name that can be trusted"
	c := f.crash
	switch c.Kind {
	case crash.Spinning:
		if f.first("object") == "" {
			return "the spinning object is not named"
		}
		if f.first("applet") == "" && f.first("object") != "STREAM" {
			return "the applet that spins is not named"
		}
		for _, key := range [...]string{"applet", "front_mux", "back_mux", "filter"} {
			if len(f.values[key]) > 0 {
				return ""
			}
		}
		return "the dump of the stream is missing"
	case crash.BugOn, crash.WarnOn:
		if f.first("condition") == "" && len(f.useful) == 0 {
			return "no condition was printed, and " + names
		}
	case crash.PoolCorruption:
		if f.first("pool_caller") == "" && f.first("pool") == "" && len(f.useful) == 0 {
			return "neither the pool nor its caller is named"
		}
	case crash.Unknown, "":
		if len(f.useful) == 0 {
			return "what happened is not known"
		}
	default:
		if len(f.useful) == 0 {
			return names
		}
	}
	return ""
}

// match words a candidate.
func (f *facts) match(c candidate, confidence string) crash.Match {
	s := c.Signature
	m := crash.Match{
		ID: s.ID, Title: s.Title, Score: c.Score, Confidence: confidence, Because: c.Because(),
		Fixes: append([]string{s.Fix}, s.Related...), Issues: s.Issues, CVEs: s.CVEs,
		ExposedBy: s.ExposedBy, IntroducedBy: s.IntroducedBy,
		VersionStatus: c.standing.Status, Basis: c.standing.Why(), FixedIn: fixedIn(s), Facts: s.Facts,
		Advice: f.upgrade(s),
	}
	if s.Advice != "" {
		m.Advice += " " + s.Advice
	}
	return m
}

// sortCandidates puts the best first; between equals the newest fix, then the ID,
// so that verdicts are stable.
func sortCandidates(cc []candidate) {
	slices.SortStableFunc(cc, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score),
			strings.Compare(b.Signature.Versions.FixDate, a.Signature.Versions.FixDate), strings.Compare(a.Signature.ID, b.Signature.ID))
	})
}

func issues(cc []candidate) string {
	var out []string
	for _, c := range cc[:min(len(cc), maxMatches)] {
		for _, n := range c.Signature.Issues {
			out = append(out, fmt.Sprintf("#%d", n))
		}
	}
	return strings.Join(out, ", ")
}

func words(keys []string) string {
	text := strings.ReplaceAll(strings.Join(keys, " or "), "_", " ")
	return strings.Replace(text, "top", "innermost function", 1)
}
