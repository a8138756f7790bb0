package analyze

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/live"
)

// livingPID tells a child of the tests which process to look at: a parent hears of its child's
// stops, so that it cannot be what stops it.
const livingPID = "HACRASH_LIVING_PID"

// TestLivingChild is no test: it writes what is to be said of a process.
func TestLivingChild(t *testing.T) {
	pid, err := strconv.Atoi(os.Getenv(livingPID))
	if err != nil {
		t.Skip("not a child")
	}
	p, err := live.Open(pid, live.Options{Limit: time.Second}) // a busy machine takes its time
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stderr, "stood still for", p.Stopped, p.Problems)
	o := Options{Living: []Living{{Name: "process", ReaderAt: p, Size: p.Size()}}}
	_, err = Run(t.Context(), o, func(c *crash.Crash) error { return json.NewEncoder(os.Stdout).Encode(c) })
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// living analyses a process that is alive.
func living(t *testing.T, pid int) *crash.Crash {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestLivingChild$")
	child.Env = append(os.Environ(), livingPID+"="+strconv.Itoa(pid))
	var said strings.Builder
	child.Stderr = &said
	out, err := child.Output()
	if t.Log(said.String()); err != nil {
		if strings.Contains(said.String(), "not permitted") {
			coretest.Absent(t, said.String())
		}
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "[]") {
		t.Error(said.String())
	}
	c := new(crash.Crash)
	if err := json.Unmarshal(out, c); err != nil {
		t.Fatal(err)
	}
	return c
}

// attached gives the addresses of all stacks of a process as gdb tells them, by thread.
func attached(t *testing.T, pid int) map[int][]string {
	t.Helper()
	coretest.Need(t, "gdb", "gdb")
	text, err := exec.CommandContext(t.Context(), "gdb", "-nx", "-p", strconv.Itoa(pid), "-batch", "-ex", "thread apply all bt").Output()
	if err != nil {
		t.Fatal(err)
	}
	frame := regexp.MustCompile(`^#\d+ +0x0*([0-9a-f]+) in `)
	thread := regexp.MustCompile(`^Thread .*\(LWP (\d+)\)`)
	stacks := map[int][]string{}
	lwp := 0
	for line := range strings.Lines(string(text)) {
		if m := thread.FindStringSubmatch(line); m != nil {
			lwp, _ = strconv.Atoi(m[1])
		} else if m := frame.FindStringSubmatch(line); m != nil {
			stacks[lwp] = append(stacks[lwp], m[1])
		}
	}
	return stacks
}

// A HAProxy that serves is looked at, again and again, and goes on; what waits stands where
// gdb says.
func TestLivingHAProxy(t *testing.T) {
	p := haproxytest.Start(t, haproxytest.Options{})
	load, stop := context.WithCancel(t.Context())
	served := make(chan int, 1)
	go func() {
		n := 0
		for load.Err() == nil {
			if strings.Contains(p.CLI("show info"), "Uptime") {
				n++
			}
		}
		served <- n
	}()
	for range 20 {
		c := living(t, p.PID)
		if c.Kind != crash.Snapshot || c.Process.PID != p.PID || c.Process.Version == "" || len(c.Threads) != len(p.LWPs()) {
			t.Fatalf("%s of %+v, %d threads", c.Kind, c.Process, len(c.Threads))
		}
		for _, th := range c.Threads {
			if len(th.Frames) < 3 || th.Broken != "" {
				t.Errorf("thread %d: %d frames, %s", th.LWP, len(th.Frames), th.Broken)
			}
		}
	}
	stop()
	if n := <-served; n == 0 {
		t.Error("nothing was served meanwhile")
	}
	p.WaitIdle()
	want := attached(t, p.PID)
	c := living(t, p.PID)
	for _, th := range c.Threads {
		var got []string
		for _, f := range th.Frames {
			if !f.Inlined {
				got = append(got, fmt.Sprintf("%x", uint64(f.Address)))
			}
		}
		theirs := want[th.LWP]
		if len(theirs) < 3 || !strings.Contains(strings.Join(got, " "), strings.Join(theirs, " ")) {
			t.Errorf("thread %d: %s, gdb %s", th.LWP, got, theirs)
		}
	}
	if !strings.Contains(p.CLI("show info"), "Uptime") {
		t.Error("it serves no more")
	}
}

// Threads that work without a pause are stopped too, and go on.
func TestLivingSpin(t *testing.T) {
	coretest.Need(t, "sh", "dash")
	spin := exec.Command("sh", "-c", "echo; while :; do :; done")
	out, err := spin.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := spin.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { spin.Process.Kill(); spin.Wait() })
	if _, err := out.Read(make([]byte, 1)); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	for range 5 {
		c := living(t, spin.Process.Pid)
		if len(c.Threads) != 1 || len(c.Threads[0].Frames) == 0 || c.Kind != crash.Snapshot {
			t.Errorf("%+v", c)
		}
	}
	if _, err := live.Open(1<<30, live.Options{}); err == nil || !strings.Contains(err.Error(), "no such process") {
		t.Error(err)
	}
}
