package analyze_test

import (
	"bytes"
	"context"
	"errors"

	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/goccy/go-yaml"

	"github.com/hacrash/hacrash/internal/golden"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
)

// kindFloor is how many of the 44 public reports must get the right kind.
const kindFloor = 42

// publicCase is one public report: its lines, and what is true of it.
type publicCase struct {
	ID      string   `yaml:"id"`
	Kind    string   `yaml:"kind"`
	Label   string   `yaml:"label"` // of the whole report, where the lines hold less
	Version string   `yaml:"version"`
	Fixes   []string `yaml:"fixes"`
	Lines   string   `yaml:"-"`
}

func publicCases(t *testing.T) []publicCase {
	t.Helper()
	var truth []publicCase
	read(t, "testdata/truth.yaml", &truth)
	var lines []struct {
		ID    string `yaml:"id"`
		Lines string `yaml:"lines"`
	}
	read(t, "../logparse/testdata/cases.yaml", &lines)
	for i := range truth {
		for _, l := range lines {
			if l.ID == truth[i].ID {
				truth[i].Lines = l.Lines
			}
		}
		if truth[i].Lines == "" {
			t.Errorf("case %s has no lines", truth[i].ID)
		}
	}
	return truth
}

func read(t *testing.T, name string, to any) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err == nil {
		err = yaml.Unmarshal(b, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestPublicCases analyses 44 public crash reports and reports, by kind, how
// many are right. A verdict of known with a fix that is not the true one is
// the worst that can happen, and must not.
func TestPublicCases(t *testing.T) {
	db := classify.Load()
	total, right := map[string]int{}, map[string]int{}
	all, labelled := 0, 0
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "case\tkind\twas\tverdict\tfixes named")
	for _, c := range publicCases(t) {
		got := analyzeText(t, db, c)
		total[c.Kind]++
		kind, status, fixes := "none", "", []string(nil)
		if len(got) > 0 {
			kind, status = string(got[0].Kind), string(got[0].Verdict.Status)
			for _, m := range got[0].Verdict.Matches {
				fixes = append(fixes, m.Fixes[0])
			}
		}
		if kind == c.Kind {
			right[c.Kind]++
			all++
		}
		if c.Label == "" {
			c.Label = c.Kind
		}
		if kind == c.Label {
			labelled++
		}
		for _, g := range got {
			if g.Verdict.Status == crash.Known && !named(g.Verdict.Matches, c.Fixes) {
				t.Errorf("case %s is called known by %v; its fixes are %v", c.ID, g.Verdict.Matches[0].Fixes, c.Fixes)
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", c.ID, kind, c.Kind, status, strings.Join(fixes, " "))
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "kind\tcases\tright")
	kinds := make([]string, 0, len(total))
	for k := range total {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, k := range kinds {
		fmt.Fprintf(w, "%s\t%d\t%d\n", k, total[k], right[k])
	}
	fmt.Fprintf(w, "all\t%d\t%d\n", 44, all)
	fmt.Fprintf(w, "all, by the label of the whole report\t%d\t%d\n", 44, labelled)
	_ = w.Flush()
	golden.Check(t, "testdata/cases.golden", table.Bytes())
	t.Logf("\n%s", table.String())
	if all < kindFloor {
		t.Errorf("%d of 44 kinds are right, want %d", all, kindFloor)
	}
}

func analyzeText(t *testing.T, db *classify.DB, c publicCase) []*crash.Crash {
	t.Helper()
	var got []*crash.Crash
	_, err := analyze.Run(context.Background(), analyze.Options{Stdin: strings.NewReader(c.Lines), Version: c.Version, Knowledge: db},
		func(x *crash.Crash) error { got = append(got, x); return nil })
	if err != nil {
		t.Fatalf("case %s: %v", c.ID, err)
	}
	return got
}

func named(ms []crash.Match, fixes []string) bool {
	for _, m := range ms {
		for _, f := range fixes {
			if len(m.Fixes) > 0 && strings.HasPrefix(f, m.Fixes[0][:10]) {
				return true
			}
		}
	}
	return false
}

// A live stream has no end but the user's interrupt: what was read until then
// is reported.
func TestInterruptedStream(t *testing.T) {
	text, err := os.ReadFile("../../testdata/logs/spin-cli-3.2-dev5.log")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	meter := &analyze.Meter{}
	go func() {
		_, _ = w.Write(text)
		for { // until all of it was taken
			if _, n, _ := meter.Progress(); n == int64(len(text)) {
				break
			}
			runtime.Gosched()
		}
		cancel()
	}()
	var got []*crash.Crash
	_, err = analyze.Run(ctx, analyze.Options{Stdin: r, Meter: meter}, func(c *crash.Crash) error { got = append(got, c); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if len(got) != 1 || got[0].Kind != crash.Spinning {
		t.Errorf("%d crashes", len(got))
	}
	_ = w.Close()
}
