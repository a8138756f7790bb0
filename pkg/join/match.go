package join

import (
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Strengths of a match. At or above strong, identity speaks.
const (
	samePointer = 100
	samePID     = 80
	sameThread  = 75
	samePrefix  = 70
	strong      = 60
	sameMaster  = 40
	nearThread  = 35
	sameStream  = 30
	neighbour   = 20
)

// bestNear is the best match that p can be without a pid or an object in common.
func bestNear(p *Part) int {
	if p.Role == Kernel || p.Role == Coredump {
		return nearThread
	}
	return sameStream
}

// How far apart neighbours may be.
const (
	nearLines = 300
	nearTime  = 20 * time.Second
	// farTime rules out even the same pid: it was used again.
	farTime = 30 * time.Minute
	// threadSpan is how far above its process's pid a thread's id may be.
	threadSpan = 512
)

// match says how well p fits the group; 0 is not at all.
func (g *group) match(p *Part) int {
	if g.another(p) && !g.sharesPointer(p) || g.foreign(p) {
		return 0
	}
	s := g.identity(p)
	if s == 0 {
		s = g.neighbourhood(p)
	}
	if s == 0 || g.contradicts(p, s) {
		return 0
	}
	return s
}

// another tells that p speaks of a process, and the group of another one. The number in a
// line of the kernel, and often in a debugger's, is that of a thread.
func (g *group) another(p *Part) bool {
	return p.PID != 0 && g.pid != 0 && p.PID != g.pid && p.Role != Kernel && p.Role != Coredump
}

// foreign tells that p cannot be of this crash: another machine, another day.
func (g *group) foreign(p *Part) bool {
	if h := p.Crash.Host; h != "" && g.host != "" && !sameHost(h, g.host) {
		return true
	}
	d, ok := apart(g.last, stampOf(p))
	return ok && d > farTime && !g.sharesPointer(p)
}

// sameHost compares host names; one of them may be qualified.
func sameHost(a, b string) bool {
	if a == b {
		return true
	}
	a, _, _ = strings.Cut(strings.ToLower(a), ".")
	b, _, _ = strings.Cut(strings.ToLower(b), ".")
	return a == b
}

func (g *group) sharesPointer(p *Part) bool {
	for _, a := range p.Pointers {
		if g.pointers[a] {
			return true
		}
	}
	return false
}

// identity looks for something that only the same process can have.
func (g *group) identity(p *Part) int {
	if g.sharesPointer(p) && sameRate(g.crash.Spin, p.Crash.Spin) {
		return samePointer
	}
	pid := p.PID
	switch {
	case p.Role == Kernel && pid != 0:
		// Folklore: in kernel lines the number in brackets is the thread's id,
		// not the process's; they are equal for the main thread only.
		if pid == g.pid || g.prefixes[pid] || g.lwps[pid] {
			return sameThread
		}
		if base := g.anyPID(); base != 0 && pid > base && pid < base+threadSpan && g.nearby(p) {
			return nearThread
		}
		return 0
	case pid != 0 && g.pid != 0:
		if pid == g.pid {
			return samePID
		}
		return 0
	case pid != 0 && g.prefixes[pid]:
		return samePrefix
	case p.Role == Coredump && pid != 0 && g.nearby(p) && g.lwpsNear(pid):
		return nearThread
	case p.Prefix != 0 && p.Prefix == g.pid:
		return samePrefix
	}
	return 0
}

func (g *group) lwpsNear(pid int) bool {
	for lwp := range g.lwps {
		if lwp >= pid && lwp < pid+threadSpan {
			return true
		}
	}
	return false
}

func (g *group) anyPID() int {
	if g.pid != 0 {
		return g.pid
	}
	if len(g.prefixes) == 1 {
		for pid := range g.prefixes {
			return pid
		}
	}
	return 0
}

func sameRate(a, b *crash.Spin) bool {
	return a == nil || b == nil || a.Rate == 0 || b.Rate == 0 || a.Rate == b.Rate
}

// neighbourhood looks for a part that stands where this crash's would.
func (g *group) neighbourhood(p *Part) int {
	if !g.nearby(p) {
		return 0
	}
	if p.PID != 0 && g.pid != 0 {
		return 0 // both are known, and differ
	}
	if p.Prefix != 0 && g.prefixes[p.Prefix] {
		return sameMaster
	}
	if g.streams[p.place()] {
		return sameStream
	}
	if p.Role == Kernel || p.Role == Exit || p.Role == Coredump || g.only(Kernel) || g.only(Exit) || g.only(Coredump) {
		return neighbour
	}
	return 0
}

// nearby tells that p stands close to the group, in time or, without times, in lines.
func (g *group) nearby(p *Part) bool {
	if d, ok := apart(g.last, stampOf(p)); ok {
		return d <= nearTime
	}
	if p.Input != g.input {
		return false
	}
	return p.Seq >= g.seqLow-nearLines && p.Seq <= g.seqUp+nearLines
}

// near tells that a warning's group is of the same process, and not long ago.
func (g *group) near(o *group) bool {
	if g.input != o.input || g.seqUp > o.seqUp {
		return false
	}
	for s := range g.streams {
		if o.streams[s] {
			return true
		}
	}
	return false
}

// contradicts tells that p and the group cannot be one crash although they
// match with strength s: what p brings is there already, or does not go with it.
func (g *group) contradicts(p *Part, s int) bool {
	if g.complete(p, s) {
		return true
	}
	if s >= strong {
		return false // identity: a difference is a conflict to be told
	}
	if p.Crash.Exit != nil && g.crash.Exit != nil && p.Crash.Exit.Code != g.crash.Exit.Code {
		return true
	}
	return !compatible(&g.crash, &p.Crash)
}

// complete tells that the group has what p brings, or never will.
func (g *group) complete(p *Part, s int) bool {
	switch p.Role {
	case Head:
		if g.has[Head] && !g.repeats(p) {
			return true
		}
		if g.has[Warning] && !g.has[Head] {
			return true
		}
	case Warning:
		return !g.sameWarning(p)
	case Exit:
		if p.PID != 0 && g.exitPID != 0 && p.PID != g.exitPID {
			return true
		}
	case Kernel, Coredump:
		if g.has[p.Role] && s < strong {
			return true
		}
	}
	return g.has[Warning] && !g.has[Head] // others do not die of a warning
}

// repeats tells that the head p says again what the group's head said: the
// alert and the syslog copy of a spin, or the same text in a second log.
func (g *group) repeats(p *Part) bool {
	if g.crash.Kind != p.Crash.Kind {
		return false
	}
	if p.Crash.Spin != nil && g.crash.Spin != nil {
		a, b := p.Crash.Spin, g.crash.Spin
		return a.Address == b.Address && a.Rate == b.Rate
	}
	if p.Input == g.input {
		return false // a restart loop prints the same text again
	}
	if a, b := g.crash.Assertion, p.Crash.Assertion; a != nil && b != nil {
		return a.Condition == b.Condition && a.File == b.File && a.Line == b.Line
	}
	return true
}

// sameWarning tells that p repeats the group's warning: blocked traffic is
// reported again and again while the thread is stuck.
func (g *group) sameWarning(p *Part) bool {
	if !g.only(Warning) || g.crash.Kind != p.Crash.Kind {
		return false
	}
	if a, b := g.crash.Blocked, p.Crash.Blocked; a != nil && b != nil {
		return a.Thread == b.Thread
	}
	return false
}

// sameProcess tells whether the crash of a log is that of the core g: the same
// pid, a thread of the core, or the same object spinning at the same rate. A
// pid before the line may be that of the process, and then is the core's.
func (g *group) sameProcess(o *group) bool {
	if g.livedOn(o) {
		return false
	}
	if g.host != "" && o.host != "" && !sameHost(g.host, o.host) {
		return false
	}
	if a, b := g.crash.Spin, o.crash.Spin; a != nil && b != nil && a.Address == b.Address && a.Rate == b.Rate && a.Address != 0 {
		return true
	}
	if o.pid != 0 {
		return o.pid == g.pid
	}
	if g.pid != 0 && o.prefixes[g.pid] {
		return true
	}
	for lwp := range o.lwps {
		if lwp != 0 && g.lwps[lwp] {
			return true
		}
	}
	return false
}

// livedOn says that the core g is a snapshot, and o tells of a death: what ended the
// process later is another matter, and is not to be lost in the snapshot.
func (g *group) livedOn(o *group) bool {
	return g.crash.Kind == crash.Snapshot && o.crash.Fatal
}

// goesWith tells whether two groups could be one crash.
func (g *group) goesWith(o *group) bool {
	if g.livedOn(o) {
		return false
	}
	if g.pid != 0 && o.pid != 0 && g.pid != o.pid {
		return false
	}
	if g.host != "" && o.host != "" && !sameHost(g.host, o.host) {
		return false
	}
	// Without a pid from the text, the prefix is the process or its master; a
	// core of a pid below both cannot be their child.
	return compatible(&g.crash, &o.crash)
}

// compatible tells whether the deaths of two partial crashes can be the same.
func compatible(a, b *crash.Crash) bool {
	x, y := a.SignalName(), b.SignalName()
	if x != "" && y != "" {
		return x == y
	}
	return dies(a.Kind, y) && dies(b.Kind, x)
}

func dies(k crash.Kind, signal string) bool {
	ways := deaths(k)
	if signal == "" || ways == nil {
		return true
	}
	for _, w := range ways {
		if w == signal {
			return true
		}
	}
	return false
}
