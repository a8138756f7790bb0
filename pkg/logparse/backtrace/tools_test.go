package backtrace

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// The samples are what gdb 13, elfutils 0.188, GCC 12's sanitizers and valgrind
// 3.19 printed of small programs that crashed.

func TestGDBReal(t *testing.T) {
	r := one(t, sample(t, "gdb-real"))
	if r.Kind != crash.BugOn || r.Signal == nil || r.Signal.Name != "SIGSEGV" || r.Executable != "./t" || len(r.Foreign) > 0 {
		t.Errorf("%s %+v %q %+v", r.Kind, r.Signal, r.Executable, r.Foreign)
	}
	if len(r.Threads) != 2 || r.Threads[0].LWP != 6949 || !r.Threads[0].Faulty || r.Threads[1].LWP != 6950 || r.Threads[1].Faulty {
		t.Fatalf("threads %+v", r.Threads)
	}
	f := r.Threads[0].Frames
	if len(f) != 25 || f[0].Function != "ha_crash_now" || f[0].Inlined || !f[2].Inlined || f[2].Function != "foo" || f[2].Line != 10 || f[2].File != "t.c" {
		t.Errorf("%d frames, %+v", len(f), f[:3])
	}
	want := []crash.Argument{{Name: "p", Value: "0x1 <error: Cannot access memory at address 0x1>"}}
	if len(f[0].Arguments) != 1 || f[0].Arguments[0] != want[0] {
		t.Errorf("arguments %+v", f[0].Arguments)
	}
	if v := field(r.Threads[1], "gdb") + " " + field(r.Threads[1], "id"); v != "2 0x7f7062c0c6c0" {
		t.Errorf("fields %s", v)
	}
}

