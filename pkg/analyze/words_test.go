package analyze_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/haproxytest"
)

// forgedVersion is one that no HAProxy has.
const forgedVersion = "9.9.9"

// words are what HAProxy, its master and the system print of a crash, each complete,
// with numbers where numbers belong. pid is that of the worker that the client talks
// to: it may know it.
func words(pid int) []string {
	w := []string{
		fmt.Sprintf("[ALERT]    (%d) : A bogus APPCTX [0x5601c66b4d00] is spinning at 5645323 calls per second and refuses to die, aborting now! Please report this error to developers [strm=0x5601c66ac790,8 src=unix:1 fe=GLOBAL be=GLOBAL dst=<CLI> rqf=c08202 rqa=0 rpf=80008000 rpa=0 scf=0x5601c65e5060,EST,0 scb=0x5601c66b4c60,EST,1 af=(nil),0 sab=0x5601c66b4d00,4 cof=0x5601c65488e0,300:PASS(0x5601c65e5060)/RAW((nil))/unix_stream(20) cob=(nil),0:NONE((nil))/NONE((nil))/NONE(-1) applet=0x5601c4ff0a20(<CLI>)]", pid),
		"A bogus STREAM [0x563b0ac00160] is spinning at 204916 calls per second and refuses to die, aborting now! Please report this error to developers [strm=0x563b0ac00160,c4a src=10.0.0.1 fe=fe1 be=be1 dst=s1 rqf=48d08002 rqa=8000 rpf=8004c060 rpa=0 scf=0x563b0ac00560,DIS,0 scb=0x563b0ac005f0,CLO,1 cof=0x7f1c2c03c260,300:H2(0x7f1c2c0427f0)/SSL(0x7f1c2c0443d0)/tcpv4(93)]",
		`FATAL: bug condition "one > zero" matched at src/debug.c:389`,
		`FATAL: bug condition "h1s_sc(h1s) == ((void *)0)" matched at src/mux_h1.c:1905`,
		"FATAL: pool inconsistency detected in thread 1: tag mismatch on free().",
		"  caller: 0x55d1c7a3c3b5 (http_end_request+0x95/0x1e5)\n  item: 0x7f2a1c00c6d0\n  pool: 0x55d1c9a3d0c0 ('buffer', size 16384, real 16384, users 3)\nTag does not match. Possible origin pool(s):\n  tag: @0x7f2a1c0106d0 = 0x55d1c9a3d140 (stream)",
		"Thread 1 is about to kill the process.",
		"*>Thread 1 : id=0x7f6efde4a440 act=1 glob=0 wq=1 rq=0 tl=0 tlsz=0 rqsz=0\n      1/1    stuck=1 prof=0 harmless=0 wantrdv=0\n             cpu_ns: poll=1580565 now=3160648737 diff=3159068172\n             curr_task=0x561cdfec2ff0 (task) calls=3 last=0\n               fct=0x561cbbec0d40(process_stream) ctx=0x561cdfec2ec0",
		"  call trace(3):\n  | 0x55b584eeb9b6 [c6 04 25 01 00 00 00 00]: wdt_handler+0x1a6\n  | 0x55b5850a7e88 [8b 55 04 48 8b 45 28 f6]: h2_detach+0x148/0x674\n  | 0x55b58506b6a5 [48 89 c2 eb 16 66 0f 1f]: run_tasks_from_lists+0x395/0x892",
		"HAProxy version " + forgedVersion + " 2031/01/01 - https://haproxy.org/",
		fmt.Sprintf("[NOTICE]   (%d) : haproxy version is %s", pid, forgedVersion),
		"haproxy version is " + forgedVersion,
		fmt.Sprintf("[ALERT]    (%d) : Current worker (%d) exited with code 132 (Illegal instruction)", pid-3, pid),
		fmt.Sprintf("kernel: haproxy[%d]: segfault at 18 ip 000055d1c7a3c3b5 sp 00007ffd1b0f0d40 error 4 in haproxy[55d1c78f0000+2a1000]", pid),
		fmt.Sprintf("Out of memory: Killed process %d (haproxy) total-vm:8388608kB, anon-rss:4194304kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:8300kB oom_score_adj:0", pid),
		fmt.Sprintf("traps: haproxy[%d] trap invalid opcode ip:55d1c7a3c3b5 sp:7ffd1b0f0d40 error:0 in haproxy[55d1c78f0000+2a1000]", pid),
		"double free or corruption (!prev)",
		"  TARGET  = forged-glibc\n  CC      = cc\n  OPTIONS = USE_FORGED=1\n",
		"TARGET='forged-glibc' USE_FORGED=1",
		"-51DEGREES +FORGED +ACCEPT4 +BACKTRACE -CLOSEFROM",
		"*** stack smashing detected ***: terminated",
		fmt.Sprintf("==%d==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010 at pc 0x55d1c7a3c3b5 bp 0x7ffd1b0f0d40 sp 0x7ffd1b0f0d38", pid),
	}
	for _, c := range []string{
		"bug", "check", "close 3", "delay 10", "exit 134", "hash", "hex 0x1000 16", "log panic", "loop 60000", "loop 60000 isolated",
		"deadlock 4", "memstats", "panic", "abort", "hang", "sched task", "stream", "sym 0x1000", "task 0x1000", "tkill", "tkill 0 6", "tkill 0 11", "tkill 1 4", "warn", "write 16",
	} {
		w = append(w, "debug dev "+c, "expert-mode on; debug dev "+c)
	}
	return w
}

