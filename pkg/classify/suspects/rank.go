package suspects

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
)

// Most is how many suspects a ranking names.
const Most = 5

// A Suspect is a fix that the version lacks, or may lack.
type Suspect struct {
	Evidence
	Score    float64
	Standing fixes.Standing
}

// Ranking is the best suspects, the first one first.
type Ranking struct {
	Suspects []Suspect
	// Sure is the probability that the fix is one of them.
	Sure float64
}

// Rank ranks the fixes of a history that the version lacks. Without a version all
// of them are ranked.
func Rank(q *Query, x *fixes.Index, w *Weights) (Ranking, error) {
	all, err := Gather(q, x)
	if err != nil {
		return Ranking{}, err
	}
	scored := make([]Suspect, len(all))
	for i := range all {
		scored[i] = Suspect{Evidence: all[i], Score: w.Score(&all[i])}
	}
	slices.SortStableFunc(scored, func(a, b Suspect) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Fix.Position, b.Fix.Position))
	})
	lacks := func(s *Suspect) bool { return true }
	if q.Version.Raw != "" {
		judge := x.Judge(q.Version, time.Time{})
		lacks = func(s *Suspect) bool {
			s.Standing = judge.Standing(s.Fix)
			return Lacks(s.Standing)
		}
	}
	return pick(scored, w.None, lacks), nil
}

// Lacks says that a version may have the bug of a fix.
func Lacks(s fixes.Standing) bool {
	return s.Status == crash.Affected || s.Status == crash.VersionCannotTell
}

// negligible is the part of the probability that need not be looked at: to say how
// a version stands to every fix takes longer than all the rest.
const negligible = 0.01

// pick takes the first ones that the version lacks. Scores fall.
func pick(scored []Suspect, none float64, lacks func(*Suspect) bool) Ranking {
	rest := 0.0
	for i := range scored {
		rest += math.Exp(scored[i].Score)
	}
	var r Ranking
	sum, first := math.Exp(none), 0.0
	for i := range scored {
		p := math.Exp(scored[i].Score)
		if rest < negligible*sum && len(r.Suspects) == Most {
			break
		}
		rest -= p
		if !lacks(&scored[i]) {
			continue
		}
		sum += p
		if len(r.Suspects) < Most {
			r.Suspects = append(r.Suspects, scored[i])
			first += p
		}
	}
	r.Sure = first / sum
	return r
}

// Score is the sum of all parts.
func (w *Weights) Score(e *Evidence) float64 {
	s := 0.0
	for p, v := range e.Value {
		s += w.Parts[p] * v
	}
	return s
}
