package report

import (
	"bytes"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// textTable prints rows as columns two blanks apart, without lines around
// them, each line indented by indent. A cell may hold several lines. Cells must
// be escaped already. A nil header prints none.
func textTable(w io.Writer, indent string, header []string, rows [][]string) error {
	var buf bytes.Buffer
	gap := tw.CellPadding{Global: tw.Padding{Right: "  ", Overwrite: true}}
	left := tw.CellAlignment{Global: tw.AlignLeft}
	as := tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off}
	t := tablewriter.NewTable(&buf,
		tablewriter.WithRenderer(renderer.NewBlueprint()),
		tablewriter.WithRendition(tw.Rendition{
			Borders: tw.BorderNone,
			Settings: tw.Settings{
				Lines:      tw.LinesNone,
				Separators: tw.SeparatorsNone,
			},
		}),
		tablewriter.WithHeaderConfig(tw.CellConfig{Padding: gap, Alignment: left, Formatting: as}),
		tablewriter.WithRowConfig(tw.CellConfig{Padding: gap, Alignment: left, Formatting: as}),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithTrimSpace(tw.Off),
	)
	if header != nil {
		t.Header(header)
	}
	if err := t.Bulk(rows); err != nil {
		return err
	}
	if err := t.Render(); err != nil {
		return err
	}
	for line := range strings.Lines(buf.String()) {
		line = strings.TrimRight(line, " \n")
		if line == "" {
			continue
		}
		if _, err := io.WriteString(w, indent+line+"\n"); err != nil {
			return err
		}
	}
	return nil
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
