package system

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/signals"
)

// shell reads how a shell reports that a child was killed by a signal:
//
//	Segmentation fault (core dumped)                                  dash, busybox, interactive bash
//	Segmentation Fault (core dumped)                                  Solaris (issue 1108)
//	./x.sh: line 3:  1234 Segmentation fault      (core dumped) haproxy -f x.cfg
//	[1]+  Segmentation fault      (core dumped) haproxy -f x.cfg
//	[1]    24123 segmentation fault (core dumped)  haproxy -f x.cfg       zsh
//	Segmentation fault         (core dumped) doas haproxy -f x.cfg        ash
//	zsh: segmentation fault (core dumped)  haproxy -f x.cfg
//	fish: Job 1, 'haproxy -f x.cfg' terminated by signal SIGSEGV (Address boundary error)
//	Segmentation fault: 11                                            macOS, FreeBSD
//
// A line with a command counts only when the command is HAProxy.
func shell(t string) (Event, bool) {
	if rest, ok := strings.CutPrefix(t, "fish: Job "); ok {
		return fish(rest)
	}
	if rest, ok := strings.CutPrefix(t, "zsh: "); ok {
		if _, r, isJob := job(rest); isJob {
			rest = r
		}
		signal, rest, ok := description(rest)
		if !ok || !isCommand(rest) {
			return Event{}, false
		}
		return signalled(join.Exit, signal)
	}
	if pid, rest, ok := job(t); ok {
		signal, rest, ok := description(rest)
		if !ok || !isCommand(rest) {
			return Event{}, false
		}
		e, ok := signalled(join.Exit, signal)
		e.named(pid, "")
		return e, ok
	}
	signal, rest, ok := description(t)
	if !ok || rest != "" && !isCommand(rest) {
		return Event{}, false
	}
	e, ok := signalled(join.Exit, signal)
	e.Anonymous = rest == ""
	return e, ok
}

// job cuts off what bash puts before the description: "[1]+  ", or the script,
// the line and the pid.
func job(t string) (pid int, rest string, ok bool) {
	if r, is := strings.CutPrefix(t, "["); is {
		_, r, ok = lex.Int(r)
		r, closed := strings.CutPrefix(r, "]")
		r = strings.TrimLeft(r, "+- ")
		if n, after, numbered := lex.Int(r); numbered && strings.HasPrefix(after, " ") {
			pid, r = n, strings.TrimLeft(after, " ")
		}
		return pid, r, ok && closed
	}
	script, r, found := strings.Cut(t, ": line ")
	if found && strings.ContainsAny(script, " \t\"'=|;?&{}<>:") {
		return 0, t, false // within a line of something else
	}
	if found {
		if _, r, ok = lex.Int(r); !ok || !strings.HasPrefix(r, ":") {
			return 0, t, false
		}
		r = r[1:]
	} else if name, after, cut := strings.Cut(t, ": "); cut && !strings.ContainsAny(name, " \t") {
		r = after // bash -c says "bash:  1234 Segmentation fault …"
	} else {
		return 0, t, false
	}
	pid, r, ok = lex.Int(strings.TrimLeft(r, " "))
	return pid, strings.TrimLeft(r, " "), ok && strings.HasPrefix(r, " ")
}

// descriptions are the texts of signals that shells print. A bare "Killed" or
// "Aborted" is a whole line of a shell too, but Quit, Terminated and the like
// are no failures and stay out.
var descriptions = []struct {
	text   string
	signal int
}{
	{"segmentation fault", 11}, {"aborted", 6}, {"abort trap", 6}, {"abort", 6}, {"illegal instruction", 4}, {"illegal hardware instruction", 4},
	{"bus error", 7}, {"floating point exception", 8}, {"arithmetic exception", 8}, {"killed", 9}, {"trace/breakpoint trap", 5}, {"bad system call", 31},
}

// description cuts a signal's text off, with "(core dumped)" or a number behind it.
func description(t string) (signal int, rest string, ok bool) {
	for _, d := range descriptions {
		if len(t) < len(d.text) || !strings.EqualFold(t[:len(d.text)], d.text) {
			continue
		}
		rest = t[len(d.text):]
		if r, isBSD := strings.CutPrefix(rest, ": "); isBSD {
			n, after, isNumber := lex.Int(r)
			if !isNumber || signals.Name(n) == "" || after != "" && after[0] != ' ' {
				return 0, t, false
			}
			rest = after
		}
		if rest != "" && rest[0] != ' ' {
			continue
		}
		rest = strings.TrimLeft(rest, " ")
		rest = strings.TrimPrefix(rest, "(core dumped)")
		return d.signal, strings.TrimLeft(rest, " "), true
	}
	return 0, t, false
}

// fish reads: 1, 'haproxy -f x.cfg' terminated by signal SIGSEGV (Address boundary error)
func fish(t string) (Event, bool) {
	_, t, ok := lex.Int(t)
	t, quoted := strings.CutPrefix(t, ", '")
	i := strings.LastIndex(t, "' terminated by signal SIG")
	if !ok || !quoted || i < 0 || !isCommand(t[:i]) {
		return Event{}, false
	}
	name, _, _ := strings.Cut(t[i+len("' terminated by signal "):], " ")
	return signalled(join.Exit, signals.Number(name))
}

// isCommand says whether a command line runs HAProxy. Its files bear the name
// too: "vim /etc/haproxy/haproxy.cfg" is not HAProxy.
func isCommand(t string) bool {
	for i, word := range strings.Fields(t) {
		if strings.HasPrefix(word, "-") || i > 8 {
			return false
		}
		if haproxy.IsProgram(word) {
			return true
		}
	}
	return false
}
