package join

import "github.com/hacrash/hacrash/pkg/crash"

// Within merges parts that were found inside a core (in its memory) into the
// part of the core itself. They are of the same process by where they lie, so
// nothing is compared but what cannot go together: memory may still hold what
// an earlier child said, or a warning that the process survived. Parts that do
// not fit are left out. The core's state decides: a text may say more of the kind of
// death that the state shows, and never another one (see Part.Rank; of somebody's words the
// evidence alone is kept).
func Within(core Part, inside []Part) Part {
	g := newGroup()
	g.add(core)
	for pass := range 2 {
		for _, p := range inside {
			// Heads first: they decide what the rest may be.
			if (p.Role == Head) != (pass == 0) || !fitsInside(g, &p) {
				continue
			}
			p.Crash.Process = withoutPID(p.Crash.Process)
			p.Input = core.Input
			g.merge(&p.Crash, source{role: p.Role, rank: p.rank(), input: core.Input})
			if p.rank() == crash.RankWords {
				continue
			}
			g.has |= 1 << p.Role
			g.pointers = union(g.pointers, p.Pointers, maxPointers)
		}
	}
	g.settleMissing()
	sortThreads(g.crash.Threads)
	core.Crash, core.weights = g.crash, g.weight
	core.Pointers = g.pointers
	return core
}

// fitsInside decides about one text found in the memory of g's core.
func fitsInside(g *group, p *Part) bool {
	switch p.Role {
	case Head:
		if c := cluesOf(p); g.has.has(Head) {
			return repeats(&g.clues, &c) && compatible(&g.crash, &p.Crash)
		}
		return compatible(&g.crash, &p.Crash)
	case Body:
		return compatible(&g.crash, &p.Crash)
	case Environment:
		return p.PID == 0 && p.Prefix == 0
	case Warning:
		return p.Crash.Kind == crash.BlockedTraffic && g.crash.Kind == crash.Watchdog
	}
	return false
}

func withoutPID(p *crash.Process) *crash.Process {
	if p == nil {
		return nil
	}
	q := *p
	q.PID, q.MasterPID = 0, 0
	return &q
}
