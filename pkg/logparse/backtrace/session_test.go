package backtrace

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/pkg/crash"
)

// The samples gdb-3.2-* are what gdb 13 printed of cores of a HAProxy 3.2.0 with debug data
// that was crashed from its CLI.

// gist is what must come out of a session however it was pasted.
func gist(r *Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %q", r.Kind, r.Plausible, r.Executable)
	if r.Signal != nil {
		b.WriteString(" " + r.Signal.Name)
	}
	for _, t := range r.Threads {
		fmt.Fprintf(&b, "\n%d %t", t.LWP, t.Faulty)
		for _, f := range t.Frames {
			fmt.Fprintf(&b, "\n  %s %s %s:%d %d", f.Address, f.Function, f.File, f.Line, len(f.Arguments))
		}
	}
	return b.String()
}

// broken breaks lines as a terminal of that width does.
func broken(text string, width int) string {
	var out []string
	for l := range strings.SplitSeq(text, "\n") {
		for len(l) > width {
			out, l = append(out, l[:width]), l[width:]
		}
		out = append(out, l)
	}
	return strings.Join(out, "\n")
}

// everyLine gives each line to f.
func everyLine(text string, f func(i int, l string) string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = f(i, lines[i])
	}
	return strings.Join(lines, "\n")
}

// TestPasted reads genuine sessions as terminals, mails, pagers and word processors change
// them: the same has to come out.
func TestPasted(t *testing.T) {
	address := regexp.MustCompile(`0x[0-9a-f]{12,16}`)
	shapes := map[string]func(string) string{
		"line ends of Windows": func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"quoted":               func(s string) string { return everyLine(s, func(_ int, l string) string { return "> " + l }) },
		"quoted tightly": func(s string) string {
			return everyLine(s, func(_ int, l string) string { return ">" + l })
		},
		"indented": func(s string) string { return everyLine(s, func(_ int, l string) string { return "    " + l }) },
		"coloured": func(s string) string { return address.ReplaceAllString(s, "\x1b[34m$0\x1b[m") },
		"colours as a pager shows them": func(s string) string {
			return address.ReplaceAllString(s, "^[[34m$0^[[m")
		},
		"colours without their escapes": func(s string) string { return address.ReplaceAllString(s, "[34m$0[m") },
		"quotes of a word processor": func(s string) string {
			return strings.NewReplacer("`", "‘", "'", "’", `"`, "”").Replace(s)
		},
		"quotes of Windows": func(s string) string { return strings.NewReplacer("`", "\x91", "'", "\x92").Replace(s) },
		"blanks of a page":  func(s string) string { return strings.ReplaceAll(s, "  ", "\u00a0 ") },
		"paged": func(s string) string {
			return everyLine(s, func(i int, l string) string {
				if i%20 == 19 {
					return "--Type <RET> for more, q to quit, c to continue without paging--\n" + l
				}
				return l
			})
		},
	}
	for _, width := range []int{72, 76, 80, 100, 132} {
		shapes[fmt.Sprintf("broken at %d", width)] = func(s string) string { return broken(s, width) }
	}
	shapes["in one line"] = func(s string) string { return strings.ReplaceAll(s, "\n", " ") }
	for _, name := range []string{"debian-2.6-loop-gdb", "debian-2.6-panic-gdb", "debian-2.6-tkill-gdb", "gdb-3.2-bug-registers", "gdb-3.2-watchdog-full", "gdb-3.2-panic-width", "gdb-3.2-outermost"} {
		text := sample(t, name)
		r := one(t, text)
		want := gist(&r)
		if !strings.Contains(want, "\n  ") {
			t.Fatalf("%s: no frames", name)
		}
		for shape, f := range shapes {
			switch {
			case shape == "in one line" && !strings.HasPrefix(name, "debian"), // these have remarks between
				strings.HasPrefix(shape, "broken") && strings.Contains(name, "full"): // values lose their ends
				continue
			}
			blocks, _ := feed(f(text))
			if len(blocks) != 1 {
				t.Errorf("%s, %s: %d blocks", name, shape, len(blocks))
				continue
			}
			if diff := cmp.Diff(want, gist(&blocks[0])); diff != "" {
				t.Errorf("%s, %s:\n%s", name, shape, diff)
			}
		}
	}
}

