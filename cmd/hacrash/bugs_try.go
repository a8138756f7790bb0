package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/report"
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
	db, err := p.knowledge(files)
	if err != nil {
		return err
	}
	sigs, err := db.Choose(signature)
	if err != nil {
		return fmt.Errorf("bugs test: %w", err)
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
		complain(p.stderr, errors.New("no crash of HAProxy found in the input"))
	}
	return err
}
