package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func (p *program) bugs() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bugs",
		Short: "List, show and check the signatures of known bugs",
		Long: `Works with what hacrash knows of HAProxy's bugs: signatures, which say by which
facts of a crash a bug is recognised, and the fix index, which says which release
has which fix.

Both are part of the program. More signatures are read from files named *.yaml in
hacrash/signatures of the configuration directory, and from --db; one with the ID
of another takes its place. A newer fix index is made by hacrash bugs update.`,
		Example: `  hacrash bugs list
  hacrash bugs affects 2.8.3`,
		Args: commandsOnly,
		RunE: func(*cobra.Command, []string) error {
			return usageError{errors.New("bugs: no command given; take list, show, lint, test, affects, import or update")}
		},
	}
	var db []string
	cmd.PersistentFlags().StringArrayVar(&db, "db", nil, "more signatures from `FILE`, or from all of a directory (may be repeated)")
	cmd.AddCommand(p.bugsList(&db), p.bugsShow(&db), p.bugsLint(), p.bugsTest(&db), p.bugsAffects(), p.bugsImport(), p.bugsUpdate())
	return cmd
}
