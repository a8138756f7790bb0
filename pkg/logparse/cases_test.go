package logparse

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/join"
)

// reportCase is the excerpt of a public issue report and what it holds.
type reportCase struct {
	ID        string     `yaml:"id"`
	Issue     int        `yaml:"issue"`
	Kind      crash.Kind `yaml:"kind"`
	Version   string     `yaml:"version"`
	Rate      int64      `yaml:"rate"`
	Condition string     `yaml:"condition"`
	Functions []string   `yaml:"functions"`
	Lines     string     `yaml:"lines"`
}

func reportCases(t testing.TB) []reportCase {
	t.Helper()
	data, err := os.ReadFile("testdata/cases.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []reportCase
	if err := yaml.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// joined gives the crashes that the parts of a text amount to.
func joinedOf(t testing.TB, text string) []*crash.Crash {
	t.Helper()
	parts, err := Lines(context.Background(), text, "case")
	if err != nil {
		t.Fatal(err)
	}
	return joinParts(t, parts)
}

func joinParts(t testing.TB, parts []join.Part) []*crash.Crash {
	t.Helper()
	var out []*crash.Crash
	j := join.New(join.Options{}, func(c *crash.Crash) error {
		out = append(out, c)
		return nil
	})
	for _, p := range parts {
		if err := j.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Flush(); err != nil {
		t.Fatal(err)
	}
	return out
}

// mayDiffer are the cases whose excerpts do not hold what the kind rests on.
var mayDiffer = map[string]crash.Kind{
	"388":  crash.Abort,    // only "All workers exited. Exiting... (134)"
	"2254": crash.Unknown,  // the frames of the pool's check are cut off
	"357":  crash.Unknown,  // only idle threads
	"2959": crash.Watchdog, // a thread that a panic has stopped; the crash itself is in another one
}

// nameless are the cases whose excerpts name neither HAProxy nor one of its functions: a
// reader knows whose they are from the report around them only.
var nameless = map[string]bool{"1115": true, "358": true}

func TestCases(t *testing.T) {
	type tally struct{ right, all int }
	kinds := map[crash.Kind]tally{}
	right := 0
	cases := reportCases(t)
	for _, c := range cases {
		crashes := joinedOf(t, c.Lines)
		if nameless[c.ID] {
			if len(crashes) > 0 {
				t.Errorf("%s: it is taken for HAProxy's", c.ID)
			}
			continue
		}
		if len(crashes) == 0 {
			t.Errorf("%s: no crash found", c.ID)
			continue
		}
		got := crashes[0]
		n := kinds[c.Kind]
		n.all++
		switch {
		case got.Kind == c.Kind:
			n.right++
			right++
		case got.Kind != mayDiffer[c.ID]:
			t.Errorf("%s: kind %s, want %s", c.ID, got.Kind, c.Kind)
		}
		kinds[c.Kind] = n
		checkFacts(t, &c, got)
	}
	for k, n := range kinds {
		t.Logf("%-16s %2d of %2d", k, n.right, n.all)
	}
	if right < 38 {
		t.Errorf("%d of %d kinds are right, want 38 or more", right, len(cases)-len(nameless))
	}
}

func checkFacts(t *testing.T, c *reportCase, got *crash.Crash) {
	if c.Version != "" && (got.Process == nil || got.Process.Version != c.Version) {
		t.Errorf("%s: version %+v, want %s", c.ID, got.Process, c.Version)
	}
	if c.Rate != 0 && (got.Spin == nil || got.Spin.Rate != c.Rate) {
		t.Errorf("%s: spin %+v, want a rate of %d", c.ID, got.Spin, c.Rate)
	}
	if c.Condition != "" && (got.Assertion == nil || got.Assertion.Condition != c.Condition) {
		t.Errorf("%s: assertion %+v, want condition %s", c.ID, got.Assertion, c.Condition)
	}
	var functions []string
	for _, th := range got.Threads {
		for _, f := range th.Frames {
			functions = append(functions, f.Function)
		}
	}
	for _, want := range c.Functions {
		if !slices.Contains(functions, want) {
			t.Errorf("%s: function %s missing in %v", c.ID, want, functions)
		}
	}
	if len(got.Evidence) == 0 {
		t.Errorf("%s: no evidence", c.ID)
	}
}
