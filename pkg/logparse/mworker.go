package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/signals"
)

// What HAProxy's master says of its children (HAProxy src/haproxy.c, since
// 2.0-dev3 src/mworker.c). The code is the exit status, or 128 and the signal;
// the text behind it is strsignal()'s and depends on the C library.
//
//	Worker 12 left with exit code 139                                        1.8
//	Current worker #1 (12) exited with code 139 (Segmentation fault)         1.9 to 2.5-dev13
//	Current worker (12) exited with code 139 (Segmentation fault)            since
//	Former worker (12) exited with code 137 (Killed), as it exceeds max reloads (2)   since 3.1-dev10
//	Current program 'x' (12) exited with code 1 (Exit)                       2.0 to 3.3-dev1
//	Process 12 exited with code 139 (Segmentation fault)                     another child
//	Failed to load worker (12) exited with code 139 (Segmentation fault)     since 3.3-dev7
//	All workers exited. Exiting... (139)       All workers are left. Leaving... (139)

// childExit is what such a line says.
type childExit struct {
	pid     int
	code    int
	program bool
	all     bool // the master itself leaves with that code
}

// nearExit is how many lines the master prints at most between the text of a worker that
// dies and the line of its exit.
const nearExit = 12

// lastExit is what a master said last of a worker.
type lastExit struct {
	master int
	number int64
}

// exitLine reads a master's line.
func exitLine(t string) (childExit, bool) {
	var e childExit
	for _, p := range [...]string{"All workers exited. Exiting... (", "All workers are left. Leaving... ("} {
		if rest, ok := strings.CutPrefix(t, p); ok {
			code, rest, ok := lex.Int(rest)
			e.code, e.all = code, true
			return e, ok && rest == ")"
		}
	}
	who, rest, ok := strings.Cut(t, " exited with code ")
	if !ok {
		if who, rest, ok = strings.Cut(t, " left with exit code "); !ok {
			return e, false
		}
	}
	named := false
	for _, p := range [...]string{"Current worker ", "Former worker ", "Worker ", "Process ", "Failed to load worker "} {
		named = named || strings.HasPrefix(who, p)
	}
	for _, p := range [...]string{"Current program '", "Former program '"} {
		e.program = e.program || strings.HasPrefix(who, p)
	}
	if !named && !e.program {
		return e, false
	}
	// The pid is the last number: "#1 (12)", "(12)", "12".
	at := strings.LastIndexAny(who, "( ")
	if at < 0 || len(who) > 256 {
		return e, false
	}
	pid, tail, ok := lex.Int(who[at+1:])
	if !ok || tail != "" && tail != ")" {
		return e, false
	}
	e.pid = pid
	e.code, rest, ok = lex.Int(rest)
	return e, ok && exitTail(rest)
}

// exitTail says that s is what follows the code: the signal's text, and since
// 3.1-dev10 the reason why a former worker was stopped. It may be cut.
func exitTail(s string) bool {
	if s == "" || s == "." {
		return true
	}
	s, ok := strings.CutPrefix(s, " (")
	if !ok {
		return false
	}
	text, s, closed := strings.Cut(s, ")")
	if len(text) > 64 {
		return false
	}
	const reason = ", as it exceeds max reloads ("
	if r, ok := strings.CutPrefix(s, reason); ok {
		_, s, _ = lex.Int(r)
		return s == ")" || s == ""
	}
	return !closed || s == "" || s == "." || strings.HasPrefix(reason, s)
}

// master takes the lines of a master.
func (s *stream) master(l line) bool {
	if e, ok := exitLine(l.trim); ok {
		s.childExit(l, e)
		return true
	}
	switch {
	case lex.IsPart(l.trim, "A worker process unexpectedly died", " and this can only be explained by a bug in haproxy or its dependencies."):
		s.unexpected(l)
		return true
	case strings.HasPrefix(l.trim, "Please check that you are running an up to date and maintained version"),
		strings.HasPrefix(l.trim, "exit-on-failure: killing every "), strings.HasPrefix(l.trim, "Failed to load worker!"):
		return true
	}
	return s.forked(l)
}

// childExit makes a part of a child's end, if it is a crash's.
//
// Folklore: 130 and 143 (INT, TERM) are how a master stops its workers. Codes
// below 128 are exits of the program's own, such as that of a worker which
// could not bind its addresses.
func (s *stream) childExit(l line, e childExit) {
	signal := signals.ExitCode(e.code)
	if !e.all {
		s.p.exit = lastExit{master: l.prefixPID(), number: l.Number}
	}
	if e.program {
		s.program = e.code
		return
	}
	if r := s.report; r != nil && l.Number-r.last <= nearExit {
		r.death = signal
	}
	kind := signals.KindOf(signal)
	if signals.FateOf(signal) != signals.Deadly || e.all && s.program == e.code {
		return
	}
	d := newDraft(s.p.input, &l, join.Exit, kind)
	d.part.Rank = crash.RankHAProxy
	c := &d.part.Crash
	c.Fatal = true
	c.Exit = &crash.Exit{Code: e.code, Signal: signals.Name(signal)}
	if e.pid != 0 {
		d.died(e.pid)
		d.process().Role = "worker"
		d.process().MasterPID = l.alert.pid
	}
	d.note("exit code", &l)
	d.keep(&l)
	s.p.send(d.done())
}

// unexpected takes the sentence that follows the exit line of a worker since
// 2.9-dev5. It tells something only when that line is not there.
func (s *stream) unexpected(l line) {
	if x := s.p.exit; x.number != 0 && x.master == l.prefixPID() && l.Number-x.number < 50 {
		return
	}
	d := newDraft(s.p.input, &l, join.Exit, crash.Unknown)
	d.part.Rank = crash.RankHAProxy
	d.part.Crash.Fatal = true
	d.note("unexpected end of a worker", &l)
	d.keep(&l)
	s.p.send(d.done())
}

// forked takes the lines that name a master's workers:
//
//	New worker #1 (12) forked      1.9-dev6 to 2.5-dev13
//	New worker (12) forked         to 3.1-dev9
//	Initializing new worker (12)   since
func (s *stream) forked(l line) bool {
	rest, ok := strings.CutPrefix(l.trim, "New worker ")
	if !ok {
		if rest, ok = strings.CutPrefix(l.trim, "Initializing new worker "); !ok {
			return false
		}
	}
	if _, r, ok := strings.Cut(rest, "("); ok {
		rest = r
	}
	pid, rest, ok := lex.Int(rest)
	if !ok || pid == 0 || !strings.HasPrefix(rest, ")") || l.alert.pid == 0 {
		return false
	}
	d := newDraft(s.p.input, &l, join.Environment, "")
	d.died(pid)
	d.process().Role, d.process().MasterPID = "worker", l.alert.pid
	s.p.send(d.done())
	return true
}
