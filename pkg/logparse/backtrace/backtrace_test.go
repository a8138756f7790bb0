package backtrace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// feed parses text to its end and gives every block in it, and the lines that
// no block took.
func feed(text string) (blocks []Result, left []string) {
	var b *Block
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		number := int64(i + 1)
		if b != nil {
			if b.Line(line, number) {
				continue
			}
			blocks = append(blocks, b.Result())
		}
		if b = Start(line, number); b == nil {
			left = append(left, line)
		}
	}
	if b != nil {
		blocks = append(blocks, b.Result())
	}
	return blocks, left
}

// one reads a sample that must be one block with no line left over.
func one(t *testing.T, text string) Result {
	t.Helper()
	blocks, left := feed(text)
	if len(blocks) != 1 {
		t.Fatalf("%d blocks, want 1: %+v", len(blocks), blocks)
	}
	for _, l := range left {
		if strings.TrimSpace(l) != "" {
			t.Errorf("line left over: %q", l)
		}
	}
	return blocks[0]
}

func sample(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// stackOf prints the functions of a thread, innermost first.
func stackOf(th crash.Thread) string {
	var names []string
	for _, f := range th.Frames {
		switch {
		case f.Signal:
			names = append(names, "<signal>")
		case f.Function == "":
			names = append(names, "?")
		default:
			names = append(names, f.Function)
		}
	}
	return strings.Join(names, " ")
}

// TestIssues reads excerpts of HAProxy's issues; the numbers are theirs.
func TestIssues(t *testing.T) {
	for _, c := range []struct {
		issue     string
		tool      string
		kind      crash.Kind
		plausible crash.Kind
		signal    int
		threads   int
		stack     string // of the faulty thread, "" for none
	}{
		{"2230", "gdb", crash.Spinning, "", 0, 1, "ha_crash_now stream_dump_and_crash process_stream"},
		{"218", "gdb", crash.Segfault, "", 11, 1, "h1_snd_buf si_cs_send si_sync_send process_stream"},
		{"2040", "gdb", crash.Spinning, "", 0, 1, "ha_crash_now stream_dump_and_crash"},
		// The excerpt starts at frame 4: where it died is not in it.
		{"2254", "gdb", crash.Unknown, "", 0, 1, "h2_timeout_task run_tasks_from_lists process_runnable_tasks"},
		{"936", "gdb", crash.Unknown, crash.Segfault, 0, 1, "pool_free __b_free b_free h2_rcv_buf"},
		{"936b", "gdb", crash.Unknown, crash.Segfault, 0, 1, "process_chk_conn process_chk run_tasks_from_lists"},
		{"52", "gdb", crash.Unknown, crash.Segfault, 0, 1, "h2_frt_transfer_data h2c_frt_handle_data h2_process_demux h2_process h2_io_cb process_runnable_tasks run_poll_loop run_thread_poll_loop main"},
		{"3293", "gdb", crash.Watchdog, "", 6, 1, "raise abort ha_panic ha_panic wdt_handler <signal> ? ? ? ? ? ? lua_resume hlua_ctx_resume hlua_applet_http_fct task_process_applet"},
		{"1115", "gdb", crash.Unknown, crash.Segfault, 0, 1, "_int_malloc __GI___libc_malloc asn1_enc_save asn1_item_ex_d2i"},
		// This thread was stopped by the panic of another one: no culprit.
		{"2959", "gdb", crash.Unknown, crash.Watchdog, 0, 1, ""},
		{"665", "gdb", crash.Unknown, crash.Segfault, 0, 1, "srv_cleanup_connections srv_update_status srv_set_admin_flag srv_adm_set_maint cli_parse_set_server cli_parse_request cli_io_handler task_run_applet process_runnable_tasks run_poll_loop run_thread_poll_loop start_thread clone"},
		{"1925", "gdb", crash.Segfault, "", 11, 1, "release_http_reply http_parse_http_reply"},
		{"2870", "gdb", crash.Unknown, crash.Segfault, 0, 1, "init_peers_frontend cfg_parse_peers parse_cfg"},
		// Lock waiters only; the thread that holds the lock was not pasted.
		{"2011", "gdb", crash.Unknown, crash.Watchdog, 0, 2, ""},
		{"1918", "gdb", crash.Unknown, crash.Watchdog, 0, 2, ""},
		{"637", "gdb", crash.Abort, "", 6, 2, "__GI_raise"},
		{"2074", "gdb", crash.BugOn, "", 11, 2, "ha_crash_now"},
		{"2508", "gdb", crash.Watchdog, "", 0, 1, "raise abort ha_panic ha_panic <signal> __pl_wait_unlock_long pl_wait_unlock_long stktable_touch_with_exp"},
		{"758b", "gdb", crash.Unknown, crash.Segfault, 0, 2, "__eb_delete eb_delete eb32_delete __task_unlink_wq wake_expired_tasks run_poll_loop run_thread_poll_loop"},
		{"958", "gdb", crash.Segfault, "", 11, 1, "__tasklet_remove_from_tasklet_list"},
		// Idle threads, and a process that was only looked at: nobody is guilty.
		{"357", "gdb", crash.Unknown, "", 0, 2, ""},
		{"358", "gdb", crash.Unknown, "", 0, 2, ""},
		{"1284", "systemd-coredump", crash.Watchdog, "", 0, 2, "raise abort ha_panic wdt_handler <signal> ? flt_http_payload http_response_forward_body process_stream run_tasks_from_lists process_runnable_tasks run_poll_loop ? start_thread __clone"},
	} {
		t.Run(c.issue, func(t *testing.T) {
			r := one(t, sample(t, c.issue))
			if r.Tool != c.tool || r.Kind != c.kind || r.Plausible != c.plausible {
				t.Errorf("tool %s kind %s plausible %q, want %s %s %q", r.Tool, r.Kind, r.Plausible, c.tool, c.kind, c.plausible)
			}
			signal := 0
			if r.Signal != nil {
				signal = r.Signal.Number
			}
			if signal != c.signal {
				t.Errorf("signal %d, want %d", signal, c.signal)
			}
			if len(r.Threads) != c.threads {
				t.Errorf("%d threads, want %d", len(r.Threads), c.threads)
			}
			stack := ""
			for i, th := range r.Threads {
				if th.Faulty {
					stack = stackOf(th)
					if i > 0 {
						t.Error("the faulty thread is not the first")
					}
				}
			}
			if stack != c.stack {
				t.Errorf("faulty stack\n%s\nwant\n%s", stack, c.stack)
			}
			if len(r.Foreign) > 0 {
				t.Errorf("foreign lines %+v", r.Foreign)
			}
		})
	}
}
