package join

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
)

// maxThreads caps the threads of one crash; HAProxy itself stops at 4096.
const maxThreads = 8192

// sortThreads puts the faulty threads first and keeps the order otherwise.
func sortThreads(ts []crash.Thread) {
	slices.SortStableFunc(ts, func(a, b crash.Thread) int {
		switch {
		case a.Faulty == b.Faulty:
			return 0
		case a.Faulty:
			return -1
		}
		return 1
	})
}

// mergeThreads joins the threads of a part to those of the group.
func (g *group) mergeThreads(ts []crash.Thread) {
	if len(ts) == 0 {
		return
	}
	have := g.crash.Threads
	if len(have) == 0 {
		g.crash.Threads = append(have, ts...)
		return
	}
	ts = slices.Clone(ts)
	renumber(have, ts)
	for i := range ts {
		if d := counterpart(have, &ts[i]); d != nil {
			mergeThread(d, &ts[i])
			continue
		}
		if len(g.crash.Threads) < maxThreads && unlike(have, &ts[i]) {
			g.crash.Threads = append(g.crash.Threads, ts[i])
		}
	}
}

func anyFaulty(ts []crash.Thread) bool {
	return slices.ContainsFunc(ts, func(t crash.Thread) bool { return t.Faulty })
}

// unlike tells that t can be listed beside the others: it can be told apart.
func unlike(have []crash.Thread, t *crash.Thread) bool {
	return t.Number != 0 || t.LWP != 0 || (len(t.Frames) > 0 && !anyFaulty(have))
}

// counterpart finds the thread of have that t speaks of.
func counterpart(have []crash.Thread, t *crash.Thread) *crash.Thread {
	for i := range have {
		h := &have[i]
		if t.LWP != 0 && t.LWP == h.LWP || t.Number != 0 && t.Number == h.Number && (t.LWP == 0 || h.LWP == 0) {
			return h
		}
	}
	for i := range have {
		h := &have[i]
		differ := t.LWP != 0 && h.LWP != 0 || t.Number != 0 && h.Number != 0
		if t.Faulty && h.Faulty && !differ {
			return h
		}
	}
	return nil
}

// renumber gives the threads of a core HAProxy's numbers when a log has them.
// HAProxy starts its threads one after the other, so that the n-th smallest
// thread id is thread n (src/thread.c); it holds only when both sides show the
// same count, and is not used when it would make another thread the faulty one.
func renumber(have, ts []crash.Thread) {
	core, log := have, ts
	if core[0].LWP == 0 {
		core, log = ts, have
	}
	if len(core) != len(log) || core[0].LWP == 0 {
		return
	}
	for i := range core {
		if core[i].LWP == 0 || core[i].Number != 0 || log[i].Number == 0 || log[i].LWP != 0 {
			return
		}
	}
	order := make([]int, len(core))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return core[a].LWP - core[b].LWP })
	rank := make([]int, len(core))
	for n, i := range order {
		rank[i] = n + 1
	}
	for i := range core {
		for k := range log {
			if log[k].Faulty && core[i].Faulty && log[k].Number != rank[i] {
				return
			}
		}
	}
	for i := range core {
		core[i].Number = rank[i]
	}
}

// mergeThread fills what d lacks.
func mergeThread(d, t *crash.Thread) {
	if d.Number == 0 {
		d.Number = t.Number
	}
	if d.LWP == 0 {
		d.LWP = t.LWP
	}
	d.Faulty = d.Faulty || t.Faulty
	d.Stuck = d.Stuck || t.Stuck
	if d.Name == "" {
		d.Name = t.Name
	}
	if d.Task == nil {
		d.Task = t.Task
	}
	if d.Stream == nil {
		d.Stream = t.Stream
	}
	if d.Lua == "" {
		d.Lua = t.Lua
	}
	if d.Lock == nil {
		d.Lock = t.Lock
	}
	if len(d.Fields) < len(t.Fields) {
		d.Fields = t.Fields
	}
	if betterStack(t, d) {
		d.Frames, d.Broken = t.Frames, t.Broken
	}
	if len(d.Registers) == 0 {
		d.Registers = t.Registers
	}
}

// betterStack tells whether a's frames are to be shown rather than b's. A stack
// that was walked in the core has names, lines and arguments, and does not stop
// after some frames as HAProxy's own traces do; but if the walk failed at
// once the longer one is better.
func betterStack(a, b *crash.Thread) bool {
	if wa, wb := walked(a), walked(b); wa != wb {
		return wa
	}
	return len(a.Frames) > len(b.Frames)
}

// walked tells whether the frames were walked in a core, further than the
// thread's own registers.
func walked(t *crash.Thread) bool {
	return len(t.Frames) > 1 && t.Frames[0].Trust == crash.TrustContext
}
