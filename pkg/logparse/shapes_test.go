package logparse

import (
	"slices"
	"strings"
	"testing"

	carried "github.com/hacrash/hacrash/internal/shapes"
	"github.com/hacrash/hacrash/pkg/join"
)

// dumpsOf are the dumps that go through the wrappings, without their envelopes.
func dumpsOf(t *testing.T) map[string][]string {
	// The worker of all is the one whose pid the shapes tell.
	pids := strings.NewReplacer("26220", "4250", "26209", "4250", "26217", "4242", "26206", "4242")
	out := map[string][]string{}
	for _, sample := range []string{"bug-2.6", "panic-2.0", "panic-3.4", "spin-g3", "spin-g4", "pool-tag", "watchdog-2.6"} {
		// A client can begin a message with a newline, so what follows one does not count.
		for line := range strings.Lines(strings.TrimLeft(samples(t)[sample], "\n")) {
			out[sample] = append(out[sample], pids.Replace(bareText(line)))
		}
	}
	return out
}

// Each shape gives the crash that the bare text gives, with the host where it tells one.
func TestShapes(t *testing.T) {
	for sample, lines := range dumpsOf(t) {
		want := joinedOf(t, strings.Join(lines, "\n")+"\n")
		if len(want) == 0 {
			t.Fatalf("%s: no crash", sample)
		}
		for _, sh := range carried.All() {
			got := joinedOf(t, sh.Wrap(lines))
			if len(got) != len(want) {
				t.Errorf("%s, %s: %d crashes, want %d", sample, sh.Name, len(got), len(want))
				continue
			}
			for i := range got {
				if g, w := withoutPID(facts(got[i])), withoutPID(facts(want[i])); g != w {
					t.Errorf("%s, %s:\ngot  %s\nwant %s", sample, sh.Name, g, w)
				}
				if got[i].Host != sh.Host {
					t.Errorf("%s, %s: host %q, want %q", sample, sh.Name, got[i].Host, sh.Host)
				}
			}
		}
	}
}

var gatedShapes = []string{
	"loki", "loki, newest first", "loki, pretty", "elastic", "elastic, pretty, newest first", "cloudwatch", "otlp", "gcp, newest first",
	"csv, kibana, newest first", "rfc 6587, octets", "journalctl -r -o short-iso-precise",
}

// A dump in the middle of a document of one line that is parsed around literals only, and read
// in pieces.
func TestShapesGated(t *testing.T) {
	lines := dumpsOf(t)["panic-2.0"]
	want := joinedOf(t, strings.Join(lines, "\n")+"\n")
	noise := make([]string, 20000)
	for i := range noise {
		noise[i] = "Server be1/s1 is UP, reason: Layer7 check passed, check duration: 3ms"
	}
	all := slices.Concat(noise, lines, noise)
	for _, sh := range carried.All() {
		name := sh.Name
		if !slices.Contains(gatedShapes, name) {
			continue
		}
		var parts []join.Part
		text := sh.Wrap(all)
		if _, err := Parse(t.Context(), at(text, "x"), Options{Whole: -1}, func(p join.Part) error { parts = append(parts, p); return nil }); err != nil {
			t.Fatal(err)
		}
		heads := 0
		for i := range parts {
			if parts[i].Role == join.Head {
				heads++
				if n := len(parts[i].Crash.Threads); n != len(want[0].Threads) {
					t.Errorf("%s: %d threads, want %d", name, n, len(want[0].Threads))
				}
			}
		}
		if heads != 1 {
			t.Errorf("%s: %d heads of %d parts", name, heads, len(parts))
		}
	}
}
