package join

import (
	"slices"
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
	sameStream  = 35
	nearThread  = 30
	neighbour   = 20
)

// How far apart neighbours may be.
const (
	nearLines = 300
	nearTime  = 20 * time.Second
	// farTime rules out even the same pid: it was used again.
	farTime = 30 * time.Minute
	// threadSpan is how far above its process's pid a thread's id may be.
	threadSpan = 512
)

// match says how well two of them fit; 0 is not at all.
func match(a, b *clues) int {
	if another(a, b) && !sharePointer(a, b) || foreign(a, b) {
		return 0
	}
	s := identity(a, b)
	if s == 0 {
		s = neighbourhood(a, b)
	}
	if s == 0 || contradict(a, b, s) {
		return 0
	}
	return s
}

// another tells that they speak of two processes.
func another(a, b *clues) bool {
	if a.pid != 0 && b.pid != 0 {
		return a.pid != b.pid
	}
	return notOf(a, b) || notOf(b, a) || stranger(a, b) || stranger(b, a)
}

// notOf tells that the threads that b names are none of a's process.
//
// Folklore: a master with pid 1 is in a container, where pids are not those of the kernel's
// lines.
func notOf(a, b *clues) bool {
	if a.pid == 0 || b.pid != 0 || len(b.threads) == 0 || slices.Contains(a.prefixes, 1) {
		return false
	}
	return !slices.ContainsFunc(b.threads, func(id int) bool {
		return inProcess(id, a.pid) || slices.Contains(a.threads, id)
	})
}

// inProcess tells whether a thread of that id may be of the process.
func inProcess(id, pid int) bool { return pid != 0 && id >= pid && id < pid+threadSpan }

// stranger tells that a's master has told of the end of a process, and that b was written by
// neither: no pid before its lines is one of theirs.
func stranger(a, b *clues) bool {
	if !a.has.has(Exit) || a.pid == 0 || len(a.prefixes) == 0 || b.pid != 0 || len(b.tags) == 0 {
		return false
	}
	return !slices.ContainsFunc(append(b.tags[:len(b.tags):len(b.tags)], b.prefixes...), func(pid int) bool {
		return pid == a.pid || slices.Contains(a.prefixes, pid) || slices.Contains(a.tags, pid) || slices.Contains(a.threads, pid)
	})
}

// foreign tells that they cannot be one crash: another machine, another day.
func foreign(a, b *clues) bool {
	if a.host != "" && b.host != "" && !sameHost(a.host, b.host) {
		return true
	}
	d, ok := apart(a.last, b.last)
	return ok && d > farTime && !sharePointer(a, b)
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

func sharePointer(a, b *clues) bool { return share(a.pointers, b.pointers) }

func share[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(v T) bool { return slices.Contains(b, v) })
}

// identity looks for something that only the same process can have.
func identity(a, b *clues) int {
	switch {
	case sharePointer(a, b) && sameRate(a.facts.Spin, b.facts.Spin):
		return samePointer
	case a.pid != 0 && a.pid == b.pid:
		return samePID
	case share(a.threads, b.threads) || namesThread(a, b) || namesThread(b, a):
		return sameThread
	case a.pid != 0 && slices.Contains(b.prefixes, a.pid) || b.pid != 0 && slices.Contains(a.prefixes, b.pid):
		return samePrefix
	}
	return 0
}

// namesThread tells whether b calls by its pid what a knows as a thread.
func namesThread(a, b *clues) bool {
	return slices.ContainsFunc(a.threads, func(id int) bool { return id == b.pid || slices.Contains(b.prefixes, id) })
}

// nearThreads tells whether the threads that b names may be of a's process, by their ids.
func nearThreads(a, b *clues) bool {
	pid := a.pid
	if pid == 0 && len(a.prefixes) == 1 {
		pid = a.prefixes[0]
	}
	return slices.ContainsFunc(b.threads, func(id int) bool { return inProcess(id, pid) })
}

func sameRate(a, b *crash.Spin) bool {
	return a == nil || b == nil || a.Rate == 0 || b.Rate == 0 || a.Rate == b.Rate
}

