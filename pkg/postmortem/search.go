package postmortem

import (
	"context"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/logparse/scan"
)

// What is searched for. The indexes are those of literals.
const (
	litSpin = iota
	litPanic
	litThread
	litBlocked
	litCondition
	litAbort
	litPool
	litCorrupted
	litTrace
	litMarker
	litEnvironment
	litReleased
	litTarget
	litTargetVar
	litFeatures
	litNoFeatures
	litPostMortem
	litTyped
	litTokens
	litAlert
	litWarning
	litNotice
	litDiag
)

// versionMarker stands beside the version in .data (src/version.c since 2.1).
const versionMarker = "HAProxy version follows"

// literals are the fixed parts of what HAProxy prints or keeps, of every
// version since 2.0; none shorter than 8 bytes, none with a newline.
func literals() []string {
	return []string{
		litSpin:        "A bogus ",                       // src/stream.c stream_dump_and_crash
		litPanic:       "is about to kill the process",   // src/debug.c ha_panic
		litThread:      " : id=0x",                       // src/debug.c ha_thread_dump
		litBlocked:     "has stopped processing traffic", // src/debug.c ha_stuck_warning, 3.1
		litCondition:   "condition \"",                   // include/haproxy/bug.h BUG_ON
		litAbort:       "ABORT at ",                      // include/haproxy/bug.h ABORT_NOW, 3.0
		litPool:        "pool inconsistency detected in thread",
		litCorrupted:   "Contents around first corrupted",
		litTrace:       "call trace(",
		litMarker:      versionMarker,
		litEnvironment: "HAPROXY_STARTUP_VERSION=",
		litReleased:    ", released ",
		litTarget:      "  TARGET  = ",
		litTargetVar:   "TARGET='",
		litFeatures:    "+51DEGREES ",
		litNoFeatures:  "-51DEGREES ",
		litPostMortem:  "POST-MORTEM STARTS HERE+7654321", // src/debug.c, 3.1
		litTyped:       "debug dev ",
		litTokens:      "debug\x00dev\x00",
		litAlert:       "[ALERT] ",
		litWarning:     "[WARNING]",
		litNotice:      "[NOTICE] ",
		litDiag:        "[DIAG]   ",
	}
}

// hitsOf are the runtime addresses of each literal, in order.
type hitsOf [][]uint64

// search runs once over all memory.
func (f *Findings) search(ctx context.Context, c *elfcore.Core, o Options) (hitsOf, error) {
	words := literals()
	set, err := scan.NewSet(words, nil)
	if err != nil {
		return nil, err
	}
	longest := 0
	for _, w := range words {
		longest = max(longest, len(w))
	}
	hits, capped, err := c.Search(ctx, set, elfcore.SearchOptions{Longest: longest, Workers: o.Workers})
	if err != nil {
		return nil, err
	}
	if capped {
		f.Problems = append(f.Problems, "memory holds more copies of HAProxy's texts than are looked at: some were left out")
	}
	by := make(hitsOf, len(words))
	for _, h := range hits {
		by[h.Literal] = append(by[h.Literal], h.Address)
	}
	return by, nil
}

// markerInProgram looks for the version marker in the executable's own data. A
// program that HAProxy started, or that talks to it, may hold its name and
// environment, but not that.
func markerInProgram(ctx context.Context, c *elfcore.Core) (bool, error) {
	m := c.MainModule()
	if m == nil {
		return false, nil
	}
	set, err := scan.NewSet([]string{versionMarker}, nil)
	if err != nil {
		return false, err
	}
	hits, _, err := c.Search(ctx, set, elfcore.SearchOptions{
		Longest: len(versionMarker),
		MaxHits: 1,
		Only: func(s *elfcore.Segment) bool {
			return s.Address >= m.Start && s.Address < m.End
		},
	})
	return len(hits) > 0, err
}
