package system

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
	"github.com/hacrash/hacrash/pkg/signals"
)

// supervisor reads how programs that start others and watch them report an end by a signal:
//
//	WARN exited: haproxy (terminated by SIGSEGV (core dumped); not expected)       supervisord
//	INFO exited: lb:haproxy_00 (exit status 139; not expected)
//	haproxy main process (4321) killed by SEGV signal                              upstart
//	haproxy main process (4321) terminated with status 139
//	/usr/sbin/haproxy, pid 4321, terminated by signal 11                           OpenRC's supervise-daemon
//	haproxy: finish: killed by signal 11                                           finish scripts of runit, s6, daemontools
//	haproxy: pid 4321 died with signal SIGSEGV
//	(homebrew.mxcl.haproxy[25509]): Service exited due to SIGSEGV                  launchd
//
// That a program stopped and is started again (monit's "process is not running", procd's
// "crash loop") says nothing of how it ended: no crash is made of it.
func supervisor(t, ident string) (Event, bool) {
	if e, ok := supervisord(t); ok {
		return e, true
	}
	if e, ok := upstart(t); ok {
		return e, true
	}
	if e, ok := launchd(t, ident); ok {
		return e, true
	}
	return finish(t)
}

func supervisord(t string) (Event, bool) {
	for _, level := range [...]string{"INFO ", "WARN ", "CRIT "} {
		if rest, ok := strings.CutPrefix(t, level); ok {
			t = rest
			break
		}
	}
	rest, ok := strings.CutPrefix(t, "exited: ")
	if !ok {
		return Event{}, false
	}
	name, rest, ok := strings.Cut(rest, " (")
	if !ok || !isName(name) || !strings.HasSuffix(rest, "expected)") {
		return Event{}, false
	}
	if group, process, has := strings.Cut(name, ":"); has && !haproxy.IsService(process) {
		name = group // [group:haproxy] of programs with other names
	} else if has {
		name = process
	}
	if !haproxy.IsService(name) {
		return Event{}, false
	}
	if status, ok := strings.CutPrefix(rest, "exit status "); ok {
		n, rest, ok := lex.Int(status)
		if !ok || !strings.HasPrefix(rest, ";") {
			return Event{}, false
		}
		return exitCode(n)
	}
	rest, ok = strings.CutPrefix(rest, "terminated by ")
	n, rest := signalWord(strings.TrimPrefix(rest, "signal "))
	if !ok || n == 0 || !strings.HasPrefix(rest, ";") && !strings.HasPrefix(rest, " (core dumped);") {
		return Event{}, false
	}
	return signalled(join.Exit, n)
}

// upstart reads what init of Ubuntu until 14.10 and of RHEL 6 says of a job.
func upstart(t string) (Event, bool) {
	t = strings.TrimPrefix(t, "init: ")
	name, rest, ok := strings.Cut(t, " main process (")
	if !ok || !isName(name) || !haproxy.IsService(name) {
		return Event{}, false
	}
	pid, rest, ok := lex.Int(rest)
	if !ok {
		return Event{}, false
	}
	var e Event
	if status, is := strings.CutPrefix(rest, ") terminated with status "); is {
		n, rest, isNumber := lex.Int(status)
		if !isNumber || rest != "" {
			return Event{}, false
		}
		e, ok = exitCode(n)
	} else {
		rest, is = strings.CutPrefix(rest, ") killed by ")
		n, rest := signalWord(rest)
		if !is || rest != " signal" {
			return Event{}, false
		}
		e, ok = signalled(join.Exit, n)
	}
	if !ok {
		return Event{}, false
	}
	e.From = envelope.Manager
	e.named(pid, "")
	return e, true
}

