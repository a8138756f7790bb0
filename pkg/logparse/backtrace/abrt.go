package backtrace

import (
	"cmp"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/signals"
)

// abrt reads a problem as abrt-cli list and info show it, in the form of RHEL 7 and in the
// later one (abrt src/cli):
//
//	id 5d2f1f5c5e1f4e0e8f2d
//	reason:         haproxy killed by SIGSEGV
//	time:           Wed 04 Aug 2021 03:22:51 AM UTC
//	cmdline:        /usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg
//	package:        haproxy-1.8.27-2.el8
//	Directory:      /var/spool/abrt/ccpp-2021-08-04-03:22:51.1-2470780
//
//	Id                   5d2f1f5
//	Component            haproxy
//	Reason               haproxy killed by SIGSEGV
//	Path                 /var/spool/abrt/ccpp-2021-08-04-03:22:51.1-2470780
//
// The number at the end of the directory's name is the pid.
type abrt struct {
	reading
	seen     map[string]bool
	program  string
	function string
	dumped   bool
}

var abrtKeys = map[string]string{
	"id": "id", "reason": "reason", "component": "component", "time": "time", "cmdline": "cmdline", "command line": "cmdline", "package": "package",
	"uid": "uid", "user id": "uid", "count": "count", "directory": "directory", "path": "directory", "executable": "executable", "crash function": "function",
	"crash_function": "function", "hostname": "host", "pid": "pid", "environ": "", "run": "", "reported": "", "report": "", "possible workarounds": "", "crash thread": "",
	"uuid": "", "duphash": "", "architecture": "", "analyzer": "", "type": "", "kernel": "", "global pid": "", "user": "",
}

// abrtRow reads "reason:         haproxy killed by SIGSEGV" and "Reason    haproxy …".
func abrtRow(t string) (key, value string, ok bool) {
	i := strings.Index(t, "  ")
	if colon := strings.IndexByte(t, ':'); colon > 0 && (i < 0 || colon < i) && colon < 24 {
		i = colon
	} else if strings.HasPrefix(t, "id ") && i < 0 {
		i = 2
	}
	if i <= 0 || i > 24 {
		return "", "", false
	}
	key, ok = abrtKeys[strings.ToLower(strings.TrimSpace(t[:i]))]
	return key, strings.TrimSpace(strings.TrimLeft(t[i:], ":")), ok
}

// abrtReason reads "haproxy killed by SIGSEGV", "haproxy killed by signal 11".
func abrtReason(v string) (program string, signal int, ok bool) {
	program, rest, ok := strings.Cut(v, " killed by ")
	n, _, _ := lex.Int(strings.TrimPrefix(rest, "signal "))
	signal = cmp.Or(n, signals.Number(rest))
	return program, signal, ok && program != "" && len(program) <= 255 && !strings.ContainsAny(program, " \t") && signals.Name(signal) != ""
}

func opensABRT(t string) bool {
	key, value, ok := abrtRow(t)
	if !ok {
		return false
	}
	switch key {
	case "reason":
		_, _, ok = abrtReason(value)
		return ok
	case "id":
		return len(value) >= 7 && len(value) <= 64 && strings.Trim(value, "0123456789abcdef") == "" && (t[0] == 'I' || t[0] == 'i')
	}
	return false
}

func (a *abrt) line(text string, number int64) verdict {
	t := strings.TrimSpace(text)
	if t == "" {
		return blank
	}
	key, value, ok := abrtRow(t)
	switch {
	case !ok && hasPrefix(t, "Run '", "Actions:"):
		return member
	case !ok, key != "" && a.seen[key], key == "id" && len(a.seen) > 0:
		return over // perhaps the next problem
	case a.seen == nil:
		a.seen = map[string]bool{}
	}
	a.seen[key] = true
	a.row(key, lex.Clip(value, maxValue))
	return member
}

func (a *abrt) row(key, value string) {
	if a.keepFact(key, value) {
		return
	}
	switch key {
	case "reason":
		if program, n, ok := abrtReason(value); ok {
			a.program, a.Signal = program, fault(n)
		}
	case "component":
		a.program = cmp.Or(a.program, value)
	case "function":
		if lex.Identifier(value) == len(value) {
			a.function = value
		}
	case "pid":
		a.PID, _, _ = lex.Int(value)
	case "directory":
		name := value[strings.LastIndexByte(value, '/')+1:]
		i := strings.LastIndexByte(name, '-')
		if a.dumped = strings.HasPrefix(name, "ccpp-"); !a.dumped {
			return
		}
		if n, rest, ok := lex.Int(name[i+1:]); ok && rest == "" && a.PID == 0 {
			a.PID = n
		}
	}
}

func (a *abrt) finish() *stack {
	a.Heads = true
	program := programOf(a.Arguments)
	a.names = []string{a.program, cmp.Or(a.Executable, program)}
	if a.Signal == nil && !a.dumped {
		a.Result = Result{Tool: a.Tool, Heads: true, FirstLine: a.FirstLine, LastLine: a.LastLine}
		return nil // some other problem: a Python script, a kernel's oops
	}
	if a.Executable == "" && strings.HasPrefix(program, "/") {
		a.Executable = program
	}
	if a.function == "" {
		return nil
	}
	faulty := a.add(&stack{})
	f := printed(0)
	setName(&f, a.function)
	f.Where = lex.Where(a.FirstLine)
	a.append(faulty, f)
	return faulty
}
