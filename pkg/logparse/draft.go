package logparse

import (
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

// draft is a part in the making.
type draft struct {
	part join.Part
	text strings.Builder
}

// newDraft begins a part at a line.
func newDraft(input string, l *line, role join.Role, kind crash.Kind) draft {
	d := draft{}
	p := &d.part
	p.Input, p.Stream, p.Seq, p.Role = input, l.Host+"/"+l.Ident, l.Number, role
	p.Rank = crash.RankHAProxy
	switch role {
	case join.Kernel, join.Coredump, join.Exit: // those of HAProxy's master are said to be so
		p.Rank = crash.RankOther
	}
	p.Crash.Kind = kind
	p.Crash.Host = l.Host
	p.Time, p.NoYear, p.NoZone = l.Time.Time, l.Time.NoYear, l.Time.NoZone
	p.Crash.Time = stampText(l.Time)
	if p.Crash.Time == "" {
		p.Crash.Time = l.alert.stamp
	}
	p.Prefix, p.Tag = l.prefixPID(), l.PID
	d.contained(l)
	return d
}

// contained takes from the envelope of a line that the process ran in a container.
func (d *draft) contained(l *line) {
	switch l.Format {
	case envelope.DockerJSON, envelope.CRI, envelope.Kubectl:
		d.process().Container = true
	}
}

// stampText is a time as exactly as it is known.
func stampText(s envelope.Stamp) string {
	switch {
	case s.IsZero() || s.NoYear:
		return s.Text
	case s.NoZone:
		return s.Format("2006-01-02T15:04:05.999999")
	}
	return s.Format(time.RFC3339Nano)
}

// keep appends a line to the text of the crash.
func (d *draft) keep(l *line) {
	d.part.Last = max(d.part.Last, l.Number)
	room := maxText - d.text.Len()
	if room <= 1 {
		return
	}
	if d.text.Len() > 0 {
		d.text.WriteByte('\n')
		room--
	}
	d.text.WriteString(lex.Clip(strings.TrimRight(l.Text, " \t\r"), room))
}

// note says that a fact was read in a line.
func (d *draft) note(fact string, l *line) {
	c := &d.part.Crash
	if len(c.Evidence) >= maxEvidence {
		return
	}
	c.Evidence = append(c.Evidence, crash.Evidence{
		Fact: fact, Source: d.part.Input, Where: lex.Where(l.Number), Rank: d.part.Rank, Text: lex.Clip(strings.TrimSpace(l.Text), maxEvidenceLen),
	})
}

// missing says that lines were not there.
func (d *draft) missing(what, effect, remedy string) {
	d.lacks(crash.LacksLines, what, effect, remedy)
}

// lacks says that something was not there.
func (d *draft) lacks(id crash.Lack, what, effect, remedy string) {
	d.part.Crash.Missing = append(d.part.Crash.Missing, crash.Missing{ID: id, What: what, Effect: effect, Remedy: remedy})
}

// process gives the part's process, made on demand.
func (d *draft) process() *crash.Process {
	if d.part.Crash.Process == nil {
		d.part.Crash.Process = &crash.Process{}
	}
	return d.part.Crash.Process
}

// died sets the pid of the process that died.
func (d *draft) died(pid int) {
	if pid <= 0 {
		return
	}
	d.part.PID = pid
	d.process().PID = pid
}

// points adds an address that the part may be recognised by.
func (d *draft) points(a crash.Addr) {
	p := &d.part
	if a == 0 || len(p.Pointers) >= maxPointers {
		return
	}
	for _, b := range p.Pointers {
		if a == b {
			return
		}
	}
	p.Pointers = append(p.Pointers, a)
}

// done gives the part.
func (d *draft) done() join.Part {
	if d.part.Crash.Text == "" {
		d.part.Crash.Text = d.text.String()
	}
	return d.part
}