func field(th crash.Thread, name string) string {
	for _, f := range th.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

func TestGDBArguments(t *testing.T) {
	for _, c := range []struct {
		frame, want string
		file        string
		line        int
	}{
		{`#1  0x00005639c29c5668 in f (a=1, s=s@entry=0x7f "he said \"(hi)\", {x", st=..., p=0x1 <g>, n=5 '\005') at src/a.c:12`,
			`a|1;s|0x7f "he said \"(hi)\", {x";st|...;p|0x1 <g>;n|5 '\005'`, "src/a.c", 12},
		{`#1  f (n@entry=5) at src/a.c:12`, "n@entry|5", "src/a.c", 12},
		{`#1  f (n=6, n@entry=5) at src/a.c:12`, "n|6;n@entry|5", "src/a.c", 12},
		{`#1  f (v={a = 1, b = {2, 3}}, c=<optimized out>) at src/a.c:12`, "v|{a = 1, b = {2, 3}};c|<optimized out>", "src/a.c", 12},
		{`#1  f (s=0x7f "aaa", 'b' <repeats 39 times>, "c"..., n=1) at src/a.c:12`, `s|0x7f "aaa", 'b' <repeats 39 times>, "c"...;n|1`, "src/a.c", 12},
		// Cut: half of an argument and a file without its line are left out.
		{`#1  0x01 in f (a=1, lock=lock@entry=0xd6eb7`, "a|1", "", 0},
		{`#1  0x01 in f (a=1, s=0x7f "never closed) at src/a.c:12`, "a|1", "", 0},
		{`#1  0x01 in f (a=1) at src`, "a|1", "", 0},
		{`#1  0x01 in f (a=1) at`, "a|1", "", 0},
		{`#1  0x01 in std::map<int, foo (*)(int)>::at (this=0x1) at a.cc:3`, "this|0x1", "a.cc", 3},
	} {
		r := one(t, c.frame)
		if len(r.Threads) != 1 || len(r.Threads[0].Frames) != 1 {
			t.Errorf("%s: %+v", c.frame, r.Threads)
			continue
		}
		f := r.Threads[0].Frames[0]
		var got []string
		for _, a := range f.Arguments {
			got = append(got, a.Name+"|"+a.Value)
		}
		if g := strings.Join(got, ";"); g != c.want || f.File != c.file || f.Line != c.line {
			t.Errorf("%s\ngot  %s %s:%d\nwant %s", c.frame, g, f.File, f.Line, c.want)
		}
	}
}

func TestGDBMessageAndSpin(t *testing.T) {
	r := one(t, sample(t, "2230"))
	if r.Spin == nil || r.Spin.Address != 0x7f30585c8b90 || r.Spin.Rate != 0 {
		t.Errorf("spin %+v", r.Spin)
	}
	const want = "A bogus STREAM [0x7f30585c8b90] is spinning at 236832 calls per second and refuses to die, aborting now! " +
		"Please report this error to developers [strm=0x7f30585c8b90,145c0a src=192.0.2.35 fe=ssl be=h"
	if len(r.Messages) != 1 || r.Messages[0] != want {
		t.Errorf("messages %q", r.Messages)
	}
	// print, with a pointer that the excerpt ends in.
	r = one(t, sample(t, "2040"))
	if len(r.Messages) != 1 || !strings.HasPrefix(r.Messages[0], "A bogus APPCTX [0x55fc2d00d5e0] is") || !strings.HasSuffix(r.Messages[0], "fe=coraza_minimal be=") {
		t.Errorf("messages %q", r.Messages)
	}
	// The rate is taken when gdb knows it; strings come out of their quoting.
	r = one(t, "#0  stream_dump_and_crash (obj=0x10, rate=7000067) at src/stream.c:2920\n"+
		`        msg = 0x7f <buf> "FATAL: bug condition \"x\"\n  call\ttrace\303\251", '-' <repeats 3 times>, "end"...`)
	if r.Kind != crash.Spinning || r.Spin.Rate != 7000067 || len(r.Messages) != 1 || r.Messages[0] != "FATAL: bug condition \"x\"\n  call\ttraceé---end" {
		t.Errorf("%s %+v %q", r.Kind, r.Spin, r.Messages)
	}
}

func TestGDBMessagesElsewhere(t *testing.T) {
	r := one(t, "(gdb) x/s msg\n0x55fc2b3fc9d0:\t\"A bogus STREAM [0x1] is spinning\"...\n(gdb) p *trash\n$2 = {\n  area = 0x7f \"Thread 2 is about to kill the process.\\n*>Thread 2 : id=0x7f\",\n  size = 16384\n}\n"+
		"(gdb) p name\n$3 = 0x55 \"password=hunter2\"\n(gdb) p msg\n$4 = 0x55 \"A bogus STREAM [0x1] is spinning\"...\n")
	want := []string{"A bogus STREAM [0x1] is spinning", "Thread 2 is about to kill the process.\n*>Thread 2 : id=0x7f"}
	if len(r.Messages) != 2 || r.Messages[0] != want[0] || r.Messages[1] != want[1] || len(r.Foreign) > 0 {
		t.Errorf("%q %+v", r.Messages, r.Foreign)
	}
}

func TestGDBWhereItStops(t *testing.T) {
	const bt = "#0  foo (a=1) at x.c:3\n#1  0x0000000000000042 in main () at x.c:9\n"
	for _, c := range []struct {
		name, text string
		blocks     int
		left       string
		foreign    int
	}{
		{"a log line ends it", bt + "[ALERT]    (1) : Current worker (8) exited with code 139 (Segmentation fault)\nhello", 1, "[ALERT]    (1) : Current worker (8) exited with code 139 (Segmentation fault)|hello", 0},
		{"a remark does not", bt + "and with locals:\n" + "#0  foo (a=1) at x.c:3\n        b = 2\n", 1, "", 1},
		{"a remark at the end is handed over", bt + "that was all\n", 1, "", 1},
		{"another frame 0 is another crash", bt + "and the other:\n#0  bar (b=1) at y.c:7\n", 2, "", 1},
		{"another session", bt + "Core was generated by `haproxy'.\n#0  bar (b=1) at y.c:7\n", 2, "", 0},
		{"fifty foreign lines are enough", bt + strings.Repeat("x\n", 60), 1, strings.TrimSuffix(strings.Repeat("x|", 10), "|"), 50},
	} {
		blocks, left := feed(c.text)
		if len(blocks) != c.blocks || strings.Join(left, "|") != c.left {
			t.Errorf("%s: %d blocks, left %q", c.name, len(blocks), left)
			continue
		}
		if n := len(blocks[0].Foreign); n != c.foreign {
			t.Errorf("%s: %d foreign lines", c.name, n)
		}
	}
	blocks, _ := feed(bt + "that was all\n\n")
	if blocks[0].FirstLine != 1 || blocks[0].LastLine != 2 {
		t.Errorf("lines %d to %d", blocks[0].FirstLine, blocks[0].LastLine)
	}
}

func TestGDBCulprit(t *testing.T) {
	const idle = "Thread 2 (Thread 0x7f02 (LWP 12)):\n#0  0x00007fcc16800e63 in epoll_wait () from /lib64/libc.so.6\n#1  0x01 in _do_poll () at src/ev_epoll.c:1\n"
	const busy = "Thread 1 (Thread 0x7f01 (LWP 11)):\n#0  0x02 in h2_send (h2c=0x0) at src/mux_h2.c:1\n"
	for _, c := range []struct {
		name, text string
		lwp        int
		faulty     bool
	}{
		{"thread 1 of a core", idle + busy, 11, true},
		{"what a living process does", "Attaching to process 11\n" + idle + busy, 11, true},
		{"a living process that waits", "Attaching to process 12\n" + idle, 12, false},
		{"idle only", idle, 12, false},
		{"gdb says", "[Current thread is 2 (Thread 0x7f02 (LWP 12))]\n" + idle + busy, 12, true},
		{"one that aborts", idle + busy + "Thread 3 (Thread 0x7f03 (LWP 13)):\n#0  0x03 in raise () from /lib64/libc.so.6\n#1  0x04 in abort () from /lib64/libc.so.6\n", 13, true},
		{"signal received by", "Thread 2 \"haproxy\" received signal SIGSEGV, Segmentation fault.\n[Switching to Thread 0x7f02 (LWP 12)]\n0x01 in foo (a=1) at x.c:3\n" + busy, 12, true},
	} {
		r := one(t, c.text)
		if len(r.Threads) == 0 || r.Threads[0].LWP != c.lwp || r.Threads[0].Faulty != c.faulty {
			t.Errorf("%s: %+v", c.name, r.Threads)
		}
	}
}

func TestKinds(t *testing.T) {
	const abort = "#0  0x01 in raise () from /lib64/libc.so.6\n#1  0x02 in abort () from /lib64/libc.so.6\n"
	for _, c := range []struct {
		text            string
		kind, plausible crash.Kind
	}{
		{abort + "#2  0x03 in ha_panic () at src/debug.c:1\n#3  0x04 in debug_parse_cli_panic (args=0x0) at src/debug.c:2\n", crash.Panic, ""},
		{abort + "#2  0x03 in ha_panic () at src/debug.c:1\n#3  <signal handler called>\n#4  0x04 in foo () at src/x.c:2\n", crash.Watchdog, ""},
		{abort + "#2  0x03 in __libc_message () from /lib64/libc.so.6\n#3  0x04 in malloc_printerr () from /lib64/libc.so.6\n", crash.HeapCorruption, ""},
		{abort + "#2  0x03 in foo () at src/x.c:2\n", crash.Abort, ""},
		{"#0  ha_crash_now () at include/haproxy/bug.h:52\n#1  __pool_free (pool=0x1, ptr=0x2) at src/pool.c:9\n", crash.PoolCorruption, ""},
		{"#0  ha_crash_now () at include/haproxy/bug.h:52\n#1  h2_done (h2c=0x1) at src/mux_h2.c:9\n#2  pool_free (p=0x1) at src/pool.c:9\n", crash.BugOn, ""},
		{"Program terminated with signal SIGILL, Illegal instruction.\n#0  0x01 in h2_done (h2c=0x1) at src/mux_h2.c:9\n", crash.IllegalInstruction, crash.BugOn},
		{"Program terminated with signal SIGSEGV, Segmentation fault.\n#0  0x01 in _int_malloc () from /lib/libc.so.6\n", crash.Segfault, ""},
		{"Program terminated with signal SIGBUS, Bus error.\n#0  0x01 in foo (a=1) at src/x.c:9\n", crash.BusError, ""},
		{"Program terminated with signal SIGFPE, Arithmetic exception.\n#0  0x01 in foo (a=1) at src/x.c:9\n", crash.FPE, ""},
		// A debugger stops at harmless signals too.
		{"Program received signal SIGPIPE, Broken pipe.\n0x01 in send () from /lib/libc.so.6\n", crash.Unknown, ""},
		{"Program received signal SIGINT, Interrupt.\n0x01 in epoll_wait () from /lib/libc.so.6\n", crash.Unknown, ""},
	} {
		r := one(t, c.text)
		if r.Kind != c.kind || r.Plausible != c.plausible {
			t.Errorf("%s\nis %s, plausible %q", c.text, r.Kind, r.Plausible)
		}
	}
}

func TestEuStack(t *testing.T) {
	r := one(t, sample(t, "eu-stack-v"))
	if r.Tool != toolEuStack || r.PID != 6949 || r.Kind != crash.BugOn || len(r.Threads) != 2 || !r.Threads[0].Faulty || r.Threads[1].LWP != 6950 {
		t.Fatalf("%+v", r)
	}
	f := r.Threads[0].Frames
	if stackOf(r.Threads[0]) != "ha_crash_now inl foo ?" || !f[1].Inlined || f[2].Inlined || f[2].File != "/src/t.c" || f[2].Line != 10 || f[2].Module != "t" {
		t.Errorf("%+v", f)
	}
	r = one(t, sample(t, "eu-stack-bl"))
	if f = r.Threads[0].Frames; f[0].ModuleOffset != 0x1194 || f[1].ModuleOffset != 0x11bb {
		t.Errorf("offsets %s %s", f[0].ModuleOffset, f[1].ModuleOffset)
	}
	r = one(t, sample(t, "eu-stack-q"))
	if len(r.Threads) != 2 || r.Threads[0].Frames[1].Address != 0x558fa47631bb || r.Kind != crash.Unknown {
		t.Errorf("%+v", r)
	}
}

func TestCoredumpctl(t *testing.T) {
	r := one(t, sample(t, "coredumpctl"))
	if r.PID != 2131 || r.Comm != "haproxy" || r.Signal == nil || r.Signal.Name != "SIGABRT" || r.Kind != crash.Watchdog || r.Host != "lb1" ||
		r.Executable != "/usr/sbin/haproxy" || !strings.HasPrefix(r.Arguments, "/usr/sbin/haproxy -Ws") || r.Time != "Tue 2024-04-02 10:11:12 UTC" ||
		r.CoreFile != "/var/lib/systemd/coredump/core.haproxy.99.8bb0a8f0.2131.1712052672000000.zst" || len(r.Foreign) > 0 {
		t.Errorf("%+v", r)
	}
	if len(r.Threads) != 2 || r.Threads[0].LWP != 2133 || stackOf(r.Threads[0]) != "raise abort ha_panic <signal> ? flt_http_payload ?" {
		t.Fatalf("%+v", r.Threads)
	}
	if f := r.Threads[0].Frames[4]; f.Module != "haproxy" || f.ModuleOffset != 0x1e9a04 {
		t.Errorf("%+v", f)
	}
}

// report is a sample without the rulers above its headline.
func report(t *testing.T, name string) string {
	s := sample(t, name)
	return s[strings.Index(s, "ERROR: AddressSanitizer")-len("==12345=="):]
}

func TestSanitizers(t *testing.T) {
	r := one(t, report(t, "asan-uaf"))
	if r.Kind != crash.MemoryError || r.Error != "heap-use-after-free" || r.PID == 0 || len(r.Threads) != 1 || !r.Threads[0].Faulty ||
		stackOf(r.Threads[0]) != "use main __libc_start_call_main __libc_start_main_impl _start" || len(r.Stacks) != 2 ||
		r.Stacks[0].Role != "freed by thread T0" || r.Stacks[1].Role != "previously allocated by thread T0" {
		t.Errorf("%+v", r)
	}
	if m := r.Memory; m == nil || m.Tool != "AddressSanitizer" || m.Access != "read" || m.Size != 1 || m.Address == nil || !strings.Contains(m.Place, "inside of") {
		t.Errorf("%+v", m)
	}
	if f := r.Threads[0].Frames; f[0].File != "/src/a.c" || f[0].Line != 3 || f[4].ModuleOffset != 0x2150 || f[4].Module != "/src/a" {
		t.Errorf("%+v", f)
	}
	r = one(t, report(t, "asan-null"))
	if r.Kind != crash.Segfault || r.Signal == nil || *r.Signal.Address != 1 || r.Signal.Instruction == nil || r.Signal.Number != 11 {
		t.Errorf("%+v", r)
	}
	r = one(t, report(t, "asan-double"))
	if r.Kind != crash.HeapCorruption || r.Error != "double-free" {
		t.Errorf("%+v", r)
	}
}

// Names of C++ hold blanks and parentheses; a report of leaks is none of a crash.
func TestSanitizerNames(t *testing.T) {
	r := one(t, sample(t, "asan-cpp"))
	if stackOf(r.Threads[0]) != "MemcmpInterceptorCommon __interceptor_memcmp __ebim_lookup" || r.Kind != crash.MemoryError || r.Memory.Size != 13 ||
		r.Owner != OwnerHAProxy || r.Threads[0].Frames[0].Line != 839 {
		t.Errorf("%+v", r)
	}
	r = one(t, sample(t, "lsan"))
	if !r.Leak || r.Memory != nil || r.Kind != crash.Unknown || r.Owner != OwnerHAProxy {
		t.Errorf("%+v", r)
	}
	for name, want := range map[string]crash.Kind{
		"heap-buffer-overflow": crash.MemoryError, "global-buffer-overflow": crash.MemoryError, "data-race": crash.MemoryError, "double-free": crash.HeapCorruption,
		"SEGV": crash.Segfault, "FPE": crash.FPE, "ILL": crash.IllegalInstruction, "stack-overflow": crash.StackOverflow, "out-of-memory": crash.OutOfMemory,
	} {
		if got := sanitizerKind("AddressSanitizer", name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestGlibc(t *testing.T) {
	const trace = "======= Backtrace: =========\n/lib/x86_64-linux-gnu/libc.so.6(+0x777e5)[0x7fb2f20c27e5]\n/lib/x86_64-linux-gnu/libc.so.6(cfree+0x4c)[0x7fb2f20cf53c]\n" +
		"/usr/sbin/haproxy(+0xe0c4f)[0x558c51f64c4f]\n/usr/sbin/haproxy(process_stream+0x93) [0x558c51ff6113]\n======= Memory map: ========\n" +
		"558c51e84000-558c52070000 r-xp 00000000 08:01 528110                     /usr/sbin/haproxy\n"
	r := one(t, trace)
	if r.Tool != toolGlibc || r.Owner != OwnerHAProxy || r.Signal == nil || r.Signal.Number != 6 || stackOf(r.Threads[0]) != "? cfree ? process_stream" || r.Threads[0].Frames[2].ModuleOffset != 0xe0c4f {
		t.Errorf("%+v", r)
	}
	if r := one(t, strings.ReplaceAll(strings.ReplaceAll(trace, "haproxy", "nginx"), "process_stream", "ngx_run")); r.Owner != OwnerForeign || r.Program != "nginx" {
		t.Errorf("%+v", r)
	}
}

func TestValgrind(t *testing.T) {
	r := one(t, sample(t, "valgrind-uaf"))
	if r.Kind != crash.MemoryError || !r.Live || r.Error != "Invalid read of size 1" || len(r.Threads) != 1 || stackOf(r.Threads[0]) != "use main" ||
		!r.Threads[0].Faulty || len(r.Stacks) != 2 || r.Stacks[0].Role != "freed" || r.Stacks[1].Role != "allocated" || r.Memory.Size != 1 || r.Memory.Access != "read" {
		t.Errorf("%+v", r)
	}
	r = one(t, sample(t, "valgrind-null"))
	if r.Kind != crash.Segfault || r.Signal == nil || *r.Signal.Address != 1 || len(r.Threads) != 1 || !r.Threads[0].Faulty ||
		len(r.Stacks) != 0 || r.Memory == nil || r.Live {
		t.Errorf("%+v", r)
	}
}

func TestOrdinaryLinesOpenNothing(t *testing.T) {
	for _, text := range []string{
		"", "   ", "#", "#1", "#1 is the first", "#4242 fixed", "#0 /srv/x.php(12): foo()", "#1 {main}", "#0  hello world", "#2 note (see below)",
		"Thread 2 is about to kill the process.", "  Thread 1 : id=0x7f91259f9c40 act=1 glob=1 wq=1 rq=1 tl=1 tlsz=2 rqsz=83",
		"Thread 7 (worker) started", "PID 12 started", "TID 12", "Process 12 started", "Process 12 (nginx) of user 0 exited",
		"| 0x561b92a75c33 [89 c5 85 c0 0f 85 e3 01]: ha_thread_dump+0x273/0x47d", "0x55d0c0: [08/Aug/2025:18:21:55.636205] id=10472 proto=unix_stream",
		"A bogus APPCTX [0x7f9e440acd30] is spinning at 3267569 calls per second", "FATAL: bug condition \"x\" matched at src/a.c:1",
		"192.0.2.1:80 [21/Mar/2023:12:10:18.711] fe be/s1 0/0/0/1/1 200 \"GET /#0 HTTP/1.1\"",
		"==12==", "== 12 ==", "==12== hello", "PID: 12", "Signal: 11 (SEGV)",
		"haproxy[1]: segfault at 0 ip 0 sp 0 error 4", "warning: core", "        x = 1", "[New connection]", "at src/a.c:12",
		"SUMMARY: 12 requests", "server foo received signal SIGTERM",
	} {
		if b := Start(text, 1); b != nil {
			t.Errorf("%q opens a block of %s", text, b.Result().Tool)
		}
	}
}

func TestBounds(t *testing.T) {
	var b strings.Builder
	for range 3 {
		b.WriteString(strings.Repeat("#7  0x01 in f (a=1) at x.c:3\n", 1000))
		for i := range 5000 {
			b.WriteString("#")
			b.WriteString(strings.Repeat("1", i%7+1))
			b.WriteString("  0x01 in f (a=" + strings.Repeat("(", 3000) + "\n")
		}
	}
	r := one(t, b.String())
	for _, th := range r.Threads {
		if len(th.Frames) > maxFrames {
			t.Errorf("%d frames", len(th.Frames))
		}
	}
	deep := strings.Repeat(" x=1,\n", 5000)
	r = one(t, "#0  0x01 in f (a=1,\n"+deep+")\n")
	if n := len(r.Threads[0].Frames[0].Arguments); n == 0 || n > maxFrameRows {
		t.Errorf("%d arguments", n)
	}
}

func fuzz(f *testing.F, names ...string) {
	for _, n := range names {
		f.Add(sample(f, n))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) <= 1<<16 {
			check(t, text)
		}
	})
}

// check reads any text and says what no text may bring about.
func check(t *testing.T, text string) {
	blocks, _ := feed(text)
	for i := range blocks {
		r := &blocks[i]
		if r.Kind == "" || r.Tool == "" || r.FirstLine < 1 || r.LastLine < r.FirstLine {
			t.Errorf("%+v", r)
		}
		if len(r.Threads) > maxThreads || len(r.Stacks) > maxRoles || len(r.Messages) > maxMessages || len(r.Foreign) > maxForeigns || len(r.Objects) > maxObjects {
			t.Errorf("over a cap: %d threads, %d stacks, %d messages, %d objects", len(r.Threads), len(r.Stacks), len(r.Messages), len(r.Objects))
		}
		for k := range r.Threads {
			th := &r.Threads[k]
			if th.Faulty && k > 0 {
				t.Error("the faulty thread is not the first")
			}
			if len(th.Frames) > maxFrames || len(th.Registers) > maxRegisters {
				t.Errorf("%d frames, %d registers", len(th.Frames), len(th.Registers))
			}
			last := -1
			for i, f := range th.Frames {
				n := max(f.Number, i)
				if n <= last || th.Gap(i) != (n > last+1) {
					t.Errorf("frame %d behind %d, gap %t", n, last, th.Gap(i))
				}
				last = n
				for _, a := range f.Locals {
					if strings.ContainsAny(a.Value, "\"'{}") || len(a.Value) > 256 {
						t.Errorf("a variable's value is no number and no name: %q", a.Value)
					}
				}
			}
		}
		for _, o := range r.Objects {
			for _, m := range o.Fields {
				if strings.ContainsAny(m.Value, "\"'{}") || len(m.Value) > 256 {
					t.Errorf("a member's value is no number and no name: %q", m.Value)
				}
			}
		}
	}
}

func FuzzGDB(f *testing.F)      { fuzz(f, "gdb-real", "2230", "218", "2040", "958", "637", "1115", "2870") }
func FuzzEuStack(f *testing.F)  { fuzz(f, "eu-stack-v", "eu-stack-bl", "eu-stack-q") }
func FuzzCoredump(f *testing.F) { fuzz(f, "coredumpctl", "1284") }
func FuzzSanitizer(f *testing.F) {
	f.Add("======= Backtrace: =========\n/usr/sbin/haproxy(a+0x1)[0x55]\n\n======= Memory map: ========\n")
	fuzz(f, "asan-uaf", "asan-null", "asan-double", "valgrind-uaf", "valgrind-null", "lsan", "asan-cpp")
}

// TestStrippedHAProxy reads what gdb and eu-stack print of cores of Debian's
// stripped HAProxy 2.6.12, crashed with "debug dev panic", "loop" and "tkill".
func TestStrippedHAProxy(t *testing.T) {
	for _, c := range []struct {
		name            string
		kind, plausible crash.Kind
		top             string
	}{
		// ha_panic has no symbol here, but another thread is in debug_handler.
		{"debian-2.6-panic-gdb", crash.Abort, crash.Panic, "__pthread_kill_implementation __pthread_kill_internal __GI_raise __GI_abort ? ? ? ? task_run_applet"},
		{"debian-2.6-panic-eu", crash.Abort, crash.Panic, "__pthread_kill_implementation raise abort ? ? ? ? task_run_applet"},
		{"debian-2.6-loop-gdb", crash.Watchdog, "", "__pthread_kill_implementation __pthread_kill_internal __GI_raise __GI_abort ? ha_panic <signal> gettimeofday"},
		{"debian-2.6-loop-eu", crash.Watchdog, "", "__pthread_kill_implementation raise abort ? ha_panic <signal> __vdso_gettimeofday"},
		{"debian-2.6-tkill-gdb", crash.Segfault, "", "__pthread_kill_implementation __pthread_kill_internal __GI_raise ? ? ? task_run_applet"},
		// raise alone does not say of which signal.
		{"debian-2.6-tkill-eu", crash.Unknown, "", "__pthread_kill_implementation raise ? ? ? task_run_applet"},
	} {
		r := one(t, sample(t, c.name))
		if r.Kind != c.kind || r.Plausible != c.plausible || len(r.Threads) != 3 || !r.Threads[0].Faulty || !strings.HasPrefix(stackOf(r.Threads[0]), c.top+" ") {
			t.Errorf("%s: %s, plausible %q, %s", c.name, r.Kind, r.Plausible, stackOf(r.Threads[0]))
		}
	}
	r := one(t, "Program terminated with signal SIGABRT, Aborted.\n#0  0x01 in raise () from /lib/libc.so.6\n#1  0x02 in abort () from /lib/libc.so.6\n"+
		"#2  0x03 in ?? ()\n#3  <signal handler called>\n#4  0x04 in process_stream ()\n")
	if r.Kind != crash.Abort || r.Plausible != crash.Watchdog {
		t.Errorf("%s, plausible %q", r.Kind, r.Plausible)
	}
}

func TestPagerAndColours(t *testing.T) {
	r := one(t, "#0  0x0000000000000001 in f (a=1,\n--Type <RET> for more, q to quit, c to continue without paging--\n    b=2) at src/x.c:12\n"+
		"--Type <RET> for more, q to quit, c to continue without paging--#1  0x0000000000000002 in g () at src/x.c:13\n"+
		"#2  \x1b[34m0x0000000000000003\x1b[m in \x1b[33mh\x1b[m (\x1b[36mc\x1b[m=3) at \x1b[32msrc/x.c\x1b[m:14\n")
	if len(r.Threads) != 1 || stackOf(r.Threads[0]) != "f g h" || len(r.Threads[0].Frames[0].Arguments) != 2 || r.Threads[0].Frames[2].Line != 14 {
		t.Errorf("%+v", r.Threads)
	}
}

// Front ends of gdb, drgn and libSegFault.so.
func TestFrontEnds(t *testing.T) {
	for name, text := range map[string]string{
		"gef":    "gef> bt\n[#0] 0x55d0f1a3b2c1 → h2_snd_buf(sc=0x55d0f2f3f3f0, buf=0x7f3c1)\n[#1] 0x55d0f1a4c111 → sc_conn_send(sc=0x55d0f2f3f3f0)\n",
		"pwndbg": "──[ BACKTRACE ]──\n ► 0   0x55d0f1a3b2c1 h2_snd_buf+1233\n   1   0x55d0f1a4c111 sc_conn_send+129\n   2   0x55d0f1a4c222 None\n",
		"drgn":   ">>> t.stack_trace()\n#0  h2_snd_buf (src/mux_h2.c:7512:9)\n#1  sc_conn_send (src/stconn.c:1655:12)\n",
		"libSegFault": "*** Segmentation fault\nRegister dump:\n\n RAX: 0000000000000000   RBX: 0000000000000001\n\nBacktrace:\n/usr/sbin/haproxy(h2_snd_buf+0x4d1)[0x55d0f1a3b2c1]\n" +
			"/usr/sbin/haproxy(sc_conn_send+0x81)[0x55d0f1a4c111]\n\nMemory map:\n\n55d0f1a00000-55d0f1c00000 r-xp 00000000 08:01 528110    /usr/sbin/haproxy\n",
	} {
		got, _ := feed(text)
		if len(got) != 1 || len(got[0].Threads) != 1 || len(got[0].Threads[0].Frames) < 2 {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		f := got[0].Threads[0].Frames
		if f[0].Function != "h2_snd_buf" || f[1].Function != "sc_conn_send" || (f[0].Address == 0) != (name == "drgn") || (f[0].Line == 7512) != (name == "drgn") {
			t.Errorf("%s: %+v", name, f)
		}
		if (got[0].Signal != nil && got[0].Signal.Number == 11) != (name == "libSegFault") {
			t.Errorf("%s: %+v", name, got[0].Signal)
		}
	}
}
