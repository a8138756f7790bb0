package main

import (
	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/report"
)

func (p *program) bugsList(files *[]string) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the signatures",
		Long: `Lists the signatures, one a line: its ID, the kind of crash, the release of the
development branch that has the fix, the fix, HAProxy's issues, and the file that
it is from.`,
		Example: `  hacrash bugs list
  hacrash bugs list --db mine.yaml | grep spinning`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			db, err := p.knowledge(*files)
			if err != nil {
				return err
			}
			return report.WriteSignatures(p.stdout, db)
		},
	}
}
