package main

import (
	"bytes"
	"sync"

	"testing"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/crash"
)

var once = sync.OnceValues(func() (*evaluation, error) { return evaluate("../..") })

func measured(t *testing.T) *evaluation {
	t.Helper()
	e, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The floors are a little under what was measured when they were set; docs/knowledge.md has
// the figures.
func TestEvaluation(t *testing.T) {
	e := measured(t)
	var out bytes.Buffer
	e.print(&out)
	t.Logf("\n%s", out.String())
	if wrong := percent(len(e.wrongKind), len(e.cases)); wrong > 4 {
		t.Errorf("%d cases are of the wrong kind: %q", len(e.wrongKind), e.wrongKind)
	}
	if e.recognised < 19 {
		t.Errorf("%d bugs with a signature are named, want 19; of %d", e.recognised, e.known)
	}
	if e.wrong > 0 {
		t.Errorf("%d cases are called known and are another bug", e.wrong)
	}
	for _, c := range []struct {
		name       string
		list       []outcome
		place      func(outcome) int
		top1, top5 float64
	}{
		{"reports", only(e.cross, isReport), byRank, 64, 84},
		{"cases", only(e.cross, isCase), byRank, 50, 69},
		{"cases, as shown", only(e.cross, isCase), asShown, 54, 70},
		{"all with a version", only(e.cross, isVersioned), byRank, 59, 79},
	} {
		r := sumUp(c.list, c.place)
		if percent(r.top1, r.n) < c.top1 || percent(r.top5, r.n) < c.top5 {
			t.Errorf("%s: %d of %d first, %d in five; want %.0f and %.0f %%", c.name, r.top1, r.n, r.top5, c.top1, c.top5)
		}
	}
	for _, c := range []struct {
		name       string
		list       []withheld
		top1, top5 float64
	}{{"cases without the version they state", e.unstated, 43, 58}, {"queries with drawn lines", e.drawn, 40, 60}} {
		_, r := inFive(c.list)
		if percent(r.top1, r.n) < c.top1 || percent(r.top5, r.n) < c.top5 {
			t.Errorf("%s: %d of %d first, %d in five; want %.0f and %.0f %%", c.name, r.top1, r.n, r.top5, c.top1, c.top5)
		}
	}
	for _, x := range e.configured {
		if x.lost || (x.before.rank > 0 && x.after.rank > x.before.rank) {
			t.Errorf("%s: a configuration that has what the bug needs moves its fix from %d to %d", x.before.q.name, x.before.rank, x.after.rank)
		}
	}
	for name, list := range map[string][]outcome{"cross-validated": e.cross, "weights as shipped": e.shipped} {
		c := claimed(only(list, isTelling), suspects.StrongFrom, 2)
		if c.said < 30 || 10*c.five < 9*c.said || c.without > 12 {
			t.Errorf("strong suspects, %s: %+v", name, c)
		}
	}
	// What is said to be probable is, within what so few crashes can show.
	for _, least := range []float64{0.2, 0.4, 0.6, 0.8} {
		c := claimed(only(e.cross, isTelling), least, least+0.21)
		if d := c.predicted - c.came; d > 0.2 || d < -0.25 {
			t.Errorf("of what is said with %.1f to %.1f, %.2f is said and %.2f true", least, least+0.21, c.predicted, c.came)
		}
	}
}

// The weights in the program are those of the fit, to two digits, and no one report makes
// them what they are.
func TestFitted(t *testing.T) {
	e := measured(t)
	want, have := fit(e.queries), suspects.Fitted()
	for p := range suspects.Parts {
		if d := want.Parts[p] - have.Parts[p]; d > 0.35 || d < -0.35 {
			t.Errorf("%s weighs %.2f, the fit says %.2f: go run ./internal/eval -fit", p, have.Parts[p], want.Parts[p])
		}
		if s := spread(e.weights, p); s > 0.5 {
			t.Errorf("%s differs by %.2f between the folds: take it out", p, s)
		}
	}
}

// A strong fingerprint is of one bug; that a weak one has several is why it is weak.
func TestFingerprints(t *testing.T) {
	list, err := cases("../..", classify.Load())
	if err != nil {
		t.Fatal(err)
	}
	var reports []report
	if err := load("testdata/queries.yaml", &reports); err != nil {
		t.Fatal(err)
	}
	all := fingerprints(reports, list)
	var out bytes.Buffer
	writePrints(&out, all)
	t.Log(out.String())
	if m := merges(all, crash.Strong); len(m) > 0 {
		t.Errorf("strong fingerprints of two bugs: %q", m)
	}
	if m := merges(all, crash.Weak); len(m) > 4 {
		t.Errorf("weak fingerprints of two bugs: %q", m)
	}
	strong := 0
	for _, p := range all {
		if p.strength == crash.Strong {
			strong++
		}
	}
	if 100*strong < 50*len(all) {
		t.Errorf("%d of %d fingerprints are strong", strong, len(all))
	}
}
