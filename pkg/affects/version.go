package affects

import (
	"fmt"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// settle makes a release of what is none: a branch is its newest release that is known, and the
// note says so.
func settle(x *fixes.Index, asked haproxy.Version) (v haproxy.Version, note string, err error) {
	if !asked.BranchOnly() {
		return asked, "", nil
	}
	last, ok := x.Complete(asked.Branch())
	if !ok {
		return asked, "", nil // what can be told of it is told by fixes.JudgeKnown
	}
	note = fmt.Sprintf("%s names no release: this is about %s, the newest of the branch that is known here", asked.Raw, last)
	first := last
	first.Patch = 0
	judge, err := x.JudgeKnown(first, time.Time{})
	if err != nil {
		return last, note, nil
	}
	all, err := x.Fixes()
	if err != nil {
		return last, "", err
	}
	lacks := 0
	for i := range all {
		if sentences.Crash(&all[i]) && judge.Standing(&all[i]).Status == crash.Affected {
			lacks++
		}
	}
	return last, fmt.Sprintf("%s; %s lacks %d", note, first, lacks), nil
}