// Frames keep their numbers, and what is missing is said.
func TestCutStacks(t *testing.T) {
	r := one(t, sample(t, "gdb-3.2-outermost"))
	first := r.Threads[0]
	if r.Kind != crash.Segfault || len(first.Frames) < 4 || first.Frames[0].Number != 0 || first.Frames[1].Number < 5 || !strings.HasPrefix(first.Broken, "frames 1 to ") {
		t.Errorf("%s %q %+v", r.Kind, first.Broken, first.Frames)
	}
	if first.Culprit() != nil && first.Culprit() != &first.Frames[0] {
		t.Errorf("culprit %+v", first.Culprit())
	}
	for text, want := range map[string]string{
		"#4  0x01 in h2_done (h2c=0x1) at src/mux_h2.c:9\n#5  0x02 in main ()\n":                        "frames 0 to 3 are not in the text",
		"#1  0x01 in h2_done (h2c=0x1) at src/mux_h2.c:9\n":                                             "frame 0 is not in the text",
		"#0  0x01 in h2_done () at src/mux_h2.c:9\n#2  0x02 in a () at x.c:1\n#9  0x3 in b () at x.c:2": "frame 1, frames 3 to 8 are not in the text",
		"#0  0x01 in h2_done (h2c=0x1) at src/mux_h2.c:9\n#1  0x02 in main ()\n":                        "",
	} {
		r := one(t, text)
		if r.Threads[0].Broken != want {
			t.Errorf("%s: %q, want %q", text, r.Threads[0].Broken, want)
		}
		if culprit := r.Threads[0].Culprit(); strings.HasPrefix(text, "#0") != (culprit != nil) {
			t.Errorf("%s: culprit %+v", text, culprit)
		}
	}
}

// What gdb shows besides stacks is kept as numbers and names.
func TestGDBEvidence(t *testing.T) {
	r := one(t, sample(t, "gdb-3.2-bug-registers"))
	first := r.Threads[0]
	if len(first.Registers) < 24 || first.Registers[16].Name != "rip" || first.Registers[16].Value != 0x55ca18814bf7 || first.Frames[0].Instruction != "ud2" || first.Frames[0].Address != 0x55ca18814bf7 {
		t.Errorf("%d registers, %+v", len(first.Registers), first.Frames[0])
	}
	r = one(t, sample(t, "gdb-3.2-watchdog-full"))
	locals := map[string]string{}
	for _, f := range r.Threads[0].Frames {
		for _, a := range f.Locals {
			if locals[a.Name] = a.Value; strings.ContainsAny(a.Value, `"{'`) {
				t.Errorf("%s: a variable %s", a.Name, a.Value)
			}
		}
	}
	if r.Kind != crash.Watchdog || len(r.Threads) != 4 || len(locals) < 10 {
		t.Errorf("%s, %d threads, variables %v", r.Kind, len(r.Threads), locals)
	}
	r = one(t, `(gdb) bt
#0  0x000055d0c0a1b2c3 in h1_io_cb (t=0x7f1230001000, ctx=0x7f1230002000, state=65) at src/mux_h1.c:3120
#1  0x000055d0c0b1c2d3 in run_tasks_from_lists (budgets=0x7ffd00001000) at src/task.c:596
(gdb) p *h1c
$1 = {conn = 0x7f1230003000, px = 0x55d0c1000000 <px0>, flags = 2147483656, state = H1_CS_RUNNING, buf = {size = 16384, area = 0x7f "GET /?token=hunter2"},
  key = "hunter2", raw = {104, 117, 110}, on = true, st = (A | B), c = 97 'a', none = <optimized out>}
(gdb) p/x h1c->flags
$2 = 0x80000008
(gdb) p h1c->conn
$3 = (struct connection *) 0x7f1230003000
(gdb) frame 1
#1  0x000055d0c0b1c2d3 in run_tasks_from_lists (budgets=0x7ffd00001000) at src/task.c:596
(gdb) info registers
rax            0x1                 1
(gdb) info locals
done = 7
(gdb) p $_siginfo
$4 = {si_signo = 11, si_errno = 0, si_code = 1, _sifields = {_sigfault = {si_addr = 0x18, _addr_lsb = 0}}}
`)
	want := []crash.Object{
		{Role: "*h1c", Type: "value", Fields: []crash.Field{
			{Name: "*h1c.conn", Value: "0x7f1230003000"}, {Name: "*h1c.px", Value: "0x55d0c1000000 <px0>"}, {Name: "*h1c.flags", Value: "2147483656"}, {Name: "*h1c.state", Value: "H1_CS_RUNNING"},
			{Name: "*h1c.buf.size", Value: "16384"}, {Name: "*h1c.buf.area", Value: "0x7f"}, {Name: "*h1c.on", Value: "true"}, {Name: "*h1c.st", Value: "A | B"}, {Name: "*h1c.c", Value: "97"},
		}},
		{Role: "h1c->flags", Type: "value", Fields: []crash.Field{{Name: "h1c->flags", Value: "0x80000008"}}},
		{Role: "h1c->conn", Type: "struct connection *", Fields: []crash.Field{{Name: "h1c->conn", Value: "0x7f1230003000"}}},
	}
	if diff := cmp.Diff(want, r.Objects); diff != "" {
		t.Error(diff)
	}
	s := r.Signal
	if s == nil || s.Number != 11 || s.Code != 1 || s.Address == nil || *s.Address != 0x18 || r.Kind != crash.Segfault {
		t.Errorf("%s %+v", r.Kind, s)
	}
	frames := r.Threads[0].Frames
	if len(r.Threads[0].Registers) > 0 || len(frames[0].Locals) > 0 || len(frames[1].Locals) != 1 {
		t.Errorf("what is of frame 1: %+v %+v", r.Threads[0].Registers, frames)
	}
}

