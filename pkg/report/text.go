package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
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
	tally tally
}

func newText(w io.Writer, o Options) Stream {
	return &textStream{w: w, o: o, seen: map[string]int{}}
}

// maxSeen bounds the memory for repeats; what comes later is printed in full.
const maxSeen = 4096

func (s *textStream) flush() error {
	_, err := io.WriteString(s.w, s.b.String())
	s.b.Reset()
	return err
}

func (s *textStream) Crash(c *crash.Crash) error {
	h := RedactCrash(c, s.o.redact())
	s.n++
	s.tally.add(c)
	key := sameAs(c)
	first, again := s.seen[key]
	if again {
		s.repeat(c, first)
		return s.flush()
	}
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

func (s *textStream) Close(r *crash.Report) error {
	if s.n == 0 {
		s.line("No crash found.")
	}
	if s.n > 3 {
		s.rule("summary")
		if err := s.summary(); err != nil {
			return err
		}
	}
	if r != nil {
		if err := s.inputs(r.Inputs); err != nil {
			return err
		}
		tool := s.o.Tool
		if tool == nil {
			tool = r.Tool
		}
		if k := knowledge(tool); k != "" {
			s.line("")
			s.para("", k)
		}
	}
	return s.flush()
}

// crash prints one crash in full.
func (s *textStream) crash(c *crash.Crash, h Holdings) error {
	for _, l := range wrap(headline(c, Escape), s.o.Width) {
		s.line(s.paint(bold, l))
	}
	if when := whenWhere(c); when != "" {
		s.para("", when)
	}
	s.verdict(c.Verdict)
	if err := s.facts("FACTS", facts(c, Escape, s.o.wide())); err != nil {
		return err
	}
	if err := s.threads(c); err != nil {
		return err
	}
	if err := s.stream("STREAM", c.Stream); err != nil {
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
		s.line("Fingerprint " + Escape(c.Fingerprint))
	}
	s.para("", capital(h.Statement()))
	return nil
}

// whenWhere is the line below the headline.
func whenWhere(c *crash.Crash) string {
	var parts []string
	if c.Time != "" {
		parts = append(parts, Escape(c.Time))
	}
	if c.Host != "" {
		parts = append(parts, "on "+Escape(c.Host))
	}
	if in := sources(c); len(in) > 0 {
		for i := range in {
			in[i] = Escape(in[i])
		}
		parts = append(parts, "from "+strings.Join(in, ", "))
	}
	return strings.Join(parts, " ")
}

// verdict is the second half of the first screen.
func (s *textStream) verdict(v *crash.Verdict) {
	if v == nil {
		return
	}
	s.line("")
	word := s.paint(verdictColor(v.Status), verdictWord(v.Status))
	if len(v.Matches) > 0 {
		word += "  " + Escape(v.Matches[0].ID)
	}
	s.line(word)
	if len(v.Matches) > 0 && v.Matches[0].Title != "" {
		s.para("  ", Escape(v.Matches[0].Title))
	}
	for _, f := range verdictFacts(v, Escape, Escape) {
		s.labelled(f, 14)
	}
	s.suspects(v.Suspects)
}

func (s *textStream) suspects(list []crash.Suspect) {
	if len(list) == 0 {
		return
	}
	const most = 5
	s.line("")
	s.para("  ", "Fixes that may belong to it; none of them is a match:")
	var rows [][]string
	for i, x := range list {
		if i == most {
			break
		}
		because := Escape(strings.Join(x.Because, ", "))
		if len(x.FixedIn) > 0 {
			because = "fixed in " + Escape(strings.Join(x.FixedIn, ", ")) + "; " + because
		}
		because = strings.Join(wrap(strings.TrimSuffix(because, "; "), s.o.Width-38), "\n")
		rows = append(rows, []string{commitShort(x.Commit), fmt.Sprintf("%.1f", x.Score), statusShort(x.VersionStatus), because})
	}
	s.table("  ", []string{"COMMIT", "SCORE", "VERSION", "BECAUSE"}, rows)
	if len(list) > most {
		s.line(fmt.Sprintf("  %d more in --format json", len(list)-most))
	}
}

// message prints the crash message as printed, in wide reports.
func (s *textStream) message(c *crash.Crash) {
	if !s.o.wide() {
		return
	}
	const most = 60
	s.lines("MESSAGE AS PRINTED", escapeLines(c.Text), most)
	s.lines("STARTUP LOG", c.StartupLog, most)
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
	// Text is what was read; it is worth a column only where there is room.
	room := s.o.Width - 2
	var rows [][]string
	for i, e := range list {
		if i == most && !s.o.wide() {
			rows = append(rows, []string{fmt.Sprintf("%d more in --format json", len(list)-most), ""})
			break
		}
		where := Escape(e.Source)
		if e.Where != "" {
			where = strings.TrimPrefix(where+": "+Escape(e.Where), ": ")
		}
		if !s.o.wide() {
			rows = append(rows, []string{strings.Join(wrap(Escape(e.Fact), room-36), "\n"), clipLeft(where, 34)})
			continue
		}
		rows = append(rows, []string{strings.Join(wrap(Escape(e.Fact), 40), "\n"), clipLeft(where, 34), clip(Escape(e.Text), room-80)})
	}
	s.title("EVIDENCE")
	return s.table("  ", nil, rows)
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
			where := strings.TrimPrefix(Escape(v.Source)+": "+Escape(v.Where), ": ")
			where = strings.TrimSuffix(where, ": ")
			rows = append(rows, []string{label, strings.Join(wrap(Escape(v.Value), s.o.Width-58), "\n"), clipLeft(where, 32)})
		}
	}
	return s.table("  ", nil, rows)
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
		kind := Escape(in.Type)
		if in.Compression != "" {
			kind = strings.TrimSpace(kind + " (" + Escape(in.Compression) + ")")
		}
		rows = append(rows, []string{clipLeft(Escape(in.Name), 34), kind, size, strings.Join(wrap(state, max(s.o.Width-64, 24)), "\n")})
	}
	return s.table("  ", nil, rows)
}

// knowledge says of what date the tool's knowledge is.
func knowledge(t *crash.Tool) string {
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
		s += ", knowledge of " + Escape(k.Date)
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
