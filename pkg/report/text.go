package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// textStream is the report for a terminal. The first screen of a crash holds
// what happened, whether it is known, why, and what to do; the facts that a
// maintainer wants stand below. A crash that repeats an earlier one takes one
// line.
type textStream struct {
	w     io.Writer
	o     Options
	b     strings.Builder
	n     int
	seen  map[string]int // what a crash amounts to -> the number it was printed under
	tally *tally
	// repeated says that the last crash took one line, warned that it was said that
	// nothing was taken out.
	repeated, warned bool
}

func newText(w io.Writer, o Options) Stream {
	return &textStream{w: w, o: o, seen: map[string]int{}, tally: newTally(o.Redact)}
}

// maxSeen bounds the memory for repeats; what comes later is printed in full.
const maxSeen = 4096

func (s *textStream) flush() error {
	_, err := io.WriteString(s.w, s.b.String())
	s.b.Reset()
	return err
}

func (s *textStream) Crash(c *crash.Crash) error {
	h := redact.Crash(c, s.o.Redact)
	s.warn()
	s.n++
	s.tally.add(c)
	key := sameAs(c)
	first, again := s.seen[key]
	if again {
		s.repeat(c, first)
		s.repeated = true
		return s.flush()
	}
	s.repeated = false
	if key != "" && len(s.seen) < maxSeen {
		s.seen[key] = s.n
	}
	several := s.o.whole != nil && len(s.o.whole.Crashes) > 1
	if s.n > 1 || several {
		s.rule(fmt.Sprintf("crash %d", s.n))
	}
	if err := s.crash(c, h); err != nil {
		return err
	}
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
	s.warn()
	if s.n == 0 {
		s.line("No crash found.")
	}
	if s.n > 3 {
		s.rule("summary")
		if err := s.summary(); err != nil {
			return err
		}
	}
	return s.end(r)
}

// end prints what was read, and what the tool knows.
func (s *textStream) end(r *crash.Report) error {
	if r != nil {
		redact.Rest(r, s.o.Redact)
		if err := s.inputs(r.Inputs); err != nil {
			return err
		}
		tool := s.o.Tool
		if tool == nil {
			tool = r.Tool
		}
		if k := knowledge(tool, s.o.Now); k != "" {
			s.line("")
			s.para("", k)
		}
	}
	return s.flush()
}

// word is a quoter for the headline: a name, or a short message.
func (s *textStream) word(v string) string { return clip(Escape(v), 120) }

// value is a quoter for facts. A command line can hold thousands of process
// numbers (-sf after many reloads); JSON has all of it.
func (s *textStream) value(v string) string { return clip(Escape(v), 8*s.o.Width) }

// crash prints one crash in full.
func (s *textStream) crash(c *crash.Crash, h redact.Holdings) error {
	for _, l := range wrap(headline(c, s.word), s.o.Width) {
		s.line(s.paint(bold, l))
	}
	if when := whenWhere(c); when != "" {
		s.para("", when)
	}
	if err := s.verdict(c.Verdict); err != nil {
		return err
	}
	if err := s.facts("FACTS", facts(c, s.value, s.o.wide())); err != nil {
		return err
	}
	s.observations(c)
	if err := s.threads(c); err != nil {
		return err
	}
	if err := s.stream("", c.Stream); err != nil {
		return err
	}
	if err := s.objects(c); err != nil {
		return err
	}
	if err := s.postMortem(c); err != nil {
		return err
	}
	if err := s.modules(c.Modules); err != nil {
		return err
	}
	s.message(c)
	if err := s.evidence(c.Evidence); err != nil {
		return err
	}
	if err := s.conflicts(c.Conflicts); err != nil {
		return err
	}
	s.missing(c.Missing)
	s.line("")
	if c.Fingerprint != "" {
		s.line("Fingerprint " + clip(Escape(c.Fingerprint), s.o.Width-12))
	}
	s.para("", capital(h.Statement()))
	return nil
}

