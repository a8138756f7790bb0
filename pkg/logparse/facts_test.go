package logparse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/join"
)

// summary is what matters most of a part, in a line.
func summary(p *join.Part) string {
	c := &p.Crash
	s := fmt.Sprintf("%s %s", roleName(p.Role), c.Kind)
	if p.PID != 0 {
		s += fmt.Sprintf(" pid=%d", p.PID)
	}
	if x := c.Spin; x != nil {
		s += fmt.Sprintf(" %s/%s/%d/%s/%s", x.Object, x.Address, x.Rate, x.Applet, x.Handler)
	}
	if a := c.Assertion; a != nil {
		s += fmt.Sprintf(" %s/%s/%s/%s:%d/%s", a.Level, a.Macro, a.Condition, a.File, a.Line, a.Message)
	}
	if x := c.Exit; x != nil {
		s += fmt.Sprintf(" %d/%s", x.Code, x.Signal)
	}
	if x := c.Blocked; x != nil {
		s += fmt.Sprintf(" thread %d, %d ms, %d streams", x.Thread, x.Milliseconds, x.Streams)
	}
	if x := c.Pool; x != nil {
		s += fmt.Sprintf(" %s|%d|%s|%s|%s|%d|%s", x.Error, x.Thread, x.CallerFunction, x.Item, x.Name, x.Size, x.Origin)
	}
	if x := c.Process; x != nil && x.Version != "" {
		s += " " + x.Version + " by " + x.VersionSource
	}
	if c.Provoked != "" {
		s += " (" + c.Provoked + ")"
	}
	for i := range c.Threads {
		t := &c.Threads[i]
		if !t.Faulty {
			continue
		}
		var names []string
		for _, f := range t.Frames {
			name := f.Function
			if name == "" {
				name = "?"
			}
			if f.Signal {
				name = "<signal>"
			}
			names = append(names, name)
		}
		s += fmt.Sprintf(" T%d[%s]", t.Number, strings.Join(names, " "))
	}
	return s
}

