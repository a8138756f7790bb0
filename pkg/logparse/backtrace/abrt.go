package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
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
	seen             map[string]bool
	program, exe     string
	args, time, pack string
	function, host   string
	pid              int
	signal           *crash.Signal
	dumped           bool
	row              int64
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
	if !ok || program == "" || len(program) > 255 || strings.ContainsAny(program, " \t") {
		return "", 0, false
	}
	if n, _, isNumber := lex.Int(strings.TrimPrefix(rest, "signal ")); isNumber {
		signal = n
	} else {
		signal = signals.Number(rest)
	}
	return program, signal, signals.Name(signal) != ""
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
	if !ok {
		if strings.HasPrefix(t, "Run '") || strings.HasPrefix(t, "Actions:") {
			return member
		}
		return over
	}
	if a.seen == nil {
		a.seen, a.row = map[string]bool{}, number
	}
	if key != "" && a.seen[key] || key == "id" && len(a.seen) > 0 {
		return over // the next problem
	}
	a.seen[key] = true
	value = lex.Clip(value, maxValue)
	switch key {
	case "reason":
		program, n, ok := abrtReason(value)
		if ok {
			a.program = program
			a.signal = &crash.Signal{Number: n, Name: signals.Name(n)}
		}
	case "component":
		if a.program == "" {
			a.program = value
		}
	case "time":
		a.time = value
	case "cmdline":
		a.args = value
	case "executable":
		a.exe = value
	case "package":
		a.pack = value
	case "function":
		if lex.Identifier(value) == len(value) {
			a.function = value
		}
	case "host":
		a.host = value
	case "pid":
		a.pid, _, _ = lex.Int(value)
	case "directory":
		name := value[strings.LastIndexByte(value, '/')+1:]
		if i := strings.LastIndexByte(name, '-'); strings.HasPrefix(name, "ccpp-") && i > 0 {
			a.dumped = true
			if n, rest, ok := lex.Int(name[i+1:]); ok && rest == "" && a.pid == 0 {
				a.pid = n
			}
		}
	}
	return member
}

func (a *abrt) programs() ([]string, bool) {
	exe := a.exe
	if exe == "" {
		exe = programOf(a.args)
	}
	return []string{a.program, exe}, true
}

func (a *abrt) finish(r *Result) {
	if a.signal == nil && !a.dumped {
		return // some other problem: a Python script, a kernel's oops
	}
	r.PID, r.Arguments, r.Time, r.Host, r.Package, r.Signal = a.pid, a.args, a.time, a.host, a.pack, a.signal
	if r.Executable = a.exe; r.Executable == "" && strings.HasPrefix(a.args, "/") {
		r.Executable = programOf(a.args)
	}
	var faulty *stack
	all := stacks{tool: ToolABRT}
	if a.function != "" {
		faulty = all.add(&stack{})
		all.append(faulty, crash.Frame{Function: a.function, Symbol: a.function, Trust: crash.TrustPrinted, Where: lex.Where(a.row)})
	}
	r.Threads = all.threads(faulty)
	judge(r, faulty, all.all)
}
