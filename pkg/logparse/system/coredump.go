package system

import (
	"strconv"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/signals"
)

// coredump reads the headlines of systemd-coredump (src/coredump/coredump.c)
// and the fields of the entry around them:
//
//	Process 1234 (haproxy) of user 0 dumped core.
//	[🡕] Process 1234 (haproxy) of user 0 dumped core.
//	Process 1234 (haproxy) of user 0 terminated abnormally without generating a coredump.
//	Process 1234 (haproxy) of user 0 terminated abnormally with signal 11/SEGV, processing...
//	Resource limits disable core dumping for process 1234 (haproxy).
//	Removed old coredump core.haproxy.0.….zst.
func coredump(t string, fields map[string]string) (Event, bool) {
	t = strings.TrimPrefix(t, "[🡕] ")
	if rest, ok := strings.CutPrefix(t, "Removed old coredump "); ok {
		return removed(rest)
	}
	for _, p := range [...]string{"Resource limits disable core dumping for process ", "Core file size limit disables core dumping for process "} {
		if rest, ok := strings.CutPrefix(t, p); ok {
			pid, comm, rest, ok := processOf(rest)
			if !ok || rest != "." || !haproxy.IsProgram(comm) {
				return Event{}, false
			}
			return undumped(pid, comm), true
		}
	}
	pid, comm, rest, ok := processLine(t, "Process")
	if !ok {
		return Event{}, false
	}
	if rest, ok = strings.CutPrefix(rest, " of user "); !ok {
		return Event{}, false
	}
	_, rest, _ = strings.Cut(rest, " ")
	e := Event{Kind: crash.Unknown, Role: join.Coredump}
	e.Crash.Kind, e.Crash.Fatal = crash.Unknown, true
	switch {
	case rest == "dumped core.":
	case rest == "terminated abnormally without generating a coredump.":
		e.Crash.Missing = append(e.Crash.Missing, noCore("no core was written"))
	case strings.HasPrefix(rest, "terminated abnormally with signal "):
		if n, _, ok := lex.Int(rest[len("terminated abnormally with signal "):]); ok {
			if s, ok := signalled(join.Coredump, n); ok {
				e = s
			}
		}
	default:
		return Event{}, false
	}
	e.named(pid, comm)
	e.dumpFields(pid, fields)
	return e, true
}

// dumpFields adds what the journal entry holds of the process.
func (e *Event) dumpFields(pid int, fields map[string]string) {
	if n, err := strconv.Atoi(fields["COREDUMP_PID"]); err != nil || n != pid {
		return
	}
	n := signals.Number(fields["COREDUMP_SIGNAL_NAME"])
	if n == 0 {
		n, _ = strconv.Atoi(fields["COREDUMP_SIGNAL"])
	}
	if kind := signals.KindOf(n); signals.FateOf(n) == signals.Deadly {
		e.Kind, e.Crash.Kind = kind, kind
		e.Crash.Signal = &crash.Signal{Number: n, Name: signals.Name(n)}
	}
	p := e.Crash.Process
	p.Executable, p.Arguments = fields["COREDUMP_EXE"], fields["COREDUMP_CMDLINE"]
	e.Unit = fields["COREDUMP_UNIT"]
	e.Crash.Host = fields["COREDUMP_HOSTNAME"]
	// Microseconds since 1970, UTC.
	if us, err := strconv.ParseInt(fields["COREDUMP_TIMESTAMP"], 10, 64); err == nil && us > 0 && us < 1<<52 {
		e.Crash.Time = time.UnixMicro(us).UTC().Format(time.RFC3339)
	}
	switch {
	case fields["COREDUMP_TRUNCATED"] == "1" || fields["COREDUMP_TRUNCATED"] == "yes":
		e.Detail = "the core was cut at a size limit: " + fields["COREDUMP_FILENAME"]
	case fields["COREDUMP_FILENAME"] != "":
		e.Detail = "core in " + fields["COREDUMP_FILENAME"]
	}
}

func noCore(effect string) crash.Missing {
	return crash.Missing{
		ID: crash.LacksCore, What: "core", Effect: effect,
		Remedy: "raise the limits: LimitCORE=infinity in the unit, ProcessSizeMax and ExternalSizeMax in coredump.conf",
	}
}

func undumped(pid int, comm string) Event {
	e := Event{Kind: crash.Unknown, Role: join.Coredump}
	e.Crash.Kind, e.Crash.Fatal = crash.Unknown, true
	e.Crash.Missing = append(e.Crash.Missing, noCore("its resource limit kept the process from dumping core"))
	e.named(pid, comm)
	return e
}

// removed reads the name of a core that was deleted to make room:
// core.haproxy.<uid>.<boot id>.<pid>.<time>.zst. It is no crash of now.
func removed(name string) (Event, bool) {
	rest, ok := strings.CutPrefix(name, "core.")
	comm, _, _ := strings.Cut(rest, ".")
	if !ok || !haproxy.IsProgram(comm) || strings.ContainsAny(name, " \t") {
		return Event{}, false
	}
	e := Event{Kind: crash.Unknown, Role: join.Environment, Comm: comm, Detail: "an older core was deleted to make room: " + strings.TrimSuffix(name, ".")}
	e.Crash.Kind = crash.Unknown
	return e, true
}
