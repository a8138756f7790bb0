package report

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// The bounds of a page.
const (
	maxHTML        = 270_000 // bytes; the rest up to 300,000 is for what is always printed
	maxHTMLCrashes = 8       // crashes that are shown in full, each another one
	maxHTMLGroups  = 100
)

// htmlStream writes one page that needs no network and no script. Of many crashes it has a
// time line, a table of groups, and of the first of each group its report.
type htmlStream struct {
	w     io.Writer
	o     Options
	n     int
	fatal bool // one of those that are shown ended a process
	kept  []Document
	seen  map[string]bool
	tally *tally
	holds redact.Holdings
}

func newHTML(w io.Writer, o Options) Stream {
	o.drawings = true
	if o.Level == Normal { // what is long is folded, not left out
		o.Level = Full
	}
	return &htmlStream{w: w, o: o, seen: map[string]bool{}, tally: newTally(o.Redact)}
}

func (s *htmlStream) Crash(c *crash.Crash) error {
	s.n++
	if len(s.kept) == maxHTMLCrashes && (s.fatal || !c.Fatal) {
		s.tally.take(c)
		return nil
	}
	key := sameAs(c) // with secrets in it; it is compared and not shown
	if s.seen[key] {
		s.tally.addAnother(c)
		return nil
	}
	h := redact.Crash(c, s.o.Redact)
	s.tally.add(c)
	first := c.Fatal && !s.fatal
	if key != "" {
		s.seen[key] = true
	}
	s.holds.Add(h)
	s.keep(Build(c, h, s.o), first)
	return nil
}

// keep keeps a report. What ended a process comes before warnings.
func (s *htmlStream) keep(d Document, first bool) {
	s.fatal = s.fatal || first
	if !first {
		s.kept = append(s.kept, d)
		return
	}
	s.kept = slices.Insert(s.kept[:min(len(s.kept), maxHTMLCrashes-1)], 0, d)
}

func (s *htmlStream) Close(r *crash.Report) error {
	if r == nil {
		r = &crash.Report{}
	}
	redact.Rest(r, s.o.Redact)
	s.holds.Add(s.tally.holds)
	p := htmlPage{left: maxHTML}
	switch {
	case s.n == 0:
		p.nothing(s.o, r)
	case s.n == 1:
		p.begin(s.kept[0].Headline.Plain(), s.o)
		p.raw("<main>")
		p.crash(&s.kept[0], 1, true)
	default:
		p.overview(s.tally, s.o)
		for i := range s.kept {
			p.crash(&s.kept[i], 2, i == 0)
		}
	}
	if in := inputs(r.Inputs, s.n); in != nil {
		p.section(in, 2)
	}
	p.end(capital(s.holds.Statement()), cmp.Or(s.o.Tool, r.Tool), s.o)
	return p.write(s.w)
}

// html writes the groups as a page.
func (s *groupStream) html(w io.Writer, r *crash.Report) error {
	p := htmlPage{left: maxHTML}
	if len(r.Groups) == 0 {
		p.nothing(s.o, r)
	} else {
		p.overview(s.tally, s.o)
	}
	p.end(capital(s.tally.holds.Statement()), r.Tool, s.o)
	return p.write(w)
}

// htmlPage collects a page and counts what is left of its budget. What does not fit is left
// out whole.
type htmlPage struct {
	b       bytes.Buffer
	left    int
	skipped bool
	err     error
}

// put adds a template's text and reports whether it fitted.
func (p *htmlPage) put(name string, values any) bool {
	var b bytes.Buffer
	if err := htmlTemplates().ExecuteTemplate(&b, name, values); err != nil {
		p.err = cmp.Or(p.err, err)
		return false
	}
	if b.Len() > p.left {
		return false
	}
	p.left -= b.Len()
	p.b.Write(b.Bytes())
	return true
}

// raw adds tags.
func (p *htmlPage) raw(tags string) { p.b.WriteString(tags + "\n") }

