package affects

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

func find(t *testing.T, version string, f Filter) *Result {
	t.Helper()
	r, err := Find(load(t), Query{Asked: parse(t, version), Filter: f})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func load(t *testing.T) *fixes.Index {
	t.Helper()
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func parse(t *testing.T, s string) haproxy.Version {
	t.Helper()
	v, err := haproxy.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestAffects: what is counted is what is listed, the worst first, and the first case's
// version lacks its fix.
func TestAffects(t *testing.T) {
	a := find(t, "3.2-dev5", Filter{})
	if a.Counts.Affected != len(a.Fixes) || a.Counts.Affected == 0 {
		t.Errorf("%d are counted, %d are listed", a.Counts.Affected, len(a.Fixes))
	}
	if !slices.ContainsFunc(a.Fixes, func(f Fix) bool { return strings.HasPrefix(f.Commit, "972ce87676") }) {
		t.Error("3.2-dev5 lacks 972ce87676, and it is not listed")
	}
	order := []string{"CRITICAL", "MAJOR", "MEDIUM", "MINOR", ""}
	last := 0
	for _, f := range a.Fixes {
		at := slices.Index(order, f.Severity)
		if at < last {
			t.Fatalf("%s, %s, stands behind one of severity %s", f.Commit, f.Severity, order[last])
		}
		last = at
		if f.Status != crash.Affected {
			t.Errorf("%s is listed as %s", f.Commit, f.Status)
		}
	}
	fixed := find(t, "3.2-dev6", Filter{})
	if slices.ContainsFunc(fixed.Fixes, func(f Fix) bool { return strings.HasPrefix(f.Commit, "972ce87676") }) {
		t.Error("3.2-dev6 has 972ce87676")
	}
}

func TestNameCommits(t *testing.T) {
	r := Result{Fixes: []Fix{{Commit: "aaa"}, {Commit: "bbb"}}}
	if err := r.NameCommits(func(id string) (string, error) { return strings.TrimPrefix(id, "aaa"), nil }); err != nil || r.Fixes[0].Subject != "" || r.Fixes[1].Subject != "bbb" {
		t.Errorf("%v, %+v", err, r.Fixes)
	}
	if err := r.NameCommits(func(string) (string, error) { return "", os.ErrClosed }); err != os.ErrClosed {
		t.Errorf("%v", err)
	}
}

func TestAffectsFilter(t *testing.T) {
	all := find(t, "2.8.3", Filter{All: true})
	crashes := find(t, "2.8.3", Filter{})
	major := find(t, "2.8.3", Filter{Severity: "major"})
	h2 := find(t, "2.8.3", Filter{Subsystem: "mux_h2"})
	if len(all.Fixes) <= len(crashes.Fixes) || len(crashes.Fixes) <= len(major.Fixes) || len(crashes.Fixes) <= len(h2.Fixes) || len(h2.Fixes) == 0 {
		t.Errorf("all %d, crashes %d, major %d, mux-h2 %d", len(all.Fixes), len(crashes.Fixes), len(major.Fixes), len(h2.Fixes))
	}
	for _, f := range h2.Fixes {
		if !slices.ContainsFunc(f.Subsystems, func(s string) bool { return strings.HasPrefix(s, "mux-h2") }) {
			t.Errorf("%s is of %v", f.Commit, f.Subsystems)
		}
	}
	if err := CheckSeverity("severity", "terrible"); err == nil {
		t.Error("a severity that is none is taken")
	}
}

// TestAffectsRefuses: of a version that is unknown nothing is told.
func TestAffectsRefuses(t *testing.T) {
	for version, why := range map[string]string{"9.9.1": "newer than the fix index"} {
		_, err := Find(load(t), Query{Asked: parse(t, version)})
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want an error with %q", version, err, why)
		}
	}
}
