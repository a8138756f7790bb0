package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// fact is one row of a table: our label, and a value that is quoted for the
// format already.
type fact struct{ label, value string }

type factList struct {
	q    quoter
	rows []fact
}

// add adds a value of ours, or one that is quoted already.
func (l *factList) add(label, value string) {
	if value != "" {
		l.rows = append(l.rows, fact{label, value})
	}
}

// addText adds a value of an input.
func (l *factList) addText(label, value string) {
	if value != "" {
		l.add(label, l.q(value))
	}
}

// note puts a value of an input and what it is said about it in one value.
func (l *factList) note(value, about string) string {
	if value == "" || about == "" {
		return l.q(value)
	}
	return l.q(value) + " (" + about + ")"
}

// facts are what is known of a crash beside its threads, its dump and its
// verdict. Those that only help to rebuild the binary are left to wide reports.
func facts(c *crash.Crash, q quoter, wide bool) []fact {
	l := &factList{q: q}
	if p := c.Process; p != nil {
		source := p.VersionSource
		if source != "" {
			source = "from: " + l.q(source)
		}
		if p.Version != "" {
			l.add("Version", l.note(p.Version, source))
		}
		l.addText("Executable", p.Executable)
		l.addText("Arguments", p.Arguments)
		if p.MasterPID > 0 {
			l.add("Master", "process "+strconv.Itoa(p.MasterPID))
		}
		l.addText("Build ID", p.BuildID)
		l.addText("System", p.System)
		if wide {
			l.addText("Features", strings.Join(p.Features, " "))
			l.addText("Build options", p.BuildOptions)
		}
	}
	l.signal(c)
	if s := c.Spin; s != nil {
		object := l.quoteSet(s.Object)
		if s.Address != 0 {
			object = strings.TrimSpace(object + " at " + s.Address.String())
		}
		if s.Rate > 0 {
			object += ", " + number(s.Rate) + " calls per second"
		}
		l.add("Spinning", strings.TrimPrefix(object, ", "))
		l.add("Applet", l.named(s.Applet, s.AppletAddress))
		l.add("Handler", l.named(s.Handler, s.HandlerAddress))
	}
	if a := c.Assertion; a != nil {
		l.addText("Condition", a.Condition)
		l.addText("Message", a.Message)
		l.addText("Place", place(a.File, a.Line))
	}
	if m := c.Memory; m != nil {
		l.add("Access", accessOf(m, l.quoteSet))
		if m.Address != nil {
			l.add("Accessed", m.Address.String())
		}
		l.addText("Which is", m.Place)
	}
	if p := c.Pool; p != nil {
		l.addText("Damage", p.Error)
		pool := l.quoteSet(p.Name)
		if p.Size > 0 {
			pool = strings.TrimSpace(pool + " of " + number(p.Size) + " bytes")
		}
		l.add("Pool", pool)
		if p.Item != 0 {
			l.add("Object", p.Item.String())
		}
		l.addText("Tag points to", p.Origin)
		l.add("Freed by", l.named(p.CallerFunction, p.Caller))
		if p.Thread > 0 {
			l.add("Thread", strconv.Itoa(p.Thread))
		}
	}
	l.addText("Provoked by", c.Provoked)
	return l.rows
}

func (l *factList) quoteSet(s string) string {
	if s == "" {
		return ""
	}
	return l.q(s)
}

// named is a name with its address.
func (l *factList) named(name string, a crash.Addr) string {
	switch {
	case name == "" && a == 0:
		return ""
	case name == "":
		return a.String()
	case a == 0:
		return l.q(name)
	}
	return l.q(name) + " at " + a.String()
}

// signal adds the signal and how the parent saw the end.
func (l *factList) signal(c *crash.Crash) {
	if s := c.Signal; s != nil {
		v := l.quoteSet(s.Name)
		if v == "" && s.Number > 0 {
			v = "signal " + strconv.Itoa(s.Number)
		}
		if s.CodeName != "" {
			v += ", " + l.q(s.CodeName)
		}
		if s.Address != nil {
			v += ", address " + s.Address.String()
		}
		if s.Instruction != nil && (s.Address == nil || *s.Instruction != *s.Address) {
			v += ", instruction at " + s.Instruction.String()
		}
		if s.SenderPID > 0 {
			v += fmt.Sprintf(", sent by process %d", s.SenderPID)
		}
		l.add("Signal", strings.TrimPrefix(v, ", "))
	}
	if e := c.Exit; e != nil {
		v := strconv.Itoa(e.Code)
		if e.Signal != "" && (c.Signal == nil || c.Signal.Name != e.Signal) {
			v += " (" + l.q(e.Signal) + ")"
		}
		l.add("Exit code", v)
	}
}

// verdictFacts is the first match of a verdict, or what stands in its place.
// Names go through q, sentences through title.
func verdictFacts(v *crash.Verdict, q quoter, title func(string) string) []fact {
	l := &factList{q: q}
	if v == nil {
		return nil
	}
	l.add("Why", title(v.Why))
	advice := v.Advice
	if len(v.Matches) > 0 {
		m := v.Matches[0]
		for _, n := range m.Issues {
			l.add("Issue", issueURL(n))
		}
		l.addText("CVE", strings.Join(m.CVEs, ", "))
		fix := commits(m.Fixes)
		if len(m.ExposedBy) > 0 {
			fix = strings.TrimPrefix(fix+"; exposed by "+commits(m.ExposedBy), "; ")
		}
		if len(m.IntroducedBy) > 0 {
			fix = strings.TrimPrefix(fix+"; introduced by "+commits(m.IntroducedBy), "; ")
		}
		l.add("Fix", fix)
		for _, c := range slices.Concat(m.Fixes, m.ExposedBy, m.IntroducedBy) {
			if subject := subjectOf(v, c); subject != "" {
				l.add("Commit", commitShort(c)+" "+q(subject))
			}
		}
		l.add("This version", versionSentence(m.VersionStatus, m.Basis, title))
		l.addText("Fixed in", strings.Join(m.FixedIn, ", "))
		if m.Advice != "" {
			advice = m.Advice
		}
		l.add("What to do", title(advice))
		advice = ""
		const most = 8
		because := m.Because
		if len(because) > most {
			because = append(append([]string{}, because[:most]...), fmt.Sprintf("%d more", len(m.Because)-most))
		}
		var quoted []string
		for _, b := range because {
			quoted = append(quoted, title(b))
		}
		l.add("Because", strings.Join(quoted, ", "))
		for i, o := range v.Matches[1:] {
			if i == 3 {
				l.add("Fits too", fmt.Sprintf("%d more", len(v.Matches)-1-i))
				break
			}
			s := q(o.ID)
			if o.Title != "" {
				s += ": " + title(o.Title)
			}
			for _, n := range o.Issues {
				s += " " + issueURL(n)
			}
			l.add("Fits too", s)
		}
	}
	l.add("What to do", title(advice))
	return l.rows
}
