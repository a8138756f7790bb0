package fixes

import (
	"strings"
	"testing"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// What a description says goes before the index, and what it leaves open the index
// fills in: the fix of the first case, 3.2-dev6, described in several ways.
func TestBug(t *testing.T) {
	x, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	// Of 3.1 nothing is known, but in the last cases.
	blind := *x
	blind.tables = nil
	for _, table := range x.tables {
		if table.Branch != "3.1" {
			blind.tables = append(blind.tables, table)
		}
	}
	fixed := Releases{{Branch: "master", Version: "3.2-dev6"}}
	whole := Bug{Fix: "972ce87676f4", Versions: Versions{Fixed: fixed, Floor: "3.1", FixDate: "2025-02-17", Complete: true}}
	with := func(change func(*Bug)) Bug {
		b := whole
		change(&b)
		return b
	}
	for _, c := range []struct {
		name    string
		bug     Bug
		version string
		want    crash.VersionStatus
		why     string
	}{
		{"without the fix of master", Bug{Fix: "972ce87676f4"}, "3.2-dev5", crash.VersionCannotTell, "the first release with the fix is not known"},
		{"master, before", whole, "3.2-dev5", crash.Affected, "git: 3.2-dev5 is older than 3.2-dev6, the first release with the fix"},
		{"master, after", whole, "3.2-dev6", crash.Fixed, "git: the fix is in 3.2-dev6, the build is 3.2-dev6"},
		{"fixed after the index ends", with(func(b *Bug) { b.Versions.Fixed = Releases{{"master", "9.9-dev1"}} }), "3.2-dev5", crash.Affected, "git: 3.2-dev5 is older than 9.9-dev1"},
		{"a version from before the index", whole, "1.9-dev3", crash.VersionCannotTell, "it is older than 2.0-dev0"},
		{"a package", whole, "3.2-dev5-1~bpo12+1", crash.Affected, "; affected upstream, your package (-1~bpo12+1) may be patched"},
		{"a branch, by the clause", whole, "3.0.5", crash.NotAffected, "clause, an estimate: to be backported down to 3.1 only"},
		{"a branch, never backported", with(func(b *Bug) { b.Versions.Floor = "none" }), "3.1.3", crash.NotAffected, "clause, an estimate: no backport needed: the bug never left development"},
		{"a branch, for all", with(func(b *Bug) { b.Versions.Floor = "all" }), "3.1.0", crash.Affected, "git: the fix is newer than 3.1.0; clause: to be backported to all branches"},
		{"a branch, not said", with(func(b *Bug) { b.Versions.Floor = "unknown" }), "3.1.3", crash.VersionCannotTell, silent},
		{"a branch without a table", whole, "3.1.3", crash.VersionCannotTell, "to be backported down to 3.1, but which release of 3.1 got it is not known here"},
		{"a branch that was read", with(func(b *Bug) { b.Versions.Fixed = append(fixed, BranchRelease{"3.1", "3.1.4"}) }), "3.1.3", crash.Affected, "changelog: the fix came in 3.1.4"},
		{"a branch that was read, after", with(func(b *Bug) { b.Versions.Fixed = append(fixed, BranchRelease{"3.1", "3.1.4"}) }), "3.1.4", crash.Fixed, "changelog: the fix is in 3.1.4"},
		{"a branch, no release", whole, "3.1", crash.VersionCannotTell, "only the branch 3.1 is known, not the release"},
		{"a branch from before the bug", with(func(b *Bug) { b.Versions.Introduced = Releases{{"master", "3.1-dev1"}} }), "3.0.5", crash.NotAffected, "git: the bug began in 3.1-dev1, after 3.0.0"},
		{"a branch that may have got the bug", with(func(b *Bug) { b.Versions.Introduced = Releases{{"master", "3.2-dev1"}} }), "3.1.3", crash.VersionCannotTell, "the bug began in 3.2-dev1; whether a release of 3.1 got it"},
		{"a branch that got the bug later", with(func(b *Bug) { b.Versions.Introduced = Releases{{"3.1", "3.1.4"}} }), "3.1.3", crash.NotAffected, "changelog: the bug came to this branch in 3.1.4"},
	} {
		s := blind.Judge(parsed(t, c.version), time.Time{}).Bug(&c.bug)
		if s.Status != c.want || !strings.Contains(s.Why(), c.why) {
			t.Errorf("%s: %s (%s), want %s (%s)", c.name, s.Status, s.Why(), c.want, c.why)
		}
	}
	for version, want := range map[string]string{"3.1.3": "affected cherry-pick: the fix came in 3.1.4", "3.1.4": "fixed cherry-pick: the fix is in 3.1.4"} {
		s := x.Judge(parsed(t, version), time.Time{}).Bug(&whole)
		if got := string(s.Status) + " " + s.Why(); got != want {
			t.Errorf("a branch with a table, %s: %s, want %s", version, got, want)
		}
	}
}
