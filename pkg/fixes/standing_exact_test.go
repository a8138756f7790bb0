package fixes

import (
	"testing"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// TestExactTables asks of every crash fix and every release of 2.4 to 3.4, up to the
// ends of the tables, whether the release has the fix: the tables must say, never the
// rule. Whether a release that lacks a fix has its bug is another question, and
// counted beside it; a fix that came shortly before the end of its branch may have no
// answer to it.
func TestExactTables(t *testing.T) {
	x, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	all, err := x.Fixes()
	if err != nil {
		t.Fatal(err)
	}
	pairs := 0
	for _, branch := range []string{"2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "3.0", "3.1", "3.2", "3.3", "3.4"} {
		v, err := haproxy.ParseVersion(branch + ".0")
		if err != nil {
			t.Fatal(err)
		}
		zero, ok := x.Tag(v)
		table := x.table(branch)
		if !ok || table == nil || table.Gap() != 0 {
			t.Fatalf("%s: no table, or not of all its releases", branch)
		}
		asked, exact := 0, 0
		count := map[crash.VersionStatus]int{}
		for _, r := range table.Releases {
			v.Patch = r.Patch
			v.Raw = v.String()
			j := x.Judge(v, time.Time{})
			for i := range all {
				f := &all[i]
				if f.Position <= zero.Position || !f.Crash() {
					continue
				}
				asked++
				p := j.presence(f)
				s := j.Standing(f)
				count[s.Status]++
				l, landed := x.Landed(branch, f.Position)
				switch has := landed && l.Patch <= r.Patch; {
				case p.In == Unknown || p.Basis == BasisClause:
					t.Errorf("%s, %s: %+v", f.Commit[:citedDigits], v, p)
				case has != (p.In == Yes), has && s.Status != crash.Fixed && s.Status != crash.VersionCannotTell, s.Status == crash.Fixed && (!has || s.Estimated):
					t.Errorf("%s, %s: %+v, and the table: %v in %d", f.Commit[:citedDigits], v, s, landed, l.Patch)
				case landed && !has && s.Status != crash.Affected && (s.Status != crash.NotAffected || s.Basis == BasisClause):
					t.Errorf("%s, %s: %+v, and the branch got it in %s.%d", f.Commit[:citedDigits], v, s, branch, l.Patch)
				default:
					exact++
				}
			}
		}
		t.Logf("%s up to %s.%-2d %6d pairs, %6d exact: %5d fixed, %5d affected, %5d not affected, %5d lack the fix and may not need it",
			branch, branch, table.Complete, asked, exact, count[crash.Fixed], count[crash.Affected], count[crash.NotAffected], count[crash.VersionCannotTell])
		pairs += asked
	}
	if pairs < 140_000 {
		t.Errorf("%d pairs of crash fix and release", pairs)
	}
}
