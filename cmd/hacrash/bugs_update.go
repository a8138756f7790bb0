package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/source"
)

func (p *program) bugsUpdate() *cobra.Command {
	var o importing
	cmd := &cobra.Command{
		Use:   "update --git DIR",
		Short: "Bring the fix index up to date from a clone of HAProxy",
		Long: `Adds what a clone of HAProxy has and the fix index has not yet, and keeps the
result as hacrash/fixes.bin in the user's configuration directory, where verdicts
and bugs affects use it from then on, until the program has a newer one itself.`,
		Example: `  git -C haproxy pull && hacrash bugs update --git haproxy
  hacrash bugs update --git haproxy --stable-git 3.2=haproxy-3.2`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := userDirectory()
			if err != nil {
				return err
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return source.Plain(err)
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
