package lines_test

import (
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/lines"
)

// publicCase is a public report, and what is true of it.
type publicCase struct {
	ID      string   `yaml:"id"`
	Version string   `yaml:"version"`
	Fixes   []string `yaml:"fixes"`
	Lines   string   `yaml:"lines"`
}

func publicCases(t *testing.T) []publicCase {
	t.Helper()
	byID := map[string]*publicCase{}
	var ids []string
	for _, name := range []string{"../analyze/testdata/truth.yaml", "../logparse/testdata/cases.yaml"} {
		var part []publicCase
		b, err := os.ReadFile(name)
		if err == nil {
			err = yaml.Unmarshal(b, &part)
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range part {
			if have := byID[c.ID]; have != nil {
				have.Lines = c.Lines
				continue
			}
			byID[c.ID] = &part[i]
			ids = append(ids, c.ID)
		}
	}
	var list []publicCase
	for _, id := range ids {
		list = append(list, *byID[id])
	}
	return list
}

// What is known by the version that lines tell is right, also if the table lacks the
// branch that the crash is of.
func TestKnownByLines(t *testing.T) {
	db := classify.Load()
	known, placed := 0, 0
	for _, c := range publicCases(t) {
		v, _ := haproxy.ParseVersion(c.Version)
		_, err := analyze.Run(t.Context(), analyze.Options{Stdin: strings.NewReader(c.Lines)}, func(x *crash.Crash) error {
			e := lines.Of(x)
			for _, found := range []lines.Candidates{e.Candidates(), e.Without(v)} {
				if len(found.Releases) == 0 {
					continue
				}
				placed++
				x.Process.Version = ""
				x.Process.Releases = &crash.Releases{Range: found.String()}
				for _, r := range found.Releases {
					x.Process.Releases.Versions = append(x.Process.Releases.Versions, r.String())
				}
				verdict := db.Classify(x)
				if verdict.Status != crash.Known {
					continue
				}
				known++
				if fix := verdict.Matches[0].Fixes[0]; !strings.Contains(strings.Join(c.Fixes, " "), fix[:10]) {
					t.Errorf("%s, of %s: known by %s, as %s; its fixes are %v", c.ID, c.Version, fix, found.String(), c.Fixes)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
	}
	t.Logf("%d sets of releases, %d of them make a bug known", placed, known)
	if placed < 20 {
		t.Error("too few to say anything")
	}
}
