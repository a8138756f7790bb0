package classify

import (
	"strconv"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
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
