package join

import (
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/signals"
)

// A fact weighs what its rank and the role of its source are worth: the rank decides, and
// among equals the role. Ranks are told apart by who could have written the source, roles
// by how near it was.
type weight int

const rankStep = 16 // more than any authority

// weigh gives the weight of what a part of that rank and role says.
func weigh(rank crash.Rank, r Role) weight {
	w := 0
	for _, under := range [...]crash.Rank{"", crash.RankWords, crash.RankOther, crash.RankHAProxy} {
		if rank.Over(under) {
			w++
		}
	}
	return weight(w*rankStep + authority(r))
}

// sameRank says that two weights differ by their roles alone, if at all.
func (w weight) sameRank(o weight) bool { return w/rankStep == o/rankStep }

// authority ranks the roles as sources of facts, higher is better.
func authority(r Role) int {
	switch r {
	case Head:
		return 7
	case Core:
		return 6
	case Coredump:
		return 5
	case Body:
		return 4
	case Kernel:
		return 3
	case Exit:
		return 2
	}
	return 1
}

// rank says who could have written the part.
func (p *Part) rank() crash.Rank {
	if p.Rank != "" {
		return p.Rank
	}
	switch p.Role {
	case Core:
		return crash.RankState
	case Kernel, Coredump, Exit:
		return crash.RankOther
	}
	return crash.RankHAProxy
}

// kindRank ranks kinds by how much they say: a spin ends in an ABORT_NOW, which
// ends in a SIGILL, which the master reports as code 132; all four are true,
// and the first is the one to tell.
func kindRank(k crash.Kind) int {
	switch k {
	case crash.Spinning:
		return 12
	case crash.PoolCorruption:
		return 11
	case crash.Watchdog:
		return 10
	case crash.Panic:
		return 9
	case crash.BugOn:
		return 8
	case crash.HeapCorruption, crash.MemoryError, crash.StackOverflow:
		return 7
	case crash.OutOfMemory:
		return 6
	case crash.Segfault, crash.IllegalInstruction, crash.BusError, crash.FPE:
		return 5
	case crash.Abort:
		return 4
	case crash.Killed:
		return 3
	case crash.BlockedTraffic, crash.WarnOn:
		return 2
	}
	return 1
}

// deaths lists the signals that a kind can end with.
// Source: HAProxy include/haproxy/bug.h (ABORT_NOW: a write to address 1 until
// 2.7, an undefined instruction since 2.8 on x86 and aarch64, abort() with
// DEBUG_USE_ABORT), src/debug.c (ha_panic: abort()).
func deaths(k crash.Kind) []string {
	switch k {
	case crash.Spinning, crash.BugOn, crash.PoolCorruption:
		return []string{"SIGSEGV", "SIGILL", "SIGABRT"}
	case crash.Watchdog, crash.Panic, crash.Abort:
		return []string{"SIGABRT"}
	case crash.HeapCorruption:
		return []string{"SIGABRT", "SIGSEGV"}
	case crash.Segfault:
		return []string{"SIGSEGV"}
	case crash.StackOverflow:
		return []string{"SIGSEGV", "SIGBUS"}
	case crash.IllegalInstruction:
		return []string{"SIGILL"}
	case crash.BusError:
		return []string{"SIGBUS"}
	case crash.FPE:
		return []string{"SIGFPE"}
	case crash.OutOfMemory:
		return []string{"SIGKILL"}
	}
	return nil
}

// refines says that fine tells more of the death that coarse tells of, and nothing else:
// signal is that of the death, empty when nobody knows it.
func refines(fine, coarse crash.Kind, signal string) bool {
	switch coarse {
	case "", crash.Unknown, crash.BlockedTraffic, crash.WarnOn:
		return true
	case crash.BugOn:
		return fine == crash.Spinning || fine == crash.PoolCorruption
	case crash.Segfault, crash.IllegalInstruction, crash.BusError, crash.FPE, crash.Abort, crash.Killed:
	default:
		return false
	}
	if kindRank(fine) <= kindRank(coarse) || bare(fine) {
		return false
	}
	if signal == "" {
		for _, signal = range deaths(coarse) {
			break
		}
	}
	return dies(fine, signal)
}

// bare says that a kind is only the name of a signal.
func bare(k crash.Kind) bool {
	for n := 1; n < 32; n++ {
		if signals.KindOf(n) == k {
			return true
		}
	}
	return false
}

// mergeKind settles the kind, and says whether what the part tells of it agrees with what
// is known. The higher rank decides; what a lower one says may only refine it. Of one rank the
// kind that says more is taken. A fatal part makes the crash fatal.
//
// Folklore: thread blocks found without the panic's header (3.1 and later keep
// one buffer a thread in memory) are the same for a watchdog and for a panic
// asked for on the CLI; a body's kind is a guess then, and the core knows better.
func (m *merger) kind(c *crash.Crash) (agrees bool) {
	g, d := m.g, &m.g.crash
	d.Fatal = d.Fatal || c.Fatal
	old, now := g.weight["kind"], m.weight("kind")
	if m.role == Body && kindRank(d.Kind) >= kindRank(crash.BugOn) {
		return true
	}
	defer func() {
		if d.Kind == "" {
			d.Kind = crash.Unknown
		}
	}()
	if c.Kind == "" || c.Kind == crash.Unknown {
		return true
	}
	if m.guessed(c.Kind, now) {
		return true
	}
	if d.Kind == "" || d.Kind == c.Kind {
		m.takeKind(c.Kind, max(old, now))
		return true
	}
	signal := d.SignalName()
	if now > old && c.SignalName() != "" {
		signal = c.SignalName()
	}
	switch {
	case old.sameRank(now):
		if kindRank(c.Kind) > kindRank(d.Kind) {
			m.takeKind(c.Kind, max(old, now))
		}
		return true
	case refines(c.Kind, d.Kind, signal):
		m.takeKind(c.Kind, max(old, now))
		return true
	case refines(d.Kind, c.Kind, signal):
		g.weight["kind"] = max(old, now)
		return true
	}
	was := crash.ConflictValue{Value: string(d.Kind), Source: g.from["kind"].Source, Where: g.from["kind"].Where}
	is := crash.ConflictValue{Value: string(c.Kind), Source: m.input, Where: m.where("kind")}
	if now > old {
		m.takeKind(c.Kind, now)
		m.conflict("kind", []crash.ConflictValue{is, was})
		return true
	}
	m.conflict("kind", []crash.ConflictValue{was, is})
	return false
}

// guessed settles the kind where one of the two is only likely, and says whether it did.
func (m *merger) guessed(k crash.Kind, w weight) bool {
	g := m.g
	switch known := g.crash.Kind; {
	case known == "", known == crash.Unknown: // nobody has spoken
		g.likely = m.likely
	case known == k:
		g.likely = g.likely && m.likely
	case m.likely && !g.likely:
		return true // who knows has spoken
	case g.likely && !m.likely:
		g.likely = false
		m.takeKind(k, w)
		return true
	}
	return false
}

func (m *merger) takeKind(k crash.Kind, w weight) {
	m.g.crash.Kind, m.g.weight["kind"] = k, w
	m.g.from["kind"] = crash.ConflictValue{Value: string(k), Source: m.input, Where: m.where("kind")}
}
