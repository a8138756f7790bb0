package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/system"
)

// single takes lines that tell something by themselves.
func (s *stream) single(l line) bool {
	return s.master(l) || s.notice(l) || s.event(l)
}

// notice takes what a process says of itself (HAProxy src/errors.c):
//
//	[NOTICE]   (1) : haproxy version is 2.7.0-437fd28
//	[NOTICE]   (1) : path to executable is /usr/local/sbin/haproxy
//
// From 2.2 to 2.4 they precede the first alert, whenever that comes; since 2.5
// they are printed while starting, and a master never stops starting.
func (s *stream) notice(l line) bool {
	version, isVersion := strings.CutPrefix(l.trim, "haproxy version is ")
	path, isPath := strings.CutPrefix(l.trim, "path to executable is ")
	if !isVersion && !isPath || l.alert.level == "" && l.Ident == "" {
		return false
	}
	d := newDraft(s.p.input, &l, join.Environment, "")
	d.part.PID = l.prefixPID()
	p := d.process()
	p.PID = d.part.PID
	if isVersion {
		p.Version, p.VersionSource = clip(strings.TrimSpace(version), 256), "log line"
		d.note("version", &l)
	} else {
		p.Executable = clip(path, maxValue)
		d.note("executable", &l)
	}
	s.p.send(d.done())
	return true
}

// event takes the lines of the kernel, systemd, the C library and shells.
func (s *stream) event(l line) bool {
	if l.alert.level != "" {
		return false
	}
	e, ok := system.Parse(l.text, l.Ident, l.Fields)
	if !ok || e.Continues {
		return ok
	}
	if e.Comm != "" && !system.IsHAProxy(e.Comm) || e.Comm == "" && e.Unit == "" && otherProgram(l.Ident) {
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

// otherProgram says that a line was written by a program that is not HAProxy,
// nor one that speaks of it.
func otherProgram(ident string) bool {
	if ident == "" || system.IsHAProxy(ident) {
		return false
	}
	switch ident {
	case "kernel", "systemd", "systemd-coredump", "bash", "sh", "dash", "docker", "dockerd", "containerd", "kubelet", "audit", "auditd":
		return false
	}
	return !strings.Contains(ident, "supervis") && !strings.HasSuffix(ident, ".sh")
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
			Fact: "instruction", Source: part.Input, Where: where(l.Number), Text: clip(strings.TrimSpace(l.Text), maxEvidenceLen),
		})
	}
	s.p.send(*part)
	return took
}