func TestFacts(t *testing.T) {
	for name, want := range map[string][]string{
		"spin-g0": {
			"head spinning pid=4242 STREAM/0x55aa00/143210//",
			"head spinning pid=4250 APPCTX/0x55bb00/0/PEER/",
		},
		"spin-g1": {
			"head spinning pid=4250 STREAM/0x55aa00/146369//",
			"head spinning STREAM/0x55aa00/146369//",
			"exit abort pid=4250 134/SIGABRT",
			"exit abort 134/SIGABRT",
		},
		"spin-g2":      {"head spinning APPCTX/0x55b100/2200134/CLI/"},
		"spin-g3-musl": {"head spinning STREAM/0x7f11aa00/236832//"},
		"spin-g3": {
			"head spinning pid=4250 APPCTX/0x55b100/7000067/CLI/cli_io_handler T0[stream_dump_and_crash task_run_applet run_tasks_from_lists process_runnable_tasks run_poll_loop]",
			"environment  pid=4242 2.8.3-86e043a by log line",
			"environment  pid=4242",
			"exit illegal_instruction pid=4250 132/SIGILL",
			"environment  2.8.3-86e043a by haproxy -vv",
			"exit illegal_instruction 132/SIGILL",
		},
		"spin-g4":       {"head spinning pid=4250 APPCTX/0x55c800/7012345/STATS/ T0[stream_dump_and_crash task_process_applet]"},
		"panic-2.0":     {"head watchdog T2[]", "exit abort pid=4242 134/SIGABRT"},
		"panic-3.2-pod": {"head watchdog T1[ha_dump_backtrace debug_handler <signal> ? process_stream ?]"},
		"panic-3.4": {
			"head watchdog pid=4250 3.4.1-abc123def by log line T1[peer_io_handler task_run_applet]",
			"exit abort pid=4250 134/SIGABRT",
		},
		"warning-3.3": {"warning blocked_traffic pid=4250 thread 3, 212 ms, 5 streams T3[? regex_exec_match2]"},
		"bugs": {
			"warning warn_on WARNING/warn/!(flags & 0x8) && qc/src/quic_conn.c:123/ T0[qc_send_ppkts]",
			"warning warn_on WARNING/bug/x == ((void *)0)/include/haproxy/list.h:9/",
			"warning warn_on WARNING/warn/n < 0/src/a.c:7/",
			`head bug_on FATAL/check/strcmp(a, "x" "y") matched at //build/haproxy/src/b.c:17/the pointer must not be null here T0[qc_send_hdshk_pkts ?]`,
			`head bug_on FATAL/abort//src/debug.c:1234/requested by "debug dev abort" T0[?]`,
			"body unknown T0[h1_process]",
			"head bug_on pid=4260 FATAL/bug//src/x.c:12/requested creation of pool 'y' aligned to 3 while it must be a power of two! Please report to developers. Aborting.",
		},
		"pool-tag": {"head pool_corruption tag mismatch on free()|4|stksess_free|0x19f0400|h2s|200|freed at h2s_destroy+0x30/0x210 T4[__pool_free stksess_free]"},
		"pool-cache": {
			"environment  pid=4250 3.2.3-1844da7 by log line",
			"head pool_corruption cache corruption detected|0||0x0||0|pool stream, size 1024, real 1040, users 7, last allocated or freed in stream_free+0x30/0x210 T0[pool_check_pattern]",
		},
		"master": {
			"exit segfault pid=101 139/SIGSEGV", "exit segfault 139/SIGSEGV",
			"environment  pid=201", "exit bus_error pid=201 135/SIGBUS",
			"environment  pid=301", "exit killed pid=302 137/SIGKILL", "exit segfault pid=301 139/SIGSEGV",
			"exit illegal_instruction pid=501 132/SIGILL",
		},
		"about": {"environment  2.2.4 by haproxy -vv", "exit segfault 139/SIGSEGV"},
		"kernel": {
			"kernel bug_on pid=4253 T0[?]", "kernel illegal_instruction pid=4254 T0[?]", "exit segfault 139/SIGSEGV",
		},
	} {
		parts, err := Lines(t.Context(), samples(t)[name], name)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range parts {
			got = append(got, summary(&parts[i]))
		}
		if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
			t.Errorf("%s: got\n%s\nwant\n%s", name, g, w)
		}
	}
}

func TestRealHAProxy26(t *testing.T) {
	for name, want := range map[string]string{
		"watchdog-2.6": "watchdog",
		"panic-2.6":    "panic (debug dev panic)",
		"bug-2.6":      "bug_on (debug dev bug)",
	} {
		crashes := joinedOf(t, samples(t)[name])
		if len(crashes) != 1 {
			t.Errorf("%s: %d crashes, want 1", name, len(crashes))
			continue
		}
		c := crashes[0]
		got := string(c.Kind)
		if c.Provoked != "" {
			got += " (" + c.Provoked + ")"
		}
		if got != want || !c.Fatal || c.Process == nil || c.Process.Version != "2.6.12-1+deb12u4" || c.Process.PID == 0 {
			t.Errorf("%s: %s %+v, want %s", name, got, c.Process, want)
		}
	}
}

// fieldsOf gives the stream's fields as name=value/type.
func fieldsOf(s *crash.Stream) map[string]string {
	out := map[string]string{}
	for _, f := range s.Fields {
		out[f.Name] = f.Value
		if f.Type != "" {
			out[f.Name] += "/" + f.Type
		}
	}
	return out
}

