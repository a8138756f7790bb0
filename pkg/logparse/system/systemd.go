package system

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/signals"
)

// systemd reads what systemd says of the end of a unit (src/core/service.c):
//
//	haproxy.service: Main process exited, code=dumped, status=11/SEGV
//	haproxy.service: Main process exited, code=exited, status=139/n/a
//	haproxy.service: Failed with result 'core-dump'.
//	haproxy.service: A process of this unit has been killed by the OOM killer.
//
// The main process is HAProxy's master where it runs as master and worker: it
// exits with 128 plus the signal of the worker that died. An ordinary end
// (status 0, or TERM by systemctl stop) and a refused configuration (status 1)
// give no event.
func systemd(t string, fields map[string]string) (Event, bool) {
	unit, rest, ok := strings.Cut(t, ": ")
	if !ok || strings.ContainsAny(unit, " \t\"',;|=?&/{}[]()<>") || !strings.Contains(unit, ".") || !haproxy.IsService(unit) {
		return Event{}, false
	}
	var e Event
	switch {
	case strings.HasPrefix(rest, "Main process exited, ") || strings.HasPrefix(rest, "main process exited, "):
		e, ok = exited(rest[len("Main process exited, "):], fields)
	case strings.HasPrefix(rest, "Failed with result '"):
		e, ok = failed(strings.TrimPrefix(rest, "Failed with result '"))
	case rest == "A process of this unit has been killed by the OOM killer.",
		rest == "The kernel OOM killer killed some processes in this unit.":
		e, ok = oomKill(0, "haproxy", true, false)
		e.Role, e.Comm, e.Detail = join.Exit, "", ""
	default:
		return Event{}, false
	}
	if !ok {
		return Event{}, false
	}
	e.Unit = unit
	return e, true
}

// exited reads "code=dumped, status=11/SEGV". A journal entry has the same in
// EXIT_CODE and EXIT_STATUS, the status as a number or a name.
func exited(t string, fields map[string]string) (Event, bool) {
	code, status, ok := strings.Cut(strings.TrimPrefix(t, "code="), ", status=")
	if !ok || !strings.HasPrefix(t, "code=") {
		return Event{}, false
	}
	n, rest, ok := lex.Int(status)
	if !ok || !strings.HasPrefix(rest, "/") {
		return Event{}, false
	}
	name := rest[1:]
	if strings.ContainsAny(name, " \t\"',{}") {
		return Event{}, false
	}
	switch code {
	case "dumped", "killed":
		// The name is sure, the number that of the machine.
		if named := signals.Number(name); named != 0 {
			n = named
		} else if named := signals.Number(fields["EXIT_STATUS"]); named != 0 {
			n = named
		}
		return signalled(join.Exit, n)
	case "exited":
		return exitCode(n)
	}
	return Event{}, false
}

// exitCode makes an event of an exit code that says, by the shell's convention,
// that a signal ended a process.
func exitCode(n int) (Event, bool) {
	signal := signals.ExitCode(n)
	if signal == 0 {
		return Event{}, false
	}
	e, ok := signalled(join.Exit, signal)
	e.Crash.Signal = nil // that of the child: this process ended by itself
	return e, ok
}

// failed reads what follows "Failed with result '".
func failed(t string) (Event, bool) {
	e := Event{Kind: crash.Unknown, Role: join.Exit}
	switch strings.TrimSuffix(t, ".") {
	case "core-dump'":
		e.Detail = "a signal ended the main process, and it dumped core"
	case "signal'":
		e.Detail = "a signal ended the main process"
	case "oom-kill'":
		e, _ = oomKill(0, "haproxy", true, false)
		e.Role, e.Comm, e.Crash.Signal = join.Exit, "", nil
		return e, true
	case "watchdog'":
		e.Detail = "systemd's watchdog ended the service"
	default:
		// exit-code: said better by the line before; timeout, start-limit-hit,
		// resources, protocol: no crash.
		return Event{}, false
	}
	e.Crash.Kind, e.Crash.Fatal = crash.Unknown, true
	return e, true
}
