package report

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// fixture is a report as the rest of hacrash makes it.
type fixture struct {
	name   string
	report func() *crash.Report
}

func fixtures() []fixture {
	return []fixture{
		{"spin-log", spinLog},
		{"spin-core", spinCore},
		{"bug-on", bugOn},
		{"watchdog", watchdog},
		{"kernel-line", kernelLine},
		{"pool", pool},
		{"sanitizer", sanitizer},
		{"hang", hang},
		{"post-mortem", postMortem},
		{"warning", warning},
		{"foreign", foreignCore},
		{"hostile", hostile},
		{"fleet", fleet},
		{"nothing", nothing},
	}
}

func tool() *crash.Tool {
	return &crash.Tool{Version: "0.1.0", Knowledge: &crash.Knowledge{Date: "2026-08-21",
		Commit: "50872daa6a3f1be2a0c9f0a7a0b4c36f4d4e0d11", Signatures: 68, Fixes: 9412}}
}

func one(c crash.Crash, inputs ...crash.Input) *crash.Report {
	return &crash.Report{Schema: crash.Schema, Tool: tool(), Inputs: inputs, Crashes: []crash.Crash{c}}
}

func addr(a crash.Addr) *crash.Addr { return &a }

func spinVerdict() *crash.Verdict {
	return &crash.Verdict{Status: crash.Known, Why: "the signature is exact and 3.2-dev5 does not have the fix",
		Next: []crash.Step{
			{Do: "upgrade to 3.2-dev6 or later", Why: "3.2-dev5 lacks fix 972ce87676"},
			{Do: "until the upgrade, restart instead of reloading", Why: "the bug shows at reloads only"}},
		Matches: []crash.Match{{ID: "cli-end-state-unread-input",
			Title: "CLI applet in its end state keeps input that it never reads and is woken for ever",
			Score: 95, Confidence: crash.ConfidenceExact,
			Because: []string{"+30 spinning APPCTX", "+25 applet CLI", "+20 frontend GLOBAL", "+20 3.2-dev5 has 7214dcd52d"},
			Fixes:   []string{"972ce87676e2b2c8a8d9d0b4de4a59e3c4a0b1c2", "49b7bcf583aa00aa00aa00aa00aa00aa00aa00aa"},
			Issues:  []int{2862}, ExposedBy: []string{"7214dcd52d0011223344556677889900aabbccdd"},
			VersionStatus: crash.Affected, FixedIn: []string{"3.2-dev6"}, Basis: "git: the fix is not in 3.2-dev5",
			Advice: "upgrade to 3.2-dev6 or later; until then, avoid reloads in master-worker mode"}}}
}

func spinLog() *crash.Report {
	c := crash.Crash{Kind: crash.Spinning, Fatal: true, Time: "2025-02-17T10:15:00+01:00", Host: "lb1",
		Fingerprint: "spin-appctx:5d1c09b2e7a4",
		Process: &crash.Process{PID: 4242, MasterPID: 4240, Role: "worker", Version: "3.2-dev5-9f6a2e-12",
			VersionSource: "log line", Executable: "/usr/sbin/haproxy"},
		Exit: &crash.Exit{Code: 132, Signal: "SIGILL"}, Signal: &crash.Signal{Name: "SIGILL", Number: 4},
		Spin: &crash.Spin{Object: "APPCTX", Address: 0x7f9e440acd30, Rate: 7791234, Applet: "CLI", Handler: "cli_io_handler",
			HandlerAddress: 0x55d0a1b2c3d0},
		Stream: &crash.Stream{Address: 0x7f9e440e9360, Fields: []crash.Field{
			{Name: "id", Value: "10472"}, {Name: "proto", Value: "unix_stream"}, {Name: "source", Value: "unix:1"},
			{Name: "flags", Value: "0x8", Type: "SF", Flags: []string{"SF_ASSIGNED"}},
			{Name: "conn_retries", Value: "0"}, {Name: "conn_exp", Value: "<NEVER>"}, {Name: "waiting", Value: "0"},
			{Name: "frontend", Value: "GLOBAL"}, {Name: "backend", Value: "<NONE>"}, {Name: "server", Value: "<NONE>"},
			{Name: "task", Value: "0x7eecc60"}, {Name: "task.rate", Value: "0"},
			{Name: "scf", Value: "0x7f9e44138eb0"},
			{Name: "scf.flags", Value: "0x00040002", Type: "SC", Flags: []string{"SC_FL_NOLINGER", "SC_FL_EOI"}},
			{Name: "scf.state", Value: "EST"},
			{Name: "scf.endp", Value: "CONN,0x7f9e440ca820,0x5060c001", Type: "SE", Flags: []string{"SE_FL_T_MUX",
				"SE_FL_EOI", "SE_FL_EOS", "SE_FL_HAVE_NO_DATA", "SE_FL_MAY_FASTFWD_CONS", "SE_FL_WILL_CONSUME"}},
			{Name: "co0.mux", Value: "PASS"}, {Name: "co0.xprt", Value: "RAW"}, {Name: "co0.fd", Value: "1744"},
			{Name: "scb.flags", Value: "0x00008001", Type: "SC", Flags: []string{"SC_FL_ISBACK", "SC_FL_NEED_ROOM"}},
			{Name: "scb.state", Value: "EST"}, {Name: "app1.applet", Value: "<CLI>"}}},
		Text: "A bogus APPCTX [0x7f9e440acd30] is spinning at 7791234 calls per second and refuses to die, aborting now! " +
			"Please report this error to developers:\n  0x7f9e440e9360: [17/Feb/2025:10:14:58.636205] id=10472 proto=unix_stream source=unix:1\n   flags=0x8, conn_retries=0",
		Evidence: []crash.Evidence{
			{Fact: "spin guard", Source: "journal.log", Where: "line 4711", Text: "A bogus APPCTX [0x7f9e440acd30] is spinning at 7791234 calls per second"},
			{Fact: "exit code 132", Source: "journal.log", Where: "line 4740", Text: "Current worker (4242) exited with code 132 (Illegal instruction)"},
			{Fact: "version", Source: "journal.log", Where: "line 12", Text: "haproxy version is 3.2-dev5-9f6a2e-12"}},
		Missing: []crash.Missing{{What: "call stack", Effect: "the function that spins is known from the handler's name only",
			Remedy: "give the core file, or set ulimit -c unlimited for the next time"}},
		Verdict: spinVerdict()}
	return one(c, crash.Input{Name: "journal.log", Type: crash.InputLog, Size: 5181234, Complete: true})
}

