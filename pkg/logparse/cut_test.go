package logparse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

// told gives the parts that tell of a crash, in short.
func told(t *testing.T, text string) []string {
	t.Helper()
	parts, err := Lines(t.Context(), text, "x")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i := range parts {
		if parts[i].Role != join.Environment {
			out = append(out, summary(&parts[i]))
		}
	}
	return out
}

// Traces and pool data whose headline did not come, and what the kernel prints of the code,
// tell that HAProxy ended itself.
func TestDeliberateEnds(t *testing.T) {
	frame := func(indent, bytes string) string {
		return indent + "call trace(9):\n" + indent + "| 0x5621fd7ab5dd [" + bytes + "]: h1_detach+0x1d3/0x500\n" + indent + "| 0x5621fd7f5424 [89 c5 85 c0 74 16 8b 15]: main+0x47094\n"
	}
	const fault = "kernel: haproxy[77]: segfault at 1 ip 000055d0c0de1234 sp 00007ffc11223340 error 6 in "
	const moved = " 48 8d 35 aa bb 0c 00 e8 11 22 33 ff "
	for name, c := range map[string]struct{ text, want string }{
		"ud2":                      {frame("        ", "0f 0b 66 0f 1f 44 00 00"), "body bug_on T0[h1_detach ?]"},
		"a write to 1":             {frame("\t", "c6 04 25 01 00 00 00 00"), "body bug_on T0[h1_detach ?]"},
		"udf of aarch64":           {frame("  ", "00 00 00 00 fd 7b bf a9"), "body bug_on T0[h1_detach ?]"},
		"no trap":                  {frame("  ", "85 c0 74 16 8b 15 0f 0b"), "body unknown T0[h1_detach ?]"},
		"a trap further out":       {frame("  ", "85 c0 74 16 8b 15 00 00") + "  | 0x5621fd7f5424 [0f 0b 85 c0 74 16 8b 15]: main+0x47094\n", "body unknown T0[h1_detach ? ?]"},
		"kernel, a write to 1":     {fault + "haproxy[55d0c0d00000+2f4000]\nkernel: Code:" + moved + "<c6> 04 25 01 00 00 00 00 0f 1f\n", "kernel bug_on pid=77 T0[?]"},
		"kernel, another write":    {fault + "haproxy[55d0c0d00000+2f4000]\nkernel: Code:" + moved + "<c6> 04 25 10 00 00 00 00 0f 1f\n", "kernel segfault pid=77 T0[?]"},
		"kernel, within a library": {fault + "libcrypto.so.3[55d0c0d00000+2f4000]\nkernel: Code:" + moved + "<0f> 0b 04 25 10 00 00 00 0f 1f\n", "kernel segfault pid=77 T0[?]"},
		"zeros are no code":        {fault + "haproxy[55d0c0d00000+2f4000]\nkernel: Code:" + moved + "<00> 00 00 00 00 00 00 00 0f 1f\n", "kernel segfault pid=77 T0[?]"},
	} {
		if got := strings.Join(told(t, c.text), "\n"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// The data of a pool check are known from any line on.
func TestPoolFromAnyLine(t *testing.T) {
	lines := []string{
		"FATAL: pool inconsistency detected in thread 4: tag mismatch on free().",
		"  caller: 0x4a1c20 (stksess_free+0x40/0x90)",
		"  item: 0x19f0400",
		"  pool: 0x17c0200 ('h2s', size 200, real 208, users 2)",
		"Tag does not match ((nil)). Tag does not match any other pool.",
		"Resolving the tag as a pool_free() location: h2s_destroy+0x30/0x210",
		"Contents around address 0x19f0400+200=0x19f04c8:",
		"  0x19f04a8 [00 00 00 00 00 00 00 00] [........]",
		"Recorded caller if pool 'h2s':",
		"  @0x19f04d0 (+0208) = 0x4a0f00 (h2s_new+0x30/0x210)",
		"Other possible callers:",
		"  @0x19f04d8 (+0216) = 0x4a0f99 (qcs_free+0x30/0x210) [as pool qcs, size 208, real 216, users 0]",
	}
	for from := range lines {
		for _, tag := range []string{"", "Jul  1 10:16:21 h1 haproxy[503860]: ", "Jul  1 10:16:21 h1 haproxy: "} {
			var b strings.Builder
			for _, l := range lines[from:] {
				b.WriteString(tag + l + "\n")
			}
			got := told(t, b.String())
			pool := len(got) == 1 && strings.Contains(got[0], string(crash.PoolCorruption))
			// Below the last line that only a pool check prints there is nothing to know it by.
			if from <= 8 && !pool || from > 8 && len(got) > 0 {
				t.Errorf("from %q on, behind %q: %q", lines[from], tag, got)
			}
			if from <= 3 && pool && !strings.Contains(got[0], "|h2s|200|freed at h2s_destroy+0x30/0x210, last allocated or freed in h2s_new+0x30/0x210") {
				t.Errorf("from %q on: %q", lines[from], got)
			}
		}
	}
	for _, text := range []string{"caller: 0x4a1c20 (grpc)\nitem: done\n", "pool: 0x17c0200 ('a', size 3) and more\n", "Recorded caller if pool 'x': y\n"} {
		if got := told(t, text); len(got) > 0 {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// What names no program is HAProxy's if HAProxy writes the next line.
func TestNamedBelow(t *testing.T) {
	const free = "free(): invalid pointer\n"
	for text, want := range map[string]int{
		free + "[NOTICE]   (8812) : haproxy version is 2.8.5-aaba8d0\n":                              1,
		free + "HAProxy version 3.0.2-a45a8e6 2024/06/14 - https://haproxy.org/\n":                   1,
		free + "Aborted (core dumped)\n\nHA-Proxy version 2.2.4 2020/09/30 - https://haproxy.org/\n": 2,
		free + "[ALERT]    (8812) : Current worker (8814) exited with code 134 (Aborted)\n":          2,
		free: 0,
		free + "$ haproxy -v\nHAProxy version 3.0.2-a45a8e6 2024/06/14 - https://haproxy.org/\n":            0,
		free + "1\n2\n3\n4\nHAProxy version 3.0.2-a45a8e6 2024/06/14 - https://haproxy.org/\n":              0,
		"goroutine 1 [running]:\n" + free + "HAProxy version 3.0.2 2024/06/14 - https://haproxy.org/\n":     0,
		"nginx[7]: " + free + "haproxy[8]: [NOTICE]   (8) : haproxy version is 2.8.5-aaba8d0\n":             0,
		"Jul  1 10:16:21 h1 nginx[7]: " + free + "Jul  1 10:16:21 h1 haproxy[8]: [NOTICE] (8) : New worker": 0,
	} {
		if got := told(t, text); len(got) != want {
			t.Errorf("%q: %d parts, want %d: %q", text, len(got), want, got)
		}
	}
}

// ARM's page tables stand between the line of a fault and the registers.
func TestARMPageTables(t *testing.T) {
	text := "8<--- cut here ---\nhaproxy: unhandled page fault (11) at 0x00000018, code 0x817\npgd = 5a3c1c4f\n[00000018] *pgd=00000000\n" +
		"CPU: 0 PID: 1422 Comm: haproxy Not tainted 5.10.176 #0\nHardware name: BCM2835\nPC is at 0x4a3f10\nLR is at 0x4a3ef4\npc : [<004a3f10>]    lr : [<004a3ef4>]    psr: 60000010\n"
	parts, err := Lines(t.Context(), text, "x")
	if err != nil || len(parts) != 1 {
		t.Fatal(parts, err)
	}
	c := parts[0].Crash
	if th := c.Faulty(); th == nil || th.LWP != 1422 || len(th.Frames) != 1 || th.Frames[0].Address != 0x4a3f10 || c.Signal.Instruction == nil {
		t.Errorf("%+v", c)
	}
}

// A dump of many threads is one report, whole: the thread that panicked among them.
func TestManyThreads(t *testing.T) {
	for _, c := range []struct{ threads, frames, stuck int }{{64, 12, 37}, {256, 20, 200}, {1024, 24, 1000}} {
		var b strings.Builder
		fmt.Fprintf(&b, "PANIC! Thread %d is about to kill the process (pid 4242).\n", c.stuck)
		for n := range c.threads {
			head, stuck, ns := "  Thread %-2d: id=0x7f%04x000700 act=1 glob=0\n", 0, 16390
			if n+1 == c.stuck {
				head, stuck, ns = "*>"+head[2:], 1, 2000018197
			}
			fmt.Fprintf(&b, head, n+1, n)
			fmt.Fprintf(&b, "      1/%d   stuck=%d prof=0 harmless=0 isolated=0\n             cpu_ns: poll=8092201 now=2008110398 diff=%d\n             call trace(%d):\n", n%64+1, stuck, ns, c.frames)
			for f := range c.frames {
				fmt.Fprintf(&b, "             | 0x55d2f1a3b%03x <0f 0b 66 e8 1f 44 00 00]: stream_free+0x1e0/0x3f1 > foo\n", f)
			}
		}
		for _, o := range []Options{{}, {Whole: -1}} {
			parts, _ := parse(t, at(b.String(), "x"), o)
			if len(parts) != 1 || len(parts[0].Crash.Threads) != c.threads {
				t.Fatalf("%d threads: %d parts", c.threads, len(parts))
			}
			for i, th := range parts[0].Crash.Threads {
				if th.Faulty != (th.Number == c.stuck) || th.Faulty != (i == 0) || len(th.Frames) != c.frames {
					t.Errorf("%d threads: %d, at fault %v, with %d frames", c.threads, th.Number, th.Faulty, len(th.Frames))
				}
			}
		}
	}
}

// Many writers with long reports do not hold more than the parser may.
func TestOpenBytes(t *testing.T) {
	n := 0
	p := newParser("x", func(join.Part) error { n++; return nil })
	line := envelope.Line{Text: "  | 0x55d2f1a3b060 [0f 0b]: " + strings.Repeat("f", 1000), Ident: "haproxy"}
	most := 0
	for i := range 40000 {
		line.Number, line.PID = int64(i+1), 1+i%400
		p.feed(line)
		if i%64 == 0 {
			open := 0
			for _, s := range p.streams {
				open += s.bytes()
			}
			most = max(most, open)
		}
	}
	p.endAll()
	if most > maxOpenBytes+64*maxLine || most < maxOpenBytes/2 || n < 400 {
		t.Errorf("%d bytes are open, %d parts", most, n)
	}
}

// The signal by which the master says that a worker died tells whose dump stands above.
func TestDumpAboveTheExit(t *testing.T) {
	const (
		well  = "* Thread 1 : id=0x7f0582828440 act=1 glob=0 wq=0 rq=0 tl=0 tlsz=0 rqsz=0\n      1/1    stuck=0 prof=0 harmless=0 wantrdv=0\n             curr_task=0\n"
		idle  = "  Thread 12: id=0x7f05825ff6c0 act=0 glob=0 wq=0 rq=0 tl=0 tlsz=0 rqsz=0\n      1/12   stuck=0 prof=0 harmless=1 wantrdv=0\n             curr_task=0\n"
		cli   = "               fct=0x55b31b023d40(task_run_applet) ctx=0x55b337f14170(<CLI>)\n"
		trace = "  call trace(13):\n  | 0x55d2f1ae888a [48 85 c0 0f 84 a0 00 00]: task_run_applet+0x4ca/0x674\n"
		lines = "[NOTICE]   (26195) : haproxy version is 2.6.12-1+deb12u4\n[NOTICE]   (26195) : path to executable is /usr/sbin/haproxy\n"
	)
	exit := func(code int) string {
		return fmt.Sprintf("%s[ALERT]    (26195) : Current worker (26198) exited with code %d (x)\n", lines, code)
	}
	for text, want := range map[string]string{
		well + idle:             "",
		well + idle + exit(134): "body panic T1[]",
		well + idle + exit(139): "",
		idle + exit(134):        "body panic",
		idle + exit(139):        "body unknown",
		trace + exit(132):       "body bug_on T0[task_run_applet]",
		trace + exit(139):       "body unknown T0[task_run_applet]",
		strings.Replace(well, "             curr_task=0\n", "             curr_task=0x55b3 (task) calls=2 last=0\n"+cli, 1) + exit(134): "body panic (debug dev panic) T1[]",
		well + strings.Repeat("another line\n", 20) + exit(134):                                                                         "",
	} {
		got := told(t, text)
		if len(got) > 0 && strings.HasPrefix(got[0], "exit") {
			got = nil
		}
		if first := strings.Join(got[:min(len(got), 1)], ""); first != want {
			t.Errorf("%s\n%q, want %q", text, got, want)
		}
	}
}

// A paste of VTest's output may be indented, or all of it but its first line.
func TestIndentedVTest(t *testing.T) {
	lines := []string{
		`***  h1    debug|FATAL: bug condition "!b_data(&qcs->rx)" matched at src/mux_quic.c:1020`,
		"***  h1    debug|  call trace(9):",
		"**** dT   0.457",
		"***  h1    debug|  | 0x5621fd7ab5dd [0f 0b 66 0f 1f 44 00 00]: qcc_recv+0x1d3/0x500",
	}
	for _, sep := range []string{"\n", "\n  ", "\n\t"} {
		got := told(t, strings.Join(lines, sep))
		if len(got) != 1 || !strings.Contains(got[0], "src/mux_quic.c:1020/ T0[qcc_recv]") {
			t.Errorf("behind %q: %q", sep, got)
		}
	}
}
