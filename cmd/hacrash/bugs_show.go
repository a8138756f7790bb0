package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/report"
)

func (p *program) bugsShow(files *[]string) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID|ISSUE|CVE|COMMIT",
		Short: "Show a signature, or what is known of a fix",
		Long: `Prints all that a signature says: the bug and what to do about it, the commits that
fix, expose and introduced it, the releases, what a crash must have and must not
have to match, and the evidence that the signature rests on.

An issue of HAProxy's, a CVE or a commit shows the signatures of it, and every fix of it
that the fix index knows: what happens, to whom, and which releases have the fix.`,
		Example: `  hacrash bugs show cli-end-state-unread-input
  hacrash bugs show 2862
  hacrash bugs show CVE-2025-11230
  hacrash bugs show --db mine.yaml own-bug`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			db, err := p.knowledge(*files)
			if err != nil {
				return err
			}
			x, err := p.loadIndex()
			if err != nil {
				return err
			}
			if err := report.WriteBug(p.stdout, db, x, args[0]); err != nil {
				return fmt.Errorf("bugs show: %w", err)
			}
			return nil
		},
	}
}
