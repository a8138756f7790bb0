package logparse

import (
	"math"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/backtrace"
)

// stream is what one writer has open.
type stream struct {
	p    *parser
	last int64 // number of the last line that was part of something
	// plain says that that line had no envelope.
	plain bool

	report *report // HAProxy's crash text
	stack  *stack  // a debugger's
	about  *about  // haproxy -vv and the like
	fault  *join.Part
	// waiting are ends of a process that nothing has named yet.
	waiting []join.Part
	// program is the exit code of a program of the master's, which is no
	// HAProxy: "All workers exited" repeats it.
	program int
	// dumped is the process whose core systemd-coredump told of last.
	dumped dumped
}

// dumped is a process that left a core, and the line that says so. Its stack stands in
// the same message.
type dumped struct {
	pid    int
	number int64
}

func (s *stream) busy() bool {
	return s.report != nil || s.stack != nil || s.about != nil || s.fault != nil || len(s.waiting) > 0 || s.program != 0 || s.dumped.pid != 0
}

// bytes are those of the text that is open.
func (s *stream) bytes() int {
	n := 0
	if s.report != nil {
		n = s.report.bytes
	}
	if s.stack != nil {
		n += s.stack.block.Bytes()
	}
	return n
}

// began is the number of the line that opened the oldest thing.
func (s *stream) began() int64 {
	first := int64(math.MaxInt64)
	if s.report != nil {
		first = s.report.part.Seq
	}
	if s.stack != nil {
		first = min(first, s.stack.draft.part.Seq)
	}
	if s.about != nil {
		first = min(first, s.about.part.Seq)
	}
	if s.fault != nil {
		first = min(first, s.fault.Seq)
	}
	if len(s.waiting) > 0 {
		first = min(first, s.waiting[0].Seq)
	}
	return first
}

// offer leads a line to whom it belongs.
func (s *stream) offer(l line) bool {
	if l.trim == "" {
		return s.blank(l)
	}
	if s.p.owners.scene.Line(l.text) {
		s.dropWaiting() // what is told from here on is of another program
	}
	if n := len(s.waiting); n > 0 && l.Number-s.waiting[n-1].Seq > waitLines {
		s.dropWaiting()
	}
	if l.traffic && (s.stack == nil || likeHead(l.text)) {
		// A debugger's text may hold a request, nothing else may; and what looks like a
		// headline in one ends nobody's stack.
		return false
	}
	if s.fault != nil && s.moreOfFault(l) {
		return true
	}
	head := s.head(l)
	if head || l.alert.level != "" {
		s.printed(&l)
	}
	return head || s.single(l) || s.more(l) || s.opensStack(l) || s.opensAbout(l)
}

// more takes a line of what is open, or of a crash text whose headline did not come.
func (s *stream) more(l line) bool {
	if s.about != nil {
		if s.about.line(l) {
			return true
		}
		s.endAbout()
	}
	if s.report != nil && s.report.line(l) {
		if s.report.full() {
			s.endReport()
		}
		return true
	}
	if (s.report != nil || s.stack == nil || isTrace(l.trim)) && opensBody(l) {
		if s.report == nil {
			s.endStack()
		}
		s.open(newBody(s.p.input, l))
		return true
	}
	if s.stack != nil {
		if s.stack.line(l) {
			return true
		}
		s.endStack()
	}
	return false
}

// opensStack opens a debugger's text.
func (s *stream) opensStack(l line) bool {
	if s.report != nil && strings.HasPrefix(l.text, "  ") && !strings.HasPrefix(l.trim, "#") {
		return false // a debugger's lines begin a stack at the left or with '#'
	}
	if l.mayTrace() {
		s.stack = newStack(s.p.input, l)
	}
	return s.stack != nil
}

// blank takes an empty line, which ends some things.
func (s *stream) blank(l line) bool {
	if s.report != nil {
		s.report.blank()
	}
	if s.about != nil && !s.about.blank() {
		s.endAbout()
	}
	if s.stack != nil && !s.stack.line(l) {
		s.endStack()
	}
	return false
}

// head opens a report with a headline.
func (s *stream) head(l line) bool {
	if s.report != nil && s.report.absorbs(l) {
		return true
	}
	r := newReport(s.p.input, l)
	if r == nil {
		return false
	}
	s.endStack()
	s.endAbout()
	s.open(r)
	return true
}

func (s *stream) open(r *report) {
	s.endReport()
	s.report = r
	if r.full() {
		s.endReport()
	}
}

func (s *stream) endReport() {
	if s.report == nil {
		return
	}
	if p, ok := s.report.finish(); ok {
		s.p.send(p)
	}
	s.report = nil
}

func (s *stream) endStack() {
	if s.stack == nil {
		return
	}
	st := s.stack
	s.stack = nil
	for _, p := range st.finish(&s.p.owners) {
		s.dumpedIn(st.tool, &p)
		s.p.send(p)
	}
}

// dumpedIn gives a stack the process of the message that it is of: the headline of
// systemd-coredump, or what ABRT says of a problem before the stack in JSON. A debugger's is
// of the process that one of its threads has the number of.
func (s *stream) dumpedIn(tool string, p *join.Part) {
	if p.PID != 0 {
		if tool == backtrace.ToolABRT {
			s.dumped = dumped{pid: p.PID, number: p.Seq}
		}
		return
	}
	if s.dumped.pid == 0 || p.Seq-s.dumped.number >= maxModules {
		return
	}
	of := tool == backtrace.ToolABRT || tool == backtrace.ToolCoredump && p.Role == join.Coredump
	if of || slices.ContainsFunc(p.Crash.Threads, func(t crash.Thread) bool { return t.LWP == s.dumped.pid }) {
		p.PID = s.dumped.pid
	}
}

func (s *stream) endAbout() {
	if s.about == nil {
		return
	}
	if p, ok := s.about.finish(); ok {
		s.p.send(p)
	}
	s.about = nil
}

// end ends all that is open.
func (s *stream) end() {
	if s.fault != nil {
		s.p.send(*s.fault)
		s.fault = nil
	}
	s.dropWaiting()
	s.endAbout()
	s.endReport()
	s.endStack()
	s.program, s.dumped = 0, dumped{}
}
