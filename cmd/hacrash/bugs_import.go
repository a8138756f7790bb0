package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/history"
	"github.com/hacrash/hacrash/pkg/outfile"
)

// importing are the options of bugs import and bugs update.
type importing struct {
	git, output        string
	changelogs, stable []string
}

func (p *program) bugsImport() *cobra.Command {
	var o importing
	var from string
	cmd := &cobra.Command{
		Use:   "import [--git DIR]",
		Short: "Make a fix index of a clone of HAProxy",
		Long: `Reads the history of a clone of HAProxy and writes the fix index: every fix
since 2.0 as facts, the order of master's commits, its tags, and which release
of a maintained branch has which fix. It runs git and changes nothing in the clone;
what it read is told on stderr.

What a branch has is read from its CHANGELOG or from a clone of it; a branch of which
neither is given is judged by what its fixes ask for, which is an estimate. With
--from what an older index knows is kept, and less has to be read. Without --git, what
the branches have is added to the index at hand.`,
		Example: `  hacrash bugs import --git haproxy -o fixes.bin
  hacrash bugs import --stable-git haproxy-stable --changelog /usr/share/doc/haproxy/changelog.gz -o fixes.bin
  hacrash bugs import --git haproxy --changelog 3.0=haproxy-3.0/CHANGELOG -o fixes.bin
  hacrash bugs import --git haproxy --from fixes.bin --stable-git 3.2=haproxy-3.2 -o fixes.bin`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from == "" {
				return p.importIndex(cmd.Context(), o, nil)
			}
			index, err := fixes.OpenFile(from)
			if err != nil {
				return err
			}
			return p.importIndex(cmd.Context(), o, index)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&from, "from", "", "add to the index in `FILE`")
	cmd.Flags().StringVarP(&o.output, "output", "o", indexName, "write to `FILE`")
	return cmd
}

func (o *importing) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.git, "git", "", "a clone of HAProxy, in `DIR`")
	cmd.Flags().StringArrayVar(&o.changelogs, "changelog", nil, "what a branch has: `BRANCH=FILE`, its CHANGELOG, .gz or not; FILE alone: that of the first release in it (may be repeated)")
	cmd.Flags().StringArrayVar(&o.stable, "stable-git", nil, "what branches have: `BRANCH=DIR`, a clone with the branch checked out or named haproxy-BRANCH; DIR alone: all it has (may be repeated)")
}

func (p *program) importIndex(ctx context.Context, o importing, from *fixes.Index) error {
	if o.git == "" && len(o.changelogs)+len(o.stable) == 0 {
		return usageError{errors.New("bugs: no clone given; --git DIR names one, --stable-git and --changelog what a branch has")}
	}
	if o.git == "" && from == nil {
		index, err := p.loadIndex()
		if err != nil {
			return err
		}
		from = index
	}
	options := history.Options{Git: o.git, From: from, Log: func(line string) { fmt.Fprintln(p.stderr, line) }}
	var err error
	if options.Changelogs, err = history.ParseSources(o.changelogs); err != nil {
		return usageError{fmt.Errorf("--changelog %w", err)}
	}
	if options.StableGit, err = history.ParseSources(o.stable); err != nil {
		return usageError{fmt.Errorf("--stable-git %w", err)}
	}
	content, err := history.Import(ctx, options)
	if err != nil {
		return err
	}
	data, err := content.Encode()
	if err != nil {
		return err
	}
	return outfile.Replace(o.output, data)
}