func spinCore() *crash.Report {
	r := spinLog()
	c := &r.Crashes[0]
	c.Process.VersionSource = "core memory"
	c.Process.BuildID = "1f0c5a9de2b74cbbf0a7f3f1c8aa91f2d6f3e4b0"
	c.Process.Arguments = "/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid -S /run/haproxy-master.sock --password hunter2"
	c.Process.Features = []string{"+EPOLL", "-KQUEUE", "+OPENSSL", "+QUIC"}
	c.Process.BuildOptions = "TARGET=linux-glibc CC=gcc CFLAGS='-O2 -g' USE_OPENSSL=1 USE_QUIC=1"
	c.Signal = &crash.Signal{Number: 4, Name: "SIGILL", Code: 2, CodeName: "ILL_ILLOPN", Address: addr(0x55d0a1a01234), Instruction: addr(0x55d0a1a01234)}
	c.Threads = []crash.Thread{
		{Number: 1, LWP: 4242, Faulty: true, Frames: []crash.Frame{
			{Address: 0x55d0a1a01234, Function: "stream_dump_and_crash", Offset: 0x4a4, Module: "/usr/sbin/haproxy", ModuleOffset: 0x201234,
				File: "src/stream.c", Line: 2953, Trust: crash.TrustContext, Arguments: []crash.Argument{{Name: "obj", Value: "0x7f9e440acd30"}, {Name: "rate", Value: "7791234"}}},
			{Address: 0x55d0a1a01300, Function: "appctx_call_rate", Inlined: true, File: "src/applet.c", Line: 880, Trust: crash.TrustCFI},
			{Address: 0x55d0a1a02300, Function: "task_process_applet", Module: "/usr/sbin/haproxy", ModuleOffset: 0x202300, File: "src/applet.c", Line: 942, Trust: crash.TrustCFI,
				Arguments: []crash.Argument{{Name: "t", Value: "0x7eecc60"}, {Name: "context", Value: "0x7f9e440acd30"}, {Name: "state", Value: "516"}}},
			{Address: 0x55d0a1a03300, Function: "run_tasks_from_lists", Module: "/usr/sbin/haproxy", ModuleOffset: 0x203300, File: "src/task.c", Line: 648, Trust: crash.TrustCFI,
				Arguments: []crash.Argument{{Name: "budgets", Value: `0x7ffd0 "token=abcdefghijkl"`}}},
			{Address: 0x55d0a1a04300, Function: "process_runnable_tasks", Module: "/usr/sbin/haproxy", ModuleOffset: 0x204300, File: "src/task.c", Line: 889, Trust: crash.TrustCFI},
			{Address: 0x55d0a1a05300, Function: "run_poll_loop", Module: "/usr/sbin/haproxy", ModuleOffset: 0x205300, File: "src/haproxy.c", Line: 2836, Trust: crash.TrustCFI},
			{Address: 0x7f9e45000100, Module: "/usr/lib/x86_64-linux-gnu/libc.so.6", ModuleOffset: 0x89100, Trust: crash.TrustScan}},
			Registers: []crash.Register{{Name: "rax", Value: 0}, {Name: "rbx", Value: 0x7f9e440acd30}, {Name: "rcx", Value: 1}, {Name: "rdx", Value: 0x76e2c2}, {Name: "rip", Value: 0x55d0a1a01234}}},
		{Number: 2, LWP: 4243, Frames: idleStack()}, {Number: 3, LWP: 4244, Frames: idleStack()}, {Number: 4, LWP: 4245, Frames: idleStack()},
	}
	c.Modules = []crash.Module{
		{Path: "/usr/sbin/haproxy", Start: 0x55d0a1800000, End: 0x55d0a1f00000, Bias: 0x55d0a1800000, BuildID: c.Process.BuildID, Main: true, Status: "ok"},
		{Path: "/usr/lib/x86_64-linux-gnu/libc.so.6", Start: 0x7f9e44f77000, End: 0x7f9e4514c000, Bias: 0x7f9e44f77000, Status: "missing"}}
	c.Evidence = append(c.Evidence, crash.Evidence{Fact: "signal and registers", Source: "core.4242.zst", Where: "NT_PRSTATUS"},
		crash.Evidence{Fact: "stack of thread 1", Source: "core.4242.zst", Where: "0x7ffd01c2a000"})
	c.Objects = []crash.Object{
		{Role: "strm", Type: "stream", Address: 0x7f9e440e9360, Fields: []crash.Field{{Name: "frontend", Value: "GLOBAL"},
			{Name: "srv_conn", Unavailable: "at 0x4242424242424242: memory that the core does not have"}}},
		{Role: "scb", Type: "stconn", Address: 0x7f9e44138ec0, Fields: []crash.Field{{Name: "scb.state", Value: "EST"}}},
		{Role: "app1", Type: "appctx", Address: 0x7f9e440acd30, Fields: []crash.Field{{Name: "app1.applet", Value: "<CLI>"}, {Name: "app1.st0", Value: "1"},
			{Name: "app1.flags", Value: "0x430", Type: "appctx", Flags: []string{"APPCTX_FL_INOUT_BUFFER", "APPCTX_FL_SHUTDOWN"}}}}}
	c.Observations = []crash.Observation{{ID: "applet-ended-unread", Text: "the request channel still holds 4 bytes for the applet CLI on the back side (EST), " +
		"which is in its end state (st0=1, CLI_ST_END) and has not read them", Fields: []string{"req.o", "scb.state", "app1.st0"}}}
	c.Differences = []crash.Difference{{Name: "scb.flags", Dump: "0x00008001", Core: "0x00008003"}}
	c.Conflicts = []crash.Conflict{{Fact: "version", Values: []crash.ConflictValue{
		{Value: "3.2-dev5-9f6a2e-12", Source: "core.4242.zst", Where: "core memory"}, {Value: "3.2-dev4", Source: "journal.log", Where: "line 12"}}}}
	c.Missing = []crash.Missing{{What: "libc.so.6 of the process", Effect: "1 frame was found by scanning the stack",
		Remedy: "give the machine's libraries with --sysroot DIR"}}
	r.Inputs = append(r.Inputs, crash.Input{Name: "core.4242.zst", Type: crash.InputCore, Compression: "zstd", Size: 35 << 20, Complete: true})
	return r
}

