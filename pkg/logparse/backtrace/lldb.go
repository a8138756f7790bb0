package backtrace

import (
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
	stacks
	at, selected *stack
	signals      map[*stack]*crash.Signal
	names        []string
	heads, live  bool
	core         bool
	pid          int
}

// lldbThread reads a thread's line, from "thread #".
func lldbThread(t string) (n int, rest string, ok bool) {
	rest, ok = strings.CutPrefix(t, "thread #")
	if !ok {
		return 0, "", false
	}
	n, rest, ok = lex.Int(rest)
	return n, rest, ok && (rest == "" || rest[0] == ',' || rest[0] == ':')
}

// lldbFrame reads a frame's line, from "frame #".
func lldbFrame(t string) (n int, f crash.Frame, ok bool) {
	f.Trust = crash.TrustPrinted
	rest, ok := strings.CutPrefix(t, "frame #")
	if !ok {
		return 0, f, false
	}
	n, rest, ok = lex.Int(rest)
	rest, colon := strings.CutPrefix(rest, ": ")
	if !ok || !colon {
		return 0, f, false
	}
	f.Address, rest, ok = lex.Addr(rest)
	if !ok {
		return 0, f, false
	}
	module, rest, named := strings.Cut(strings.TrimLeft(rest, " "), "`")
	if strings.ContainsAny(module, "\t\"'()") || len(module) > 1024 {
		return 0, f, false
	}
	f.Module = module
	if !named {
		return n, f, true
	}
	for {
		cut := strings.TrimSuffix(strings.TrimSuffix(rest, " [opt]"), " [artificial]")
		if cut == rest {
			break
		}
		f.Tail = f.Tail || strings.HasSuffix(rest, " [artificial]")
		rest = cut
	}
	if _, inner, is := strings.Cut(rest, " [inlined] "); is {
		f.Inlined, rest = true, inner
	}
	name, rest := functionName(rest)
	args := ""
	if open := strings.IndexByte(name, '('); open > 0 { // no blank stands before the arguments
		cut := len(name) - open
		name, rest = name[:open], strings.TrimRight(name[len(name)-cut:]+" "+rest, " ")
	}
	if name == "" {
		return 0, f, false
	}
	f.Symbol = name
	if !strings.HasPrefix(name, "___lldb_unnamed_symbol") && name != "??" {
		f.Function = unversioned(name)
		f.Signal = isTrampoline(name) || name == "_sigtramp"
	}
	if strings.HasPrefix(rest, "(") {
		var closed bool
		args, rest, closed = enclosed(rest)
		if f.Arguments = arguments(args, closed); !closed {
			return n, f, true
		}
		rest = strings.TrimLeft(rest, " ")
	}
	if offset, is := strings.CutPrefix(rest, "+ "); is {
		v, after, isNumber := lex.Int(offset)
		if !isNumber {
			return 0, f, false
		}
		f.Offset, rest = uint64(v), strings.TrimLeft(after, " ")
	}
	if at, is := strings.CutPrefix(rest, "at "); is {
		if file, line, whole := fileLine(strings.TrimSpace(at)); whole {
			f.File, f.Line = file, line
		}
		return n, f, true
	}
	return n, f, rest == ""
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
		_, ok := lldbStopped(t)
		return ok
	}
	return false
}

// lldbStopped reads "Process 12 stopped".
func lldbStopped(t string) (pid int, ok bool) {
	rest, ok := strings.CutPrefix(t, "Process ")
	if !ok {
		return 0, false
	}
	pid, rest, ok = lex.Int(rest)
	return pid, ok && rest == " stopped"
}

