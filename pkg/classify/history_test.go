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
		return io.NopCloser(strings.NewReader("2025/01/09 : 3.1.2\n2024/12/11 : 3.1.1\n")), nil
	})
	for _, tt := range []struct {
		version string
		opened  int
		told    bool
	}{
		{"3.2-dev5", 0, false}, {"2.6.12", 0, false}, {"3.1.0", 0, false}, {"9.9.9", 0, false},
		{"3.1.2", 1, true}, {"3.1.2", 1, true}, {"3.1.1", 1, true}, {"3.1.3", 1, true},
		{"2.9.3", 2, false}, {"2.9.4", 2, false},
	} {
		p, err := db.past(factsOf(bugOn(tt.version, "a > b", "src/own.c")).version)
		if err != nil {
			t.Fatal(err)
		}
		if _, told := p.x.Complete("3.1"); opened != tt.opened || told != tt.told {
			t.Errorf("%s: opened %d times, told %v", tt.version, opened, told)
		}
	}
}