func idleStack() []crash.Frame {
	return []crash.Frame{{Address: 0x7f9e4507e0d0, Function: "epoll_wait", Module: "libc.so.6", Trust: crash.TrustCFI},
		{Address: 0x55d0a1a09000, Function: "_do_poll", File: "src/ev_epoll.c", Line: 232, Trust: crash.TrustCFI},
		{Address: 0x55d0a1a05300, Function: "run_poll_loop", File: "src/haproxy.c", Line: 2836, Trust: crash.TrustCFI}}
}

func bugOn() *crash.Report {
	printed := func(n int, a crash.Addr, function, symbol string) crash.Frame {
		return crash.Frame{Address: a, Function: function, Symbol: symbol, Trust: crash.TrustPrinted, Where: "line " + string(rune('3'+n))}
	}
	c := crash.Crash{Kind: crash.BugOn, Fatal: true, Fingerprint: "bug_on:0e55d2c19a77",
		Process: &crash.Process{PID: 812, Version: "2.8.3", VersionSource: "haproxy -vv"},
		Exit:    &crash.Exit{Code: 139, Signal: "SIGSEGV"},
		Assertion: &crash.Assertion{Level: "FATAL", Macro: "bug", Condition: "(b_size(&qcs->rx.app_buf) == 0) && ((void *)0) != qcs->sd",
			File: "src/mux_quic.c", Line: 1234},
		Threads: []crash.Thread{{Faulty: true, Frames: []crash.Frame{
			printed(0, 0x4a1c20, "qcc_recv", "qcc_recv+0x40/0x90"), printed(1, 0x5c0ffe, "", "main+0x127b5e"),
			printed(2, 0x5c1000, "quic_lstnr_dghdlr", "quic_lstnr_dghdlr+0x19a/0x2c0"), printed(3, 0x5c2000, "run_poll_loop", "run_poll_loop+0x4c/0x3f0"),
			printed(4, 0x5c3000, "main", "main+0x1b11/0x2a00")}}},
		Text:     "FATAL: bug condition \"...\" matched at src/mux_quic.c:1234\n  call trace(9):\n  |       0x4a1c20 [0f 0b ...]: qcc_recv+0x40/0x90",
		Evidence: []crash.Evidence{{Fact: "failed check", Source: "-", Where: "line 2"}, {Fact: "call trace", Source: "-", Where: "lines 3-8"}},
		Verdict: &crash.Verdict{Status: crash.Suspects, Near: []crash.Match{{ID: "quic-x", Title: "a bug that needs more", Lacks: []string{"top", "front_mux"}}}, Why: "no signature fits; 2 fixes after 2.8.3 touch the functions of the stack",
			Next: []crash.Step{
				{Do: "upgrade to 2.8.27, which has 1 of the 2 likeliest fixes", Why: "none of them is proven to be of this crash"},
				{Do: "report it, if the newest release has it too", Command: "hacrash analyze --format markdown -o report.md 'a file of mine.log' /var/log/haproxy.log"}},
			Suspects: []crash.Suspect{
				{Commit: "1f1b2c3d4e5f60718293a4b5c6d7e8f901234567", Score: 9.4, Confidence: crash.ConfidenceStrong, Probability: 0.81, Because: []string{"changes qcc_recv", "names BUG_ON in mux_quic.c"}, VersionStatus: crash.Affected, FixedIn: []string{"2.8.5", "2.9-dev8"}},
				{Commit: "aabbccddeeff00112233445566778899aabbccdd", Score: 4.25, Confidence: crash.ConfidenceWeak, Because: []string{"changes quic_lstnr_dghdlr"}, VersionStatus: crash.VersionCannotTell}},
			Commits: []crash.Commit{{Commit: "1f1b2c3d4e5f60718293a4b5c6d7e8f901234567", Subject: "BUG/MEDIUM: mux-quic: a subject of a test"}}}}
	return one(c, crash.Input{Name: "-", Type: crash.InputLog, Complete: true})
}