func (b *lldb) line(text string, number int64) verdict {
	t, star := starred(text)
	if t == "" {
		return blank
	}
	if n, f, ok := lldbFrame(t); ok {
		if b.at == nil || n == 0 && b.at.find(0) != nil && !sameFrame(b.at.find(0).Frame, f) && !b.at.listed {
			b.at = b.add(&stack{})
		}
		if b.at == nil {
			return member
		}
		f.Where = lex.Where(number)
		b.put(b.at, n, f)
		return member
	}
	if n, rest, ok := lldbThread(t); ok {
		b.thread(n, rest, star)
		return member
	}
	if rest, ok := strings.CutPrefix(t, "(lldb)"); ok {
		b.command(strings.TrimLeft(rest, " "))
		return member
	}
	if pid, ok := lldbStopped(t); ok {
		if b.pid != 0 && b.pid != pid {
			return over
		}
		b.pid = pid
		return member
	}
	if b.remark(t) {
		return member
	}
	if beginsElse(text) || opensGDB(text) {
		return over
	}
	return foreign
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
	if n == 0 {
		return nil
	}
	s := &crash.Signal{Number: n, Name: signals.Name(n)}
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
	case strings.HasPrefix(t, "target create "), strings.HasPrefix(t, "file "):
		b.heads = true
		b.core = b.core || strings.Contains(t, " --core ") || strings.Contains(t, " -c ")
		_, t, _ = strings.Cut(strings.TrimPrefix(t, "target "), " ")
		for strings.HasPrefix(t, "-") { // --core X "program"
			_, t, _ = strings.Cut(t, " ")
			if !strings.HasPrefix(t, "-") {
				_, t, _ = strings.Cut(t, " ")
			}
		}
		if name, closed := strings.CutPrefix(t, `"`); closed {
			t, _, _ = strings.Cut(name, `"`)
		} else {
			t = lex.FirstWord(t)
		}
		b.names = append(b.names, lex.Clip(t, 255))
	case strings.HasPrefix(t, "process attach"), strings.HasPrefix(t, "attach "):
		b.live = true
	}
}

// remark reads what lldb says besides.
func (b *lldb) remark(t string) bool {
	switch {
	case strings.HasPrefix(t, "Core file '"):
		b.core = true
		return true
	case strings.HasPrefix(t, "Current executable set to "), strings.HasPrefix(t, "Executable module set to "):
		_, rest, _ := strings.Cut(t, " set to ")
		b.heads = true
		b.names = append(b.names, lex.Clip(strings.Trim(lex.FirstWord(rest), `".'`), 255))
		return true
	case strings.HasPrefix(t, "Process "):
		pid, rest, ok := lex.Int(t[len("Process "):])
		if path, is := strings.CutPrefix(rest, " launched: '"); ok && is {
			path, _, _ = strings.Cut(path, "'")
			b.pid, b.heads = pid, true
			b.names = append(b.names, lex.Clip(path, 255))
		}
		return ok
	case strings.HasPrefix(t, "Target 0: ("):
		name, _, _ := strings.Cut(t[len("Target 0: ("):], ")")
		b.names = append(b.names, lex.Clip(name, 255))
		return true
	}
	if strings.HasPrefix(t, "->") || strings.HasPrefix(t, "warning: ") || strings.HasPrefix(t, "Architecture set to") {
		return true
	}
	_, rest, ok := lex.Int(t) // source: "   273 \t\tif (x)"
	return ok && (strings.HasPrefix(rest, "\t") || strings.HasPrefix(rest, "  ") || strings.HasPrefix(rest, " \t"))
}

func (b *lldb) programs() ([]string, bool) {
	names := b.names
	if b.selected != nil && haproxy.IsProgram(b.selected.name) {
		names = append(names, b.selected.name)
	}
	return names, b.heads
}

// culprit is the thread that is selected, if a signal stopped it; else the one that dies.
func (b *lldb) culprit() *stack {
	for _, s := range b.all {
		if s.dies() {
			return s
		}
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

func (b *lldb) finish(r *Result) {
	r.PID = b.pid
	kept := b.all[:0]
	for _, s := range b.all {
		if len(s.frames) > 0 || b.signals[s] != nil {
			kept = append(kept, s)
		}
	}
	b.all = kept
	faulty := b.culprit()
	at := faulty
	if at == nil {
		at = b.selected
	}
	if s := b.signals[at]; at != nil && s != nil {
		if b.live && !fatalSignal(s.Number) || s.Name == "SIGSTOP" {
			r.Live, r.Kind = true, crash.Hang
			r.Threads = b.threads(b.busy())
			return
		}
		if b.core || fatalSignal(s.Number) {
			r.Signal = s
		}
	}
	r.Threads = b.threads(faulty)
	judge(r, faulty, b.all)
}
