package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/history"
	"github.com/hacrash/hacrash/pkg/source"
)

// indexName is the file of the fix index in the user's directory.
const indexName = "fixes.bin"

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
of a maintained branch has which fix. Without --git, what --stable-git and
--changelog tell is added to the index at hand.`,
		Example: `  hacrash bugs import --git haproxy --changelog 3.0=CHANGELOG -o fixes.bin`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from == "" {
				return p.importIndex(cmd.Context(), o, nil)
			}
			index, err := openIndex(from)
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

func (p *program) bugsUpdate() *cobra.Command {
	var o importing
	cmd := &cobra.Command{
		Use:   "update [--git DIR]",
		Short: "Bring the fix index up to date from a clone of HAProxy",
		Long: `Adds what a clone of HAProxy, clones of its branches or their CHANGELOGs have and
the fix index has not yet, and keeps the
result in the user's configuration directory, where it is used from then on.`,
		Example: `  git -C haproxy pull && hacrash bugs update --git haproxy`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := userDirectory()
			if err != nil {
				return err
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return plain(err)
			}
			o.output = filepath.Join(dir, indexName)
			index, err := p.loadIndex()
			if err != nil {
				return err
			}
			return p.importIndex(cmd.Context(), o, index)
		},
	}
	o.flags(cmd)
	return cmd
}

func (o *importing) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.git, "git", "", "a clone of HAProxy, in `DIR`")
	cmd.Flags().StringArrayVar(&o.changelogs, "changelog", nil, "what a branch has: `BRANCH=FILE`, its CHANGELOG, .gz or not; FILE alone: that of the first release in it (may be repeated)")
	cmd.Flags().StringArrayVar(&o.stable, "stable-git", nil, "what branches have: `BRANCH=DIR`, a clone with the branch checked out or named haproxy-BRANCH; DIR alone: all it has (may be repeated)")
}

// userDirectory is where a user's own knowledge lies.
func userDirectory() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no directory for configuration: %w", err)
	}
	return filepath.Join(dir, "hacrash"), nil
}

// loadIndex opens the fix index that is part of the program, or that of the user's
// directory when it is newer.
func (p *program) loadIndex() (*fixes.Index, error) {
	if own := p.userIndex(); own != nil {
		return own, nil
	}
	return fixes.Load()
}

// userIndex gives the user's own index; nil if there is none, or the one in the
// program is newer. One that cannot be read is told, and the one in the program serves.
func (p *program) userIndex() *fixes.Index {
	dir, err := userDirectory()
	if err != nil {
		return nil // no home, no index of its own
	}
	name := filepath.Join(dir, indexName)
	own, err := openIndex(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		complain(p.stderr, fmt.Errorf("%w; until that is mended the index of this program serves", err))
		return nil
	}
	shipped, err := fixes.Load()
	if err != nil {
		return own
	}
	_, mine := own.Head()
	if _, theirs := shipped.Head(); mine.Before(theirs) {
		return nil
	}
	return own
}

// maxIndex is how large a fix index may be: that of all fixes since 2.0 has 0.8 MB.
const maxIndex = 32 << 20

func openIndex(name string) (*fixes.Index, error) {
	data, err := source.Small(name, maxIndex)
	if err != nil {
		return nil, err
	}
	index, err := fixes.Open(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return index, nil
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
	if options.Changelogs, err = sources("--changelog", o.changelogs); err != nil {
		return err
	}
	if options.StableGit, err = sources("--stable-git", o.stable); err != nil {
		return err
	}
	content, err := history.Import(ctx, options)
	if err != nil {
		return err
	}
	data, err := content.Encode()
	if err != nil {
		return err
	}
	return replaceFile(o.output, data)
}

// sources reads BRANCH=PATH, or PATH alone.
func sources(flag string, list []string) ([]history.Source, error) {
	var out []history.Source
	for _, s := range list {
		branch, path, ok := strings.Cut(s, "=")
		if !ok {
			branch, path = "", s
		}
		if path == "" || ok && branch == "" {
			return nil, usageError{fmt.Errorf("%s %q: want BRANCH=PATH, such as 3.0=CHANGELOG, or PATH", flag, s)}
		}
		out = append(out, history.Source{Branch: branch, Path: path})
	}
	return out, nil
}
