package redact

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// TestStays: a report is read by people who need these.
func TestStays(t *testing.T) {
	for _, s := range []string{
		// Messages of HAProxy.
		`FATAL: bug condition "a==b" matched at src/x.c:1`, `FATAL: bug condition "x->y" matched at src/x.c:1`,
		`FATAL: bug condition "c ? d : e" matched at src/x.c:1`, `FATAL: bug condition "key != NULL && sess->origin" matched at src/key.c:1`,
		`FATAL: bug condition "token ? token : s->secret" matched at src/x.c:1`, `WARNING: warn condition "(pass = f(key)) == 0" matched at src/auth.c:12`,
		"scf=0x55b010,EST,400 scb=0x55b090,EST,401 af=(nil),0 co0=0x7f53dc05c5b0,H2,0x55", "txn=0x7f53dc05c5b0,3000 rqf=c48202 rpf=8004a020",
		"sess=0x7f9e44138eb0 key=(nil) session=NULL auth=0 pass=0x55a9a90b6626", "| 0x560197b79d27 [ba d9 00 00 00 bf 02 00]: stream_dump_and_crash+0xf7/0x2a8",
		"   0x5601c66ac790: [10/Feb/2025:09:12:43.286018] id=0 proto=sockpair source=unix:1", "caller: 0x4a1c20 (ssl_sock_key_exchange+0x40/0x90)",
		"co0=0x5601c65e5b30 ctrl=sockpair xprt=RAW mux=PASS data=STRM target=LISTENER:0x5601c65e2ae0", "Thread 1 : id=0x7f0000000700 act=1 glob=0 wq=1 rq=0 tl=0 tlsz=0 rqsz=0",
		"haproxy version is 3.2-dev5-37e84676c", "[ALERT]    (8630) : Current worker (8631) exited with code 132 (Illegal instruction)",
		"stack traceback:\n    /etc/haproxy/auth.lua:12: in function 'check_token'\n    [C]: in ?",
		// Kernel, systemd, debuggers.
		"haproxy[991]: segfault at 18 ip 00005581ac001234 sp 00007ffc1a2b3c4d error 4 in haproxy[5581abe00000+400000]",
		"7f9e44f77000-7f9e4514c000 r-xp 00022000 fd:01 1835 /usr/lib/x86_64-linux-gnu/libc.so.6",
		"#1  0x000055a96eb1448f in smp_fetch_http_auth (args=0x55a9a9180440, smp=0x7ffc329b8220, kw=<optimized out>, private=<optimized out>) at src/http_fetch.c:1462",
		"#2  0x000055a96ea6e4a9 in sample_process (sess=sess@entry=0x55a9a93f4520, opt=opt@entry=6, key=key@entry=0x0) at src/sample.c:1376",
		"[Thread debugging using libthread_db enabled]\nUsing host libthread_db library \"/lib/x86_64-linux-gnu/libthread_db.so.1\".",
		"* 1    Thread 0x7fb8f78a2500 (LWP 20689) \"haproxy\" 0x00007fb8f7a8cf36 in epoll_wait ()", "        what = 5 '\\005'",
		"Module libc.so.6 with build-id 58254ca972028402bc40624f81388d85ec95f70d", "BuildID[sha1]=58254ca972028402bc40624f81388d85ec95f70d, stripped",
		"the fix is commit 972ce87676e2b2c8a8d9d0b4de4a59e3c4a0b1c2", "core.haproxy.1000.d8e1b0d8aa3f4d0b8a5b5f3b3f0b2d57.1234.1669999999000000.zst",
		"haproxy@main.service: Main process exited, code=dumped, status=6/ABRT", "memcpy@GLIBC_2.14", "dev-5 of 2025-02-17T10:15:00.123456+01:00",
		"/nix/store/0c5a9de2b74cbbf0a7f3f1c8aa91f2d6-haproxy-2.8.3/bin/haproxy", "/usr/lib/debug/.build-id/7e/bc65e52f2bbea498b4040fa92f7238377aaba9.debug",
		"        Boot ID: 00000000000000000000000000000000", "Lua function 'auth': runtime error: /etc/haproxy/auth.lua:12: attempt to index a nil value (global 'key')",
		"    http-request auth realm x if { path /a } { src 10.0.0.0/8 }", "        retries = {3, 5, 10, 20, 40, 80}", "[00]  0x0c0c80003200: fa fa fa fa",
		"        calls = {1, 4, 1200, 33}", "hf_get_name npm_cache_find r8_some_function", "backend www~ app/s1 0/0/1/2/3 200 512 - - ---- 1/1/1/1/0 0/0",
		"2.9.0~rc1/x86_64", "haproxy -db -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid -sf 12", "mode=0755 sig=11 assertion=0x7f00",
		"#1  __spin_lock (file=0x55f86f3db1e0 \"src/queue.c\", line=155, func=0x55a49a953c07 \"run_tasks_from_lists\", l=0x55f8705ffdc0) at include/haproxy/thread.h:877",
		// Sentences.
		"the token was freed twice in key_release", "basic protocol of session handling", "password check failed", "no signature fits", "the session is gone: see process_stream",
	} {
		if got := textOf(s); got != s {
			t.Errorf("hidden:\n   %s\nto %s", s, got)
		}
	}
}