func watchdog() *crash.Report {
	stuck := []crash.Frame{
		{Address: 0x55d0a1a09100, Function: "ha_panic", Symbol: "ha_panic+0x12/0x90", Trust: crash.TrustPrinted},
		{Address: 0x55d0a1a09200, Function: "wdt_handler", Symbol: "wdt_handler+0x1b/0xa0", Trust: crash.TrustPrinted},
		{Address: 0x7f9e45003050, Symbol: "libc:+0x3c050", Module: "libc", Trust: crash.TrustPrinted},
		{Address: 0x55d0a1a0a000, Function: "pat_match_str", Symbol: "pat_match_str+0xe1/0x200", Trust: crash.TrustPrinted},
		{Address: 0x55d0a1a0b000, Function: "process_stream", Symbol: "process_stream+0x2010/0x4000", Trust: crash.TrustPrinted}}
	thread := func(n int) crash.Thread {
		return crash.Thread{Number: n, Fields: []crash.Field{{Name: "act", Value: "1"}, {Name: "stuck", Value: "0"}},
			Task: &crash.Task{Type: "task", Address: 0x55aa10, Function: "process_stream", Calls: 2}}
	}
	c := crash.Crash{Kind: crash.Watchdog, Fatal: true, Time: "Nov 22 19:06:36", Host: "edge-7", Fingerprint: "watchdog:77aa12fe0b31",
		Process: &crash.Process{PID: 27279, Role: "worker", Version: "3.0.11-1+deb13u1", VersionSource: "log line",
			System: "Linux 6.12.9 x86_64, Debian GNU/Linux 13"},
		Signal: &crash.Signal{Number: 6, Name: "SIGABRT"}, Exit: &crash.Exit{Code: 134, Signal: "SIGABRT"},
		Threads: []crash.Thread{
			{Number: 3, Faulty: true, Stuck: true, Frames: stuck,
				Task: &crash.Task{Type: "task", Address: 0x55aa10, Function: "process_stream", Context: 0x55aa50, Calls: 2},
				Fields: []crash.Field{{Name: "id", Value: "0x7f0000000700"}, {Name: "act", Value: "1"}, {Name: "glob", Value: "0"}, {Name: "rq", Value: "1"},
					{Name: "stuck", Value: "1"}, {Name: "isolated", Value: "0"}, {Name: "cpu_ns.diff", Value: "2000018197"},
					{Name: "lock_hist", Value: "R:TASK_WQ U:TASK_WQ R:LBPRM locked: LBPRM(R)"}},
				Stream: &crash.Stream{Address: 0x55aa00, Fields: []crash.Field{{Name: "src", Value: "192.0.2.9"}, {Name: "fe", Value: "www"}, {Name: "be", Value: "app"},
					{Name: "dst", Value: "app1"}, {Name: "txn.uri", Value: `"/login?user=jo&pass=x"`},
					{Name: "rqf", Value: "848202", Type: "CF", Flags: []string{"CF_READ_EVENT", "CF_AUTO_CLOSE", "CF_STREAMER"}}, {Name: "rqa", Value: "0"}}},
				Lua: "stack traceback:\n    /etc/haproxy/auth.lua:12: in function 'check'\n    [C]: in ?"},
			thread(1), thread(2), thread(4)},
		Text:     "Thread 3 is about to kill the process.\n  Thread 1 : id=0x7f0000000700 act=1\n*>Thread 3 : id=0x7f0000000700 act=1\n",
		Evidence: []crash.Evidence{{Fact: "panic", Source: "/var/log/haproxy.log.1.gz", Where: "line 88210"}},
		Verdict: &crash.Verdict{Status: crash.UnknownBug, Why: "enough facts, and no signature fits",
			Next: []crash.Step{{Do: "turn profiling on for a minute, and see which task takes the time", Why: "the stats socket may have another path",
				Command: "echo 'set profiling tasks on' | socat stdio /run/haproxy/admin.sock; sleep 60; echo 'show profiling' | socat stdio /run/haproxy/admin.sock"}}}}
	return one(c, crash.Input{Name: "/var/log/haproxy.log.1.gz", Type: crash.InputLog, Compression: "gzip", Size: 12 << 20, Complete: false,
		Problems: []string{"unexpected end of the gzip stream after 210 MiB of text"}})
}

