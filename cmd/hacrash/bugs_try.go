package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"
	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
	"github.com/hacrash/hacrash/pkg/report"
	"github.com/hacrash/hacrash/pkg/signatures"
	"github.com/hacrash/hacrash/pkg/source"
)

// bugsTest is hacrash bugs test: why a signature matches crashes, or not.
func (p *program) bugsTest(files *[]string) *cobra.Command {
	var version string
	cmd := &cobra.Command{
		Use:   "test SIGNATURE FILE…",
		Short: "Show why a signature matches the crashes in files, or not",
		Long: `SIGNATURE is the ID of one, or a file with signatures of your own. Each crash in the
files is compared with it, demand by demand.`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runBugsTest(cmd.Context(), *files, version, args[0], args[1:])
		},
	}
	cmd.Flags().StringVar(&version, "haproxy-version", "", "HAProxy's `VERSION`, when the input does not say")
	return cmd
}

func (p *program) runBugsTest(ctx context.Context, files []string, version, signature string, names []string) error {
	db, sigs, err := p.chosen(files, signature)
	if err != nil {
		return err
	}
	o := analyze.Options{Names: names, Stdin: p.stdin, Version: version, Knowledge: db}
	res, err := analyze.Run(ctx, o, func(c *crash.Crash) error {
		for _, s := range sigs {
			if err := p.explain(db, s, c); err != nil {
				return err
			}
		}
		return nil
	})
	for _, e := range res.Failed {
		complain(p.stderr, e)
	}
	if err == nil && res.Crashes == 0 {
		p.code = exitNoCrash
		fmt.Fprintln(p.stderr, "hacrash: no crash of HAProxy found in the input")
	}
	return err
}

// chosen gives the signatures of a file, or the one of an ID.
func (p *program) chosen(files []string, signature string) (*classify.DB, []signatures.Signature, error) {
	db, err := p.knowledge(files)
	if err != nil {
		return nil, nil, err
	}
	if s, ok := db.Get(signature); ok {
		return db, []signatures.Signature{s}, nil
	}
	text, err := source.Small(signature, signatures.MaxFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("bugs test: %s is no signature and no file; hacrash bugs list names the signatures", signature)
	}
	if err != nil {
		return nil, nil, err
	}
	before := len(db.Signatures())
	if err := db.Add(text, signature); err != nil {
		return nil, nil, err
	}
	return db, db.Signatures()[before:], nil
}

// explain prints one comparison.
func (p *program) explain(db *classify.DB, s signatures.Signature, c *crash.Crash) error {
	e := db.Explain(s, c)
	result := "does not match"
	switch {
	case e.Matches && e.Exact:
		result = "matches exactly, " + strconv.Itoa(e.Score) + " points"
	case e.Matches:
		result = "matches, " + strconv.Itoa(e.Score) + " points"
	}
	fmt.Fprintf(p.stdout, "%s (%s): %s\n", s.ID, report.Escape(string(c.Kind)), result)
	t := tablewriter.NewTable(p.stdout,
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRendition(tw.Rendition{Borders: tw.BorderNone, Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone}}))
	t.Header("demand", "holds", "the crash says")
	for _, step := range e.Steps {
		if err := t.Append(report.Escape(step.String()), string(step.Outcome), report.Escape(redact.Text(strings.Join(step.Found, ", "), redact.Options{}))); err != nil {
			return err
		}
	}
	if err := t.Render(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, " version: %s (%s)\n\n", strings.ReplaceAll(string(e.Standing), "_", " "), report.Escape(redact.Text(e.Basis, redact.Options{})))
	return err
}
