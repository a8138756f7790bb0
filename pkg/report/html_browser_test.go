package report

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hacrash/hacrash/internal/browser"
)

// TestPageInBrowser: nothing is asked for, nothing is complained of, and everybody can read it.
// With HACRASH_SCREENSHOTS=DIRECTORY it writes what the pages look like.
func TestPageInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	b := browser.Open(t)
	axe := browser.Axe(t)
	dir := t.TempDir()
	drawings := map[string]int{"first": 2, "core": 3, "threads": 3, "crashes": 4}
	for name, r := range pages() {
		file := filepath.Join(dir, name+".html")
		if err := os.WriteFile(file, []byte(render(t, "html", r, Options{})), 0o600); err != nil {
			t.Fatal(err)
		}
		looks := []browser.Look{{Width: 390}, {Width: 1440, Dark: true}, {Width: 390, Dark: true}, {Width: 1440}}
		if drawings[name] == 0 {
			looks = looks[:2]
		}
		for i, l := range looks {
			at := fmt.Sprintf("%s-%d-dark=%v", name, l.Width, l.Dark)
			for _, p := range b.Load(file, l) {
				t.Errorf("%s: %s", at, p)
			}
			if shots := os.Getenv("HACRASH_SCREENSHOTS"); shots != "" {
				if err := os.WriteFile(filepath.Join(shots, at+".png"), b.Screenshot(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var wide struct{ Page, Window, Drawings int }
			b.Eval(`({page: document.documentElement.scrollWidth, window: innerWidth, drawings: [...document.querySelectorAll("svg")].filter(s => s.querySelector("rect")).length})`, &wide)
			if wide.Page > l.Width {
				t.Errorf("%s: the page is %d wide", at, wide.Page)
			}
			if wide.Drawings < drawings[name] {
				t.Errorf("%s: %d drawings", at, wide.Drawings)
			}
			if i > 1 { // both widths and both schemes have been seen
				continue
			}
			b.Eval(`document.querySelectorAll("details").forEach(d => d.open = true)`, nil)
			for _, v := range b.Violations(axe) {
				t.Errorf("%s: %s", at, v)
			}
		}
	}
}
