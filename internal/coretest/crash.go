package coretest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Crashed is a program that was compiled, run, and died. All paths are absolute.
type Crashed struct {
	Program
	// Dir holds all of it, and is the directory the program ran in.
	Dir string
	// Exe is the executable that ran, Core what the kernel or qemu wrote.
	Exe, Core string
	// Linked is the executable before its debug data were moved or stripped: the
	// same build-id, the same code.
	Linked string
	// DebugDir has a directory .build-id; empty if all debug data are found
	// without it.
	DebugDir string
	// Sysroot holds the libraries of another machine; empty is the host's own.
	Sysroot string
}

// Crash compiles p, runs it, and returns what is left, or what was left the last
// time. When a tool is missing or cores do not land in the working directory,
// the test is skipped; with CI=true it fails.
func Crash(t testing.TB, p Program) Crashed {
	t.Helper()
	c := built(t, p)
	c.Core = filepath.Join(c.Dir, "core")
	defer lock(t, c.Dir)()
	if _, err := os.Stat(c.Core); err == nil {
		return c
	}
	c.run(t)
	return c
}

// Build compiles p and lays out its debug data, but does not run it: Core is empty.
func Build(t testing.TB, p Program) Crashed {
	t.Helper()
	return built(t, p)
}

func built(t testing.TB, p Program) Crashed {
	t.Helper()
	Need(t, "gcc", "gcc")
	Need(t, "objcopy", "binutils")
	dir := p.directory(t)
	defer lock(t, dir)()
	c := Crashed{
		Program: p,
		Dir:     dir,
		Exe:     filepath.Join(dir, p.Source),
		Linked:  filepath.Join(dir, "linked", p.Source),
	}
	if p.Debug == BuildIDDir || p.Debug == DwzAlt {
		c.DebugDir = filepath.Join(dir, "debug")
	}
	if p.Arch != AMD64 {
		c.Sysroot = p.Arch.sysroot()
	}
	done := filepath.Join(dir, "built")
	if _, err := os.Stat(done); err == nil {
		return c
	}
	// A test that was interrupted may have left half of it.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(c.Linked), 0o755); err != nil {
		t.Fatal(err)
	}
	c.compile(t)
	c.layOut(t)
	if err := os.WriteFile(done, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return c
}

// lock keeps other tests, of this process or another, from making the same.
func lock(t testing.TB, dir string) (unlock func()) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(dir+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return func() { f.Close() }
}

// Need skips the test when a program is missing, and says which Debian package
// has it; with CI=true the test fails.
func Need(t testing.TB, program, pkg string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		Absent(t, fmt.Sprintf("%s is not installed (package %s)", program, pkg))
	}
}

// Absent skips the test for want of something that the machine lacks; with CI=true the test
// fails.
func Absent(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// run runs the program and names its core "core". Its environment is empty, its
// output is not kept.
func (c Crashed) run(t testing.TB) {
	t.Helper()
	if c.Arch == RISCV64 {
		c.emulate(t)
		return
	}
	pattern, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if p := strings.TrimSpace(string(pattern)); err != nil || !strings.HasPrefix(p, "core") {
		Absent(t, fmt.Sprintf("core_pattern is %q: set it to core", p))
	}
	// The shell makes way for the program, so the status is the program's own.
	script := `ulimit -c unlimited && exec "$0" "$@"`
	command := []string{"-c", script, "./" + c.Source, c.Way}
	var env []string
	if c.Arch == ARM64 {
		Need(t, "qemu-aarch64", "qemu-user")
		// qemu writes all of the stack it made: a small one will do.
		command = []string{"-c", script, "qemu-aarch64", "-s", "524288", "-L", c.Sysroot, "./" + c.Source, c.Way}
		env = []string{"PATH=/usr/bin:/bin"}
		if c.CPU != "" {
			env = append(env, "QEMU_CPU="+c.CPU)
		}
	}
	if c.Way == "" {
		command = command[:len(command)-1]
	}
	cmd := exec.Command("/bin/sh", command...)
	cmd.Dir, cmd.Env = c.Dir, env
	if env == nil {
		cmd.Env = []string{}
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !exit.Sys().(syscall.WaitStatus).Signaled() {
		t.Fatalf("%v did not die of a signal: %v %s", c.Program, err, out)
	}
	find := "core*"
	if c.Arch == ARM64 {
		// What else is there is the core of qemu itself.
		find = "qemu_*.core"
	}
	found, _ := filepath.Glob(filepath.Join(c.Dir, find))
	if len(found) != 1 {
		t.Fatalf("%v left %d cores", c.Program, len(found))
	}
	if err := os.Rename(found[0], c.Core); err != nil {
		t.Fatal(err)
	}
}

// command runs a tool in dir and returns its standard output.
func command(t testing.TB, dir, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return stdout.Bytes()
}
