package classify

import (
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/signatures"
)

// guessed is a crash of a stripped executable, some of whose functions were named by their
// likeness.
type guessed struct {
	bare  *crash.Crash // without those names
	named *crash.Crash // as if they were read
	names []string
}

// withGuesses gives a crash the names that its functions have by likeness; nil if there are none.
func withGuesses(c *crash.Crash) *guessed {
	g := guessed{bare: c}
	named := *c
	named.Threads = slices.Clone(c.Threads)
	for i := range named.Threads {
		g.frames(&named.Threads[i])
	}
	if s := c.Spin; s != nil && s.Handler == "" && s.HandlerMatched != nil {
		spin := *s
		spin.Handler = s.HandlerMatched.Function
		named.Spin = &spin
		g.names = append(g.names, spin.Handler)
	}
	if len(g.names) == 0 {
		return nil
	}
	slices.Sort(g.names)
	g.names = slices.Compact(g.names)
	g.named = &named
	return &g
}

func (g *guessed) frames(t *crash.Thread) {
	guess := func(f crash.Frame) bool { return f.Function == "" && f.Matched != nil }
	if !slices.ContainsFunc(t.Frames, guess) {
		return
	}
	t.Frames = slices.Clone(t.Frames)
	for i := range t.Frames {
		if f := &t.Frames[i]; guess(*f) {
			f.Function = f.Matched.Function
			g.names = append(g.names, f.Function)
		}
	}
}

// verdict judges a crash with the names, and says where they were needed. A bug is known only if
// what is not guessed speaks for it too.
func (g *guessed) verdict(db *DB) crash.Verdict {
	v := db.classify(g.named)
	if v.Status == crash.Known && !g.bears(db, v.Matches[0].ID) {
		v.Status, v.Matches[0].Confidence = crash.Probable, crash.ConfidenceProbable
		v.Why = "the facts fit " + v.Matches[0].ID + ", but most of them are names of functions that were matched by likeness"
	}
	for i := range v.Matches {
		g.mark(v.Matches[i].Because)
	}
	for i := range v.Near {
		g.mark(v.Near[i].Because)
	}
	for i := range v.Suspects {
		g.mark(v.Suspects[i].Because)
	}
	return v
}

// bears says whether the facts without the guesses support a signature, and none is against it.
func (g *guessed) bears(db *DB, id string) bool {
	f := factsOf(g.bare)
	return slices.ContainsFunc(db.sigs, func(s signatures.Signature) bool {
		if s.ID != id {
			return false
		}
		t := f.values.Try(&s)
		return (t.Holds || len(t.Missing) > 0) && t.Score >= nearPoints
	})
}

// mark puts a question mark behind the guesses in reasons.
func (g *guessed) mark(because []string) {
	for i, s := range because {
		words := strings.Split(s, " ")
		for k, w := range words {
			plain := strings.TrimRight(w, ",;:)")
			if _, is := slices.BinarySearch(g.names, plain); is {
				words[k] = plain + "?" + w[len(plain):]
			}
		}
		because[i] = strings.Join(words, " ")
	}
}