// Threads that wait for a lock say for which, and none of them is the culprit.
func TestLockWaiters(t *testing.T) {
	r := one(t, `Attaching to process 5011
Thread 4 (Thread 0x7f04 (LWP 14) "haproxy"):
#0  0x000055f86f32e3c2 in __spin_lock (file=0x55 "src/queue.c", line=155, l=0x55f8705ffdc0, lbl=PROXY_LOCK) at include/haproxy/thread.h:877
#1  pendconn_unlink () at src/queue.c:179
#2  0x000055f86f29fb34 in process_stream () at src/stream.c:2422

Thread 3 (Thread 0x7f03 (LWP 13) "haproxy"):
#0  __pl_wait_unlock_long (lock=0x55d0c1000000, mask=12) at include/import/plock.h:106
#1  stktable_lookup_key (t=0x55d0c1000000, key=0x7f) at src/stick_table.c:520

Thread 2 (Thread 0x7f02 (LWP 12) "haproxy"):
#0  0x00007fb315bb0001 in futex_wait (private=0, expected=2, futex_word=0x560a78029e60) at ../sysdeps/nptl/futex-internal.h:146
#1  __GI___lll_lock_wait (futex=futex@entry=0x560a78029e60, private=0) at ./nptl/lowlevellock.c:49
#2  0x00007fb315bb4002 in ___pthread_mutex_lock (mutex=0x560a78029e60) at ./nptl/pthread_mutex_lock.c:93
#3  0x0000560a77dca1bb in hlua_lock (L=0x1) at src/hlua.c:160

Thread 1 (Thread 0x7f01 (LWP 11) "haproxy"):
#0  0x000055d0c0a1b2c3 in process_table_expire () at src/stick_table.c:885
#1  0x000055d0c0b1c2d3 in run_tasks_from_lists () at src/task.c:596
`)
	want := map[int]*crash.Lock{
		14: {Function: "pendconn_unlink", Address: 0x55f8705ffdc0, Label: "PROXY_LOCK"},
		13: {Function: "stktable_lookup_key", Address: 0x55d0c1000000},
		12: {Function: "hlua_lock", Address: 0x560a78029e60},
		11: nil,
	}
	for i := range r.Threads {
		th := &r.Threads[i]
		if diff := cmp.Diff(want[th.LWP], th.Lock); diff != "" {
			t.Errorf("thread %d: %s", th.LWP, diff)
		}
		if th.Faulty != (th.LWP == 11) {
			t.Errorf("thread %d: faulty %t", th.LWP, th.Faulty)
		}
	}
	if r.Kind != crash.Hang || !r.Live || len(r.Threads) != 4 {
		t.Errorf("%s, live %t, %d threads", r.Kind, r.Live, len(r.Threads))
	}
}

