package fixes

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// BasisLines is the basis where the version was not stated, but inferred.
const BasisLines = "lines of the backtrace"

// Any judges a build of which only is known that it is one of several versions. What is
// true of all of them is true of it, and an estimate.
type Any struct {
	judges []*Judge
	// lineages are the places in judges of each branch, by version.
	lineages [][]int
}

// JudgeAny makes the judge of one of several versions.
func (x *Index) JudgeAny(versions []haproxy.Version) *Any {
	a := &Any{}
	cited := sync.OnceValues(x.citations)
	for _, v := range versions {
		j := x.Judge(v, time.Time{})
		j.cited = cited // the same for all, and it takes a while
		a.judges = append(a.judges, j)
	}
	a.lineages = lineages(a.judges)
	return a
}

// lineages sorts judges by branch; development versions are all of master.
func lineages(judges []*Judge) [][]int {
	var out [][]int
	at := map[string]int{}
	for i, j := range judges {
		branch := j.v.Branch()
		if j.v.IsDev() {
			branch = ""
		}
		if _, ok := at[branch]; !ok {
			at[branch] = len(out)
			out = append(out, nil)
		}
		out[at[branch]] = append(out[at[branch]], i)
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b int) int {
			x, y := judges[a], judges[b]
			return cmp.Or(cmp.Compare(x.from, y.from), x.v.Compare(y.v), cmp.Compare(x.v.CommitCount, y.v.CommitCount))
		})
	}
	return out
}

// First is of the first n versions.
func (a *Any) First(n int) *Any {
	return &Any{a.judges[:n], lineages(a.judges[:n])}
}

// One is the judge of the first version.
func (a *Any) One() *Judge { return a.judges[0] }

// Each says how each of the versions stands to the fix with a number, in their order; out
// has room for them.
func (a *Any) Each(number int, out []crash.VersionStatus) error {
	if len(a.judges) == 0 {
		return nil
	}
	f, _, err := a.judges[0].x.bare(number)
	if err == nil {
		a.each(f, out)
	}
	return err
}

// each asks the judges of the ends of a branch, and those between them only where they
// differ: along a branch a bug comes once and goes once.
func (a *Any) each(f *Fix, out []crash.VersionStatus) {
	for _, list := range a.lineages {
		ask := func(i int) crash.VersionStatus { return a.judges[list[i]].judge(f).Status }
		var between func(i, k int)
		between = func(i, k int) {
			switch first, last := out[list[i]], out[list[k]]; {
			case k-i < 2:
			case first == last:
				for m := i + 1; m < k; m++ {
					out[list[m]] = first
				}
			default:
				m := (i + k) / 2
				out[list[m]] = ask(m)
				between(i, m)
				between(m, k)
			}
		}
		out[list[0]] = ask(0)
		if last := len(list) - 1; out[list[0]] == crash.Fixed {
			for _, i := range list {
				out[i] = crash.Fixed
			}
		} else if last > 0 {
			out[list[last]] = ask(last)
			between(0, last)
		}
	}
}

// Unplaced says why nothing can be told of any of them; "" when something can.
func (a *Any) Unplaced() string {
	why := "the version is not known"
	for _, j := range a.judges {
		if j.unplaced == "" {
			return ""
		}
		why = j.unplaced
	}
	return why
}

// LacksAny is the first of some fixes that one of them lacks or may lack, "" when none does.
func (a *Any) LacksAny(commits []string) string {
	for _, j := range a.judges {
		if c := j.LacksAny(commits); c != "" {
			return c
		}
	}
	return ""
}

// Standing says how all of them stand to the bug of a fix.
func (a *Any) Standing(f *Fix) Standing {
	status := make([]crash.VersionStatus, len(a.judges))
	a.each(f, status)
	first := Standing{}
	if len(a.judges) > 0 {
		first = a.judges[0].Standing(f)
	}
	return pool(status, first)
}

// Bug says how all of them stand to a bug that somebody described.
func (a *Any) Bug(b *Bug) Standing {
	status := make([]crash.VersionStatus, len(a.judges))
	first := Standing{}
	for i, j := range a.judges {
		s := j.Bug(b)
		status[i] = s.Status
		if i == 0 {
			first = s
		}
	}
	return pool(status, first)
}

// pool sums up how each of several versions stands to a bug; the first one with its reason.
func pool(status []crash.VersionStatus, first Standing) Standing {
	count := map[crash.VersionStatus]int{}
	for _, s := range status {
		count[s]++
	}
	n := len(status)
	out := Standing{Status: crash.VersionCannotTell, FixedIn: first.FixedIn}
	switch {
	case n == 0:
		out.Reason = "the version is not known"
	case count[first.Status] == n:
		out.Status, out.Reason = first.Status, first.Reason
	case count[crash.Fixed]+count[crash.NotAffected] == n:
		out.Status, out.Reason = crash.NotAffected, "no version that it may be has the bug"
	default:
		out.Reason = fmt.Sprintf("of the %d versions that it may be, %d are affected", n, count[crash.Affected])
	}
	if out.Status != crash.VersionCannotTell {
		out.Basis, out.Estimated = BasisLines, true
	}
	return out
}
