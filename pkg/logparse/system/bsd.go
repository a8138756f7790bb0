package system

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
	"github.com/hacrash/hacrash/pkg/signals"
)

// bsd reads how the kernels of the BSDs report that a signal ended a process
// (sys/kern/kern_sig.c):
//
//	pid 90994 (haproxy), uid 80: exited on signal 11 (core dumped)             FreeBSD until 11, DragonFly
//	pid 90994 (haproxy), jid 0, uid 80: exited on signal 11                    FreeBSD since 12
//	pid 90994 (haproxy), jid 0, uid 80: exited on signal 11 (no core dump - bad address)
//	pid 90994 (haproxy), uid 80: exited on signal 11 (core not dumped, err = 13)      NetBSD
//	haproxy[90994]: pid 90994 (haproxy): user …                                none of these
//	[haproxy]90994/184467 sp=7f7ffffc6f50 inside 1f0a8000-1f0b7000: not MAP_STACK      OpenBSD
//
// pfSense and OPNsense are FreeBSD. The number is that of the process, not of the thread, and
// signals are numbered as 4.4BSD did.
func bsd(t string) (Event, bool) {
	if strings.HasPrefix(t, "[") {
		return notStack(t[1:])
	}
	pid, comm, rest, ok := processLine(t, "pid")
	if !ok {
		return Event{}, false
	}
	for {
		r, more := strings.CutPrefix(rest, ", ")
		if !more {
			break
		}
		_, r, ok = strings.Cut(r, "id ") // jid, uid
		if !ok {
			return Event{}, false
		}
		if _, rest, ok = lex.Int(r); !ok {
			return Event{}, false
		}
	}
	rest, ok = strings.CutPrefix(rest, ": exited on signal ")
	n, rest, isNumber := lex.Int(rest)
	reason, closed := "", rest == "" || rest == "."
	if r, is := strings.CutPrefix(rest, " ("); is {
		reason, closed = strings.CutSuffix(r, ")")
	}
	if !ok || !isNumber || !closed || len(reason) > 80 {
		return Event{}, false
	}
	e, ok := signalled(join.Exit, signals.BSD(n))
	if !ok {
		return Event{}, false
	}
	e.Crash.Exit = nil // nobody exited with a code: the kernel itself says so
	e.From = envelope.Kernel
	e.named(pid, comm)
	if reason != "" && reason != "core dumped" {
		e.Detail = "signal; " + reason
	}
	return e, true
}

// notStack reads what OpenBSD says when it ends a process whose stack pointer points to
// where no stack is: [haproxy]82153/467364 sp=… inside …: not MAP_STACK
func notStack(t string) (Event, bool) {
	comm, rest, ok := strings.Cut(t, "]")
	if !ok || !haproxy.IsProgram(comm) {
		return Event{}, false
	}
	pid, rest, ok := lex.Int(rest)
	if !ok || !strings.HasPrefix(rest, "/") || !strings.HasSuffix(rest, ": not MAP_STACK") {
		return Event{}, false
	}
	if _, rest, ok = lex.Int(rest[1:]); !ok {
		return Event{}, false
	}
	if _, _, ok = hexAfter(rest, " sp="); !ok {
		return Event{}, false
	}
	e, _ := signalled(join.Exit, 11)
	e.Crash.Exit = nil
	e.From = envelope.Kernel
	e.Detail = "the stack pointer points to memory that is no stack"
	e.named(pid, comm)
	return e, true
}
