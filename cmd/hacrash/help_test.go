package main

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// helped are all of hacrash's own, by what a user types for them.
func helped(t *testing.T) map[string]*cobra.Command {
	t.Helper()
	p := &program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}
	all := map[string]*cobra.Command{}
	var add func(*cobra.Command)
	add = func(c *cobra.Command) {
		all[c.CommandPath()] = c
		for _, sub := range c.Commands() {
			add(sub)
		}
	}
	add(p.root())
	return all
}

// TestHelp: each command says what it does, in lines that a terminal of 88 columns
// shows whole, and shows how it is used.
func TestHelp(t *testing.T) {
	for path, c := range helped(t) {
		if c.Long == "" || c.Example == "" {
			t.Errorf("%s: no long help, or no example", path)
		}
		if strings.HasSuffix(c.Long, "\n") || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: the help ends in a blank line, or the short one in a period", path)
		}
		for line := range strings.Lines(c.Long) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 100 || n > 88 && !strings.HasPrefix(line, "  ") {
				t.Errorf("%s: a line of %d columns: %s", path, n, line)
			}
		}
		for line := range strings.Lines(c.Example) {
			if !strings.HasPrefix(line, "  ") || !strings.Contains(line, path) {
				t.Errorf("%s: an example that shows something else: %s", path, line)
			}
		}
	}
}

// TestExamplesAreRightUse: the options and arguments of each example are those that
// the command has.
func TestExamplesAreRightUse(t *testing.T) {
	for path, c := range helped(t) {
		for line := range strings.Lines(c.Example) {
			_, typed, found := strings.Cut(strings.TrimSpace(line), "hacrash ")
			if !found {
				t.Errorf("%s: %s", path, line)
				continue
			}
			var args []string
			for _, word := range strings.Fields(typed) {
				if strings.ContainsAny(word, "|<>") {
					break
				}
				args = append(args, strings.Trim(word, "'"))
			}
			root := helped(t)["hacrash"]
			sub, rest, err := root.Find(args)
			if err == nil {
				err = sub.ParseFlags(rest)
			}
			if err == nil && sub.Args != nil {
				err = sub.Args(sub, sub.Flags().Args())
			}
			if err != nil || !strings.HasPrefix(sub.CommandPath(), path) {
				t.Errorf("%s: %s: %v", path, line, err)
			}
		}
	}
}
