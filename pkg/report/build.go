package report

import (
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// Build makes the report of a crash that has been redacted; h is what the redaction
// found. Of the options it asks for the level and the threads.
func Build(c *crash.Crash, h redact.Holdings, o Options) Document {
	d := Document{
		Headline:    Text(headline(c, data)),
		When:        whenWhere(c),
		Verdict:     verdict(c.Verdict, &o),
		Fingerprint: c.Fingerprint,
		Strength:    c.Strength,
		Holds:       h.Statement(),
	}
	if o.Level == Brief {
		return d
	}
	if o.drawings {
		d.Flow, d.Stacks = flow(c), stacks(c)
	}
	b := builder{c: c, o: o, full: o.Level == Full, d: &d}
	b.suspects()
	b.facts()
	b.observations()
	b.threads()
	b.namedStacks()
	b.stream("Stream", "", c.Stream)
	b.objects()
	b.postMortem()
	b.modules()
	b.printed()
	b.evidence()
	b.conflicts()
	b.missing()
	return d
}

// builder makes the sections of a document.
type builder struct {
	c    *crash.Crash
	o    Options
	full bool
	d    *Document
}

// section adds a section with the blocks that hold something, if any does.
func (b *builder) section(s Section, blocks ...Block) {
	s.Blocks = slices.DeleteFunc(blocks, func(x Block) bool { return x.empty() })
	if len(s.Blocks) > 0 {
		b.d.Sections = append(b.d.Sections, s)
	}
}

// whenWhere is the line below the headline.
func whenWhere(c *crash.Crash) Text {
	var parts []string
	if c.Time != "" {
		parts = append(parts, data(clip(c.Time, 40)))
	}
	if c.Host != "" {
		parts = append(parts, "on "+data(clip(c.Host, 64)))
	}
	if in := sources(c); len(in) > 0 {
		for i := range in {
			in[i] = data(clipLeft(inputName(in[i]), 64))
		}
		parts = append(parts, "from "+strings.Join(in, ", "))
	}
	return Text(strings.Join(parts, " "))
}

// mostObservations are shown; JSON has all.
const mostObservations = 12

// standsOut is the title of the section that says the same as the notes of a Flow.
const standsOut = "What stands out in the stream"

func notes(c *crash.Crash) (list []Text) {
	for _, o := range c.Observations[:min(len(c.Observations), mostObservations)] {
		list = append(list, Text(sentence(capital(o.Text))))
	}
	return list
}

// observations are what stands out in the stream at fault.
func (b *builder) observations() {
	b.section(Section{Title: standsOut, Field: FieldCause}, Block{List: notes(b.c)})
}

// printed is what HAProxy said, at its end and at its beginning.
func (b *builder) printed() {
	if !b.full {
		return
	}
	b.section(Section{Title: "Message as printed", Field: FieldOutputs, Fold: true}, Block{Code: textLines(b.c.Text)})
	b.section(Section{Title: "Startup log", Field: FieldOutputs, Fold: true}, Block{Code: textLines(strings.Join(b.c.StartupLog, "\n"))})
}

// textLines gives the lines of a text without line ends; tabs become blanks.
func textLines(s string) []string {
	s = strings.Trim(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	if s == "" {
		return nil
	}
	return strings.Split(strings.ReplaceAll(s, "\t", "        "), "\n")
}

// mostEvidence is shown of less than a full report.
const mostEvidence = 40

// evidence is where the facts were read. The text that was read is worth a column only
// in a full report.
func (b *builder) evidence() {
	list := b.c.Evidence
	t := Table{Columns: []Column{{Most: 36}, {Rest: !b.full, Cut: CutLeft, Most: -30}, {Rest: b.full}}}
	if n := len(list) - mostEvidence; n > 0 && !b.full {
		list, t.More = list[:mostEvidence], plural(n, "more fact")+withFull
	}
	for _, e := range list {
		where := e.Where
		if where == "" && !b.full {
			where = e.Text // a core has no lines; what joined two inputs is said in Text
		}
		row := []Text{dataText(e.Fact), dataText(source(e.Source, where)), ""}
		if b.full {
			row[2] = dataText(e.Text)
		}
		t.Rows = append(t.Rows, row)
	}
	b.section(Section{Title: "Evidence", Fold: true}, table(t))
}

// conflicts are facts on which the inputs disagree.
func (b *builder) conflicts() {
	t := Table{Columns: []Column{{Most: 18}, {Rest: true}, {Most: 36}}}
	for _, x := range b.c.Conflicts {
		for i, v := range x.Values {
			label := Text("")
			if i == 0 {
				label = dataText(x.Fact)
			}
			t.Rows = append(t.Rows, []Text{label, dataText(v.Value), dataText(source(v.Source, v.Where))})
		}
	}
	b.section(Section{Title: "Conflicts", About: "the first value was taken"}, table(t))
}

// missing is what is not known, and what to do about it.
func (b *builder) missing() {
	var list []Text
	for _, m := range b.c.Missing {
		text := sentence(m.What)
		if m.Effect != "" {
			text += ": " + sentence(m.Effect)
		}
		if m.Remedy != "" && !b.says(m.Remedy) {
			text += "\n-> " + sentence(m.Remedy)
		}
		list = append(list, Text(text))
	}
	b.section(Section{Title: "Missing"}, Block{List: list})
}

// says tells whether a step of the verdict says something already.
func (b *builder) says(remedy string) bool {
	v := b.c.Verdict
	return v != nil && slices.ContainsFunc(v.Next, func(s crash.Step) bool { return s.Do == remedy })
}

// modules are the files that were mapped; of less than a full report those that are
// missing or wrong.
func (b *builder) modules() {
	t := Table{Columns: []Column{{Rest: true, Cut: CutLeft}, {Most: 12, Cut: CutRight}}}
	for _, m := range b.c.Modules {
		if !b.full && (m.Status == "" || m.Status == "ok") {
			continue
		}
		row := []Text{dataText(m.Path), dataText(m.Status)}
		if b.full {
			row = append(row, Text(m.Start.String()), Text(m.End.String()), dataText(m.BuildID))
		}
		t.Rows = append(t.Rows, row)
	}
	b.section(Section{Title: "Modules", Field: FieldOutputs, Fold: true}, table(t))
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
		return where
	case where == "":
		return inputName(name)
	}
	return inputName(name) + ": " + where
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
