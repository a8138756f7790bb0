package backtrace

import (
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/ending"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// idle says whether the thread's innermost frame is a wait, or the thread was
// stopped so that another could die.
func (s *stack) idle() bool {
	if len(s.frames) == 0 {
		return true
	}
	return isWait(s.frames[0].Function) || isLockWait(s.frames[0].Function) || s.interrupted()
}

// interrupted says whether HAProxy's panic stopped the thread: since 3.1 a
// thread that was made to dump its own state waits in debug_handler until the
// process is gone (src/debug.c). What it did stands below the signal frame.
func (s *stack) interrupted() bool {
	for _, f := range s.frames {
		if f.Signal {
			return false
		}
		if f.Function == "debug_handler" {
			return true
		}
	}
	return false
}

// dies says whether the thread stands in a function that ends the process.
func (s *stack) dies() bool {
	for i, f := range s.frames {
		if i > 12 {
			break
		}
		if ending.IsDeliberate(f.Function) || ending.IsAbort(ending.Plain(f.Function)) && i < 4 && !s.interrupted() {
			return true
		}
	}
	return false
}

// culprit finds the thread at fault in a gdb session, or nil.
func (g *gdb) culprit() *stack {
	var dying *stack
	for _, s := range g.all {
		if dying == nil && s.dies() {
			dying = s
		}
	}
	if g.said != nil && len(g.said.frames) > 0 && !g.said.interrupted() {
		return g.said
	}
	if dying != nil {
		return dying
	}
	fatal := g.signal != nil && fatalSignal(g.signal.Number)
	if s := g.said; s != nil && (fatal || len(s.frames) > 0 && !s.idle()) && !s.interrupted() {
		return s
	}
	// Frames without a heading are those of the thread that gdb shows first, the
	// one that died, unless they are the tail of a list that was cut.
	for _, s := range g.all {
		if s.listed || s.number != 0 || len(s.frames) == 0 {
			continue
		}
		alone := len(g.all) == 1
		if (s.frames[0].number == 0 || alone) && (!s.idle() || fatal && !s.interrupted()) {
			return s
		}
	}
	// gdb numbers the threads of a core in the order of its notes, and the
	// kernel writes the one that died first. A process that was attached to has
	// a thread 1 as well, which did nothing wrong.
	for _, s := range g.all {
		if s.number == 1 && len(s.frames) > 0 && !g.live && (!s.idle() || fatal && !s.interrupted()) {
			return s
		}
	}
	// Whoever pastes one thread out of many pastes the one that matters.
	if len(g.all) == 1 && !g.live && !g.all[0].idle() && g.all[0].frames[0].number == 0 {
		return g.all[0]
	}
	return nil
}

func (g *gdb) finish(r *Result) {
	g.closeFrame()
	if g.stacks.frames == 0 && len(g.rows) > 0 {
		g.all, g.said = g.rows, g.star
	}
	g.tidy()
	r.PID, r.Executable, r.Arguments = g.pid, g.exe, g.arguments
	r.Messages = g.messages
	if g.signal != nil && (!g.received || fatalSignal(g.signal.Number)) {
		r.Signal = g.signal
	}
	if g.looked() {
		r.Live, r.Kind = true, crash.Hang
		if g.saved || g.signal != nil && !g.received {
			r.Kind = crash.Snapshot
		}
		r.Signal = nil
		r.Threads = g.threads(g.stacks.busy())
		return
	}
	faulty := g.culprit()
	r.Threads = g.threads(faulty)
	judge(r, faulty, g.all)
}

// looked says whether the process lived: gdb was attached to it, or its core was made
// by gcore or while it was stopped, and no signal ended it.
func (g *gdb) looked() bool {
	if g.signal != nil {
		return g.signal.Name == "SIGSTOP" || g.signal.Name == "SIGTSTP" || (g.live || g.saved) && !fatalSignal(g.signal.Number)
	}
	return g.live || g.saved
}

// busy finds the thread of a living process that keeps it from going on: the one that
// the watchdog found, else the only one that does anything.
func (s *stacks) busy() *stack {
	var found *stack
	for _, t := range s.all {
		for _, f := range t.frames {
			if f.Function == "wdt_handler" {
				return t
			}
		}
		if len(t.frames) == 0 || t.idle() || t.frames[0].number != 0 {
			continue
		}
		if found != nil {
			return nil
		}
		found = t
	}
	return found
}

// tidy drops threads without frames, and joins the frames that were printed
// before any heading with the listed thread they belong to.
func (g *gdb) tidy() {
	kept := g.all[:0]
	for _, s := range g.all {
		if len(s.frames) > 0 || s == g.said {
			kept = append(kept, s)
		}
	}
	g.all = kept
	for i, s := range g.all {
		if s.listed || s.lwp != 0 || len(s.frames) == 0 || s.frames[0].number != 0 || s.frames[0].Address == 0 && s.frames[0].Line == 0 {
			continue
		}
		for _, t := range g.all {
			// Two pollers look alike as well: only a thread that does
			// something is known again by its frame 0.
			if t == s || t.find(0) == nil || !samePlace(s.frames[0].Frame, t.frames[0].Frame) || s.idle() {
				continue
			}
			for _, f := range s.frames {
				g.put(t, f.number, f.Frame)
			}
			t.number = max(t.number, s.number)
			if g.said == s || g.said == nil {
				g.said = t
			}
			g.all = append(g.all[:i:i], g.all[i+1:]...)
			return
		}
	}
}

func samePlace(a, b crash.Frame) bool {
	return sameFrame(a, b) && a.Address == b.Address && a.File == b.File && a.Line == b.Line
}

// fatalSignal says whether the signal ends HAProxy: it ignores or handles the
// others, and a debugger stops at them all.
func fatalSignal(n int) bool {
	switch n {
	case 4, 6, 7, 8, 9, 11, 31:
		return true
	}
	return false
}

// spin reads what stream_dump_and_crash was called with. gdb prints obj and
// rate unless they were optimized out; which sort of object it was, only the
// message says.
func spin(f crash.Frame) *crash.Spin {
	s := &crash.Spin{}
	for _, a := range f.Arguments {
		switch strings.TrimSuffix(a.Name, "@entry") {
		case "obj":
			if v, _, ok := lex.Addr(a.Value); ok {
				s.Address = v
			}
		case "rate":
			if v, err := strconv.ParseInt(a.Value, 10, 64); err == nil && v > 0 {
				s.Rate = v
			}
		}
	}
	return s
}
