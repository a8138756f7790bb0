package analyze_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/debiansuite"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/module"
)

// crashOf analyses one input that holds one crash.
func crashOf(t *testing.T, name string, o analyze.Options) *crash.Crash {
	t.Helper()
	var out *crash.Crash
	o.Names = []string{name}
	_, err := analyze.Run(t.Context(), o, func(c *crash.Crash) error {
		if out == nil || len(c.Threads) > len(out.Threads) {
			out = c
		}
		return nil
	})
	if err != nil || out == nil {
		t.Fatalf("%s: %v, %v", name, out, err)
	}
	return out
}

// Of a log alone, with the executable at hand, a printed trace gets the names
// that the core gives the same addresses.
func TestPrintedTraceIsNamed(t *testing.T) {
	p := haproxytest.Start(t, haproxytest.Options{})
	p.CLI("expert-mode on; debug dev bug")
	p.Wait()
	log := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(log, []byte(p.Stderr()), 0o600); err != nil {
		t.Fatal(err)
	}
	exe := analyze.Options{Modules: module.Options{Executable: "/usr/sbin/haproxy"}}
	named := map[crash.Addr]string{}
	for _, th := range crashOf(t, p.Core(), exe).Threads {
		for _, f := range th.Frames {
			named[f.Address] = f.Function + f.Symbol
		}
	}
	same, unnamed := 0, 0
	for _, th := range crashOf(t, log, exe).Threads {
		for _, f := range th.Frames {
			want := named[f.Address]
			if want == "" || f.Module != exe.Modules.Executable {
				continue // a library's, or one that has left the stack since it was printed
			}
			got, _, _ := strings.Cut(f.Function+f.Symbol, "+")
			if f.Function != "" {
				got = f.Function
			}
			if got != want {
				t.Errorf("%s is %q in the log, %q in the core", f.Address, got, want)
			}
			same++
			if strings.HasPrefix(f.Symbol, "sub_") {
				unnamed++
			}
		}
	}
	if same < 5 || unnamed == 0 {
		t.Errorf("%d frames of the log are in the core, %d of functions without a symbol", same, unnamed)
	}

	other := filepath.Join(debiansuite.Root(t, "trixie", false), "usr/sbin/haproxy")
	c := crashOf(t, log, analyze.Options{Modules: module.Options{Executable: other}})
	for _, th := range c.Threads {
		for _, f := range th.Frames {
			if f.Module == other {
				t.Errorf("another build named %s: %+v", f.Address, f)
			}
		}
	}
	if len(c.Missing) == 0 || !strings.Contains(c.Missing[len(c.Missing)-1].What, "another build") {
		t.Errorf("nothing is said of the wrong executable: %+v", c.Missing)
	}
}
