package backtrace

import (
	"slices"
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
	reading
	machFault
	at, crashed *stack
}

// machFault is how macOS says that a process ended.
type machFault struct {
	signal  int
	address *crash.Addr
}

// faultAt reads "KERN_INVALID_ADDRESS at 0x0000000000000018".
func (m *machFault) faultAt(t string) {
	if _, v, ok := strings.Cut(t, " at 0x"); ok && m.address == nil {
		if a, _, ok := lex.Hex(v); ok {
			m.address = &a
		}
	}
}

// end sets what both forms of the report end with, and gives the thread that crashed.
func (m *machFault) end(r *reading, crashed *stack) *stack {
	if !strings.HasPrefix(r.Executable, "/") {
		r.Executable = ""
	}
	if r.Signal = fault(m.signal); r.Signal != nil && r.Signal.Number != 6 {
		r.Signal.Address = m.address
	}
	if crashed != nil && len(crashed.frames) == 0 {
		return nil
	}
	return crashed
}

// objcFork is why macOS's Objective-C runtime ends a child that uses it after fork().
const objcFork = "the Objective-C runtime ended a child that used it after fork()"

func forkChild(t string) bool {
	return strings.Contains(t, " may have been in progress in another thread when fork() was called.") || strings.HasPrefix(t, "crashed on child side of fork")
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

// macKeys are those of the report's rows.
var macKeys = [...]string{
	"Process", "Path", "Identifier", "Version", "Code Type", "Parent Process", "Responsible", "User ID", "Date/Time", "OS Version", "Report Version",
	"Exception Type", "Exception Codes", "Exception Subtype", "Exception Note", "Termination Reason", "Termination Signal", "Terminating Process", "Crashed Thread",
	"Triggered by Thread", "Role", "Coalition", "Anonymous UUID", "Incident Identifier", "Launch Time", "Hardware Model", "Time Awake Since Boot",
	"System Integrity Protection", "Application Specific Information", "VM Region Info", "Sleep/Wake UUID", "Parent", "CrashReporter Key", "Beta Identifier",
}

// macRow reads "Process:   haproxy [25509]": a key, a colon, and blanks to a column.
func macRow(t string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(t, ":")
	ok = ok && hasPrefix(value, "  ", " \t", "\t") && slices.Contains(macKeys[:], key)
	return key, strings.TrimSpace(value), ok
}

// macProcess is "haproxy [25509]".
var macProcess = lex.Pattern(`^(.+?) \[(\d+)\]$`)

// macThread reads "Thread 0 Crashed:: name  Dispatch queue: …" and "Thread 1:".
func macThread(t string) (n int, crashed bool, name string, ok bool) {
	m := macHeading().FindStringSubmatch(t)
	if m == nil {
		return 0, false, "", false
	}
	n, _, ok = lex.Int(m[1])
	crashed = m[2] != ""
	name, _, _ = strings.Cut(m[4], "Dispatch queue: ")
	return n, crashed, lex.Clip(strings.TrimSpace(name), 64), ok && (crashed || m[3] != "" || m[4] == "")
}

var macHeading = lex.Pattern(`^Thread (\d+)( Crashed)?:(:?)(.*)$`)

// macFrame reads a row of a thread: number, module, address, and the function with the
// distance from its start.
func macFrame(t string) (n int, f crash.Frame, ok bool) {
	n, rest, ok := lex.Int(t)
	at := strings.Index(rest, "0x")
	if !ok || at < 2 || rest[0] != ' ' {
		return 0, f, false
	}
	module := strings.TrimSpace(rest[:at])
	address, rest, ok := lex.Addr(rest[at:])
	if !ok || module == "" || len(module) > 255 || strings.ContainsAny(module, "\"'=(){}") {
		return 0, f, false
	}
	f = printed(address)
	if module != "???" {
		f.Module = strings.TrimPrefix(module, "...")
	}
	if rest = strings.TrimLeft(rest, " \t"); rest == "" {
		return n, f, true
	}
	name, rest, ok := strings.Cut(rest, " + ")
	offset, rest, isNumber := lex.Int(rest)
	if !ok || !isNumber {
		return 0, f, false
	}
	if base, after, isHex := lex.Addr(name); isHex { // 0x100000000 + 1234: no symbol
		f.ModuleOffset = crash.Addr(offset)
		return n, f, after == "" && rest == "" && base <= address
	}
	f.Offset = uint64(offset)
	if f.Symbol = lex.Clip(name, maxName); lex.Identifier(name) > 0 {
		setName(&f, name)
	}
	if place, closed := strings.CutSuffix(strings.TrimPrefix(strings.TrimSpace(rest), "("), ")"); closed {
		setPlace(&f, place)
	}
	return n, f, name != ""
}

func opensMacOS(t string) bool {
	if key, value, ok := macRow(t); ok {
		if key == "Process" {
			return macProcess().MatchString(value)
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
		return m.row(key, lex.Clip(value, maxValue))
	}
	switch {
	case strings.HasPrefix(t, "Binary Images:"):
		return over
	case strings.HasPrefix(t, "Thread ") && strings.Contains(t, " crashed with "), hasPrefix(t, "-----", "Translated Report"):
		return member
	case forkChild(t):
		m.Detail = objcFork
		return member
	case strings.HasPrefix(t, "KERN_"):
		m.faultAt(t)
		return member
	}
	return otherwise(text)
}

func (m *macOS) row(key, value string) verdict {
	switch key {
	case "Process":
		if m.PID != 0 || len(m.all) > 0 {
			return over // the next report
		}
		if p := macProcess().FindStringSubmatch(value); p != nil {
			m.Comm = lex.Clip(p[1], 255)
			m.PID, _, _ = lex.Int(p[2])
		}
	case "Exception Type":
		m.signal = machException(lex.FirstWord(value), value)
	case "Exception Codes", "Exception Subtype":
		m.faultAt(value)
	case "Termination Reason", "Termination Signal":
		// Namespace SIGNAL, Code 11 Segmentation fault: 11
		_, code, ok := strings.Cut(value, "Namespace SIGNAL, Code ")
		n, _, isNumber := lex.Int(strings.TrimPrefix(code, "0x"))
		if ok && isNumber && m.signal == 0 {
			m.signal = signals.BSD(n)
		}
	default:
		m.keepFact(key, value)
	}
	return member
}

func (m *macOS) finish() *stack {
	m.names, m.Heads = []string{m.Comm, m.Executable}, m.Comm != "" || m.Executable != ""
	m.drop()
	return m.end(&m.reading, m.crashed)
}