// launchd reads: com.apple.xpc.launchd[1] (homebrew.mxcl.haproxy[25509]): Service exited due to SIGSEGV
//
// Older ones write "signal: Segmentation fault: 11", newer ones who sent it behind the name.
func launchd(t, ident string) (Event, bool) {
	if ident != "" && !strings.Contains(ident, "launchd") {
		return Event{}, false
	}
	if rest, ok := strings.CutPrefix(t, "com.apple.xpc.launchd"); ok {
		_, rest, _ = strings.Cut(rest, " ")
		t = rest
	}
	rest, ok := strings.CutPrefix(t, "(")
	if !ok {
		return Event{}, false
	}
	label, rest, ok := strings.Cut(rest, "[")
	pid, rest, isNumber := lex.Int(rest)
	if !ok || !isNumber || !isName(label) || !haproxy.IsService(label) {
		return Event{}, false
	}
	rest, ok = strings.CutPrefix(rest, "]): Service exited due to ")
	if !ok {
		return Event{}, false
	}
	n := 0
	if text, is := strings.CutPrefix(rest, "signal: "); is {
		n, _, _ = description(text)
	} else {
		n, _ = signalWord(rest)
	}
	e, ok := signalled(join.Exit, n)
	if !ok {
		return Event{}, false
	}
	e.From = envelope.Shell
	e.named(pid, "")
	return e, true
}

// ends are the words by which supervisors and the scripts that they run say that a signal
// ended a process; the signal follows as a number or a name.
var ends = [...]string{
	"terminated by signal ", "killed by signal ", "died with signal ", "died by signal ", "exited on signal ", "exited with signal ",
	"exited by signal ", "terminated with signal ", "killed by SIG", "terminated by SIG", "died with SIG", "exited with code -1, signal ", "crashed with signal ",
}

// finish reads a line that begins with the program's name, and ends with how it ended:
//
//	haproxy[4321]: terminated by signal 11      /usr/sbin/haproxy, pid 4321, terminated by signal 11 (core dumped)
//
// Nothing but the words below may stand between, since people write about signals too.
func finish(t string) (Event, bool) {
	if len(t) > 160 {
		return Event{}, false
	}
	at, word := -1, ""
	for _, w := range ends {
		if at = strings.Index(t, w); at > 0 {
			word = w
			break
		}
	}
	if at <= 0 {
		return Event{}, false
	}
	rest := t[at+len(word):]
	if strings.HasSuffix(word, "SIG") {
		rest = "SIG" + rest
	}
	n, rest := signalWord(rest)
	switch strings.Trim(rest, " .,;") {
	case "", "(core dumped)", "core dumped":
	default:
		return Event{}, false
	}
	name, pid, ok := subject(t[:at])
	if !ok || !haproxy.IsProgram(name) && !haproxy.IsService(name) {
		return Event{}, false
	}
	e, ok := signalled(join.Exit, n)
	if ok {
		e.From = envelope.Shell
		e.named(pid, "")
	}
	return e, ok
}

// subject reads whom such a line is about: "haproxy", "haproxy[12]:", "haproxy: finish:",
// "service haproxy (pid 12)", "/usr/sbin/haproxy, pid 12,".
func subject(t string) (name string, pid int, ok bool) {
	words := strings.FieldsFunc(t, func(c rune) bool { return strings.ContainsRune(" ,:;()[]'\"`", c) })
	if len(words) > 6 {
		return "", 0, false
	}
	for _, w := range words {
		n, rest, isNumber := lex.Int(w)
		switch {
		case isNumber && rest == "" && pid == 0 && name != "":
			pid = n
		case strings.EqualFold(w, "pid"), w == "process", w == "service", w == "daemon", w == "finish", w == "was", w == "has", w == "main", w == "Process", w == "Service":
		case name == "":
			name = w
		default:
			return "", 0, false
		}
	}
	return name, pid, name != ""
}

// signalWord cuts a signal off the start of s: 11, SIGSEGV, SEGV.
func signalWord(s string) (n int, rest string) {
	if n, rest, ok := lex.Int(s); ok {
		return n, rest
	}
	i := 0
	for i < len(s) && (s[i] >= 'A' && s[i] <= 'Z' || s[i] >= '0' && s[i] <= '9') {
		i++
	}
	return signals.Number(s[:i]), s[i:]
}

// isName says whether s can be what somebody called a program, a job or a container.
func isName(s string) bool {
	return s != "" && len(s) <= 128 && !strings.ContainsAny(s, " \t\"'=,;|?&{}[]()<>")
}
