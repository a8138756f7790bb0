package backtrace

import (
	"cmp"
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
	reading
	inner    gdb // of Stacktrace and ThreadStacktrace
	field    string
	values   map[string]string
	address  *crash.Addr
	at       *crash.Addr
	atSymbol string

	ended       stack // registers of the thread that died
	instruction string
}

func opensApport(t string) bool { return t == "ProblemType: Crash" }

// apportField reads "Signal: 11" and "StacktraceTop:".
func apportField(text string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(text, ":")
	notName := func(r rune) bool { return r >= 0x80 || !lex.IsWord(byte(r)) && r != '.' && r != '-' }
	if !ok || key == "" || value != "" && value[0] != ' ' || len(key) > 64 || strings.ContainsFunc(key, notName) {
		return "", "", false
	}
	return key, strings.TrimPrefix(value, " "), true
}

func (a *apport) line(text string, number int64) verdict {
	if text == "" {
		return blank
	}
	if a.values == nil {
		a.values = map[string]string{}
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
		a.inner.line(t, number)
	case "StacktraceTop":
		name, rest := functionName(strings.TrimLeft(t, " "))
		if name == "" || !strings.HasPrefix(rest, "(") {
			return
		}
		if len(a.all) == 0 {
			a.add(&stack{})
		}
		if f, ok := gdbFrame(0, strings.TrimLeft(t, " ")); ok {
			f.Where = lex.Where(number)
			a.append(a.all[0], f)
		}
	case "ProcStatus":
		if v, ok := strings.CutPrefix(t, "Pid:"); ok {
			a.PID, _, _ = lex.Int(strings.TrimSpace(v))
		}
	case "SegvAnalysis":
		a.analysis(t)
	case "Registers":
		if name, v, ok := registerRow(strings.TrimLeft(t, " ")); ok {
			a.ended.keepRegister(name, v)
		}
	case "Disassembly":
		if t, ok := strings.CutPrefix(strings.TrimLeft(t, " "), "=> "); ok {
			if at, rest, ok := lex.Addr(t); ok {
				_, text, _ := strings.Cut(rest, ":\t")
				a.at, a.instruction = &at, text
			}
		}
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

func (a *apport) finish() *stack {
	a.Executable, a.Arguments = a.values["ExecutablePath"], a.values["ProcCmdline"]
	a.names, a.Heads = []string{a.Executable, programOf(a.Arguments)}, true
	a.Time, a.Package = a.values["Date"], a.values["Package"]
	_, a.CoreWithin = a.values["CoreDump"]
	n, _, _ := lex.Int(a.values["Signal"])
	if a.Signal = fault(cmp.Or(signals.Number(a.values["SignalName"]), n)); a.Signal != nil && a.Signal.Number == 11 {
		a.Signal.Address, a.Signal.Instruction = a.address, a.at
	}
	faulty := a.culprit()
	if faulty == nil && a.at != nil {
		faulty = a.add(&stack{})
	}
	if faulty != nil {
		faulty.registers = a.ended.registers
		if a.at != nil {
			a.innermost(faulty)
			faulty.keepInstruction(*a.at, a.instruction)
		}
	}
	return faulty
}

// culprit takes gdb's stacks if there are any, else the five frames of the top.
func (a *apport) culprit() *stack {
	a.inner.closeFrame()
	if a.inner.tidy(); a.inner.frames > 0 {
		a.stacks, a.tool = a.inner.stacks, toolGDB
		return a.inner.culprit()
	}
	if len(a.all) > 0 {
		return a.all[0]
	}
	return nil
}

// innermost gives the frame where it happened its address.
func (a *apport) innermost(s *stack) {
	name, offset, _ := strings.Cut(a.atSymbol, "+")
	v, _, _ := lex.Int(offset)
	f := s.find(0)
	switch {
	case f == nil && len(s.frames) == 0:
		f := printed(*a.at)
		if lex.Identifier(name) == len(name) {
			setName(&f, name)
		}
		f.Symbol, f.Offset, f.Where = a.atSymbol, uint64(v), lex.Where(a.FirstLine)
		a.append(s, f)
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
	reading
	writer string // its pid
}

// apportEntry is the head of a line: the level, apport's own pid, the time, of which both
// forms have colons, but none with a blank behind.
var apportEntry = lex.Pattern(`^(?:INFO|ERROR|WARNING): apport \(pid (\d+)\) (.{0,63}?): (.*)$`)

// apportCalled is what the first line says behind that.
var apportCalled = lex.Pattern(`^called for (?:global )?pid (\d+), signal (\d+)(?:,|$)`)

func opensApportLog(t string) bool {
	m := apportEntry().FindStringSubmatch(t)
	return m != nil && apportCalled().MatchString(m[3])
}

func (a *apportLog) line(text string, _ int64) verdict {
	t := strings.TrimSpace(text)
	if t == "" {
		return blank
	}
	m := apportEntry().FindStringSubmatch(t)
	if m == nil || a.writer != "" && m[1] != a.writer {
		return over
	}
	if called := apportCalled().FindStringSubmatch(m[3]); called != nil {
		if a.PID != 0 {
			return over
		}
		a.writer, a.Time = m[1], m[2]
		a.PID, _, _ = lex.Int(called[1])
		n, _, _ := lex.Int(called[2])
		a.Signal = fault(n)
	}
	if rest, is := strings.CutPrefix(m[3], "executable: "); is {
		exe, args, _ := strings.Cut(rest, ` (command line "`)
		a.Executable, a.Arguments = lex.Clip(exe, maxName), lex.Clip(strings.TrimSuffix(args, `")`), maxValue)
	}
	return member
}

func (a *apportLog) finish() *stack {
	a.names, a.Heads = []string{a.Executable}, true
	return nil
}
