package haproxytest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

// Snapshot lets gdb write a core of the living process, which goes on.
func (p *Process) Snapshot() string {
	p.t.Helper()
	core := filepath.Join(p.t.TempDir(), "snapshot")
	out := debugger(p.t, "-ex", "generate-core-file "+core, "-p", fmt.Sprint(p.PID))
	if _, err := os.Stat(core); err != nil {
		p.t.Fatalf("gdb wrote no core: %v\n%s", err, out)
	}
	return core
}

// Backtrace is what gdb says of the core when somebody asks it for the stack of the
// thread that died, as it would be pasted into an issue; only after Wait.
func (p *Process) Backtrace() string {
	p.t.Helper()
	root := p.Root
	if root == "" {
		root = "/"
	}
	return debugger(p.t, "-iex", "set sysroot "+root, "-ex", "bt", filepath.Join(p.Root, program), p.Core())
}

func debugger(t testing.TB, arguments ...string) string {
	t.Helper()
	if _, err := exec.LookPath("gdb"); err != nil {
		coretest.Absent(t, "gdb is not installed (package gdb)")
	}
	cmd := exec.Command("gdb", append([]string{"-nx", "-batch", "-iex", "set debuginfod enabled off"}, arguments...)...)
	// As with Spin, a core of gdb's own must land elsewhere.
	cmd.Dir, cmd.Env = t.TempDir(), []string{"PATH=/usr/bin:/bin"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("gdb: %v\n%s", err, out)
	}
	return string(out)
}
