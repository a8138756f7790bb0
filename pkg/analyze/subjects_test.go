package analyze

import (
	"errors"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

func TestWithSubjects(t *testing.T) {
	known := map[string]string{"aaa": "BUG/MINOR: a: mend it"}
	n := 0
	sink := WithSubjects(func(id string) (string, error) { return known[id], nil }, func(*crash.Crash) error { n++; return nil })
	c := crash.Crash{Verdict: &crash.Verdict{Matches: []crash.Match{{Fixes: []string{"aaa", "bbb"}}}, Suspects: []crash.Suspect{{Commit: "aaa"}}}}
	if err := errors.Join(sink(&c), sink(&crash.Crash{})); err != nil || n != 2 {
		t.Errorf("%v, %d crashes went on", err, n)
	}
	if got := c.Verdict.Commits; len(got) != 1 || got[0] != (crash.Commit{Commit: "aaa", Subject: known["aaa"]}) {
		t.Errorf("%+v", got)
	}
	bad := errors.New("no clone")
	sink = WithSubjects(func(string) (string, error) { return "", bad }, func(*crash.Crash) error { t.Error("it went on"); return nil })
	if err := sink(&c); err != bad {
		t.Errorf("%v", err)
	}
}
