package system

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

// collector reads what ABRT's parts log when they save a core (abrt src/hooks):
//
//	Process 2470780 (haproxy) of user 188 killed by SIGSEGV - dumping core
//	Process 2470780 (haproxy) of user 188 killed by signal 11 - ignoring (...)
//	Process 2470780 (haproxy) crashed in process_stream()
//	Saved core dump of pid 2470780 (/usr/sbin/haproxy) to /var/spool/abrt/ccpp-2021-08-04-03:22:51-2470780 (123 bytes)
func collector(t string) (Event, bool) {
	if rest, ok := strings.CutPrefix(t, "Saved core dump of pid "); ok {
		return saved(rest)
	}
	pid, comm, rest, ok := processLine(t, "Process")
	if !ok {
		return Event{}, false
	}
	e := collected()
	if r, is := strings.CutPrefix(rest, " of user "); is {
		_, r, _ = strings.Cut(r, " ")
		r, is = strings.CutPrefix(r, "killed by ")
		n, _ := signalWord(strings.TrimPrefix(r, "signal "))
		s, deadly := signalled(join.Coredump, n)
		if !is || !deadly {
			return Event{}, false
		}
		e = s
		e.From = envelope.Tool
	} else if name, is := strings.CutPrefix(rest, " crashed in "); is {
		name, call := strings.CutSuffix(name, "()")
		if !call || !isName(name) {
			return Event{}, false
		}
		f := crash.Frame{Function: name, Symbol: name, Trust: crash.TrustPrinted}
		e.Crash.Threads = []crash.Thread{{Faulty: true, Frames: []crash.Frame{f}}}
	} else if rest != " crashed" {
		return Event{}, false
	}
	e.named(pid, comm)
	return e, true
}

// collected is the event of a process whose core a collector took, of which no more is said.
func collected() Event {
	e := Event{Kind: crash.Unknown, Role: join.Coredump, From: envelope.Tool}
	e.Crash.Kind, e.Crash.Fatal = crash.Unknown, true
	return e
}

func saved(t string) (Event, bool) {
	pid, exe, rest, ok := processOf(t)
	if !ok || pid == 0 || !haproxy.IsProgram(exe) || !strings.HasPrefix(rest, " to /") {
		return Event{}, false
	}
	directory, size, ok := strings.Cut(rest[len(" to "):], " (")
	if !ok || !strings.HasSuffix(size, " bytes)") || len(directory) > 512 || strings.ContainsAny(directory, " \t") {
		return Event{}, false
	}
	e := collected()
	e.named(pid, exe[strings.LastIndexByte(exe, '/')+1:])
	if strings.HasPrefix(exe, "/") {
		e.Crash.Process.Executable = exe
	}
	e.Detail = "core in " + directory
	return e, true
}

// coredumpRow reads a row of coredumpctl list, whose time was an envelope (systemd
// src/coredump/coredumpctl.c); the columns of old versions, of 246 to 248, and of later ones:
//
//	2470780   188   188  11 * /usr/sbin/haproxy
//	2470780   188   188  11 present   /usr/sbin/haproxy
//	2470780 188 188 SIGSEGV present  /usr/sbin/haproxy 4.3M
func coredumpRow(t string) (Event, bool) {
	if t == "" || t[0] < '0' || t[0] > '9' || len(t) > 1024 {
		return Event{}, false
	}
	f := strings.Fields(t)
	if len(f) < 5 || len(f) > 8 {
		return Event{}, false
	}
	var ids [3]int
	for i := range ids {
		n, rest, ok := lex.Int(f[i])
		if !ok || rest != "" {
			return Event{}, false
		}
		ids[i] = n
	}
	n, rest := signalWord(f[3])
	if rest != "" {
		return Event{}, false
	}
	f = f[4:]
	state := ""
	switch f[0] {
	case "present", "missing", "none", "journal", "truncated", "inaccessible", "error", "*", "-":
		state, f = f[0], f[1:]
	}
	if len(f) == 0 || ids[0] == 0 || !strings.HasPrefix(f[0], "/") || !haproxy.IsProgram(f[0]) {
		return Event{}, false
	}
	e, ok := signalled(join.Coredump, n)
	if !ok {
		return Event{}, false
	}
	e.named(ids[0], f[0][strings.LastIndexByte(f[0], '/')+1:])
	e.Crash.Process.Executable = f[0]
	switch state {
	case "present", "journal", "*", "truncated":
		e.Detail = "signal; the core is kept: coredumpctl dump " + strings.TrimSpace(t[:strings.IndexByte(t, ' ')])
	case "missing", "none", "inaccessible":
		e.Detail = "signal; the core is not there: " + state
	}
	return e, true
}
