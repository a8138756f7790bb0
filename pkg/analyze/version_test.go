package analyze_test

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
)

const resolverStack = `
#0  0x000055b77e5f9b54 in resolv_process_responses (ns=0x55b77fac4e20) at src/resolvers.c:2049
#1  0x000055b77e69bba4 in dgram_fd_handler (fd=<optimized out>) at src/dgram.c:25
#2  0x000055b77e4dcc13 in fd_update_events (evts=<optimized out>, fd=58) at include/haproxy/fd.h:409
`

// What is said of the version, by what states it and by what the lines are.
func TestReleases(t *testing.T) {
	const fit = "2.4-dev19 to 2.4.7 or 2.5-dev0 to 2.5-dev2"
	for _, tt := range []struct {
		name, version, text string
		fits                string
		doubted, asked      bool
	}{
		{"not stated", "", resolverStack, fit, false, true},
		{"stated and right", "2.4.4-acb1d0b", resolverStack, fit, false, false},
		{"a branch", "2.4", resolverStack, fit, false, false},
		{"a snapshot on the way", "2.5-dev2-1a2b3c4-30", resolverStack, fit, false, false},
		{"stated and wrong", "2.6.5", resolverStack, fit, true, false},
		{"a package of the branch, patched", "2.4.22-1+deb12u1", resolverStack, fit, false, false},
		{"a package of another", "2.6.12-1+deb12u1", resolverStack, fit, true, false},
		{"newer than the table", "3.9.1", resolverStack, fit, false, false},
		{"lines of no release", "2.6.5", strings.NewReplacer(":2049", ":5049", ":409", ":4090").Replace(resolverStack), "", false, false},
		{"lines of no release, not stated", "", strings.NewReplacer(":2049", ":5049", ":409", ":4090").Replace(resolverStack), "", false, true},
		{"no lines", "", "#0  0x000055b77e5f9b54 in resolv_process_responses (ns=0x55b77fac4e20)\n", "none", false, true},
		{"an assertion of another release", "2.6.5", "FATAL: bug condition \"ocsp->refcount_instance > 0\" matched at src/ssl_ocsp.c:397\n", "2.8.6, 2.9.5 or 3.0-dev3 to 3.0-dev4", true, false},
		{"an assertion of none", "2.6.5", "FATAL: bug condition \"foo->bar\" matched at src/ssl_ocsp.c:397\n", "none", false, false},
		{"a helper's line alone", "", "#0  0x000055b77e5f9b54 in eb32_lookup_ge (root=0x1, x=2) at src/eb32tree.c:172\n", "none", false, true},
	} {
		var got []*crash.Crash
		_, err := analyze.Run(t.Context(), analyze.Options{Stdin: strings.NewReader(tt.text), Version: tt.version, Knowledge: classify.Load()},
			func(c *crash.Crash) error { got = append(got, c); return nil })
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %d crashes, %v", tt.name, len(got), err)
		}
		c := got[0]
		fits, doubted := "none", false
		if c.Process != nil && c.Process.Releases != nil {
			fits, doubted = c.Process.Releases.Range, c.Process.Releases.Contradicts
		}
		asked := len(c.Missing) > 0 && c.Missing[0].What == "the version of HAProxy"
		conflict := len(c.Conflicts) > 0 && strings.Contains(c.Verdict.Why, "not the stated")
		if fits != tt.fits || doubted != tt.doubted || conflict != tt.doubted || asked != tt.asked {
			t.Errorf("%s: fits %q, doubted %v and said %v, asked for %v; %s", tt.name, fits, doubted, conflict, asked, c.Verdict.Why)
		}
	}
}
