package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// markdownDoc collects the document and counts what is left of its budget.
// What does not fit is left out whole, so that no fence stays open.
type markdownDoc struct {
	b       strings.Builder
	left    int
	skipped bool
}

// put adds text and reports whether it fitted.
func (d *markdownDoc) put(text string) bool {
	if len(text) > d.left {
		d.skipped = true
		return false
	}
	d.b.WriteString(text)
	d.left -= len(text)
	return true
}

func (d *markdownDoc) section(title string) { d.put("\n### " + title + "\n\n") }

// ask is a question to the reporter.
func (d *markdownDoc) ask(question string) {
	text := "<!-- " + question + " -->\n"
	if s := d.b.String(); s != "" && !strings.HasSuffix(s, "\n\n") {
		text = "\n" + text
	}
	d.put(text)
}

// reserve is kept for the sections that come after the long parts.
const reserve = 16000

// details folds a long part away. The title must be ours: no Markdown is read
// inside a summary, so a code span would not protect it.
func (d *markdownDoc) details(title, body string) {
	if body == "" {
		return
	}
	text := "<details><summary>" + title + "</summary>\n\n" + strings.TrimRight(body, "\n") + "\n\n</details>\n"
	if !strings.HasSuffix(d.b.String(), "\n\n") {
		text = "\n" + text
	}
	if len(text) > d.left-reserve {
		d.skipped = true
		return
	}
	d.put(text)
}

// outputs holds the stack at fault, and folded: the other threads, the stream,
// the message as printed.
func (s *markdownStream) outputs(d *markdownDoc, c *crash.Crash) error {
	full, folded := pick(c, s.o.Threads)
	wrote := false
	for i, t := range full {
		title := capital(threadTitle(t, c.Fatal))
		if mark, _ := sameTrust(t.Frames); mark != "" {
			title += " (frames " + prose(mark) + ")"
		}
		task := taskSentence(t.Task, codeSpan)
		body := ""
		if len(t.Frames) > 0 {
			body = fence(mdStack(t), "plain")
		}
		switch {
		case task == "" && body == "":
		case i > 0:
			d.details(title, strings.TrimPrefix(task+"\n\n"+body, "\n\n"))
		default:
			if task != "" {
				title += ", " + task
			}
			if body != "" {
				title += ":\n\n"
			}
			wrote = d.put(title+body) || wrote
		}
		if s.o.Registers && len(t.Registers) > 0 {
			d.details("Registers", fence(mdRegisters(t), "plain"))
		}
		if lua := escapeLines(t.Lua); len(lua) > 0 {
			d.details("Lua traceback", fence(strings.Join(headTail(lua, 40), "\n"), "plain"))
		}
		if len(t.Fields) > 0 {
			dump, err := mdFields(t.Fields)
			if err != nil {
				return err
			}
			d.details("Dump of the thread", dump)
		}
		if t.Stream != nil && c.Stream == nil {
			if err := s.stream(d, t.Stream); err != nil {
				return err
			}
		}
	}
	if len(folded) > 0 {
		var lines []string
		for _, g := range groupThreads(folded) {
			lines = append(lines, clip(ranges(g.threads)+": "+Escape(g.stack), maxSpan))
		}
		d.details("Other threads, innermost function first", fence(strings.Join(headTail(lines, 64), "\n"), "plain"))
		wrote = true
	}
	if err := s.stream(d, c.Stream); err != nil {
		return err
	}
	if err := s.objects(d, c); err != nil {
		return err
	}
	if err := s.postMortem(d, c); err != nil {
		return err
	}
	if text := escapeLines(c.Text); len(text) > 0 {
		d.details("Crash message as printed", fence(clipBytes(headTail(text, 400), 20000), "plain"))
		wrote = true
	}
	if !wrote {
		d.ask("Paste the last output of HAProxy's log here.")
	}
	return nil
}

// stream is the dump of a stream, folded.
func (s *markdownStream) stream(d *markdownDoc, dump *crash.Stream) error {
	if dump == nil || len(dump.Fields) == 0 {
		return nil
	}
	body, err := mdFields(dump.Fields)
	if err != nil {
		return err
	}
	title := "Dump of the stream"
	if dump.Address != 0 {
		title = "Dump of stream " + dump.Address.String()
	}
	d.details(title, body)
	return nil
}

// mdFields is a dump for a code fence: half as long as a table.
func mdFields(fields []crash.Field) (string, error) {
	const most = 200
	var b strings.Builder
	rows := fieldRows(fields[:min(len(fields), most)], func(v string) string { return clip(Escape(v), maxSpan/2) })
	if err := textTable(&b, "", nil, rows); err != nil {
		return "", err
	}
	return fence(b.String(), "plain"), nil
}

