package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/report"
)

func (p *program) bugsShow(files *[]string) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show one signature",
		Long: `Prints all that a signature says: the bug and what to do about it, the commits that
fix, expose and introduced it, the releases, what a crash must have and must not
have to match, and the evidence that the signature rests on.`,
		Example: `  hacrash bugs show cli-end-state-unread-input
  hacrash bugs show --db mine.yaml own-bug`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			db, err := p.knowledge(*files)
			if err != nil {
				return err
			}
			s, ok := db.Get(args[0])
			if !ok {
				return fmt.Errorf("bugs show: no signature %s; hacrash bugs list names them", args[0])
			}
			return report.WriteSignature(p.stdout, s)
		},
	}
}
