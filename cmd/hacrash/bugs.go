package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"
	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/report"
	"github.com/hacrash/hacrash/pkg/signatures"
)

func (p *program) bugs() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bugs",
		Short: "List, show and check the signatures of known bugs",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usageError{errors.New("bugs: no command given; take list, show, lint, test, affects, import or update")}
		},
	}
	var db []string
	cmd.PersistentFlags().StringArrayVar(&db, "db", nil, "more signatures from `FILE`, or from all of a directory (may be repeated)")
	cmd.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List the signatures", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return p.bugsList(db) },
		},
		&cobra.Command{
			Use: "show ID", Short: "Show one signature", Args: cobra.ExactArgs(1),
			RunE: func(_ *cobra.Command, args []string) error { return p.bugsShow(db, args[0]) },
		},
		p.bugsLint(),
		p.bugsTest(&db),
		p.bugsAffects(),
		p.bugsImport(),
		p.bugsUpdate(),
	)
	return cmd
}

func (p *program) bugsList(files []string) error {
	db, err := p.knowledge(files)
	if err != nil {
		return err
	}
	t := tablewriter.NewTable(p.stdout,
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRendition(tw.Rendition{Borders: tw.BorderNone, Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone}}))
	t.Header("ID", "kind", "fixed in", "fix", "issues", "from")
	for _, s := range db.Signatures() {
		from := cmp.Or(report.Escape(db.Source(s.ID)), "built in")
		if err := t.Append(s.ID, kindOf(s), s.Versions.Fixed.Of("master"), s.Fix, issues(s.Issues), from); err != nil {
			return err
		}
	}
	return t.Render()
}

func issues(ns []int) string {
	var s []string
	for _, n := range ns {
		s = append(s, fmt.Sprintf("#%d", n))
	}
	return strings.Join(s, " ")
}

func (p *program) bugsShow(files []string, id string) error {
	db, err := p.knowledge(files)
	if err != nil {
		return err
	}
	s, ok := db.Get(id)
	if !ok {
		return fmt.Errorf("bugs show: no signature %s; hacrash bugs list names them", id)
	}
	return p.describe(s)
}

// describe prints a signature, a line a fact; long texts are broken.
func (p *program) describe(s signatures.Signature) error {
	var err error
	row := func(name string, values ...string) {
		text := strings.Join(values, ", ")
		if text == "" || err != nil {
			return
		}
		for i, line := range wrap(report.Escape(text), 62) {
			if i > 0 {
				name = ""
			}
			if _, err = fmt.Fprintf(p.stdout, "%-14s%s\n", name, line); err != nil {
				return
			}
		}
	}
	row("id", s.ID)
	row("title", s.Title)
	row("facts", s.Facts)
	row("advice", s.Advice)
	row("fix", s.Fix)
	row("related", s.Related...)
	row("exposed by", s.ExposedBy...)
	row("introduced by", s.IntroducedBy...)
	for _, n := range s.Issues {
		row("issue", fmt.Sprintf("https://github.com/haproxy/haproxy/issues/%d", n))
	}
	row("cve", s.CVEs...)
	for _, r := range s.Versions.Introduced {
		row("introduced in", r.Version)
	}
	for _, r := range s.Versions.Fixed {
		row("fixed in", r.Version)
	}
	row("backport", s.Versions.Floor)
	for _, t := range s.Require {
		row("requires", t.Key+": "+strings.Join(t.Values, " or "))
	}
	for _, group := range s.AnyOf {
		var words []string
		for _, t := range group {
			words = append(words, t.Key+": "+strings.Join(t.Values, " or "))
		}
		row("any of", strings.Join(words, " and "))
	}
	for _, t := range s.Forbid {
		row("forbids", t.Key+": "+strings.Join(t.Values, " or "))
	}
	for _, t := range s.Support {
		row("supports", t.Key+": "+strings.Join(t.Values, " or "))
	}
	row("unique", map[bool]string{true: "yes: it can be called known", false: "no: never better than probable"}[s.Unique])
	row("evidence", s.Evidence)
	row("references", s.References...)
	return err
}

// kindOf is the kind of crash that a signature asks for.
func kindOf(s signatures.Signature) string {
	for _, t := range s.Require {
		if t.Key == "kind" {
			return strings.Join(t.Values, " ")
		}
	}
	return ""
}

// wrap breaks text into lines of at most n columns, at blanks.
func wrap(text string, n int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > n {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
