// Package haproxytest runs a real HAProxy on the loopback of unix sockets and
// crashes it, so that tests may read what it really leaves behind. Only tests
// import it. It knows how a HAProxy must be started for its core to be kept.
package haproxytest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hacrash/hacrash/internal/coretest"
)

const (
	program = "/usr/sbin/haproxy"
	// A watchdog needs two seconds of CPU time, which a busy machine gives late.
	patience = 100 * time.Second
)

// Options say how HAProxy is started.
type Options struct {
	// Root is a directory that holds another system with a haproxy, to be
	// entered with chroot; empty is the host's own.
	Root string
	// Program is the executable, as seen below Root; empty is the package's.
	Program string
	// Threads is nbthread; 0 means 4.
	Threads int
	// MasterWorker starts it with -W.
	MasterWorker bool
	// Groups is thread-groups (2.7); 0 leaves it out.
	Groups int
	// Thread is the one that serves the CLI, and so crashes by its commands; 0 for any. With
	// Groups it is one of the last group.
	Thread int
	// Filter is what is written to coredump_filter before it starts; empty for the
	// system's own.
	Filter string
	// Preload is a shared object that is loaded before all others (LD_PRELOAD).
	Preload string
	// Environment is added to that of the process.
	Environment []string
	// Config is appended to the configuration. Relative paths are below Dir.
	Config string
	// Files are written to Dir before it starts, by their names.
	Files map[string]string
}

// Executables lists the HAProxys in the directory that HACRASH_HAPROXIES names, of any
// version, compiler and options; none if that is not set.
func Executables(t testing.TB) []string {
	t.Helper()
	dir := os.Getenv("HACRASH_HAPROXIES")
	if dir == "" {
		return nil
	}
	list, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(list) == 0 {
		t.Fatalf("HACRASH_HAPROXIES=%s: no executables there: %v", dir, err)
	}
	return list
}

// Has tells whether the HAProxy was built with a feature: LUA, OPENSSL.
func Has(t testing.TB, o Options, feature string) bool {
	t.Helper()
	c := exec.Command(o.program(), "-vv")
	if o.Root != "" {
		c.SysProcAttr = &syscall.SysProcAttr{Chroot: o.Root}
	}
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(out, []byte("+"+feature+" "))
}

func (o *Options) program() string {
	if o.Program != "" {
		return o.Program
	}
	return program
}

// Process is a running HAProxy. It is ended with the test.
type Process struct {
	// PID is that of the process that serves: the worker with -W.
	PID int
	// Dir is its working directory, as the host sees it.
	Dir string
	// Root is that of Options.
	Root string

	t      testing.TB
	cmd    *exec.Cmd
	stderr bytes.Buffer
	done   chan struct{}
	// patience is how long it may take to answer, or to end: each of its threads dumps itself.
	patience time.Duration
}

// Program is the executable below a root; a test is skipped, or fails, like that of Start.
func Program(t testing.TB, root string) string {
	t.Helper()
	path := filepath.Join(root, program)
	present(t, path)
	return path
}

func present(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		coretest.Absent(t, "no haproxy to test with: install the package haproxy")
	}
}

// Start runs HAProxy and returns when it answers on its CLI. Where there is
// none, or cores do not land in the working directory, the test is skipped; it
// fails if CI=true is in the environment.
func Start(t testing.TB, o Options) *Process {
	t.Helper()
	present(t, filepath.Join(o.Root, o.program()))
	pattern, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if p := strings.TrimSpace(string(pattern)); err != nil || !strings.HasPrefix(p, "core") {
		coretest.Absent(t, fmt.Sprintf("core_pattern is %q: set it to core", p))
	}
	if o.Threads == 0 {
		o.Threads = 4
	}
	// Not t.TempDir: a unix socket's path must be short.
	dir, err := os.MkdirTemp(filepath.Join(o.Root, "/tmp"), "hap")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &Process{Dir: dir, Root: o.Root, t: t, done: make(chan struct{}), patience: patience * time.Duration(max(1, o.Threads/64))}
	if err := os.WriteFile(filepath.Join(dir, "h.cfg"), []byte(config(p.inside(""), binding(t, o), o)), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, text := range o.Files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p.run(o)
	p.waitReady()
	return p
}

// binding leaves the CLI to one thread. In 2.2 to 2.4 the word is another one.
func binding(t testing.TB, o Options) string {
	t.Helper()
	if o.Thread == 0 {
		return ""
	}
	cmd := exec.Command(program, "-v")
	if o.Root != "" {
		cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Chroot: o.Root}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("haproxy -v: %v\n%s", err, out)
	}
	word := "thread"
	for _, old := range []string{" 2.2", " 2.3", " 2.4"} {
		if strings.Contains(string(out), "version"+old) {
			word = "process"
		}
	}
	return fmt.Sprintf("%s %d/%d", word, max(o.Groups, 1), o.Thread)
}

func config(dir, binding string, o Options) string {
	groups := ""
	if o.Groups > 0 {
		groups = fmt.Sprintf("thread-groups %d", o.Groups)
	}
	return fmt.Sprintf(`global
    nbthread %d
    %s
    set-dumpable
    stats socket %s/sock level admin expose-fd listeners %s
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 5s
frontend fe1
    bind unix@%s/fe1.sock
    default_backend be1
backend be1
    server s1 unix@%s/s1.sock
%s
`, o.Threads, groups, dir, binding, dir, dir, o.Config)
}

