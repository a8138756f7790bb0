package classify

import (
	"fmt"
	"math"
	"slices"

	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
)

// FewSuspects is of how many suspects a verdict says how sure it is.
const FewSuspects = suspects.Few

// maxFixedIn bounds the releases that a suspect names.
const maxFixedIn = 8

// suspect adds to a verdict what the history suggests. Where only the history speaks, and
// clearly, it is the verdict.
func (f *facts) suspect(v crash.Verdict) crash.Verdict {
	if f.crash.Kind == crash.Killed || f.crash.Kind == crash.OutOfMemory || v.Status == crash.Known || f.history == nil {
		return v
	}
	// Of a version alone it is known which grave fixes it lacks; of nothing, nothing.
	q := f.query()
	q.Reach = f.reach(&q)
	if !q.Telling() && len(q.Versions) == 0 {
		return v
	}
	past, err := f.history()
	if err != nil {
		return v
	}
	unplaced := past.judge != nil && past.judge.Unplaced() != ""
	if unplaced {
		q.Versions = nil
	}
	ranker, err := past.x.ranker()
	if err != nil {
		return v
	}
	w := suspects.Fitted()
	r, err := ranker.Rank(&q, &w)
	if err != nil {
		return v
	}
	v.SuspectsLeftOut = r.LeftOut
	strong := r.Sure >= suspects.StrongFrom && q.Telling() && !unplaced
	for i := range r.Suspects {
		if s := &r.Suspects[i]; !isMatch(v.Matches, s.Fix.Commit) {
			v.Suspects = append(v.Suspects, suspectOf(s, strong && i < suspects.Few, &w))
		}
	}
	if strong && (v.Status == crash.UnknownBug || v.Status == crash.CannotTell) {
		v.Status = crash.Suspects
		v.Why = fmt.Sprintf("no signature fits, but fixes that %s have much in common with this crash; none of them is a match", f.mayLack())
		v.Advice = "Try a release that contains them, and report the crash if it comes again."
	}
	return v
}

func suspectOf(s *suspects.Suspect, strong bool, w *suspects.Weights) crash.Suspect {
	x := crash.Suspect{
		Commit: s.Fix.Commit, Score: s.Score, Confidence: crash.ConfidenceWeak, Probability: math.Round(100*s.Probability) / 100,
		Because: s.Because(w), VersionStatus: s.Standing.Status,
	}
	if said, ok := sentences.Of(s.Fix.Commit); ok {
		x.Sentence, x.Workaround = said.Text, said.Workaround
	}
	if strong {
		x.Confidence = crash.ConfidenceStrong
	}
	for _, release := range s.Standing.FixedIn[:min(len(s.Standing.FixedIn), maxFixedIn)] {
		x.FixedIn = append(x.FixedIn, release.String())
	}
	return x
}

// isMatch says that a match names the commit already.
func isMatch(matches []crash.Match, commit string) bool {
	return slices.ContainsFunc(matches, func(m crash.Match) bool {
		return slices.ContainsFunc(m.Fixes, func(fix string) bool { return len(fix) >= 10 && fix[:10] == commit[:10] })
	})
}

func (f *facts) mayLack() string {
	if f.placed() {
		return f.named() + " lacks or may lack"
	}
	return "its version may lack"
}
