package classify

import (
	"strings"
	"sync"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/signatures"
)

// Outcome is what comparing one demand of a signature gave.
type Outcome string

// The outcomes.
const (
	Holds      Outcome = "yes"
	Fails      Outcome = "no"
	NotKnown   Outcome = "not known" // the crash does not tell
	partAnyOf          = "any of"
	partForbid         = "forbid"
)

// Step is one demand of a signature, compared with a crash.
type Step struct {
	// Part of the signature: require, any of, forbid, support. The groups of any of
	// are numbered from 1 by Group.
	Part  string
	Group int
	Key   string
	// Wanted are the values of the signature, Found those of the crash.
	Wanted, Found []string
	Outcome       Outcome
}

// Explanation is why a signature matches a crash, or not.
type Explanation struct {
	Steps []Step
	// Matches says that all that is needed holds; Score is 0 without.
	Matches bool
	Score   int
	// Exact: the score is enough for known, and the signature is of one bug only.
	Exact bool
	// Standing is how the version stands to the bug, and Basis why.
	Standing crash.VersionStatus
	Basis    string
}

// Explain compares one signature with a crash, demand by demand.
func (db *DB) Explain(s signatures.Signature, c *crash.Crash) Explanation {
	f := factsOf(c)
	f.history = sync.OnceValues(func() (*past, error) { return db.past(f) })
	var e Explanation
	e.Steps = append(e.Steps, f.steps("require", 0, s.Require)...)
	for i, group := range s.AnyOf {
		e.Steps = append(e.Steps, f.steps(partAnyOf, i+1, group)...)
	}
	e.Steps = append(e.Steps, f.steps(partForbid, 0, s.Forbid)...)
	e.Steps = append(e.Steps, f.steps("support", 0, s.Support)...)
	for i, group := range s.Decisive {
		e.Steps = append(e.Steps, f.steps("unique", i+1, group)...)
	}
	cand := candidate{Fit: f.values.Try(&s)}
	cand.Signature = &s
	f.judge(&cand)
	e.Standing, e.Basis = cand.standing.Status, cand.standing.Why()
	if e.Matches = cand.Holds; e.Matches {
		e.Score = cand.Score
		e.Exact = f.doubt(&cand) == "" && cand.Score >= exactPoints
	}
	return e
}

func (f *facts) steps(part string, group int, tests []signatures.Test) []Step {
	var out []Step
	for _, test := range tests {
		step := Step{Part: part, Group: group, Key: test.Key, Wanted: test.Values, Found: f.values[test.Key], Outcome: NotKnown}
		switch _, result := f.values.Test(test); result {
		case fixes.Yes:
			step.Outcome = Holds
		case fixes.No:
			step.Outcome = Fails
		}
		out = append(out, step)
	}
	return out
}

// String is a step in one line: any of 2: applet CLI, PEER.
func (s Step) String() string {
	part := s.Part
	if s.Group > 0 {
		part += " " + string(rune('0'+s.Group%10))
	}
	return part + ": " + strings.ReplaceAll(s.Key, "_", " ") + " " + strings.Join(s.Wanted, ", ")
}
