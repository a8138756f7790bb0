package bugs

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/signatures"
)

// The fix is first in 3.2-dev6; tag 3.2-dev5 is commit 37e84676c7cb.
func TestDevelopmentStanding(t *testing.T) {
	s := signature(t, "cli-end-state-unread-input")
	for in, want := range map[string]crash.VersionStatus{
		"3.2-dev5":              crash.Affected,
		"3.2-dev5-37e84676c":    crash.Affected,
		"3.2-dev5-37e8467-12":   crash.VersionCannotTell, // after the tag, before the next
		"3.2-dev5-abcdef0":      crash.VersionCannotTell, // a snapshot: no count, and not the tag
		"3.2-dev6":              crash.Fixed,
		"3.2-dev6-1234567-3":    crash.Fixed,
		"3.2.0":                 crash.Fixed,
		"3.3-dev1":              crash.Fixed,
		"3.4.1-1+deb14u1":       crash.Fixed,
		"3.2-dev4":              crash.NotAffected,
		"3.2-dev4-6c1d2e3-40":   crash.VersionCannotTell, // its origin lies there
		"3.2-dev3-6c1d2e3-40":   crash.NotAffected,
		"3.0.9":                 crash.NotAffected,
		"3.1.3":                 crash.NotAffected, // 3.1.4 has the origin and the fix
		"3.1.3-1+deb13u1":       crash.NotAffected,
		"3.1.4":                 crash.Fixed,
		"2.8.12":                crash.NotAffected,
		"3.2":                   crash.Fixed,
		"2.4":                   crash.NotAffected,
		"3.2-dev5+vendor-patch": crash.Affected,
	} {
		st := standingOf(t, s, in)
		if st.Status != want || st.Why() == "" {
			t.Errorf("%s: %s (%s), want %s", in, st.Status, st.Why(), want)
		}
	}
}

// Builds between two tags stand where their commits do: three belong to this fix,
// all of them after 3.2-dev5.
func TestBuildBetweenTags(t *testing.T) {
	s := signature(t, "cli-end-state-unread-input")
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	tag, ok := x.Tag(version(t, "3.2-dev5"))
	if !ok {
		t.Fatal("no 3.2-dev5")
	}
	var at []int
	for _, c := range append([]string{s.Fix}, s.Related...) {
		n, err := x.Order(c)
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, n-tag.Position)
	}
	for n, want := range map[int]crash.VersionStatus{
		at[0] - 1:      crash.Affected,
		at[0]:          crash.VersionCannotTell,
		slices.Max(at): crash.Fixed,
	} {
		v := version(t, "3.2-dev5")
		v.CommitCount = n
		if st := x.Judge(v, time.Time{}).Bug(&s.Bug); st.Status != want {
			t.Errorf("%d commits after 3.2-dev5: %s (%s), want %s", n, st.Status, st.Why(), want)
		}
	}
}

