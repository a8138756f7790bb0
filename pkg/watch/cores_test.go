package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A core is found whatever else is in the directory, and wherever its name comes among the others.
func TestCoreAmongMany(t *testing.T) {
	dir := t.TempDir()
	put := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := range maxCores + 1 {
		put(fmt.Sprintf("a-core.%d", i+1))
	}
	d := coreDirs{dirs: []string{dir}, seen: map[string]coreFile{}, done: map[string]bool{}}
	now := time.Now()
	if old := d.scan(now, true); len(old) != 0 {
		t.Fatalf("%d cores are new at the first scan", len(old))
	}
	if len(d.seen) != 0 {
		t.Fatalf("%d old cores are waited for", len(d.seen))
	}
	put("z-core.77")
	d.scan(now, false)
	fresh := d.scan(now.Add(time.Hour), false)
	if len(fresh) != 1 || fresh[0].pid != 77 {
		t.Fatalf("fresh cores: %v", fresh)
	}
	put("gone-core.78")
	d.scan(now, false)
	if err := os.Remove(filepath.Join(dir, "gone-core.78")); err != nil {
		t.Fatal(err)
	}
	if d.scan(now, false); len(d.seen) != 0 {
		t.Fatal("a core that was removed is waited for")
	}
}
