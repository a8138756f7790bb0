// Package haproxytest starts Debian's HAProxy for a test and crashes it: it
// knows the ways to make it die, and where it leaves its log and its core. Only
// tests import it.
//
// HAProxy listens on a UNIX socket and on 127.0.0.1 only, in a directory of its
// own, and is ended by its own pid.
package haproxytest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Options of Start.
type Options struct {
	// Root is a directory in which another suite is unpacked; empty for the host.
	Root string
	// Threads is nbthread; 0 means 4.
	Threads int
}

// Process is a HAProxy in master-worker mode.
type Process struct {
	// Dir is its directory as the host sees it.
	Dir string
	// Master and Worker are pids.
	Master, Worker int

	t    testing.TB
	o    Options
	done chan error
	cmd  *exec.Cmd
}

const config = `global
    nbthread %d
    set-dumpable
    stats socket %s/cli level admin expose-fd listeners
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 5s
frontend fe1
    bind unix@%s/fe
    default_backend be1
backend be1
    server s1 127.0.0.1:1
`

// Need skips the test when a program is missing; with CI=true it fails.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			if _, err := os.Stat("/usr/sbin/" + p); err == nil {
				continue
			}
			give(t, "%s is not installed; make test installs it on Debian and Ubuntu", p)
		}
	}
}

func give(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Start starts HAProxy and waits until it answers. Cores are written into its
// directory, which needs a kernel with core_pattern "core".
func Start(t testing.TB, o Options) *Process {
	t.Helper()
	if o.Root == "" {
		Need(t, "haproxy")
	}
	pattern, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if err != nil || !strings.HasPrefix(string(pattern), "core") {
		give(t, "kernel.core_pattern is %q, not core: the kernel would not write cores into the working directory", bytes.TrimSpace(pattern))
	}
	if o.Threads == 0 {
		o.Threads = 4
	}
	// Short names: a UNIX socket's path has 107 bytes.
	dir, err := os.MkdirTemp(filepath.Join(o.Root, "/tmp"), "hct")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := &Process{Dir: dir, t: t, o: o, done: make(chan error, 1)}
	inside := "/" + strings.TrimPrefix(strings.TrimPrefix(dir, o.Root), "/")
	if err := os.WriteFile(filepath.Join(dir, "h.cfg"), fmt.Appendf(nil, config, o.Threads, inside, inside), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	args := []string{"/bin/sh", "-c", "cd " + inside + " && ulimit -c unlimited && exec /usr/sbin/haproxy -W -f h.cfg"}
	if o.Root != "" {
		args = append([]string{"chroot", o.Root}, args...)
	}
	p.cmd = exec.Command(args[0], args[1:]...)
	p.cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/bin"}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.Master = p.cmd.Process.Pid
	go func() { p.done <- p.cmd.Wait() }()
	t.Cleanup(p.stop)
	p.ready()
	return p
}

// ready waits for the CLI and learns the worker's pid.
func (p *Process) ready() {
	p.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		for line := range strings.Lines(p.CLI("show info")) {
			if pid, ok := strings.CutPrefix(line, "Pid: "); ok {
				p.Worker, _ = strconv.Atoi(strings.TrimSpace(pid))
				return
			}
		}
	}
	p.t.Fatalf("haproxy does not answer:\n%s", p.Log())
}

// stop ends what is still running.
func (p *Process) stop() {
	if p.cmd.ProcessState != nil {
		return
	}
	for _, pid := range []int{p.Worker, p.Master} {
		if pid > 1 {
			if pr, err := os.FindProcess(pid); err == nil {
				_ = pr.Kill()
			}
		}
	}
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
	}
}

// CLI sends one line of commands and returns the answer, as far as there is one.
func (p *Process) CLI(line string) string {
	c, err := net.Dial("unix", filepath.Join(p.Dir, "cli"))
	if err != nil {
		return ""
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(c, line+"\n"); err != nil {
		return ""
	}
	b, _ := io.ReadAll(c)
	return string(b)
}

// Wait waits for the death of the worker, which the master reports and follows.
func (p *Process) Wait() {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(60 * time.Second):
		p.t.Fatalf("haproxy is still alive:\n%s", p.Log())
	}
}

// Log is what master and worker wrote to stdout and stderr.
func (p *Process) Log() string {
	b, err := os.ReadFile(filepath.Join(p.Dir, "log"))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

// LogPath is the file of Log.
func (p *Process) LogPath() string { return filepath.Join(p.Dir, "log") }

// Core is the path of the core that was written.
func (p *Process) Core() string {
	p.t.Helper()
	names, err := filepath.Glob(filepath.Join(p.Dir, "core*"))
	if err != nil || len(names) == 0 {
		p.t.Fatalf("no core was written:\n%s", p.Log())
	}
	return names[0]
}

// Spin makes HAProxy believe that the CLI's applet spins at so many calls per
// second: a debugger calls the spin guard, as it would be called. The function
// at which the applet is caught is task_run_applet in 2.x, task_process_applet
// in 3.x; its second argument is the applet.
func (p *Process) Spin(runner string, rate int) {
	p.t.Helper()
	Need(p.t, "gdb")
	args := []string{"-nx", "-batch", "-p", strconv.Itoa(p.Worker),
		"-iex", "set sysroot " + orSlash(p.o.Root), "-iex", "set debuginfod enabled off", "-iex", "set auto-load off",
		"-ex", "handle SIGALRM SIGURG SIGUSR1 SIGUSR2 nostop noprint pass",
		"-ex", "break " + runner, "-ex", "continue",
		"-ex", fmt.Sprintf("call (void)((void(*)(void*,int))stream_dump_and_crash)((void*)$rsi, %d)", rate),
		"-ex", "continue"}
	gdb := exec.Command("gdb", args...)
	var out bytes.Buffer
	gdb.Stdout, gdb.Stderr = &out, &out
	if err := gdb.Start(); err != nil {
		p.t.Fatal(err)
	}
	finished := make(chan error, 1)
	go func() { finished <- gdb.Wait() }()
	for {
		p.poke()
		select {
		case <-finished:
			if !strings.Contains(p.Log(), "is spinning at") {
				p.t.Fatalf("the spin guard was not reached:\n%s\n%s", out.String(), p.Log())
			}
			return
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// poke makes the CLI's applet run, without waiting for an answer.
func (p *Process) poke() {
	c, err := net.Dial("unix", filepath.Join(p.Dir, "cli"))
	if err != nil {
		return
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(300 * time.Millisecond))
	_, _ = io.WriteString(c, "show info\n")
	_, _ = io.ReadAll(c)
}

func orSlash(s string) string {
	if s == "" {
		return "/"
	}
	return s
}
