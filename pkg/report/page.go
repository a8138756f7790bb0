package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// page lays a document out for a terminal.
type page struct {
	b     strings.Builder
	width int
	color bool
	lines int // of what an input said; 0 means mostLines
}

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

func (p *page) paint(color, text string) string {
	if !p.color {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

func (p *page) line(text string) {
	p.b.WriteString(text)
	p.b.WriteByte('\n')
}

// rule starts a crash or the summary.
func (p *page) rule(text string, apart bool) {
	if apart {
		p.line("")
	}
	text = "---- " + text + " "
	p.line(p.paint(bold, text+strings.Repeat("-", max(p.width-len(text), 4))))
}

// para prints a paragraph, all of its lines indented.
func (p *page) para(indent, text string) { p.hanging(indent, indent, text) }

func (p *page) hanging(first, indent, text string) {
	for i, l := range wrap(text, p.width-len(indent)) {
		if i == 0 {
			p.line(first + l)
			continue
		}
		p.line(indent + l)
	}
}

// mostLines are printed of what an input said; JSON has all.
const mostLines = 60

// labels is how wide labels are at least, so that blocks which follow each other align.
const labels = 13

// document prints the report of a crash.
func (p *page) document(d *Document) {
	short := func(v string) string { return clip(v, 120) }
	for _, l := range wrap(d.Headline.With(short, short), p.width) {
		p.line(p.paint(bold, l))
	}
	p.para("", d.When.Plain())
	p.verdict(d.Verdict)
	for i := range d.Sections {
		p.section(&d.Sections[i])
	}
	p.line("")
	if d.Fingerprint != "" {
		p.line("Fingerprint " + clip(Escape(d.Fingerprint+ofStrength(d.Strength)), p.width-12))
	}
	p.para("", capital(d.Holds))
}

// verdict is the second half of the first screen.
func (p *page) verdict(v *Verdict) {
	if v == nil {
		return
	}
	p.line("")
	word := p.paint(verdictColor(v.Status), v.Word)
	if v.ID != "" {
		word += "  " + clip(v.ID.Plain(), 120)
	}
	p.line(word)
	p.para("  ", p.value(v.Title))
	const column = 14
	if v.Why != "" {
		p.labelled(Row{"Why", v.Why}, column)
	}
	p.steps(v.Next, column)
	for _, r := range slices.Concat(v.Says, v.Do, v.Because) {
		p.labelled(r, column)
	}
}

// steps are numbered. A command goes on in another line where a shell reads on.
func (p *page) steps(list []Step, column int) {
	label := "  Next" + strings.Repeat(" ", column-len("Next"))
	for i, s := range list {
		number := strconv.Itoa(i+1) + ". "
		indent := strings.Repeat(" ", len(label)+len(number))
		p.hanging(label+number, indent, p.value(s.Do))
		for _, l := range wrapCommand(Escape(s.Command), p.width-len(indent)) {
			p.line(indent + l)
		}
		label = strings.Repeat(" ", len(label))
	}
}

// labelled prints a label and a paragraph beside it. URLs are not broken: they are
// there to be copied.
func (p *page) labelled(r Row, column int) {
	label := "  " + r.Label + strings.Repeat(" ", max(column-len(r.Label), 1))
	if strings.HasPrefix(string(r.Value), "https://") {
		p.line(label + r.Value.Plain())
		return
	}
	p.hanging(label, strings.Repeat(" ", len(label)), p.value(r.Value))
}

// value is a text in one piece. A command line can hold thousands of process numbers
// (-sf after many reloads); JSON has all of it.
func (p *page) value(t Text) string {
	short := func(v string) string { return clip(v, 8*p.width) }
	return t.With(short, short)
}

func (p *page) section(s *Section) {
	if s.Title != "" {
		title := strings.ToUpper(s.Title)
		if s.About != "" {
			title += ": " + s.About
		}
		p.line("")
		for _, l := range wrap(title, p.width) {
			p.line(p.paint(bold, l))
		}
	}
	for i := range s.Blocks {
		p.block(&s.Blocks[i])
	}
}

func (p *page) block(b *Block) {
	switch {
	case b.Prose != "":
		p.para("  ", p.value(b.Prose))
	case b.Rows != nil:
		var t Table
		for _, r := range b.Rows {
			label := r.Label + strings.Repeat(" ", max(0, labels-len(r.Label)))
			t.Rows = append(t.Rows, []Text{Text(label), r.Value})
		}
		p.table("  ", &t)
	case b.List != nil:
		for _, item := range b.List {
			first, rest, more := strings.Cut(p.value(item), "\n")
			p.hanging("  - ", "    ", first)
			if more {
				p.hanging("    ", "       ", rest)
			}
		}
	case b.Table != nil:
		p.table("  ", b.Table)
	default:
		p.code(b.Code)
	}
}

func (p *page) code(lines []string) {
	most := mostLines
	if p.lines > 0 {
		most = p.lines
	}
	for i, l := range lines {
		if i == most {
			p.line(fmt.Sprintf("  %d more lines in --format json", len(lines)-i))
			break
		}
		p.line("  " + clip(Escape(l), 4*p.width))
	}
}

// table prints a table without lines around it.
func (p *page) table(indent string, t *Table) {
	rows := p.fit(t, len(indent))
	if len(rows) > 0 && t.Header != nil {
		writeTable(&p.b, indent, rows)
	} else if len(rows) > 0 {
		writeTable(&p.b, indent, rows[1:])
	}
	if t.More != "" {
		p.line(indent + t.More)
	}
}

// least is how narrow the column may become that takes the rest.
const least = 16

// fit makes the cells of a table, its header first, and fits them into the width:
// columns without a cell go, those that are too wide are cut or wrapped as they say.
func (p *page) fit(t *Table, indent int) [][]string {
	rows := [][]string{make([]string, columnCount(t))}
	copy(rows[0], t.Header)
	for _, r := range t.Rows {
		row := make([]string, len(rows[0]))
		for i, cell := range r {
			row[i] = p.value(cell)
		}
		rows = append(rows, row)
	}
	columns := make([]Column, len(rows[0]))
	copy(columns, t.Columns)
	for i := len(columns) - 1; i >= 0; i-- {
		if !t.used(i) {
			columns = slices.Delete(columns, i, i+1)
			for k := range rows {
				rows[k] = slices.Delete(rows[k], i, i+1)
			}
		}
	}
	if len(columns) == 0 {
		return nil
	}
	rest := slices.IndexFunc(columns, func(c Column) bool { return c.Rest })
	if rest < 0 {
		rest = len(columns) - 1
	}
	room := p.width - indent
	widths := columnWidths(rows)
	for i, c := range columns {
		if c.Most < 0 {
			c.Most = -c.Most * p.width / 100
		}
		if c.Most > 0 {
			widths[i] = min(widths[i], max(c.Most, 8))
		}
		if i != rest {
			room -= widths[i] + 2
		}
	}
	widths[rest] = max(room, least)
	for _, row := range rows {
		for i := range row {
			row[i] = shorten(row[i], widths[i], columns[i].Cut)
		}
	}
	return rows
}

// used says that a column has a cell with something in it.
func (t *Table) used(i int) bool {
	return slices.ContainsFunc(t.Rows, func(r []Text) bool { return i < len(r) && r[i] != "" })
}

func columnCount(t *Table) int {
	n := len(t.Header)
	for _, r := range t.Rows {
		n = max(n, len(r))
	}
	return n
}

// shorten makes a cell fit, line by line.
func shorten(cell string, most int, how Cut) string {
	var lines []string
	for line := range strings.SplitSeq(cell, "\n") {
		switch {
		case width(line) <= most:
			lines = append(lines, line)
		case how == CutRight:
			lines = append(lines, clip(line, most))
		case how == CutLeft:
			lines = append(lines, clipLeft(line, most))
		default:
			lines = append(lines, wrap(line, most)...)
		}
	}
	return strings.Join(lines, "\n")
}