func kernelLine() *crash.Report {
	c := crash.Crash{Kind: crash.Segfault, Fatal: true, Time: "2026-11-22T18:00:01", Fingerprint: "segfault:9d10aa02cc41",
		Process:  &crash.Process{PID: 991, Executable: "haproxy"},
		Signal:   &crash.Signal{Number: 11, Name: "SIGSEGV", Address: addr(0x18), Instruction: addr(0x5581ac001234)},
		Modules:  []crash.Module{{Path: "haproxy", Start: 0x5581abe00000, End: 0x5581ac200000, Main: true}},
		Threads:  []crash.Thread{{Faulty: true, Frames: []crash.Frame{{Address: 0x5581ac001234, Module: "haproxy", ModuleOffset: 0x201234, Trust: crash.TrustPrinted}}}},
		Evidence: []crash.Evidence{{Fact: "segmentation fault", Source: "dmesg.txt", Where: "line 3", Text: "haproxy[991]: segfault at 18 ip 00005581ac001234 sp 00007ffc1 error 4 in haproxy[5581abe00000+400000]"}},
		Missing: []crash.Missing{
			{What: "version of HAProxy", Effect: "no bug can be told to be fixed or not", Remedy: "add the output of haproxy -vv, or --haproxy-version"},
			{What: "executable", Effect: "the function at haproxy+0x201234 has no name", Remedy: "give the binary with --exe FILE"}},
		Verdict: &crash.Verdict{Status: crash.CannotTell, Why: "a kernel line alone says where, not why",
			Next: []crash.Step{
				{Do: "add the output of haproxy -vv, or --haproxy-version", Why: "which bugs it has depends on it", Command: "(haproxy -vv; cat dmesg.txt) | hacrash analyze"},
				{Do: "look for the core, and analyze it", Command: "coredumpctl -o core.991 dump 991 && hacrash analyze core.991"}}}}
	return one(c, crash.Input{Name: "dmesg.txt", Type: crash.InputLog, Size: 812, Complete: true})
}

