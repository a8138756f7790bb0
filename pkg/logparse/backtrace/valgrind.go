package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
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
// the first error, and the process lived on. Stacks of where a block was freed or
// allocated, and of further errors, are no threads.
type valgrind struct {
	stacks
	at, first, died *stack
	pid             int
	headline        string // of the stack that comes
	role            string // of the stack that comes, when it is none of an error
	commands        []string
	memory          *crash.Memory // of the first error
	error           string        // the first error, as printed
	signal          *crash.Signal
	leaks, told     bool // loss records; anything else
}

// valgrindLine cuts "==7050== " off.
func valgrindLine(t string) (pid int, rest string, ok bool) {
	r, ok := strings.CutPrefix(t, "==")
	if !ok {
		return 0, "", false
	}
	pid, r, ok = lex.Int(r)
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
	return valgrindError(s) || lossRecord(s) || strings.HasPrefix(s, "Command: ") || strings.HasPrefix(s, "Memcheck, a memory error detector") ||
		strings.HasPrefix(s, "Process terminating with ")
}

func valgrindError(s string) bool {
	for _, p := range [...]string{
		"Invalid read of size ", "Invalid write of size ", "Invalid free() ", "Mismatched free() ", "Jump to the invalid address ",
		"Conditional jump or move depends on uninitialised", "Use of uninitialised value ", "Source and destination overlap",
		"Syscall param ",
	} {
		if rest, ok := strings.CutPrefix(s, p); ok {
			_, end, sized := lex.Int(rest)
			return !strings.HasSuffix(p, " size ") || sized && end == ""
		}
	}
	return false
}

// lossRecord reads "1,048,576 bytes in 1 blocks are still reachable in loss record 1 of 2".
func lossRecord(s string) bool {
	return strings.Contains(s, " in loss record ") && s[0] >= '0' && s[0] <= '9'
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
		f.Function, f.Symbol = lex.Clip(name, 1024), lex.Clip(name, 1024)
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
	a, rest, ok := lex.Addr(s)
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
		v.frame(f, number)
		return member
	}
	switch {
	case s == "":
		v.at = nil
	case valgrindError(s):
		v.at, v.role, v.headline, v.told = nil, "", lex.Clip(s, 128), true
		v.wrong(v.headline)
	case lossRecord(s):
		v.at, v.role, v.leaks = nil, leaked, true
	case strings.HasPrefix(s, "Command: "):
		v.commands = append(v.commands, programOf(s[len("Command: "):]))
	case strings.HasPrefix(s, "Process terminating with "):
		v.terminated(s)
	case strings.HasPrefix(s, "Address 0x"):
		v.at, v.role = nil, v.place(s)
	case strings.HasPrefix(s, "Block was alloc'd"):
		v.at, v.role = nil, "allocated"
	case strings.HasPrefix(s, "Uninitialised value was"):
		v.at, v.role = nil, lex.Clip(s, 128)
	case strings.HasPrefix(s, "Access not within mapped region at address 0x"):
		_, at, _ := strings.Cut(s, "address ")
		if a, _, ok := lex.Addr(at); ok && v.signal != nil {
			v.signal.Address = &a
		}
	}
	return member
}

// leaked is the role of stacks that nobody asks for.
const leaked = "leaked"

func (v *valgrind) frame(f crash.Frame, number int64) {
	if v.at == nil {
		s := &stack{role: v.role}
		ended := v.signal != nil && v.died == nil && v.role == ""
		if v.role == "" && v.first != nil && !ended {
			s.role = v.headline // another error
		}
		if v.at = v.add(s); v.at == nil {
			return
		}
		if v.first == nil && v.role == "" && v.headline != "" {
			v.first = v.at
		}
		if ended {
			v.died = v.at
		}
	}
	f.Where = lex.Where(number)
	v.append(v.at, f)
}

// wrong keeps the first error: "Invalid read of size 8".
func (v *valgrind) wrong(s string) {
	if v.memory != nil {
		return
	}
	v.memory = &crash.Memory{Tool: ToolValgrind}
	what, size, sized := strings.Cut(s, " of size ")
	if n, _, ok := lex.Int(size); sized && ok {
		v.memory.Size = int64(n)
	}
	v.memory.Error, v.error = what, s
	switch what {
	case "Invalid read":
		v.memory.Access = "read"
	case "Invalid write":
		v.memory.Access = "write"
	}
}

// place keeps what is said of the address, and gives the role of the stack that follows.
func (v *valgrind) place(s string) string {
	a, rest, ok := lex.Addr(s[len("Address "):])
	rest = strings.TrimPrefix(rest, " is ")
	if m := v.memory; ok && m != nil && m.Address == nil && v.first == v.last() {
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

func (v *valgrind) last() *stack {
	if len(v.all) == 0 {
		return nil
	}
	return v.all[len(v.all)-1]
}

// terminated reads "Process terminating with default action of signal 11 (SIGSEGV)".
func (v *valgrind) terminated(s string) {
	v.at, v.role, v.headline, v.told = nil, "", "", true
	_, rest, ok := strings.Cut(s, " of signal ")
	if !ok || v.signal != nil {
		return
	}
	if n, _, ok := lex.Int(rest); ok {
		v.signal = &crash.Signal{Number: n, Name: signals.Name(n)}
	}
}

func (v *valgrind) programs() ([]string, bool) { return v.commands, len(v.commands) > 0 || v.pid != 0 }

func (v *valgrind) finish(r *Result) {
	r.PID, r.Signal, r.Memory = v.pid, v.signal, v.memory
	r.Error = v.error
	r.Leak = v.leaks && !v.told
	kept := v.all[:0]
	for _, s := range v.all {
		if s.role == leaked || s.role != "" && v.first == nil {
			continue
		}
		kept = append(kept, s)
	}
	v.all = kept
	faulty := v.died
	if faulty == nil {
		faulty = v.first
	} else if v.first != nil {
		v.first.role = v.memory.Error
		if len(v.first.frames) > 0 && len(faulty.frames) > 0 && samePlace(v.first.frames[0].Frame, faulty.frames[0].Frame) {
			v.first.frames = nil // the access that the process died of
		}
	}
	r.Threads, r.Stacks = v.threads(faulty), v.named()
	if v.signal == nil && v.memory != nil {
		r.Kind, r.Live = crash.MemoryError, true
		if strings.Contains(v.memory.Error, " free() ") {
			r.Kind = crash.HeapCorruption // as the C library says of the same
		}
	}
	judge(r, faulty, v.all)
}
