package backtrace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/signals"
)

// lldb reads a session of lldb, on Linux, the BSDs and macOS (lldb source/Core/Debugger.cpp
// has the format of its lines, which a user may change):
//
//	(lldb) target create "/usr/local/sbin/haproxy" --core "haproxy.core"
//	* thread #1, name = 'haproxy', stop reason = signal SIGSEGV: invalid address (fault address: 0x18)
//	  * frame #0: 0x00000000003777f5 haproxy`pool_alloc(pool=0x000000000066d480) at memory.h:273:9 [opt]
//	    frame #1: 0x0000000000372b48 haproxy`h1_io_cb [inlined] h1_get_buf(h1c=<unavailable>) at mux_h1.c:189
//	    frame #2: 0x00000001000a1b2c haproxy`process_stream + 1234
//	  thread #2, name = 'haproxy', stop reason = signal SIGSEGV
//
// The star before a thread is that of the thread that is selected, which is the one that
// stopped; the star before a frame is only that of the frame that is. In a core of FreeBSD
// every thread has the signal for its reason.
type lldb struct {
	reading
	at, selected   *stack
	signals        map[*stack]*crash.Signal
	attached, core bool
	value          valueText
	kind           string // of the value
	expression     string // that print was asked for
}

// lldbThread reads a thread's line, from "thread #".
func lldbThread(t string) (n int, rest string, ok bool) {
	rest, ok = strings.CutPrefix(t, "thread #")
	n, rest, isNumber := lex.Int(rest)
	return n, rest, ok && isNumber && (rest == "" || rest[0] == ',' || rest[0] == ':')
}

// lldbFrame reads a frame's line, from "frame #".
func lldbFrame(t string) (n int, f crash.Frame, ok bool) {
	n, rest, ok := lex.Int(strings.TrimPrefix(t, "frame #"))
	rest, colon := strings.CutPrefix(rest, ": ")
	address, rest, isHex := lex.Addr(rest)
	if !strings.HasPrefix(t, "frame #") || !ok || !colon || !isHex {
		return 0, f, false
	}
	f = printed(address)
	module, rest, named := strings.Cut(strings.TrimLeft(rest, " "), "`")
	if strings.ContainsAny(module, "\t\"'()") || len(module) > maxName {
		return 0, f, false
	}
	f.Module = module
	return n, f, !named || lldbFunction(&f, rest)
}

// lldbFunction reads what stands behind the module:
//
//	h1_io_cb [inlined] h1_get_buf(h1c=<unavailable>) + 12 at mux_h1.c:189:7 [opt] [artificial]
func lldbFunction(f *crash.Frame, s string) bool {
	for {
		cut := strings.TrimSuffix(strings.TrimSuffix(s, " [opt]"), " [artificial]")
		if cut == s {
			break
		}
		f.Tail = f.Tail || strings.HasSuffix(s, " [artificial]")
		s = cut
	}
	if _, inner, is := strings.Cut(s, " [inlined] "); is {
		f.Inlined, s = true, inner
	}
	name, rest := functionName(s)
	if open := strings.IndexByte(name, '('); open > 0 { // no blank stands before the arguments
		name, rest = s[:open], s[open:]
	}
	if name == "" {
		return false
	}
	setName(f, name)
	if strings.HasPrefix(rest, "(") {
		var whole bool
		if rest, whole = setCall(f, rest); !whole {
			return true
		}
	}
	if offset, is := strings.CutPrefix(rest, "+ "); is {
		v, after, isNumber := lex.Int(offset)
		if !isNumber {
			return false
		}
		f.Offset, rest = uint64(v), strings.TrimLeft(after, " ")
	}
	at, is := strings.CutPrefix(rest, "at ")
	if is {
		setPlace(f, at)
	}
	return is || rest == ""
}

// starred cuts the mark of what is selected off.
func starred(text string) (t string, star bool) {
	t = strings.TrimLeft(text, " \t")
	if rest, ok := strings.CutPrefix(t, "* "); ok {
		return strings.TrimLeft(rest, " "), true
	}
	return t, false
}

// opensLLDB says whether text can open a session.
func opensLLDB(text string) bool {
	t, star := starred(text)
	switch {
	case strings.HasPrefix(t, "(lldb)"):
		return true
	case strings.HasPrefix(t, "frame #"):
		_, f, ok := lldbFrame(t)
		return ok && f.Module != ""
	case strings.HasPrefix(t, "thread #"):
		_, rest, ok := lldbThread(t)
		return ok && (star || strings.Contains(rest, "stop reason = "))
	case strings.HasPrefix(t, "Process "):
		return lldbStopped().MatchString(t)
	}
	return false
}

