package fixes

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

func parsed(t *testing.T, s string) haproxy.Version {
	t.Helper()
	v, err := haproxy.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// small is a history of one commit a day from 2024-01-01 on: 2.8.0 is position
// 10, 2.9-dev1 20, 2.9.0 30, 3.0-dev1 40, 3.0-dev2 50, 3.0.0 60, and 70 is the
// last. 2.8.1 is of day 35, 2.8.2 of day 65, and its table ends there.
func small(t *testing.T, fixes ...Fix) *Index {
	t.Helper()
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	on := func(p int) time.Time { return start.AddDate(0, 0, p) }
	c := &Content{Head: hash(70), Day: on(70)}
	for p := range 71 {
		c.Order = binary.BigEndian.AppendUint32(c.Order, uint32(0xc0000000+p))
	}
	for _, tag := range []struct {
		name     string
		position int
	}{{"2.8-dev0", 0}, {"2.8.0", 10}, {"2.9-dev1", 20}, {"2.9.0", 30}, {"3.0-dev1", 40}, {"3.0-dev2", 50}, {"3.0.0", 60}} {
		c.Tags = append(c.Tags, Tag{Version: parsed(t, tag.name), Date: on(tag.position), Position: tag.position})
	}
	for _, f := range fixes {
		f.Commit, f.Date, f.Mark = hash(f.Position), on(f.Position), uint32(f.Position)
		c.Fixes = append(c.Fixes, f)
	}
	c.Tables = []Table{{
		Branch: "2.8", Complete: 2,
		Releases: []Release{{1, on(35)}, {2, on(65)}},
		Landings: []Landing{{25, 1, CherryPick}, {44, 2, CherryPick}},
	}}
	data, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	x, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// hash is the commit at a position of the small history.
func hash(p int) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(0xc0000000+p))
	return hex.EncodeToString(b) + strings.Repeat("0", 32)
}

func cited(p int) string { return hash(p)[:citedDigits] }

func TestStanding(t *testing.T) {
	floor := func(b string) Clause { return Clause{Kind: Floor, Floor: b} }
	x := small(t,
		Fix{Position: 5, Backport: Clause{Kind: All}},
		Fix{Position: 25, Backport: floor("2.8")},                                 // in 2.8.1
		Fix{Position: 34, Backport: floor("2.9")},                                 // one day before 2.8.1
		Fix{Position: 42, Backport: Clause{Kind: None}},                           // of 3.0-dev
		Fix{Position: 44, Backport: Clause{Kind: All}, Introduced: one(cited(3))}, // in 2.8.2
		Fix{Position: 45, Backport: Clause{Kind: SameAs, Same: cited(44)}},
		Fix{Position: 46, Backport: Clause{Kind: Silent}},
		Fix{Position: 47, Backport: Clause{Kind: All}, Introduced: one(cited(41))},
		Fix{Position: 48, Backport: floor("2.9"), Introduced: one(cited(46))},
		Fix{Position: 52, Revert: cited(44)},
		Fix{Position: 54, Backport: Clause{Kind: SameAs, Same: cited(55)}}, // a ring
		Fix{Position: 55, Backport: Clause{Kind: SameAs, Same: cited(54)}},
		Fix{Position: 56, Backport: floor("2.9"), Exposed: one(cited(53))},
		Fix{Position: 58, Introduced: one("ffffffffff"), Backport: Clause{Kind: Asked}}, // from before 2.8-dev0
		Fix{Position: 65, Backport: floor("2.8")},
	)
	for _, c := range []struct {
		fix       int
		version   string
		status    crash.VersionStatus
		basis     string
		estimated bool
		reason    string
	}{
		// Versions of master: the order tells.
		{5, "2.8.0", crash.Fixed, "git", false, "2.8.0"},
		{25, "2.9.0", crash.Fixed, "git", false, "2.9.0"},
		{25, "2.9-dev1", crash.Affected, "git", false, "newer than this build"},
		{25, "2.9-dev1-c0000019-5", crash.Fixed, "git", false, ""},
		{25, "2.9-dev1-c0000018-4", crash.Affected, "git", false, ""},
		{25, "2.9-dev1-abcdef0-3", crash.VersionCannotTell, "", false, "between 2.9-dev1 and 2.9.0"},
		{25, "2.9-dev1-c0000018-5", crash.VersionCannotTell, "", false, "not on master"}, // count and commit differ
		{5, "2.9-dev1-abcdef0-3", crash.Fixed, "git", false, ""},
		{65, "2.9-dev1-abcdef0-3", crash.Affected, "git", false, ""},
		{65, "3.1-dev1", crash.Fixed, "git", false, "older than this version"}, // newer than the index
		{42, "3.0-dev1", crash.Affected, "git", true, "this development cycle"},
		{42, "2.9-dev1", crash.NotAffected, "clause", true, "never left development"},
		{47, "3.0-dev1", crash.NotAffected, "git", false, cited(41)},
		{56, "3.0-dev2", crash.NotAffected, "git", true, "does not show before " + cited(53)},
		{56, "3.0-dev2-c0000035-3", crash.Affected, "git", false, ""},
		// Branches with a table.
		{25, "2.8.0", crash.Affected, "cherry-pick", false, "got it in 2.8.1"},
		{25, "2.8.1", crash.Fixed, "cherry-pick", false, "2.8.1"},
		{25, "2.8.1-1+deb12u1", crash.Fixed, "cherry-pick", false, ""},
		{25, "2.8.0-1+deb12u1", crash.Affected, "cherry-pick", false, "affected upstream, your package (-1+deb12u1) may be patched"},
		{25, "2.8", crash.VersionCannotTell, "", false, "only the branch 2.8"},
		{25, "2.8.0-c000000a-3", crash.VersionCannotTell, "", false, "lies after 2.8.0"},
		{34, "2.8.1", crash.NotAffected, "clause", true, "down to 2.9 only"},
		{34, "2.8", crash.NotAffected, "clause", true, "down to 2.9 only"},
		{65, "2.8.1", crash.Affected, "git", true, "newer than 2.8.1 of 2024-02-05"},
		{65, "2.8.2", crash.Affected, "cherry-pick", true, "up to 2.8.2"},
		{65, "2.8.3", crash.VersionCannotTell, "", false, "not known"},
		{44, "2.8.2", crash.Fixed, "cherry-pick", false, ""},
		{45, "2.8.1", crash.Affected, "git", true, "belongs to " + cited(44)},
		{46, "2.8.1", crash.VersionCannotTell, "", false, "does not say"},
		{47, "2.8.2", crash.VersionCannotTell, "", false, "no fix"},
		{48, "2.8.2", crash.NotAffected, "cherry-pick", false, cited(46)},
		{54, "2.8.1", crash.VersionCannotTell, "", false, "does not say"},
		{58, "2.8.1", crash.Affected, "git", true, "ffffffffff, which is in"},
		// What was taken back, and what takes it back.
		{44, "3.0.0", crash.VersionCannotTell, "", false, cited(52) + ", which takes it back"},
		{52, "3.0-dev1", crash.NotAffected, "git", false, cited(44)},
		{52, "3.0-dev2", crash.Affected, "git", false, ""},
		// No table.
		{34, "2.9.4", crash.VersionCannotTell, "", false, "nor the day of 2.9.4"},
		{42, "2.9.4", crash.NotAffected, "clause", true, ""},
		{25, "2.9.4", crash.Fixed, "git", false, ""},
		{25, "2.7.4", crash.VersionCannotTell, "", false, "where the fix index begins"},
		{25, "2.8-dev7", crash.VersionCannotTell, "", false, "no 2.8-dev7"},
		{65, "3.1", crash.VersionCannotTell, "", false, "no 3.1"},
	} {
		f, err := x.At(c.fix)
		if err != nil || f == nil {
			t.Fatal(c.fix, err)
		}
		s := x.Judge(parsed(t, c.version), time.Time{}).Standing(f)
		if s.Status != c.status || s.Basis != c.basis || s.Estimated != c.estimated || s.Reason == "" || !strings.Contains(s.Reason, c.reason) {
			t.Errorf("%d in %s: %s by %q, estimated %v (%s); want %s by %q, %v (%s)",
				c.fix, c.version, s.Status, s.Basis, s.Estimated, s.Reason, c.status, c.basis, c.estimated, c.reason)
		}
	}
	f, err := x.At(25)
	if err != nil {
		t.Fatal(err)
	}
	var in []string
	for _, v := range x.Judge(parsed(t, "2.8.0"), time.Time{}).Standing(f).FixedIn {
		in = append(in, v.Raw)
	}
	if got := strings.Join(in, " "); got != "2.9.0 2.8.1" {
		t.Errorf("fixed in %s", got)
	}
}

