package analyze_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/debiansuite"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/pkg/crash"
)

// Of 64 threads thread 37 panics, or hangs until the watchdog comes. Its number, its LWP,
// what HAProxy dumped of it and its stack are right, whatever of log, core and files of the
// process is at hand.
func TestFaultyOfManyThreads(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	for _, b := range []bed{{}, {suite: "bullseye"}, {suite: "trixie"}, {suite: "sid", optional: true}} {
		root := ""
		if b.suite != "" {
			root = debiansuite.Root(t, b.suite, b.optional)
		}
		for _, w := range []crowd{
			{bed: b, root: root, threads: 64, number: 37, command: "debug dev panic", kind: crash.Panic},
			{bed: b, root: root, threads: 64, number: 37, command: "debug dev loop 60000", kind: crash.Watchdog},
		} {
			t.Run(fmt.Sprintf("%s of %s", w.kind, b.suite), w.test)
		}
	}
}

// Since 2.7 there are groups of 64 threads. On two CPUs the dump of so many takes minutes.
func TestFaultyOfFourGroups(t *testing.T) {
	if os.Getenv("HACRASH_LONG") == "" {
		t.Skip("HACRASH_LONG is not set")
	}
	w := crowd{root: debiansuite.Root(t, "trixie", false), threads: 256, group: 4, number: 229, command: "debug dev panic", kind: crash.Panic}
	w.test(t)
}

// crowd is a HAProxy of many threads, of which one ends it.
type crowd struct {
	bed
	root                   string
	threads, group, number int
	command                string
	kind                   crash.Kind
}

func (w crowd) test(t *testing.T) {
	o := haproxytest.Options{Root: w.root, Threads: w.threads, Thread: w.number, MasterWorker: true}
	if w.group > 0 {
		o.Groups, o.Thread = w.group, w.number-64*(w.group-1)
	}
	p := haproxytest.Start(t, o)
	lwps := p.LWPs()
	if len(lwps) != w.threads {
		t.Fatalf("%d threads, want %d", len(lwps), w.threads)
	}
	p.CLI("expert-mode on; " + w.command)
	p.Wait()
	log, none, files := logOf(t, p), t.TempDir(), "/"
	if w.root != "" {
		files = w.root
	}
	for _, x := range []struct {
		name    string
		inputs  []string
		sysroot string
	}{
		{"log", []string{log}, none},
		{"core", []string{p.Core()}, none},
		{"core with its files", []string{p.Core()}, files},
		{"core and log", []string{p.Core(), log}, none},
		{"log and core with its files", []string{log, p.Core()}, files},
		{"core with its files and coredumpctl", []string{p.Core(), coredumpctl(t, p, lwps[w.number-1])}, files},
	} {
		c := one(t, x.name, x.inputs, x.sysroot)
		if c == nil {
			continue
		}
		if c.Kind != w.kind || c.Process.PID != p.PID || len(c.Conflicts) > 0 {
			t.Errorf("%s: %s of pid %d, conflicts %+v; want %s of %d", x.name, c.Kind, c.Process.PID, c.Conflicts, w.kind, p.PID)
		}
		if x.name != "log" && c.Provoked != w.command {
			t.Errorf("%s: provoked by %q", x.name, c.Provoked)
		}
		w.numbers(t, x.name, c, lwps)
		w.faulty(t, x.name, c, lwps, p, x.sysroot == files)
	}
}