func (p *htmlPage) write(w io.Writer) error {
	if p.err != nil {
		return p.err
	}
	// The templates leave lines empty where a part is not there.
	var out bytes.Buffer
	for line := range bytes.Lines(p.b.Bytes()) {
		if len(bytes.TrimSpace(line)) > 0 {
			out.Write(line)
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

func (p *htmlPage) begin(title string, o Options) {
	p.put("head", map[string]any{"Title": clip(title, 160), "Style": htmlStyle, "Policy": htmlPolicy()})
	if o.Redact.Off {
		p.put("alarm", redact.Warning)
	}
}

func (p *htmlPage) end(holds string, tool *crash.Tool, o Options) {
	p.raw("</main>")
	var lines []string
	if p.skipped {
		lines = append(lines, "Some parts were left out for their length; --format json has all.")
	}
	p.left += 8000 // is always printed
	p.put("foot", append(lines, holds, "Written by "+cmp.Or(knowledge(tool, o.Now).Plain(), "hacrash")+"."))
}

func (p *htmlPage) nothing(o Options, r *crash.Report) {
	p.begin("No crash found", o)
	var names []string
	for i, in := range r.Inputs {
		if i == mostInputs {
			names = append(names, plural(len(r.Inputs)-i, "more input"))
			break
		}
		names = append(names, Escape(clipLeft(inputName(in.Name), 120)))
	}
	p.raw("<main>")
	p.put("section", htmlSection{&Section{Title: "No crash found", Blocks: []Block{says(strings.Join(names, ", "))}}, 1})
}

// overview is what there is of many crashes: how many, when, and which.
func (p *htmlPage) overview(t *tally, o Options) {
	groups := t.sorted()
	title := allGroups(groups, t.left)
	p.begin(title, o)
	p.raw("<header>" + string(htmlHeading(1, title)) + "</header>\n<main>")
	if line := t.times.timeline(); line != nil {
		p.put("timeline", drawTimeline(line))
	}
	most := min(len(groups), maxHTMLGroups)
	for ; most > 0; most /= 2 {
		if p.put("section", htmlSection{groupsSection(groups, most), 2}) {
			break
		}
	}
	p.skipped = p.skipped || most < len(groups)
}

// groupsSection is a table of the first groups.
func groupsSection(groups []crash.Group, most int) *Section {
	t := Table{Header: []string{"Count", "Kind"}}
	for i := range groups[:most] {
		g := &groups[i]
		row := []Text{Text(number(int64(g.Count))), dataText(string(g.Kind))}
		t.Header = t.Header[:2]
		for _, x := range groupRows(g) {
			t.Header, row = append(t.Header, x.Label), append(row, x.Value)
		}
		t.Rows = append(t.Rows, row)
	}
	return &Section{Title: "Groups", Blocks: []Block{table(t)}}
}

// crash is the report of one, whose title is a heading of a level.
func (p *htmlPage) crash(d *Document, level int, first bool) {
	open, end := string(htmlHeading(level, d.Headline)), ""
	if level > 1 { // one of several
		open, end = "<details class=\"crash\"><summary>"+open+"</summary>", "</details>"
		if first {
			open = strings.Replace(open, "<details", "<details open", 1)
		}
	}
	p.raw("<article>" + open)
	p.skip(p.put("crash", map[string]any{"Document": d, "Sub": level + 1}))
	if d.Flow != nil {
		p.skip(p.put("flow", map[string]any{"Flow": d.Flow, "Drawings": []flowDrawing{drawFlow(d.Flow, false), drawFlow(d.Flow, true)}, "Level": level + 1, "Sub": level + 2}))
	}
	if d.Stacks != nil {
		p.skip(p.put("stacks", drawStacks(d.Stacks, level+1)))
	}
	for _, s := range joined(d.Sections) {
		if s.Title != standsOut || d.Flow == nil {
			p.section(&s, level+1)
		}
	}
	if d.Fingerprint != "" {
		p.put("section", htmlSection{&Section{Title: "Fingerprint", Blocks: []Block{says(data(d.Fingerprint) + ofStrength(d.Strength))}}, level + 1})
	}
	p.raw(end + "</article>")
}

// joined puts sections without a title into the one before.
func joined(list []Section) []Section {
	var out []Section
	for _, s := range list {
		if n := len(out); s.Title == "" && n > 0 {
			out[n-1].Blocks = slices.Concat(out[n-1].Blocks, s.Blocks)
			continue
		}
		out = append(out, s)
	}
	return out
}

// section adds one, without what is folded behind its rows if that is too long.
func (p *htmlPage) section(s *Section, level int) {
	if p.put("section", htmlSection{s, level}) {
		return
	}
	short := *s
	short.Blocks = slices.Clone(s.Blocks)
	for i, b := range short.Blocks {
		if b.Table != nil && b.Table.Details != nil {
			bare := *b.Table
			bare.Details = nil
			short.Blocks[i].Table = &bare
		}
	}
	p.skipped = true
	p.put("section", htmlSection{&short, level})
}

func (p *htmlPage) skip(fitted bool) { p.skipped = p.skipped || !fitted }