func TestStableStanding(t *testing.T) {
	for _, c := range []struct {
		id, in string
		want   crash.VersionStatus
		basis  string
	}{
		{"spoe-zero-size-frame", "2.6.16", crash.Affected, "changelog"},
		{"spoe-zero-size-frame", "2.6.17", crash.Fixed, "changelog"},
		{"spoe-zero-size-frame", "2.6.12-1+deb12u2", crash.Affected, "your package (-1+deb12u2) may be patched"},
		{"spoe-zero-size-frame", "3.0.0", crash.Fixed, "git"},
		{"spoe-zero-size-frame", "2.9.5", crash.Affected, "2.9.7"},
		{"spoe-zero-size-frame", "2.9.0", crash.Affected, "2.9.7"},
		{"spoe-zero-size-frame", "2.7.12", crash.Fixed, "2.7.12"},
		{"spoe-zero-size-frame", "2.4.9", crash.Affected, "2.4.26"},
		{"spoe-zero-size-frame", "2.4.25", crash.Affected, "2.4.26"},
		{"spoe-zero-size-frame", "2.4.26", crash.Fixed, "2.4.26"},
		{"peers-partial-message-28", "2.6.12", crash.NotAffected, "estimate"},
		{"peers-partial-message-28", "2.8.4", crash.Affected, "2.8.5"},
		{"dns-reconnect-tempo", "3.0.10", crash.NotAffected, "3.0.11"},
		{"dns-reconnect-tempo", "3.0.11", crash.Affected, "3.0.12"},
		{"dns-reconnect-tempo", "2.8.3", crash.NotAffected, "2.8.16"},
		{"dns-reconnect-tempo", "2.6.3", crash.NotAffected, "the bug came to this branch in 2.6.23"},
		{"dns-reconnect-tempo", "2.6.24", crash.Affected, "the releases up to 2.6.32 lack the fix, and the branch has what brought the bug"},
		{"dns-reconnect-tempo", "2.5.14", crash.NotAffected, "began in 3.2-dev13"},
		{"cache-vary-delete", "2.9.15", crash.Affected, "the releases up to 2.9.15 lack the fix"}, // fixed when 2.9 had ended
		{"cli-consume-while-outbuf-full", "2.9.15", crash.VersionCannotTell, "2.9 was not considered"},
		{"cli-consume-while-outbuf-full", "2.8.27", crash.NotAffected, "down to 3.0 only"},
		{"quic-initial-padding", "3.0.1", crash.NotAffected, "3.0.2"},
		{"quic-initial-padding", "3.0.2", crash.Affected, "3.0.3"},
		{"quic-initial-padding", "3.0", crash.VersionCannotTell, "only the branch"},
		{"cli-shut-pending-output", "2.7.4", crash.NotAffected, ""},
		{"stats-si-rx-blocked", "2.0.22", crash.NotAffected, "2.0.23"},
		{"stats-si-rx-blocked", "2.0.24", crash.Affected, "2.0.25"},
		{"stats-si-rx-blocked", "2.0.25", crash.Fixed, ""},
		{"stats-si-rx-blocked", "2.2.14", crash.NotAffected, "2.2.15"},
		{"stats-si-rx-blocked", "2.2.16", crash.Affected, "2.2.17"},
		{"stats-si-rx-blocked", "2.4.0", crash.Affected, "changelog: the fix came in 2.4.4"},
	} {
		st := standingOf(t, signature(t, c.id), c.in)
		if st.Status != c.want || !strings.Contains(st.Why(), c.basis) {
			t.Errorf("%s, %s: %s (%s), want %s", c.id, c.in, st.Status, st.Why(), c.want)
		}
	}
}

// What a signature leaves open the table of the branch fills in.
func TestTableFillsIn(t *testing.T) {
	s := signature(t, "stats-si-rx-blocked")
	s.Versions.Fixed = slices.DeleteFunc(slices.Clone(s.Versions.Fixed), func(r fixes.BranchRelease) bool { return r.Branch == "2.4" })
	if st := standingOf(t, s, "2.4.0"); st.Status != crash.Affected || !strings.Contains(st.Why(), "cherry-pick: the fix came in 2.4.4") {
		t.Errorf("%s (%s)", st.Status, st.Why())
	}
}

// Every release that a signature names is a tag of master, or could not be one.
func TestReleasesExist(t *testing.T) {
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range All() {
		for _, rr := range []fixes.Releases{s.Versions.Introduced, s.Versions.Fixed} {
			for _, r := range rr {
				v := version(t, r.Version)
				if r.Branch != "master" {
					if v.Patch < 1 {
						t.Errorf("%s: %s of branch %s", s.ID, r.Version, r.Branch)
					}
					continue
				}
				if _, ok := x.Tag(v); !ok {
					t.Errorf("%s: master has no tag %s", s.ID, r.Version)
				}
			}
		}
		fixed := version(t, s.Versions.Fixed.Of("master"))
		if in := s.Versions.Introduced.Of("master"); in != "" && version(t, in).Compare(fixed) > 0 {
			t.Errorf("%s: introduced in %s, fixed in %s", s.ID, in, fixed)
		}
	}
}

func standingOf(t *testing.T, s *signatures.Signature, in string) fixes.Standing {
	t.Helper()
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	return x.Judge(version(t, in), time.Time{}).Bug(&s.Bug)
}

func signature(t *testing.T, id string) *signatures.Signature {
	t.Helper()
	for _, s := range All() {
		if s.ID == id {
			return &s
		}
	}
	t.Fatalf("no signature %s", id)
	return nil
}

func version(t *testing.T, s string) haproxy.Version {
	t.Helper()
	v, err := haproxy.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
