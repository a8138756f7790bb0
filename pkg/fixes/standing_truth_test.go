package fixes

import (
	"testing"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// withoutTables is the index that does not know what went to the branches. It
// still knows the days of the releases, which a build prints of itself.
func withoutTables(x *Index) *Index {
	y := *x
	y.tables = nil
	for _, t := range x.tables {
		y.tables = append(y.tables, Table{Branch: t.Branch, Releases: t.Releases})
	}
	return &y
}

// tally counts answers by what is true: the release has the fix, a later one of
// the branch has it, none has it.
type tally struct{ has, later, never int }

func (c tally) sum() int { return c.has + c.later + c.never }

func share(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

// held is how often each answer was given, and what was true then.
type held map[crash.VersionStatus]*tally

func (h held) pairs() int {
	n := 0
	for _, c := range h {
		n += c.sum()
	}
	return n
}

func (h held) print(t *testing.T, name string) {
	t.Logf("%s: %d pairs of fix and release", name, h.pairs())
	for _, s := range []crash.VersionStatus{crash.Fixed, crash.Affected, crash.NotAffected, crash.VersionCannotTell} {
		c := h[s]
		t.Logf("  %-13s %5.1f %%: the release has it %5.1f %%, a later one %5.1f %%, none %5.1f %%",
			s, share(c.sum(), h.pairs()), share(c.has, c.sum()), share(c.later, c.sum()), share(c.never, c.sum()))
	}
}

// heldOut asks the rule, with the tables hidden from it, about every fix that is
// newer than X.Y.0 and every release of a branch up to X.Y.last, and compares with
// the tables.
// The last 60 days of a table are left out: what comes later is not known yet; and
// fixes with one subject, of which a changelog does not say which it has.
func heldOut(t *testing.T, x *Index, branch string, last int, crashes bool, h held) {
	t.Helper()
	all, err := x.Fixes()
	if err != nil {
		t.Fatal(err)
	}
	table := x.table(branch)
	if table == nil || len(table.Releases) < 5 {
		t.Fatalf("no table of %s", branch)
	}
	releases := table.Releases[:min(last, len(table.Releases))]
	end := releases[len(releases)-1].Day.AddDate(0, 0, -60)
	zero, ok := x.Tag(haproxy.Version{Major: int(branch[0] - '0'), Minor: int(branch[2] - '0'), Dev: -1, RC: -1})
	if !ok {
		t.Fatalf("no %s.0", branch)
	}
	blind := withoutTables(x)
	for _, r := range releases {
		v := zero.Version
		v.Patch = r.Patch
		v.Raw = v.String()
		j := blind.Judge(v, time.Time{})
		for i := range all {
			f := &all[i]
			if f.Position <= zero.Position || f.Date.After(end) || crashes && !f.Crash() || f.Revert != "" || x.twin(f) {
				continue
			}
			s := j.Standing(f)
			if s.Reason == "" || s.Status != crash.VersionCannotTell && s.Basis == "" {
				t.Fatalf("%s, %s: %+v: no reason or no basis", f.Commit, v, s)
			}
			if h[s.Status] == nil {
				h[s.Status] = &tally{}
			}
			switch l, ok := x.Landed(branch, f.Position); {
			case !ok, bornLater(x, f, branch, r.Patch):
				h[s.Status].never++
			case l.Patch <= r.Patch:
				h[s.Status].has++
			default:
				h[s.Status].later++
			}
		}
	}
}

// bornLater says that the commits which brought a bug came to the branch after a
// release, which therefore needs no fix.
func bornLater(x *Index, f *Fix, branch string, patch int) bool {
	for _, commit := range f.Introduced {
		position, err := x.Order(commit)
		if err != nil {
			return false
		}
		if l, ok := x.Landed(branch, position); !ok || l.Patch <= patch {
			return false
		}
	}
	return len(f.Introduced) > 0
}

// TestRuleAgainstTables measures the rule by the branches whose tables are exact.
// The floors are a little under what was measured; docs/knowledge.md has the table.
func TestRuleAgainstTables(t *testing.T) {
	x, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	// Branches in the years in which every fix that they want comes to them, and
	// whole: late in its life a branch gets what is grave and no more, so that
	// "fixed" by the clause is right less often.
	young := map[string]int{"2.6": 23, "3.0": 11, "3.2": 26}
	whole := map[string]int{"2.4": 36, "2.6": 32, "2.8": 27, "3.0": 26, "3.2": 26}
	for _, c := range []struct {
		name    string
		last    map[string]int
		crashes bool
		// In per cent: fixed and the release has it, not affected and no release
		// has it, cannot tell at most.
		fixed, notAffected, cannotTell float64
	}{
		{"crash fixes", young, true, 96.9, 94.5, 7.1},
		{"all fixes", young, false, 94.7, 95.9, 7.6},
		{"crash fixes, whole branches", whole, true, 93.4, 96.1, 4.7},
		{"all fixes, whole branches", whole, false, 90.6, 96.8, 5.0},
	} {
		sum := held{}
		for branch, last := range c.last {
			h := held{}
			heldOut(t, x, branch, last, c.crashes, h)
			h.print(t, branch+", "+c.name)
			for s, c := range h {
				if sum[s] == nil {
					sum[s] = &tally{}
				}
				sum[s].has += c.has
				sum[s].later += c.later
				sum[s].never += c.never
			}
		}
		sum.print(t, "together, "+c.name)
		if n := sum[crash.Affected].has; n != 0 {
			t.Errorf("%s: %d called affected are in the release", c.name, n)
		}
		if p := share(sum[crash.Fixed].has, sum[crash.Fixed].sum()); p < c.fixed {
			t.Errorf("%s: fixed is right in %.1f %%, want %.1f", c.name, p, c.fixed)
		}
		if p := share(sum[crash.NotAffected].never, sum[crash.NotAffected].sum()); p < c.notAffected {
			t.Errorf("%s: not affected is right in %.1f %%, want %.1f", c.name, p, c.notAffected)
		}
		if p := share(sum[crash.VersionCannotTell].sum(), sum.pairs()); p > c.cannotTell {
			t.Errorf("%s: it cannot be told in %.1f %%, want %.1f at most", c.name, p, c.cannotTell)
		}
	}
}

func BenchmarkStandings(b *testing.B) {
	x, err := Load()
	if err != nil {
		b.Fatal(err)
	}
	all, err := x.Fixes()
	if err != nil {
		b.Fatal(err)
	}
	v, err := haproxy.ParseVersion("2.8.3")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		j := x.Judge(v, time.Time{})
		for i := range all {
			j.Standing(&all[i])
		}
	}
}
