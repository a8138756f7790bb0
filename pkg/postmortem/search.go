package postmortem

import (
	"context"
	"slices"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/logparse/scan"
)

// What is searched for. The indexes are those of literals.
const (
	litThread = iota
	litThreadIdle
	litThreadActive
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
	litHeadlines // and those behind it: one for each of haproxy.Headlines
)

// versionMarker stands beside the version in .data (src/version.c since 2.1).
const versionMarker = "HAProxy version follows"

// literals are the fixed parts of what HAProxy prints or keeps, of every
// version since 2.0; none shorter than 8 bytes, none with a newline.
func literals() []string {
	all := []string{
		litThread:       " : id=0x", // src/debug.c ha_thread_dump; from thread 10 on there is no blank
		litThreadIdle:   "act=0 glob=",
		litThreadActive: "act=1 glob=",
		litTrace:        "call trace(",
		litMarker:       versionMarker,
		litEnvironment:  "HAPROXY_STARTUP_VERSION=",
		litReleased:     ", released ",
		litTarget:       "  TARGET  = ",
		litTargetVar:    "TARGET='",
		litFeatures:     "+51DEGREES ",
		litNoFeatures:   "-51DEGREES ",
		litPostMortem:   "POST-MORTEM STARTS HERE+7654321", // src/debug.c, 3.1
		litTyped:        "debug dev ",
		litTokens:       "debug\x00dev\x00",
		litAlert:        "[ALERT] ",
		litWarning:      "[WARNING]",
		litNotice:       "[NOTICE] ",
		litDiag:         "[DIAG]   ",
	}
	for _, h := range haproxy.Headlines() {
		all = append(all, h.Literal())
	}
	return all
}

// Bounds on hits: in all, and of each literal. Each one that is looked at costs
// the reading of up to maxText bytes.
const (
	maxHits = 1 << 20
	maxEach = 1024
)

// hitsOf are the runtime addresses of each literal, in order.
type hitsOf [][]uint64

// What is read around a hit, in bytes: the start of its line, the alert's prefix
// or the version before it; a text behind it. The rest is of fixed size.
const (
	readBefore = max(maxPrefix, maxVersion, alertPrefix)
	readBehind = max(maxVersion+len(versionMarker), longestTyped, systemSize)
)

// OnePass are the options with which a core that is read as a stream is
// searched for Read.
func OnePass() (elfcore.StreamOptions, error) {
	set, longest, err := matcher()
	return elfcore.StreamOptions{Matcher: set, Longest: longest, MaxHits: maxHits, MaxEach: maxEach, Around: around}, err
}

func around(literal int) elfcore.Around {
	switch literal {
	case litMarker, litPostMortem, litTyped, litTokens:
		return elfcore.Around{Before: readBefore, After: readBehind}
	}
	return elfcore.Around{Before: readBefore, After: maxText, Text: true}
}

func matcher() (set *scan.Set, longest int, err error) {
	words := literals()
	for _, w := range words {
		longest = max(longest, len(w))
	}
	set, err = scan.NewSet(words, nil)
	return set, longest, err
}

// search runs once over all memory.
func (f *Findings) search(ctx context.Context, c *elfcore.Core, o Options) (hitsOf, error) {
	set, longest, err := matcher()
	if err != nil {
		return nil, err
	}
	hits, capped, err := c.Search(ctx, set, elfcore.SearchOptions{Longest: longest, Workers: o.Workers, MaxHits: maxHits})
	if err != nil {
		return nil, err
	}
	by := make(hitsOf, len(literals()))
	for _, h := range hits {
		by[h.Literal] = append(by[h.Literal], h.Address)
	}
	for i := range by {
		if len(by[i]) > maxEach {
			capped = true
			by[i] = f.nearest(by[i])
		}
	}
	if capped {
		f.Problems = append(f.Problems, "memory holds more copies of HAProxy's texts than are looked at: some were left out")
	}
	return by, nil
}

// nearest keeps the hits that are looked at where there are too many: those in
// the stack of the thread that died before all others. Clients decide what is
// on the heap, and could bury the crash's own text under copies.
func (f *Findings) nearest(hits []uint64) []uint64 {
	onStack := func(at uint64) bool {
		n, ok := f.places.stack(at)
		return ok && n == 0
	}
	slices.SortStableFunc(hits, func(a, b uint64) int {
		switch x, y := onStack(a), onStack(b); {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	})
	return hits[:maxEach]
}

// markerInProgram looks for the version marker in the executable's own data. A
// program that HAProxy started, or that talks to it, may hold its name and
// environment, but not that.
func markerInProgram(ctx context.Context, c *elfcore.Core) (bool, error) {
	m := c.MainModule()
	if m == nil {
		return false, nil
	}
	// The same words as later, for a core that was read in one pass was searched for
	// these and no others.
	set, longest, err := matcher()
	if err != nil {
		return false, err
	}
	hits, _, err := c.Search(ctx, set, elfcore.SearchOptions{
		Longest: longest,
		MaxHits: maxHits,
		Only: func(s *elfcore.Segment) bool {
			return s.Address >= m.Start && s.Address < m.End
		},
	})
	return slices.ContainsFunc(hits, func(h elfcore.Hit) bool { return h.Literal == litMarker }), err
}
