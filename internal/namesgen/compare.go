package main

import (
	"fmt"
	"io"
	"os"

	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/symbols/matched"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// compare names the functions of executables that have no symbols by two tables, which learned from
// different releases: what both say otherwise, one of them says wrongly.
func compare(table, other string, files []string, out io.Writer) error {
	fmt.Fprintln(out, "| executable | static functions | named | by the other table | by both | differently |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|")
	for _, file := range files {
		var names [2]map[uint64]string
		static := 0
		for i, t := range []string{table, other} {
			b, err := os.ReadFile(t)
			if err != nil {
				return err
			}
			if names[i], static, err = named(b, file); err != nil {
				return err
			}
		}
		both, differ := 0, 0
		for low, a := range names[0] {
			if b, is := names[1][low]; is {
				both++
				if a != b {
					differ++
				}
			}
		}
		share := func(n int) string { return fmt.Sprintf("%d (%.1f %%)", n, 100*float64(n)/float64(max(static, 1))) }
		fmt.Fprintf(out, "| %s | %d | %s | %s | %d | %d |\n", file, static, share(len(names[0])), share(len(names[1])), both, differ)
	}
	return nil
}

// named gives the names of an executable's functions by a table, and how many have no symbol.
func named(table []byte, file string) (names map[uint64]string, static int, err error) {
	f, err := elffile.Open(file)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	n := matched.NewOf(table, f, unwind.NewTable(f, nil))
	if n == nil {
		return nil, 0, fmt.Errorf("%s: not HAProxy's, or of no branch of the table", file)
	}
	names = map[uint64]string{}
	for _, g := range n.All() {
		if g.Piece {
			continue
		}
		static++
		if g.Name != "" {
			names[g.Low] = g.Name
		}
	}
	return names, static, nil
}
