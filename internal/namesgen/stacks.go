package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/symbols/matched"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// measureStacks names the functions of stacks that were seen in a running HAProxy, as the
// functions of one crash: file has one stack a line, of link-time addresses in hex.
func measureStacks(table, exe, file string, verbose bool, out io.Writer) error {
	b, err := os.ReadFile(table)
	if err != nil {
		return err
	}
	names, err := truth(exe)
	if err != nil {
		return err
	}
	f, err := elffile.Open(exe)
	if err != nil {
		return err
	}
	defer f.Close()
	stacks, err := readStacks(file)
	if err != nil {
		return err
	}
	frames := unwind.NewTable(f, nil)
	exported := matched.NewOf(b, f, frames)
	var t tally
	whole := 0
	var n *matched.Namer
	for i, s := range stacks {
		if i%8 == 0 { // the work that one may do is bounded
			n = matched.NewOf(b, f, frames)
		}
		if n == nil {
			return fmt.Errorf("%s: not HAProxy's, or of no branch of the table", exe)
		}
		n.Expect(s)
		wrong := t.wrong
		missed := false
		for _, addr := range s {
			low, ok := exported.Static(addr)
			if !ok {
				continue
			}
			m, _ := n.Name(addr)
			true := names[low]
			true.Header = false // whatever stands on a stack counts
			t.add(m.Name, true)
			missed = missed || m.Name == ""
			if verbose && m.Name != true.Name {
				fmt.Fprintf(out, "%s named %q, similarity %.2f, margin %.2f\n", true.Name, m.Name, m.Similarity, m.Margin)
			}
		}
		if !missed && t.wrong == wrong {
			whole++
		}
	}
	fmt.Fprintf(out, "| %s | %d | %d | %v | %.1f %% |\n", filepath.Base(exe), len(stacks), t.own, t, 100*float64(whole)/float64(max(len(stacks), 1)))
	return nil
}

// readStacks reads stacks, each once.
func readStacks(file string) (out [][]uint64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	seen := map[string]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		if seen[s.Text()] {
			continue
		}
		seen[s.Text()] = true
		var stack []uint64
		for w := range strings.FieldsSeq(s.Text()) {
			a, err := strconv.ParseUint(w, 16, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			stack = append(stack, a)
		}
		out = append(out, stack)
	}
	return out, nil
}
