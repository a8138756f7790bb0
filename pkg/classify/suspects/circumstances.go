package suspects

import (
	"math"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// circumstances say what is true of a fix, not of its names.
type circumstances struct {
	// Bits of kinds, as in fixes.Brief.
	same, crash, leak uint16
	// day is that of the version, 0 when it is not known.
	day int
	dev bool
	// last is the day for which soon and soonDev were worked out: fixes of a day
	// stand together.
	last          int
	soon, soonDev float64
}

func (r *Ranker) circumstances(q *Query) *circumstances {
	c := &circumstances{dev: q.Version.IsDev()}
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
	if day := r.buildDay(q); !day.IsZero() {
		c.day = fixes.DayNumber(day)
	}
	return c
}

// values fills in the parts that are no names.
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
	if c.day == 0 {
		return v
	}
	if b.Day != c.last {
		c.last = b.Day
		c.soon = fade(b.Day-c.day, 150)
		if c.dev {
			c.soonDev = fade(b.Day-c.day, 20)
		}
	}
	v[Soon] = c.soon
	if c.dev {
		v[SoonDev] = c.soonDev
		// Nobody needs a backport of what no release has: the bug was born in
		// the same cycle.
		if b.Clause == fixes.None && b.Day-c.day < 200 {
			v[Fresh] = 0.6
		}
	}
	// What came after the release cannot have come with it; the fix went to the
	// branch for another reason.
	if b.Born > 0 && b.Born <= c.day {
		v[Fresh] = max(v[Fresh], fade(c.day-b.Born, 120))
	}
	return v
}

func fade(days int, over float64) float64 { return math.Exp(-math.Abs(float64(days)) / over) }

// buildDay is about the day of the version: of its commit, else of its release.
func (r *Ranker) buildDay(q *Query) time.Time {
	if q.Version.Raw == "" {
		return time.Time{}
	}
	if q.Version.IsDev() {
		if p, err := r.x.Build(q.Version); err == nil {
			return r.dayAt(p)
		}
	}
	if day, ok := r.x.Release(q.Version); ok || q.Version.Patch <= 0 {
		return day
	}
	return likelyDay(q.Version, r.x)
}

// dayAt is about when master had a commit: the day of the next fix.
func (r *Ranker) dayAt(position int) time.Time {
	if r.x.Count() == 0 {
		return time.Time{}
	}
	return fixes.DayOf(r.x.Brief(min(r.x.After(position), r.x.Count()-1)).Day)
}

// likelyDay is when a release came of whose branch there is no table: as long
// after X.Y.0 as in the branches that have one, on average. With 21 to 38 days
// between releases this is right to some months, which is enough for Soon.
func likelyDay(v haproxy.Version, x *fixes.Index) time.Time {
	zero := func(v haproxy.Version) (time.Time, bool) {
		v.Patch = 0
		return x.Release(v)
	}
	first, ok := zero(v)
	if !ok {
		return time.Time{}
	}
	var sum time.Duration
	n := 0
	for _, branch := range x.Branches() {
		other, err := haproxy.ParseVersion(branch)
		if err != nil {
			continue
		}
		begin, ok := zero(other)
		other.Patch = v.Patch
		if day, known := x.Release(other); ok && known {
			sum += day.Sub(begin)
			n++
		}
	}
	if n == 0 {
		return time.Time{}
	}
	return first.Add(sum / time.Duration(n))
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
