package signatures

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hacrash/hacrash/pkg/fixes"
)

// lint checks one file against the index that is part of the program.
func lint(t *testing.T, source Source, yaml string) []Finding {
	t.Helper()
	l := linter(t)
	l.Add([]byte(yaml), "own.yaml")
	findings, err := l.Check(context.Background(), source)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func linter(t *testing.T) *Linter {
	t.Helper()
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	return NewLinter(x)
}

// real is a signature of which all is right.
const real = `
- id: of-the-cli
  title: A title
  facts: What goes wrong.
  fix: c6c2ef1f1189
  introduced_by: [20ec1de21447]
  exposed_by: []
  issues: [3064]
  cves: []
  require: {kind: bug_on, condition: 'of the cli'}
  versions:
    introduced: {master: 3.2-dev12}
    fixed: {master: 3.3-dev7, "3.2": 3.2.5}
    backport: "3.2"
    fix_date: 2025-08-20
    complete: true
  evidence: What was read.
`

func TestLintHistory(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"", "", ""},
		{"fix: c6c2ef1f1189", "fix: 0123456789", "own.yaml:5:3: of-the-cli fix: commit 0123456789: no commit of HAProxy's master"},
		{"fix: c6c2ef1f1189", "fix: c6c2ef1f1100", "own.yaml:5:3: of-the-cli fix: commit c6c2ef1f1100: no commit"},
		{"  exposed_by: []", "  related: [0123456789]", "own.yaml:7:3: of-the-cli related: commit 0123456789: no commit"},
		{"  exposed_by: []", "  related: [dfdccbd2af56]", "own.yaml:7:3: note: of-the-cli related: dfdccbd2af56: it came after 3.3-dev7, the release with the fix"},
		// 2862 is an issue, but of another bug.
		{"[3064]", "[2862]", "own.yaml:8:3: note: of-the-cli issues: 2862: no commit of this signature names it"},
		{"cves: []", "cves: [CVE-2023-40225]", "own.yaml:9:3: note: of-the-cli cves: CVE-2023-40225: no commit"},
		// Commits that brought the bug may be older than the index, if nothing says otherwise.
		{"exposed_by: []", "exposed_by: [0123456789]", "own.yaml:7:3: note: of-the-cli exposed_by: 0123456789: not in the index, so older than 2.0-dev0"},
		{"20ec1de21447", "'0123456789'", "own.yaml:12:18: of-the-cli versions.introduced.master: 3.2-dev12: what introduced_by and exposed_by name came in a release before 2.0-dev0"},
		{"20ec1de21447", "c6c2ef1f1189", "own.yaml:6:3: of-the-cli introduced_by: c6c2ef1f1189: newer than the fix c6c2ef1f1189"},
		{"master: 3.2-dev12", "master: 3.2-dev11", "own.yaml:12:18: of-the-cli versions.introduced.master: 3.2-dev11: what introduced_by and exposed_by name came in 3.2-dev12"},
		{"master: 3.2-dev12", "master: 3.2-dev99", "own.yaml:12:18: of-the-cli versions.introduced.master: 3.2-dev99: master has no such release"},
		{"master: 3.2-dev12", "master: 3.4-dev1", "own.yaml:12:18: of-the-cli versions.introduced.master: 3.4-dev1: later than 3.3-dev7"},
		{"    introduced: {master: 3.2-dev12}\n", "", "own.yaml:11:3: note: of-the-cli versions: introduced is missing; what introduced_by and exposed_by name came in 3.2-dev12"},
		{"master: 3.2-dev12", `master: 3.2-dev12, "3.2": 3.2.6`, "own.yaml:12:37: of-the-cli versions.introduced.3.2: 3.2.6: later than 3.2.5"},
		{"master: 3.3-dev7", "master: 3.3-dev8", "own.yaml:13:13: of-the-cli versions.fixed.master: 3.3-dev8: the first release with c6c2ef1f1189 is 3.3-dev7"},
		{`"3.2": 3.2.5`, `"3.2": 3.2.6`, "own.yaml:13:31: of-the-cli versions.fixed.3.2: 3.2.6: by the table of 3.2 it is 3.2.5"},
		{`"3.2": 3.2.5`, `"3.2": 3.2.5, "3.0": 3.0.2`, "own.yaml:13:45: of-the-cli versions.fixed.3.0: 3.0.2: the table of 3.0, searched up to 3.0.26, has no such fix"},
		{`"3.2": 3.2.5`, `"3.2": 3.2.5, "3.0": 3.0.99`, ""}, // past what was searched
		{`"3.2": 3.2.5`, `"3.2": 3.2.5, "3.1": 3.1.99`, ""},
		{`"3.2": 3.2.5`, `"3.2": 3.2.5, "3.3": 3.3.1`, "own.yaml:13:45: of-the-cli versions.fixed.3.3: 3.3.1: 3.3.0 has the fix already"},
		{`, "3.2": 3.2.5`, "", "own.yaml:16:5: of-the-cli versions.complete: the table of 3.2 has the fix in 3.2.5; add it to fixed"},
		{"2025-08-20", "2025-08-21", "own.yaml:15:5: of-the-cli versions.fix_date: 2025-08-21: the fix was committed on 2025-08-20"},
		{`backport: "3.2"`, "backport: all", `own.yaml:14:5: note: of-the-cli versions.backport: all: the index reads "3.2"`},
		{"kind: bug_on, ", "", "own.yaml:10:3: of-the-cli require: kind is missing"},
	} {
		yaml := real
		if c.old != "" {
			if yaml = strings.Replace(real, c.old, c.new, 1); yaml == real {
				t.Fatalf("%q is not in the signature", c.old)
			}
		}
		found := lint(t, nil, yaml)
		if c.want == "" {
			if len(found) > 0 {
				t.Errorf("%q: %v, want nothing", c.new, found)
			}
			continue
		}
		hit := false
		for _, f := range found {
			hit = hit || strings.HasPrefix(f.String(), c.want)
		}
		if !hit {
			t.Errorf("%q: %v\nwant %s", c.new, found, c.want)
		}
	}
}

