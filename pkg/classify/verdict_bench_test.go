package classify

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/lines"
)

// suspicious is a crash that no signature knows, so that the history is asked.
func suspicious() *crash.Crash {
	c := bugOn("2.4.8", "", "", "smp_fetch_path", "http_get_path", "sample_process", "process_stream")
	c.Kind = crash.Segfault
	return c
}

// BenchmarkSuspects is a verdict for which the whole history is ranked.
func BenchmarkSuspects(b *testing.B) {
	db, c := load(b), suspicious()
	if v := db.Classify(c); len(v.Suspects) == 0 {
		b.Fatalf("no suspects: %+v", v)
	}
	for n := 0; b.Loop(); n++ {
		c.Threads[0].Frames[0].Function = "function_" + strconv.Itoa(n) // or it would be remembered
		db.Classify(c)
	}
}

// BenchmarkRun is all that knowledge adds to a run of the program: loading, and the
// first verdict.
func BenchmarkRun(b *testing.B) {
	c := suspicious()
	for b.Loop() {
		load(b).Classify(c)
	}
}

// BenchmarkInferred is a verdict on a crash whose version the lines of its stack must tell,
// one of few releases and of many.
func BenchmarkInferred(b *testing.B) {
	db := load(b)
	path := crash.Frame{Function: "smp_fetch_path", File: "src/http_fetch.c", Line: 1056, Trust: crash.TrustPrinted}
	process := crash.Frame{Function: "sample_process", File: "src/sample.c", Line: 1104, Trust: crash.TrustPrinted}
	for _, places := range [][]crash.Frame{{path, process}, {process}, {path}} {
		c := suspicious()
		stack := c.Threads[0].Frames
		found := lines.Candidates{}
		b.Run(fmt.Sprintf("%d_places", len(places)), func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				c.Threads[0].Frames = append(slices.Clone(places), stack...)
				stack[0].Function = "function_" + strconv.Itoa(n) // or it would be remembered
				found = lines.Of(c).Candidates()
				c.Process = &crash.Process{Releases: &crash.Releases{Range: found.String(), Places: found.Used}}
				for _, v := range found.Releases {
					c.Process.Releases.Versions = append(c.Process.Releases.Versions, v.String())
				}
				if v := db.Classify(c); len(v.Suspects) == 0 {
					b.Fatalf("no suspects: %+v", v)
				}
			}
			b.ReportMetric(float64(len(found.Releases)), "releases")
		})
	}
}
