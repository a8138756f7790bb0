package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// mostCounters are shown; JSON has all.
const mostCounters = 20

// counterRows are the checks that counted something, a row each. Cells are escaped.
func counterRows(c *crash.Crash) [][]string {
	var rows [][]string
	for i := range c.Counters[:min(len(c.Counters), mostCounters)] {
		k := &c.Counters[i]
		where := place(k.File, k.Line)
		if k.Function != "" {
			where += " " + k.Function
		}
		what := k.Condition
		if k.Message != "" {
			what = strings.TrimPrefix(what+": "+k.Message, ": ")
		}
		rows = append(rows, []string{number(k.Count), Escape(k.Type), clip(Escape(where), 60), clip(Escape(what), maxSpan)})
	}
	return rows
}

// conditionsText is what a process is and may, in a line.
func conditionsText(x *crash.Conditions) string {
	if x == nil {
		return ""
	}
	var words []string
	id := func(name string, v *int64) {
		if v != nil {
			words = append(words, name+" "+strconv.FormatInt(*v, 10))
		}
	}
	limit := func(name string, l *crash.Limit) {
		switch {
		case l == nil:
		case l.Soft == l.Hard:
			words = append(words, name+" "+Escape(l.Soft))
		default:
			words = append(words, name+" "+Escape(l.Soft)+" of "+Escape(l.Hard))
		}
	}
	id("user", x.UID)
	id("group", x.GID)
	limit("files", x.Files)
	limit("memory", x.Memory)
	if k := x.Capabilities; k != nil && k.Error == 0 {
		words = append(words, fmt.Sprintf("capabilities %s effective, %s permitted, %s inheritable", k.Effective, k.Permitted, k.Inheritable))
	}
	return strings.Join(words, ", ")
}

// postMortemFacts are the object's, without the system's description, which stands among
// the facts of the process.
func postMortemFacts(c *crash.Crash, q quoter) []fact {
	l := &factList{q: q}
	if m := c.PostMortem; m != nil {
		if p := m.Platform; p != nil {
			l.addText("Machine", strings.Join(strings.Fields(strings.Join([]string{p.HardwareVendor, p.HardwareFamily, p.HardwareModel}, " ")), " "))
			l.addText("Board", strings.TrimSpace(p.BoardVendor+" "+p.BoardModel))
			l.addText("Processor", strings.Join(strings.Fields(strings.Join([]string{p.SoCVendor, p.SoCModel, p.CPU}, " ")), " "))
		}
		l.add("Started as", conditionsText(m.Boot))
		l.add("Ran as", conditionsText(m.Run))
		for i := range m.Components {
			k := &m.Components[i]
			text := strings.TrimSpace(k.Name + " " + k.Version)
			if k.Compiler != "" {
				text += ", " + k.Compiler
			}
			if k.Build != "" {
				text += ", " + k.Build
			}
			l.addText("Component", text)
		}
		l.addText("Unavailable", strings.Join(m.Unavailable, "; "))
	}
	for i := range c.Rings {
		r := &c.Rings[i]
		text := r.Name
		if r.Description != "" {
			text += " (" + r.Description + ")"
		}
		if r.Unavailable != "" {
			text += ": " + r.Unavailable
		} else {
			text += ": " + number(int64(r.Used)) + " of " + number(int64(r.Size)) + " bytes in use, at " + r.Address.String()
		}
		l.addText("Ring", text)
	}
	return l.rows
}

// postMortem prints the counters, and in wide reports what else HAProxy keeps for
// whoever reads its core.
func (s *textStream) postMortem(c *crash.Crash) error {
	if rows := counterRows(c); len(rows) > 0 {
		s.title("COUNTERS of HAProxy's own checks that are not zero")
		if err := s.table("  ", nil, s.fit(nil, rows)); err != nil {
			return err
		}
		if n := len(c.Counters) - len(rows); n > 0 {
			s.line(fmt.Sprintf("  %d more in --format json", n))
		}
	}
	if !s.o.wide() {
		return nil
	}
	return s.facts("POST-MORTEM", postMortemFacts(c, s.value))
}

// postMortem is the same, folded, with what HAProxy said while it started.
func (s *markdownStream) postMortem(d *markdownDoc, c *crash.Crash) error {
	var rows [][]string
	for _, f := range postMortemFacts(c, func(v string) string { return clip(Escape(v), maxSpan) }) {
		rows = append(rows, []string{f.label, f.value})
	}
	for _, part := range []struct {
		title string
		rows  [][]string
	}{{"Counters of HAProxy's own checks that are not zero", counterRows(c)}, {"Post-mortem data", rows}} {
		if len(part.rows) == 0 {
			continue
		}
		var b strings.Builder
		if err := textTable(&b, "", nil, part.rows); err != nil {
			return err
		}
		d.details(part.title, fence(b.String(), "plain"))
	}
	if lines := startupLines(c); len(lines) > 0 {
		for i := range lines {
			lines[i] = clip(Escape(lines[i]), maxSpan)
		}
		d.details("Startup log", fence(strings.Join(headTail(lines, 60), "\n"), "plain"))
	}
	return nil
}

// startupLines are the lines of the startup log: a message may have several.
func startupLines(c *crash.Crash) []string {
	var lines []string
	for _, text := range c.StartupLog {
		lines = append(lines, strings.Split(text, "\n")...)
	}
	return lines
}
