package affects

import (
	"fmt"

	"github.com/hacrash/hacrash/pkg/fixes"
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
	return last, fmt.Sprintf("%s names no release: this is about %s, the newest of the branch that is known here; an older one lacks more", asked.Raw, last), nil
}