// mdStack is a stack for a code fence: maintainers read it like gdb's.
func mdStack(t *crash.Thread) string {
	var rows [][]string
	head, tail := foldFrames(len(t.Frames))
	_, same := sameTrust(t.Frames)
	for i := range t.Frames {
		if i == head && head < tail {
			rows = append(rows, []string{"...", "", fmt.Sprintf("%d more frames", tail-head), "", ""})
		}
		if i >= head && i < tail {
			continue
		}
		f := &t.Frames[i]
		name := Escape(frameLabel(f, clip(argumentList(f), maxArguments)))
		where := Escape(frameWhere(f))
		address := f.Address.String()
		if f.Address == 0 {
			address = ""
		}
		if where == address {
			where = ""
		}
		mark := ""
		if !same {
			mark = trustMark(f.Trust)
		}
		rows = append(rows, []string{fmt.Sprint("#", i), address, clip(name, 2*maxArguments), clipLeft(where, 80), mark})
	}
	var b strings.Builder
	if err := textTable(&b, "", nil, rows); err != nil {
		return "" // a strings.Builder does not fail
	}
	if t.Broken != "" {
		b.WriteString("not whole: " + Escape(t.Broken) + "\n")
	}
	return b.String()
}

// mdRegisters lists registers, and the instruction at which the thread stopped.
func mdRegisters(t *crash.Thread) string {
	var b strings.Builder
	if i := instruction(t); i != "" {
		b.WriteString("stopped at " + Escape(i) + "\n")
	}
	for i := range t.Registers {
		fmt.Fprintf(&b, "%-6s %s\n", Escape(t.Registers[i].Name), registerValue(&t.Registers[i]))
	}
	return b.String()
}

// additional holds the facts, where they were read, what disagrees and what is
// missing.
func (s *markdownStream) additional(d *markdownDoc, c *crash.Crash, inputs []crash.Input) error {
	var rows [][]string
	for _, f := range facts(c, mdCell, false) {
		if f.label == "Version" || f.label == "Build ID" || f.label == "System" {
			continue // said above
		}
		rows = append(rows, []string{f.label, f.value})
	}
	if c.Fingerprint != "" {
		rows = append(rows, []string{"Fingerprint", mdCell(c.Fingerprint)})
	}
	if len(rows) > 0 {
		var b strings.Builder
		if err := markdownTable(&b, []string{"Fact", "Value"}, rows); err != nil {
			return err
		}
		d.put(b.String())
	}
	if len(c.Conflicts) > 0 {
		d.put("\nThe inputs disagree; the first value was taken:\n\n")
		for i, x := range c.Conflicts {
			if i == 20 {
				break
			}
			var values []string
			for _, v := range x.Values {
				value := codeSpan(v.Value)
				if v.Source != "" {
					value += " in " + codeSpan(inputName(v.Source))
				}
				values = append(values, value)
			}
			d.put("- " + prose(x.Fact) + ": " + strings.Join(values, ", ") + "\n")
		}
	}
	if len(c.Missing) > 0 {
		d.put("\nNot known:\n\n")
		for i, m := range c.Missing {
			if i == 20 {
				break
			}
			line := "- " + prose(m.What)
			if m.Effect != "" {
				line += ": " + prose(m.Effect)
			}
			d.put(line + "\n")
		}
	}
	if err := s.evidence(d, c.Evidence); err != nil {
		return err
	}
	for _, in := range inputs {
		if !in.Complete {
			d.put("\n" + codeSpan(inputName(in.Name)) + " was not complete.\n")
		}
	}
	d.ask("Local patches, the environment, the load, anything that happened at the same time.")
	if d.skipped {
		// The budget leaves room for this line below GitHub's limit.
		d.b.WriteString("\nSome parts were left out for their length; the whole report is in the JSON format.\n")
	}
	return nil
}

func (s *markdownStream) evidence(d *markdownDoc, list []crash.Evidence) error {
	var rows [][]string
	for i, e := range list {
		if i == 40 {
			break
		}
		where := ""
		if at := source(e.Source, e.Where); at != "" {
			where = mdCell(at)
		}
		rows = append(rows, []string{mdCell(e.Fact), where})
	}
	if len(rows) == 0 {
		return nil
	}
	var b strings.Builder
	if err := markdownTable(&b, []string{"Fact", "Read in"}, rows); err != nil {
		return err
	}
	d.details("Where the facts were read", b.String())
	return nil
}

func mdWhen(c *crash.Crash) string {
	var parts []string
	if c.Time != "" {
		parts = append(parts, "at "+codeSpan(c.Time))
	}
	if c.Host != "" {
		parts = append(parts, "on host "+codeSpan(c.Host))
	}
	if len(parts) == 0 {
		return ""
	}
	return "It happened " + strings.Join(parts, " ") + "."
}

func mdKnowledge(t *crash.Tool, now time.Time) string {
	if t == nil {
		return ""
	}
	s := "hacrash"
	if t.Version != "" {
		s += " " + prose(t.Version)
	}
	if t.Knowledge != nil && t.Knowledge.Date != "" {
		s += " with knowledge of " + prose(t.Knowledge.Date) + age(t.Knowledge, now)
	}
	return s
}

func inputList(inputs []crash.Input) string {
	const most = 10
	var names []string
	for i, in := range inputs {
		if i == most {
			names = append(names, fmt.Sprintf("%d more", len(inputs)-most))
			break
		}
		names = append(names, codeSpan(inputName(in.Name)))
	}
	if len(names) == 0 {
		return "the input"
	}
	return strings.Join(names, ", ")
}
