package main

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestEmbedded bounds what the program carries with it: data that is embedded, and
// data that a generator writes as code, which is larger there than in the program.
func TestEmbedded(t *testing.T) {
	const most = 1500 << 10
	var sum int64
	err := filepath.WalkDir("../../pkg", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		if !strings.HasSuffix(dir, "/data") && d.Name() != "compiled.go" {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		t.Logf("%s: %d", path, info.Size())
		sum += info.Size()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if sum == 0 || sum > most {
		t.Errorf("%d bytes are embedded, want some and %d at most", sum, most)
	}
}