func TestStreamFields(t *testing.T) {
	for name, want := range map[string]map[string]string{
		"spin-g0": {"src": "192.0.2.9", "rqf": "0x848202/chn", "sif.state": "EST", "sif.flags": "0x204048/si", "cof.mux": "H1", "cof.fd": "21", "csf.flags": "0x8600/cs", "af.st0": "0"},
		"spin-g1": {"strm": "0x55aa00", "rqa": "0x8000/ana", "cof.mux": "H2", "cof.mux.ctx": "0x55ab00", "cob.xprt.ctx": "(nil)", "cob.fd": "22",
			"filters": `{0x55ae00="compression filter", 0x55ae80="my [odd] (filter"}`},
		"spin-g2":      {"strm.flags": "0x44e/strm", "txn.flags": "0x3000/txn", "txn.req": "MSG_DONE", "txn.req.flags": "0xc/hmsg", "ab.st0": "11/cli.state", "dst": "<CLI>"},
		"spin-g3-musl": {"csf": "0x7f11b010", "csf.state": "EST", "csf.flags": "0x400/cs", "cob": "0", "cob.fd": "-1", "cob.ctrl": "NONE"},
		"spin-g3":      {"scf.state": "EST", "scf.flags": "0x400/sc", "sab": "0x55b100", "sab.st0": "11/cli.state", "cob.fd": "-1", "handler": "0x556700(cli_io_handler+0)"},
		"spin-g4": {
			"strm": "0x55aa00", "stream.flags": "0xc4a/strm", "proto": "tcpv4", "source": "192.0.2.9:48758", "conn_retries": "0", "frontend": "fe1", "frontend.id": "2",
			"listener": "?", "server.addr": "198.51.100.7:8080", "task.state": "0x01/task", "task.rate": "100123", "task.age": "3s", "task.tid": "0(1/0)",
			"txn.req.st": "MSG_DONE", "txn.req.f": "0x4c/hmsg", "scf.endp.type": "CONN", "scf.endp": "0x55c400", "scf.endp.flags": "0x50404001/sd", "scf.state": "EST",
			"scb.iobuf.flags": "0x00000000/iobuf", "h2s.st": "HCR", "h2s.flg": "0x7003/h2s", "h2s.sc.flg": "0x00000482/sc", "h2s.sd.flg": "0x50404001/sd", "h2s.subs.tl.fct": "sc_conn_io_cb",
			"h2c.st0": "FRH", "h2c.flg": "0x60600/h2c", "h2c.fctl_cnt": "0", "co0.mux": "H2", "co0.flags": "0x00000300/conn", "co0.fd": "18", "co0.fd.state": "0x20/fd",
			"scb.flags": "0x00001411/sc", "app1": "0x55c800", "app1.st0": "1/stats.state", "app1.applet": "<STATS>", "req.f": "0x21840000/chn", "req.an": "0x48000/ana",
			"req.o": "0", "htx.flags": "0x10/htx", "res.o": "12", "res.htx.used": "1", "p_stc": "1",
			"current_rule": `"set-var" [/etc/haproxy/h.cfg:42] (YIELDING)`, "filters": `{0x55ae00="compression filter" [1], 0x55ae80="spoe engine (a=b)" [2]}`,
			"applet": "0x5566e0(http_stats_applet)",
		},
		"panic-2.0":     {"strm": "0x55aa50", "dst": "s1", "sib.flags": "0x2000d8/si", "cob.ctrl": "tcpv4"},
		"panic-3.2-pod": {"strm": "0x55aa50", "frontend.addr": ":::30686", "co0.fd.state": "0x20/fd", "scf.flags": "0x00000482/sc"},
		"panic-3.4":     {"app1.applet": "<PEER>", "app1.st0": "7/peer.state", "scb.state": "EST"},
	} {
		parts, err := Lines(t.Context(), samples(t)[name], name)
		if err != nil || len(parts) == 0 || parts[0].Crash.Stream == nil {
			t.Errorf("%s: no stream: %v", name, err)
			continue
		}
		got := fieldsOf(parts[0].Crash.Stream)
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s: %s is %q, want %q", name, k, got[k], v)
			}
		}
	}
}

