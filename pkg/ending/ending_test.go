package ending

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// stack makes frames of names: ? has none, <signal> is a signal's frame, name@file is of
// that module.
func stack(names string) []crash.Frame {
	var out []crash.Frame
	for i, name := range strings.Fields(names) {
		name, module, _ := strings.Cut(name, "@")
		out = append(out, crash.Frame{
			Address: crash.Addr(0x400000 + 16*i), Function: strings.Trim(name, "?"), Module: module, Signal: name == "<signal>", Trust: crash.TrustCFI,
		})
	}
	return out
}

func TestRead(t *testing.T) {
	for names, want := range map[string]Reading{
		"stream_dump_and_crash task_run_applet":                                                                                  {Kind: crash.Spinning, Function: "stream_dump_and_crash"},
		"raise abort ha_panic debug_parse_cli_panic":                                                                             {Kind: crash.Panic, Function: "ha_panic", Command: "debug dev panic"},
		"raise abort ha_panic wdt_handler <signal> process_stream":                                                               {Kind: crash.Watchdog, Function: "wdt_handler"},
		"raise abort ha_panic ? <signal> process_stream":                                                                         {Kind: crash.Watchdog, Function: "ha_panic"},
		"raise abort ha_panic wdt_handler <signal> debug_parse_cli_loop":                                                         {Kind: crash.Watchdog, Function: "wdt_handler", Command: "debug dev loop"},
		"raise abort ha_panic.part.0 wdt_handler <signal> debug_run_cli_deadlock":                                                {Kind: crash.Watchdog, Function: "wdt_handler", Command: "debug dev deadlock"},
		"__pthread_kill_implementation __GI_raise __GI_abort __libc_message malloc_printerr _int_free __GI___libc_free h1_io_cb": {Kind: crash.HeapCorruption, Function: "free"},
		"raise abort __fortify_fail __stack_chk_fail h1_process":                                                                 {Kind: crash.Abort, Function: "__stack_chk_fail"},
		"raise abort abort_with_line h1_process":                                                                                 {Kind: crash.BugOn, Function: "abort_with_line"},
		"ha_crash_now pool_check_pattern pool_get_from_cache h1_process":                                                         {Kind: crash.PoolCorruption, Function: "pool_check_pattern"},
		"ha_crash_now h1_process pool_free":                                                                                      {Kind: crash.BugOn, Function: "ha_crash_now"},
		"raise abort OPENSSL_die":                                                                                                {},
		"malloc h1_process":                                                                                                      {},
		"":                                                                                                                       {},
	} {
		if got := Read(stack(names)); got != want {
			t.Errorf("%s:\n%+v, want\n%+v", names, got, want)
		}
	}
}

func TestLeads(t *testing.T) {
	const libc = "@/lib/libc.so.6"
	for names, want := range map[string]string{
		"raise abort ha_panic ? <signal> process_stream": "process_stream",
		"raise abort h1_process":                         "h1_process",
		"raise abort ? h1_process":                       "", // an unnamed function is the culprit
		"h1_process":                                     "h1_process",
		"__GI_raise __GI_abort __GI___fortify_fail __stack_chk_fail f":                                                   "f",
		"raise abort __libc_message malloc_printerr _int_free free f":                                                    "f",
		"?" + libc + " raise" + libc + " f":                                                                              "", // no function that reports is innermost
		"raise" + libc + " abort" + libc + " ?" + libc + " ?" + libc + " free" + libc + " f@/opt/x.so":                   "f",
		"raise" + libc + " abort" + libc + " OPENSSL_die@/lib/libcrypto.so":                                              "OPENSSL_die",
		"stream_dump_and_crash@/bin/haproxy task_process_applet@/bin/haproxy main@/bin/haproxy __libc_start_main" + libc: "task_process_applet", // not the library
	} {
		th := crash.Thread{Faulty: true, Frames: stack(names)}
		c := crash.Crash{Threads: []crash.Thread{th}}
		markLeads(&c)
		if got := c.Threads[0].Culprit(); got == nil || got.Function != want {
			t.Errorf("%s: culprit %+v, want %q", names, got, want)
		}
	}
}

