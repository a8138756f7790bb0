package affects

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Orders are the values of Query.Sort; the first is that of an empty one.
func Orders() []string { return []string{"danger", "date", "release", "subsystem"} }

// order sorts fixes. Among equals the most dangerous goes first.
func order(list []Fix, by string) {
	slices.SortStableFunc(list, moreDangerous)
	switch by {
	case "date":
		slices.SortStableFunc(list, func(a, b Fix) int { return strings.Compare(b.Date, a.Date) })
	case "release":
		slices.SortStableFunc(list, func(a, b Fix) int { return upgradeOf(&a).Compare(upgradeOf(&b)) })
	case "subsystem":
		slices.SortStableFunc(list, func(a, b Fix) int { return slices.Compare(a.Subsystems, b.Subsystems) })
	}
}

// upgradeOf is the release of the branch that closes a fix; of those that none has, a last one.
func upgradeOf(f *Fix) haproxy.Version {
	v, err := haproxy.ParseVersion(f.Upgrade)
	if err != nil {
		return haproxy.Version{Major: 1 << 20, Dev: -1, RC: -1}
	}
	return v
}

// danger ranks kinds: damage that goes on before the crash, then crashes, then
// what hangs, then the rest.
func danger(kinds []string) int {
	worst := 3
	for _, k := range kinds {
		switch k {
		case "use_after_free", "double_free", "out_of_bounds", "corruption":
			worst = min(worst, 0)
		case "crash", "segfault", "bug_on", "null":
			worst = min(worst, 1)
		case "loop", "watchdog", "deadlock":
			worst = min(worst, 2)
		}
	}
	return worst
}

// moreDangerous compares by severity, then by how sure it is that the configuration uses what the
// bug needs, then by what the bug does.
func moreDangerous(a, b Fix) int {
	unsure := func(f Fix) int {
		switch {
		case f.Status != crash.Affected:
			return 2
		case f.Estimated:
			return 1
		}
		return 0
	}
	return cmp.Or(rank(b.Severity)-rank(a.Severity), cmp.Compare(b.use, a.use), danger(a.Kinds)-danger(b.Kinds), unsure(a)-unsure(b),
		strings.Compare(b.Date, a.Date), strings.Compare(a.Commit, b.Commit))
}
