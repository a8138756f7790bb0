package report

import (
	"io"
	"slices"
	"strings"
)

// Tables are written here and not by a library: a table is twenty lines, and the
// library we had took a tenth of the time of a whole report, most of it before
// main began (docs/decisions/0003-start.md).

// Table prints rows as columns two blanks apart, without lines around them, each
// line indented by indent. A cell may hold several lines. Cells must be escaped
// already. A nil header prints none.
func Table(w io.Writer, indent string, header []string, rows [][]string) error {
	if header != nil {
		rows = slices.Concat([][]string{header}, rows)
	}
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
	_, err := w.Write(b)
	return err
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

// markdownTable prints a table of GitHub's Markdown, its columns as wide as in the
// text, for people read that as well. Cells must have been through mdCell, which
// escapes the bar.
func markdownTable(w io.Writer, header []string, rows [][]string) error {
	rows = slices.Concat([][]string{header}, rows)
	widths := columnWidths(rows)
	var b []byte
	for i, row := range rows {
		for k, cell := range row {
			b = append(append(b, "| "...), cell...)
			b = appendBlanks(b, widths[k]-width(cell)+1)
		}
		b = append(b, "|\n"...)
		if i > 0 {
			continue
		}
		for _, n := range widths {
			b = append(b, "|:"...)
			for range n + 1 {
				b = append(b, '-')
			}
		}
		b = append(b, "|\n"...)
	}
	_, err := w.Write(b)
	return err
}
