package logparse

import (
	"cmp"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/ending"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
	"github.com/hacrash/hacrash/pkg/logparse/system"
	"github.com/hacrash/hacrash/pkg/machine"
)

// single takes lines that tell something by themselves.
func (s *stream) single(l line) bool {
	return l.mayPrint() && (s.master(l) || s.notice(l)) || s.event(l)
}

// notice takes what a process says of itself (HAProxy src/errors.c):
//
//	[NOTICE]   (1) : haproxy version is 2.7.0-437fd28
//	[NOTICE]   (1) : path to executable is /usr/local/sbin/haproxy
//
// From 2.2 to 2.4 they precede the first alert, whenever that comes; since 2.5
// they are printed while starting, and a master never stops starting.
func (s *stream) notice(l line) bool {
	raw, isVersion := strings.CutPrefix(l.trim, "haproxy version is ")
	path, isPath := strings.CutPrefix(l.trim, "path to executable is ")
	if !isVersion && !isPath || l.alert.level == "" && l.Ident == "" {
		return false
	}
	raw, ok := version(raw)
	if isVersion && !ok {
		return false
	}
	d := newDraft(s.p.input, &l, join.Environment, "")
	d.part.PID = l.prefixPID()
	p := d.process()
	p.PID = d.part.PID
	if isVersion {
		p.Version, p.VersionSource = raw, "log line"
		d.note("version", &l)
		s.p.owners.version(&l, p)
	} else {
		p.Executable = lex.Clip(path, maxValue)
		d.note("executable", &l)
	}
	s.p.send(d.done())
	return true
}

// version reads one that is all of s.
func version(s string) (raw string, ok bool) {
	s = strings.TrimSpace(s)
	if strings.ContainsAny(s, " \t") {
		return "", false
	}
	_, err := haproxy.ParseVersion(lex.Clip(s, 256))
	return lex.Clip(s, 256), err == nil
}

// event takes the lines of the kernel, systemd, the C library and shells.
func (s *stream) event(l line) bool {
	if l.alert.level != "" {
		return false
	}
	e, ok := system.Parse(l.text, l.Ident, l.Fields)
	if !ok || !witness(&l, &e) {
		return false
	}
	if e.Continues {
		return true
	}
	if e.Comm != "" && !system.IsHAProxy(e.Comm) {
		return false
	}
	if e.Anonymous {
		if ours, other := s.p.owners.event(&l, &e); !ours {
			return s.wait(&l, &e, other)
		}
	}
	if e.Role == join.Coredump {
		if e.PID != s.dumped.pid {
			s.endStack() // of the process that dumped before
		}
		s.dumped = dumped{pid: e.PID, number: l.Number}
	}
	part := s.eventPart(&l, &e)
	if e.Role == join.Kernel {
		if s.fault != nil {
			s.p.send(*s.fault)
		}
		s.fault = &part // the bytes of the instruction may follow
		return true
	}
	s.p.send(part)
	return true
}

// eventPart makes a part of what a line tells.
func (s *stream) eventPart(l *line, e *system.Event) join.Part {
	d := newDraft(s.p.input, l, e.Role, e.Kind)
	host, at := d.part.Crash.Host, d.part.Crash.Time
	c := &d.part.Crash
	*c = e.Crash
	c.Kind = e.Kind
	if d.contained(l); e.Contained {
		d.process().Container = true
	}
	c.Host, c.Time = cmp.Or(c.Host, host), cmp.Or(c.Time, at)
	d.part.PID = e.PID
	if d.part.Time.IsZero() && !e.At.IsZero() {
		d.part.Time, d.part.NoYear, d.part.NoZone = e.At, false, false
		c.Time = e.At.Format(time.RFC3339Nano)
	}
	others := e.Unit != "" || e.From != envelope.Nobody
	if others || e.Role == join.Kernel || e.Role == join.Coredump {
		d.part.Prefix, d.part.Tag = 0, 0 // the writer is not HAProxy
	}
	if e.Role == join.Exit && e.PID == 0 && !e.Table && !others {
		if v, source := s.p.owners.foreground(l); v != "" {
			d.process().Version, d.process().VersionSource = v, source
		}
	}
	d.note(factOf(e), l)
	for i := range c.Threads {
		for k := range c.Threads[i].Frames {
			c.Threads[i].Frames[k].Where = lex.Where(l.Number)
		}
	}
	if c.Pool != nil {
		d.points(c.Pool.Item)
	}
	d.keep(l)
	return d.done()
}

// factOf says what a line tells, for its evidence.
func factOf(e *system.Event) string {
	fact := "end of the process"
	switch {
	case e.Detail != "":
		fact = e.Detail
	case e.Crash.Signal != nil:
		fact = "signal"
	case e.Crash.Exit != nil:
		fact = "exit code"
	}
	if e.Place != "" {
		fact += "; " + e.Place
	}
	return fact
}

// witness says that the line was written by who writes such lines: the kernel's by the
// kernel, systemd's by systemd. What stands in no envelope may be anybody's, as lines that
// were pasted are.
func witness(l *line, e *system.Event) bool {
	if l.traffic {
		return false
	}
	switch {
	case l.from == envelope.Nobody:
		return true
	case e.From != envelope.Nobody:
		return l.from == e.From
	case e.Continues || e.Role == join.Kernel:
		return l.from == envelope.Kernel
	case e.Role == join.Environment: // the killer's first line, or a core that was removed
		return l.from == envelope.Kernel || l.from == envelope.Dumper
	case e.Role == join.Coredump:
		return l.from == envelope.Dumper
	case e.Unit != "":
		return l.from == envelope.Manager
	}
	// The C library's and a shell's words.
	return l.from == envelope.HAProxy || l.from == envelope.Shell
}

// moreOfFault takes a line that belongs to the kernel's line of a fault before it; what is none
// gives the fault out.
func (s *stream) moreOfFault(l line) bool {
	e, ok := system.Continue(l.text)
	if !ok {
		part := s.fault
		s.fault = nil
		s.p.send(*part)
		return false
	}
	c := &s.fault.Crash
	if len(e.Crash.Threads) == 0 {
		return true
	}
	from := &e.Crash.Threads[0]
	if len(c.Threads) == 0 {
		c.Threads = []crash.Thread{{Faulty: true}}
	}
	to := &c.Threads[0]
	if to.LWP == 0 && from.LWP != 0 {
		to.LWP, s.fault.PID = from.LWP, from.LWP
	}
	if len(from.Frames) == 0 {
		return true
	}
	f := from.Frames[0]
	f.Where = lex.Where(l.Number)
	switch {
	case len(to.Frames) == 0:
		to.Frames = []crash.Frame{f}
	case f.Bytes != "" && to.Frames[0].Bytes == "":
		to.Frames[0].Bytes = f.Bytes
		if haproxy.IsProgram(to.Frames[0].Module) && machine.AMD64.IsTrap(f.Bytes) { // only x86 prints bytes
			c.Kind = ending.Reported(nil)
		}
	case f.Address != 0 && to.Frames[0].Address == 0:
		system.Place(&to.Frames[0], f.Address)
	default:
		return true
	}
	if c.Signal != nil && c.Signal.Instruction == nil && f.Address != 0 {
		at := f.Address
		c.Signal.Instruction = &at
	}
	c.Evidence = append(c.Evidence, crash.Evidence{
		Fact: "instruction", Source: s.fault.Input, Where: lex.Where(l.Number), Rank: s.fault.Rank, Text: lex.Clip(strings.TrimSpace(l.Text), maxEvidenceLen),
	})
	return true
}
