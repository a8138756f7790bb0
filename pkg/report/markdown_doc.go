package report

import (
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// markdownDoc collects the document and counts what is left of its budget.
// What does not fit is left out whole, so that no fence stays open.
type markdownDoc struct {
	b       strings.Builder
	left    int
	skipped bool
	err     error // of the library that writes tables
}

// put adds text and reports whether it fitted.
func (m *markdownDoc) put(text string) bool {
	if len(text) > m.left {
		m.skipped = true
		return false
	}
	m.b.WriteString(text)
	m.left -= len(text)
	return true
}

func (m *markdownDoc) section(title string) { m.put("\n### " + title + "\n\n") }

// ask is a question to the reporter.
func (m *markdownDoc) ask(question string) { m.apart("<!-- " + question + " -->\n") }

// apart adds text after an empty line.
func (m *markdownDoc) apart(text string) bool {
	if s := m.b.String(); s != "" && !strings.HasSuffix(s, "\n\n") {
		text = "\n" + text
	}
	return m.put(text)
}

// reserve is kept for the sections that come after the long parts.
const reserve = 16000

// details folds a long part away. The title must be ours: no Markdown is read
// inside a summary, so a code span would not protect it.
func (m *markdownDoc) details(title, body string) bool {
	text := "<details><summary>" + title + "</summary>\n\n" + strings.TrimRight(body, "\n") + "\n\n</details>\n"
	if len(text) > m.left-reserve {
		m.skipped = true
		return false
	}
	return m.apart(text)
}

// mdText is a text with its names and values as code spans.
func mdText(t Text) string {
	return strings.ReplaceAll(t.With(codeSpan, mdProse), "\n", " ")
}

// mdCell is mdText for a table: GFM splits cells at a bar before it looks for code
// spans, so the bar is escaped there too.
func mdCell(t Text) string { return strings.ReplaceAll(mdText(t), "|", `\|`) }

// verdict is whether the bug is known, and why.
func (m *markdownDoc) verdict(v *Verdict) {
	if v == nil || v.Status == crash.CannotTell && v.ID == "" {
		if v != nil && v.Why != "" {
			m.put(capital(mdText(v.Why)) + ".\n")
		}
		m.ask("Leave this empty if you have none.")
		return
	}
	line := "**" + capital(strings.ToLower(v.Word)) + "**"
	if !plainWord(v.Status) {
		line = codeSpan(string(v.Status))
	}
	if v.ID != "" {
		line += ": " + mdText(v.ID)
		if v.Title != "" {
			line += ", " + mdText(v.Title)
		}
	}
	m.put(line + "\n\n")
	if v.Why != "" {
		m.put("- Why: " + mdText(v.Why) + "\n")
	}
	for _, list := range [][]Row{v.Says, v.Because} {
		for _, r := range list {
			m.put("- " + r.Label + ": " + mdText(r.Value) + "\n")
		}
	}
}

// fixedIn says which releases have the fix, and reports whether there is one.
func (m *markdownDoc) fixedIn(v *Verdict) (fixed bool) {
	if v == nil {
		return false
	}
	for _, r := range v.Do {
		if r.Label == fixedIn {
			fixed = m.put(r.Label + " " + mdText(r.Value) + ".\n")
		}
	}
	return fixed
}

func (m *markdownDoc) fingerprint(d *Document) {
	if d.Fingerprint != "" {
		m.put("\nFingerprint: " + codeSpan(d.Fingerprint) + ofStrength(d.Strength) + "\n")
	}
}

// steps are a numbered list. They are for who has the report, and not for its readers.
func (m *markdownDoc) steps(v *Verdict) {
	if v == nil || len(v.Next) == 0 {
		return
	}
	m.put("\nNext, for you; take this list out before you post the rest:\n\n")
	for i, s := range v.Next {
		m.put(fmt.Sprintf("%d. %s\n", i+1, mdText(s.Do)))
		if s.Command != "" {
			code := strings.TrimRight(fence(Escape(s.Command), "sh"), "\n")
			m.put("   " + strings.ReplaceAll(code, "\n", "\n   ") + "\n")
		}
	}
}

// field prints the sections of a field of the form; it reports whether there was one.
func (m *markdownDoc) field(d *Document, f Field) (wrote bool) {
	for i := range d.Sections {
		s := &d.Sections[i]
		if s.Field != f {
			continue
		}
		title := s.Title
		if s.About != "" {
			title += ": " + s.About
		}
		body := m.blocks(s)
		switch {
		case body == "":
		case s.Fold:
			wrote = m.details(title, body) || wrote
		case title == "":
			wrote = m.apart(body) || wrote
		default:
			wrote = m.apart(title+":\n\n"+body) || wrote
		}
	}
	return wrote
}

func (m *markdownDoc) blocks(s *Section) string {
	var parts []string
	for i := range s.Blocks {
		parts = append(parts, m.block(&s.Blocks[i], s.Fold || s.Field == FieldVersion))
	}
	return strings.Join(parts, "\n")
}

// Bounds of what an input said, in lines and bytes.
const (
	mdLines = 400
	mdBytes = 20000
)

// block prints one block; what is to be read like the output of a program stands in a
// fence.
func (m *markdownDoc) block(b *Block, fenced bool) string {
	switch {
	case b.Prose != "":
		return mdText(b.Prose) + "\n"
	case b.Rows != nil && fenced:
		var t Table
		for _, r := range b.Rows {
			t.Rows = append(t.Rows, []Text{Text(strings.ToLower(r.Label)), r.Value})
		}
		return fencedTable(&t)
	case b.Rows != nil:
		t := Table{Header: []string{"Fact", "Value"}}
		for _, r := range b.Rows {
			t.Rows = append(t.Rows, []Text{Text(r.Label), r.Value})
		}
		return m.table(&t)
	case b.List != nil:
		var out strings.Builder
		for _, item := range b.List {
			out.WriteString("- " + mdText(item) + "\n")
		}
		return out.String()
	case b.Table != nil && b.Table.Header != nil:
		return m.table(b.Table)
	case b.Table != nil:
		return fencedTable(b.Table)
	}
	lines := make([]string, len(b.Code))
	for i, l := range b.Code {
		lines[i] = Escape(l)
	}
	return fence(clipBytes(headTail(lines, mdLines), mdBytes), "plain")
}

// mdRows are shown of a table.
const mdRows = 200

// fencedTable is a table as a terminal shows it, of any width.
func fencedTable(t *Table) string {
	wide := page{width: maxSpan}
	short := *t
	short.Rows = t.Rows[:min(len(t.Rows), mdRows)]
	short.Columns = make([]Column, columnCount(t))
	for i := range short.Columns {
		short.Columns[i] = Column{Most: maxSpan, Cut: CutRight}
	}
	wide.table("", &short)
	return fence(wide.b.String(), "plain")
}

// table is a table of GitHub's.
func (m *markdownDoc) table(t *Table) string {
	var b strings.Builder
	var cells [][]string
	for _, r := range t.Rows {
		row := make([]string, len(r))
		for i := range r {
			row[i] = mdCell(r[i])
		}
		cells = append(cells, row)
	}
	if err := markdownTable(&b, t.Header, cells); err != nil {
		m.err = err
	}
	if t.More != "" {
		b.WriteString("\n" + capital(t.More) + ".\n")
	}
	return b.String()
}
