package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/signals"
)

// apport reads a report of Ubuntu's apport (/var/crash/*.crash; apport's problem_report.py),
// with its stack if it was retraced:
//
//	ProblemType: Crash
//	Date: Tue Sep 20 21:07:52 2022
//	ExecutablePath: /usr/sbin/haproxy
//	Package: haproxy 2.4.14-1ubuntu1
//	ProcStatus:
//	 Pid:	24890
//	Signal: 11
//	StacktraceTop:
//	 process_stream ()
//	Stacktrace:
//	 #0  0x000055d0c0a1b2c3 in process_stream (t=0x1) at src/stream.c:2655
//
// A field goes on in the lines that begin with a blank. What is in base64 (the core) is passed over.
type apport struct {
	inner     gdb // of Stacktrace and ThreadStacktrace
	any       bool
	field     string
	values    map[string]string
	top       stacks
	pid       int
	address   *crash.Addr
	at        *crash.Addr
	atSymbol  string
	firstLine int64
}

func opensApport(t string) bool { return t == "ProblemType: Crash" }

// apportField reads "Signal: 11" and "StacktraceTop:".
func apportField(text string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(text, ":")
	if !ok || key == "" || value != "" && value[0] != ' ' || len(key) > 64 {
		return "", "", false
	}
	for i := range len(key) {
		c := key[i]
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return "", "", false
		}
	}
	return key, strings.TrimPrefix(value, " "), true
}

func (a *apport) line(text string, number int64) verdict {
	if text == "" {
		return blank
	}
	if a.firstLine == 0 {
		a.firstLine, a.values = number, map[string]string{}
	}
	if text[0] == ' ' || text[0] == '\t' {
		a.more(text[1:], number)
		return member
	}
	key, value, ok := apportField(text)
	if !ok {
		return over
	}
	if _, again := a.values[key]; again && (key == "ProblemType" || key == "ExecutablePath") {
		return over // the next report
	}
	a.field = key
	if len(a.values) < 256 {
		a.values[key] = lex.Clip(value, maxValue)
	}
	return member
}

// more takes a line that a field goes on with.
func (a *apport) more(t string, number int64) {
	switch a.field {
	case "Stacktrace", "ThreadStacktrace":
		a.any = true
		a.inner.line(t, number)
	case "StacktraceTop":
		name, rest := functionName(strings.TrimLeft(t, " "))
		if name == "" || !strings.HasPrefix(rest, "(") {
			return
		}
		if len(a.top.all) == 0 {
			a.top.add(&stack{})
		}
		if f, ok := gdbFrame(0, strings.TrimLeft(t, " ")); ok {
			f.Where = lex.Where(number)
			a.top.append(a.top.all[0], f)
		}
	case "ProcStatus":
		if v, ok := strings.CutPrefix(t, "Pid:"); ok {
			a.pid, _, _ = lex.Int(strings.TrimSpace(v))
		}
	case "SegvAnalysis":
		a.analysis(t)
	}
}

// analysis reads apport's words on the faulting instruction:
//
//	Segfault happened at: 0x55d0c0a1b2c3 <process_stream+1234>:	mov    0x8(%rax),%rdx
//	source "0x8(%rax)" (0x00000008) not located in a known VMA region (needed readable region)!
func (a *apport) analysis(t string) {
	if rest, ok := strings.CutPrefix(t, "Segfault happened at: "); ok {
		if at, rest, ok := lex.Addr(rest); ok {
			a.at = &at
			if name, is := strings.CutPrefix(rest, " <"); is {
				a.atSymbol, _, _ = strings.Cut(name, ">")
			}
		}
		return
	}
	if strings.Contains(t, " not located in a known VMA region") && a.address == nil {
		if _, v, ok := strings.Cut(t, `" (`); ok {
			if at, _, ok := lex.Addr(v); ok {
				a.address = &at
			}
		}
	}
}

func (a *apport) programs() ([]string, bool) {
	return []string{a.values["ExecutablePath"], programOf(a.values["ProcCmdline"])}, true
}