// sanitizer is a read of freed memory, with the stacks of who freed and allocated it.
func sanitizer() *crash.Report {
	frames := func(names ...string) (out []crash.Frame) {
		for i, n := range names {
			out = append(out, crash.Frame{Address: crash.Addr(0x57243e + 16*i), Function: n, File: "src/mux_h1.c", Line: 506 + i, Trust: crash.TrustPrinted})
		}
		return out
	}
	c := crash.Crash{Kind: crash.MemoryError, Fatal: true, Fingerprint: "HC2-memory_error-000000000002", Strength: crash.Weak,
		Process: &crash.Process{PID: 95904},
		Memory: &crash.Memory{Tool: "AddressSanitizer", Error: "heap-use-after-free", Access: "read", Size: 8, Address: addr(0x60800000e458),
			Place: "located 56 bytes inside of 96-byte region"},
		Threads: []crash.Thread{{Faulty: true, Frames: frames("h1_process", "h1_io_cb")}},
		Stacks: []crash.NamedStack{{Role: "freed by thread T3", Frames: frames("free", "h1_release")},
			{Role: "previously allocated by thread T0", Frames: frames("calloc", "h1_init")}},
		Verdict: &crash.Verdict{Status: crash.UnknownBug, Why: "nothing known fits"}}
	return one(c, crash.Input{Name: "asan.txt", Type: crash.InputBacktrace, Size: 812, Complete: true})
}

// hang is a process that a debugger was attached to.
func hang() *crash.Report {
	c := crash.Crash{Kind: crash.Hang, Process: &crash.Process{PID: 5011, Version: "3.0.10", VersionSource: "haproxy -vv"},
		Threads: []crash.Thread{{LWP: 5012, Faulty: true, Frames: []crash.Frame{{Address: 1, Function: "wdt_handler", Lead: true, Trust: crash.TrustPrinted},
			{Signal: true, Lead: true, Trust: crash.TrustPrinted}, {Address: 2, Function: "fd_reregister_all", Trust: crash.TrustPrinted}}}},
		Verdict: &crash.Verdict{Status: crash.CannotTell, Why: "nothing ended the process"}}
	return one(c, crash.Input{Name: "gdb.txt", Type: crash.InputBacktrace, Size: 812, Complete: true})
}

func pool() *crash.Report {
	c := crash.Crash{Kind: crash.PoolCorruption, Fatal: true, Fingerprint: "pool:4411bb90aa12",
		Process: &crash.Process{PID: 77, Version: "3.0.0", VersionSource: "option"}, Signal: &crash.Signal{Name: "SIGILL"},
		Pool: &crash.Pool{Error: "tag mismatch on free().", Thread: 1, Caller: 0x4a1c20, CallerFunction: "h2s_destroy", Item: 0x19f0400, Name: "h2s", Size: 200,
			Origin: "pool_free+0x10/0x80: freed before"},
		Evidence: []crash.Evidence{{Fact: "pool check", Source: "haproxy.log", Where: "line 1"}},
		Verdict: &crash.Verdict{Status: crash.AlreadyFixed, Why: "the signature fits but 3.0.0 has the fix: a new bug that looks alike, or a changed build",
			Matches: []crash.Match{{ID: "h2-double-free-of-stream", Title: "HTTP/2 stream freed twice", Confidence: crash.ConfidenceExact,
				Because: []string{"+40 pool h2s", "+20 caller h2s_destroy"}, Fixes: []string{"0123456789abcdef"}, CVEs: []string{"CVE-2020-11100"},
				VersionStatus: crash.Fixed, FixedIn: []string{"2.1.4", "2.0.14"}, Basis: "changelog"}},
			Advice: "report it: it is not the bug it looks like",
			Next:   []crash.Step{{Do: "report it as a new bug", Why: "https://github.com/haproxy/haproxy/issues/new/choose"}}}}
	return one(c, crash.Input{Name: "haproxy.log", Type: crash.InputLog, Size: 1200, Complete: true})
}

