package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSees: what is wrong with a page is seen.
func TestSees(t *testing.T) {
	b := Open(t)
	file := filepath.Join(t.TempDir(), "bad.html")
	page := `<!DOCTYPE html><html><head><title>bad</title></head><body><img src="nowhere.png"><p style="color:#ccc;background:#fff">pale</p><script>console.error("oh")</script></body></html>`
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	problems := strings.Join(b.Load(file, Look{Width: 390}), "\n")
	for _, want := range []string{"nowhere.png", "consoleAPICalled"} {
		if !strings.Contains(problems, want) {
			t.Errorf("%s is not seen in:\n%s", want, problems)
		}
	}
	if png := b.Screenshot(); !strings.HasPrefix(string(png), "\x89PNG") {
		t.Errorf("no picture: %.20q", png)
	}
	found := strings.Join(b.Violations(Axe(t)), "\n")
	for _, want := range []string{"image-alt", "color-contrast", "html-has-lang"} {
		if !strings.Contains(found, want) {
			t.Errorf("%s is not found in:\n%s", want, found)
		}
	}
}
