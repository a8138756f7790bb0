package classify

import (
	"io"
	"strings"
	"testing"
)

// TestUseChangelog: the changelog is opened once for a branch that needs it, and
// for no other.
func TestUseChangelog(t *testing.T) {
	db := load(t)
	opened := 0
	db.UseChangelog(func() (io.ReadCloser, error) {
		opened++
		return io.NopCloser(strings.NewReader("2026/09/09 : 3.3.14\n2026/07/29 : 3.3.13\n")), nil
	})
	for _, tt := range []struct {
		version string
		opened  int
		told    bool
	}{
		{"3.2-dev5", 0, false}, {"2.6.12", 0, false}, {"3.3.0", 0, false}, {"3.3.13", 0, false}, {"9.9.9", 0, false},
		{"3.3.14", 1, true}, {"3.3.14", 1, true}, {"3.3.13", 1, false}, {"3.3.15", 1, true},
		{"2.9.16", 2, false}, {"2.9.17", 2, false},
	} {
		p, err := db.past(factsOf(bugOn(tt.version, "a > b", "src/own.c")))
		if err != nil {
			t.Fatal(err)
		}
		last, ok := p.x.Complete("3.3")
		if told := last.Patch == 14; !ok || opened != tt.opened || told != tt.told {
			t.Errorf("%s: opened %d times, told %v", tt.version, opened, told)
		}
	}
}
