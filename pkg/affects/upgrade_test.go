package affects

import (
	"slices"
	"testing"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

func version(t *testing.T, s string) haproxy.Version {
	t.Helper()
	v, err := haproxy.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestUpgradeIsWhatAffectsSays: the fixes that the newest release brings are those that
// bugs affects lists with a release of the branch.
func TestUpgradeIsWhatAffectsSays(t *testing.T) {
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"2.0.4", "2.4.0", "2.7.5", "2.8.3", "3.0.11-1ubuntu1~24.04", "3.2.5"} {
		v := version(t, name)
		up, err := x.Upgrade(v, sentences.Crash)
		if err != nil {
			t.Fatal(name, err)
		}
		all, err := Find(x, Query{Asked: v})
		if err != nil {
			t.Fatal(name, err)
		}
		var want, got []string
		for _, f := range all.Fixes {
			if f.Upgrade != "" && version(t, f.Upgrade).Compare(up.Release) <= 0 {
				want = append(want, f.Commit)
			}
		}
		for _, f := range up.Fixes {
			fix, err := x.Number(f)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fix.Commit)
		}
		slices.Sort(want)
		slices.Sort(got)
		if len(got) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s: %d fixes in %s, want %d", name, len(got), up.Release, len(want))
		}
	}
	for _, name := range []string{"3.2-dev5", "2.8", "1.8.27", "2.8.99", "9.0.1"} {
		if up, err := x.Upgrade(version(t, name), sentences.Crash); err == nil && len(up.Fixes) > 0 {
			t.Errorf("%s: %d fixes in %s, want an error", name, len(up.Fixes), up.Release)
		}
	}
}
