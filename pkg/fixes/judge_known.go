package fixes

import (
	"errors"
	"fmt"
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// JudgeKnown is Judge for versions of which something can be told. The error says why of
// another one nothing can.
func (x *Index) JudgeKnown(v haproxy.Version, day time.Time) (*Judge, error) {
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
	var several *AmbiguousError
	if _, err := x.Build(v); v.IsDev() && errors.As(err, &several) {
		return nil, fmt.Errorf("version %s: %w", v.Raw, err)
	}
	return j, nil
}
