package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// euStack reads elfutils' eu-stack (src/stack.c), with any of -a -b -d -i -l -m
// -s -v:
//
//	PID 6949 - core
//	TID 6949:
//	#0  0x0000558fa4763194     ha_crash_now - haproxy
//	    /src/t.c:8:58
//	#1  0x0000558fa47631bb - 1 foo - haproxy
//	    [cc3c9503b7f5ca442e7284a052999c7c615d7849]@0x558fa4762000+0x11ba
//
// "- 1" says that the address is a return address. Of two frames with one
// address the first was inlined into the second.
type euStack struct {
	reading
	at   *stack
	core bool
}

func opensEuStack(t string) bool {
	_, ok := euFrame(t)
	return ok || euPID().MatchString(t) || euTID().MatchString(t)
}

var (
	euPID = lex.Pattern(`^PID (\d+) - (core|process)(?: module memory map)?$`)
	euTID = lex.Pattern(`^TID (\d+):$`)
)

// euFrame reads a numbered line. Addresses have all their digits, 8 or 16,
// which tells these lines from those of others.
func euFrame(t string) (crash.Frame, bool) {
	_, rest, ok := frameNumber(t)
	if !ok {
		return crash.Frame{}, false
	}
	addr, after, ok := lex.Addr(rest)
	if digits := len(rest) - len(after); !ok || digits != 18 && digits != 10 {
		return crash.Frame{}, false
	}
	f := printed(addr)
	after = strings.TrimPrefix(after, " - 1")
	if after == "" {
		return f, true // a frame in nothing that is mapped
	}
	if after[0] != ' ' {
		return f, false
	}
	name, module, hasModule := strings.Cut(strings.TrimLeft(after, " "), " - ")
	if name == "" || strings.HasPrefix(name, "in ") || strings.HasSuffix(name, ")") && strings.Contains(name, " (") {
		return f, false // gdb's or systemd's
	}
	if strings.ContainsAny(name, " ") && !strings.ContainsAny(name, "<(:") {
		return f, false
	}
	if hasModule {
		f.Module = module
	}
	setName(&f, name)
	return f, true
}

func (e *euStack) line(text string, number int64) verdict {
	if text == "" {
		return blank
	}
	if m := euPID().FindStringSubmatch(text); m != nil {
		pid, _, _ := lex.Int(m[1])
		if e.PID != 0 && e.PID != pid {
			return over
		}
		e.PID, e.Heads, e.core = pid, true, m[2] == "core"
		return member
	}
	if m := euTID().FindStringSubmatch(text); m != nil {
		tid, _, _ := lex.Int(m[1])
		if e.byHeading(heading{lwp: tid}) != nil {
			return over
		}
		e.at = e.add(&stack{lwp: tid})
		return member
	}
	t := strings.TrimLeft(text, " \t")
	if f, ok := euFrame(t); ok {
		f.Where = lex.Where(number)
		e.frame(t, f)
		return member
	}
	if e.at != nil && len(e.at.frames) > 0 && t != text {
		return e.detail(t)
	}
	if strings.HasPrefix(text, "eu-stack: ") || e.moduleMap(text) {
		return member
	}
	return otherwise(text)
}

func (e *euStack) frame(t string, f crash.Frame) {
	n, _, _ := frameNumber(t)
	if e.at == nil {
		if len(e.all) > 0 {
			return // over the cap of threads
		}
		e.at = e.add(&stack{})
	}
	if last := len(e.at.frames) - 1; last >= 0 && e.at.frames[last].Address == f.Address && e.at.frames[last].number == n-1 {
		e.at.frames[last].Inlined = true
	}
	e.put(e.at, n, f)
}

// detail reads the line below a frame: file:line:column, or build-id and offset.
func (e *euStack) detail(t string) verdict {
	f := &e.at.frames[len(e.at.frames)-1]
	if strings.HasPrefix(t, "[") {
		id, rest, ok := strings.Cut(t[1:], "]@0x")
		if !ok || len(id) < 8 {
			return foreign
		}
		// The offset printed is that of the call, one byte before the return
		// address: the base gives that of Address.
		base, _, ok := lex.Addr("0x" + rest)
		if ok && base <= f.Address {
			f.ModuleOffset = f.Address - base
		}
		return member
	}
	if file, line, ok := fileLine(t); ok {
		f.File, f.Line = file, line
		return member
	}
	return foreign
}

// moduleMap reads the rows of eu-stack -l, all of which are addresses, build-ids
// or paths.
func (e *euStack) moduleMap(text string) bool {
	if _, rest, ok := lex.Addr(text); ok && strings.HasPrefix(rest, "-0x") {
		return true
	}
	t := strings.TrimLeft(text, " ")
	return len(t) < len(text) && e.at == nil && (t[0] == '[' || t[0] == '/' || t == "-")
}

func (e *euStack) finish() *stack {
	faulty := e.first()
	if !e.core && e.PID != 0 && (faulty == nil || !faulty.dies()) {
		e.Live, e.Kind = true, crash.Hang // a live process was looked at
		return e.busy()
	}
	return faulty
}
