package join

import (
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Caps on what one group keeps; a part beyond them still fills absent facts.
const (
	maxEvidence  = 200
	maxConflicts = 32
	maxPointers  = 64
)

// stamp is a time and what is known of it.
type stamp struct {
	time.Time
	noYear, noZone bool
}

func stampOf(p *Part) stamp { return stamp{p.Time, p.NoYear, p.NoZone} }

// apart is the distance of two times; false when they cannot be compared.
func apart(a, b stamp) (time.Duration, bool) {
	if a.IsZero() || b.IsZero() || a.noZone != b.noZone {
		return 0, false
	}
	x, y := a.Time, b.Time
	if a.noYear != b.noYear {
		x, y = inYear(x), inYear(y)
	}
	d := x.Sub(y)
	if d < 0 {
		d = -d
	}
	return d, true
}

// inYear puts a time into a year of its own.
//
// Folklore: RFC 3164 stamps have no year. All go into the same leap year, so
// that February 29 stays what it is.
func inYear(t time.Time) time.Time {
	return time.Date(2000, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
}

// place is where lines follow each other: an input, and in it what one process wrote.
type place struct{ input, stream string }

func (p *Part) place() place { return place{p.Input, p.Stream} }

// group is a crash that is still being put together.
type group struct {
	crash  crash.Crash
	weight map[string]weight // of the source of a fact
	from   map[string]crash.ConflictValue
	has    [Warning + 1]bool
	// headless is what is missing as long as there is no head.
	headless []crash.Missing

	host          string
	pid, exitPID  int          // of the process that died; as named by an exit line
	pids          map[int]bool // all that its parts named
	prefixes      map[int]bool // pids in envelopes and alert prefixes
	lwps          map[int]bool // threads of a core
	streams       map[place]bool
	pointers      map[crash.Addr]bool
	last          stamp // of the newest part
	input         string
	seqLow, seqUp int64 // lines of input that the group spans
	bytes         int
	order         int // of creation
}

func newGroup() *group {
	return &group{
		weight: map[string]weight{}, from: map[string]crash.ConflictValue{},
		pids: map[int]bool{}, prefixes: map[int]bool{}, lwps: map[int]bool{}, streams: map[place]bool{}, pointers: map[crash.Addr]bool{},
	}
}

// only tells that the group holds parts of one role alone.
func (g *group) only(r Role) bool {
	for i, has := range g.has {
		if has && Role(i) != r {
			return false
		}
	}
	return g.has[r]
}

// add puts p's facts into the group.
func (g *group) add(p Part) {
	g.identify(&p)
	g.merge(&p.Crash, source{p.Role, p.rank(), p.Input, p.weights})
	g.has[p.Role] = true
}

// identify takes from p what later parts may be matched by.
func (g *group) identify(p *Part) {
	if g.host == "" {
		g.host = p.Crash.Host
	}
	g.pids[p.PID], g.pids[p.Prefix] = true, true
	switch {
	case p.Role == Exit && p.PID != 0:
		g.exitPID = p.PID
		g.pid = p.PID
	case p.Role == Kernel && g.pid == 0 && p.PID != 0:
		g.lwps[p.PID] = true // a thread's id: see match
	case p.PID != 0 && g.pid == 0:
		g.pid = p.PID
	}
	if p.Prefix != 0 {
		g.prefixes[p.Prefix] = true
	}
	if p.Role == Core {
		for _, t := range p.Crash.Threads {
			g.lwps[t.LWP] = true
		}
	}
	g.streams[p.place()] = true
	for _, a := range p.Pointers {
		if len(g.pointers) < maxPointers && a != 0 {
			g.pointers[a] = true
		}
	}
	if !p.Time.IsZero() {
		g.last = stampOf(p)
	}
	if p.Role == Core {
		return // a core has no place among the lines
	}
	if g.input != p.Input {
		g.input, g.seqLow, g.seqUp = p.Input, p.Seq, p.Seq
	}
	g.seqLow, g.seqUp = min(g.seqLow, p.Seq), max(g.seqUp, p.Seq)
}

// settleMissing takes over what bodies lack when no head has come.
func (g *group) settleMissing() {
	if !g.has[Head] {
		g.mergeMissing(g.headless, Head)
	}
	g.headless = nil
}

// absorb merges a log's group into that of a core. why is said when nothing in
// the two says it.
func (g *group) absorb(o *group, why string) {
	g.order = min(g.order, o.order)
	g.headless = append(g.headless, o.headless...)
	r := bestRole(o)
	g.merge(&o.crash, source{r, (&Part{Role: r}).rank(), o.input, o.weight})
	for r, has := range o.has {
		g.has[r] = g.has[r] || has
	}
	for pid := range o.prefixes {
		g.prefixes[pid] = true
	}
	if g.pid == 0 {
		g.pid = o.pid
	}
	if why != "" {
		g.crash.Evidence = append(g.crash.Evidence, crash.Evidence{Fact: "joined", Source: o.input, Text: why})
	}
}

func bestRole(g *group) Role {
	for r, has := range g.has {
		if has {
			return Role(r)
		}
	}
	return Body
}

// addWarning keeps a warning that came before the panic as evidence.
func (g *group) addWarning(w *group) {
	threads := w.crash.Threads
	w.crash.Threads = nil
	kind, fatal, text := g.crash.Kind, g.crash.Fatal, g.crash.Text
	g.merge(&w.crash, source{Warning, crash.RankHAProxy, w.input, w.weight})
	g.crash.Kind, g.crash.Fatal, g.crash.Text = kind, fatal, text
	// The panic's own trace wins when it has one.
	for i := range threads {
		threads[i].Faulty = threads[i].Stuck
		if t := g.crash.Faulty(); t == nil || len(t.Frames) == 0 {
			g.mergeThreads(threads[i : i+1])
		}
	}
}

// finish gives the crash, with what the environment knows of its process.
func (g *group) finish(env *environment) *crash.Crash {
	c := &g.crash
	g.settleMissing()
	env.fill(g)
	if c.Process == nil && (g.pid != 0 || len(g.prefixes) == 1) {
		c.Process = &crash.Process{}
	}
	if c.Process != nil && c.Process.PID == 0 {
		c.Process.PID = g.pid
		if g.pid == 0 && len(g.prefixes) == 1 && c.Process.Role != "master" {
			// Folklore: the pid before the line may be the master's (journald
			// names the process that was given the pipe). It is taken only
			// when nothing better is known.
			for pid := range g.prefixes {
				c.Process.PID = pid
			}
		}
	}
	if c.Host == "" {
		c.Host = g.host
	}
	sortThreads(c.Threads)
	return c
}
