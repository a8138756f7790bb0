package backtrace

import (
	"slices"
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
	return isWait(s.frames[0].Function) || s.interrupted() || lockOf(s.frames) != nil
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
	said := g.said
	if said != nil && said.interrupted() {
		said = nil
	}
	if said != nil && len(said.frames) > 0 {
		return said
	}
	if s := g.dying(); s != nil {
		return s
	}
	fatal := g.Signal != nil && fatalSignal(g.Signal.Number)
	if said != nil && fatal {
		return said
	}
	for _, s := range g.all {
		if (g.shown(s) || s.number == 1 && !g.attached) && s.acts(fatal) {
			return s
		}
	}
	// Whoever pastes one thread out of many pastes the one that matters.
	if s := g.busy(); len(g.all) == 1 && !g.attached {
		return s
	}
	return nil
}

// acts says whether the thread does something; with a signal that ended the process a
// system call is something, too.
func (s *stack) acts(fatal bool) bool {
	return !s.idle() || fatal && len(s.frames) > 0 && !s.interrupted()
}

// shown says whether a stack has no heading: it is that of the thread that gdb shows first,
// the one that died, unless it is the tail of a list that was cut.
//
// Of those with one, gdb numbers the threads of a core in the order of its notes, and the
// kernel writes the one that died first. A process that was attached to has a thread 1 as
// well, which did nothing wrong.
func (g *gdb) shown(s *stack) bool {
	return !s.listed && s.number == 0 && len(s.frames) > 0 && (s.frames[0].number == 0 || len(g.all) == 1)
}

func (g *gdb) finish() *stack {
	g.closeFrame()
	g.mergeRows()
	g.tidy()
	if g.looked() {
		g.Live, g.Kind = true, crash.Hang
		if g.saved || g.Signal != nil && !g.received {
			g.Kind = crash.Snapshot
		}
		g.Signal = nil
		return g.busy()
	}
	faulty := g.culprit()
	if g.received && g.Signal != nil && !fatalSignal(g.Signal.Number) {
		g.Signal = nil
	}
	return faulty
}

// mergeRows adds what "info threads" shows of threads that were not listed otherwise.
func (g *gdb) mergeRows() {
	for _, row := range g.rows {
		s := g.byHeading(heading{number: row.number, lwp: row.lwp, id: row.id})
		if s == nil && row == g.star && g.said == g.selected {
			s = g.selected // loading the core showed its frame 0
		}
		switch {
		case s == nil:
			s = g.add(row)
		case len(s.frames) == 0 && len(row.frames) > 0:
			g.put(s, 0, row.frames[0].Frame)
		}
		if s == nil {
			return
		}
		s.learn(heading{row.number, row.lwp, row.id, row.name})
		if row == g.star && g.said == nil {
			g.said = s
		}
	}
}

// looked says whether the process lived: gdb was attached to it, or its core was made
// by gcore or while it was stopped, and no signal ended it.
func (g *gdb) looked() bool {
	if g.Signal != nil {
		return g.Signal.Name == "SIGSTOP" || g.Signal.Name == "SIGTSTP" || (g.attached || g.saved) && !fatalSignal(g.Signal.Number)
	}
	return g.attached || g.saved
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
	g.all = slices.DeleteFunc(g.all, func(s *stack) bool { return len(s.frames) == 0 && s != g.said })
	for i, s := range g.all {
		if t := g.twin(s); t != nil {
			for _, f := range s.frames {
				g.put(t, f.number, f.Frame)
			}
			t.number = max(t.number, s.number)
			if g.said == s || g.said == nil {
				g.said = t
			}
			g.all = slices.Delete(g.all, i, i+1)
			return
		}
	}
}

// twin finds the listed thread that frames without a heading belong to. Two pollers look
// alike as well: only a thread that does something is known again by its frame 0.
func (g *gdb) twin(s *stack) *stack {
	f := s.find(0)
	if s.listed || s.lwp != 0 || f == nil || f.Address == 0 && f.Line == 0 || s.idle() {
		return nil
	}
	for _, t := range g.all {
		if other := t.find(0); t != s && other != nil && samePlace(f.Frame, other.Frame) {
			return t
		}
	}
	return nil
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
			if v, rest, ok := lex.Int64(a.Value); ok && rest == "" && v > 0 {
				s.Rate = v
			}
		}
	}
	return s
}
