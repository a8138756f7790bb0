package join

import (
	"slices"
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

// maxCores caps the cores that wait for their logs.
const maxCores = 64

// Joiner collects parts and gives out crashes. It is not safe for concurrent use.
type Joiner struct {
	o     Options
	emit  func(*crash.Crash) error
	open  []*group // of logs, oldest first
	index index    // of open
	cores []*group // oldest first
	rest  []*group // that Flush has yet to give out
	bytes int
	given int // fatal crashes of logs given out before the end
	order int // of the next group
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
	return &Joiner{o: o, emit: emit, env: newEnvironment(), index: newIndex()}
}

// Add takes one part.
func (j *Joiner) Add(p Part) error {
	if p.NoYear && !p.Time.IsZero() {
		p.Time = inYear(p.Time) // once, for it is compared with every group
	}
	words := p.rank() == crash.RankWords
	switch p.Role {
	case Environment:
		if !words {
			j.env.add(p)
		}
		return nil
	case Core:
		return j.addCore(p)
	}
	if p.Crash.Process != nil && !words {
		j.env.note(p)
	}
	g := j.find(&p)
	if g == nil && words {
		return nil // they make no crash
	}
	if g != nil && words {
		g.merge(&p.Crash, source{p.Role, p.rank(), p.Input, nil})
		return nil
	}
	if g == nil {
		g = j.newGroup()
		j.open = append(j.open, g)
	}
	before := g.bytes
	g.add(p)
	j.index.add(g, &p)
	if p.Role == Head {
		j.takeWarnings(g)
	}
	j.bytes += g.bytes - before
	return j.evict(&p)
}

func (j *Joiner) newGroup() *group {
	g := newGroup()
	g.order = j.order
	j.order++
	return g
}

// addCore keeps a core aside: what belongs to it is decided when a log's crash
// is whole, since single lines of a log know less than all of them together.
func (j *Joiner) addCore(p Part) error {
	g := j.newGroup()
	g.add(p)
	j.cores = append(j.cores, g)
	if len(j.cores) <= maxCores {
		return nil
	}
	return j.closeCore(0)
}

// Flush gives out all that is left. The Joiner is empty after it, and one that did not
// come to its end can be called again, for the rest.
func (j *Joiner) Flush() error {
	var rest []*group
	for _, g := range j.open {
		if !j.toCore(g) {
			rest = append(rest, g)
		}
	}
	j.open, j.index = nil, newIndex()
	rest = append(j.pairLone(rest), j.cores...)
	j.cores, j.bytes = nil, 0
	slices.SortFunc(rest, func(a, b *group) int { return a.order - b.order })
	j.rest = append(j.rest, rest...)
	for len(j.rest) > 0 {
		g := j.rest[0]
		j.rest = j.rest[1:]
		if err := j.emit(g.finish(&j.env)); err != nil {
			return err
		}
	}
	return nil
}

// find returns the open group that p belongs to, the newest of the best, or nil. Those that
// share a pid or an object with it are in the index; after these, the best that a group can be
// is near.
func (j *Joiner) find(p *Part) *group {
	var best *group
	most := 0
	for _, g := range j.index.of(p) {
		s := g.match(p)
		if s >= sameMaster && (s > most || s == most && g.order > best.order) {
			best, most = g, s
		}
	}
	for i := len(j.open) - 1; i >= 0 && most < bestNear(p); i-- {
		g := j.open[i]
		if g.complete(p, 0) {
			continue
		}
		if s := g.match(p); s > most {
			best, most = g, s
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
		if w == g || !w.has[Warning] || w.crash.Kind != crash.BlockedTraffic || !w.near(g) {
			continue
		}
		g.addWarning(w)
		j.takeOut(i)
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
			if g.input != p.Input || !ok || d <= j.o.Linger {
				i++
				continue
			}
			if err := j.close(i); err != nil {
				return err
			}
		}
	}
	for len(j.open) > 1 && (len(j.open) > j.o.MaxOpen || j.bytes > j.o.MaxBytes) {
		if err := j.close(0); err != nil {
			return err
		}
	}
	return nil
}

func (j *Joiner) close(i int) error {
	g := j.open[i]
	j.takeOut(i)
	if j.toCore(g) {
		return nil
	}
	if g.crash.Fatal {
		j.given++
	}
	return j.emit(g.finish(&j.env))
}

// takeOut takes a group out of those that are open.
func (j *Joiner) takeOut(i int) {
	g := j.open[i]
	j.open = slices.Delete(j.open, i, i+1)
	j.index.remove(g)
	j.bytes -= g.bytes
}

func (j *Joiner) closeCore(i int) error {
	g := j.cores[i]
	j.cores = append(j.cores[:i], j.cores[i+1:]...)
	return j.emit(g.finish(&j.env))
}

// toCore gives a log's crash to the core of the same process, if there is one.
func (j *Joiner) toCore(g *group) bool {
	for _, c := range j.cores {
		if c.sameProcess(g) && !(c.has[Head] && g.has[Head] && !c.repeats(&Part{Crash: g.crash})) {
			c.absorb(g, "")
			return true
		}
	}
	return false
}

// pairLone joins a core and a log that share no identity when there is nothing
// else they could belong to: one of each, and no fact against it. It returns
// the groups of logs that are left.
func (j *Joiner) pairLone(logs []*group) []*group {
	if len(j.cores) != 1 || !j.cores[0].only(Core) || j.given > 0 {
		return logs
	}
	lone := -1
	for i, g := range logs {
		if !g.crash.Fatal {
			continue
		}
		if lone >= 0 {
			return logs
		}
		lone = i
	}
	if lone < 0 || !j.cores[0].goesWith(logs[lone]) {
		return logs
	}
	j.cores[0].absorb(logs[lone], "the only core and the only crash in the logs, and no fact against it")
	return slices.Delete(logs, lone, lone+1)
}
