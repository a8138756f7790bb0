package report

import (
	"fmt"
	"io"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// textStream is the report for a terminal. The first screen of a crash holds
// what happened, whether it is known, why, and what to do; the facts that a
// maintainer wants stand below. A crash that repeats an earlier one takes one
// line.
type textStream struct {
	page
	w     io.Writer
	o     Options
	n     int
	seen  map[string]int // what a crash amounts to -> the number it was printed under
	tally *tally
	// repeated says that the last crash took one line, warned that it was said that
	// nothing was taken out.
	repeated, warned bool
}

func newText(w io.Writer, o Options) Stream {
	return &textStream{page: page{width: o.Width, color: o.Color}, w: w, o: o, seen: map[string]int{}, tally: newTally(o.Redact)}
}

// maxSeen bounds the memory for repeats; what comes later is printed in full.
const maxSeen = 4096

func (s *textStream) flush() error {
	_, err := io.WriteString(s.w, s.b.String())
	s.b.Reset()
	return err
}

func (s *textStream) Crash(c *crash.Crash) error {
	s.warn()
	s.n++
	key := sameAs(c) // with secrets in it; it is compared and not shown
	if first, again := s.seen[key]; again {
		return s.repeat(c, first)
	}
	h := redact.Crash(c, s.o.Redact)
	s.tally.add(c)
	s.repeated = false
	if key != "" && len(s.seen) < maxSeen {
		s.seen[key] = s.n
	}
	several := s.o.whole != nil && len(s.o.whole.Crashes) > 1
	if s.n > 1 || several {
		s.rule(fmt.Sprintf("crash %d", s.n), s.n > 1)
		s.line("")
	}
	d := Build(c, h, s.o)
	s.document(&d)
	return s.flush()
}

// warn begins a report from which nothing was taken out.
func (s *textStream) warn() {
	if !s.o.Redact.Off || s.warned {
		return
	}
	s.warned = true
	s.line(s.paint(red, redact.Warning))
	s.line("")
}

func (s *textStream) Close(r *crash.Report) error {
	if s.n == 0 {
		s.line("No crash found.")
	}
	if s.n > 3 {
		s.rule("summary", true)
		s.summary()
	}
	return s.end(r)
}

// end prints what was read, and what the tool knows.
func (s *textStream) end(r *crash.Report) error {
	if r == nil {
		return s.flush()
	}
	redact.Rest(r, s.o.Redact)
	if in := inputs(r.Inputs, s.n); in != nil {
		s.section(in)
	}
	tool := s.o.Tool
	if tool == nil {
		tool = r.Tool
	}
	if k := knowledge(tool, s.o.Now); k != "" {
		s.line("")
		s.para("", k.Plain())
	}
	return s.flush()
}

// repeat prints a crash that was seen before in one line.
func (s *textStream) repeat(c *crash.Crash, first int) error {
	c = s.tally.addAnother(c)
	as := "the same as"
	if c.Fingerprint == "" {
		as = "tells no more than"
	}
	text := fmt.Sprintf("crash %d: %s crash %d", s.n, as, first)
	if c.Process != nil && c.Process.PID > 0 {
		text += fmt.Sprintf(", process %d", c.Process.PID)
	}
	if when := whenWhere(c); when != "" {
		text += ", " + when.Plain()
	}
	if len(c.Evidence) > 0 && c.Evidence[0].Where != "" {
		text += ": " + Escape(c.Evidence[0].Where)
	}
	if !s.repeated {
		s.line("")
	}
	s.hanging("", "  ", text)
	s.repeated = true
	return s.flush()
}

// summary prints the groups.
func (s *textStream) summary() {
	const most = 100
	list := s.tally.sorted()
	t := Table{Header: []string{"COUNT", "KIND, HOSTS", "WHAT, VERDICT, VERSIONS, WHEN, FINGERPRINT, EXAMPLE"}}
	for i := range list[:min(len(list), most)] {
		g := &list[i]
		kind := dataText(clip(string(g.Kind), 20))
		if g.Hosts > 1 || g.MoreHosts {
			kind += Text("\n" + groupHosts(g) + " hosts")
		}
		t.Rows = append(t.Rows, []Text{Text(number(int64(g.Count))), kind, groupCell(g)})
	}
	if n := len(list) - most; n > 0 {
		t.More = plural(n, "group") + " more in --group --format json"
	}
	s.table("", &t)
	s.para("", allGroups(list, s.tally.left))
}

// groupText is the report for a terminal that has groups only.
type groupText struct{ textStream }

func newTextGroups(w io.Writer, o Options) Stream {
	return &groupText{*newText(w, o).(*textStream)}
}

func (s *groupText) Crash(c *crash.Crash) error {
	s.n++
	s.tally.take(c)
	return nil
}

func (s *groupText) Close(r *crash.Report) error {
	if s.n == 0 {
		s.line("No crash found.")
		return s.end(r)
	}
	s.warn()
	s.summary()
	s.para("", capital(s.tally.holds.Statement()))
	return s.end(r)
}