// postMortem is what a stripped 3.2 tells of itself in its core.
func postMortem() *crash.Report {
	zero, user := int64(0), int64(110)
	all := &crash.Capabilities{Effective: 0x1fffeffffff, Permitted: 0x1fffeffffff}
	c := crash.Crash{Kind: crash.BugOn, Fatal: true, Fingerprint: "HC2-bug_on-000000000001", Strength: crash.Strong,
		Process:   &crash.Process{PID: 16525, Executable: "/usr/sbin/haproxy", Version: "3.2.26-1", VersionSource: "core memory"},
		Signal:    &crash.Signal{Number: 4, Name: "SIGILL"},
		Assertion: &crash.Assertion{Level: "FATAL", Macro: "bug", Condition: "one > zero", File: "src/debug.c", Line: 965},
		PostMortem: &crash.PostMortem{Address: 0x563267642400, By: "known layout",
			Platform: &crash.Platform{OS: "Linux", Release: "6.1.0", Machine: "x86_64", Distribution: "Debian GNU/Linux forky/sid", HardwareVendor: "Acme",
				HardwareModel: "Box 9", BoardVendor: "Acme", CPU: "Fast CPU @ 3 GHz", VirtualMachine: "kvm", Container: "docker"},
			Boot: &crash.Conditions{UID: &zero, GID: &zero, Files: &crash.Limit{Soft: "1024", Hard: "524288"}, Memory: &crash.Limit{Soft: "unlimited", Hard: "unlimited"}, Capabilities: all},
			Run:  &crash.Conditions{UID: &user, GID: &user, Files: &crash.Limit{Soft: "524288", Hard: "524288"}, Capabilities: &crash.Capabilities{Error: 1}},
			Components: []crash.Component{{Name: "haproxy", Version: "3.2.26-1", Compiler: "gcc-16.2.0", CompilerFlags: "-O2 -g",
				Build: "TARGET='linux-glibc' USE_OPENSSL=1", Path: "/usr/sbin/haproxy"}, {Name: "wurfl", Version: "1.13"}}},
		Counters: []crash.Counter{
			{Type: "BUG_ON", File: "src/debug.c", Line: 965, Function: "debug_parse_cli_bug", Condition: "one > zero", Message: "on purpose", Count: 1, Address: 0x56326763bb20},
			{Type: "GLITCH", File: "src/mux_h2.c", Line: 3012, Function: "h2_handle_priority", Message: "stream depends on itself", Count: 12345}},
		Rings: []crash.Ring{{Name: "startup-logs", Address: 0x7f5caa479300, Size: 65344, Used: 496},
			{Name: "buf0", Description: "in-memory ring buffer", Address: 0x7f5caa477000, Size: 1048384, Used: 1},
			{Name: "sinks", Unavailable: "their list does not come back to its head"}},
		StartupLog: []string{"[WARNING]  (16525) : missing timeouts for backend 'be1'.\n   | While not properly invalid, you will certainly encounter various problems"},
		Verdict:    &crash.Verdict{Status: crash.CannotTell, Why: "no signature fits"}}
	return one(c, crash.Input{Name: "core.16525", Type: crash.InputCore, Size: 60 << 20, Complete: true})
}

func warning() *crash.Report {
	c := crash.Crash{Kind: crash.BlockedTraffic, Time: "2026-11-22T19:06:36.101Z", Host: "lb2", Fingerprint: "blocked:0c0c12aa",
		Process:  &crash.Process{PID: 4242, Role: "worker", Version: "3.2.3"},
		Blocked:  &crash.Blocked{Thread: 3, Milliseconds: 1234, Streams: 12},
		Threads:  []crash.Thread{{Number: 3, Faulty: true, Frames: []crash.Frame{{Address: 0x55, Function: "malloc_trim", Module: "libc", Symbol: "libc:malloc_trim+0x85/0x300", Trust: crash.TrustPrinted}}}},
		Evidence: []crash.Evidence{{Fact: "blocked traffic", Source: "lb2.log", Where: "line 9"}},
		Verdict:  &crash.Verdict{Status: crash.CannotTell, Why: "a warning alone names no bug", Advice: "raise warn-blocked-traffic-after if it comes from a heavy reload"}}
	return one(c, crash.Input{Name: "lb2.log", Type: crash.InputLog, Size: 900, Complete: true})
}

func foreignCore() *crash.Report {
	c := crash.Crash{Kind: crash.Abort, Fatal: true,
		Process: &crash.Process{PID: 31, Executable: "/usr/sbin/nginx", Arguments: "nginx: master process /usr/sbin/nginx"},
		Signal:  &crash.Signal{Number: 6, Name: "SIGABRT", SenderPID: 31},
		Threads: []crash.Thread{{LWP: 31, Faulty: true, Frames: []crash.Frame{{Address: 0x7f0001, Function: "raise", Module: "/lib/libc.so.6", Trust: crash.TrustContext},
			{Address: 0x7f0002, Function: "abort", Module: "/lib/libc.so.6", Trust: crash.TrustCFI}, {Address: 0x401000, Function: "ngx_worker", Module: "/usr/sbin/nginx", ModuleOffset: 0x1000, Trust: crash.TrustFP}}}},
		Missing: []crash.Missing{{What: "HAProxy", Effect: "the core is of another program; only its stack is shown", Remedy: "use gdb for more"}},
		Verdict: &crash.Verdict{Status: crash.CannotTell, Why: "the process was nginx, not HAProxy"}}
	return one(c, crash.Input{Name: "core.31", Type: crash.InputCore, Size: 1 << 20, Complete: true})
}

