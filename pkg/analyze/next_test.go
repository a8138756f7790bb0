package analyze_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/hacrash/hacrash/internal/golden"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/report"
)

// input is a text, and the version that its reporter named.
type input struct{ name, text, version string }

// everyCase are all texts that the tests have: public reports, and samples of what HAProxy
// and others print.
func everyCase(t *testing.T) []input {
	t.Helper()
	var list []input
	for _, file := range []string{"../logparse/testdata/cases.yaml", "../../internal/eval/testdata/cases.yaml"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []struct{ ID, Version, Lines string }
		if err := yaml.Unmarshal(b, &cases); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			list = append(list, input{"case " + c.ID, c.Lines, c.Version})
		}
	}
	for _, pattern := range []string{"../logparse/testdata/samples/*.txt", "../../testdata/logs/*.log"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, input{filepath.Base(file), string(b), ""})
		}
	}
	return list
}

// analysed gives the crashes of a text, and what to do if there is none.
func (in *input) analysed(t *testing.T, db *classify.DB) ([]*crash.Crash, []crash.Step) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "case.txt")
	if err := os.WriteFile(file, []byte(in.text), 0o600); err != nil {
		t.Fatal(err)
	}
	var crashes []*crash.Crash
	res, err := analyze.Run(context.Background(), analyze.Options{Names: []string{file}, Version: in.version, Knowledge: db},
		func(c *crash.Crash) error { crashes = append(crashes, c); return nil })
	if err != nil {
		t.Fatal(in.name, err)
	}
	return crashes, res.Next
}

// mostListed crashes of one text are listed.
const mostListed = 4

// ofDevelopment finds versions of development.
var ofDevelopment = regexp.MustCompile(`[0-9]-(dev|rc)[0-9]`)

// TestNext: whatever the verdict, there is something to do; nobody with a production version is
// sent to a development one; and what happened, whether it is known and what to do stand on
// the first screen. The golden lists the steps of every case.
func TestNext(t *testing.T) {
	db := classify.Load()
	var list bytes.Buffer
	statuses := map[crash.Status]int{}
	for _, in := range everyCase(t) {
		crashes, next := in.analysed(t, db)
		if len(crashes) == 0 {
			fmt.Fprintf(&list, "%s: no crash\n", in.name)
			writeSteps(&list, next)
		}
		if len(crashes) == 0 && len(next) == 0 {
			t.Errorf("%s: no crash, and nothing to do", in.name)
		}
		for i, c := range crashes {
			statuses[c.Verdict.Status]++
			checkNext(t, in.name, c)
			if i < mostListed {
				fmt.Fprintf(&list, "%s: %s, %s, %s\n", in.name, c.Kind, c.Verdict.Status, strings.TrimSpace("haproxy "+c.Version()))
				writeSteps(&list, c.Verdict.Next)
			}
			firstScreen(t, in.name, c)
		}
	}
	for _, s := range []crash.Status{crash.Known, crash.Probable, crash.Suspects, crash.AlreadyFixed, crash.UnknownBug, crash.CannotTell} {
		if statuses[s] == 0 {
			t.Errorf("no case is %s", s)
		}
	}
	temp := regexp.MustCompile(`'?/[^ ]*/case\.txt'?`)
	golden.Check(t, "testdata/next.golden", temp.ReplaceAll(list.Bytes(), []byte("case.txt")))
}

func writeSteps(b *bytes.Buffer, steps []crash.Step) {
	for i, s := range steps {
		fmt.Fprintf(b, "  %d. %s\n", i+1, s.Do)
		if s.Command != "" {
			fmt.Fprintf(b, "     %s\n", s.Command)
		}
	}
}

func checkNext(t *testing.T, name string, c *crash.Crash) {
	t.Helper()
	if len(c.Verdict.Next) == 0 {
		t.Errorf("%s: %s and nothing to do", name, c.Verdict.Status)
	}
	v, err := haproxy.ParseVersion(c.Version())
	for _, s := range c.Verdict.Next {
		if s.Do == "" || len([]rune(s.Do)) > 100 {
			t.Errorf("%s: no step: %+v", name, s)
		}
		if err == nil && !v.IsDev() && ofDevelopment.MatchString(s.Do+s.Why+s.Command) && (c.Process.Releases == nil || !c.Process.Releases.Contradicts) {
			t.Errorf("%s: a development version for %s: %+v", name, v, s)
		}
	}
}

// firstScreen looks at the first 24 lines of 80 columns.
func firstScreen(t *testing.T, name string, c *crash.Crash) {
	t.Helper()
	copied := *c
	var out bytes.Buffer
	if err := report.Write(&out, "text", &crash.Report{Crashes: []crash.Crash{copied}}, report.Options{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	screen := lines[:min(24, len(lines))]
	verdict := slices.IndexFunc(screen, func(l string) bool {
		word, _, _ := strings.Cut(l, "  ")
		return slices.Contains([]string{"KNOWN BUG", "PROBABLE", "NO MATCH, SUSPECTS ONLY", "ALREADY FIXED", "UNKNOWN BUG", "CANNOT TELL"}, word)
	})
	next := slices.IndexFunc(screen, func(l string) bool { return strings.HasPrefix(l, "  Next          1. ") })
	if verdict < 1 || next < verdict {
		t.Errorf("%s: the verdict in line %d, what to do in line %d of the first screen:\n%s", name, verdict+1, next+1, strings.Join(screen, "\n"))
	}
}