// inside gives the path of a file in Dir as the process sees it.
func (p *Process) inside(name string) string {
	return filepath.Join("/", strings.TrimPrefix(p.Dir, p.Root), name)
}

// run starts it. The shell sets limit and filter of cores, which a worker inherits,
// and makes way for HAProxy, so the pid stays.
func (p *Process) run(o Options) {
	p.t.Helper()
	mode := ""
	if o.MasterWorker {
		mode = "-W"
	}
	filter := ""
	if o.Filter != "" {
		filter = "echo " + o.Filter + " >/proc/self/coredump_filter && "
	}
	script := fmt.Sprintf("cd %s && ulimit -c unlimited && %sexec %s %s -f h.cfg", p.inside(""), filter, o.program(), mode)
	p.cmd = exec.Command("/bin/sh", "-c", script)
	p.cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	p.cmd.Env = append(p.cmd.Env, o.Environment...)
	if o.Preload != "" {
		p.cmd.Env = append(p.cmd.Env, "LD_PRELOAD="+o.Preload)
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.stderr, &p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if o.Root != "" {
		p.cmd.SysProcAttr.Chroot = o.Root
		p.cmd.Dir = "/"
	}
	// A worker that outlives its master holds the pipe of stderr open.
	p.cmd.WaitDelay = 5 * time.Second
	if err := p.cmd.Start(); err != nil {
		if o.Root != "" && errors.Is(err, syscall.EPERM) {
			coretest.Absent(p.t, "chroot needs root")
		}
		p.t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the state tells more than the error
		close(p.done)
	}()
	p.t.Cleanup(p.end)
}

// end ends the process and what it started: its own process group.
func (p *Process) end() {
	select {
	case <-p.done:
	default:
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
}

// waitReady asks for the pid until it is told.
func (p *Process) waitReady() {
	p.t.Helper()
	deadline := time.After(p.patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		for line := range strings.Lines(p.CLI("show info")) {
			if pid, ok := strings.CutPrefix(line, "Pid: "); ok {
				p.PID, _ = strconv.Atoi(strings.TrimSpace(pid))
				return
			}
		}
		select {
		case <-tick.C:
		case <-p.done:
			p.t.Fatalf("haproxy ended before it was ready:\n%s", p.stderr.String())
		case <-deadline:
			p.t.Fatalf("haproxy does not answer on its CLI")
		}
	}
}

// WaitIdle returns when all threads wait: what answered the CLI goes on for a moment, and a
// master starts itself anew when its worker has started.
func (p *Process) WaitIdle() {
	p.t.Helper()
	deadline := time.After(p.patience)
	for idle := 0; idle < 3; {
		idle++
		stats, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", p.PID))
		stats = append(stats, fmt.Sprintf("/proc/%d/stat", p.Master()))
		for _, name := range stats {
			b, _ := os.ReadFile(name)
			// The name of the program stands in parentheses, the state behind it.
			if _, state, _ := strings.Cut(string(b), ") "); !strings.HasPrefix(state, "S") {
				idle = 0
			}
		}
		select {
		case <-deadline:
			p.t.Fatal("haproxy is never idle")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// CLI sends one line and returns the answer up to the end of the connection,
// which a crash ends as well.
func (p *Process) CLI(line string) string {
	conn, err := net.Dial("unix", filepath.Join(p.Dir, "sock"))
	if err != nil {
		return ""
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(p.patience))
	if _, err := io.WriteString(conn, line+"\n"); err != nil {
		return ""
	}
	out, _ := io.ReadAll(conn)
	return string(out)
}

// LWPs are the threads of the process that serves, in the order in which it made them.
func (p *Process) LWPs() []int {
	p.t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", p.PID))
	if err != nil {
		p.t.Fatal(err)
	}
	var out []int
	for _, e := range entries {
		n, err := strconv.Atoi(e.Name())
		if err != nil {
			p.t.Fatal(err)
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Master is the pid of the process that was started: the master with -W.
func (p *Process) Master() int { return p.cmd.Process.Pid }

// Wait waits for the end. The code is that of the process, 128+n if signal n
// ended it; with -W both are what the master makes of its worker's end, which
// is code 128+n and no signal.
func (p *Process) Wait() (code int, signal syscall.Signal) {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(p.patience):
		p.t.Fatal("haproxy did not end")
	}
	status := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return 128 + int(status.Signal()), status.Signal()
	}
	return status.ExitStatus(), 0
}

// Stderr gives what the process wrote to stdout and stderr; only after Wait.
func (p *Process) Stderr() string {
	<-p.done
	return p.stderr.String()
}

// Core gives the path of the core; only after Wait.
func (p *Process) Core() string {
	p.t.Helper()
	found, _ := filepath.Glob(filepath.Join(p.Dir, "core*"))
	if len(found) == 0 {
		p.t.Fatalf("haproxy left no core in %s:\n%s", p.Dir, p.Stderr())
	}
	return found[0]
}
