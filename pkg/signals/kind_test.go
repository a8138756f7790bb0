package signals

import (
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Every signal has a fate, and what is deadly has a kind.
func TestKindOf(t *testing.T) {
	for n := -1; n <= rtMax+2; n++ {
		fate, kind := FateOf(n), KindOf(n)
		switch {
		case fate == Harmless && kind != "":
			t.Errorf("%d (%s) harms nobody and is %s", n, Name(n), kind)
		case fate == Deadly && (kind == "" || Name(n) == ""):
			t.Errorf("%d (%s) is deadly and is %q", n, Name(n), kind)
		}
	}
	for n, want := range map[int]crash.Kind{
		4: crash.IllegalInstruction, 6: crash.Abort, 7: crash.BusError, 8: crash.FPE, 11: crash.Segfault,
		9: crash.Killed, 15: crash.Killed, 24: crash.Killed, 31: crash.Killed, 19: "", 32: "", 0: "",
	} {
		if got := KindOf(n); got != want {
			t.Errorf("%s: %q, want %q", Name(n), got, want)
		}
	}
	for _, n := range []int{1, 2, 10, 12, 13, 15} {
		if FateOf(n) != Orderly {
			t.Errorf("%s is an orderly end", Name(n))
		}
	}
}