// whenWhere is the line below the headline.
func whenWhere(c *crash.Crash) string {
	var parts []string
	if c.Time != "" {
		parts = append(parts, clip(Escape(c.Time), 40))
	}
	if c.Host != "" {
		parts = append(parts, "on "+clip(Escape(c.Host), 64))
	}
	if in := sources(c); len(in) > 0 {
		for i := range in {
			in[i] = clipLeft(Escape(inputName(in[i])), 64)
		}
		parts = append(parts, "from "+strings.Join(in, ", "))
	}
	return strings.Join(parts, " ")
}

// inputName is how the name of an input is shown.
func inputName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// source is where a fact was read: journal.log: line 12.
func source(name, where string) string {
	switch {
	case name == "":
		return Escape(where)
	case where == "":
		return Escape(inputName(name))
	}
	return Escape(inputName(name)) + ": " + Escape(where)
}

// verdict is the second half of the first screen.
func (s *textStream) verdict(v *crash.Verdict) error {
	if v == nil {
		return nil
	}
	s.line("")
	word := s.paint(verdictColor(v.Status), verdictWord(v.Status))
	if len(v.Matches) > 0 {
		word += "  " + s.word(v.Matches[0].ID)
	}
	s.line(word)
	if len(v.Matches) > 0 && v.Matches[0].Title != "" {
		s.para("  ", s.value(v.Matches[0].Title))
	}
	for _, f := range verdictFacts(v, s.value, s.value) {
		s.labelled(f, 14)
	}
	return s.suspects(v)
}

func (s *textStream) suspects(v *crash.Verdict) error {
	list := v.Suspects
	if len(list) == 0 {
		return nil
	}
	const most = 5
	s.line("")
	s.para("  ", suspectsTitle(list)+":")
	var rows [][]string
	header := []string{"COMMIT", "SCORE", "VERSION", "BECAUSE"}
	for _, x := range list[:min(len(list), most)] {
		because := Escape(strings.Join(x.Because, ", "))
		if len(x.FixedIn) > 0 {
			because = "fixed in " + Escape(strings.Join(x.FixedIn, ", ")) + "; " + because
		}
		if subject := subjectOf(v, x.Commit); subject != "" {
			because = s.value(subject) + "; " + because
			header[3] = "SUBJECT, BECAUSE"
		}
		rows = append(rows, []string{commitShort(x.Commit), fmt.Sprintf("%.1f", x.Score), statusShort(x.VersionStatus),
			strings.TrimSuffix(because, "; ")})
	}
	if err := s.table("  ", header, s.fit(header, rows)); err != nil {
		return err
	}
	if len(list) > most {
		s.line(fmt.Sprintf("  %d more in --format json", len(list)-most))
	}
	return nil
}

// message prints the crash message as printed, in wide reports.
func (s *textStream) message(c *crash.Crash) {
	if !s.o.wide() {
		return
	}
	const most = 60
	s.lines("MESSAGE AS PRINTED", escapeLines(c.Text), most)
	s.lines("STARTUP LOG", startupLines(c), most)
}

func (s *textStream) lines(title string, lines []string, most int) {
	if len(lines) == 0 {
		return
	}
	s.title(title)
	for i, l := range lines {
		if i == most {
			s.line(fmt.Sprintf("  %d more lines in --format json", len(lines)-most))
			break
		}
		s.line("  " + clip(Escape(l), 4*s.o.Width))
	}
}

func (s *textStream) evidence(list []crash.Evidence) error {
	if len(list) == 0 {
		return nil
	}
	const most = 40
	// The text that was read is worth a column only where there is room.
	var rows [][]string
	for i, e := range list {
		if i == most && !s.o.wide() {
			rows = append(rows, []string{fmt.Sprintf("%d more in --format json", len(list)-most), ""})
			break
		}
		where := e.Where
		if where == "" && !s.o.wide() {
			where = e.Text // a core has no lines; what joined two inputs is said in Text
		}
		row := []string{strings.Join(wrap(Escape(e.Fact), 36), "\n"), s.value(source(e.Source, where))}
		if s.o.wide() {
			row[1] = clipLeft(row[1], 36)
			row = append(row, clip(Escape(e.Text), 3*s.o.Width))
		}
		rows = append(rows, row)
	}
	s.title("EVIDENCE")
	return s.table("  ", nil, s.fit(nil, rows))
}

