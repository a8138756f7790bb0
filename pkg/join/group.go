package join

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Caps on what one group keeps; a part beyond them still fills absent facts.
const (
	maxEvidence  = 200
	maxConflicts = 32
)

// group is a crash that is still being put together.
type group struct {
	clues
	crash  crash.Crash
	weight map[string]weight // of the source of a fact
	from   map[string]crash.ConflictValue
	// headless is what is missing as long as there is no head.
	headless []crash.Missing

	lwps  map[int]bool // threads of a core
	bytes int
	order int // of creation
	// numbered and pointed are what the index lists it under.
	numbered []int
	pointed  []crash.Addr
}

func newGroup() *group {
	g := &group{weight: map[string]weight{}, from: map[string]crash.ConflictValue{}}
	g.facts = &g.crash
	return g
}

// add puts p's facts into the group.
func (g *group) add(p Part) {
	c := cluesOf(&p)
	g.take(&c)
	if p.Role == Core {
		g.lwps = map[int]bool{}
		for _, t := range p.Crash.Threads {
			g.lwps[t.LWP] = t.LWP != 0
		}
	}
	g.merge(&p.Crash, source{role: p.Role, rank: p.rank(), input: p.Input, likely: p.Likely, weights: p.weights})
}

// settleMissing takes over what bodies lack when no head has come.
func (g *group) settleMissing() {
	if !g.has.has(Head) {
		g.mergeMissing(g.headless, Head)
	}
	g.headless = nil
}

// absorb merges another group. why is said when nothing in the two says it.
func (g *group) absorb(o *group, why string) {
	g.order = min(g.order, o.order)
	g.headless = append(g.headless, o.headless...)
	r := o.has.best()
	g.merge(&o.crash, source{role: r, rank: (&Part{Role: r}).rank(), input: o.input, likely: o.likely, weights: o.weight})
	g.take(&o.clues)
	if why != "" {
		g.crash.Evidence = append(g.crash.Evidence, crash.Evidence{Fact: "joined", Source: o.input, Text: why})
	}
}

// addWarning keeps a warning that came before the panic as evidence.
func (g *group) addWarning(w *group) {
	threads := w.crash.Threads
	w.crash.Threads = nil
	kind, fatal, text := g.crash.Kind, g.crash.Fatal, g.crash.Text
	g.merge(&w.crash, source{role: Warning, rank: crash.RankHAProxy, input: w.input, weights: w.weight})
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
	if !g.likely {
		c.Missing = slices.DeleteFunc(c.Missing, func(m crash.Missing) bool { return m.ID == crash.LacksSignal })
	}
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
			c.Process.PID = g.prefixes[0]
		}
	}
	if c.Host == "" {
		c.Host = g.host
	}
	sortThreads(c.Threads)
	return c
}
