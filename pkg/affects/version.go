package affects

import (
	"errors"
	"fmt"
	"time"

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
		return asked, "", nil // what can be told of it is told by judgeOf
	}
	return last, fmt.Sprintf("%s names no release: this is about %s, the newest of the branch that is known here; an older one lacks more", asked.Raw, last), nil
}

// judgeOf refuses versions of which nothing can be told, where a report could
// only say so.
func judgeOf(x *fixes.Index, v haproxy.Version, day time.Time) (*fixes.Judge, error) {
	j := x.Judge(v, day)
	if why := j.Unplaced(); why != "" {
		return nil, fmt.Errorf("version %s: %s", v.Raw, why)
	}
	if v.BranchOnly() {
		return nil, fmt.Errorf("version %s: no release of the branch is known here; name one, such as %s.1", v.Raw, v.Branch())
	}
	tag := v
	if !v.IsDev() {
		tag.Patch = 0
	}
	if _, ok := x.Tag(tag); !ok {
		head, day := x.Head()
		return nil, fmt.Errorf("version %s is newer than the fix index, which ends at %s of %s; hacrash bugs update --git brings newer data",
			v.Raw, head[:10], day.Format(time.DateOnly))
	}
	if last, ok := x.Complete(v.Branch()); ok && v.Patch > 0 && v.Patch <= last.Patch {
		if _, ok := x.Release(v); !ok {
			return nil, fmt.Errorf("branch %s has no release %s; its last known one is %s", v.Branch(), v, last)
		}
	}
	var several *fixes.AmbiguousError
	if _, err := x.Build(v); v.IsDev() && errors.As(err, &several) {
		return nil, fmt.Errorf("version %s: %w", v.Raw, err)
	}
	return j, nil
}
