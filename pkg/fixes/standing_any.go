package fixes

import (
	"fmt"
	"sync"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// BasisLines is the basis where the version was not stated, but inferred.
const BasisLines = "lines of the backtrace"

// Any judges a build of which only is known that it is one of several versions. What is
// true of all of them is true of it, and an estimate.
type Any struct{ judges []*Judge }

// JudgeAny makes the judge of one of several versions.
func (x *Index) JudgeAny(versions []haproxy.Version) *Any {
	a := &Any{}
	cited := sync.OnceValues(x.citations)
	for _, v := range versions {
		j := x.Judge(v, time.Time{})
		j.cited = cited // the same for all, and it takes a while
		a.judges = append(a.judges, j)
	}
	return a
}

// Each are the judges of the versions, in their order.
func (a *Any) Each() []*Judge { return a.judges }

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

// Lacks says whether one of them may have the bug of the fix with a number.
func (a *Any) Lacks(number int) (bool, error) {
	for _, j := range a.judges {
		if lacks, err := j.Lacks(number); lacks || err != nil {
			return lacks, err
		}
	}
	return false, nil
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
	return a.pool(func(j *Judge) Standing { return j.Standing(f) })
}

// Bug says how all of them stand to a bug that somebody described.
func (a *Any) Bug(b *Bug) Standing {
	return a.pool(func(j *Judge) Standing { return j.Bug(b) })
}

func (a *Any) pool(judge func(*Judge) Standing) Standing {
	count := map[crash.VersionStatus]int{}
	var first Standing
	for i, j := range a.judges {
		s := judge(j)
		if i == 0 {
			first = s
		}
		count[s.Status]++
	}
	n := len(a.judges)
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