func TestThreadBlock(t *testing.T) {
	parts, err := Lines(t.Context(), samples(t)["panic-3.4"], "x")
	if err != nil || len(parts) == 0 || len(parts[0].Crash.Threads) != 2 {
		t.Fatalf("want two threads: %v", err)
	}
	th := parts[0].Crash.Threads[0]
	if want := (crash.Task{Type: "task", Address: 0x55aa10, Function: "task_run_applet", Context: 0x55aa50, Applet: "PEER", Calls: 2}); *th.Task != want {
		t.Errorf("task %+v, want %+v", *th.Task, want)
	}
	if !th.Stuck || !th.Faulty || !strings.Contains(th.Lua, "/etc/haproxy/t.lua:7: in function") {
		t.Errorf("thread %+v", th)
	}
	got := fieldsOf(&crash.Stream{Fields: th.Fields})
	for k, v := range map[string]string{"id": "0x7f0000000700", "group": "1/1", "loops": "3", "locks": "0", "cpu_ns.diff": "1250018197", "current_call.wake": "120 ns ago",
		"exec_ctx": "applet '<PEER>'", "lock_hist": "S:OTHER U:OTHER"} {
		if got[k] != v {
			t.Errorf("%s is %q, want %q", k, got[k], v)
		}
	}
	if p := parts[0].Crash.Process; p.PID != 4250 || len(p.Features) != 5 || p.System != "virtual machine: kvm, Linux 6.12.9 #1 SMP PREEMPT_DYNAMIC x86_64, Debian GNU/Linux 13 (trixie)" {
		t.Errorf("process %+v", p)
	}
}

func TestSymbols(t *testing.T) {
	for in, want := range map[string]string{
		"process_stream":                   "process_stream",
		"process_stream+0":                 "process_stream",
		"h1_io_cb+0x1b7/0xdb9":             "h1_io_cb",
		"h1_io_cb+0xdb9/0xdb9":             "", // behind its end
		"hlua_process_task+0x19fa9":        "", // a neighbour
		"main+0x127b5e":                    "",
		"main-0x3e90":                      "",
		"main+0x2065/0x2d42":               "main",
		"libc:clone+0x3f/0x5a":             "clone",
		"libc:+0x891f5":                    "",
		"foo.isra.0+0x1/0x2":               "foo.isra.0",
		"x+0xffffffffffffffffff/0x1":       "",
		"?":                                "",
		"":                                 "",
		"linux-vdso:__vdso_time+0x3c/0x2a": "",
	} {
		if got := exactName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestNotHAProxysText(t *testing.T) {
	for _, text := range []string{
		"WARNING: condition is bad\n",
		"Nov 22 19:06:36 lb1 haproxy[4242]: Server be1/s1 is DOWN, reason: Layer4 timeout\n",
		"Thread pool is about to kill the process\n",
		"[WARNING]  (1) : Former worker (8) exited with code 0 (Exit)\n[WARNING]  (1) : Current worker (9) exited with code 143 (Terminated)\n[WARNING]  (1) : All workers exited. Exiting... (143)\n",
		"ABORT at once\n", "| table | row |\n", "GET /?q=call%20trace( HTTP/1.1\n",
		"Process 12 exited with code zero\n", "my program exited with code 139\n",
	} {
		parts, err := Lines(t.Context(), text, "x")
		if err != nil || len(parts) != 0 {
			t.Errorf("%q: %d parts, %v", text, len(parts), err)
		}
	}
}

func TestPackagedVersion(t *testing.T) {
	for name, want := range map[string]string{
		"haproxy 2.4.14-1ubuntu1": "2.4.14-1ubuntu1", "haproxy-1.8.27-2.el8": "1.8.27-2.el8", "haproxy-2.4.22-3.el9.x86_64": "2.4.22-3.el9",
		"haproxy/2.6.12-1+deb12u1": "2.6.12-1+deb12u1", "haproxy/2:2.6.12-1.amd64": "2.6.12-1", "haproxy24-2.4.22-3.el9": "2.4.22-3.el9",
		"nginx 1.18.0-1": "", "haproxy": "", "haproxy-exporter 0.13.0-1": "", "haproxyctl-1.3.0-1": "", "": "",
	} {
		if got := packaged(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
