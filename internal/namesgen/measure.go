package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/symbols/matched"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// measure names functions by the table and compares the names with the true ones. A file may be
// given as EXECUTABLE=SYMBOLS, where the second has what was stripped from the first.
func measure(table string, files []string, verbose bool, out io.Writer) error {
	b, err := os.ReadFile(table)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "| executable | own static functions | named | wrong | a few at a time: named | wrong |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|")
	for _, file := range files {
		exe, symbols, apart := strings.Cut(file, "=")
		if !apart {
			symbols = exe
		}
		names, err := truth(symbols)
		if err != nil {
			return err
		}
		f, err := elffile.Open(exe)
		if err != nil {
			return err
		}
		if err := measureOne(b, f, names, verbose, out); err != nil {
			return err
		}
		_ = f.Close() // it was only read
	}
	return nil
}

// tally counts how names compare with the true ones.
type tally struct{ own, named, wrong int }

func (t tally) String() string {
	return fmt.Sprintf("%d (%.1f %%) | %d (%.2f %%)", t.named, 100*float64(t.named)/float64(max(t.own, 1)), t.wrong, 100*float64(t.wrong)/float64(max(t.named+t.wrong, 1)))
}

// add counts a function. Own are those of HAProxy's units, not of headers.
func (t *tally) add(name string, true matched.Source) {
	if !true.Header {
		t.own++
	}
	switch {
	case name == "":
	case name != true.Name:
		t.wrong++
	case !true.Header:
		t.named++
	}
}

func measureOne(table []byte, f *elffile.File, names map[uint64]matched.Source, verbose bool, out io.Writer) error {
	n := matched.NewOf(table, f, unwind.NewTable(f, nil))
	if n == nil {
		return fmt.Errorf("%s: not HAProxy's, or of no branch of the table", f.Path)
	}
	var all, few tally
	var lows []uint64
	for _, g := range n.All() {
		s, is := names[g.Low]
		if g.Piece || !is {
			continue
		}
		lows = append(lows, g.Low)
		all.add(g.Name, s)
		if verbose && g.Name != "" && g.Name != s.Name {
			fmt.Fprintf(out, "%s of %s named %s, similarity %.2f, margin %.2f\n", s.Name, s.Unit, g.Name, g.Similarity, g.Margin)
		}
	}
	const together = 20
	for part := range (len(lows) + together - 1) / together {
		var some []uint64 // from all over the program
		for i := part; i < len(lows); i += (len(lows) + together - 1) / together {
			some = append(some, lows[i])
		}
		if part%8 == 0 { // the work that one may do is bounded
			n = matched.NewOf(table, f, unwind.NewTable(f, nil))
		}
		n.Expect(some)
		for _, low := range some {
			m, _ := n.Name(low)
			few.add(m.Name, names[low])
			if s := names[low]; verbose && m.Name != "" && m.Name != s.Name {
				fmt.Fprintf(out, "few: %s of %s named %s, similarity %.2f, margin %.2f\n", s.Name, s.Unit, m.Name, m.Similarity, m.Margin)
			}
		}
	}
	fmt.Fprintf(out, "| %s | %d | %v | %v |\n", filepath.Base(f.Path), all.own, all, few)
	return nil
}
