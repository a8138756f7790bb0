package report

import (
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// The columns of the text report are aligned here, for it has a dozen tables that
// the library takes 0.8 ms for, a tenth of a report's time
// (docs/decisions/0003-start.md). Tables with lines around them are the library's.

// writeTable prints rows as columns two blanks apart, without lines around them, each
// line indented by indent. A cell may hold several lines. Cells must be escaped
// already.
func writeTable(w *strings.Builder, indent string, rows [][]string) {
	widths := columnWidths(rows)
	var b []byte
	for _, row := range rows {
		for n, more := 0, true; more; n++ {
			start := len(b)
			b = append(b, indent...)
			cells := len(b)
			b, more = appendLine(b, row, n, widths)
			b = trimBlanks(b, cells)
			if len(b) == cells { // nothing in any cell
				b = b[:start]
				continue
			}
			b = append(b, '\n')
		}
	}
	w.Write(b)
}

// appendLine appends the nth line of each cell; more says that a cell has another.
func appendLine(b []byte, row []string, n int, widths []int) (line []byte, more bool) {
	for i, cell := range row {
		text, rest := lineOf(cell, n)
		more = more || rest
		b = append(b, text...)
		b = appendBlanks(b, widths[i]-width(text)+2)
	}
	return b, more
}

// lineOf gives the nth line of a cell, and whether there is another behind it.
func lineOf(cell string, n int) (line string, more bool) {
	for ; n > 0; n-- {
		_, rest, found := strings.Cut(cell, "\n")
		if !found {
			return "", false
		}
		cell = rest
	}
	line, _, more = strings.Cut(cell, "\n")
	return line, more
}

// columnWidths gives the width of the widest line in each column.
func columnWidths(rows [][]string) (widths []int) {
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			for more := true; more; {
				var line string
				line, cell, more = strings.Cut(cell, "\n")
				widths[i] = max(widths[i], width(line))
			}
		}
	}
	return widths
}

func appendBlanks(b []byte, n int) []byte {
	for range n {
		b = append(b, ' ')
	}
	return b
}

// trimBlanks takes the blanks off the end of b, but not those before from.
func trimBlanks(b []byte, from int) []byte {
	for len(b) > from && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// plainTable prints a table for a terminal, without lines around its cells, which
// must be escaped.
func plainTable(w io.Writer, header []string, rows [][]string) error {
	t := tablewriter.NewTable(w,
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRendition(tw.Rendition{Borders: tw.BorderNone, Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone}}))
	t.Header(header)
	if err := t.Bulk(rows); err != nil {
		return err
	}
	return t.Render()
}

// markdownTable prints a table of GitHub's Markdown. Cells must have been
// through mdCell: tablewriter's Markdown renderer does not escape the bar.
func markdownTable(w io.Writer, header []string, rows [][]string) error {
	left := tw.CellAlignment{Global: tw.AlignLeft}
	as := tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off}
	pad := tw.CellPadding{Global: tw.Padding{Left: " ", Right: " ", Overwrite: true}}
	t := tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewMarkdown()),
		tablewriter.WithHeaderConfig(tw.CellConfig{Padding: pad, Alignment: left, Formatting: as}),
		tablewriter.WithRowConfig(tw.CellConfig{Padding: pad, Alignment: left, Formatting: as}),
		tablewriter.WithHeaderAutoFormat(tw.Off),
	)
	t.Header(header)
	if err := t.Bulk(rows); err != nil {
		return err
	}
	return t.Render()
}