// neighbourhood looks at who stands where the other's lines would.
func neighbourhood(a, b *clues) int {
	switch {
	case a.pid != 0 && b.pid != 0 || !nearby(a, b):
		return 0
	case share(a.prefixes, b.prefixes):
		return sameMaster
	case share(a.places, b.places):
		return sameStream
	case nearThreads(a, b) || nearThreads(b, a):
		return nearThread
	case a.has.only(outside) || b.has.only(outside):
		return neighbour
	}
	return 0
}

// nearby tells that they stand close to each other, in time or, without times, in lines.
func nearby(a, b *clues) bool {
	if d, ok := apart(a.last, b.last); ok {
		return d <= nearTime
	}
	return a.input == b.input && b.up >= a.low-nearLines && b.low <= a.up+nearLines
}

// warned tells that the warning w came before g, from the same process.
func (g *group) warned(w *group) bool {
	return g.input == w.input && w.up <= g.up && share(g.places, w.places)
}

// contradict tells that they cannot be one crash although they match with strength s: what
// one brings the other has, or does not go with it.
func contradict(a, b *clues, s int) bool {
	switch {
	case complete(a, b, s):
		return true
	case s >= strong:
		return false // identity: a difference is a conflict to be told
	case a.facts.Exit != nil && b.facts.Exit != nil && a.facts.Exit.Code != b.facts.Exit.Code:
		return true
	}
	if a.likely || b.likely {
		x, y := a.facts.SignalName(), b.facts.SignalName()
		return x != "" && y != "" && x != y
	}
	return !compatible(a.facts, b.facts)
}

// complete tells that one of them has what the other brings, or never will.
func complete(a, b *clues, s int) bool {
	const warning roles = 1 << Warning
	both := a.has & b.has
	switch {
	case a.has.only(warning) != b.has.only(warning):
		return true // nobody dies of a warning
	case both.has(Warning):
		return !sameWarning(a.facts, b.facts)
	case both.has(Head) && !repeats(a, b), both.has(Exit) && a.exitPID != 0 && b.exitPID != 0 && a.exitPID != b.exitPID:
		return true
	case both.has(Coredump) && elsewhere(a.facts, b.facts):
		return true
	}
	return s < strong && (both.has(Kernel) || both.has(Coredump))
}

// elsewhere tells that two stacks are of two deaths: containers give the same thread ids
// after each restart.
func elsewhere(a, b *crash.Crash) bool {
	s, t := a.Faulty(), b.Faulty()
	if s == nil || t == nil || len(s.Frames) == 0 || len(t.Frames) == 0 {
		return false
	}
	if s.Number != 0 || t.Number != 0 {
		return false // a trace of HAProxy's own stops where it looked, which is not where it died
	}
	x, y := &s.Frames[0], &t.Frames[0]
	return x.Number == y.Number && x.Address != 0 && y.Address != 0 && x.Address != y.Address
}

// repeats tells that two heads say the same: the alert and the syslog copy of a spin, or the
// same text in a second log.
func repeats(a, b *clues) bool {
	x, y := a.facts, b.facts
	switch {
	case x.Kind != y.Kind:
		return false
	case x.Spin != nil && y.Spin != nil:
		return x.Spin.Address == y.Spin.Address && x.Spin.Rate == y.Spin.Rate
	case a.input == b.input:
		return false // a restart loop prints the same text again
	case x.Assertion != nil && y.Assertion != nil:
		return x.Assertion.Condition == y.Assertion.Condition && x.Assertion.File == y.Assertion.File && x.Assertion.Line == y.Assertion.Line
	}
	return true
}

// sameWarning tells that two warnings are of the same thread: blocked traffic is reported
// again and again while it is stuck.
func sameWarning(a, b *crash.Crash) bool {
	return a.Kind == b.Kind && a.Blocked != nil && b.Blocked != nil && a.Blocked.Thread == b.Blocked.Thread
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
	return g.pid != 0 && slices.Contains(o.prefixes, g.pid) || slices.ContainsFunc(o.threads, func(id int) bool { return g.lwps[id] })
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