// Each core of a session is a crash of its own.
func TestSeveralCores(t *testing.T) {
	session := func(n int) string {
		return fmt.Sprintf("(gdb) core-file core.%d\n[New LWP %d]\nCore was generated by `haproxy -Ws'.\nProgram terminated with signal SIGSEGV, Segmentation fault.\n"+
			"#0  0x000055d0c0a1b00%d in h%d_io_cb (t=0x1) at src/mux_h%d.c:3120\n#1  0x000055d0c0b1c2d3 in run_tasks_from_lists () at src/task.c:596\n", n, n, n, n, n)
	}
	blocks, _ := feed(session(1) + session(2) + session(3))
	if len(blocks) != 3 {
		t.Fatalf("%d blocks", len(blocks))
	}
	for i, r := range blocks {
		if got, want := stackOf(r.Threads[0]), fmt.Sprintf("h%d_io_cb run_tasks_from_lists", i+1); got != want {
			t.Errorf("core %d: %s", i+1, got)
		}
	}
	// Without headings the stacks of one core are its threads.
	r := one(t, sample(t, "gdb-3.2-quiet"))
	if len(r.Threads) != 4 || r.Kind != crash.Segfault || !r.Threads[0].Faulty || !strings.HasSuffix(stackOf(r.Threads[0]), "__GI_raise") {
		t.Errorf("%d threads, %s, %s", len(r.Threads), r.Kind, stackOf(r.Threads[0]))
	}
}

func TestThreadNames(t *testing.T) {
	const stack = "\n#0  0x000055d0c0a1b2c3 in h1_io_cb (t=0x1) at src/mux_h1.c:3120\n"
	for name, want := range map[string]crash.Thread{
		"Thread 3 (Thread 0x7f60 (LWP 12)):":                        {LWP: 12},
		`Thread 3 (Thread 0x7f60 (LWP 12) "haproxy"):`:              {LWP: 12, Name: "haproxy"},
		`Thread 3 (Thread 0x7f60 (LWP 12) "haproxy" (Exiting)):`:    {LWP: 12, Name: "haproxy"},
		"Thread 3 (Thread 19965):":                                  {LWP: 19965},
		"Thread 3 (LWP 100123 of process 2131):":                    {LWP: 100123},
		"Thread 3 (Thread 802006400 (LWP 100123/haproxy)):":         {LWP: 100123, Name: "haproxy"},
		"Thread 3 (Thread 80200a400 (LWP 100123)):":                 {LWP: 100123},
		"Thread 3 (process 412345):":                                {LWP: 412345},
		"Thread 3 (thread 412345 of process 71234):":                {LWP: 412345},
		"Thread 1.3 (Thread 0x7f60 (LWP 12)):":                      {LWP: 12},
		"[Switching to thread 3 (Thread 0x7f60 (LWP 12))]":          {LWP: 12},
		"[Switching to thread 3 (Thread 0x7f60 (LWP 12))]#0  0x000": {LWP: 12},
	} {
		r := one(t, strings.TrimSuffix(name, "#0  0x000")+strings.TrimPrefix(stack, map[bool]string{true: "\n", false: ""}[strings.HasSuffix(name, "0x000")]))
		if len(r.Threads) != 1 || r.Threads[0].LWP != want.LWP || r.Threads[0].Name != want.Name || field(r.Threads[0], "gdb") != "3" || len(r.Threads[0].Frames) != 1 {
			t.Errorf("%s: %+v", name, r.Threads)
		}
	}
}

