package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/browser"
)

// TestFirstCaseAsPage: the page of the first case says in a browser what happened, and its
// drawing marks the applet that spins.
func TestFirstCaseAsPage(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	file := filepath.Join(t.TempDir(), "report.html")
	var out, errs bytes.Buffer
	if code := Run(t.Context(), []string{"analyze", "-f", "html", "-o", file, "../../testdata/logs/spin-cli-3.2-dev5.log"}, strings.NewReader(""), &out, &errs); code != exitOK {
		t.Fatal(code, errs.String())
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 || info.Size() > 300_000 {
		t.Fatal(info, err)
	}
	b := browser.Open(t)
	for _, p := range b.Load(file, browser.Look{Width: 1440}) {
		t.Error(p)
	}
	var page struct {
		Title  string
		Marked []string
	}
	b.Eval(`({title: document.querySelector("h1").innerText, marked: [...document.querySelectorAll("svg.wide text.fault, svg.flame text.culprit")].map(x => x.textContent)})`, &page)
	if !strings.Contains(page.Title, "applet CLI was spinning") {
		t.Errorf("the title is %q", page.Title)
	}
	if got := strings.Join(page.Marked, ", "); got != "spins: 5,645,323, calls/s, task_process_applet" {
		t.Errorf("marked are %q", got)
	}
}
