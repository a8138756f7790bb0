package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/hacrash/hacrash/internal/golden"
)

// manuals are the man pages of packages.
const manuals = "../../packaging/man"

// TestManuals: there is a man page of each command, as the command describes itself, and mandoc finds
// nothing wrong with them.
func TestManuals(t *testing.T) {
	dir := t.TempDir()
	day := time.Date(2026, time.December, 1, 0, 0, 0, 0, time.UTC)
	root := (&program{}).root()
	root.DisableAutoGenTag = true
	hide(root)
	if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "hacrash", Manual: "hacrash", Date: &day}, dir); err != nil {
		t.Fatal(err)
	}
	made, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil || len(made) < 10 {
		t.Fatal(err, made)
	}
	names := map[string]bool{}
	for _, page := range made {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(page)
		names[name] = true
		golden.Check(t, filepath.Join(manuals, name), []byte(tidy(string(text))))
	}
	kept, _ := filepath.Glob(filepath.Join(manuals, "*.1"))
	for _, page := range kept {
		if !names[filepath.Base(page)] {
			t.Errorf("%s is of no command", page)
		}
	}
	lint, err := exec.LookPath("mandoc")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("no mandoc")
	}
	if out, err := exec.Command(lint, append([]string{"-Tlint", "-Wwarning"}, kept...)...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// hide leaves out the pages of what cobra adds.
func hide(c *cobra.Command) {
	for _, sub := range c.Commands() {
		if sub.Name() == "completion" || sub.Name() == "help" {
			sub.Hidden = true
		}
		hide(sub)
	}
}

// tidy takes away what mandoc warns of in what the library writes.
func tidy(page string) string {
	var out []string
	for line := range strings.Lines(page) {
		line = strings.ReplaceAll(strings.TrimRight(line, " \n"), "\t", "  ")
		if strings.HasPrefix(line, ".TH ") {
			line = strings.Replace(line, `"Dec 2026"`, `"2026-12-01"`, 1)
		}
		if line == "" {
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n") + "\n"
}
