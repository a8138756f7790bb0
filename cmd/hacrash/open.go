package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// opener is the program that shows a file in whatever somebody has chosen for its type.
const opener = "xdg-open"

// runOpen analyses, writes a page that only its owner can read, and shows it in a browser. The
// page stays: the browser may read it again.
func (p *program) runOpen(ctx context.Context, names []string, f *analyzeFlags, chosen bool) (err error) {
	if chosen && f.format != "html" {
		return usageError{fmt.Errorf("--open shows --format html, not %s", f.format)}
	}
	program, err := exec.LookPath(opener)
	if err != nil {
		return fmt.Errorf("--open: %s is not installed; write the page with --format html -o FILE and open it in a browser", opener)
	}
	dir, err := os.MkdirTemp("", "hacrash-*") // mode 0700
	if err != nil {
		return fmt.Errorf("--open: %w", err)
	}
	f.format, f.output = "html", filepath.Join(dir, "report.html")
	if err = p.runAnalyze(ctx, names, f); err != nil || !holds(f.output) {
		return errors.Join(err, os.RemoveAll(dir))
	}
	complain(p.stderr, fmt.Errorf("the page is %s; remove it when you have read it", f.output))
	if out, err := exec.CommandContext(ctx, program, f.output).CombinedOutput(); err != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(string(out[:min(len(out), 200)])), "\n")
		return fmt.Errorf("--open: %s: %s; open the page in a browser yourself", opener, strings.TrimSuffix(err.Error()+": "+said, ": "))
	}
	return nil
}

// holds says that something was written to a file.
func holds(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Size() > 0
}
