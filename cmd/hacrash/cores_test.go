package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/golden"
)

// TestSmallCoresOfHAProxy: what the cores of testdata tell where no file of the process is at
// hand, each with the log of its crash.
func TestSmallCoresOfHAProxy(t *testing.T) {
	const dir = "../../testdata/cores"
	all, err := filepath.Glob(filepath.Join(dir, "haproxy-*.core.zst"))
	if err != nil || len(all) < 11 {
		t.Fatalf("%d cores, %v", len(all), err)
	}
	for _, path := range all {
		name := strings.TrimSuffix(filepath.Base(path), ".core.zst")
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := Run(t.Context(), []string{"analyze", "--sysroot", t.TempDir(), "--debuginfod", "off", path, filepath.Join(dir, name+".log")}, nil, &out, &errs)
			if code != 0 || errs.Len() > 0 {
				t.Errorf("exit status %d: %s", code, errs.String())
			}
			text, _, _ := strings.Cut(out.String(), "\nhacrash 0.") // the date of its knowledge
			golden.Check(t, filepath.Join("testdata/cores", name+".txt"), []byte(text+"\n"))
		})
	}
}
