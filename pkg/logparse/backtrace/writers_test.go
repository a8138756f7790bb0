package backtrace

import (
	"os"
	"path/filepath"
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
