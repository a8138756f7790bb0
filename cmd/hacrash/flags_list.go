package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/report"
)

func (p *program) flagsList(o *naming) *cobra.Command {
	return &cobra.Command{
		Use:   "list [TYPE]",
		Short: "List the types of flags, or the flags of one type",
		Long: `Without TYPE lists the types of flags, with their older names and what holds such
flags. With TYPE, which is one of them or the name of a field in a dump, lists its
flags by their value; "of" a mask stands behind a number of several bits.

Listed is what --haproxy-version has. Without it flags of all versions are, and those
that not all versions have are marked with '?'.`,
		Example: `  hacrash flags list
  hacrash flags list sc --haproxy-version 3.2
  hacrash flags list cli.state --format json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return p.listFlags(o, args) },
	}
}

func (p *program) listFlags(o *naming, args []string) error {
	v, err := o.check()
	if err != nil {
		return err
	}
	families := haproxy.FlagFamilies()
	if len(args) == 1 {
		types, _ := haproxy.FlagTypes(args)
		if len(types) == 0 {
			return usageError{fmt.Errorf("%s: not a type; hacrash flags list prints all", args[0])}
		}
		families = []*haproxy.Family{types[0].Family}
	}
	doc := report.NewFlags(v, "option")
	for _, f := range families {
		doc.AddFamily(f, len(args) == 1 || o.format == "json")
	}
	if len(doc.Families) == 0 {
		return noSuchFlags(args[0], v)
	}
	return doc.WriteFamilies(p.stdout, o.format, len(args) == 1)
}
