package join

import (
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Limits of a Joiner that Options leaves at zero.
const (
	defaultMaxOpen  = 256
	defaultMaxBytes = 16 << 20
)

// Options of a Joiner; the zero value is good.
type Options struct {
	// MaxOpen is how many groups may be open at once, and MaxBytes about how
	// much text they may hold together. The oldest is given out beyond that.
	MaxOpen  int
	MaxBytes int
	// Linger, when not zero, gives a group out as soon as a later part of the
	// same input is that much younger: for live streams.
	Linger time.Duration
}

// Joiner collects parts and gives out crashes. It is not safe for concurrent use.
type Joiner struct {
	o     Options
	emit  func(*crash.Crash) error
	open  []*group // oldest first
	bytes int
	env   environment
}

// New returns a Joiner that calls emit for each crash, about in the order in
// which their first parts came. An error of emit ends Add or Flush with it.
func New(o Options, emit func(*crash.Crash) error) *Joiner {
	if o.MaxOpen <= 0 {
		o.MaxOpen = defaultMaxOpen
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxBytes
	}
	return &Joiner{o: o, emit: emit, env: newEnvironment()}
}

// Add takes one part.
func (j *Joiner) Add(p Part) error {
	if p.Role == Environment {
		j.env.add(p)
		return nil
	}
	if p.Crash.Process != nil {
		j.env.note(p)
	}
	g := j.find(&p)
	if g == nil {
		g = newGroup()
		j.open = append(j.open, g)
	}
	before := g.bytes
	g.add(p)
	j.bytes += g.bytes - before
	if p.Role == Head {
		j.takeWarnings(g)
	}
	return j.evict(&p)
}

// Flush gives out all that is left. The Joiner is empty after it.
func (j *Joiner) Flush() error {
	j.pairLone()
	for len(j.open) > 0 {
		if err := j.close(0); err != nil {
			return err
		}
	}
	return nil
}

// find returns the open group that p belongs to, the newest of the best, or nil.
func (j *Joiner) find(p *Part) *group {
	var best *group
	most := 0
	for i := len(j.open) - 1; i >= 0; i-- {
		if s := j.open[i].match(p); s > most {
			best, most = j.open[i], s
		}
	}
	return best
}

// takeWarnings moves the last blocked-traffic warning of the same process into
// a watchdog's group: its trace is often the cleaner one.
func (j *Joiner) takeWarnings(g *group) {
	if g.crash.Kind != crash.Watchdog && g.crash.Kind != crash.Panic {
		return
	}
	for i := len(j.open) - 1; i >= 0; i-- {
		w := j.open[i]
		if w == g || w.crash.Kind != crash.BlockedTraffic || !w.near(g) {
			continue
		}
		g.addWarning(w)
		j.open = append(j.open[:i], j.open[i+1:]...)
		return
	}
}

// evict gives out groups until the limits hold, and those that p has left
// behind in time.
func (j *Joiner) evict(p *Part) error {
	if j.o.Linger > 0 && !p.Time.IsZero() {
		for i := 0; i < len(j.open); {
			g := j.open[i]
			d, ok := apart(g.last, stampOf(p))
			if g.input != p.Input || !ok || d <= j.o.Linger || g.has[Core] {
				i++
				continue
			}
			if err := j.close(i); err != nil {
				return err
			}
		}
	}
	for len(j.open) > j.o.MaxOpen || j.bytes > j.o.MaxBytes {
		i := j.oldest()
		if i < 0 {
			return nil
		}
		if err := j.close(i); err != nil {
			return err
		}
	}
	return nil
}

// oldest finds the group to give out: one without a core if there is one; -1
// when only the newest group is left.
func (j *Joiner) oldest() int {
	for i, g := range j.open[:len(j.open)-1] {
		if !g.has[Core] {
			return i
		}
	}
	if len(j.open) > 1 {
		return 0
	}
	return -1
}

func (j *Joiner) close(i int) error {
	g := j.open[i]
	j.open = append(j.open[:i], j.open[i+1:]...)
	j.bytes -= g.bytes
	return j.emit(g.finish(&j.env))
}

// pairLone joins a core and a log that share no identity when there is nothing
// else they could belong to: one of each, and no fact against it.
func (j *Joiner) pairLone() {
	core, log := -1, -1
	for i, g := range j.open {
		switch {
		case g.has[Core] && g.only(Core):
			if core >= 0 {
				return
			}
			core = i
		case g.has[Core]:
			return
		case g.crash.Fatal:
			if log >= 0 {
				return
			}
			log = i
		}
	}
	if core < 0 || log < 0 || !j.open[core].goesWith(j.open[log]) {
		return
	}
	c, l := j.open[core], j.open[log]
	c.absorb(l, "the only core and the only crash in the logs, and no fact against it")
	j.open = append(j.open[:log], j.open[log+1:]...)
}
