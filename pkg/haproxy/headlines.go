package haproxy

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Headline is a line with which HAProxy begins to say why it dies, or that it ought to.
type Headline struct {
	// Begins is what the line begins with.
	Begins string
	// Sure is what else every such line holds, where Begins alone is not sure. It has 8 bytes
	// at least, as large files are searched for it; without one they are for Begins.
	Sure string
	// Indented: HAProxy prints blanks before it.
	Indented bool
	// Kind is what such a line tells, until what follows it tells more.
	Kind crash.Kind
	// Makers are the functions that have the text while they end the process, and so stand on
	// its stack. Without any, the text is gone by then.
	Makers []string
}

// headlines are those of all versions. Of two that fit a line the first one counts.
var headlines = []Headline{
	// src/stream.c, since 2.0
	{Begins: "A bogus ", Kind: crash.Spinning, Makers: []string{"stream_dump_and_crash"}},
	// src/debug.c, ha_stuck_warning, since 3.1
	{Begins: "WARNING! thread ", Sure: "has stopped processing traffic", Kind: crash.BlockedTraffic, Makers: []string{"ha_stuck_warning", "wdt_handler"}},
	// src/debug.c, ha_panic, since 2.0; the second since 3.3
	{Begins: "Thread ", Sure: "is about to kill the process", Kind: crash.Watchdog, Makers: []string{"ha_panic", "wdt_handler"}},
	{Begins: "PANIC! Thread ", Sure: "is about to kill the process", Kind: crash.Watchdog, Makers: []string{"ha_panic", "wdt_handler"}},
	// src/pool.c, pool_inspect_item, since 2.9
	{Begins: "FATAL: pool inconsistency detected in thread ", Kind: crash.PoolCorruption, Makers: poolChecks},
	{Begins: "Contents around first corrupted address", Kind: crash.PoolCorruption, Makers: poolChecks},
	{Begins: "Tag does not match (", Kind: crash.PoolCorruption, Makers: poolChecks},
	{Begins: "Tag not accessible. ", Kind: crash.PoolCorruption, Makers: poolChecks},
	// and below it, for where it is cut
	{Begins: "pool: 0x", Sure: "', size ", Indented: true, Kind: crash.PoolCorruption, Makers: poolChecks},
	{Begins: "Resolving the tag as a pool_free() location: ", Kind: crash.PoolCorruption, Makers: poolChecks},
	{Begins: "Recorded caller if pool '", Kind: crash.PoolCorruption, Makers: poolChecks},
	// include/haproxy/bug.h: BUG_ON, WARN_ON and CHECK_IF since 2.0, ABORT_NOW since 3.0
	{Begins: "FATAL: ", Sure: `condition "`, Kind: crash.BugOn},
	{Begins: "WARNING: ", Sure: `condition "`, Kind: crash.WarnOn},
	{Begins: "ABORT at ", Kind: crash.BugOn},
	// src/pool.c, create_pool_from_reg, since 3.3
	{Begins: "BUG in the code: at ", Kind: crash.BugOn},
}

var poolChecks = []string{"pool_inspect_item", "pool_check_pattern", "pool_get_from_cache", "pool_put_to_cache", "__pool_free", "__pool_alloc"}

// Headlines are all that are known; they are not to be changed.
func Headlines() []Headline { return headlines }

// HeadlineOf gives the headline that a line begins like; nil if none. Quotes may be escaped.
func HeadlineOf(line string) *Headline {
	for i := range headlines {
		if headlines[i].fits(line) {
			return &headlines[i]
		}
	}
	return nil
}

func (h *Headline) fits(line string) bool {
	rest, ok := strings.CutPrefix(line, h.Begins)
	return ok && (h.Sure == "" || strings.Contains(rest, h.Sure) || strings.Contains(strings.ReplaceAll(rest, `\"`, `"`), h.Sure))
}

// Literal is what every such line holds: text that is searched for.
func (h *Headline) Literal() string {
	if h.Sure != "" {
		return h.Sure
	}
	return h.Begins
}
