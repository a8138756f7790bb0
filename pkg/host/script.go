package host

import (
	"fmt"
	"io"
	"strings"
)

// WriteScript writes a shell script that mends the problems. Nothing runs it: each command
// stands below what it mends and what that costs, for somebody to read first.
func WriteScript(w io.Writer, r *Result) error {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n# What hacrash doctor found on this host, and what mends it. Read it, and take out what\n# you do not want: it was not run. Run it as root.\nset -eu\n")
	n := 0
	for _, f := range r.Findings {
		if f.State != Problem || f.Command == "" {
			continue
		}
		n++
		fmt.Fprintf(&b, "\n# %s: %s\n", f.ID, comment(f.Says))
		if f.Costs != "" {
			fmt.Fprintf(&b, "# costs: %s\n", comment(f.Costs))
		}
		b.WriteString(f.Command + "\n")
	}
	if n == 0 {
		b.WriteString("\n# There is nothing to mend.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// comment keeps a text within its line: a name that was read may hold anything.
func comment(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
