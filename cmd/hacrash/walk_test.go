package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/host"
	"github.com/hacrash/hacrash/pkg/report"
)

// walk is a user's HAProxy, as Debian's package runs it: in a chroot, as user haproxy.
type walk struct {
	*testing.T
	dir, config, jail string
	cmd               *exec.Cmd
}

// TestWalk does what docs/getting-a-core.md says: a HAProxy that would leave no core, what
// doctor says of it, that done, a crash, and the report of the latest core.
func TestWalk(t *testing.T) {
	w := newWalk(t)
	w.start()
	before := w.doctor()
	for _, id := range []string{"core-pattern", "core-limit", "dumpable"} {
		if f := before[id]; f.State != host.Problem || f.Command == "" {
			t.Fatalf("%s: %+v", id, f)
		}
	}
	// kernel.core_pattern is the machine's and stays; the finding says what else is wrong:
	// the user cannot write to the chroot.
	if err := os.Chmod(w.jail, 0o1777); err != nil {
		t.Fatal(err)
	}
	edit, _, _ := strings.Cut(before["dumpable"].Command, " && systemctl restart")
	w.run(edit)
	w.stop()
	w.start()
	if f := w.doctor()["core-limit"]; f.State != host.OK {
		w.run(f.Command)
	}
	after := w.doctor()
	for _, id := range []string{"core-pattern", "core-limit", "dumpable", "core-filter"} {
		if f := after[id]; f.State != host.OK {
			t.Errorf("%s: %+v", id, f)
		}
	}
	pid := w.cmd.Process.Pid
	w.crash()
	var list report.List
	w.hacrash(&list, exitOK, "list", "--config", w.config, "--last", "1", "--format", "json")
	if len(list.Crashes) != 1 || list.Crashes[0].PID != pid || filepath.Dir(list.Crashes[0].Path) != w.jail {
		t.Fatalf("listed: %+v", list.Crashes)
	}
	for _, args := range [][]string{{"latest"}, {"-1"}, {"--pid", strconv.Itoa(pid)}} {
		var r crash.Report
		w.hacrash(&r, exitOK, append([]string{"analyze", "--config", w.config, "--format", "json"}, args...)...)
		if len(r.Crashes) != 1 || r.Crashes[0].Process.PID != pid || r.Crashes[0].Provoked != "debug dev panic" || r.Crashes[0].Fingerprint == "" {
			t.Errorf("%v: %+v", args, r.Crashes)
		}
	}
}

func newWalk(t *testing.T) *walk {
	t.Helper()
	pattern, _ := os.ReadFile("/proc/sys/kernel/core_pattern")
	switch _, err := user.Lookup("haproxy"); {
	case err != nil:
		coretest.Absent(t, err.Error())
	case os.Getuid() != 0:
		coretest.Absent(t, "chroot needs root")
	case !strings.HasPrefix(string(pattern), "core"):
		coretest.Absent(t, "core_pattern is not core")
	}
	// Not t.TempDir: a unix socket's path must be short, and others must get in.
	dir, err := os.MkdirTemp("/tmp", "walk")
	if err != nil {
		t.Fatal(err)
	}
	w := &walk{T: t, dir: dir, config: filepath.Join(dir, "haproxy.cfg"), jail: filepath.Join(dir, "jail")}
	t.Cleanup(func() { w.stop(); os.RemoveAll(dir) })
	text := fmt.Sprintf("global\n    chroot %s\n    user haproxy\n    group haproxy\n    nbthread 2\n    stats socket %s/sock level admin\ndefaults\n    timeout client 5s\n", w.jail, dir)
	for _, err := range []error{os.Chmod(dir, 0o755), os.Mkdir(w.jail, 0o755), os.WriteFile(w.config, []byte(text), 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// start starts it as a system does that allows no cores.
func (w *walk) start() {
	w.Helper()
	w.cmd = exec.Command("/bin/sh", "-c", "ulimit -S -c 0; exec /usr/sbin/haproxy -db -f "+w.config)
	w.cmd.Stderr = io.Discard
	if err := w.cmd.Start(); err != nil {
		w.Fatal(err)
	}
	for range 600 {
		if c, err := net.Dial("unix", w.dir+"/sock"); err == nil {
			fmt.Fprintln(c, "show info")
			answer, _ := io.ReadAll(c)
			c.Close()
			if bytes.Contains(answer, []byte("Pid: ")) { // it has its chroot and its user
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.Fatal("HAProxy does not answer")
}

func (w *walk) stop() {
	if w.cmd != nil && w.cmd.ProcessState == nil {
		_ = w.cmd.Process.Signal(syscall.SIGKILL)
		_ = w.cmd.Wait()
	}
}

func (w *walk) crash() {
	w.Helper()
	c, err := net.Dial("unix", w.dir+"/sock")
	if err != nil {
		w.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintln(c, "expert-mode on; debug dev panic")
	_ = w.cmd.Wait() // that it died is what was asked for
	if s := w.cmd.ProcessState.Sys().(syscall.WaitStatus); !s.CoreDump() {
		w.Fatalf("it left no core: %v", w.cmd.ProcessState)
	}
}

func (w *walk) run(command string) {
	w.Helper()
	if out, err := exec.Command("/bin/sh", "-c", command).CombinedOutput(); err != nil {
		w.Fatalf("%s: %v\n%s", command, err, out)
	}
}

func (w *walk) doctor() map[string]host.Finding {
	w.Helper()
	var r host.Result
	w.hacrash(&r, exitFailed, "doctor", "--pid", strconv.Itoa(w.cmd.Process.Pid), "--config", w.config, "--format", "json")
	out := map[string]host.Finding{}
	for _, f := range r.Findings {
		out[f.ID] = f
	}
	return out
}

// hacrash runs the command line, and reads what it prints. Debian's HAProxy lacks fixes, and so
// doctor always finds a problem.
func (w *walk) hacrash(into any, code int, args ...string) {
	w.Helper()
	var out, complaints bytes.Buffer
	null, err := os.Open(os.DevNull)
	if err != nil {
		w.Fatal(err)
	}
	defer null.Close()
	if got := Run(w.Context(), args, null, &out, &complaints); got != code {
		w.Fatalf("%v: exit status %d\n%s%s", args, got, out.String(), complaints.String())
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		w.Fatalf("%v: %v\n%s", args, err, out.String())
	}
}
