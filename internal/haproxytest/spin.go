package haproxytest

import (
	"bufio"
	"debug/elf"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hacrash/hacrash/internal/coretest"
)

// Spin makes HAProxy believe that its CLI applet spins: gdb stops it where it is
// about to run the applet and calls stream_dump_and_crash with the given rate
// in the living process, which then dies as it would on its own. It works on
// stripped binaries, for these functions are in the dynamic symbol table.
// x86-64 only.
func (p *Process) Spin(rate int) {
	p.t.Helper()
	if _, err := exec.LookPath("gdb"); err != nil {
		coretest.Absent(p.t, "gdb is not installed (package gdb)")
	}
	exe := filepath.Join(p.Root, program)
	root := p.Root
	if root == "" {
		root = "/"
	}
	spoken := filepath.Join(p.t.TempDir(), "spoken")
	cmd := exec.Command("gdb", "-nx", "-batch", "-iex", "set sysroot "+root, "-iex", "set debuginfod enabled off",
		"-ex", "set confirm off", "-ex", "handle SIGALRM SIGURG nostop noprint pass",
		"-ex", "break "+runner(p, exe),
		"-ex", "echo ready\\n",
		// It stands still until the client has spoken.
		"-ex", "shell while [ ! -e "+spoken+" ]; do sleep 0.02; done",
		"-ex", "continue",
		"-ex", "delete",
		// The second argument is the context: the appctx.
		"-ex", fmt.Sprintf("call (void)((void(*)(void*,int))stream_dump_and_crash)((void*)$rsi, %d)", rate),
		"-ex", "continue",
		"-p", fmt.Sprint(p.PID), exe)
	// Folklore: gdb 13 can abort on its own when its prey dies. Its core, and its
	// environment within, must not land in a source tree.
	cmd.Dir, cmd.Env = p.t.TempDir(), []string{"PATH=/usr/bin:/bin"}
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	timer := time.AfterFunc(p.patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	var said strings.Builder
	var asking sync.WaitGroup
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if lines.Text() == "ready" {
			asking.Go(func() { p.ask(spoken) })
		}
	}
	_, _ = io.Copy(io.Discard, out)
	_ = cmd.Wait() // gdb's own status says nothing of the process
	asking.Wait()
	// Folklore: gdb 13 may fail on its own while the last threads go, after the
	// signal was delivered; whether the process died is for Wait to tell.
	if !strings.Contains(said.String(), "was signaled while in a function called from GDB") {
		p.t.Fatalf("gdb could not make haproxy spin:\n%s", said.String())
	}
}

// runner is the function that runs the CLI's applet: task_process_applet where
// it exists (3.0), else task_run_applet.
func runner(p *Process, exe string) string {
	p.t.Helper()
	f, err := elf.Open(exe)
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.DynamicSymbols()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, s := range symbols {
		if s.Name == "task_process_applet" && s.Section != elf.SHN_UNDEF {
			return s.Name
		}
	}
	return "task_run_applet"
}

// ask sends a command to the CLI of a process that stands still, leaves a file to say so,
// and waits for the end of the connection. So the command is there when the process goes on,
// whatever else the machine does.
func (p *Process) ask(spoken string) {
	c, err := net.Dial("unix", filepath.Join(p.Dir, "sock"))
	if err == nil {
		defer c.Close()
		_, _ = io.WriteString(c, "show version\n")
	}
	if err := os.WriteFile(spoken, nil, 0o600); err != nil {
		p.t.Error(err) // gdb waits for it until its time is over
	}
	if c != nil {
		_, _ = io.Copy(io.Discard, c)
	}
}
