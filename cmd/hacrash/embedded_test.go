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
	most := map[string]int64{"knowledge": 1200 << 10, "lines": 600 << 10, "all": 4 << 20}
	sum := map[string]int64{}
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
		sum["all"] += info.Size()
		switch part := strings.TrimPrefix(dir, "../../pkg/"); {
		case part == "lines/data":
			sum["lines"] += info.Size()
		case part == "fixes/data", d.Name() == "compiled.go":
			sum["knowledge"] += info.Size()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for part, most := range most {
		if sum[part] == 0 || sum[part] > most {
			t.Errorf("%s: %d bytes are embedded, want some and %d at most", part, sum[part], most)
		}
	}
}
