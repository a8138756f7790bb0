package redact

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/pkg/crash"
)

var update = flag.Bool("update", false, "rewrite golden files")

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
	const golden = "testdata/readable.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(changed.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), changed.String()); diff != "" {
		t.Errorf("other lines are changed (-want +got); rewrite with -update:\n%s", diff)
	}
	if n := strings.Count(changed.String(), "\n - "); n*50 > lines {
		t.Errorf("%d of %d lines are changed", n, lines)
	}
}
