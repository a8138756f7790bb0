package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
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
		Long: `Compares each crash in files with a signature, demand by demand: whether it holds,
and what the crash says. SIGNATURE is the ID of one, or a file with signatures of
your own. Files are read as analyze reads them; - is stdin.

Exit status: 0 crashes were compared, also when none matches; 1 failed, 2 usage,
3 the files hold no crash.`,
		Example: `  hacrash bugs test cli-end-state-unread-input haproxy.log
  hacrash bugs test mine.yaml core.1234 haproxy.log`,
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
			if err := report.WriteComparison(p.stdout, s, c, db.Explain(s, c)); err != nil {
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