func TestInfoThreads(t *testing.T) {
	for _, text := range []string{
		"* 1    Thread 0x7f01 (LWP 11) \"haproxy\" h1_io_cb (t=0x1, ctx=0x2) at src/mux_h1.c:3120\n" +
			"  2    Thread 0x7f02 (LWP 12) \"haproxy\" 0x00007f02a5a76c17 in epoll_wait () from /lib64/libc.so.6\n  10   Thread 0x7f03 (LWP 13) process_stream () at src/stream.c:1800\n",
		"  3 Thread 0x7f03 (LWP 13)  0x00007f389b6e9a71 in epoll_wait () from /lib64/libc.so.6\n  2 Thread 0x7f02 (LWP 12)  process_stream (t=0x1) at src/stream.c:1800\n" +
			"* 1 Thread 0x7f01 (LWP 11)  h1_io_cb (t=0x1, ctx=0x2, state=5) at src/mux_h1.c:3120\n",
		"* 1    LWP 11 of process 2131 \"haproxy\" 0x000055d0c0a1b2c3 in h1_io_cb (t=0x1) at src/mux_h1.c:3120\n  2    LWP 12 of process 2131 \"haproxy\" 0x0000000800a1b2c3 in kevent () from /lib/libc.so.7\n" +
			"  3    LWP 13 of process 2131 \"haproxy\" warning: Section too small.\n0x0000000800a1b2c3 in kevent () from /lib/libc.so.7\n",
	} {
		r := one(t, text)
		if len(r.Threads) != 3 || r.Threads[0].LWP != 11 || !r.Threads[0].Faulty || stackOf(r.Threads[0]) != "h1_io_cb" || len(r.Threads[2].Frames) != 1 {
			t.Errorf("%s\n%+v", text, r.Threads)
		}
	}
	// Rows add the threads that were not listed, and none twice.
	r := one(t, sample(t, "gdb-3.2-watchdog-full"))
	lwps := map[int]int{}
	for _, th := range r.Threads {
		lwps[th.LWP]++
	}
	if len(lwps) != 4 || len(r.Threads) != 4 {
		t.Errorf("threads %v", lwps)
	}
}

// gdb's own words on the core and on the stack are told.
func TestGDBRemarks(t *testing.T) {
	const stack = "Core was generated by `haproxy'.\nProgram terminated with signal 10, Bus error.\n#0  0x000055d0c0a1b2c3 in h1_io_cb (t=0x1) at src/mux_h1.c:3120\n"
	r := one(t, stack)
	if r.Signal == nil || r.Signal.Name != "SIGBUS" || len(r.Missing) > 0 || r.Threads[0].Broken != "" {
		t.Errorf("%+v", r)
	}
	for text, want := range map[string]string{
		"warning: exec file is newer than core file.\n" + stack:                                                          "the executable of the core",
		stack + "warning: core file may not match specified executable file.\n":                                          "the executable of the core",
		"BFD: warning: /tmp/core.1 is truncated: expected core file size >= 5242880, found: 4096\n[New LWP 1]\n" + stack: "the whole core",
	} {
		if r := one(t, text); len(r.Missing) != 1 || r.Missing[0].What != want {
			t.Errorf("%s: %+v", text, r.Missing)
		}
	}
	for text, want := range map[string]string{
		"(More stack frames follow...)\n":                                "the outer frames are not in the text",
		"Backtrace stopped: previous frame identical to this frame\n":    "gdb could not go on: previous frame identical to this frame",
		"#3  0x02 in main ()\nBacktrace stopped: Cannot access memory\n": "frames 1 to 2 are not in the text; gdb could not go on: Cannot access memory",
	} {
		if r := one(t, stack+text); r.Threads[0].Broken != want {
			t.Errorf("%s: %q", text, r.Threads[0].Broken)
		}
	}
	r = one(t, stack+"Missing separate debuginfos, use: dnf debuginfo-install glibc-2.34-83.el9.x86_64 haproxy-2.4.22-3.el9_3.x86_64\n")
	if r.Package != "haproxy-2.4.22-3.el9_3.x86_64" {
		t.Errorf("package %q", r.Package)
	}
	r = one(t, "ProblemType: Crash\nDisassembly:\n => 0x55d0c0a1b2c3 <process_stream+1234>:\tmov    0x8(%rax),%rdx\nExecutablePath: /usr/sbin/haproxy\nRegisters:\n rax            0x0                 0\n"+
		"Signal: 11\nStacktrace:\n #0  process_stream (t=0x1) at src/stream.c:2655\n #1  0x000055d0c0b1c2d3 in run_tasks_from_lists () at src/task.c:596\n")
	if th := r.Threads[0]; len(th.Registers) != 1 || th.Frames[0].Instruction != "mov 0x8(%rax),%rdx" || th.Frames[0].Address != 0x55d0c0a1b2c3 || len(th.Frames) != 2 {
		t.Errorf("apport: %+v", th)
	}
}