// numbers demands that each thread has its number, which is the order of the LWPs.
func (w crowd) numbers(t *testing.T, name string, c *crash.Crash, lwps []int) {
	t.Helper()
	if len(c.Threads) != w.threads {
		t.Errorf("%s: %d threads, want %d", name, len(c.Threads), w.threads)
	}
	wrong := 0
	for _, th := range c.Threads {
		hasLWP := name != "log"
		if th.Number < 1 || th.Number > w.threads || hasLWP && th.LWP != lwps[th.Number-1] {
			if wrong++; wrong < 4 {
				t.Errorf("%s: thread %d with LWP %d", name, th.Number, th.LWP)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%s: %d threads are wrong", name, wrong)
	}
}

// faulty demands the thread that ended the process: its dump, its stack.
func (w crowd) faulty(t *testing.T, name string, c *crash.Crash, lwps []int, p *haproxytest.Process, whole bool) {
	t.Helper()
	th := c.Faulty()
	if th == nil || th.Number != w.number || name != "log" && th.LWP != lwps[w.number-1] {
		t.Errorf("%s: thread %+v is at fault, want %d, LWP %d", name, th, w.number, lwps[w.number-1])
		return
	}
	if th != &c.Threads[0] {
		t.Errorf("%s: the thread at fault is not the first", name)
	}
	if stuck := w.kind == crash.Watchdog; th.Stuck != stuck {
		t.Errorf("%s: stuck is %v", name, th.Stuck)
	}
	if th.Task == nil || th.Task.Address == 0 || th.Task.Applet != "CLI" && th.Task.Applet != "<CLI>" && th.Task.Calls == 0 {
		t.Errorf("%s: task %+v", name, th.Task)
	}
	if !whole {
		return
	}
	// Debian's HAProxy has no inlined calls: each of its frames is one of gdb's.
	var ours, theirs []uint64
	for _, f := range th.Frames {
		ours = append(ours, uint64(f.Address))
	}
	theirs = framesOf(p.Backtrace())
	own := func(list []uint64) []uint64 {
		return slices.DeleteFunc(list, func(at uint64) bool {
			i := slices.IndexFunc(c.Modules, func(m crash.Module) bool { return m.Main })
			return at < uint64(c.Modules[i].Start) || at >= uint64(c.Modules[i].End)
		})
	}
	if ours, theirs = own(ours), own(theirs); len(theirs) < 8 || !slices.Equal(ours, theirs) {
		t.Errorf("%s: HAProxy's part of the stack is\n%#x\nof gdb's\n%#x", name, ours, theirs)
	}
}

var gdbFrame = regexp.MustCompile(`(?m)^#\d+ +(0x[0-9a-f]+) in `)

// framesOf are the addresses of gdb's frames but for those of inlined functions, which it
// prints without.
func framesOf(backtrace string) (out []uint64) {
	for _, m := range gdbFrame.FindAllStringSubmatch(backtrace, -1) {
		n, _ := strconv.ParseUint(m[1], 0, 64) // the pattern sees to it
		out = append(out, n)
	}
	return out
}

// coredumpctl is what coredumpctl info would say of the core, with the stack of the thread
// that died as systemd prints it.
func coredumpctl(t *testing.T, p *haproxytest.Process, lwp int) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "           PID: %d (haproxy)\n           UID: 0 (root)\n        Signal: 6 (ABRT)\n  Command Line: /usr/sbin/haproxy -W -f h.cfg\n", p.PID)
	fmt.Fprintf(&b, "    Executable: /usr/sbin/haproxy\n       Storage: %s (present)\n       Message: Process %d (haproxy) of user 0 dumped core.\n\n", p.Core(), p.PID)
	fmt.Fprintf(&b, "                Stack trace of thread %d:\n", lwp)
	for i, at := range framesOf(p.Backtrace()) {
		fmt.Fprintf(&b, "                #%-2d 0x%016x n/a (n/a + 0x0)\n", i, at)
	}
	path := filepath.Join(t.TempDir(), "coredumpctl.txt")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// However many lines a dump has, the master's line behind it tells of the same death.
func TestDumpOf256Threads(t *testing.T) {
	const threads, faulty = 256, 229
	var b strings.Builder
	fmt.Fprintf(&b, "Thread %d is about to kill the process.\n", faulty)
	for n := 1; n <= threads; n++ {
		mark := ' '
		if n == faulty {
			mark = '*'
		}
		fmt.Fprintf(&b, "%c Thread %-2d: id=%#x act=0 glob=0 wq=0 rq=0 tl=0 tlsz=0 rqsz=0\n", mark, n, 0x7f2da0000000+n<<12)
		fmt.Fprintf(&b, "      %d/%-2d   stuck=0 prof=0 harmless=1 isolated=0\n", 1+(n-1)/64, 1+(n-1)%64)
		fmt.Fprintf(&b, "             cpu_ns: poll=13377024 now=13503364 diff=126340\n             curr_task=0\n")
	}
	fmt.Fprintf(&b, "[ALERT]    (28024) : Current worker (28035) exited with code 134 (Aborted)\n")
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c := one(t, "log", []string{path}, "")
	if c == nil {
		return
	}
	if th := c.Faulty(); c.Kind != crash.Panic || c.Process.PID != 28035 || c.Exit == nil || c.Exit.Code != 134 || len(c.Threads) != threads || th == nil || th.Number != faulty {
		t.Errorf("%s of %+v, %+v, %d threads, at fault %+v", c.Kind, c.Process, c.Exit, len(c.Threads), th)
	}
}
