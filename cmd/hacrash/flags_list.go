package main

import (
	"bufio"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/report"
)

func (p *program) flagsList(o *naming) *cobra.Command {
	return &cobra.Command{
		Use:   "list [TYPE]",
		Short: "List the types of flags, or the flags of one type",
		Args:  cobra.MaximumNArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return p.listFlags(o, args) },
	}
}

func (p *program) listFlags(o *naming, args []string) error {
	v, err := o.check()
	if err != nil {
		return err
	}
	families := haproxy.FlagFamilies()
	if len(args) == 1 {
		types, _ := flagTypes(args)
		if len(types) == 0 {
			return usageError{fmt.Errorf("%s: not a type; hacrash flags list prints all", args[0])}
		}
		families = []*haproxy.Family{types[0].family}
	}
	doc := newFlagsDocument(v, "option")
	for _, f := range families {
		if !f.In(v) {
			continue
		}
		x := flagsFamily{Name: f.Name, Aliases: f.Aliases, Title: f.Title, Enum: f.Enum}
		if len(args) == 1 || o.format == "json" {
			for _, flag := range probe(f, v) {
				x.Flags = append(x.Flags, flagWordOf(f, flag))
			}
		}
		doc.Families = append(doc.Families, x)
	}
	if len(doc.Families) == 0 {
		return fmt.Errorf("%s: HAProxy %s has no such flags; hacrash flags list --haproxy-version %s names those that it has", args[0], v.Raw, v.Raw)
	}
	if o.format == "json" {
		return doc.json(p.stdout)
	}
	w := bufio.NewWriter(p.stdout)
	if !doc.Exact {
		fmt.Fprintf(w, "### flags %s\n", report.Escape(doc.basis()))
	}
	for _, f := range doc.Families {
		if len(args) == 0 {
			title := f.Title
			if len(f.Aliases) > 0 {
				title += " (also " + strings.Join(f.Aliases, ", ") + ")"
			}
			fmt.Fprintf(w, "%-12s %s\n", f.Name, title)
			continue
		}
		for _, flag := range f.Flags {
			mark := ""
			if !flag.Sure {
				mark = "?"
			}
			value := flag.Value
			if flag.Mask != "" && flag.Mask != flag.Value {
				value += " of " + flag.Mask
			}
			fmt.Fprintf(w, "%-24s %s%s\n", value, flag.Name, mark)
		}
	}
	return w.Flush()
}

// probe finds the constants of a family by asking what each bit, each value of a
// number within the word, or each number of an enumeration is called.
func probe(f *haproxy.Family, v haproxy.Version) []haproxy.Flag {
	var list []haproxy.Flag
	seen := map[haproxy.Flag]bool{}
	add := func(value uint64) {
		for _, flag := range f.Decode(value, v).Flags {
			if !seen[flag] {
				seen[flag] = true
				list = append(list, flag)
			}
		}
	}
	if f.Enum {
		for n := range uint64(maxEnum) {
			add(n)
		}
		return list
	}
	for bit := range 64 {
		add(1 << bit)
	}
	for _, flag := range slices.Clone(list) {
		low := flag.Mask & -flag.Mask
		for n := uint64(1); n <= min(flag.Mask/low, math.MaxUint8); n++ {
			add(n * low & flag.Mask)
		}
	}
	slices.SortFunc(list, func(a, b haproxy.Flag) int {
		return cmp.Or(cmp.Compare(a.Mask, b.Mask), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// maxEnum is more than any enumeration of HAProxy has.
const maxEnum = 1024
