package backtrace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// What other programs than gdb print of a process that died; whole reports are among the
// samples of package logparse.

func TestLLDBFrames(t *testing.T) {
	for _, c := range []struct {
		line, function, module, file string
		address                      crash.Addr
		row                          int
		offset                       uint64
		inlined                      bool
	}{
		{"frame #0: 0x00000000003777f5 haproxy`pool_alloc(pool=0x000000000066d480) at memory.h:273", "pool_alloc", "haproxy", "memory.h", 0x3777f5, 273, 0, false},
		{"frame #3: 0x0000000000308a90 haproxy`h1_io_cb [inlined] h1_get_buf(h1c=<unavailable>, bptr=0x0000000802ea5078) at mux_h1.c:189:7 [opt]", "h1_get_buf", "haproxy", "mux_h1.c", 0x308a90, 189, 0, true},
		{"frame #6: 0x000000000036c08f haproxy`process_runnable_tasks at task.c:414", "process_runnable_tasks", "haproxy", "task.c", 0x36c08f, 414, 0, false},
		{"frame #0: 0x00000001000a1b2c haproxy`process_stream + 1234", "process_stream", "haproxy", "", 0x1000a1b2c, 0, 1234, false},
		{"frame #0: 0x00000001000a1b2c haproxy`process_stream(t=0x1) + 12 at stream.c:7", "process_stream", "haproxy", "stream.c", 0x1000a1b2c, 7, 12, false},
		{"frame #2: 0x000000000036c08f haproxy`___lldb_unnamed_symbol12$$haproxy + 3", "", "haproxy", "", 0x36c08f, 0, 3, false},
		{"frame #9: 0x000000080042279b libthr.so.3`thread_start(curthread=0x0000000800cafe00) at thr_create.c:292 [artificial]", "thread_start", "libthr.so.3", "thr_create.c", 0x80042279b, 292, 0, false},
		{"frame #1: 0x0000000000000000", "", "", "", 0, 0, 0, false},
		{"frame #1: 0x00000000003777f5 haproxy`pool_alloc(pool=0x0000000", "pool_alloc", "haproxy", "", 0x3777f5, 0, 0, false}, // cut
	} {
		_, f, ok := lldbFrame(c.line)
		if !ok || f.Function != c.function || f.Module != c.module || f.File != c.file || f.Address != c.address || f.Line != c.row || f.Offset != c.offset || f.Inlined != c.inlined {
			t.Errorf("%s\n%t %+v", c.line, ok, f)
		}
	}
	for _, line := range []string{"frame #x: 0x1", "frame #1: haproxy`foo", "frame #1: 0x12 and more words", "frame buffer #1"} {
		if _, f, ok := lldbFrame(line); ok && f.Function != "" {
			t.Errorf("%s: %+v", line, f)
		}
	}
}