// TestShapesStay: values of marked fields, as they are found.
func TestShapesStay(t *testing.T) {
	for field, values := range map[string][]string{
		"Process.Version": {"3.2-dev5-9f6a2e-12", "2.6.12-1+deb12u2", "3.0.11-1ubuntu1~24.04", "2.8.3", "1.9.8", "3.3-dev0-ss20250601", "2.4-dev3-5d1c09b2e7a4", "v2.8.3-0-g86e043add", "2.9.0~rc1-1.el9"},
		"Frame.Function": {"h2s_frt_handle_headers", "process_stream", "??", "_ZN3ngx4PoolIPcE3getEv", "operator new(unsigned long)", "sha512_block_data_order_avx2", "ngx::Pool<char*>::get()",
			"h1_process.part.0.cold", "EVP_DigestSignFinal", "ssl_sock_load_cert_chain", "X509V3_EXT_d2i", "lua_pcallk", "memcpy@GLIBC_2.14", "__libc_start_call_main", "_<alloc::boxed::Box<F> as core::ops::FnOnce>::call_once"},
		"Frame.Symbol":        {"main+0x127b5e", "qcc_recv+0x40/0x90", "libc:+0x3c050", "libc:malloc_trim+0x85/0x300", "haproxy(+0x1a2b3c)"},
		"Frame.Module":        {"/usr/sbin/haproxy", "linux-vdso.so.1", "[vdso]", "/usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)", "libc.so.6"},
		"Frame.Instruction":   {"mov 0x18(%rax),%rdx", "ud2", "ldr x0, [x1, #24]", "movzbl -0x1(%rbx,%rax,1),%eax"},
		"Frame.Bytes":         {"ba d9 00 00 00 bf 02 00", "<0f> 0b 48", "0f 0b ..."},
		"Crash.Time":          {"2025-02-17T10:15:00+01:00", "Feb 10 09:12:44", "041/091244", "2026-11-22T19:06:36.101Z", "Wed Sep  3 10:11:12 2025"},
		"Crash.Fingerprint":   {"HC1-segfault-7ee1a507b564", "spin-appctx:5d1c09b2e7a4"},
		"Crash.Host":          {"lb1", "edge-7.example.com", "ip-10-0-0-12", "haproxy-ingress-5d8f7c9b6d-x2k4p"},
		"Process.Features":    {"+EPOLL", "-KQUEUE", "+QUIC_OPENSSL_COMPAT"},
		"Pool.Name":           {"h2s", "session", "task", "quic_conn_r", "authority"},
		"Assertion.Condition": {"a==b", "x->y", "c ? d : e", "key != NULL", "sess->origin", "(b_size(&qcs->rx.app_buf) == 0) && ((void *)0) != qcs->sd", "!(token) || session"},
		"Process.BuildOptions": {"TARGET=linux-glibc CC=gcc CFLAGS='-O2 -g -fstack-protector-strong' USE_OPENSSL=1 PASSWORD_FILE=",
			"ARCH_FLAGS=-g EXTRA_OBJS=x.o OT_USE_VARS=1"},
		"Match.Title":     {"jwt: a key is freed twice", "the session: token of a stream leaks"},
		"Thread.Lua":      {"stack traceback:\n    /etc/haproxy/auth.lua:12: in function 'check'\n    [C]: in function 'error'"},
		"Evidence.Source": {"/var/log/haproxy.log.1.gz", "core.haproxy.1000.d8e1b0d8aa3f4d0b8a5b5f3b3f0b2d57.1234.1669999999000000.zst", "-"},
		"Evidence.Where":  {"line 4711", "lines 3-8", "0x7ffd01c2a000", "NT_PRSTATUS", "core memory"},
	} {
		for _, v := range values {
			if got := newWalker(Options{}).shaped(v, marks()[field]); got != v {
				t.Errorf("%s: %s is %s", field, v, got)
			}
		}
	}
}

