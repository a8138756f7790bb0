package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/signals"
)

// macOS reads the crash report of macOS in words, as Console and its files .crash have it
// and as .ips files are translated to:
//
//	Process:               haproxy [25509]
//	Path:                  /opt/homebrew/*/haproxy
//	Exception Type:        EXC_BAD_ACCESS (SIGSEGV)
//	Exception Codes:       KERN_INVALID_ADDRESS at 0x0000000000000018
//	Thread 0 Crashed::  Dispatch queue: com.apple.main-thread
//	0   haproxy                       	       0x1000a1b2c process_stream + 1234
//
// What stands behind "Binary Images:" ends it.
type macOS struct {
	stacks
	at, crashed *stack
	name, path  string
	time        string
	pid         int
	signal      *crash.Signal
	address     *crash.Addr
}

// machException gives the signal that an exception of Mach becomes; t is the text with its
// codes. EXC_CRASH is a signal that the process got as such, named behind it.
func machException(name, t string) int {
	if _, s, ok := strings.Cut(t, "(SIG"); ok {
		s, _, _ = strings.Cut(s, ")")
		if n := signals.Number("SIG" + s); n != 0 {
			return n
		}
	}
	switch name {
	case "EXC_BAD_ACCESS":
		if strings.Contains(t, "KERN_PROTECTION_FAILURE") || strings.Contains(t, "(code=2,") || strings.Contains(t, "EXC_ARM_DA_ALIGN") {
			return 7
		}
		return 11
	case "EXC_BAD_INSTRUCTION":
		return 4
	case "EXC_ARITHMETIC":
		return 8
	case "EXC_BREAKPOINT":
		if strings.Contains(t, "code=1") || strings.Contains(t, "EXC_I386_BPT") {
			return 5
		}
	case "ESR_EC_DABORT_EL0", "ESR_EC_IABORT_EL0":
		return 11
	}
	return 0
}

// macRow reads "Process:   haproxy [25509]": a key, a colon, and blanks to a column.
func macRow(t string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(t, ":")
	if !ok || !strings.HasPrefix(value, "  ") && !strings.HasPrefix(value, " \t") && !strings.HasPrefix(value, "\t") {
		return "", "", false
	}
	switch key {
	case "Process", "Path", "Identifier", "Version", "Code Type", "Parent Process", "Responsible", "User ID", "Date/Time", "OS Version", "Report Version",
		"Exception Type", "Exception Codes", "Exception Subtype", "Exception Note", "Termination Reason", "Termination Signal", "Terminating Process", "Crashed Thread",
		"Triggered by Thread", "Role", "Coalition", "Anonymous UUID", "Incident Identifier", "Launch Time", "Hardware Model", "Time Awake Since Boot",
		"System Integrity Protection", "Application Specific Information", "VM Region Info", "Sleep/Wake UUID", "Parent", "CrashReporter Key", "Beta Identifier":
		return key, strings.TrimSpace(value), true
	}
	return "", "", false
}

// macProcess reads "haproxy [25509]".
func macProcess(v string) (name string, pid int, ok bool) {
	name, rest, ok := strings.Cut(v, " [")
	pid, rest, isNumber := lex.Int(rest)
	return lex.Clip(name, 255), pid, ok && isNumber && rest == "]" && name != ""
}

// macThread reads "Thread 0 Crashed:: name  Dispatch queue: …" and "Thread 1:".
func macThread(t string) (n int, crashed bool, name string, ok bool) {
	rest, ok := strings.CutPrefix(t, "Thread ")
	if !ok {
		return 0, false, "", false
	}
	n, rest, ok = lex.Int(rest)
	rest, crashed = strings.CutPrefix(rest, " Crashed")
	rest, colon := strings.CutPrefix(rest, ":")
	if !ok || !colon {
		return 0, false, "", false
	}
	if rest == "" {
		return n, crashed, "", true
	}
	rest, double := strings.CutPrefix(rest, ":")
	name, _, _ = strings.Cut(rest, "Dispatch queue: ")
	return n, crashed, lex.Clip(strings.TrimSpace(name), 64), double || crashed
}

