package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// panic reads the headline of ha_panic (HAProxy src/debug.c):
//
//	Thread 2 is about to kill the process.                   2.0-dev4 to 3.3-dev3
//	PANIC! Thread 2 is about to kill the process (pid 42).   since 3.3-dev4; the pid since -dev9
func (r *report) panic(l *line, rest string) bool {
	number, pid, ok := panicLine(rest)
	if !ok {
		return false
	}
	r.panicking = number
	r.died(pid)
	r.note("panic", l)
	return true
}

// panicLine gives the thread's number and the pid that follow "Thread ", and may be cut.
func panicLine(t string) (number, pid int, ok bool) {
	number, t, ok = lex.Int(t)
	if !ok {
		return 0, 0, false
	}
	t, ok = strings.CutPrefix(t, " is about to kill the process")
	if !ok {
		return 0, 0, false
	}
	if p, has := strings.CutPrefix(t, " (pid "); has {
		if pid, t, ok = lex.Int(p); !ok {
			return number, 0, p == ""
		}
		t = strings.TrimPrefix(t, ")")
	}
	return number, pid, t == "." || t == ""
}

// panicAgain takes the headline of a second thread that panics before the first
// has dumped anything (until 2.7-dev1 several threads could).
func (r *report) panicAgain(l *line) bool {
	h := haproxy.HeadlineOf(l.trim)
	if len(r.threads) > 0 || h == nil || h.Kind != crash.Watchdog {
		return false
	}
	_, pid, ok := panicLine(l.trim[len(h.Begins):])
	if ok && r.part.PID == 0 {
		r.died(pid)
	}
	return ok
}

// endPanic tells a stuck thread from a command. ha_panic has two callers: the
// watchdog, for a thread that it has marked as stuck, and the CLI's "debug dev
// panic", in a thread that is not.
func (r *report) endPanic() {
	c := &r.part.Crash
	var at *thread
	for _, t := range r.threads {
		if t.Faulty || at == nil && t.Number == r.panicking && t.Number != 0 {
			at = t
		}
	}
	if at == nil {
		r.faultyByTrace()
		r.missing("the panicking thread's dump", "a stuck thread is the usual cause, but the text does not show it; \"debug dev panic\" prints the same line",
			"get the lines that follow the panic's first one from the journal or stderr")
		return
	}
	at.Faulty = true
	if at.mentions("debug_parse_cli_panic") {
		c.Kind, c.Provoked = crash.Panic, "debug dev panic"
		return
	}
	if !at.Stuck && at.stuckKnown {
		c.Kind = crash.Panic
		if at.onCLI() {
			c.Provoked = "debug dev panic"
		}
	}
}

// faultyByTrace marks the first thread that is stuck and has a trace, or is stuck.
func (r *report) faultyByTrace() {
	var best *thread
	for _, t := range r.threads {
		switch {
		case !t.Stuck && !t.traced && t.diff < stuckAfter:
		case best == nil, !best.traced && t.traced:
			best = t
		}
	}
	if best != nil {
		best.Faulty = true
	}
}

// stuckAfter is the CPU time, in ns, that a thread must have used without
// passing the poller to count as stuck: the watchdog looks each second and
// panics at the second time (HAProxy src/wdt.c).
const stuckAfter = 1_000_000_000
