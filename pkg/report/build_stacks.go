package report

import (
	"cmp"
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
)

// The bounds of merged stacks: what a reader can still take in.
const (
	mostDepth = 40
	mostCalls = 4000
)

// stacks merges those of all threads; nil when there is none, or a single call.
func stacks(c *crash.Crash) *Stacks {
	s := Stacks{Fatal: endedByFault(c)}
	var root Call
	calls := 0
	faulty := c.Faulty()
	for i := range c.Threads {
		t := &c.Threads[i]
		if len(t.Frames) == 0 || calls > mostCalls {
			s.Left++
			continue
		}
		s.Threads++
		calls += root.merge(t, t == faulty)
	}
	if s.Threads == 0 || s.Threads == 1 && calls == 1 {
		return nil
	}
	root.sort()
	s.Roots = root.Calls
	return &s
}

// merge adds a stack, the outermost function first, and counts what was new. Of a stack that
// is too deep the outermost functions are left out.
func (x *Call) merge(t *crash.Thread, faulty bool) (added int) {
	at := x
	culprit := t.Culprit()
	for i := min(len(t.Frames), mostDepth) - 1; i >= 0; i-- {
		f := &t.Frames[i]
		name := dataText(frameName(f))
		k := slices.IndexFunc(at.Calls, func(c *Call) bool { return c.Name == name })
		if k < 0 {
			k = len(at.Calls)
			at.Calls = append(at.Calls, &Call{Name: name})
			added++
		}
		at = at.Calls[k]
		at.Threads++
		at.Faulty = at.Faulty || faulty
		at.Culprit = at.Culprit || faulty && f == culprit
	}
	return added
}

// sort puts the thread at fault first, then what most threads are in.
func (x *Call) sort() {
	slices.SortStableFunc(x.Calls, func(a, b *Call) int {
		if a.Faulty != b.Faulty {
			if a.Faulty {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.Threads, a.Threads)
	})
	for _, c := range x.Calls {
		c.sort()
	}
}