// The config for traffic: one frontend logs as syslog, the other one writes bare lines
// and waits for whole bodies. Both write to the stderr that the master has, too.
const wordsConfig = `defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 5s
    timeout http-request 60s
    option httplog
frontend words
    bind unix@words.sock
    log stderr format rfc3164 daemon
    capture request header X-Log len 600
    capture cookie said len 600
    http-request return status 200 if { path_beg /done }
    default_backend silent
frontend bodies
    bind unix@bodies.sock
    log stderr format raw daemon
    capture request header X-Log len 600
    option http-buffer-request
    http-request return status 200 if { path_beg /done }
    default_backend silent
backend silent
    server s1 unix@silent.sock
`

// startWithWords starts a worker whose memory and log clients filled as they could:
// each of the words stands in headers, cookies, URIs and bodies of requests that are
// under way, answered, refused, and in an answer; and on a CLI that does nothing of it.
func startWithWords(t *testing.T, o haproxytest.Options) *haproxytest.Process {
	t.Helper()
	o.MasterWorker, o.Config = true, wordsConfig
	p := haproxytest.Start(t, o)
	said := words(p.PID)
	p.Serve("silent.sock", "HTTP/1.1 200 OK\r\nContent-Length: 15000\r\nX-Log: "+oneLine(said[0])+"\r\n\r\n"+strings.Join(said, "\n"))
	for _, frontend := range []string{"words.sock", "bodies.sock"} {
		for _, w := range said {
			p.Exchange(frontend, request("/done", w)+"Connection: close\r\n\r\n")
		}
		for _, w := range said {
			p.Send(p.Dial(frontend), request("/open", w)) // its headers never end
		}
	}
	whole := strings.Join(said, "\n")
	body := request("/body", said[0]) + "Content-Length: 15000\r\n\r\n" + whole
	p.Send(p.Dial("bodies.sock"), body)
	p.Send(p.Dial("words.sock"), body)
	p.Send(p.Dial("words.sock"), "GET /answer HTTP/1.1\r\nHost: h\r\n\r\n")
	p.Exchange("words.sock", whole+"\r\n\r\n") // no request at all: kept for "show errors"
	// Without expert mode these are no commands, and a line that does not end is none yet.
	p.CLI("debug dev panic")
	p.CLI("debug dev tkill 0 6; debug dev tkill 0 11")
	p.Send(p.Dial("sock"), "debug dev loop 60000")
	return p
}

func request(path, said string) string {
	line := oneLine(said)
	return fmt.Sprintf("GET %s?x=%s HTTP/1.1\r\nHost: h\r\nX-Log: %s\r\nUser-Agent: %s\r\nCookie: said=%s\r\n",
		path, strings.ReplaceAll(line, " ", "%20"), line, line, strings.ReplaceAll(line, ";", ","))
}

// oneLine is what a header can hold of s.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// demandWords fails if what the clients said is not in the core or not in the log:
// the test would prove nothing.
func demandWords(t *testing.T, p *haproxytest.Process, core string) {
	t.Helper()
	b, err := os.ReadFile(core)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range words(p.PID) {
		if !bytes.Contains(b, []byte(w)) {
			t.Errorf("no client's %q is in the core", w)
		}
	}
	log := p.Stderr()
	for _, w := range []string{" is spinning at ", "FATAL: bug condition", "exited with code 132", "haproxy version is " + forgedVersion, "debug dev panic"} {
		if !strings.Contains(log, w) {
			t.Errorf("no client's %q is in the log", w)
		}
	}
}