func TestOtherDebuggers(t *testing.T) {
	for _, c := range []struct {
		text     string
		tool     string
		kind     crash.Kind
		signal   string
		function string
		owner    Owner
		live     bool
	}{
		{"* thread #1: tid = 101, 0x00000001000a1b2c haproxy`process_stream + 1234, name = 'haproxy', stop reason = EXC_BAD_ACCESS (code=1, address=0x18)\n  * frame #0: 0x00000001000a1b2c haproxy`process_stream + 1234\n",
			toolLLDB, crash.Segfault, "SIGSEGV", "process_stream", OwnerHAProxy, false},
		{"* thread #1, name = 'haproxy', stop reason = EXC_BAD_INSTRUCTION (code=EXC_I386_INVOP, subcode=0x0)\n  * frame #0: 0x00000001000a1b2c haproxy`process_stream + 1234\n",
			toolLLDB, crash.IllegalInstruction, "SIGILL", "process_stream", OwnerHAProxy, false},
		{"Process 4242 stopped\n* thread #1, name = 'haproxy', stop reason = signal SIGABRT\n    frame #0: 0x00007ffff7a8b00b libc.so.6`raise + 203\n    frame #1: 0x00007ffff7a6a859 libc.so.6`abort + 299\n    frame #2: 0x00005555557a1b2c haproxy`ha_panic + 444\n",
			toolLLDB, crash.Watchdog, "SIGABRT", "raise", OwnerHAProxy, false},
		{"(lldb) process attach --pid 4242\nProcess 4242 stopped\n* thread #1, name = 'haproxy', stop reason = signal SIGSTOP\n  * frame #0: 0x00000001000a1b2c haproxy`process_stream + 1234\n",
			toolLLDB, crash.Hang, "", "process_stream", OwnerHAProxy, true},
		{"(lldb) target create \"/usr/sbin/nginx\" --core \"nginx.core\"\n* thread #1, name = 'nginx', stop reason = signal SIGSEGV\n  * frame #0: 0x00000000003777f5 nginx`ngx_http_run + 12\n",
			toolLLDB, crash.Segfault, "SIGSEGV", "ngx_http_run", OwnerForeign, false},
		{"Process:               Finder [25509]\nException Type:        EXC_BAD_ACCESS (SIGSEGV)\nThread 0 Crashed:\n0   Finder    0x1000a1b2c main + 1\n",
			toolMacOS, crash.Segfault, "SIGSEGV", "main", OwnerForeign, false},
		{"Thread 3 Crashed:: worker\n0   haproxy                       	       0x1000a1b2c process_stream + 1234 (stream.c:1900)\n",
			toolMacOS, crash.Unknown, "", "process_stream", OwnerHAProxy, false},
		{"reason:         nginx killed by SIGSEGV\ncmdline:        nginx: worker process\nDirectory:      /var/spool/abrt/ccpp-2021-08-04-03:22:51-12\n",
			ToolABRT, crash.Segfault, "SIGSEGV", "", OwnerForeign, false},
		{"{ \"signal\": 11, \"executable\": \"/usr/sbin/nginx\", \"stacktrace\": [ { \"crash_thread\": true, \"frames\": [ { \"address\": 5, \"function_name\": \"ngx_http_run\" } ] } ] }\n",
			ToolABRT, crash.Segfault, "SIGSEGV", "ngx_http_run", OwnerForeign, false},
		{"{ \"signal\": 11\n, \"executable\": \"/usr/sbin/haproxy\"\n, \"stacktrace\": [ { \"crash_thread\": true, \"frames\": [ { \"address\": 5, \"function_name\": \"h1_io_cb\" }, { \"addre", // cut
			ToolABRT, crash.Segfault, "SIGSEGV", "h1_io_cb", OwnerHAProxy, false},
		{"ProblemType: Crash\nExecutablePath: /usr/sbin/nginx\nSignal: 11\nStacktraceTop:\n ngx_http_run ()\n", ToolApport, crash.Segfault, "SIGSEGV", "ngx_http_run", OwnerForeign, false},
		{"ProblemType: Crash\nExecutablePath: /usr/sbin/haproxy\nSignal: 6\nStacktraceTop:\n __GI_raise (sig=sig@entry=6) at ../sysdeps/unix/sysv/linux/raise.c:50\n __GI_abort () at abort.c:79\n ha_panic () at src/debug.c:400\n",
			ToolApport, crash.Watchdog, "SIGABRT", "__GI_raise", OwnerHAProxy, false},
		{"Thread 11 (Thread 19965):\n#0  0x00007f1 in epoll_wait () from /lib/libc.so.6\n\nThread 1 (Thread 19966):\n#0  0x00000000004a in process_stream (t=0x1) at src/stream.c:100\n#1  0x00000000004b in run_tasks_from_lists () at src/task.c:3\n",
			toolGDB, crash.Unknown, "", "process_stream", OwnerHAProxy, false},
		{"INFO: apport (pid 24900) Tue Sep 20 21:07:52 2022: called for pid 24890, signal 11, core limit 0, dump mode 1\n", ToolApport, crash.Segfault, "SIGSEGV", "", OwnerUnsaid, false},
	} {
		r := one(t, c.text)
		signal, function := "", ""
		if r.Signal != nil {
			signal = r.Signal.Name
		}
		if len(r.Threads) > 0 && len(r.Threads[0].Frames) > 0 {
			function = r.Threads[0].Frames[0].Function
		}
		if r.Tool != c.tool || r.Kind != c.kind || signal != c.signal || function != c.function || r.Owner != c.owner || r.Live != c.live {
			t.Errorf("%s\n%s %s %s %s owner %d live %t", c.text, r.Tool, r.Kind, signal, function, r.Owner, r.Live)
		}
	}
}

func TestPlainLinesOpenNothing(t *testing.T) {
	for _, line := range []string{
		"reason: Layer4 timeout", "reason:         the server was slow", "Id   Target Id", "time: now", "thread #1 is busy", "frame #1 of the video",
		"Process 12 started", "Process:  done", "Thread 3 is about to kill the process.", "{ \"app_name\": \"x\" }", "ProblemType: Kernel", "INFO: apport said nothing", "* a list", "{",
	} {
		if b := Start(line, 1); b != nil {
			t.Errorf("%q opens %s", line, b.Result().Tool)
		}
	}
}