// The day that a build prints counts where no table knows it, but not that of a
// package.
func TestStandingByDay(t *testing.T) {
	x := small(t, Fix{Position: 34, Backport: Clause{Kind: Floor, Floor: "2.9"}})
	f, err := x.At(34)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		version string
		after   int // days after the fix
		status  crash.VersionStatus
	}{
		{"2.9.4", 21, crash.Fixed},
		{"2.9.4", 20, crash.VersionCannotTell},
		{"2.9.4", 0, crash.VersionCannotTell},
		{"2.9.4", -1, crash.Affected},
		{"2.9.4-1~bpo12+1", 40, crash.VersionCannotTell},
		{"2.9", 40, crash.VersionCannotTell},
	} {
		s := x.Judge(parsed(t, c.version), f.Date.AddDate(0, 0, c.after)).Standing(f)
		if s.Status != c.status {
			t.Errorf("%s, %d days after the fix: %s (%s), want %s", c.version, c.after, s.Status, s.Reason, c.status)
		}
		if c.status == crash.Fixed && (s.Basis != BasisClause || !s.Estimated) {
			t.Errorf("%s: %+v is not called an estimate", c.version, s)
		}
	}
}

// The first case: fixed in 3.2-dev6, and by the shipped index.
func TestStandingShipped(t *testing.T) {
	x, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	f, err := x.Fix("972ce87676")
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]crash.VersionStatus{
		"3.2-dev5-37e8467":     crash.Affected,
		"3.2-dev5-37e8467-12":  crash.VersionCannotTell,
		"3.2-dev6":             crash.Fixed,
		"3.2-dev6-1234567-3":   crash.Fixed,
		"3.2.0":                crash.Fixed,
		"3.4.1-1+deb14u1":      crash.Fixed,
		"3.2-dev4":             crash.NotAffected,
		"3.1.3":                crash.Affected,
		"3.1.4":                crash.Fixed,
		"2.8.12":               crash.NotAffected,
		"2.6.12-1+deb12u4":     crash.NotAffected,
		"1.8.30":               crash.VersionCannotTell,
		"3.2-dev5+vendor-more": crash.Affected,
	} {
		if s := x.Judge(parsed(t, version), time.Time{}).Standing(f); s.Status != want {
			t.Errorf("%s: %+v, want %s", version, s, want)
		}
	}
}