func TestWildCall(t *testing.T) {
	null := []crash.Frame{{Trust: crash.TrustContext}, {Address: 0x401000, Function: "h1_process", Trust: crash.TrustBadPC}}
	if !WildCall(null) || leads(null) != 1 {
		t.Error("a call of nothing is not seen")
	}
	wild := []crash.Frame{{Address: 0x4141414141414141}, {Address: 0x401000, Trust: crash.TrustBadPC}}
	if !WildCall(wild) {
		t.Error("a call by an overwritten pointer is not seen")
	}
	// Code that was made at run time is of no module, too.
	made := []crash.Frame{{Address: 0x7f0000001000}, {Address: 0x401000, Function: "pcre2_match", Trust: crash.TrustCFI}}
	unnamed := []crash.Frame{{Address: 0x401000, Module: "/usr/sbin/haproxy"}, {Address: 0x402000, Trust: crash.TrustBadPC}}
	for _, frames := range [][]crash.Frame{made, unnamed, null[:1], nil, stack("raise abort f")} {
		if WildCall(frames) {
			t.Errorf("%+v is no wild call", frames)
		}
	}
}

// A trace that HAProxy printed, or a debugger, shows that somebody asked for the end.
func TestSettle(t *testing.T) {
	for _, c := range []struct {
		names    string
		kind     crash.Kind
		provoked string
	}{
		{"ha_panic wdt_handler <signal> debug_parse_cli_loop cli_io_handler", crash.Watchdog, "debug dev loop"},
		{"ha_panic debug_parse_cli_panic", crash.Panic, "debug dev panic"},
		{"debug_parse_cli_bug cli_parse_request", crash.BugOn, "debug dev bug"},
		{"raise debug_parse_cli_tkill", crash.Segfault, "debug dev tkill"},
		{"memcpy debug_parse_cli_write", crash.Segfault, "debug dev write"},
		{"ha_panic wdt_handler <signal> debug_parse_cli_warn", crash.Watchdog, ""},
		{"ha_panic wdt_handler <signal> process_stream", crash.Watchdog, ""},
		{"debug_parse_cli_panic", crash.Segfault, ""},
	} {
		x := crash.Crash{Kind: c.kind, Fatal: true, Threads: []crash.Thread{{Faulty: true, Frames: stack(c.names)}}}
		Settle(&x)
		if x.Provoked != c.provoked || x.Kind != c.kind {
			t.Errorf("%s: %s, provoked by %q; want %q", c.names, x.Kind, x.Provoked, c.provoked)
		}
	}
	outside := crash.Crash{
		Kind: crash.Segfault, Fatal: true, Signal: &crash.Signal{Name: "SIGSEGV", Outside: true, SenderPID: 7},
		Threads: []crash.Thread{{Faulty: true, Frames: stack("raise debug_parse_cli_tkill")}},
	}
	if Settle(&outside); outside.Provoked != "" {
		t.Errorf("a signal from outside, provoked by %q", outside.Provoked)
	}
}

func TestRecursion(t *testing.T) {
	deep := func(n int, ring string) []crash.Frame {
		return stack("memcpy a b c " + strings.Repeat(ring+" ", n) + "main")
	}
	for _, c := range []struct {
		frames []crash.Frame
		want   int
	}{
		{deep(300, "f"), 1}, {deep(100, "f g h"), 3}, {deep(100, "f"), 0}, {deep(40, "f g h i j k l m n"), 0}, {nil, 0},
	} {
		if got := recursion(c.frames); got != c.want {
			t.Errorf("%d frames: a ring of %d, want %d", len(c.frames), got, c.want)
		}
	}
	if from, to, ring := Ring(deep(100, "f g"), 16); from != 6 || to != 204 || ring != 2 {
		t.Errorf("frames %d to %d are a ring of %d", from, to, ring)
	}
	for _, registers := range [][]crash.Register{nil, {{Name: "rsp"}}} {
		x := crash.Crash{
			Kind: crash.Segfault, Fatal: true, Signal: &crash.Signal{Name: "SIGSEGV"},
			Threads: []crash.Thread{{Faulty: true, Frames: deep(300, "f"), Registers: registers}},
		}
		want := crash.StackOverflow
		if registers != nil { // a core's, whose stack pointer was looked at
			want = crash.Segfault
		}
		if Settle(&x); x.Kind != want {
			t.Errorf("%s, want %s", x.Kind, want)
		}
	}
}
