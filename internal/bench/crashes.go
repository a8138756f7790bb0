package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// spinText is the one line of a spin, and the master's.
func spinText(r *rand.Rand, k int) string {
	pre := syslogPrefix(k, 2000+k%30000)
	p := 0x7f0000000000 + uint64(k)<<12
	return fmt.Sprintf(pre+"[ALERT]    (%d) : A bogus APPCTX [0x%x] is spinning at %d calls per second and refuses to die, aborting now! Please report this error to developers [strm=0x%x,43000 src=192.0.2.7 fe=n1 be=n1 dst=<PEER> txn=(nil),0 txn.req=-,0 txn.rsp=-,0 rqf=848000 rqa=0 rpf=80048000 rpa=0 scf=0x%x,CLO,30444 scb=0x%x,EST,1c041 af=(nil),0 sab=0x%x,7 cof=0x%x,1c0000:PASS(0x%x)/NONE((nil))/NONE(-1) cob=(nil),0:NONE((nil))/NONE((nil))/NONE(-1) filters={}]\n"+
		pre+"[ALERT]    (1000) : Current worker (%d) exited with code 139 (Segmentation fault)\n",
		2000+k%30000, p, 100000+r.IntN(8e6), p+1, p+2, p+3, p, p+4, p+5, 2000+k%30000)
}

// conditions are those of BUG_ONs, with the line that each is at.
var conditions = []struct{ what, where string }{
	{"one > zero", "src/debug.c:389"},
	{"h1s->sd != 0", "src/mux_h1.c:1034"},
	{"co_data(req) < 0", "src/stream.c:2217"},
}

var frames = []string{
	"main-0x19ea", "main+0x1243e2", "main+0x124c3b", "task_run_applet+0x148/0x674", "run_tasks_from_lists+0x395/0x892",
	"process_runnable_tasks+0x3a3/0x8ea", "run_poll_loop+0x11c/0x3d1", "main+0x14ff31", "main+0x1fea/0x2c66",
}

// wholeCrash is everything that one crash prints, from its first line to the master's last;
// by turns a condition that failed, a watchdog's panic of four threads, and a spin.
func wholeCrash(r *rand.Rand, k int) string {
	worker := 2000 + k%30000
	if k%3 == 2 {
		return spinText(r, k)
	}
	var b strings.Builder
	line := func(pid int, format string, a ...any) {
		b.WriteString(syslogPrefix(k, pid))
		fmt.Fprintf(&b, format, a...)
		b.WriteByte('\n')
	}
	base := 0x550000000000 + uint64(k)<<16
	trace := func(indent string) {
		line(worker, "%scall trace(%d):", indent, len(frames))
		for i, f := range frames {
			line(worker, "%s| 0x%x [c6 04 25 01 00 %02x 00 00]: %s", indent, base+uint64(i)<<8, r.IntN(256), f)
		}
	}
	code, name := 139, "Segmentation fault"
	if k%3 == 0 {
		c := conditions[r.IntN(len(conditions))]
		line(worker, "FATAL: bug condition %q matched at %s", c.what, c.where)
		trace("  ")
	} else {
		code, name = 134, "Aborted"
		line(worker, "Thread 1 is about to kill the process.")
		for t := 1; t <= 4; t++ {
			mark, stuck := "  ", 0
			if t == 1 {
				mark, stuck = "*>", 1
			}
			line(worker, "%sThread %d : id=0x%x act=%d glob=%d wq=1 rq=0 tl=0 tlsz=0 rqsz=0", mark, t, base+uint64(t), stuck, stuck)
			line(worker, "      1/%d    stuck=%d prof=0 harmless=%d wantrdv=0", t, stuck, 1-stuck)
			line(worker, "             cpu_ns: poll=1502807 now=2005469060 diff=%d", 17000+r.IntN(1e6))
			line(worker, "             curr_task=0")
			if t == 1 {
				trace("             ")
			}
		}
	}
	line(1000, "[NOTICE]   (1000) : haproxy version is 2.6.12-1+deb12u4")
	line(1000, "[ALERT]    (1000) : Current worker (%d) exited with code %d (%s)", worker, code, name)
	return b.String()
}

// syslogPrefix is what syslog puts before a line of HAProxy's.
func syslogPrefix(k, pid int) string {
	return fmt.Sprintf("May  6 %02d:%02d:%02d lb01 haproxy[%d]: ", k/3600%24, k/60%60, k%60, pid)
}

// baits are lines that look like those of a crash; %d is a number that varies.
var baits = []string{
	"A bogus APPCTX [0x%x] is spinning at 1 calls per second and refuses to die, aborting now! Please report this error to developers [",
	"FATAL: bug condition \"x\" matched at src/a.c:%d",
	"Thread %d is about to kill the process.",
	"  call trace(%d):",
	"  | 0x55aa10 [0f 0b 90 0f 1f 44 00 00]: main+0x%x",
	"#0  0x0000000000000000 in f (a=%d) at a.c:1",
	"*>Thread %d : id=0x7f act=1 glob=0 wq=1 rq=0 tl=0 tlsz=0 rqsz=0",
	"haproxy[%d]: segfault at 0 ip 0 sp 0 error 4 in haproxy[1+2]",
}

func bait(r *rand.Rand, k int) string { return fmt.Sprintf(baits[r.IntN(len(baits))], k) }

// hostile is a line that HAProxy's own log has, and that is torn from any crash.
func hostile(r *rand.Rand, k int) string {
	return fmt.Sprintf("May  6 01:02:03 lb01 haproxy[%d]: %s\n", k%50000, bait(r, k))
}

// forged is a request whose client writes lines of crashes into its headers.
func forged(r *rand.Rand, k int) string {
	return fmt.Sprintf("%s192.0.2.%d:%d [06/May/2025:01:08:21.830] public be_auth/srv1 0/0/0/5/7 200 %d - - ---- 1/230/117/51/0 0/0 {%s} \"GET / HTTP/1.1\"\n",
		syslogPrefix(k, 1234), r.IntN(255), 1024+r.IntN(60000), r.IntN(90000), bait(r, k))
}
