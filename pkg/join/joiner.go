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
	c := cluesOf(&p)
	g := j.find(&c)
	if g == nil && words {
		return nil // they make no crash
	}
	if g != nil && words {
		g.merge(&p.Crash, source{role: p.Role, rank: p.rank(), input: p.Input})
		return nil
	}
	if g == nil {
		g = j.newGroup()
		j.open = append(j.open, g)
	}
	before := g.bytes
	g.add(p)
	j.index.add(g, &c)
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
	for len(j.open) > 0 {
		g := j.open[0]
		j.takeOut(0)
		if !j.settle(g) && !j.toCore(g) {
			rest = append(rest, g)
		}
	}
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

// find returns the open group that a part belongs to, the newest of the best, or nil. Those
// that share a number or an object with it are in the index, and then come those of the same
// stream. Whether a thread with a number near its own, or who only stands beside it, is of the
// same crash shows later: see settle.
func (j *Joiner) find(c *clues) *group {
	var best *group
	most := 0
	for _, g := range j.index.of(c) {
		s := match(&g.clues, c)
		if s >= sameMaster && (s > most || s == most && g.order > best.order) {
			best, most = g, s
		}
	}
	for i := len(j.open) - 1; i >= 0 && best == nil; i-- {
		g := j.open[i]
		if !complete(&g.clues, c, 0) && match(&g.clues, c) == sameStream {
			best = g
		}
	}
	return best
}

// settle gives g, before it is given out, what others tell of its death from outside, or g to
// the group whose death it tells of. What only stands beside a crash may belong to the next
// one as well, and that shows when both have been read.
func (j *Joiner) settle(g *group) (gone bool) {
	for {
		var best *group
		most, away := 0, int64(0)
		for _, o := range j.open {
			if o == g || !g.has.only(outside) && !o.has.only(outside) || complete(&g.clues, &o.clues, 0) {
				continue
			}
			s, d := match(&g.clues, &o.clues), max(o.low-g.up, g.low-o.up)
			if s > most || s == most && s > 0 && d < away {
				best, most, away = o, s, d
			}
		}
		if best == nil {
			return false
		}
		if g.has.only(outside) && !best.has.only(outside) {
			j.unite(best, g)
			return true
		}
		j.unite(g, best)
	}
}

// unite puts o, if it is open, into g.
func (j *Joiner) unite(g, o *group) {
	if i := slices.Index(j.open, o); i >= 0 {
		j.takeOut(i)
	}
	before := g.bytes
	g.absorb(o, "")
	if slices.Contains(j.open, g) {
		j.bytes += g.bytes - before
		j.index.add(g, &o.clues)
	}
}

// takeWarnings moves the last blocked-traffic warning of the same process into
// a watchdog's group: its trace is often the cleaner one.
func (j *Joiner) takeWarnings(g *group) {
	if g.crash.Kind != crash.Watchdog && g.crash.Kind != crash.Panic {
		return
	}
	for i := len(j.open) - 1; i >= 0; i-- {
		w := j.open[i]
		if w == g || !w.has.has(Warning) || w.crash.Kind != crash.BlockedTraffic || !g.warned(w) {
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
			d, ok := apart(g.last, stamp{p.Time, p.NoYear, p.NoZone})
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
	if j.settle(g) || j.toCore(g) {
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
		if c.sameProcess(g) && !(c.has.has(Head) && g.has.has(Head) && !repeats(&c.clues, &g.clues)) {
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
	if len(j.cores) != 1 || !j.cores[0].has.only(1<<Core) || j.given > 0 {
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
