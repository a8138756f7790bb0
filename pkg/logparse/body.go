package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/ending"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/machine"
)

// opensBody says that a line is of a crash text whose headline did not come: a
// call trace, a thread block, a stream's dump.
func opensBody(l line) bool {
	if l.alert.level != "" || !l.mayPrint() {
		return false
	}
	if isTrace(l.trim) || threadShape(l.trim) != noShape && !strings.HasPrefix(l.trim, "exec_ctx") {
		return true
	}
	_, certain := isDumpLine(l.trim)
	return certain || poolBody(l.trim)
}

// newBody opens a report in the middle.
func newBody(input string, l line) *report {
	r := &report{}
	r.opens(input, &l, join.Body, crash.Unknown)
	r.part.Crash.Fatal = false
	if poolBody(l.trim) {
		r.part.Crash.Pool = &crash.Pool{}
	}
	if !r.known(&l) {
		return r
	}
	r.took(&l)
	if r.at != nil && !r.at.block {
		r.at.deep = len(l.text)-len(l.trim) >= 8
	}
	r.note("part of a dump", &l)
	return r
}

// endBody says what a dump without its headline is, as far as it shows; false
// when it is of no crash.
func (r *report) endBody() bool {
	switch {
	case r.lines == 0:
		return false
	case r.part.Crash.Pool != nil:
		return r.endPool()
	case r.deliberate():
		return true
	case r.threadDump():
		return r.endThreads()
	case r.dump != nil && len(r.threads) == 0:
		return r.endDump()
	}
	r.part.Crash.Kind = crash.Unknown
	r.firstFaulty()
	r.missing("the line before the call trace", "what the trace is of is not known: since 2.6 one may be of a check that the process survived",
		"get the lines before the trace from the journal or stderr")
	return true
}

// deliberate tells the trace of a BUG_ON or an ABORT_NOW. Its innermost frame
// calls the function that prints the trace (since 3.2 the target is printed), and goes
// on with the instruction that ends the process (until then the bytes there are
// printed). What follows is HAProxy's hint, and the end by that instruction.
//
// Folklore: ABORT_NOW without a message prints no line before its trace (issue 3079).
func (r *report) deliberate() bool {
	if len(r.threads) != 1 || r.at == nil || r.at.block {
		return false
	}
	trapped := len(r.at.Frames) > 0 && machine.IsTrap(r.at.Frames[0].Bytes)
	if !r.hint && !trapped && !r.at.mentions("ha_backtrace_to_stderr") && (r.death != sigILL || r.at.deep) {
		return false
	}
	r.at.Faulty = true
	r.part.Crash.Kind, r.part.Crash.Fatal = ending.Reported(r.at.Frames), true
	r.missing("the line before the call trace", "which condition failed is not known, unless it is an ABORT_NOW, which prints none",
		"get the lines before the trace from the journal or stderr")
	return true
}

// Signals by which HAProxy ends itself.
const (
	sigILL  = 4
	sigABRT = 6
)

// threadDump says that there is a thread's block, or the trace of one.
func (r *report) threadDump() bool {
	for _, t := range r.threads {
		if t.block || t.deep {
			return true
		}
	}
	return false
}

// endThreads tells a panic's dump from that of "show threads".
func (r *report) endThreads() bool {
	// In a log, and behind the text of a worker that aborted, nobody printed them on demand.
	printed := r.envelope || r.death == sigABRT
	asked, stuck, traced := r.asked()
	well := asked != nil && asked.stuckKnown && !asked.Stuck && asked.diff < stuckAfter
	c := &r.part.Crash
	if well && !printed { // the thread that asked for the dump was well: "show threads"
		r.part.Role = join.Environment
		return true
	}
	const remedy = "get the lines before the dump, from the journal or stderr"
	c.Kind, c.Fatal = crash.Watchdog, true
	switch {
	case well && r.death == sigABRT:
		asked.Faulty = true
		c.Kind = crash.Panic
		if asked.onCLI() {
			c.Provoked = "debug dev panic"
		}
	case asked != nil && asked.Stuck:
		asked.Faulty = true
		r.missing("the panic's first line", "a stuck thread asked for the dump, as in a panic; a warning of blocked traffic looks alike", remedy)
	case stuck || traced && (printed || r.at.block || r.at.deep):
		// In a log only a panic or a warning leaves thread dumps; before 3.1
		// only stuck threads have a trace in one.
		r.faultyByTrace()
		r.missing("the panic's first line", "the dump shows a stuck thread, as in a panic; a warning of blocked traffic and \"show threads\" look alike", remedy)
	case r.death == sigABRT:
		c.Kind = crash.Panic
		r.missing("the thread that panicked", "it is not known what it did", remedy)
	case r.envelope:
		r.missing("the stuck thread", "threads are dumped to a log by a panic, or by a warning of blocked traffic; the thread it is about is not here", remedy)
	default:
		c.Kind, c.Fatal = crash.Unknown, false
		r.missing("the line before the dump", "a panic, a warning and \"show threads\" all print such dumps", remedy)
	}
	return true
}

// asked gives the thread that asked for the dump, and says whether one is stuck and whether
// one has a trace.
func (r *report) asked() (asked *thread, stuck, traced bool) {
	for _, t := range r.threads {
		if t.asked {
			asked = t
		}
		stuck = stuck || t.Stuck || t.diff >= stuckAfter
		traced = traced || t.traced
	}
	return asked, stuck, traced
}

// endDump is for a stream's dump alone: of a panic, a spin, or "show sess".
func (r *report) endDump() bool {
	if !r.envelope {
		r.part.Role = join.Environment // of "show sess", as far as one can tell
		return true
	}
	r.missing("the lines before the stream's dump", "what it is of is not known", "get the lines before the dump, from the journal or stderr")
	return true
}

// firstFaulty marks the only thread there is.
func (r *report) firstFaulty() {
	if len(r.threads) == 1 {
		r.threads[0].Faulty = true
	}
}
