package analyze_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/report"
)

// TestHugeCore: 8 GB of memory that was hardly used change nothing in the report of a
// HAProxy, and next to nothing of what is read for it.
func TestHugeCore(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a core of 8 GB, most of it holes")
	}
	const (
		size = 8 << 30
		// What the added segment may cost: a few bytes are written every 64 MB, of
		// which file systems make pieces of up to 64 KB.
		most = size / (64 << 20) * (64 << 10)
	)
	p := haproxytest.Start(t, haproxytest.Options{})
	p.CLI("expert-mode on; debug dev panic")
	p.Wait()
	small, grown := p.Core(), filepath.Join(t.TempDir(), "grown")
	coretest.Grow(t, small, grown, size)
	want, read := reportOf(t, small)
	got, readGrown := reportOf(t, grown)
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the report of the grown core differs:\n%s", diff)
	}
	if !strings.Contains(want, "run_poll_loop") {
		t.Errorf("no stack in the report:\n%s", want)
	}
	if readGrown > read+most {
		t.Errorf("%d bytes were read of the grown core, %d of the small one", readGrown, read)
	}
}

// reportOf gives the report of a core, without its name, and the bytes that this
// process read meanwhile.
func reportOf(t *testing.T, core string) (text string, read int64) {
	t.Helper()
	knowledge := classify.Load()
	var b bytes.Buffer
	s, err := report.NewStream(&b, "text", report.Options{Threads: "all"})
	if err != nil {
		t.Fatal(err)
	}
	before := bytesRead(t)
	o := analyze.Options{Names: []string{core}, Knowledge: knowledge}
	res, err := analyze.Run(t.Context(), o, s.Crash)
	if err != nil || len(res.Failed) > 0 {
		t.Fatal(err, res.Failed)
	}
	read = bytesRead(t) - before
	if err := s.Close(&crash.Report{Inputs: res.Inputs}); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(b.String(), core, "core"), read
}

// bytesRead is what this process has read from files so far: rchar of
// /proc/self/io, which counts what read and pread return (proc(5)).
func bytesRead(t *testing.T) int64 {
	t.Helper()
	b, err := os.ReadFile("/proc/self/io")
	if err != nil {
		coretest.Absent(t, err.Error())
	}
	line, _, _ := strings.Cut(strings.TrimPrefix(string(b), "rchar: "), "\n")
	n, err := strconv.ParseInt(line, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