func FuzzOtherDebuggers(f *testing.F) {
	files, err := filepath.Glob("../testdata/samples/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal("no samples", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	fuzz(f)
}

// What lldb, macOS and the C library show besides stacks.
func TestOtherEvidence(t *testing.T) {
	r := one(t, "(lldb) target create \"/usr/sbin/haproxy\" --core \"/var/crash/core.2131\"\nCore file '/var/crash/core.2131' (x86_64) was loaded.\n(lldb) bt\n"+
		"* thread #1, name = 'haproxy', stop reason = signal SIGSEGV: address not mapped to object (fault address=0x18)\n"+
		"  * frame #0: 0x000055d0c0a1b2c3 haproxy`h1_io_cb(t=0x00007f1230001000, state=65) at mux_h1.c:3120:12\n    frame #1: 0x000055d0c0b1c2d3 haproxy`main + 7\n"+
		"(lldb) register read\nGeneral Purpose Registers:\n       rax = 0x0000000000000000\n       rip = 0x000055d0c0a1b2c3  haproxy`h1_io_cb + 123 at mux_h1.c:3120\n"+
		"(lldb) frame variable\n(task *) t = 0x00007f1230001000\n(unsigned int) state = 65\n(lldb) p *conn\n(connection) $0 = {\n  flags = 2147483656\n  sub = {\n    id = 7\n  }\n  name = 0x00007f12 \"hunter2\"\n}\n"+
		"(lldb) disassemble -p\n->  0x55d0c0a1b2c3 <+123>: movq   0x8(%rax), %rdx\n")
	f := r.Threads[0].Frames[0]
	if r.Executable != "/usr/sbin/haproxy" || *r.Signal.Address != 0x18 || len(r.Threads[0].Registers) != 2 || f.Instruction != "movq 0x8(%rax), %rdx" || len(f.Locals) != 2 || f.Locals[1].Value != "65" {
		t.Errorf("%+v", r)
	}
	if len(r.Objects) != 1 || r.Objects[0].Role != "*conn" || r.Objects[0].Type != "connection" || len(r.Objects[0].Fields) != 3 || r.Objects[0].Fields[1].Name != "*conn.sub.id" || r.Objects[0].Fields[1].Value != "7" {
		t.Errorf("%+v", r.Objects)
	}
	r = one(t, "Process 4242 stopped\n* thread #1: tid = 4242, 0x00000001000a1b2c haproxy`process_stream(t=0x1) at stream.c:1800, name = 'haproxy', stop reason = EXC_BAD_ACCESS (code=1, address=0x18)\n"+
		"  thread #2: tid = 4243, 0x00007ff81a2b3c4d libsystem_kernel.dylib`kevent + 10\n")
	if len(r.Threads) != 2 || r.Threads[0].LWP != 4242 || stackOf(r.Threads[0]) != "process_stream" || stackOf(r.Threads[1]) != "kevent" || r.Kind != crash.Segfault {
		t.Errorf("thread list: %+v", r.Threads)
	}
	const fork = "+[NSDate initialize] may have been in progress in another thread when fork() was called. Crashing instead."
	r = one(t, "Process:               haproxy [25509]\nException Type:        EXC_CRASH (SIGABRT)\nApplication Specific Information:\n"+fork+"\nThread 1 Crashed:\n"+
		"0   libobjc.A.dylib    0x18a0b2c40 _objc_fatalv(unsigned long long, char*) + 116\n1   haproxy    0x1000b1b2c dns_resolve + 444\n")
	if r.Detail == "" || stackOf(r.Threads[0]) != "_objc_fatalv dns_resolve" {
		t.Errorf("fork: %q %+v", r.Detail, r.Threads)
	}
	r = one(t, "{\"app_name\":\"haproxy\",\"bug_type\":\"309\"}\n{\"pid\" : 25509, \"asi\" : {\"libobjc.A.dylib\":[\""+fork+"\"]}, \"exception\" : {\"type\":\"EXC_CRASH\",\"signal\":\"SIGABRT\"},\n"+
		"\"threads\" : [{\"triggered\":true,\"frames\":[{\"imageOffset\":8,\"symbol\":\"dns_resolve\",\"imageIndex\":0}]}], \"usedImages\" : [{\"base\":4096,\"name\":\"haproxy\"}]}\n")
	if r.Detail == "" || r.Threads[0].Frames[0].Address != 4104 || r.Threads[0].Frames[0].Module != "haproxy" || r.Signal.Number != 6 {
		t.Errorf("fork: %q %+v", r.Detail, r.Threads)
	}
	r = one(t, "======= Backtrace: =========\n/lib/libc.so.6(cfree+0x4c)[0x7fb2f20cf53c]\n/usr/sbin/haproxy(pool_flush+0x4e)[0x558c51f64c4f]\n/usr/sbin/haproxy[0x558c51f64d4f]\n/opt/fixed/haproxy[0x404d4f]\n"+
		"======= Memory map: ========\n00400000-00500000 r-xp 00000000 08:01 99    /opt/fixed/haproxy\n558c51e84000-558c51ea4000 r--p 00000000 08:01 528110    /usr/sbin/haproxy\n"+
		"558c51ea4000-558c52070000 r-xp 00020000 08:01 528110    /usr/sbin/haproxy\n558c53e00000-558c53e40000 rw-p 00000000 00:00 0    [heap]\n")
	fs := r.Threads[0].Frames
	if len(fs) != 4 || fs[1].ModuleOffset != 0xe0c4f || fs[2].ModuleOffset != 0xe0d4f || fs[3].ModuleOffset != 0x404d4f || r.Executable != "/usr/sbin/haproxy" {
		t.Errorf("glibc: %q %+v", r.Executable, fs)
	}
}

// Profiles and stacks of a living process are no crash.
func TestProfiles(t *testing.T) {
	for name, c := range map[string]struct{ text, stacks string }{
		"perf script": {"haproxy  5011 [001] 12345.678901:     250000 cpu-clock:pppH:\n\t    55d0c0a1b2c3 process_stream+0x123 (/usr/sbin/haproxy)\n\t    55d0c0b1c2d3 run_tasks_from_lists+0x45 (/usr/sbin/haproxy)\n\n" +
			"haproxy  5011 12345.688901:     250000 cpu-clock:pppH:\n\t    55d0c0a1b2c9 process_stream+0x129 (/usr/sbin/haproxy)\n\t    55d0c0b1c2d3 run_tasks_from_lists+0x45 (/usr/sbin/haproxy)\n\n" +
			"haproxy  5011 12345.698901:     250000 cpu-clock:pppH:\n\tffffffff8100 native_write+0x1 ([kernel.kallsyms])\n\t    55d0c0a1b2c9 _do_poll+0x129 (/usr/sbin/haproxy)\n\n",
			"2 of 3 samples: process_stream run_tasks_from_lists; 1 of 3 samples: native_write _do_poll"},
		"perf report": {"    45.20%  haproxy  haproxy            [.] stktable_lookup_key\n    10.05%  haproxy  [kernel.kallsyms]  [k] native_queued_spin_lock_slowpath\n     9.10%  haproxy  haproxy            [.] process_stream\n",
			"45 percent of the samples: stktable_lookup_key; 9 percent of the samples: process_stream"},
		"bpftrace": {"@[\n    epoll_wait+22\n    _do_poll+120\n]: 3\n@[\n    process_stream+1234\n    run_tasks_from_lists+300\n, haproxy]: 1204\n",
			"1204 of 1207 samples: process_stream run_tasks_from_lists; 3 of 1207 samples: epoll_wait _do_poll"},
	} {
		r := one(t, c.text)
		var got []string
		for _, s := range r.Stacks {
			got = append(got, s.Role+": "+stackOf(crash.Thread{Frames: s.Frames}))
		}
		if g := strings.Join(got, "; "); g != c.stacks || r.Kind != crash.Snapshot || !r.Live || r.Owner != OwnerHAProxy || len(r.Threads) > 0 {
			t.Errorf("%s: %s, live %t, owner %d\n%s", name, r.Kind, r.Live, r.Owner, g)
		}
	}
	r := one(t, "core 'core' of 12345:\t/usr/local/sbin/haproxy -f x\n-----------------  lwp# 1 / thread# 1  --------------------\n ffffffff7e5cd3f0 __lwp_kill (6, 0, 0) + 8\n 0000000100123456 ha_panic (0) + 44\n 0000000100123999 process_stream (1, 2) + 100\n"+
		"-----------------  lwp# 2 / thread# 2  --------------------\n ffffffff7e5cd4f0 __portfs (6, 5, 0) + 4\n")
	if r.PID != 12345 || len(r.Threads) != 2 || stackOf(r.Threads[0]) != "__lwp_kill ha_panic process_stream" || r.Kind != crash.Watchdog || r.Live {
		t.Errorf("pstack: %+v", r)
	}
	for _, command := range []string{"# pstack 5011", "$ gstack 5011", "root@lb1:~# sudo gdb -p 5011 --batch -ex 'thread apply all bt'", "[root@lb1 ~]# gdb --pid=5011"} {
		r := one(t, command+"\nThread 1 (Thread 0x7fb302000640 (LWP 5011)):\n#0  0x000055d0c0a1b2c3 in process_stream ()\n#1  0x000055d0c0b1c2d3 in run_tasks_from_lists ()\n")
		if r.Kind != crash.Hang || !r.Live || r.PID != 5011 {
			t.Errorf("%s: %s, live %t, pid %d", command, r.Kind, r.Live, r.PID)
		}
	}
}