// A branch that may lack the entry, because nothing says that it was searched, is
// only worth a note.
func TestLintNotSearched(t *testing.T) {
	yaml := strings.NewReplacer("    complete: true\n", "", `, "3.2": 3.2.5`, "").Replace(real)
	found := lint(t, nil, yaml)
	if len(found) != 1 || !found[0].Note || !strings.Contains(found[0].Text, "the table of 3.2 has the fix in 3.2.5; add it") {
		t.Errorf("%v, want one note", found)
	}
}

func TestLintSameID(t *testing.T) {
	l := linter(t)
	l.Add([]byte(real), "one.yaml")
	l.Add([]byte(real), "two.yaml")
	found, err := l.Check(context.Background(), nil)
	if err != nil || len(found) != 1 || found[0].String() != "two.yaml:2:3: of-the-cli id: stands in one.yaml too; give one of them another" {
		t.Errorf("%v, %v", found, err)
	}
}

// tree is HAProxy's source with the same names in every revision but those of gone.
type tree struct {
	names string
	gone  map[string]string // revision -> names it has besides
	err   error

	mu    sync.Mutex
	asked []string
}

func (s *tree) Missing(_ context.Context, revision string, names []string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, revision+" "+strings.Join(names, " "))
	return slices.DeleteFunc(names, func(n string) bool {
		return slices.Contains(strings.Fields(s.names+" "+s.gone[revision]), n)
	}), s.err
}

func (s *tree) Before(_ context.Context, revision, commit string) (bool, error) {
	return revision == "v2.0-dev0" && commit == "abcdefabcdef", s.err
}

func TestLintNames(t *testing.T) {
	yaml := strings.NewReplacer("condition: 'of the cli'", "condition: '(unsigned int)a->flags & 1UL == NULL'",
		"  evidence:", "  support: {function: ['h2_*', f.cold, malloc_consolidate, renamed, never], file: [src/cli.c, src/old.c]}\n  forbid: {pool_caller: __f}\n  evidence:").Replace(real)
	source := &tree{names: "a flags f __f src/cli.c", gone: map[string]string{"v3.2-dev12": "renamed", "v3.2.0": "src/old.c"}}
	found := lint(t, source, yaml)
	want := "own.yaml:17:13: of-the-cli support.function: never: not in the source before the fix (c6c2ef1f1189^), nor in an older release with the bug; correct it"
	if len(found) != 1 || found[0].String() != want {
		t.Errorf("%v\nwant %s", found, want)
	}
	slices.Sort(source.asked[1:])
	if diff := cmp.Diff([]string{
		"c6c2ef1f1189^ __f a f flags never renamed src/cli.c src/old.c",
		"v3.2-dev12 never renamed src/old.c", "v3.2.0 never renamed src/old.c",
	}, source.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// Branches that got the bug may have names of their own.
func TestLintNamesOfBranches(t *testing.T) {
	yaml := strings.NewReplacer("master: 3.2-dev12", `master: 3.2-dev12, "3.0": 3.0.9`, "condition: 'of the cli'", "function: [f, g]").Replace(real)
	found := lint(t, &tree{gone: map[string]string{"v3.0.0": "f"}}, yaml)
	want := "own.yaml:10:27: note: of-the-cli require.function: g: not in master's source before the fix (c6c2ef1f1189^), nor in an older X.Y.0 with the bug; look for it in the branches that got the bug"
	if len(found) != 1 || found[0].String() != want {
		t.Errorf("%v\nwant %s", found, want)
	}
}

func TestLintOlderCommits(t *testing.T) {
	for commit, want := range map[string]string{
		"abcdefabcdef": "",
		"abcdefabcde0": "own.yaml:7:3: of-the-cli exposed_by: abcdefabcde0: neither in the index nor, in the clone, before 2.0-dev0; correct it",
	} {
		source := &tree{names: "ofthecli"}
		found := lint(t, source, strings.Replace(real, "exposed_by: []", "exposed_by: ["+commit+"]", 1))
		if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || found[0].String() != want) {
			t.Errorf("%s: %v, want %q", commit, found, want)
		}
	}
}

func TestLintSourceFails(t *testing.T) {
	l := linter(t)
	l.Add([]byte(real), "own.yaml")
	broken := errors.New("the clone is gone")
	if _, err := l.Check(context.Background(), &tree{err: broken}); err != broken {
		t.Errorf("%v, want %v", err, broken)
	}
}