// macFrame reads a row of a thread: number, module, address, and the function with the
// distance from its start.
func macFrame(t string) (n int, f crash.Frame, ok bool) {
	f.Trust = crash.TrustPrinted
	n, rest, ok := lex.Int(t)
	if !ok || !strings.HasPrefix(rest, " ") {
		return 0, f, false
	}
	at := strings.Index(rest, "0x")
	if at < 2 {
		return 0, f, false
	}
	module := strings.TrimSpace(rest[:at])
	f.Address, rest, ok = lex.Addr(rest[at:])
	if !ok || module == "" || len(module) > 255 || strings.ContainsAny(module, "\"'=(){}") {
		return 0, f, false
	}
	if module != "???" {
		f.Module = strings.TrimPrefix(module, "...")
	}
	rest = strings.TrimLeft(rest, " \t")
	if rest == "" {
		return n, f, true
	}
	if base, after, isHex := lex.Addr(rest); isHex { // 0x100000000 + 1234: no symbol
		offset, isOffset := strings.CutPrefix(after, " + ")
		v, after, isNumber := lex.Int(offset)
		if !isOffset || !isNumber || after != "" || base > f.Address {
			return 0, f, false
		}
		f.ModuleOffset = crash.Addr(v)
		return n, f, true
	}
	name, rest, ok := strings.Cut(rest, " + ")
	v, rest, isNumber := lex.Int(rest)
	if !ok || !isNumber || name == "" || len(name) > 1024 {
		return 0, f, false
	}
	f.Symbol, f.Offset = name, uint64(v)
	if lex.Identifier(name) > 0 && name != "???" {
		f.Function = name
		f.Signal = name == "_sigtramp"
	}
	place, closed := strings.CutSuffix(strings.TrimPrefix(strings.TrimSpace(rest), "("), ")")
	if file, line, has := fileLine(place); closed && has {
		f.File, f.Line = file, line
	}
	return n, f, true
}

func opensMacOS(t string) bool {
	if key, value, ok := macRow(t); ok {
		if key == "Process" {
			_, _, ok = macProcess(value)
			return ok
		}
		return key == "Exception Type" && strings.HasPrefix(value, "EXC_")
	}
	if _, crashed, _, ok := macThread(t); ok {
		return crashed
	}
	return false
}

func (m *macOS) line(text string, number int64) verdict {
	t := strings.TrimSpace(text)
	if t == "" {
		return blank
	}
	if n, f, ok := macFrame(t); ok && m.at != nil {
		f.Where = lex.Where(number)
		m.put(m.at, n, f)
		return member
	}
	if n, crashed, name, ok := macThread(t); ok {
		if m.at = m.add(&stack{number: n, name: name, listed: true}); crashed && m.crashed == nil {
			m.crashed = m.at
		}
		return member
	}
	if key, value, ok := macRow(t); ok {
		return m.row(key, value)
	}
	switch {
	case strings.HasPrefix(t, "Binary Images:"):
		return over
	case strings.HasPrefix(t, "Thread ") && strings.Contains(t, " crashed with "), strings.HasPrefix(t, "-----"), strings.HasPrefix(t, "Translated Report"):
		return member
	case m.address == nil && strings.HasPrefix(t, "KERN_"):
		m.faultAt(t)
		return member
	case beginsElse(text) || opensGDB(text):
		return over
	}
	return foreign
}

func (m *macOS) row(key, value string) verdict {
	value = lex.Clip(value, maxValue)
	switch key {
	case "Process":
		name, pid, ok := macProcess(value)
		if m.pid != 0 || len(m.all) > 0 {
			return over // the next report
		}
		if ok {
			m.name, m.pid = name, pid
		}
	case "Path":
		m.path = value
	case "Date/Time":
		m.time = value
	case "Exception Type":
		if n := machException(lex.FirstWord(value), value); n != 0 {
			m.signal = &crash.Signal{Number: n, Name: signals.Name(n)}
		}
	case "Exception Codes", "Exception Subtype":
		m.faultAt(value)
	case "Termination Reason", "Termination Signal":
		// Namespace SIGNAL, Code 11 Segmentation fault: 11
		if _, code, ok := strings.Cut(value, "Namespace SIGNAL, Code "); ok && m.signal == nil {
			if n, _, ok := lex.Int(strings.TrimPrefix(code, "0x")); ok && signals.BSD(n) != 0 {
				n = signals.BSD(n)
				m.signal = &crash.Signal{Number: n, Name: signals.Name(n)}
			}
		}
	}
	return member
}

// faultAt reads "KERN_INVALID_ADDRESS at 0x0000000000000018".
func (m *macOS) faultAt(t string) {
	if _, v, ok := strings.Cut(t, " at 0x"); ok && m.address == nil {
		if a, _, ok := lex.Addr("0x" + v); ok {
			m.address = &a
		}
	}
}

func (m *macOS) programs() ([]string, bool) {
	return []string{m.name, m.path}, m.name != "" || m.path != ""
}

func (m *macOS) finish(r *Result) {
	r.PID, r.Comm, r.Time = m.pid, m.name, m.time
	if strings.HasPrefix(m.path, "/") {
		r.Executable = m.path
	}
	if r.Signal = m.signal; r.Signal != nil && r.Signal.Number != 6 {
		r.Signal.Address = m.address
	}
	kept := m.all[:0]
	for _, s := range m.all {
		if len(s.frames) > 0 {
			kept = append(kept, s)
		}
	}
	m.all = kept
	faulty := m.crashed
	if faulty != nil && len(faulty.frames) == 0 {
		faulty = nil
	}
	r.Threads = m.threads(faulty)
	judge(r, faulty, m.all)
}
