package report

import (
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Colours. Only titles and verdicts have one: cells of tables stay plain.
const (
	bold    = "1"
	red     = "1;31"
	yellow  = "1;33"
	magenta = "1;35"
	cyan    = "1;36"
)

func verdictColor(v crash.Status) string {
	switch v {
	case crash.Known:
		return red
	case crash.AlreadyFixed:
		return magenta
	case crash.Probable, crash.Suspects:
		return yellow
	case crash.UnknownBug:
		return cyan
	}
	return bold
}

func (s *textStream) paint(color, text string) string {
	if !s.o.Color {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

func (s *textStream) line(text string) {
	s.b.WriteString(text)
	s.b.WriteByte('\n')
}

func (s *textStream) title(text string) {
	s.line("")
	s.line(s.paint(bold, clip(text, s.o.Width)))
}

// rule starts a crash or the summary.
func (s *textStream) rule(text string) {
	if s.n > 1 || text == "summary" {
		s.line("")
	}
	text = "---- " + text + " "
	s.line(s.paint(bold, text+strings.Repeat("-", max(s.o.Width-len(text), 4))))
	if text != "---- summary " {
		s.line("")
	}
}

// para prints a paragraph, all of its lines indented.
func (s *textStream) para(indent, text string) { s.hanging(indent, indent, text) }

func (s *textStream) hanging(first, indent, text string) {
	for i, l := range wrap(text, s.o.Width-len(indent)) {
		if i == 0 {
			s.line(first + l)
			continue
		}
		s.line(indent + l)
	}
}

// labelled prints a label and a paragraph beside it. Long words such as URLs
// are not broken: they are there to be copied.
func (s *textStream) labelled(f fact, column int) {
	label := "  " + f.label + strings.Repeat(" ", max(column-len(f.label), 1))
	if strings.HasPrefix(f.value, "https://") {
		s.line(label + f.value)
		return
	}
	s.hanging(label, strings.Repeat(" ", len(label)), f.value)
}

func (s *textStream) table(indent string, header []string, rows [][]string) error {
	if len(rows) == 0 {
		return nil
	}
	return textTable(&s.b, indent, header, rows)
}

// fit wraps the last column into what the others leave of the width. Columns
// are indented by 2 and stand 2 apart.
func (s *textStream) fit(header []string, rows [][]string) [][]string {
	if len(rows) == 0 {
		return rows
	}
	last := len(rows[0]) - 1
	room := s.o.Width - 2
	for col := range last {
		w := 0
		if header != nil {
			w = len(header[col])
		}
		for _, r := range rows {
			for line := range strings.SplitSeq(r[col], "\n") {
				w = max(w, width(line))
			}
		}
		room -= w + 2
	}
	for _, r := range rows {
		r[last] = strings.Join(wrap(r[last], max(room, 16)), "\n")
	}
	return rows
}

// facts prints labels and values.
func (s *textStream) facts(title string, list []fact) error {
	if len(list) == 0 {
		return nil
	}
	var rows [][]string
	for _, f := range list {
		rows = append(rows, []string{f.label, f.value})
	}
	s.title(title)
	return s.table("  ", nil, s.fit(nil, rows))
}

// threads prints the thread at fault, then the others.
func (s *textStream) threads(c *crash.Crash) error {
	full, folded := pick(c, s.o.Threads)
	for _, t := range full {
		if err := s.thread(t, c); err != nil {
			return err
		}
	}
	if len(full) == 0 && len(folded) == 0 && len(c.Threads) > 0 {
		s.title("THREAD " + s.o.Threads)
		s.line("  it is not among the " + plural(len(c.Threads), "thread") + " of this process")
	}
	if len(folded) == 0 {
		return nil
	}
	title := "OTHER THREADS (innermost function first)"
	if len(full) == 0 {
		title = "THREADS (none is known to be at fault)"
	}
	s.title(title)
	var rows [][]string
	const most = 12
	groups := groupThreads(folded)
	for i, g := range groups {
		if i == most && !s.o.wide() {
			rows = append(rows, []string{"...", plural(len(groups)-most, "more stack")})
			break
		}
		names := ranges(g.threads)
		if names == "0" {
			names = "?"
		}
		rows = append(rows, []string{
			strings.Join(wrap(names, 16), "\n"),
			Escape(g.stack),
		})
	}
	return s.table("  ", nil, s.fit(nil, rows))
}

// thread prints one thread in full.
func (s *textStream) thread(t *crash.Thread, c *crash.Crash) error {
	first, rest, _ := strings.Cut(threadTitle(t, c.Fatal), ",")
	title := strings.ToUpper(first)
	if rest != "" {
		title += "," + rest
	}
	if t.Name != "" {
		title += ", named " + Escape(t.Name)
	}
	if mark, _ := sameTrust(t.Frames); mark != "" {
		title += " (frames " + mark + ")"
	}
	s.title(title)
	if task := taskSentence(t.Task, Escape); task != "" {
		s.para("  ", task)
	}
	if err := s.frames(t); err != nil {
		return err
	}
	s.lua(t.Lua)
	if s.o.wide() || s.o.Registers {
		if i := instruction(t); i != "" {
			s.para("  ", "stopped at "+Escape(i))
		}
		if err := s.registers(t.Registers); err != nil {
			return err
		}
	}
	if err := s.fields("  dump of the thread", t.Fields); err != nil {
		return err
	}
	if t.Stream == nil || c.Stream != nil && t.Stream.Address == c.Stream.Address {
		return nil
	}
	of := ""
	if len(c.Threads) > 1 && !t.Faulty {
		of = " OF " + strings.ToUpper(first)
	}
	return s.stream(of, t.Stream)
}

// frames prints a stack: number, function, place, and trust where it differs.
func (s *textStream) frames(t *crash.Thread) error {
	frames := t.Frames
	if len(frames) == 0 {
		return nil
	}
	_, same := sameTrust(frames)
	lead := 0
	if !s.o.wide() {
		lead = leads(frames)
	}
	head, tail := foldFrames(len(frames))
	where := 0
	for i := range frames {
		where = max(where, width(Escape(frameWhere(&frames[i]))))
	}
	where = min(where, s.o.Width*2/5)
	name := s.o.Width - 10 - where
	if !same {
		name -= 16
	}
	name = max(name, 16)
	var rows [][]string
	if lead > 0 {
		rows = append(rows, []string{frameNumbers(0, lead), strings.Join(wrap(Escape(leadLine(frames[:lead])), name), "\n"), "", ""})
	}
	for i := lead; i < len(frames); i++ {
		if i == head && head < tail {
			rows = append(rows, []string{"...", fmt.Sprintf("%d more frames in --format json", tail-head), "", ""})
		}
		if i >= head && i < tail {
			continue
		}
		f := &frames[i]
		label := Escape(frameLabel(f, clip(argumentList(f), maxArguments)))
		row := []string{frameNumbers(i, 1), strings.Join(wrap(label, name), "\n"), clipLeft(Escape(frameWhere(f)), where), ""}
		if !same {
			row[3] = trustMark(f.Trust)
		}
		rows = append(rows, row)
	}
	if err := s.table("  ", nil, rows); err != nil {
		return err
	}
	if t.Broken != "" {
		s.para("  ", "The stack is not whole: "+Escape(t.Broken)+".")
	}
	return nil
}

func (s *textStream) lua(trace string) {
	lines := escapeLines(trace)
	if len(lines) == 0 {
		return
	}
	const most = 20
	s.line("  Lua traceback")
	for i, l := range lines {
		if i == most {
			s.line("    ...")
			break
		}
		s.line("    " + clip(strings.TrimLeft(l, " "), s.o.Width-4))
	}
}

func (s *textStream) registers(list []crash.Register) error {
	columns := max(1, min(4, (s.o.Width-4)/28))
	var rows [][]string
	for i := 0; i < len(list); i += columns {
		row := make([]string, 0, 2*columns)
		for j := i; j < i+columns; j++ {
			if j < len(list) {
				row = append(row, Escape(list[j].Name), registerValue(&list[j]))
			} else {
				row = append(row, "", "")
			}
		}
		rows = append(rows, row)
	}
	if len(rows) > 0 {
		s.line("  registers")
	}
	return s.table("    ", nil, rows)
}

// stream prints the dump of a stream.
func (s *textStream) stream(of string, d *crash.Stream) error {
	if d == nil || d.Address == 0 && len(d.Fields) == 0 {
		return nil
	}
	title := "STREAM"
	if d.Address != 0 {
		title += " " + d.Address.String()
	}
	s.title(title + of)
	return s.fields("", d.Fields)
}

// fields prints the fields of a dump: the telling ones, or all of them in a
// wide report.
func (s *textStream) fields(caption string, fields []crash.Field) error {
	if len(fields) == 0 {
		return nil
	}
	left := 0
	if !s.o.wide() {
		fields, left = keyFields(fields)
	}
	if len(fields) == 0 {
		return nil
	}
	rows := fieldRows(fields, Escape)
	name, value := 0, 0
	for _, r := range rows {
		name = max(name, min(width(r[0]), 24))
		value = max(value, min(width(r[1]), s.o.Width/2))
	}
	flagged := false
	for _, r := range rows {
		flagged = flagged || r[2] != ""
	}
	if !flagged {
		value = s.o.Width - name - 6
	}
	value = min(value, max(s.o.Width/3, 24))
	if !flagged {
		value = max(s.o.Width-name-6, 24)
	}
	for _, r := range rows {
		if r[2] == "" && width(r[1]) > value {
			r[0] = clip(r[0], 24)
			r[1] = strings.Join(wrap(r[1], value), "\n")
			continue
		}
		r[0] = clip(r[0], 24)
		r[1] = strings.Join(wrap(r[1], value), "\n")
		r[2] = strings.Join(wrap(r[2], max(s.o.Width-name-value-8, 16)), "\n")
	}
	if caption != "" {
		s.line(caption)
	}
	indent := strings.Repeat(" ", 2+2*min(len(caption), 1))
	if err := s.table(indent, nil, rows); err != nil {
		return err
	}
	if left > 0 {
		s.line(indent + plural(left, "more field") + " on a wide terminal or in --format json")
	}
	return nil
}

// modules prints the files that were mapped; in a narrow report only those
// that are missing or wrong.
func (s *textStream) modules(list []crash.Module) error {
	var rows [][]string
	for _, m := range list {
		bad := m.Status != "" && m.Status != "ok"
		if !s.o.wide() && !bad {
			continue
		}
		row := []string{clipLeft(Escape(m.Path), s.o.Width/2), clip(Escape(m.Status), 12)}
		if s.o.wide() {
			row = append(row, m.Start.String(), m.End.String(), Escape(m.BuildID))
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil
	}
	s.title("MODULES")
	return s.table("  ", nil, rows)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
