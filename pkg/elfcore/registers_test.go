package elfcore

import (
	"strings"
	"testing"

	"github.com/go-delve/delve/pkg/dwarf/regnum"
)

// TestRegisterNames: delve's table is the oracle. Of x86-64 it knows registers
// behind the first 67 as well, which no core note and no rule of ours has.
func TestRegisterNames(t *testing.T) {
	for n := range 67 {
		if got, want := RegisterName(AMD64, n), strings.ToLower(regnum.AMD64ToName(uint64(n))); got != want {
			t.Errorf("x86-64 %d is %s, want %s", n, got, want)
		}
	}
	for n := range 100 {
		if got, want := RegisterName(ARM64, n), strings.ToLower(regnum.ARM64ToName(uint64(n))); got != want {
			t.Errorf("arm64 %d is %s, want %s", n, got, want)
		}
	}
}
