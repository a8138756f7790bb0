package join

import (
	"math/bits"
	"slices"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Caps on what a group remembers; what is beyond them only identifies less.
const (
	maxPointers = 64
	maxNumbers  = 32
)

// clues are what a part, or a group of parts, can be recognised by.
type clues struct {
	facts *crash.Crash
	// likely: the kind is a guess.
	likely bool
	has    roles
	host   string
	// pid is that of the process that died, exitPID the one that an exit line names.
	pid, exitPID int
	// threads are ids of those that the kernel or a backtrace says were at fault.
	//
	// Folklore: in kernel lines the number in brackets is the thread's id, not the process's;
	// they are equal for the main thread only.
	threads []int
	// prefixes are pids that stand before lines: the process's, or its master's. tags are
	// those that the envelopes have, which may be of whoever reads the output of both.
	prefixes, tags []int
	places         []place
	pointers       []crash.Addr
	last           stamp // of the newest part
	input          string
	low, up        int64 // the lines of input that it spans
}

// place is where lines follow each other: an input, and in it what one program wrote.
type place struct{ input, stream string }

// roles is a set of them.
type roles uint16

// outside are the roles of those who tell of a death from outside of the process.
const outside roles = 1<<Kernel | 1<<Coredump | 1<<Exit

func (s roles) has(r Role) bool   { return s&(1<<r) != 0 }
func (s roles) only(o roles) bool { return s != 0 && s&^o == 0 }

// best is the role that is heard first.
func (s roles) best() Role { return Role(bits.TrailingZeros16(uint16(s))) }

func cluesOf(p *Part) clues {
	c := clues{
		facts: &p.Crash, likely: p.Likely, has: 1 << p.Role, host: p.Crash.Host, pid: p.PID,
		places: []place{{p.Input, p.Stream}}, last: stamp{p.Time, p.NoYear, p.NoZone}, input: p.Input, low: p.Seq, up: max(p.Seq, p.Last),
	}
	switch p.Role {
	case Kernel:
		c.pid = 0
		c.threads = one(p.PID)
	case Exit:
		c.exitPID = p.PID
	case Coredump:
		if t := p.Crash.Faulty(); t != nil {
			c.threads = one(t.LWP)
		}
	}
	c.prefixes, c.tags = one(p.Prefix), one(p.Tag)
	for _, a := range p.Pointers {
		if a != 0 && len(c.pointers) < maxPointers {
			c.pointers = append(c.pointers, a)
		}
	}
	return c
}

// one is a list of one number, empty for 0.
func one(n int) []int {
	if n == 0 {
		return nil
	}
	return []int{n}
}

// take adds what o is recognised by.
func (c *clues) take(o *clues) {
	c.has |= o.has
	if c.host == "" {
		c.host = o.host
	}
	if o.exitPID != 0 {
		c.exitPID, c.pid = o.exitPID, o.exitPID
	}
	if c.pid == 0 {
		c.pid = o.pid
	}
	c.threads = union(c.threads, o.threads, maxNumbers)
	c.prefixes = union(c.prefixes, o.prefixes, maxNumbers)
	c.tags = union(c.tags, o.tags, maxNumbers)
	c.places = union(c.places, o.places, maxNumbers)
	c.pointers = union(c.pointers, o.pointers, maxPointers)
	if !o.last.IsZero() {
		c.last = o.last
	}
	if o.has == 1<<Core {
		return // a core has no place among the lines
	}
	if c.input != o.input {
		c.input, c.low, c.up = o.input, o.low, o.up
	}
	c.low, c.up = min(c.low, o.low), max(c.up, o.up)
}

func union[T comparable](list, more []T, most int) []T {
	for _, v := range more {
		if len(list) < most && !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}

// numbers are those by which the index lists it.
func (c *clues) numbers() []int {
	return append(slices.Concat(c.threads, c.prefixes), c.pid)
}

// stamp is a time and what is known of it.
type stamp struct {
	time.Time
	noYear, noZone bool
}

// apart is the distance of two times; false when they cannot be compared.
func apart(a, b stamp) (time.Duration, bool) {
	if a.IsZero() || b.IsZero() || a.noZone != b.noZone {
		return 0, false
	}
	x, y := a.Time, b.Time
	if a.noYear != b.noYear {
		x, y = inYear(x), inYear(y)
	}
	return x.Sub(y).Abs(), true
}

// inYear puts a time into a year of its own.
//
// Folklore: RFC 3164 stamps have no year. All go into the same leap year, so
// that February 29 stays what it is.
func inYear(t time.Time) time.Time {
	return time.Date(2000, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
}
