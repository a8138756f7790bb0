package oracle

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

//go:embed frames.py
var script []byte

// Options say where an oracle finds files, and which one it is.
type Options struct {
	// Sysroot holds the libraries of the process; empty is the host's own.
	Sysroot string
	// DebugDir is a directory with .build-id in it, looked at before the system's.
	DebugDir string
	// NoLibDebug keeps the oracle from the system's debug files, those of libc
	// among them.
	NoLibDebug bool
	// Multiarch is for cores of other machines.
	Multiarch bool
}

// For returns the options that fit what coretest made.
func For(c coretest.Crashed) Options {
	return Options{Sysroot: c.Sysroot, DebugDir: c.DebugDir, Multiarch: c.Arch != coretest.AMD64}
}

// systemDebug is where Debian has its debug files.
const systemDebug = "/usr/lib/debug"

// debugPath is the list of directories in which debug files are looked for.
func (o Options) debugPath(none string) string {
	switch {
	case o.NoLibDebug && o.DebugDir != "":
		return o.DebugDir
	case o.NoLibDebug:
		return none
	case o.DebugDir != "":
		return o.DebugDir + ":" + systemDebug
	}
	return systemDebug
}

// GDB returns what gdb makes of a core: all frames, also those before main, with
// those that are inlined or told by tail calls. Threads are in the order of the
// core. Without gdb the test is skipped; with CI=true it fails.
func GDB(t testing.TB, exe, core string, o Options) []Thread {
	t.Helper()
	program := "gdb"
	if o.Multiarch {
		program = "gdb-multiarch"
	}
	coretest.Need(t, program, program)
	dir := t.TempDir()
	source, output := filepath.Join(dir, "frames.py"), filepath.Join(dir, "frames.json")
	if err := os.WriteFile(source, script, 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"-nx", "-batch"}
	set := func(what string) { args = append(args, "-iex", "set "+what) }
	set("debuginfod enabled off")
	set("debug-file-directory " + o.debugPath(dir))
	if o.Sysroot != "" {
		set("sysroot " + o.Sysroot)
		// A library of our own is beside the executable, not in there.
		set("solib-search-path " + filepath.Dir(exe))
	}
	for _, what := range []string{
		"backtrace past-main on", "width 0", "height 0", "print frame-arguments all",
		"print elements 200", "print repeats 0", "print address on", "style enabled off", "charset ASCII",
	} {
		set(what)
	}
	args = append(args, "-ex", fmt.Sprintf("python oracle_output = %q", output), "-ex", "source "+source, exe, core)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	// gdb can die as well, and its core must not land in a source tree.
	cmd.Dir, cmd.Env = dir, []string{"PATH=/usr/bin:/bin", "LC_ALL=C"}
	said, err := cmd.CombinedOutput()
	answer, readErr := os.ReadFile(output)
	if err != nil || readErr != nil {
		t.Fatalf("%s %s %s: %v, %v\n%s", program, exe, core, err, readErr, said)
	}
	var threads []Thread
	if err := json.Unmarshal(answer, &threads); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, said)
	}
	return threads
}