var lldbStopped = lex.Pattern(`^Process (\d+) stopped$`)

func (b *lldb) line(text string, number int64) verdict {
	t, star := starred(text)
	if t == "" {
		return blank
	}
	if n, f, ok := lldbFrame(t); ok {
		f.Where = lex.Where(number)
		b.frame(n, f)
		return member
	}
	if n, rest, ok := lldbThread(t); ok {
		b.thread(n, rest, star)
		return member
	}
	if rest, ok := strings.CutPrefix(t, "(lldb)"); ok {
		rest = strings.TrimLeft(rest, " ")
		if len(b.all) > 0 && strings.HasPrefix(rest, "target create ") {
			return over // another core
		}
		b.command(rest)
		return member
	}
	if m := lldbStopped().FindStringSubmatch(t); m != nil {
		pid, _, _ := lex.Int(m[1])
		if b.PID != 0 && b.PID != pid {
			return over
		}
		b.PID = pid
		return member
	}
	if b.evidence(t) || b.remark(t) {
		return member
	}
	return otherwise(text)
}

func (b *lldb) frame(n int, f crash.Frame) {
	if b.at != nil && !b.at.listed && n == 0 {
		if old := b.at.find(0); old != nil && !sameFrame(old.Frame, f) {
			b.at = nil // another thread, its line was not pasted
		}
	}
	if b.at == nil {
		b.at = b.add(&stack{})
	}
	b.put(b.at, n, f)
}

// thread reads what stands behind "thread #1": ", name = 'haproxy', stop reason = signal SIGSEGV",
// or with the kernel's id, ": tid = 12345, 0x… haproxy`foo(…) at …, name = …".
func (b *lldb) thread(n int, rest string, star bool) {
	b.at = b.byHeading(heading{number: n})
	if b.at == nil {
		if b.at = b.add(&stack{number: n, listed: true}); b.at == nil {
			return
		}
	}
	if star {
		b.selected = b.at
	}
	if _, id, ok := strings.Cut(rest, "tid = "); ok {
		if hex, _, isHex := lex.Addr(id); isHex {
			b.at.lwp = int(min(uint64(hex), 1<<31-1))
		} else {
			b.at.lwp, _, _ = lex.Int(id)
		}
	}
	if _, name, ok := strings.Cut(rest, "name = '"); ok {
		if name, _, closed := strings.Cut(name, "'"); closed && len(name) < 64 {
			b.at.name = name
		}
	}
	if at := strings.Index(rest, ", 0x"); at >= 0 && len(b.at.frames) == 0 { // of thread list
		place, _, _ := strings.Cut(rest[at+2:], ", ")
		if _, f, ok := lldbFrame("frame #0: " + place); ok {
			b.put(b.at, 0, f)
		}
	}
	if _, reason, ok := strings.Cut(rest, "stop reason = "); ok {
		if s := stopReason(reason); s != nil {
			if b.signals == nil {
				b.signals = map[*stack]*crash.Signal{}
			}
			b.signals[b.at] = s
		}
	}
}

// stopReason reads why a thread stopped; nil when that is no signal.
func stopReason(t string) *crash.Signal {
	n := 0
	if name, ok := strings.CutPrefix(t, "signal "); ok {
		name, _, _ = strings.Cut(name, " ")
		n = signals.Number(strings.TrimRight(name, ":,"))
	} else {
		name, _, _ := strings.Cut(t, " ")
		n = machException(name, t)
	}
	s := fault(n)
	if s == nil {
		return nil
	}
	for _, key := range [...]string{"address=", "fault address: ", "fault address="} {
		if _, v, ok := strings.Cut(t, key); ok {
			if a, _, ok := lex.Addr(v); ok && n != 6 {
				s.Address = &a
				break
			}
		}
	}
	return s
}

// command looks at what was typed: it names the program, and says whether it lives.
func (b *lldb) command(t string) {
	switch {
	case hasPrefix(t, "target create ", "file "):
		b.core = b.core || strings.Contains(t, " --core ") || strings.Contains(t, " -c ")
		_, t, _ = strings.Cut(strings.TrimPrefix(t, "target "), " ")
		for strings.HasPrefix(t, "-") { // --core X "program"
			_, t, _ = strings.Cut(t, " ")
			if !strings.HasPrefix(t, "-") {
				_, t, _ = strings.Cut(t, " ")
			}
		}
		b.program(t)
	case hasPrefix(t, "process attach", "attach "):
		b.attached = true
	default:
		if rest, ok := cutPrefix(t, "p ", "print ", "expr ", "expression ", "po ", "v ", "frame variable "); ok {
			b.expression = lex.Clip(rest, 128)
		}
	}
}

