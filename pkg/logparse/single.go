package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
	"github.com/hacrash/hacrash/pkg/logparse/system"
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
	} else {
		p.Executable = clip(path, maxValue)
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
	_, err := haproxy.ParseVersion(clip(s, 256))
	return clip(s, 256), err == nil
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
	if e.Anonymous && !s.p.owners.event(&l, &e) {
		return false
	}
	d := newDraft(s.p.input, &l, e.Role, e.Kind)
	host, at := d.part.Crash.Host, d.part.Crash.Time
	d.part.Crash = e.Crash
	c := &d.part.Crash
	c.Kind = e.Kind
	if c.Host == "" {
		c.Host = host
	}
	if c.Time == "" {
		c.Time = at
	}
	d.part.PID = e.PID
	if e.Role == join.Coredump {
		s.dumped = dumped{pid: e.PID, number: l.Number}
	}
	if e.Role == join.Kernel || e.Role == join.Coredump || e.Unit != "" {
		d.part.Prefix = 0 // the writer is not HAProxy
	}
	fact := "end of the process"
	switch {
	case e.Detail != "":
		fact = e.Detail
	case c.Signal != nil:
		fact = "signal"
	case c.Exit != nil:
		fact = "exit code"
	}
	d.note(fact, &l)
	for i := range c.Threads {
		for k := range c.Threads[i].Frames {
			c.Threads[i].Frames[k].Where = where(l.Number)
		}
	}
	if c.Pool != nil && c.Pool.Item != 0 {
		d.points(c.Pool.Item)
	}
	d.keep(&l)
	part := d.done()
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

// codeBytes takes the kernel's "Code:" line, which follows that of a fault, and
// gives the fault out.
func (s *stream) codeBytes(l line) bool {
	part := s.fault
	s.fault = nil
	e, ok := system.Parse(l.text, l.Ident, l.Fields)
	took := ok && e.Continues
	if took {
		if from, to := e.Crash.Threads, part.Crash.Threads; len(from) > 0 && len(from[0].Frames) > 0 && len(to) > 0 && len(to[0].Frames) > 0 {
			to[0].Frames[0].Bytes = from[0].Frames[0].Bytes
		}
		part.Crash.Evidence = append(part.Crash.Evidence, crash.Evidence{
			Fact: "instruction", Source: part.Input, Where: where(l.Number), Rank: part.Rank, Text: clip(strings.TrimSpace(l.Text), maxEvidenceLen),
		})
	}
	s.p.send(*part)
	return took
}
