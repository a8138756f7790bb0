package redact

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/golden"
	"github.com/hacrash/hacrash/pkg/crash"
)

// TestReadable: what HAProxy, debuggers and systems print stays readable. The golden file
// has every line of the samples of other rooms that is changed, and what of it is left.
func TestReadable(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../logparse/testdata/samples/*.txt", "../logparse/backtrace/testdata/*.txt", "../../testdata/logs/*"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: no files (%v)", pattern, err)
		}
		files = append(files, names...)
	}
	var changed strings.Builder
	lines := 0
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c := crash.Crash{Text: string(raw)}
		Crash(&c, Options{})
		before, after := strings.Split(string(raw), "\n"), strings.Split(c.Text, "\n")
		lines += len(before)
		if len(before) != len(after) {
			t.Errorf("%s: %d lines became %d", name, len(before), len(after))
			continue
		}
		for i := range before {
			if before[i] != after[i] {
				changed.WriteString(filepath.Base(name) + "\n - " + before[i] + "\n + " + after[i] + "\n")
			}
		}
	}
	golden.Check(t, "testdata/readable.golden", []byte(changed.String()))
}
