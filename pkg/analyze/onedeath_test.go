package analyze_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
)

// death is a process that died, and who told of it.
type death struct {
	kind                crash.Kind
	pid, thread, master int
	second              int // of the minute
}

// ends are how the kinds end: the signal, and what the system calls it.
var ends = map[crash.Kind]struct {
	signal, words string
	number        int
}{
	crash.BugOn:    {"SIGILL", "Illegal instruction", 4},
	crash.Segfault: {"SIGSEGV", "Segmentation fault", 11},
	crash.Watchdog: {"SIGABRT", "Aborted", 6},
	crash.Spinning: {"SIGILL", "Illegal instruction", 4},
}

// told are the texts of a death by who tells it, each with its lines.
func (d death) told() map[string]string {
	end := ends[d.kind]
	lines := func(after int, who string, texts ...string) string {
		var b strings.Builder
		for _, t := range texts {
			fmt.Fprintf(&b, "Apr  2 10:%02d:%02d lb1 %s: %s\n", 11+(d.second+after)/60, (d.second+after)%60, who, t)
		}
		return b.String()
	}
	worker, master := fmt.Sprintf("haproxy[%d]", d.pid), fmt.Sprintf("haproxy[%d]", d.master)
	told := map[string]string{
		"systemd-coredump": lines(1, fmt.Sprintf("systemd-coredump[%d]", d.pid+9),
			fmt.Sprintf("Process %d (haproxy) of user 99 dumped core.", d.pid), "",
			fmt.Sprintf("Stack trace of thread %d:", d.thread),
			"#0  0x000055d2c0a1b2c3 h1_detach (haproxy + 0x11b2c3)", "#1  0x000055d2c0a1c2c3 sc_destroy (haproxy + 0x11c2c3)",
			fmt.Sprintf("Stack trace of thread %d:", d.pid+3), "#0  0x00007fd8a12cf7ff epoll_wait (libc.so.6 + 0x10a7ff)"),
		"master": lines(1, master, fmt.Sprintf("[NOTICE]   (%d) : haproxy version is 2.8.3-86e043a", d.master),
			fmt.Sprintf("[ALERT]    (%d) : Current worker (%d) exited with code %d (%s)", d.master, d.pid, 128+end.number, end.words)),
		"shell":   fmt.Sprintf("/opt/run.sh: line 3: %5d %-20s (core dumped) haproxy -db -f /etc/haproxy.cfg\n", d.pid, end.words),
		"systemd": lines(1, "systemd[1]", fmt.Sprintf("haproxy.service: Main process exited, code=dumped, status=%d/%s", end.number, end.signal[3:])),
	}
	const place = "ip:55d2c0a1b2c3 sp:7ffd5a7b1f10 error:0 in haproxy[55d2c0900000+1f0000]"
	switch d.kind {
	case crash.Segfault:
		told["kernel"] = lines(0, "kernel", fmt.Sprintf("haproxy[%d]: segfault at 10 ip 000055d2c0a1b2c3 sp 00007ffd5a7b1f10 error 4 in haproxy[55d2c0900000+1f0000]", d.thread))
	case crash.BugOn, crash.Spinning:
		told["kernel"] = lines(0, "kernel", fmt.Sprintf("traps: haproxy[%d] trap invalid opcode %s", d.thread, place))
	}
	switch d.kind {
	case crash.BugOn:
		told["haproxy"] = lines(0, worker, `FATAL: bug condition "h1s->sd != 0" matched at src/mux_h1.c:1123`, "  call trace(2):",
			"  | 0x55d2c0a1b2c3 [0f 0b 90 0f 1f 44 00 00]: h1_detach+0x43/0x98", "  | 0x55d2c0a1c2c3 [48 89 c3 eb 15 0f 1f 00]: sc_destroy+0x93/0x198")
	case crash.Spinning:
		told["haproxy"] = lines(0, worker, fmt.Sprintf("[ALERT]    (%d) : A bogus APPCTX [0x5601c66%05x] is spinning at %d calls per second and refuses to die, aborting now! Please report this error to developers [strm=0x5601c66ac790,8 src=unix:1 fe=GLOBAL be=GLOBAL dst=<CLI>]", d.pid, d.pid, 500000+d.pid))
	case crash.Watchdog:
		told["haproxy"] = lines(0, worker, "Thread 2 is about to kill the process.",
			"  Thread 1 : id=0x7f915aa9c440 act=0 glob=0 wq=1 rq=0 tl=0 tlsz=0 rqsz=0", "      1/1    stuck=0 prof=0 harmless=1 wantrdv=0", "             curr_task=0",
			"*>Thread 2 : id=0x7f915a7ff6c0 act=1 glob=1 wq=0 rq=0 tl=0 tlsz=0 rqsz=0", "      1/2    stuck=1 prof=0 harmless=0 wantrdv=0", "             curr_task=0",
			"             call trace(1):", "             | 0x562ff0c0d07a [48 89 ee 48 89 df e8 3b]: h1_process+0x170")
	}
	return told
}

