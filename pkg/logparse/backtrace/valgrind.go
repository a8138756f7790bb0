package backtrace

import (
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
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
// the first error, and the process lived on. Stacks of where a block was freed or
// allocated, and of further errors, are no threads.
type valgrind struct {
	reading
	at, wrong, died *stack // the one at hand, of the first error, of the end
	headline        string // of the stack that comes
	role            string // of the stack that comes, when it is none of an error
	leaks, errors   bool   // loss records; anything else
}

// valgrindLine cuts "==7050== " off.
func valgrindLine(t string) (pid int, rest string, ok bool) {
	r, ok := strings.CutPrefix(t, "==")
	pid, r, isNumber := lex.Int(r)
	rest, closed := strings.CutPrefix(r, "==")
	return pid, rest, ok && isNumber && closed && (rest == "" || rest[0] == ' ')
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
	return valgrindError(s) || lossRecord(s) || hasPrefix(s, "Command: ", "Memcheck, a memory error detector", "Process terminating with ")
}

func valgrindError(s string) bool {
	if rest, ok := cutPrefix(s, "Invalid read of size ", "Invalid write of size "); ok {
		_, end, sized := lex.Int(rest)
		return sized && end == ""
	}
	return hasPrefix(s, "Invalid free() ", "Mismatched free() ", "Jump to the invalid address ", "Conditional jump or move depends on uninitialised",
		"Use of uninitialised value ", "Source and destination overlap", "Syscall param ", "Possible data race during ")
}

// lossRecord reads "1,048,576 bytes in 1 blocks are still reachable in loss record 1 of 2".
func lossRecord(s string) bool {
	return strings.Contains(s, " in loss record ") && s[0] >= '0' && s[0] <= '9'
}

// valgrindFrame reads "at 0x109169: use (a.c:3)" and "by 0x48: free (in /lib/x.so)".
func valgrindFrame(s string) (crash.Frame, bool) {
	rest, ok := cutPrefix(s, "at ", "by ")
	address, rest, isHex := lex.Addr(rest)
	rest, colon := strings.CutPrefix(rest, ": ")
	f := printed(address)
	if !ok || !isHex || !colon || rest == "" {
		return f, false
	}
	name, place := rest, ""
	if i := strings.LastIndex(rest, " ("); i > 0 && strings.HasSuffix(rest, ")") {
		name, place = rest[:i], rest[i+2:len(rest)-1]
	}
	setName(&f, name)
	if module, in := strings.CutPrefix(place, "in "); in {
		f.Module = module
	} else {
		setPlace(&f, place)
	}
	return f, true
}

func (v *valgrind) line(text string, number int64) verdict {
	if text == "" {
		return blank
	}
	pid, rest, ok := valgrindLine(strings.TrimLeft(text, " \t"))
	if !ok {
		return otherwise(text)
	}
	if v.PID != 0 && pid != v.PID {
		return over // a forked worker: its own block
	}
	v.PID, v.Heads = pid, true
	s := strings.TrimLeft(rest, " ")
	if f, ok := valgrindFrame(s); ok {
		f.Where = lex.Where(number)
		v.frame(f)
	} else {
		v.words(s)
	}
	return member
}

// words reads what stands between the stacks.
func (v *valgrind) words(s string) {
	switch {
	case s == "":
		v.at = nil
	case valgrindError(s):
		v.at, v.role, v.headline, v.errors = nil, "", lex.Clip(s, 128), true
		v.access(v.headline)
	case lossRecord(s):
		v.at, v.role, v.leaks = nil, leaked, true
	case strings.HasPrefix(s, "Command: "):
		v.names = append(v.names, programOf(s[len("Command: "):]))
	case strings.HasPrefix(s, "Process terminating with "):
		v.terminated(s)
	case strings.HasPrefix(s, "Address 0x"):
		v.at, v.role = nil, v.place(s)
	case strings.HasPrefix(s, "Block was alloc'd"):
		v.at, v.role = nil, "allocated"
	case strings.HasPrefix(s, "Uninitialised value was"):
		v.at, v.role = nil, lex.Clip(s, 128)
	case strings.HasPrefix(s, "Access not within mapped region at address 0x"):
		if v.Signal != nil {
			v.Signal.Address = hexBehind(s, "address ")
		}
	}
}

// leaked is the role of stacks that nobody asks for.
const leaked = "leaked"

func (v *valgrind) frame(f crash.Frame) {
	if v.at == nil {
		s := &stack{role: v.role}
		ended := v.Signal != nil && v.died == nil && v.role == ""
		if v.role == "" && v.wrong != nil && !ended {
			s.role = v.headline // another error
		}
		if v.at = v.add(s); v.at == nil {
			return
		}
		if v.wrong == nil && v.role == "" && v.headline != "" {
			v.wrong = v.at
		}
		if ended {
			v.died = v.at
		}
	}
	v.append(v.at, f)
}

// access keeps the first error: "Invalid read of size 8".
func (v *valgrind) access(s string) {
	if v.Memory != nil {
		return
	}
	v.Memory = &crash.Memory{Tool: ToolValgrind}
	what, size, sized := strings.Cut(s, " of size ")
	if n, _, ok := lex.Int(size); sized && ok {
		v.Memory.Size = int64(n)
	}
	v.Memory.Error, v.Error = what, s
	switch what {
	case "Invalid read", "Possible data race during read":
		v.Memory.Access = "read"
	case "Invalid write", "Possible data race during write":
		v.Memory.Access = "write"
	}
}

// place keeps what is said of the address, and gives the role of the stack that follows.
func (v *valgrind) place(s string) string {
	a, rest, ok := lex.Addr(s[len("Address "):])
	rest = strings.TrimPrefix(rest, " is ")
	if m := v.Memory; ok && m != nil && m.Address == nil && (len(v.all) == 0 || v.wrong == v.all[len(v.all)-1]) {
		m.Address, m.Place = &a, lex.Clip(rest, 256)
	}
	switch {
	case strings.HasSuffix(rest, "free'd"):
		return "freed"
	case strings.HasSuffix(rest, "alloc'd"):
		return "allocated"
	}
	return "of the address"
}

// terminated reads "Process terminating with default action of signal 11 (SIGSEGV)".
func (v *valgrind) terminated(s string) {
	v.at, v.role, v.headline, v.errors = nil, "", "", true
	_, rest, ok := strings.Cut(s, " of signal ")
	if !ok || v.Signal != nil {
		return
	}
	n, _, _ := lex.Int(rest)
	v.Signal = fault(n)
}

func (v *valgrind) finish() *stack {
	v.Leak = v.leaks && !v.errors
	v.all = slices.DeleteFunc(v.all, func(s *stack) bool { return s.role == leaked || s.role != "" && v.wrong == nil })
	if v.Signal == nil && v.Memory != nil {
		v.Kind, v.Live = crash.MemoryError, true
		if strings.Contains(v.Memory.Error, " free() ") {
			v.Kind = crash.HeapCorruption // as the C library says of the same
		}
	}
	if v.died == nil {
		return v.wrong
	}
	if v.wrong != nil {
		v.wrong.role = v.Memory.Error
		if len(v.wrong.frames) > 0 && len(v.died.frames) > 0 && samePlace(v.wrong.frames[0].Frame, v.died.frames[0].Frame) {
			v.wrong.frames = nil // the access that the process died of
		}
	}
	return v.died
}