// Variables belong to the frame that was shown before them.
func TestVariablesOfFrames(t *testing.T) {
	r := one(t, "(gdb) frame apply all info locals\n#0  0x01 in h2_process_demux (h2c=0x1) at src/mux_h2.c:3210\nret = 0\n#1  0x02 in h2_process (h2c=0x1) at src/mux_h2.c:3700\nconn = 0x7f12\n"+
		"#2  0x03 in h2_io_cb (t=0x1) at src/mux_h2.c:3800\nNo locals.\n#3  0x04 in main () at src/haproxy.c:1\nargc = 5\n")
	for i, want := range []string{"ret", "conn", "", "argc"} {
		locals := r.Threads[0].Frames[i].Locals
		if want == "" && len(locals) > 0 || want != "" && (len(locals) != 1 || locals[0].Name != want) {
			t.Errorf("frame %d: %+v, want %q", i, locals, want)
		}
	}
	// After a listing they are the innermost frame's.
	r = one(t, "#0  0x01 in h2_process_demux (h2c=0x1) at src/mux_h2.c:3210\n#1  0x02 in h2_process (h2c=0x1) at src/mux_h2.c:3700\nret = 0\n")
	if f := r.Threads[0].Frames; len(f[0].Locals) != 1 || len(f[1].Locals) != 0 {
		t.Errorf("%+v", f)
	}
	// What a signal interrupted may have waited, too.
	r = one(t, "#0  0x01 in raise () from /lib/libc.so.6\n#1  0x02 in abort () from /lib/libc.so.6\n#2  0x03 in ha_panic () at src/debug.c:400\n#3  <signal handler called>\n"+
		"#4  __pl_wait_unlock_long (lock=0x55d0c1000000, mask=12) at include/import/plock.h:106\n#5  0x04 in stktable_lookup_key (t=0x1) at src/stick_table.c:520\n")
	if l := r.Threads[0].Lock; l == nil || l.Address != 0x55d0c1000000 || l.Function != "stktable_lookup_key" || !r.Threads[0].Faulty || r.Kind != crash.Watchdog {
		t.Errorf("%s %+v", r.Kind, l)
	}
}

// Frames of broken stacks, of other machines, and those of which little is printed.
func TestOddFrames(t *testing.T) {
	for line, want := range map[string]crash.Frame{
		"#0  0x2 in ()": {Address: 2},
		"#0  0x00003fff8a5b1234 in .raise () from /lib64/libc.so.6": {Address: 0x3fff8a5b1234, Function: "raise", Symbol: ".raise", Module: "/lib64/libc.so.6"},
		"#0  0x0000000000000000 in ?? ()":                           {},
		"#0  ?? ()":                                                 {Symbol: "??"},
		"#0  h1_io_cb (t=0x1)":                                      {Function: "h1_io_cb", Symbol: "h1_io_cb"},
		"#0  0x00007f79a7566fa3 in h1_io_cb () from target:/usr/sbin/haproxy": {Address: 0x7f79a7566fa3, Function: "h1_io_cb", Symbol: "h1_io_cb", Module: "/usr/sbin/haproxy"},
	} {
		r := one(t, line+"\n#1  0x000055d0c0b1c2d3 in process_runnable_tasks () at src/task.c:596\n")
		got := r.Threads[0].Frames[0]
		got.Trust, got.Where, got.Arguments = "", "", nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
		if live := strings.Contains(line, "target:"); r.Live != live {
			t.Errorf("%s: live %t", line, r.Live)
		}
	}
	lldb := func(n int) string {
		return fmt.Sprintf("(lldb) target create \"/usr/sbin/haproxy\" --core \"core.%d\"\n* thread #1, name = 'haproxy', stop reason = signal SIGSEGV\n  * frame #0: 0x000000000037%d7f5 haproxy`h%d_io_cb + 7\n", n, n, n)
	}
	blocks, _ := feed(lldb(1) + lldb(2))
	if len(blocks) != 2 || stackOf(blocks[0].Threads[0]) != "h1_io_cb" || stackOf(blocks[1].Threads[0]) != "h2_io_cb" {
		t.Errorf("%d cores of lldb", len(blocks))
	}
}
