package system

import (
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
	"github.com/hacrash/hacrash/pkg/signals"
)

// Event is what one line tells.
type Event struct {
	Kind crash.Kind
	Role join.Role
	// PID is that of the process that died, 0 when the line has none. The
	// kernel prints the id of the thread (task_pid_nr in arch/x86/mm/fault.c),
	// which is that of the process only in its first thread: see Thread.
	PID int
	// Thread says that PID is the id of a thread of the process.
	Thread bool
	// Comm is the name of the process, at most 15 bytes when the kernel says it.
	Comm string
	// Unit is systemd's.
	Unit string
	// Detail says in words what codes in the line mean: "read of an address
	// that is not mapped".
	Detail string
	// Place says where in a module that is not relocated the fault was, counted from the
	// start of its mapping, as other tools print it; the frame has the address.
	Place string
	// Anonymous says that the line names no program: a shell's "Aborted", a text of the
	// C library, an exit code in a table. Whose it is, the lines around it must say.
	Anonymous bool
	// Container is the one that an anonymous line names.
	Container string
	// Contained: who tells of it runs containers.
	Contained bool
	// Table says that it is a row of a table about a container, which is named above.
	Table bool
	// Continues says that the line belongs to the kernel line before it: the
	// "Code:" bytes, registers. Crash then has what frames the line adds.
	Continues bool
	// From is who alone writes such lines, beside a bare paste; Nobody when Role says it.
	From envelope.Sender
	// At is the time that the line itself has; zero when none.
	At time.Time
	// Crash has the facts of the line, without evidence.
	Crash crash.Crash
}

// IsHAProxy says whether the writer of a line, by a name that may be that of a process,
// a unit or a container, is HAProxy.
func IsHAProxy(name string) bool { return haproxy.IsProgram(name) || haproxy.IsService(name) }

// Parse reads one line, out of its envelope. ident is the program that wrote it
// and fields are those of a journal entry; both may be empty. ok is false for
// lines that tell nothing of a death.
//
// Of a journal entry with several lines only the headline gives an Event, so
// that COREDUMP_* fields are not read once a line.
func Parse(text, ident string, fields map[string]string) (Event, bool) {
	if len(text) > maxText {
		return Event{}, false // none of these writers writes so much
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return Event{}, false
	}
	if !IsHAProxy(ident) {
		// HAProxy repeats what its children print, but never the kernel's lines.
		if e, ok := kernel(withoutUptime(text)); ok {
			return e, true
		}
		if e, ok := coredump(text, fields); ok {
			return e, true
		}
		if e, ok := systemd(withoutManager(text), fields); ok {
			return e, true
		}
		if e, ok := others(text, ident); ok {
			return e, true
		}
	}
	if e, ok := libc(text); ok {
		return e, true
	}
	if e, ok := shell(text); ok {
		return e, true
	}
	e, ok := container(text)
	e.Contained = ok
	return e, ok
}

// others reads the lines of other writers than Linux's kernel and systemd, none of which
// HAProxy repeats.
func others(text, ident string) (Event, bool) {
	if e, ok := bsd(withoutUptime(text)); ok {
		return e, true
	}
	if e, ok := audit(text, ident); ok {
		return e, true
	}
	if e, ok := collector(text); ok {
		return e, true
	}
	if e, ok := coredumpRow(text); ok {
		return e, true
	}
	return supervisor(text, ident)
}

// maxText is in bytes; the longest line read here is a shell's with a command.
const maxText = 8192

// withoutUptime cuts "[53711176.092123] " off, and what relays put in front of
// the kernel's text: "kernel: ", "syslog : " (issue 1169).
func withoutUptime(text string) string {
	for range 3 {
		for _, p := range [...]string{"kernel:", "syslog :", "syslog:"} {
			text = strings.TrimLeft(strings.TrimPrefix(text, p), " ")
		}
		if !strings.HasPrefix(text, "[") {
			break
		}
		i := strings.IndexByte(text, ']')
		if i < 0 || !isUptime(text[1:i]) {
			break
		}
		text = strings.TrimLeft(text[i+1:], " ")
	}
	return text
}

// withoutManager cuts "systemd[1]: " off, which stands before the text where
// somebody cut the time and host away.
func withoutManager(text string) string {
	rest, ok := strings.CutPrefix(text, "systemd[")
	if !ok {
		return text
	}
	_, rest, ok = lex.Int(rest)
	if rest, is := strings.CutPrefix(rest, "]: "); ok && is {
		return rest
	}
	return text
}

func isUptime(s string) bool {
	dots := 0
	for _, c := range s {
		switch {
		case c == '.':
			dots++
		case c != ' ' && (c < '0' || c > '9'):
			return false
		}
	}
	return dots == 1
}

// signalled makes an event of a process that a signal ended; ok is false when
// that is no failure.
func signalled(role join.Role, signal int) (Event, bool) {
	if signals.FateOf(signal) != signals.Deadly {
		return Event{}, false
	}
	kind := signals.KindOf(signal)
	e := Event{Kind: kind, Role: role}
	e.Crash.Kind, e.Crash.Fatal = kind, true
	e.Crash.Signal = &crash.Signal{Number: signal, Name: signals.Name(signal)}
	if role == join.Exit {
		e.Crash.Exit = &crash.Exit{Code: 128 + signal, Signal: signals.Name(signal)}
	}
	return e, true
}

// named fills in the process.
func (e *Event) named(pid int, comm string) {
	e.PID, e.Comm = pid, comm
	if pid != 0 {
		e.Crash.Process = &crash.Process{PID: pid}
	}
}

// thread fills in the thread that the kernel names. It may be any thread of the
// process, so that the process's own id is not known.
func (e *Event) thread(tid int, comm string) {
	e.PID, e.Comm, e.Thread = tid, comm, tid != 0
	if tid == 0 {
		return
	}
	if len(e.Crash.Threads) == 0 {
		e.Crash.Threads = []crash.Thread{{Faulty: true}}
	}
	e.Crash.Threads[0].LWP = tid
}
