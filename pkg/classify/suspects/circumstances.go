package suspects

import (
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
)

// circumstances say what is true of a fix, not of its names or days.
type circumstances struct {
	// Bits of kinds, as in fixes.Brief.
	same, crash, leak uint16
}

func circumstancesOf(q *Query) *circumstances {
	c := &circumstances{}
	for i, kind := range fixes.AllKinds() {
		switch relate(q.Kind, kind) {
		case sameKind:
			c.same |= 1 << i
		case anyCrash:
			c.crash |= 1 << i
		}
		if kind == "leak" {
			c.leak = 1 << i
		}
	}
	return c
}

// values fills in the parts that are no names or days.
func (c *circumstances) values(b fixes.Brief) (v [Parts]float64) {
	switch {
	case b.Kinds&c.same != 0:
		v[SameKind] = 1
	case b.Kinds&c.crash != 0:
		v[AnyCrash] = 1
	}
	switch {
	case b.Severity >= fixes.SeverityMajor:
		v[Major] = 1
	case b.Severity <= fixes.SeverityMinor:
		v[Minor] = 1
	}
	if b.Kinds == c.leak {
		v[Leak] = 1
	}
	if b.Cited {
		v[Cited] = 1
	}
	return v
}

type relation uint8

const (
	noRelation relation = iota
	anyCrash
	sameKind
)

// relate compares the kind of a crash with a word of a fix.
func relate(kind crash.Kind, word string) relation {
	switch word {
	case "crash":
		return anyCrash
	case "segfault", "use_after_free", "double_free", "null", "out_of_bounds", "corruption":
		switch kind {
		case crash.Segfault, crash.Abort, crash.BusError, crash.HeapCorruption, crash.PoolCorruption, crash.IllegalInstruction, crash.FPE, crash.StackOverflow, crash.MemoryError:
			return sameKind
		}
	case "loop", "watchdog", "deadlock":
		switch kind {
		case crash.Spinning, crash.Watchdog, crash.BlockedTraffic, crash.Panic:
			return sameKind
		}
	case "freeze":
		switch kind {
		case crash.Spinning, crash.Watchdog, crash.BlockedTraffic:
			return anyCrash
		}
	case "bug_on":
		switch kind {
		case crash.BugOn, crash.WarnOn, crash.IllegalInstruction:
			return sameKind
		}
	}
	return noRelation
}
