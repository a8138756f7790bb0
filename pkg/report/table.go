package report

import (
	"bytes"
	"io"
	"reflect"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// columns prints tables of plain text, one after the other. A new table of
// tablewriter takes 300 kB for its cache, so one is kept for all of a report.
type columns struct {
	buf bytes.Buffer
	t   *tablewriter.Table
}

// print prints rows as columns two blanks apart, without lines around them,
// each line indented by indent. A cell may hold several lines. Cells must be
// escaped already. A nil header prints none.
func (c *columns) print(w io.Writer, indent string, header []string, rows [][]string) error {
	if c.t == nil {
		c.t = newTable(&c.buf)
	}
	c.buf.Reset()
	c.t.Reset()
	if header != nil {
		c.t.Header(header)
	}
	if err := c.t.Bulk(rows); err != nil {
		return err
	}
	if err := c.t.Render(); err != nil {
		return err
	}
	for line := range bytes.Lines(c.buf.Bytes()) {
		line = bytes.TrimRight(line, " \n")
		if len(line) == 0 {
			continue
		}
		if _, err := io.WriteString(w, indent+string(line)+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func newTable(w io.Writer) *tablewriter.Table {
	gap := tw.CellPadding{Global: tw.Padding{Right: "  ", Overwrite: true}}
	left := tw.CellAlignment{Global: tw.AlignLeft}
	as := tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off}
	return tablewriter.NewTable(w,
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
		tablewriter.WithStringerCacheCustom(noCache{}),
	)
}

// noCache is in place of tablewriter's cache of conversions to strings, which
// costs 300 kB at each Reset; all of our cells are strings already.
type noCache struct{}

func (noCache) Add(reflect.Type, reflect.Value) bool { return false }

func (noCache) Get(reflect.Type) (reflect.Value, bool) { return reflect.Value{}, false }

func (noCache) Purge() {}

// textTable prints a single table.
func textTable(w io.Writer, indent string, header []string, rows [][]string) error {
	var c columns
	return c.print(w, indent, header, rows)
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
