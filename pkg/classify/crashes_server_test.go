package classify

import (
	"slices"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// stackCrash is a crash whose faulty thread has the functions, innermost first, and
// ends as the threads of workers do.
func stackCrash(kind crash.Kind, version string, functions ...string) *crash.Crash {
	c := &crash.Crash{Kind: kind, Fatal: true, Process: &crash.Process{Version: version}}
	c.Threads = []crash.Thread{{Faulty: true, Frames: threadFrames(functions)}}
	return c
}

func threadFrames(functions []string) []crash.Frame {
	var frames []crash.Frame
	for _, fn := range slices.Concat(functions, []string{"run_poll_loop", "run_thread_poll_loop", "start_thread", "clone"}) {
		frames = append(frames, crash.Frame{Function: fn, Trust: crash.TrustCFI})
	}
	return frames
}

// inTask ends a stack in the scheduler.
func inTask(functions ...string) []string {
	return append(functions, "run_tasks_from_lists", "process_runnable_tasks")
}

// faultAt is a segfault at an address.
func faultAt(address crash.Addr, version string, functions ...string) *crash.Crash {
	c := stackCrash(crash.Segfault, version, functions...)
	c.Signal = &crash.Signal{Number: 11, Name: "SIGSEGV", Address: &address}
	return c
}

// stuckIn is what a watchdog leaves: the thread inside of the signal's frames, and
// another one.
func stuckIn(version string, functions []string, other ...string) *crash.Crash {
	c := stackCrash(crash.Watchdog, version, functions...)
	handler := []crash.Frame{{Function: "ha_panic"}, {Function: "wdt_handler"}, {Function: "<signal handler called>", Signal: true}}
	c.Threads[0].Frames = append(handler, c.Threads[0].Frames...)
	if len(other) > 0 {
		c.Threads = append(c.Threads, crash.Thread{Frames: threadFrames(other)})
	}
	return c
}

func atInstruction(instruction string, c *crash.Crash) *crash.Crash {
	c.Threads[0].Frames[0].Instruction = instruction
	return c
}

const (
	nearNull = crash.Addr(0x18)
	farAway  = crash.Addr(0x7f31a0c72730)
)

// Crashes of servers, queues, tasks, resolvers, checks and memory, each shaped like
// one of a version that has the bug.
func TestEveryServerCrash(t *testing.T) {
	redispatch := inTask("fwlc_get_next_server", "assign_server", "assign_server_and_queue", "srv_redispatch_connect", "back_handle_st_cer", "process_stream")
	reuse := func(top ...string) []string {
		return inTask(append(top, "conn_backend_get", "connect_server", "back_try_conn_req", "process_stream")...)
	}
	for _, c := range []struct {
		id     string
		crash  *crash.Crash
		status crash.Status
	}{
		{"wdt-double-counting", stuckIn("3.2.4", inTask("bn_mul_mont", "BN_mod_exp_mont_consttime", "rsa_ossl_private_encrypt", "SSL_do_handshake", "ssl_sock_handshake", "ssl_sock_io_cb")), crash.Probable},
		{"wdt-double-counting", stuckIn("3.1-dev12", inTask("deflate", "rfc195x_add_data", "comp_http_payload", "process_stream")), crash.Probable},

		{"fwlc-saturated-servers", stuckIn("3.2-dev12", redispatch), crash.Probable},
		{"fwlc-avoided-server", stuckIn("3.2.1", redispatch), crash.Known},
		{"fwlc-avoided-server", stuckIn("3.3-dev1", redispatch), crash.Known},
		{"fwlc-avoided-server", stuckIn("3.2.0", redispatch), crash.Probable},
		{"fwlc-reposition-race", stuckIn("3.2.0", redispatch, inTask("fwlc_set_server_status_down", "srv_lb_propagate", "_srv_update_status_op", "server_recalc_eweight")...), crash.Probable},

		{"queue-abba-lock", stuckIn("2.0.0", inTask("process_srv_queue", "stream_free", "process_stream"), inTask("pendconn_grab_from_px", "server_warmup")...), crash.Known},
		{"queue-abba-lock", stuckIn("2.1-dev1", inTask("pl_wait_unlock_long", "pendconn_grab_from_px", "srv_update_status", "check_notify_success", "process_chk"), inTask("process_srv_queue", "process_stream")...), crash.Known},
		// Which release of 2.0 got the fix is not in the tables.
		{"queue-abba-lock", stuckIn("2.0.3", inTask("process_srv_queue", "process_stream"), inTask("pendconn_grab_from_px", "server_warmup")...), crash.Known},

		{"task-schedule-running", stuckIn("3.2.16", inTask("srv_add_to_idle_list", "h1_detach", "sc_detach_endp", "process_stream"), inTask("srv_cleanup_idle_conns")...), crash.Known},
		{"task-schedule-running", stuckIn("3.2.16", inTask("srv_cleanup_idle_conns"), inTask("_task_schedule", "srv_add_to_idle_list", "h2_detach", "process_stream")...), crash.Known},

		{"idle-conn-flags", faultAt(farAway, "2.6.9", reuse("ebmb_lookup", "srv_lookup_conn")...), crash.Probable},
		{"idle-conn-flags", faultAt(nearNull, "2.4.9", reuse("h1_takeover")...), crash.Probable},
		{"idle-conn-tree-union", faultAt(farAway, "2.9-dev5-efc46de", reuse("_tasklet_wakeup_on", "h1_takeover")...), crash.Probable},
		{"server-delete-with-streams", faultAt(farAway, "2.8.3", inTask("sess_change_server", "process_stream")...), crash.Probable},

		{"pendconn-unlink-race", faultAt(farAway, "2.2.4", inTask("pendconn_process_next_strm", "process_srv_queue", "stream_free", "process_stream")...), crash.Probable},
		{"pendconn-unlink-race", faultAt(nearNull, "2.2.0", inTask("__eb32_insert", "eb32_insert", "pendconn_add", "assign_server_and_queue", "process_stream")...), crash.Probable},

		{"wait-queue-locking", faultAt(nearNull, "2.2.0", "__eb_delete", "eb_delete", "eb32_delete", "__task_unlink_wq", "wake_expired_tasks"), crash.Probable},
		{"wait-queue-locking", faultAt(farAway, "2.2.0", "wake_expired_tasks"), crash.Probable},
		{"wait-queue-locking", stuckIn("2.2.0", []string{"eb32_lookup_ge", "wake_expired_tasks"}), crash.Probable},
		{"tasklet-remove-shared-list", faultAt(9, "2.1-dev4", inTask("__tasklet_remove_from_tasklet_list", "tasklet_remove_from_tasklet_list", "h2_detach", "cs_destroy", "process_stream")...), crash.Probable},

		{"dns-srv-null-resolution", faultAt(nearNull, "2.2.1", "snr_update_srv_status", "dns_check_dns_response", "dns_validate_dns_response", "dns_resolve_recv", "dgram_fd_handler", "fd_update_events"), crash.Known},
		{"do-resolve-threads", faultAt(farAway, "2.2.0", inTask("dns_pick_resolution", "dns_link_resolution", "dns_action_do_resolve", "http_req_get_intercept_rule", "http_process_req_common", "process_stream")...), crash.Probable},
		{"do-resolve-threads", faultAt(nearNull, "2.2.0", inTask("dns_unlink_resolution", "stream_free", "process_stream")...), crash.Probable},
		{"do-resolve-threads", faultAt(farAway, "2.2.0", "__task_wakeup", "act_resolution_cb", "dns_resolve_recv", "dgram_fd_handler"), crash.Probable},
		{"resolvers-query-tree", faultAt(farAway, "2.6.6", "resolv_validate_dns_response", "resolv_process_responses", "dns_dgram_recv", "dgram_fd_handler"), crash.Probable},
		{"resolvers-query-tree", faultAt(farAway, "2.4.9", inTask("__eb32_insert", "eb32_insert", "process_resolvers")...), crash.Probable},
		{"resolvers-removal-refs", faultAt(farAway, "2.4.7", "resolv_check_response", "resolv_validate_dns_response", "resolv_process_responses", "dgram_fd_handler"), crash.Probable},
		{"resolvers-removal-refs", faultAt(nearNull, "2.2.17", "dns_unlink_resolution", "dns_check_dns_response", "dns_validate_dns_response", "dns_resolve_recv", "dgram_fd_handler"), crash.Probable},
		{"resolvers-wait-list", stuckIn("2.8.12", inTask("resolv_run_resolution", "process_resolvers")), crash.Probable},
		{"resolvers-wait-list", stuckIn("3.0.6", inTask("process_resolvers")), crash.Probable},

		{"checks-task-affinity", faultAt(nearNull, "2.1.0", inTask("tcpcheck_main", "wake_srv_chk", "event_srv_chk_io")...), crash.Probable},
		{"checks-task-affinity", faultAt(farAway, "2.0.10", inTask("cs_destroy", "tcpcheck_main", "connect_conn_chk", "process_chk_conn", "process_chk")...), crash.Probable},
		{"tcpcheck-buffers", faultAt(farAway, "2.2.5", inTask("pool_free", "__b_free", "b_free", "h2_rcv_buf", "tcpcheck_eval_recv", "tcpcheck_main", "event_srv_chk_io")...), crash.Probable},
		{"tcpcheck-buffers", faultAt(nearNull, "2.2.0", inTask("process_chk_conn", "process_chk")...), crash.Probable},

		{"pools-lockless-race", atInstruction("mov (%rax),%rdx", faultAt(farAway, "2.4.0", inTask("pool_get_from_shared_cache", "pool_get_from_cache", "__pool_alloc", "pool_alloc", "b_alloc", "h1_get_buf", "h1_recv")...)), crash.Probable},
		{"pools-lockless-race", faultAt(farAway, "2.2.14", inTask("__pool_get_first", "pool_alloc_dirty", "pool_alloc", "si_cs_recv", "process_stream")...), crash.Probable},
		{"compiler-alignment", atInstruction("movaps %xmm0,0x1c0(%rdi)", startingUp(farAway, "2.4.9", "init_new_proxy", "alloc_new_proxy", "cfg_parse_listen")), crash.Known},
		{"compiler-alignment", atInstruction("vmovdqa %ymm0,0x40(%rax)", startingUp(farAway, "2.5.0", "new_server", "_srv_parse_init", "parse_server", "cfg_parse_listen")), crash.Known},
	} {
		v := load(t).Classify(c.crash)
		if v.Status != c.status || !slices.ContainsFunc(v.Matches, func(m crash.Match) bool { return m.ID == c.id }) {
			t.Errorf("%s of %s: %s, want %s: %s: %+v", c.id, c.crash.Process.Version, v.Status, c.status, v.Why, v.Matches)
		}
		if v.Status == crash.Known && (len(v.Matches) != 1 || v.Matches[0].Confidence != crash.ConfidenceExact) {
			t.Errorf("%s: known among others: %+v", c.id, v.Matches)
		}
	}
}

// startingUp is a segfault while the configuration is read.
func startingUp(address crash.Addr, version string, functions ...string) *crash.Crash {
	c := faultAt(address, version)
	c.Threads[0].Frames = nil
	for _, fn := range append(functions, "readcfgfile", "init", "main") {
		c.Threads[0].Frames = append(c.Threads[0].Frames, crash.Frame{Function: fn, Trust: crash.TrustCFI})
	}
	return c
}

// The same functions, for another reason or in a version without the bug: id must
// not be among the matches.
func TestNotServerCrash(t *testing.T) {
	redispatch := inTask("fwlc_get_next_server", "assign_server", "srv_redispatch_connect", "process_stream")
	for _, c := range []struct {
		name, id string
		crash    *crash.Crash
	}{
		{"a loop in HAProxy, not arithmetic", "wdt-double-counting", stuckIn("3.2.4", inTask("stktable_get_entry", "process_stream"))},
		{"version before short panics", "wdt-double-counting", stuckIn("3.0.0", inTask("bn_mul_mont", "ssl_sock_io_cb"))},
		{"fixed", "wdt-double-counting", stuckIn("3.2.6", inTask("bn_mul_mont", "ssl_sock_io_cb"))},

		{"segfault, no loop", "fwlc-avoided-server", faultAt(farAway, "3.2.1", redispatch...)},
		{"waits for a lock", "fwlc-avoided-server", stuckIn("3.2.1", append([]string{"pl_wait_unlock_long"}, redispatch...))},
		{"before the rework", "fwlc-avoided-server", stuckIn("3.1.5", redispatch)},
		{"fixed before the other", "fwlc-reposition-race", stuckIn("3.2.1", redispatch)},
		{"fixed in development", "fwlc-saturated-servers", stuckIn("3.2.0", redispatch)},

		{"nobody holds the other lock", "queue-abba-lock", stuckIn("2.0.0", inTask("process_srv_queue", "process_stream"), inTask("h2_io_cb")...)},
		{"the cleanup alone", "task-schedule-running", stuckIn("3.2.16", inTask("srv_cleanup_idle_conns"), inTask("h1_io_cb")...)},
		{"before the wait", "task-schedule-running", stuckIn("3.2.15", inTask("srv_add_to_idle_list", "process_stream"), inTask("srv_cleanup_idle_conns")...)},

		{"pool of connections on the stack, crash elsewhere", "idle-conn-flags", faultAt(farAway, "2.6.9", inTask("http_wait_for_response", "process_stream", "conn_backend_get")...)},
		{"takeover of another caller", "idle-conn-tree-union", faultAt(farAway, "2.9-dev5", inTask("h1_takeover", "srv_migrate_conns")...)},
		{"fixed", "idle-conn-tree-union", faultAt(farAway, "2.9.0", inTask("h1_takeover", "conn_backend_get", "connect_server", "process_stream")...)},
		{"server change on the stack, crash below", "server-delete-with-streams", faultAt(farAway, "2.8.3", inTask("fwrr_queue_srv", "sess_change_server", "process_stream")...)},
		{"no deletion of servers yet", "server-delete-with-streams", faultAt(farAway, "2.2.4", inTask("sess_change_server", "process_stream")...)},

		{"trees of something else", "pendconn-unlink-race", faultAt(farAway, "2.2.4", inTask("__eb32_insert", "eb32_insert", "h2_io_cb")...)},
		{"fixed", "pendconn-unlink-race", faultAt(farAway, "2.2.5", inTask("pendconn_first", "process_srv_queue", "process_stream")...)},

		{"timer of a task that runs", "wait-queue-locking", faultAt(nearNull, "2.2.0", inTask("__eb_delete", "eb32_delete", "__task_unlink_wq", "task_destroy", "h1_release")...)},
		{"before the requeue", "wait-queue-locking", faultAt(nearNull, "2.1.4", "__eb_delete", "eb32_delete", "wake_expired_tasks")},
		{"one list only", "tasklet-remove-shared-list", faultAt(9, "2.0.5", inTask("tasklet_remove_from_tasklet_list", "h2_detach", "process_stream")...)},
		{"tasklet run", "tasklet-remove-shared-list", faultAt(9, "2.1-dev4", inTask("h1_io_cb")...)},

		{"garbage, no null", "dns-srv-null-resolution", faultAt(farAway, "2.2.1", "snr_update_srv_status", "dns_check_dns_response", "dgram_fd_handler")},
		{"no resolver action", "do-resolve-threads", faultAt(farAway, "2.2.0", inTask("dns_pick_resolution", "dns_link_resolution", "snr_resolution_cb")...)},
		{"stream without a resolution", "do-resolve-threads", faultAt(farAway, "2.2.0", inTask("pool_free", "stream_free", "process_stream")...)},
		{"stable release before the kill list", "resolvers-query-tree", faultAt(farAway, "2.4.7", "resolv_validate_dns_response", "resolv_process_responses", "dgram_fd_handler")},
		{"tree of something else", "resolvers-query-tree", faultAt(farAway, "2.6.6", inTask("eb32_insert", "__task_queue", "process_stream")...)},
		{"fixed", "resolvers-removal-refs", faultAt(farAway, "2.4.8", "resolv_check_response", "resolv_process_responses", "dgram_fd_handler")},
		{"resolution of a stream", "resolvers-removal-refs", faultAt(farAway, "2.4.7", inTask("resolv_unlink_resolution", "stream_free", "process_stream")...)},
		{"callback of a resolver is slow", "resolvers-wait-list", stuckIn("2.8.12", inTask("srv_set_addr_desc", "snr_resolution_error_cb", "process_resolvers"))},
		{"fixed", "resolvers-wait-list", stuckIn("2.8.13", inTask("process_resolvers"))},

		{"check without rules", "checks-task-affinity", faultAt(nearNull, "2.1.0", inTask("cs_destroy", "process_chk_conn", "process_chk")...)},
		{"checks without a mux", "tcpcheck-buffers", faultAt(nearNull, "2.1.0", inTask("process_chk_conn", "process_chk")...)},
		{"read by a stream", "tcpcheck-buffers", faultAt(farAway, "2.2.5", inTask("pool_free", "b_free", "h2_rcv_buf", "si_cs_recv", "si_cs_io_cb")...)},
		{"fixed", "tcpcheck-buffers", faultAt(farAway, "2.2.6", inTask("b_free", "h2_rcv_buf", "tcpcheck_eval_recv", "tcpcheck_main")...)},

		{"null link, nothing unmapped", "pools-lockless-race", faultAt(nearNull, "2.4.0", inTask("pool_get_from_shared_cache", "pool_alloc", "h1_recv")...)},
		{"fixed", "pools-lockless-race", faultAt(farAway, "2.4.1", inTask("pool_get_from_shared_cache", "pool_alloc", "h1_recv")...)},
		{"store that needs no alignment", "compiler-alignment", atInstruction("mov %rax,0x8(%rdi)", startingUp(nearNull, "2.4.9", "init_new_proxy", "alloc_new_proxy", "cfg_parse_listen"))},
		{"aligned store elsewhere", "compiler-alignment", atInstruction("movaps %xmm0,(%rsp)", faultAt(farAway, "2.4.9", inTask("h1_io_cb")...))},
	} {
		v := load(t).Classify(c.crash)
		if slices.ContainsFunc(v.Matches, func(m crash.Match) bool { return m.ID == c.id }) {
			t.Errorf("%s: matches %s: %s, %s: %+v", c.name, c.id, v.Status, v.Why, v.Matches)
		}
	}
}

// What fits one bug only may be said to look like it when the fix is there.
func TestServerCrashFixed(t *testing.T) {
	for id, c := range map[string]*crash.Crash{
		"fwlc-avoided-server":     stuckIn("3.2.2", inTask("fwlc_get_next_server", "assign_server", "process_stream")),
		"queue-abba-lock":         stuckIn("2.1.0", inTask("process_srv_queue", "process_stream"), inTask("pendconn_grab_from_px", "server_warmup")...),
		"task-schedule-running":   stuckIn("3.2.17", inTask("srv_add_to_idle_list", "process_stream"), inTask("srv_cleanup_idle_conns")...),
		"dns-srv-null-resolution": faultAt(nearNull, "2.2.2", "snr_update_srv_status", "dns_check_dns_response", "dns_resolve_recv"),
		"compiler-alignment":      atInstruction("movaps %xmm0,0x1c0(%rdi)", startingUp(farAway, "2.6.0", "init_new_proxy", "alloc_new_proxy")),
	} {
		v := load(t).Classify(c)
		if v.Status != crash.AlreadyFixed || len(v.Matches) != 1 || v.Matches[0].ID != id {
			t.Errorf("%s: %s: %s: %+v", id, v.Status, v.Why, v.Matches)
		}
	}
}
