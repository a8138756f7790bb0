package signatures

import "testing"

func TestPlaces(t *testing.T) {
	entries, problems := Read([]byte(`
- id: a-bug
  fix: 972ce87676f4
  title: t
  facts: f
  evidence: e
  require:
    kind: bug_on
    any_of:
      - top: a
      - function: b
        file: src/c.c
  versions:
    introduced: 3.2-dev1
    fixed:
      master: 3.2-dev6
      "3.1": 3.1.4
    backport: all
`))
	if len(problems) > 0 || len(entries) != 1 {
		t.Fatal(problems)
	}
	for _, c := range []struct {
		path string
		want Place
	}{
		{"id", Place{2, 3}},
		{"fix", Place{3, 3}},
		{"require", Place{7, 3}},
		{"require.kind", Place{8, 5}},
		{"require.any_of.0.top", Place{10, 9}},
		{"require.any_of.1.file", Place{12, 9}},
		{"versions.fixed.3.1", Place{17, 7}},
		{"versions.fixed.3.0", Place{15, 5}},         // not there: the key around it
		{"versions.introduced.master", Place{14, 5}}, // a bare version
		{"nothing", Place{2, 3}},
	} {
		if got := entries[0].at(c.path); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.path, got, c.want)
		}
	}
	if got := (&Entry{}).at("fix"); got != (Place{}) {
		t.Errorf("without a file: %+v", got)
	}
}
