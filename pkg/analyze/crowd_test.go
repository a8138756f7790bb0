package analyze_test

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/report"
)

// TestManyThreads: of 60,000 threads with deep stacks as many are kept as HAProxy can
// have and more, the rest is counted, and what is allocated for them is bounded. (What
// the process needs in all is measured by "make long".)
func TestManyThreads(t *testing.T) {
	const (
		threads = 60_000
		most    = 800 << 20 // bytes allocated in all, of which most are free at once
	)
	p := coretest.Crash(t, coretest.Program{Source: "deep", Variant: coretest.Plain()})
	core := filepath.Join(t.TempDir(), "core")
	coretest.Crowd(t, p.Core, core, threads)
	for _, format := range report.Formats() {
		stream, err := report.NewStream(io.Discard, format, report.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		res, err := analyze.Run(t.Context(), analyze.Options{Names: []string{core}}, func(c *crash.Crash) error {
			if len(c.Threads) != elfcore.MaxThreads || c.ThreadsOmitted != threads-elfcore.MaxThreads || !c.Threads[0].Faulty {
				t.Errorf("%d threads, %d omitted", len(c.Threads), c.ThreadsOmitted)
			}
			said := false
			for _, m := range c.Missing {
				said = said || strings.Contains(m.What, fmt.Sprintf("%d of %d threads", c.ThreadsOmitted, threads))
			}
			if !said {
				t.Errorf("that there are more is not said: %+v", c.Missing)
			}
			return stream.Crash(c)
		})
		if err != nil || len(res.Failed) > 0 || res.Crashes != 1 {
			t.Fatal(err, res)
		}
		if err := stream.Close(&crash.Report{Schema: crash.Schema, Inputs: res.Inputs}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		n := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d MB allocated", format, n>>20)
		if n > most {
			t.Errorf("%s: %d bytes allocated, more than %d", format, n, int64(most))
		}
	}
}

// HAProxy's largest process fits.
func TestAllThreadsOfHAProxy(t *testing.T) {
	const threads = 1024 + 16
	p := coretest.Crash(t, coretest.Program{Source: "values", Variant: coretest.Plain()})
	core := filepath.Join(t.TempDir(), "core")
	coretest.Crowd(t, p.Core, core, threads)
	c := crashOf(t, core, analyze.Options{})
	if len(c.Threads) != threads || c.ThreadsOmitted != 0 {
		t.Errorf("%d threads, %d omitted", len(c.Threads), c.ThreadsOmitted)
	}
	for i, th := range c.Threads {
		if len(th.Frames) != len(c.Threads[0].Frames) || th.Broken != "" {
			t.Fatalf("thread %d has %d frames, the first %d: %s", i, len(th.Frames), len(c.Threads[0].Frames), th.Broken)
		}
	}
}
