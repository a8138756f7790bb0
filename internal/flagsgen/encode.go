package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// span is one meaning of a name over versions: [from, to) are places in the
// list of snapshots.
type span struct {
	entry
	from, to int
}

// encode writes the table (format: pkg/haproxy/flags_table.go). read are the
// newest releases of the branches that were read.
func encode(snapshots []snapshot, read []haproxy.Version) []byte {
	var b bytes.Buffer
	b.WriteString("versions")
	for _, s := range snapshots {
		fmt.Fprintf(&b, " %s", s.version)
	}
	b.WriteString("\nread")
	slices.SortFunc(read, haproxy.Version.Compare)
	for _, v := range read {
		fmt.Fprintf(&b, " %s", v)
	}
	b.WriteString("\n")
	for i := range families {
		f := &families[i]
		kind := "flags"
		if f.enum {
			kind = "enum"
		}
		aliases := f.aliases
		if aliases == "" {
			aliases = "-"
		}
		fmt.Fprintf(&b, "family %s %s %s %s\n", f.name, kind, aliases, f.title)
		spans := spansOf(snapshots, i)
		for len(spans) > 0 {
			n := 1
			for n < len(spans) && spans[n].name == spans[0].name {
				n++
			}
			b.WriteString(spans[0].name)
			for _, s := range spans[:n] {
				s.write(&b, f.enum, len(snapshots))
			}
			b.WriteString("\n")
			spans = spans[n:]
		}
	}
	return b.Bytes()
}

// write gives " value[/mask][?]@from[-to]": hexadecimal, then decimal places.
func (s span) write(b *bytes.Buffer, enum bool, end int) {
	fmt.Fprintf(b, " %x", s.value)
	if s.mask == 0 || !enum && s.mask != s.value {
		fmt.Fprintf(b, "/%x", s.mask)
	}
	if s.unsure {
		b.WriteString("?")
	}
	fmt.Fprintf(b, "@%d", s.from)
	if s.to != end {
		fmt.Fprintf(b, "-%d", s.to)
	}
}

// spansOf joins what follows each other, by name, then by version.
func spansOf(snapshots []snapshot, family int) (spans []span) {
	var open []span
	for at, s := range snapshots {
		var next []span
		for _, e := range s.families[family] {
			n := span{entry: e, from: at}
			if i := slices.IndexFunc(open, func(o span) bool { return o.entry == e }); i >= 0 {
				n.from = open[i].from
			}
			next = append(next, n)
		}
		for _, o := range open {
			if !slices.Contains(s.families[family], o.entry) {
				o.to = at
				spans = append(spans, o)
			}
		}
		open = next
	}
	for _, o := range open {
		o.to = len(snapshots)
		spans = append(spans, o)
	}
	slices.SortFunc(spans, func(a, b span) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return a.from - b.from
	})
	return spans
}
