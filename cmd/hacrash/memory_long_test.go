package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/report"
)

// TestMemoryOfManyThreads measures what the whole process needs, in every format. It
// is part of "make long": the kernel counts this test process, too, until the other
// program begins, so that small figures are those of the test.
func TestMemoryOfManyThreads(t *testing.T) {
	if os.Getenv("HACRASH_LONG") == "" {
		t.Skip("make long runs it")
	}
	const threads, most = 60_000, 512 << 10 // kB
	dir := t.TempDir()
	exe := filepath.Join(dir, "hacrash")
	if out, err := exec.Command("go", "build", "-o", exe, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, source := range []string{"deep", "inlines", "values", "threads"} {
		p := coretest.Crash(t, coretest.Program{Source: source, Variant: coretest.Plain()})
		core := filepath.Join(dir, source)
		coretest.Crowd(t, p.Core, core, threads)
		for _, format := range report.Formats() {
			cmd := exec.Command(exe, "analyze", "--format", format, "--threads", "all", "--registers", "--lib-debug", "--strings", core)
			if out, _ := cmd.Output(); cmd.ProcessState.ExitCode() != exitNoCrash || len(out) == 0 { // it is no HAProxy
				t.Fatalf("%s, %s: %v", source, format, cmd.ProcessState)
			}
			kB := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
			t.Logf("%s, %s: %d MB", source, format, kB>>10)
			if kB > most {
				t.Errorf("%s, %s: %d kB, more than %d", source, format, kB, most)
			}
		}
	}
}