// program keeps the name of the program with which a session begins.
func (b *lldb) program(t string) {
	if name, quoted := cutPrefix(t, `"`, "'"); quoted {
		t = name[:max(strings.IndexAny(name, "\"'"), 0)]
	} else {
		t = strings.Trim(lex.FirstWord(t), ".")
	}
	b.Heads = true
	if b.names = append(b.names, lex.Clip(t, 255)); strings.HasPrefix(t, "/") && b.Executable == "" {
		b.Executable = lex.Clip(t, 1024)
	}
}

// remark reads what lldb says besides.
func (b *lldb) remark(t string) bool {
	if rest, ok := cutPrefix(t, "Current executable set to ", "Executable module set to "); ok {
		b.program(rest)
		return true
	}
	if rest, ok := strings.CutPrefix(t, "Process "); ok {
		pid, rest, ok := lex.Int(rest)
		if path, is := strings.CutPrefix(rest, " launched: "); ok && is {
			b.PID = pid
			b.program(path)
		}
		return ok
	}
	if rest, ok := strings.CutPrefix(t, "Target 0: ("); ok {
		name, _, _ := strings.Cut(rest, ")")
		b.names = append(b.names, lex.Clip(name, 255))
		return true
	}
	if strings.HasPrefix(t, "Core file '") {
		b.core = true
		return true
	}
	if hasPrefix(t, "->", "warning: ", "Architecture set to", "General Purpose Registers:") {
		return true
	}
	_, rest, ok := lex.Int(t) // source: "   273 \t\tif (x)"
	return ok && hasPrefix(rest, "\t", "  ", " \t")
}

// evidence reads variables, expressions, registers, and the instruction at hand:
//
//	(task *) t = 0x00007f1230001000
//	(connection) $0 = {
//	       rax = 0x0000000000000000
//	->  0x55d0c0a1b2c3 <+123>: movq   0x8(%rax), %rdx
func (b *lldb) evidence(t string) bool {
	s := b.selected
	if s == nil {
		s = b.at
	}
	if s == nil {
		return false
	}
	if b.value.depth > 0 {
		b.more(s, t)
		return true
	}
	if rest, ok := strings.CutPrefix(t, "->"); ok {
		if at, rest, ok := lex.Addr(strings.TrimLeft(rest, " ")); ok {
			_, text, _ := strings.Cut(rest, ": ")
			s.keepInstruction(at, text)
		}
		return true
	}
	name, value, ok := strings.Cut(t, " = ")
	if !ok {
		return false
	}
	if v, after, isHex := lex.Addr(value); isHex && lex.Identifier(name) == len(name) && len(name) <= 8 && len(value)-len(after) >= 10 {
		s.keepRegister(name, v)
		return true
	}
	cast, name, ok := strings.Cut(strings.TrimPrefix(name, "("), ") ")
	if !ok || t[0] != '(' || !isVariable(name) {
		return false
	}
	b.kind = cast
	b.value.begin(name)
	b.more(s, value)
	return true
}

func (b *lldb) more(s *stack, row string) {
	separator := ","
	if strings.HasSuffix(row, "{") || strings.HasSuffix(row, "=") {
		separator = " "
	}
	if !b.value.add(row, separator) {
		return
	}
	v := &b.value
	switch f := s.find(0); {
	case strings.HasPrefix(v.name, "$"):
		name := cmp.Or(b.expression, v.name)
		b.keepObject(name, b.kind, members(name, v.value(), maxMembers))
		b.expression = ""
	case f != nil:
		b.keepLocals(&f.Frame, v.name, v.value())
	}
}

// culprit is the thread that is selected, if a signal stopped it; else the one that dies.
func (b *lldb) culprit() *stack {
	if s := b.dying(); s != nil {
		return s
	}
	s := b.selected
	if s == nil && len(b.all) > 0 && (len(b.all) == 1 || b.all[0].number == 1) {
		s = b.all[0]
	}
	if s == nil || len(s.frames) == 0 || b.signals[s] == nil && s.idle() {
		return nil
	}
	return s
}

func (b *lldb) finish() *stack {
	if b.selected != nil && haproxy.IsProgram(b.selected.name) {
		b.names = append(b.names, b.selected.name)
	}
	b.all = slices.DeleteFunc(b.all, func(s *stack) bool { return len(s.frames) == 0 && b.signals[s] == nil })
	faulty := b.culprit()
	s := b.signals[cmp.Or(faulty, b.selected)]
	switch {
	case s == nil:
	case b.attached && !fatalSignal(s.Number) || s.Name == "SIGSTOP":
		b.Live, b.Kind = true, crash.Hang
		return b.busy()
	case b.core || fatalSignal(s.Number):
		b.Signal = s
	}
	return faulty
}
