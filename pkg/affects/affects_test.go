package affects

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
	"github.com/hacrash/hacrash/pkg/haconf"
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

// TestFindReadsBranches: a branch is its newest release, and that is said with what an old one lacks.
func TestFindReadsBranches(t *testing.T) {
	x := load(t)
	last, _ := x.Complete("2.8")
	r := find(t, "2.8", Filter{})
	if r.Version != last.String() || r.Asked != "2.8" || !strings.Contains(r.Note, "this is about "+r.Version) || !strings.Contains(r.Note, "2.8.0 lacks ") {
		t.Errorf("%s, asked %s: %s", r.Version, r.Asked, r.Note)
	}
	if r := find(t, "2.8.3", Filter{}); r.Asked != "" || r.Note != "" {
		t.Errorf("%+v", r)
	}
	if _, err := Find(x, Query{Asked: parse(t, "1.9")}); err == nil {
		t.Error("of 1.9 nothing is known")
	}
}

func TestFindRefusesSubsystems(t *testing.T) {
	for name, near := range map[string]string{"muxh2": "mux-h2", "qiuc": "quic", "hlau": "hlua"} {
		_, err := Find(load(t), Query{Asked: parse(t, "2.8.3"), Filter: Filter{Subsystem: name}})
		if err == nil || !strings.Contains(err.Error(), near) {
			t.Errorf("%s: %v, want %s among the nearest", name, err, near)
		}
	}
	h2, full := find(t, "2.8.3", Filter{Subsystem: "h2"}), find(t, "2.8.3", Filter{Subsystem: "mux-h2"})
	if len(h2.Fixes) == 0 || len(h2.Fixes) != len(full.Fixes) {
		t.Errorf("h2: %d fixes, mux-h2: %d", len(h2.Fixes), len(full.Fixes))
	}
}

// TestClosing: what a release is said to close it closes, no earlier one of the branch closes as much, and
// none is of development.
func TestClosing(t *testing.T) {
	x := load(t)
	for _, name := range []string{"2.8.3", "3.0.1", "3.1.2", "3.2-dev5"} {
		r := find(t, name, Filter{})
		closed := func(v string) (n int) {
			release := parse(t, v)
			day, _ := x.Release(release)
			judge := x.Judge(release, day)
			for i := range r.Fixes {
				if s := judge.Standing(r.Fixes[i].fix); r.Fixes[i].Status == crash.Affected && !s.Lacks() {
					n++
				}
			}
			return n
		}
		if len(r.Best) == 0 || len(r.Best) > 2 {
			t.Errorf("%s: %+v", name, r.Best)
		}
		for _, c := range r.Closes {
			if v := parse(t, c.Release); v.IsDev() || closed(c.Release) != c.Fixes || closed(c.Enough) != c.Fixes {
				t.Errorf("%s: %s closes %d, %s %d, and not %d", name, c.Release, closed(c.Release), c.Enough, closed(c.Enough), c.Fixes)
			}
			before := parse(t, c.Enough)
			if before.Patch--; before.Patch > 0 && closed(before.String()) >= c.Fixes {
				t.Errorf("%s: %s is enough already, before %s", name, before, c.Enough)
			}
		}
	}
}

// TestReaches: nothing is passed that cannot be told.
func TestReaches(t *testing.T) {
	r := Result{Counts: Counts{Affected: 2, CannotTell: 1}, Fixes: []Fix{{Severity: "MEDIUM", Status: crash.Affected}, {Severity: "CRITICAL", Status: crash.VersionCannotTell}}}
	for severity, want := range map[string]bool{"minor": true, "medium": true, "major": false, "critical": false} {
		if got, err := r.Reaches(severity); got != want || err != nil {
			t.Errorf("%s: %v, %v", severity, got, err)
		}
	}
	r.Counts.CannotTell = 3
	if _, err := r.Reaches("major"); err == nil {
		t.Error("most cannot be told, and it is passed")
	}
}

// TestConfiguration: what is ruled out is not listed, and all is counted.
func TestConfiguration(t *testing.T) {
	config, err := haconf.Read([]string{"-"}, strings.NewReader("defaults\n mode tcp\nlisten l\n bind :80\n server s 192.0.2.1:80\n"), sentences.Words())
	if err != nil {
		t.Fatal(err)
	}
	all := find(t, "2.8.3", Filter{})
	r, err := Find(load(t), Query{Asked: parse(t, "2.8.3"), Setup: haconf.Setup{Config: config}})
	if err != nil {
		t.Fatal(err)
	}
	c := r.Counts
	if c.Affected != all.Counts.Affected || c.Touching+c.Unused != c.Affected || c.Certain+c.Possible != c.Touching || c.Touching != len(r.Fixes) || c.Unused == 0 {
		t.Errorf("%+v, %d listed", c, len(r.Fixes))
	}
	for _, f := range r.Fixes {
		for _, b := range f.Because {
			if b.Need == "quic" || b.Need == "h2" || b.Need == "lua" || b.Use == haconf.NotUsed.String() {
				t.Errorf("%s: %+v", f.Commit, b)
			}
		}
	}
}