// hostile has what somebody who can send requests, or name a file, may get
// into a log.
func hostile() *crash.Report {
	evil := "\x1b[2J\x1b]0;owned\x07 <script>alert(1)</script> @haproxy #2862 [x](http://192.0.2.1/) | `code` ``` \u202etxt.exe \xff\n# Title"
	c := crash.Crash{Kind: crash.Segfault, Fatal: true, Time: evil, Host: "h\x00st\r", Fingerprint: "f`p|" + evil, Provoked: evil,
		Process:   &crash.Process{PID: 1, Role: "worker\x1b[31m", Version: "2.9" + evil, VersionSource: evil, Executable: "/tmp/" + evil + "/haproxy", Arguments: evil, System: evil},
		Assertion: &crash.Assertion{Condition: evil, File: evil, Line: 3, Message: evil},
		Stream:    &crash.Stream{Fields: []crash.Field{{Name: evil, Value: evil, Flags: []string{evil}}, {Name: "fe", Value: "<img src=x onerror=alert(1)>"}}},
		Threads: []crash.Thread{{Number: 1, Faulty: true, Name: evil, Lua: evil + "\n```\n</details>\n@all", Frames: []crash.Frame{
			{Function: evil, File: evil, Trust: crash.Trust(evil), Arguments: []crash.Argument{{Name: evil, Value: evil}}}}},
			{Number: 2, Frames: []crash.Frame{{Symbol: "</details>" + evil}}}},
		Modules:    []crash.Module{{Path: evil, Status: "missing" + evil}},
		StartupLog: []string{evil},
		PostMortem: &crash.PostMortem{By: evil, Platform: &crash.Platform{OS: evil, HardwareVendor: evil, BoardModel: evil, CPU: evil},
			Boot: &crash.Conditions{Files: &crash.Limit{Soft: evil, Hard: evil + evil}}, Components: []crash.Component{{Name: evil, Version: evil, Compiler: evil, Build: evil, Path: evil}}},
		Observations: []crash.Observation{{ID: evil, Text: evil, Fields: []string{evil}}},
		Counters:     []crash.Counter{{Type: evil, File: evil, Function: evil, Condition: evil, Message: evil, Count: -1}},
		Rings:        []crash.Ring{{Name: evil, Description: evil}, {Name: evil, Unavailable: evil}},
		Text:         "GET /?session=1 HTTP/1.1\r\nCookie: a=b\r\nX: " + evil + "\n````\n</details>\n@all #1\n" + strings.Repeat("long ", 200),
		Evidence:     []crash.Evidence{{Fact: evil, Source: evil, Where: evil, Text: evil}},
		Conflicts:    []crash.Conflict{{Fact: evil, Values: []crash.ConflictValue{{Value: evil, Source: evil}, {Value: evil, Where: evil}}}},
		Missing:      []crash.Missing{{What: evil, Effect: evil, Remedy: evil}},
		Verdict: &crash.Verdict{Status: crash.Status(evil), Why: evil, Advice: evil, Next: []crash.Step{{Do: evil, Why: evil, Command: evil}},
			Matches:  []crash.Match{{ID: evil, Title: evil, Because: []string{evil}, Issues: []int{1}, VersionStatus: crash.VersionStatus(evil), Basis: evil, FixedIn: []string{evil}, Advice: evil, CVEs: []string{evil}, Fixes: []string{evil}}},
			Suspects: []crash.Suspect{{Commit: evil, Because: []string{evil}}},
			Commits:  []crash.Commit{{Commit: evil, Subject: evil}}}}
	r := one(c, crash.Input{Name: evil, Type: evil, Problems: []string{evil}})
	r.Tool.Version = evil
	return r
}

// fleet is many crashes, most of them the same.
func fleet() *crash.Report {
	r := &crash.Report{Schema: crash.Schema, Tool: tool(), Inputs: []crash.Input{{Name: "fleet.log", Type: crash.InputLog, Size: 3 << 30, Complete: true}}}
	for i := range 5 {
		c := spinLog().Crashes[0]
		c.Process.PID += i
		c.Time = "2025-02-17T10:1" + string(rune('0'+i)) + ":00+01:00"
		c.Evidence[0].Where = "line 100" + string(rune('0'+i))
		r.Crashes = append(r.Crashes, c)
	}
	r.Crashes = append(r.Crashes, kernelLine().Crashes[0], warning().Crashes[0])
	return r
}

func nothing() *crash.Report {
	return &crash.Report{Schema: crash.Schema, Tool: tool(), Inputs: []crash.Input{
		{Name: "quiet.log", Type: crash.InputLog, Size: 1 << 20, Complete: true}, {Name: "core.1", Type: crash.InputCore, Complete: false, Problems: []string{"cut after the program headers"}}}}
}
