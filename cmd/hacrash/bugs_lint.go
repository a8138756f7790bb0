package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/fixes/history"
	"github.com/hacrash/hacrash/pkg/report"
	"github.com/hacrash/hacrash/pkg/signatures"
)

// bugsLint is hacrash bugs lint: what is wrong with signatures.
func (p *program) bugsLint() *cobra.Command {
	var git string
	cmd := &cobra.Command{
		Use:   "lint [FILE…]",
		Short: "Check files of signatures, or what is built in",
		Long: `Checks the form of signatures, what they say of commits and releases against the
fix index, and whether two that are called unique fit the same crash; with --git
also that HAProxy's source has the functions, files and conditions they ask for.
Without a file it checks what is built in: the signatures, and that each crash fix has
a sentence whose needs agree with the files it changes; with --git also that no
sentence repeats the subject of its commit.
A line is "file:line:column: ID what is wrong"; one that says "note:" is worth a
look and no problem. Of a built-in signature the file is "built-in".

Exit status: 0 no problems, 1 some, or failed; 2 usage.`,
		Example: `  hacrash bugs lint
  hacrash bugs lint --git haproxy mine.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error { return p.lint(cmd.Context(), git, args) },
	}
	cmd.Flags().StringVar(&git, "git", "", "look names up in a clone of HAProxy in `DIR`")
	return cmd
}

func (p *program) lint(ctx context.Context, git string, names []string) error {
	index, err := p.loadIndex()
	if err != nil {
		return err
	}
	l := signatures.NewLinter(index)
	for _, name := range names {
		if err := l.AddFile(name); err != nil {
			return err
		}
	}
	l.AddBuiltIn(classify.Load().Signatures(), len(names) > 0)
	if len(names) == 0 {
		if err := withSubjects(ctx, git, l.Sentences); err != nil {
			return err
		}
	}
	var source signatures.Source
	if git != "" {
		clone, err := history.OpenClone(ctx, git)
		if err != nil {
			return err
		}
		defer clone.Close()
		source = clone
	}
	findings, err := l.Check(ctx, source)
	if err != nil {
		return err
	}
	switch problems, err := report.WriteFindings(p.stdout, findings); {
	case err != nil || problems == 0:
		return err
	case problems == 1:
		return errors.New("bugs lint: 1 problem found")
	default:
		return fmt.Errorf("bugs lint: %d problems found", problems)
	}
}
