package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
	"sync"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// Whatever stands on a page goes through html/template, but for texts of a document, whose
// parts are escaped here (htmlText), and tags of ours.

var (
	//go:embed html.css
	htmlCSS string
	//go:embed html.tmpl
	htmlSource string

	htmlStyle = template.CSS(htmlCSS)

	// htmlTemplates are read by the first page: no other run has to wait for them.
	htmlTemplates = sync.OnceValue(func() *template.Template {
		return template.Must(template.New("").Funcs(template.FuncMap{
			"text": htmlText, "heading": htmlHeading, "cells": htmlCells, "command": htmlCommand, "lines": htmlLines, "chip": htmlChip,
		}).Parse(htmlSource))
	})
)

// htmlPolicy forbids everything but the page's own style.
func htmlPolicy() string {
	sum := sha256.Sum256([]byte(htmlCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src data:; base-uri 'none'; form-action 'none'"
}

// How much of one value or of one block of code is shown; JSON has all.
const (
	maxHTMLValue = 800
	maxHTMLLine  = 400
	maxHTMLLines = 200
	maxHTMLRows  = 400
)

// ourURL is an address that a Text of ours may hold: one of HAProxy's issues, or their form.
var ourURL = lex.Pattern(`https://github\.com/haproxy/haproxy/issues/(?:[0-9]+|new/choose)`)

// htmlText escapes a text; names and values of an input become code.
func htmlText(t Text) template.HTML {
	short := func(mark string) quoter {
		return func(v string) string { return mark + clip(v, maxHTMLValue) + endMark }
	}
	safe := Text(template.HTMLEscapeString(t.With(short(dataMark), short(proseMark))))
	out := safe.With(func(v string) string { return "<code>" + v + "</code>" }, func(v string) string { return v })
	return template.HTML(ourURL().ReplaceAllString(out, `<a href="$0">$0</a>`))
}

// htmlHeading is a title with what follows it.
func htmlHeading(level int, title any, about ...any) template.HTML {
	b := string(htmlAny(title))
	for _, a := range about {
		if text := htmlAny(a); text != "" {
			b += ` <span class="about">` + string(text) + `</span>`
		}
	}
	return template.HTML(fmt.Sprintf("<h%d>%s</h%[1]d>", min(level, 6), b))
}

// htmlAny escapes a Text, words of ours, or what is escaped already.
func htmlAny(v any) template.HTML {
	switch v := v.(type) {
	case template.HTML:
		return v
	case Text:
		return htmlText(v)
	}
	return htmlText(Text(fmt.Sprint(v)))
}

// htmlChip is how a verdict looks.
func htmlChip(s crash.Status) string {
	switch s {
	case crash.Known, crash.AlreadyFixed:
		return "bad"
	case crash.Probable, crash.Suspects:
		return "warn"
	}
	return "mute"
}

// htmlCommand is a line for a shell, which goes on in others.
func htmlCommand(s string) []string { return wrapCommand(Escape(clip(s, 4000)), 64) }

func htmlLines(code []string) []string {
	var out []string
	for i, l := range code {
		if i == maxHTMLLines {
			out = append(out, plural(len(code)-i, "more line")+inJSON)
			break
		}
		out = append(out, clip(Escape(l), maxHTMLLine))
	}
	return out
}

// htmlSection is a section with the level of its heading.
type htmlSection struct {
	*Section
	Level int
}

// htmlTable is a table whose columns hold something.
type htmlTable struct {
	Header []string
	Rows   []htmlRow
	More   string
}

type htmlRow struct {
	Cells  []template.HTML
	Folded *htmlTable // behind the last cell
	Last   int
	Marked bool
}

func htmlCells(t *Table) *htmlTable {
	out := &htmlTable{More: t.More}
	var used []int
	for i := range columnCount(t) {
		if t.used(i) {
			used = append(used, i)
			if i < len(t.Header) {
				out.Header = append(out.Header, headerWord(t.Header[i]))
			}
		}
	}
	for n, r := range t.Rows {
		if n == maxHTMLRows {
			out.More = plural(len(t.Rows)-n, "more row") + inJSON
			break
		}
		row := htmlRow{Last: len(used) - 1, Marked: n+1 == t.Marked}
		for _, i := range used {
			var cell Text
			if i < len(r) {
				cell = r[i]
			}
			row.Cells = append(row.Cells, htmlText(cell))
		}
		if n < len(t.Details) && len(t.Details[n].Rows) > 0 {
			row.Folded = htmlCells(&t.Details[n])
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// headerWord is a title of a column as a page has it: a terminal's is in capitals.
func headerWord(s string) string { return capital(strings.ToLower(s)) }
