package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/signals"
)

// valgrind reads memcheck's errors (memcheck/mc_errors.c, coregrind/m_signals.c):
//
//	==7050== Invalid read of size 4
//	==7050==    at 0x1091BA: h2_process (mux_h2.c:4)
//	==7050==    by 0x1091CC: main (in /usr/sbin/haproxy)
//	==7050==  Address 0x1 is not stack'd, malloc'd or (recently) free'd
//	==7050== Process terminating with default action of signal 11 (SIGSEGV)
//
// The stack at which the process ended is the faulty one; without it that of
// the first error.
type valgrind struct {
	stacks
	at, first, died *stack
	pid             int
	headline        string // of the stack that comes
	error           string
	signal          *crash.Signal
}

// valgrindLine cuts "==7050== " off.
func valgrindLine(t string) (pid int, rest string, ok bool) {
	r, ok := strings.CutPrefix(t, "==")
	if !ok {
		return 0, "", false
	}
	pid, r, ok = leadingInt(r)
	if !ok {
		return 0, "", false
	}
	rest, ok = strings.CutPrefix(r, "==")
	return pid, rest, ok && (rest == "" || rest[0] == ' ')
}

func opensValgrind(t string) bool {
	_, rest, ok := valgrindLine(t)
	if !ok {
		return false
	}
	s := strings.TrimLeft(rest, " ")
	if _, ok := valgrindFrame(s); ok {
		return true
	}
	return valgrindError(s) || strings.HasPrefix(s, "Memcheck, a memory error detector") ||
		strings.HasPrefix(s, "Process terminating with ")
}

func valgrindError(s string) bool {
	for _, p := range [...]string{
		"Invalid read of size ", "Invalid write of size ", "Invalid free() ", "Mismatched free() ", "Jump to the invalid address ",
		"Conditional jump or move depends on uninitialised", "Use of uninitialised value ", "Source and destination overlap",
		"Syscall param ",
	} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// valgrindFrame reads "at 0x109169: use (a.c:3)" and "by 0x48: free (in /lib/x.so)".
func valgrindFrame(s string) (crash.Frame, bool) {
	f := crash.Frame{Trust: crash.TrustPrinted}
	rest, ok := strings.CutPrefix(s, "at ")
	if !ok {
		if rest, ok = strings.CutPrefix(s, "by "); !ok {
			return f, false
		}
	}
	addr, rest, ok := valgrindHex(rest)
	if !ok {
		return f, false
	}
	f.Address = addr
	name, place := rest, ""
	if i := strings.LastIndex(rest, " ("); i > 0 && strings.HasSuffix(rest, ")") {
		name, place = rest[:i], rest[i+2:len(rest)-1]
	}
	if name != "???" {
		f.Function, f.Symbol = bounded(name, 1024), bounded(name, 1024)
	}
	if module, in := strings.CutPrefix(place, "in "); in {
		f.Module = module
	} else if file, line, ok := fileLine(place); ok {
		f.File, f.Line = file, line
	}
	return f, true
}

// valgrindHex cuts "0x1091BA: " off: digits are in capitals.
func valgrindHex(s string) (crash.Addr, string, bool) {
	a, rest, ok := leadingHex(s)
	if !ok {
		return 0, "", false
	}
	rest, ok = strings.CutPrefix(rest, ": ")
	return a, rest, ok && rest != ""
}

func (v *valgrind) line(text string, number int64) verdict {
	if text == "" {
		return blank
	}
	pid, rest, ok := valgrindLine(strings.TrimLeft(text, " \t"))
	if !ok {
		if beginsElse(text) || opensGDB(text) {
			return over
		}
		return foreign
	}
	if v.pid != 0 && pid != v.pid {
		return over // a forked worker: its own block
	}
	v.pid = pid
	s := strings.TrimLeft(rest, " ")
	if f, ok := valgrindFrame(s); ok {
		if v.at == nil {
			if v.at = v.add(&stack{name: v.headline}); v.at == nil {
				return member
			}
			if v.first == nil {
				v.first = v.at
			}
			if v.signal != nil && v.died == nil {
				v.died = v.at
			}
		}
		f.Where = where(number)
		v.append(v.at, f)
		return member
	}
	switch {
	case valgrindError(s):
		if v.error == "" {
			v.error = bounded(s, 128)
		}
		v.at, v.headline = nil, bounded(s, 128)
	case strings.HasPrefix(s, "Process terminating with "):
		v.terminated(s)
	case strings.HasPrefix(s, "Address 0x") || strings.HasPrefix(s, "Block was alloc'd") || strings.HasPrefix(s, "Uninitialised value was"):
		v.at, v.headline = nil, bounded(s, 128)
	case strings.HasPrefix(s, "Access not within mapped region at address 0x"):
		_, at, _ := strings.Cut(s, "address ")
		if a, _, ok := leadingHex(at); ok && v.signal != nil {
			v.signal.Address = &a
		}
	}
	return member
}

// terminated reads "Process terminating with default action of signal 11 (SIGSEGV)".
func (v *valgrind) terminated(s string) {
	v.at, v.headline = nil, ""
	_, rest, ok := strings.Cut(s, " of signal ")
	if !ok || v.signal != nil {
		return
	}
	if n, _, ok := leadingInt(rest); ok {
		v.signal = &crash.Signal{Number: n, Name: signals.Name(n)}
	}
}

func (v *valgrind) finish(r *Result) {
	r.PID, r.Error, r.Signal = v.pid, v.error, v.signal
	faulty := v.died
	if faulty == nil {
		faulty = v.first
	}
	if faulty != nil && faulty == v.died {
		faulty.name = ""
	}
	r.Threads = v.threads(faulty)
	if v.signal == nil {
		r.Kind = crash.Unknown
		if strings.HasPrefix(v.error, "Invalid ") || strings.HasPrefix(v.error, "Mismatched ") {
			r.Kind = crash.HeapCorruption
		}
	}
	judge(r, faulty, v.all)
}
