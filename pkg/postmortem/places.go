package postmortem

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

// How far below a stack pointer dead frames are still taken for that stack.
// BUG_ON's trace buffer lies some 2 KiB below, that of the alert with a whole
// stream dump some 9 KiB.
const deadStack = 256 << 10

// place is a part of memory with a name.
type place struct {
	start, end uint64
	thread     int // index in Core.Threads
}

// places are the stacks, by address.
type places struct {
	c      *elfcore.Core
	stacks []place
}

// findPlaces finds the stack of each thread.
//
// Folklore: the stack of a thread is a piece of an anonymous mapping that the
// kernel may have merged with its neighbours, so the segment around the stack
// pointer is too much: malloc's arenas may lie in it. On x86-64 glibc and musl
// put the thread's own descriptor, at which fs_base points, at the upper end.
func findPlaces(c *elfcore.Core) places {
	p := places{c: c}
	for i := range c.Threads {
		r := &c.Threads[i].Registers
		sp := r.SP()
		s := c.Segment(sp)
		if s == nil {
			continue
		}
		at := place{start: s.Address, end: s.End(), thread: i}
		if sp-at.start > deadStack {
			at.start = sp - deadStack
		}
		if tp := r.ThreadPointer; tp > sp && tp < at.end {
			at.end = min(at.end, tp+c.PageSize)
		}
		p.stacks = append(p.stacks, at)
	}
	slices.SortStableFunc(p.stacks, func(a, b place) int { return cmp.Compare(a.start, b.start) })
	return p
}

// stack gives the index of the thread whose stack holds addr.
func (p places) stack(addr uint64) (thread int, ok bool) {
	i := sort.Search(len(p.stacks), func(i int) bool { return p.stacks[i].start > addr }) - 1
	if i < 0 || addr >= p.stacks[i].end {
		return 0, false
	}
	return p.stacks[i].thread, true
}

// where says in words where addr lies.
func (p places) where(addr uint64) string {
	if n, ok := p.stack(addr); ok {
		return fmt.Sprintf("stack of thread %d", n+1)
	}
	if p.c.Module(addr) != nil {
		return "module data"
	}
	return "heap"
}