// TestArguments: of an argument, the pointer and the number stay.
func TestArguments(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"chk", "0x55a9a9120880", ""}, {"len", "20", ""}, {"pass", "<optimized out>", ""}, {"key", "0x0", ""}, {"state", "TASK_WOKEN_IO", ""},
		{"pass", `0x55a9a90b6626 "x"`, `0x55a9a90b6626 "[redacted:password]"`}, {"s", `"abc"`, `"[redacted:string]"`},
		{"c", "80 'P'", "[redacted:string]"}, {"fct", "0x55a9a90b6626 <process_stream>", ""}, {"key", "0x55a9a90b6626 <key_cb>", ""},
		{"ist", `{ptr = 0x55a9a90b6626 "a=b", len = 3}`, `{ptr = 0x55a9a90b6626 "[redacted:string]", len = 3}`}, {"token", "Zq7x", "[redacted:token]"},
		{"b", `"ab\"c\001", '\000' <repeats 12 times>, "d"`, `"[redacted:string]", '\000' <repeats 12 times>, "[redacted:string]"`},
		{"x", "{1, 2, 3}", ""}, {"e", `""`, ""},
	} {
		c := crash.Crash{Threads: []crash.Thread{{Frames: []crash.Frame{{Arguments: []crash.Argument{{Name: tt.name, Value: tt.value}}}}}}}
		Crash(&c, Options{})
		if tt.want == "" {
			tt.want = tt.value
		}
		if got := c.Threads[0].Frames[0].Arguments[0].Value; got != tt.want {
			t.Errorf("%s=%s is %s, want %s", tt.name, tt.value, got, tt.want)
		}
	}
}

// TestNames of both sorts, and of neither.
func TestNames(t *testing.T) {
	for name, want := range map[string]naming{"db_password": strong, "DB_PW": strong, "userPwd": strong, "X-Api-Key": strong, "apikey": strong, "ACCESS_TOKEN": strong,
		"clientSecret": strong, "otp": strong, "key": weak, "sslKey": weak, "sid": weak, "connect.sid": weak, "session": weak,
		"keyword": harmless, "passive": harmless, "mux": harmless, "spin": harmless, "monkey": harmless, "author": harmless, "bypass_x": harmless, "compass": harmless, "tokens": strong, "x": harmless} {
		if _, got := nameKind(name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	if !strings.Contains(mark(secretToken), "token") || known("query2") {
		t.Error("marks")
	}
}
