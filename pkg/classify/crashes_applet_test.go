package classify

import (
	"slices"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// inApplet ends a stack in an applet that has its own buffers.
func inApplet(functions ...string) []string {
	return inTask(append(functions, "task_process_applet")...)
}

// withStream gives a crash the dump of a stream.
func withStream(c *crash.Crash, dump ...string) *crash.Crash {
	c.Stream = fields(dump...)
	return c
}

// poolDamage is what the pool checks print; the caller is that of pool_free or pool_alloc.
func poolDamage(version, pool, caller string) *crash.Crash {
	return &crash.Crash{Kind: crash.PoolCorruption, Fatal: true, Process: &crash.Process{Version: version},
		Pool: &crash.Pool{Error: "corrupted item in cache", Name: pool, CallerFunction: caller}}
}

// asMaster makes a crash one of the master process.
func asMaster(c *crash.Crash) *crash.Crash {
	c.Process.Role = "master"
	return c
}

// Crashes of tables, peers, applets, Lua, the cache, SPOE and logs, each shaped like
// one of a version that has the bug.
func TestEveryAppletCrash(t *testing.T) {
	for _, c := range []struct {
		id     string
		crash  *crash.Crash
		status crash.Status
	}{
		{"stktable-end-window-purge", stuckIn("2.6.8", inTask("__eb32_insert", "eb32_insert", "process_table_expire")), crash.Probable},
		{"stktable-end-window-purge", stuckIn("2.4.9", inTask("stktable_touch_with_exp", "stktable_touch_local", "stream_process_counters", "process_stream"), inTask("eb_delete", "process_table_expire")...), crash.Probable},
		{"stktable-end-window-purge", stuckIn("2.2.19", inTask("process_table_expire")), crash.Probable},
		{"stktable-expire-refcounted", stuckIn("3.2.4", inTask("stktable_get_entry", "tcp_inspect_request", "process_stream"), inTask("eb32_insert", "process_table_expire")...), crash.Probable},
		{"stktable-expire-refcounted", stuckIn("3.3-dev8", inTask("eb32_insert", "process_table_expire")), crash.Probable},
		{"stktable-two-remote", faultAt(farAway, "2.9.6", inTask("eb_delete", "process_table_expire")...), crash.Probable},
		{"stktable-two-remote", faultAt(nearNull, "3.0-dev12", inTask("eb32_insert", "stktable_touch_with_exp", "stktable_touch_remote", "peer_treat_updatemsg", "peer_treat_awaited_msg", "peer_io_handler", "task_run_applet")...), crash.Probable},
		{"stktable-two-remote", poolDamage("3.0-dev11", "sticktables", "stksess_new"), crash.Probable},
		{"stktable-update-order", stuckIn("3.2-dev14", inTask("eb32_lookup_ge", "peer_teach_stage1_stksess_lookup", "peer_send_teachmsgs", "peer_io_handler", "task_run_applet")), crash.Probable},
		{"stktable-update-order", faultAt(farAway, "3.2-dev14", inTask("eb32_insert", "stktable_add_pend_updates")...), crash.Probable},
		{"stktable-update-order", bugOn("3.2-dev14", "1", "src/stick_table.c", "stktable_add_pend_updates", "run_tasks_from_lists"), crash.Probable},
		{"stktable-update-order", poolDamage("3.2-dev14", "sticktables", "process_table_expire"), crash.Probable},
		{"stick-table-src-kw", faultAt(0, "2.4-dev18", inTask("smp_fetch_src", "smp_fetch_sc_stkctr", "smp_fetch_sc_conn_rate", "sample_process", "acl_exec_cond", "http_req_get_intercept_rule", "http_process_req_common", "process_stream")...), crash.Known},
		{"stick-table-src-kw", faultAt(0, "2.4-dev19", inTask("smp_fetch_src", "smp_fetch_src_updt_conn_cnt", "sample_process", "process_stream")...), crash.Known},

		{"peers-frontend-resets-connect-timer", stream("2.6.1", "src=<PEER>", "fe=peers", "be=peers", "dst=p2", "scf=0x55b010,CLO,400", "scf.state=CLO", "scb.state=TAR", "cob=(nil)"), crash.Probable},
		{"peers-frontend-resets-connect-timer", withStream(stuckIn("2.6.0", inTask("process_stream")), "src=<PEER>", "scf.state=CLO", "scb.state=TAR"), crash.Probable},
		{"peers-learn-without-appctx", faultAt(nearNull, "3.0.2", inTask("sync_peer_learn_state", "__process_running_peer_sync", "process_peer_sync")...), crash.Known},
		{"peers-learn-without-appctx", faultAt(nearNull, "3.1-dev2", inTask("_task_wakeup", "sync_peer_learn_state", "__process_stopping_peer_sync", "process_peer_sync")...), crash.Known},

		{"applet-handler-after-shut", faultAt(farAway, "3.3.1", inApplet("promex_dump_srv_metrics", "promex_dump_metrics", "promex_appctx_handle_io")...), crash.Probable},
		{"applet-handler-after-shut", faultAt(nearNull, "3.4-dev3", inApplet("promex_appctx_handle_io")...), crash.Probable},
		{"promex-resolvers-empty", faultAt(farAway, "3.0.7", inTask("rslv_promex_fill_ts", "promex_dump_module_metrics", "promex_dump_metrics", "promex_appctx_handle_io", "task_run_applet")...), crash.Known},
		{"promex-resolvers-empty", faultAt(nearNull, "3.0.1", inTask("rslv_promex_start_ts", "promex_dump_module_metrics", "promex_dump_metrics", "promex_appctx_handle_io", "task_run_applet")...), crash.Known},
		{"promex-resolvers-empty", stuckIn("3.2-dev2", inTask("rslv_promex_next_ts", "promex_dump_module_metrics", "promex_appctx_handle_io", "task_run_applet")), crash.Known},

		{"hlua-server-iterator-watcher", stuckIn("3.2.3", inTask("mt_list_append", "watcher_attach", "hlua_listable_servers_pairs_iterator", "luaD_precall", "luaV_execute", "lua_resume", "hlua_ctx_resume", "hlua_process_task")), crash.Known},
		{"hlua-server-iterator-watcher", stuckIn("3.3-dev5", inApplet("hlua_listable_servers_pairs_iterator", "luaV_execute", "lua_resume", "hlua_ctx_resume", "hlua_applet_http_fct")), crash.Known},
		{"hlua-resume-lock", faultAt(farAway, "2.8.7", inTask("luaH_getstr", "luaV_finishset", "lua_settable", "hlua_filter_new", "flt_stream_add_filter", "stream_new", "h1_upgrade_h2c")...), crash.Probable},
		{"hlua-resume-lock", faultAt(nearNull, "2.6.16", inTask("lua_pushstring", "hlua_filter_new", "flt_stream_start", "stream_new")...), crash.Probable},
		{"hlua-applet-payload-end", stuckIn("3.3.4", inApplet("lua_resume", "hlua_ctx_resume", "hlua_applet_http_fct")), crash.Probable},
		{"hlua-applet-payload-end", stuckIn("3.4-dev5", inApplet("hlua_applet_http_recv_yield", "luaD_precall", "luaV_execute", "lua_resume", "hlua_ctx_resume", "hlua_applet_http_fct")), crash.Probable},
		{"httpclient-eom-empty", stuckIn("2.6.6", inTask("httpclient_req_xfer", "hlua_httpclient_snd_yield", "lua_resume", "hlua_ctx_resume", "hlua_process_task")), crash.Probable},
		{"httpclient-eom-empty", applet("HTTPCLIENT", "2.7-dev7", "sab=0x55b100", "sab.st0=2"), crash.Probable},

		{"cache-vary-delete", faultAt(farAway, "3.0.10", inTask("eb_delete", "get_entry", "http_action_store_cache", "http_res_get_intercept_rule", "http_process_res_common", "process_stream")...), crash.Known},
		{"cache-vary-delete", faultAt(nearNull, "3.2-dev17", inTask("__eb32_insert", "eb32_insert", "insert_entry", "http_action_store_cache", "http_process_res_common", "process_stream")...), crash.Known},
		{"cache-vary-delete", faultAt(farAway, "3.1.7", inTask("eb32_lookup", "get_entry", "http_action_req_cache_use", "http_process_req_common", "process_stream")...), crash.Known},
		{"cache-secondary-dup", faultAt(nearNull, "2.9.1", inTask("delete_entry", "release_entry", "http_cache_applet_release", "appctx_shut", "process_stream")...), crash.Probable},
		{"cache-secondary-dup", faultAt(farAway, "3.0-dev1", inTask("eb_walk_down", "eb_next_dup", "eb32_next_dup", "delete_entry", "release_entry", "http_cache_applet_release", "sc_app_shut_applet", "process_stream")...), crash.Probable},
		{"shctx-missing-break", stuckIn("2.4.8", inTask("shctx_row_reserve_hot", "cache_store_http_payload", "flt_http_payload", "http_response_forward_body", "process_stream")), crash.Probable},
		{"shctx-missing-break", stuckIn("2.2.18", inTask("shctx_row_reserve_hot", "sh_ssl_sess_new_cb", "SSL_do_handshake", "ssl_sock_handshake", "ssl_sock_io_cb")), crash.Probable},

		{"spoe-release-wrong-list", faultAt(farAway, "2.4.9", inTask("spoe_stop_processing", "spoe_process_messages", "spoe_process_event", "spoe_chn_pre_analyze", "flt_pre_analyze", "process_stream")...), crash.Probable},
		{"spoe-log-ring", faultAt(nearNull, "2.2.9", inTask("sink_write", "__do_send_log", "__send_log", "send_log", "spoe_process_event", "spoe_chn_pre_analyze", "flt_pre_analyze", "process_stream")...), crash.Known},
		{"spoe-log-ring", faultAt(nearNull, "2.4-dev8", inTask("__send_log", "send_log", "spoe_process_event", "spoe_start_analyze", "flt_start_analyze", "process_stream")...), crash.Known},

		{"mcli-empty-buffer", asMaster(stuckIn("2.4.9", inTask("pcli_parse_request", "pcli_wait_for_request", "process_stream"))), crash.Known},
		{"mcli-empty-buffer", stuckIn("2.2.19", inTask("ci_putblk", "pcli_write_prompt", "pcli_wait_for_request", "process_stream")), crash.Known},
		{"log-writev-under-lock", stuckIn("2.2-dev9", inTask("fd_write_frag_line", "__send_log", "sess_log", "process_stream"), inTask("writev", "fd_write_frag_line", "__send_log", "sess_log", "process_stream")...), crash.Probable},
		{"log-writev-under-lock", stuckIn("2.1.0", inTask("writev", "fd_write_frag_line", "__do_send_log", "__send_log", "process_stream")), crash.Probable},
		{"captures-free-under-lock", stuckIn("2.6.5", inTask("_int_free", "free", "proxy_capture_error", "h1_capture_bad_message", "h1_process_input", "h1_io_cb")), crash.Probable},
		{"captures-free-under-lock", stuckIn("2.4.9", inTask("pl_wait_unlock_long", "pendconn_add", "assign_server_and_queue", "process_stream"), inTask("malloc_consolidate", "_int_free", "free", "proxy_capture_error", "h1_process_input", "h1_io_cb")...), crash.Probable},
		{"captures-free-under-lock", stuckIn("2.6.5", inTask("proxy_capture_error", "h1_capture_bad_message", "h1_io_cb"), inTask("_int_free", "free", "proxy_capture_error", "h1_io_cb")...), crash.Probable},
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

// The same functions, for another reason or in a version without the bug: id must
// not be among the matches.
func TestNotAppletCrash(t *testing.T) {
	for _, c := range []struct {
		name, id string
		crash    *crash.Crash
	}{
		{"segfault, no loop", "stktable-end-window-purge", faultAt(farAway, "2.6.8", inTask("eb_delete", "process_table_expire")...)},
		{"table is used, nobody purges", "stktable-end-window-purge", stuckIn("2.4.9", inTask("stktable_touch_with_exp", "process_stream"), inTask("h1_io_cb")...)},
		{"fixed", "stktable-end-window-purge", stuckIn("2.6.9", inTask("eb32_insert", "process_table_expire"))},
		{"script stuck below a lookup", "stktable-expire-refcounted", stuckIn("3.2.4", inTask("luaV_execute", "stktable_get_entry", "process_stream"))},
		{"before the early end", "stktable-expire-refcounted", stuckIn("3.1.5", inTask("stktable_get_entry", "process_stream"))},
		{"fixed", "stktable-expire-refcounted", stuckIn("3.2.5", inTask("stktable_get_entry", "process_stream"))},
		{"tree of something else", "stktable-two-remote", faultAt(farAway, "2.9.6", inTask("eb_delete", "get_entry", "http_action_store_cache", "process_stream")...)},
		{"not in a tree", "stktable-two-remote", faultAt(farAway, "2.9.6", inTask("smp_to_stkey", "stktable_trash_oldest", "process_stream")...)},
		{"before the light lock", "stktable-two-remote", faultAt(farAway, "2.8.3", inTask("eb_delete", "process_table_expire")...)},
		{"fixed", "stktable-two-remote", faultAt(farAway, "3.0.0", inTask("eb_delete", "process_table_expire")...)},
		{"before the list", "stktable-update-order", faultAt(farAway, "3.2-dev13", inTask("eb_delete", "process_table_expire")...)},
		{"assertion of another file", "stktable-update-order", bugOn("3.2-dev14", "1", "src/mux_h2.c", "h2_io_cb")},
		{"fixed", "stktable-update-order", faultAt(farAway, "3.2.0", inTask("eb32_insert", "stktable_add_pend_updates")...)},
		{"damaged connection", "stick-table-src-kw", faultAt(farAway, "2.4-dev18", inTask("smp_fetch_src", "smp_fetch_sc_stkctr", "process_stream")...)},
		{"fetched by a rule", "stick-table-src-kw", faultAt(0, "2.4-dev18", inTask("smp_fetch_src", "sample_process", "acl_exec_cond", "process_stream")...)},
		{"fetch without a name check", "stick-table-src-kw", faultAt(0, "2.4-dev16", inTask("smp_fetch_src", "smp_fetch_sc_stkctr", "process_stream")...)},

		{"front side is open", "peers-frontend-resets-connect-timer", stream("2.6.1", "src=<PEER>", "scf.state=EST", "scb.state=TAR")},
		{"stream of a client", "peers-frontend-resets-connect-timer", stream("2.6.1", "src=192.0.2.3", "scf.state=CLO", "scb.state=TAR")},
		{"fixed", "peers-frontend-resets-connect-timer", stream("2.6.2", "src=<PEER>", "scf.state=CLO", "scb.state=TAR")},
		{"freed applet, no null", "peers-learn-without-appctx", faultAt(farAway, "3.0.2", inTask("sync_peer_learn_state", "process_peer_sync")...)},
		{"elsewhere in the task", "peers-learn-without-appctx", faultAt(nearNull, "3.0.2", inTask("peer_session_create", "__process_running_peer_sync", "process_peer_sync")...)},
		{"before the states", "peers-learn-without-appctx", faultAt(nearNull, "2.9.7", inTask("process_peer_sync")...)},

		{"another applet", "applet-handler-after-shut", faultAt(farAway, "3.3.1", inApplet("http_cache_io_handler")...)},
		{"exporter looks itself", "applet-handler-after-shut", faultAt(farAway, "3.2.3", inTask("promex_dump_srv_metrics", "promex_appctx_handle_io", "task_run_applet")...)},
		{"fixed", "applet-handler-after-shut", faultAt(farAway, "3.4-dev4", inApplet("promex_dump_srv_metrics", "promex_appctx_handle_io")...)},
		{"metrics of a server", "promex-resolvers-empty", faultAt(farAway, "3.0.7", inTask("promex_dump_srv_metrics", "promex_dump_metrics", "promex_appctx_handle_io", "task_run_applet")...)},
		{"before the resolvers", "promex-resolvers-empty", faultAt(farAway, "2.8.3", inTask("promex_dump_metrics", "promex_appctx_handle_io", "task_run_applet")...)},

		{"loop of the script itself", "hlua-server-iterator-watcher", stuckIn("3.2.3", inTask("luaV_execute", "lua_resume", "hlua_ctx_resume", "hlua_process_task"))},
		{"freed server", "hlua-server-iterator-watcher", faultAt(farAway, "3.2.3", inTask("hlua_listable_servers_pairs_iterator", "luaV_execute", "lua_resume", "hlua_ctx_resume")...)},
		{"before the watchers", "hlua-server-iterator-watcher", stuckIn("3.0.5", inTask("hlua_listable_servers_pairs_iterator", "luaV_execute"))},
		{"script of a task", "hlua-resume-lock", faultAt(farAway, "2.8.7", inTask("luaH_getstr", "luaV_execute", "lua_resume", "hlua_ctx_resume", "hlua_process_task")...)},
		{"filter without Lua", "hlua-resume-lock", faultAt(farAway, "2.8.7", inTask("pool_free", "hlua_filter_new", "stream_new")...)},
		{"fixed", "hlua-resume-lock", faultAt(farAway, "2.8.8", inTask("lua_settable", "hlua_filter_new", "stream_new")...)},
		{"Lua action", "hlua-applet-payload-end", stuckIn("3.3.4", inTask("luaV_execute", "lua_resume", "hlua_ctx_resume", "hlua_action", "process_stream"))},
		{"C library of the script", "hlua-applet-payload-end", stuckIn("3.3.4", inApplet("inflate", "luaV_execute", "lua_resume", "hlua_ctx_resume", "hlua_applet_http_fct"))},
		{"before the own buffers", "hlua-applet-payload-end", stuckIn("3.2.3", inTask("lua_resume", "hlua_ctx_resume", "hlua_applet_http_fct", "task_run_applet"))},
		{"script without the client", "httpclient-eom-empty", stuckIn("2.6.6", inTask("luaV_execute", "lua_resume", "hlua_ctx_resume", "hlua_process_task"))},
		{"another applet", "httpclient-eom-empty", applet("STATS", "2.6.6", "sab=0x55b100", "sab.st0=2")},
		{"fixed", "httpclient-eom-empty", applet("HTTPCLIENT", "2.6.7", "sab=0x55b100", "sab.st0=2")},

		{"another tree", "cache-vary-delete", faultAt(farAway, "3.0.10", inTask("eb_delete", "process_table_expire")...)},
		{"action of the cache, crash below", "cache-vary-delete", faultAt(farAway, "3.0.10", inTask("htx_replace_header", "http_action_store_cache", "process_stream")...)},
		{"before the counts", "cache-vary-delete", faultAt(farAway, "2.8.9", inTask("eb_delete", "get_entry", "http_action_store_cache", "process_stream")...)},
		{"store of a response", "cache-secondary-dup", faultAt(farAway, "2.9.1", inTask("delete_entry", "release_entry", "get_entry", "http_action_store_cache", "process_stream")...)},
		{"fixed", "cache-secondary-dup", faultAt(farAway, "3.0.0", inTask("delete_entry", "release_entry", "http_cache_applet_release")...)},
		{"waits below", "shctx-missing-break", stuckIn("2.4.8", inTask("cache_free_blocks", "shctx_row_reserve_hot", "flt_http_payload", "process_stream"))},
		{"shared memory of something else", "shctx-missing-break", stuckIn("2.4.8", inTask("shctx_row_reserve_hot", "h1_io_cb"))},
		{"segfault", "shctx-missing-break", faultAt(farAway, "2.4.8", inTask("shctx_row_reserve_hot", "flt_http_payload", "process_stream")...)},
		{"fixed", "shctx-missing-break", stuckIn("2.4.9", inTask("shctx_row_reserve_hot", "flt_http_payload", "process_stream"))},

		{"null pointer", "spoe-release-wrong-list", faultAt(nearNull, "2.4.9", inTask("spoe_stop_processing", "spoe_process_event", "process_stream")...)},
		{"encoding of a frame", "spoe-release-wrong-list", faultAt(farAway, "2.4.9", inTask("spoe_encode_messages", "spoe_process_messages", "spoe_process_event", "process_stream")...)},
		{"fixed", "spoe-release-wrong-list", faultAt(farAway, "2.6.0", inTask("spoe_stop_processing", "spoe_process_event", "process_stream")...)},
		{"log of a proxy", "spoe-log-ring", faultAt(nearNull, "2.2.9", inTask("sink_write", "__do_send_log", "__send_log", "sess_log", "process_stream")...)},
		{"damaged sink", "spoe-log-ring", faultAt(farAway, "2.2.9", inTask("sink_write", "__do_send_log", "__send_log", "send_log", "spoe_process_event", "process_stream")...)},

		{"crash of the parser", "mcli-empty-buffer", faultAt(nearNull, "2.4.9", inTask("pcli_parse_request", "pcli_wait_for_request", "process_stream")...)},
		{"slow command of a worker", "mcli-empty-buffer", stuckIn("2.4.9", inTask("cli_io_handler_show_fd", "cli_io_handler", "task_run_applet"))},
		{"syslog over UDP", "log-writev-under-lock", stuckIn("2.1.0", inTask("sendmsg", "__do_send_log", "__send_log", "sess_log", "process_stream"))},
		{"nobody writes", "log-writev-under-lock", stuckIn("2.1.0", inTask("__send_log", "sess_log", "process_stream"), inTask("h1_io_cb")...)},
		{"segfault", "log-writev-under-lock", faultAt(farAway, "2.1.4", inTask("__send_log", "process_stream")...)},
		{"fixed", "log-writev-under-lock", stuckIn("2.2.0", inTask("writev", "fd_write_frag_line", "__send_log", "process_stream"))},
		{"other memory is freed", "captures-free-under-lock", stuckIn("2.6.5", inTask("_int_free", "free", "h1_release", "h1_io_cb"))},
		{"queue without a capture", "captures-free-under-lock", stuckIn("2.6.5", inTask("pl_wait_unlock_long", "pendconn_add", "process_stream"), inTask("process_srv_queue", "process_stream")...)},
		{"fixed", "captures-free-under-lock", stuckIn("2.6.6", inTask("_int_free", "free", "proxy_capture_error", "h1_io_cb"))},
	} {
		v := load(t).Classify(c.crash)
		if slices.ContainsFunc(v.Matches, func(m crash.Match) bool { return m.ID == c.id }) {
			t.Errorf("%s: matches %s: %s, %s: %+v", c.name, c.id, v.Status, v.Why, v.Matches)
		}
	}
}

// What fits one bug only may be said to look like it when the fix is there.
func TestAppletCrashFixed(t *testing.T) {
	for id, c := range map[string]*crash.Crash{
		"stick-table-src-kw":           faultAt(0, "2.4.0", inTask("smp_fetch_src", "smp_fetch_sc_stkctr", "process_stream")...),
		"peers-learn-without-appctx":   faultAt(nearNull, "3.0.3", inTask("sync_peer_learn_state", "__process_running_peer_sync", "process_peer_sync")...),
		"hlua-server-iterator-watcher": stuckIn("3.2.4", inTask("watcher_next", "hlua_listable_servers_pairs_iterator", "luaV_execute")),
		"cache-vary-delete":            faultAt(farAway, "3.0.11", inTask("eb_delete", "get_entry", "http_action_store_cache", "process_stream")...),
		"spoe-log-ring":                faultAt(nearNull, "2.2.10", inTask("sink_write", "__send_log", "send_log", "spoe_process_event", "process_stream")...),
		"mcli-empty-buffer":            stuckIn("2.6.0", inTask("pcli_parse_request", "pcli_wait_for_request", "process_stream")),
		"promex-resolvers-empty":       faultAt(farAway, "3.0.8", inTask("rslv_promex_fill_ts", "promex_dump_module_metrics", "promex_appctx_handle_io", "task_run_applet")...),
	} {
		v := load(t).Classify(c)
		if v.Status != crash.AlreadyFixed || len(v.Matches) != 1 || v.Matches[0].ID != id {
			t.Errorf("%s: %s: %s: %+v", id, v.Status, v.Why, v.Matches)
		}
	}
}