// Whoever tells of a death, in whatever order, with or without another one in between: it is
// one crash, with what each of them knows.
func TestOneDeathIsOneCrash(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	kinds := []crash.Kind{crash.BugOn, crash.Segfault, crash.Watchdog, crash.Spinning}
	for n := range 800 {
		one := death{kind: kinds[n%4], pid: 2131, master: 2130}
		one.thread = one.pid + n/4%2*4
		var log []string
		told := one.told()
		who := pick(r, told, 0.75)
		for _, w := range who {
			log = append(log, told[w])
		}
		all := map[int]death{one.pid: one}
		if n%3 > 0 {
			other := death{kind: kinds[r.IntN(4)], pid: 3131, master: 3130, second: 3}
			if n%3 == 2 { // of the same master
				other.pid, other.master = 2190, 2130
			}
			other.thread = other.pid
			told := other.told()
			delete(told, "systemd") // which names no process
			at := r.IntN(len(log) + 1)
			for _, w := range pick(r, told, 0.8) {
				log = slices.Insert(log, at, told[w])
				at++
			}
			all[other.pid] = other
		}
		text := strings.Join(log, "")
		var got []*crash.Crash
		if _, err := analyze.Run(t.Context(), analyze.Options{Stdin: strings.NewReader(text)}, func(c *crash.Crash) error {
			got = append(got, c)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if len(got) != len(all) {
			t.Errorf("%d crashes, want %d:\n%s", len(got), len(all), text)
			continue
		}
		// A kernel's line and systemd's alone name no process: these are the last.
		slices.SortFunc(got, func(a, b *crash.Crash) int { return pidOf(b) - pidOf(a) })
		for _, c := range got {
			d, ok := all[pidOf(c)]
			if !ok {
				for _, d = range all {
					break
				}
			}
			delete(all, d.pid)
			if s := c.SignalName(); s != "" && s != ends[d.kind].signal || len(c.Conflicts) > 0 {
				t.Errorf("process %d: %s, conflicts %+v:\n%s", d.pid, s, c.Conflicts, text)
			}
			if c.Kind != d.kind && strings.Contains(text, d.told()["haproxy"]) && d.kind != crash.Segfault {
				t.Errorf("process %d: %s, want %s:\n%s", d.pid, c.Kind, d.kind, text)
			}
		}
		if t.Failed() {
			return
		}
	}
}

// pick takes some of those who tell of a death, one at least, in any order.
func pick(r *rand.Rand, told map[string]string, share float64) (who []string) {
	for _, w := range []string{"haproxy", "kernel", "systemd-coredump", "master", "shell", "systemd"} {
		if told[w] != "" && r.Float64() < share && !(w == "systemd" && slices.Contains(who, "shell")) {
			who = append(who, w)
		}
	}
	if len(who) == 0 {
		who = []string{"master"}
	}
	r.Shuffle(len(who), func(i, j int) { who[i], who[j] = who[j], who[i] })
	return who
}

func pidOf(c *crash.Crash) int {
	if c.Process == nil {
		return 0
	}
	return c.Process.PID
}

// The end of a dump of 256 threads is far below its beginning: what follows it is of the same
// crash, also without pids and times.
func TestLongDump(t *testing.T) {
	var log strings.Builder
	log.WriteString("[NOTICE]   (28674) : New worker (28684) forked\nThread 137 is about to kill the process.\n")
	for n := 1; n <= 256; n++ {
		mark, at := "  ", 0
		if n == 137 {
			mark, at = "* ", 1
		}
		fmt.Fprintf(&log, "%sThread %-3d: id=0x7ff5%08x act=%d glob=0 wq=0 rq=0 tl=0 tlsz=0 rqsz=0\n", mark, n, n<<12, at)
		fmt.Fprintf(&log, "      %d/%-2d   stuck=0 prof=0 harmless=%d isolated=%d\n", (n-1)/64+1, (n-1)%64+1, 1-at, at)
		log.WriteString("             cpu_ns: poll=1502807 now=1511817 diff=9010\n             curr_task=0\n")
	}
	log.WriteString("[ALERT]    (28674) : Current worker (28684) exited with code 134 (Aborted)\n")
	name := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(name, []byte(log.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c := one(t, "log", []string{name}, "")
	if c == nil {
		return
	}
	if th := c.Threads[0]; len(c.Threads) != 256 || th.Number != 137 || !th.Faulty || c.Process == nil || c.Process.PID != 28684 || c.Exit == nil {
		t.Errorf("%d threads, the first is %d, process %+v, exit %+v", len(c.Threads), th.Number, c.Process, c.Exit)
	}
}