func (a *apport) finish(r *Result) {
	r.PID, r.Executable, r.Arguments = a.pid, a.values["ExecutablePath"], a.values["ProcCmdline"]
	r.Time, r.Package = a.values["Date"], a.values["Package"]
	_, r.CoreWithin = a.values["CoreDump"]
	n, _, ok := lex.Int(a.values["Signal"])
	if named := signals.Number(a.values["SignalName"]); named != 0 {
		n, ok = named, true
	}
	if ok && signals.Name(n) != "" {
		r.Signal = &crash.Signal{Number: n, Name: signals.Name(n)}
		if n == 11 {
			r.Signal.Address, r.Signal.Instruction = a.address, a.at
		}
	}
	all, faulty := &a.top, (*stack)(nil)
	if a.any {
		a.inner.closeFrame()
		if a.inner.tidy(); a.inner.stacks.frames > 0 {
			all = &a.inner.stacks
			faulty = a.inner.culprit()
		}
	}
	if all == &a.top && len(a.top.all) > 0 {
		faulty = a.top.all[0]
	}
	if faulty == nil && a.at != nil {
		faulty = all.add(&stack{})
	}
	if faulty != nil && a.at != nil {
		a.innermost(all, faulty)
	}
	r.Threads = all.threads(faulty)
	judge(r, faulty, all.all)
}

// innermost gives the frame where it happened its address.
func (a *apport) innermost(all *stacks, s *stack) {
	name, offset, _ := strings.Cut(a.atSymbol, "+")
	if lex.Identifier(name) != len(name) {
		name = ""
	}
	v, _, _ := lex.Int(offset)
	f := s.find(0)
	switch {
	case f == nil && len(s.frames) == 0:
		all.append(s, crash.Frame{Address: *a.at, Function: name, Symbol: a.atSymbol, Offset: uint64(v), Trust: crash.TrustPrinted, Where: lex.Where(a.firstLine)})
	case f != nil && f.Address == 0 && name != "" && f.Function == name:
		f.Address, f.Offset = *a.at, uint64(v)
	}
}

// apportLog reads what apport logs when the kernel hands it a process that died:
//
//	INFO: apport (pid 24900) Tue Sep 20 21:07:52 2022: called for pid 24890, signal 11, core limit 0, dump mode 1
//	INFO: apport (pid 24900) Tue Sep 20 21:07:52 2022: executable: /usr/sbin/haproxy (command line "/usr/sbin/haproxy -Ws")
//
// The first line does not say whose process it is.
type apportLog struct {
	writer    int
	pid       int
	time      string
	exe, args string
	signal    *crash.Signal
}

// apportEntry reads the head of a line: the level, apport's own pid, the time.
func apportEntry(t string) (writer int, at, text string, ok bool) {
	for _, level := range [...]string{"INFO: ", "ERROR: ", "WARNING: "} {
		if rest, is := strings.CutPrefix(t, level+"apport (pid "); is {
			writer, rest, ok = lex.Int(rest)
			rest, closed := strings.CutPrefix(rest, ") ")
			// Both forms of the time have colons, but none with a blank behind.
			at, text, ok2 := strings.Cut(rest, ": ")
			return writer, at, text, ok && closed && ok2 && len(at) < 64
		}
	}
	return 0, "", "", false
}

// apportCalled reads "called for pid 24890, signal 11, core limit 0, dump mode 1".
func apportCalled(t string) (pid, signal int, ok bool) {
	rest, ok := strings.CutPrefix(strings.Replace(t, "global pid", "pid", 1), "called for pid ")
	pid, rest, isNumber := lex.Int(rest)
	rest, comma := strings.CutPrefix(rest, ", signal ")
	signal, rest, isSignal := lex.Int(rest)
	return pid, signal, ok && isNumber && comma && isSignal && (rest == "" || rest[0] == ',')
}

func opensApportLog(t string) bool {
	_, _, text, ok := apportEntry(t)
	if !ok {
		return false
	}
	_, _, ok = apportCalled(text)
	return ok
}

func (a *apportLog) line(text string, _ int64) verdict {
	t := strings.TrimSpace(text)
	if t == "" {
		return blank
	}
	writer, at, text, ok := apportEntry(t)
	if !ok || a.writer != 0 && writer != a.writer {
		return over
	}
	if pid, n, called := apportCalled(text); called {
		if a.pid != 0 {
			return over
		}
		a.writer, a.pid, a.time = writer, pid, at
		if signals.Name(n) != "" {
			a.signal = &crash.Signal{Number: n, Name: signals.Name(n)}
		}
	}
	if rest, is := strings.CutPrefix(text, "executable: "); is {
		exe, args, _ := strings.Cut(rest, ` (command line "`)
		a.exe, a.args = lex.Clip(exe, 1024), lex.Clip(strings.TrimSuffix(args, `")`), maxValue)
	}
	return member
}

func (a *apportLog) programs() ([]string, bool) { return []string{a.exe}, true }

func (a *apportLog) finish(r *Result) {
	r.PID, r.Executable, r.Arguments, r.Time, r.Signal = a.pid, a.exe, a.args, a.time, a.signal
	judge(r, nil, nil)
}
