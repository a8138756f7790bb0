package fixes_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/fixes"
)

func TestNewer(t *testing.T) {
	name := filepath.Join(t.TempDir(), "fixes.bin")
	if x, err := fixes.Newer(name); x != nil || err != nil {
		t.Errorf("no file: %v, %v", x, err)
	}
	if err := os.WriteFile(name, []byte("nothing of that sort"), 0o600); err != nil {
		t.Fatal(err)
	}
	if x, err := fixes.Newer(name); x != nil || err == nil || !strings.HasPrefix(err.Error(), name+": ") {
		t.Errorf("a damaged file: %v, %v", x, err)
	}
	shipped, err := os.ReadFile("data/fixes.bin")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, shipped, 0o600); err != nil {
		t.Fatal(err)
	}
	if x, err := fixes.Newer(name); x == nil || err != nil {
		t.Errorf("one as new as the program's: %v, %v", x, err)
	}
}