func (s *textStream) conflicts(list []crash.Conflict) error {
	if len(list) == 0 {
		return nil
	}
	s.title("CONFLICTS (the first value was taken)")
	var rows [][]string
	for _, c := range list {
		for i, v := range c.Values {
			label := ""
			if i == 0 {
				label = strings.Join(wrap(Escape(c.Fact), 18), "\n")
			}
			rows = append(rows, []string{label, strings.Join(wrap(Escape(v.Value), s.o.Width-58), "\n"), source(v.Source, v.Where)})
		}
	}
	return s.table("  ", nil, s.fit(nil, rows))
}

func (s *textStream) missing(list []crash.Missing) {
	if len(list) == 0 {
		return
	}
	s.title("MISSING")
	for _, m := range list {
		text := Escape(m.What)
		if m.Effect != "" {
			text += ": " + Escape(m.Effect)
		}
		s.para("  ", text)
		if m.Remedy != "" {
			s.hanging("    -> ", "       ", Escape(m.Remedy))
		}
	}
}

// inputs names what was read, when there is something to say about it.
func (s *textStream) inputs(list []crash.Input) error {
	const most = 20
	poor := slices.ContainsFunc(list, func(i crash.Input) bool { return !i.Complete || len(i.Problems) > 0 })
	if len(list) == 0 || !poor && s.n > 0 && len(list) == 1 {
		return nil
	}
	s.title("INPUTS")
	var rows [][]string
	for i, in := range list {
		if i == most {
			rows = append(rows, []string{fmt.Sprintf("%d more", len(list)-most), "", "", ""})
			break
		}
		state := ""
		if !in.Complete {
			state = "incomplete"
		}
		if len(in.Problems) > 0 {
			problems := Escape(strings.Join(in.Problems, "; "))
			state = strings.TrimPrefix(state+": "+problems, ": ")
		}
		size := ""
		if in.Size > 0 {
			size = bytesWord(in.Size)
		}
		kind := clip(Escape(in.Type), 12)
		if in.Compression != "" {
			kind = strings.TrimSpace(kind + " (" + Escape(in.Compression) + ")")
		}
		rows = append(rows, []string{clipLeft(Escape(inputName(in.Name)), 34), kind, size, state})
	}
	return s.table("  ", nil, s.fit(nil, rows))
}

// staleAfter is after how many days it is said that knowledge is old: HAProxy has a
// new branch twice a year.
const staleAfter = 180

// age says that knowledge is old; empty if it is not, or nobody told the day.
func age(k *crash.Knowledge, now time.Time) string {
	day, err := time.Parse(time.DateOnly, k.Date)
	if err != nil || now.IsZero() {
		return ""
	}
	days := int(now.Sub(day).Hours() / 24)
	if days <= staleAfter {
		return ""
	}
	return fmt.Sprintf(", %d days old: newer bugs and fixes are not in it", days)
}

// knowledge says of what date the tool's knowledge is.
func knowledge(t *crash.Tool, now time.Time) string {
	if t == nil {
		return ""
	}
	s := "hacrash " + Escape(t.Version)
	k := t.Knowledge
	if k == nil {
		return strings.TrimSpace(s)
	}
	s = strings.TrimSpace(s)
	if k.Date != "" {
		s += ", knowledge of " + Escape(k.Date) + age(k, now)
	}
	if k.Commit != "" {
		s += " (HAProxy " + commitShort(k.Commit) + ")"
	}
	var counts []string
	if k.Signatures > 0 {
		counts = append(counts, plural(k.Signatures, "signature"))
	}
	if k.Fixes > 0 {
		n := number(int64(k.Fixes)) + " fixes"
		if k.Fixes == 1 {
			n = "1 fix"
		}
		counts = append(counts, n)
	}
	if len(counts) > 0 {
		s += ": " + strings.Join(counts, ", ")
	}
	return s
}
