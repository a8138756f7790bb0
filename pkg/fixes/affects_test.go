package fixes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
)

func affects(t *testing.T, version string, f fixes.Filter) *fixes.Affects {
	t.Helper()
	a, err := load(t).Affects(fixes.Build{Version: parse(t, version)}, f)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAffects: what is counted is what is listed, the worst first, and the first case's
// version lacks its fix.
func TestAffects(t *testing.T) {
	a := affects(t, "3.2-dev5", fixes.Filter{})
	if a.Counts.Affected != len(a.Fixes) || a.Counts.Affected == 0 {
		t.Errorf("%d are counted, %d are listed", a.Counts.Affected, len(a.Fixes))
	}
	if !slices.ContainsFunc(a.Fixes, func(f fixes.AffectingFix) bool { return strings.HasPrefix(f.Commit, "972ce87676") }) {
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
	fixed := affects(t, "3.2-dev6", fixes.Filter{})
	if slices.ContainsFunc(fixed.Fixes, func(f fixes.AffectingFix) bool { return strings.HasPrefix(f.Commit, "972ce87676") }) {
		t.Error("3.2-dev6 has 972ce87676")
	}
}

func TestAffectsFilter(t *testing.T) {
	all := affects(t, "2.8.3", fixes.Filter{All: true})
	crashes := affects(t, "2.8.3", fixes.Filter{})
	major := affects(t, "2.8.3", fixes.Filter{Severity: "major"})
	h2 := affects(t, "2.8.3", fixes.Filter{Subsystem: "mux_h2"})
	if len(all.Fixes) <= len(crashes.Fixes) || len(crashes.Fixes) <= len(major.Fixes) || len(crashes.Fixes) <= len(h2.Fixes) || len(h2.Fixes) == 0 {
		t.Errorf("all %d, crashes %d, major %d, mux-h2 %d", len(all.Fixes), len(crashes.Fixes), len(major.Fixes), len(h2.Fixes))
	}
	for _, f := range h2.Fixes {
		if !slices.ContainsFunc(f.Subsystems, func(s string) bool { return strings.HasPrefix(s, "mux-h2") }) {
			t.Errorf("%s is of %v", f.Commit, f.Subsystems)
		}
	}
	if err := (fixes.Filter{Severity: "terrible"}).Check(); err == nil {
		t.Error("a severity that is none is taken")
	}
}

// TestAffectsRefuses: of a version that is unknown nothing is told.
func TestAffectsRefuses(t *testing.T) {
	for version, why := range map[string]string{"9.9.1": "newer than the fix index"} {
		_, err := load(t).Affects(fixes.Build{Version: parse(t, version)}, fixes.Filter{})
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want an error with %q", version, err, why)
		}
	}
}
