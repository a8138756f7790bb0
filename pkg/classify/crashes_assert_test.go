package classify

import (
	"slices"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// quicStreamFrame is a stack of the QUIC mux from the crash to the loop that reads datagrams.
func quicStreamFrame(top ...string) []string {
	return inTask(append(top, "qcc_recv", "qc_handle_strm_frm", "qc_parse_pkt_frms", "qc_treat_rx_pkts", "quic_conn_app_io_cb")...)
}

// Assertions and crashes of small functions, each shaped like one of a version that
// has the bug.
func TestEverySingleCauseCrash(t *testing.T) {
	for _, c := range []struct {
		id     string
		crash  *crash.Crash
		status crash.Status
	}{
		{"quic-reset-of-closed-stream", bugOn("3.0.9", "qcs_is_close_local(qcs)", "src/mux_quic.c", quicStreamFrame("qcc_send_stream", "qcc_abort_stream_read", "h3_rcv_buf", "qcc_decode_qcs")...), crash.Known},
		{"quic-reset-of-closed-stream", bugOn("2.8.14", "qcs_is_close_local(qcs)", "src/mux_quic.c", quicStreamFrame("qcc_reset_stream", "qcc_recv_stop_sending")...), crash.Known},
		{"quic-send-after-reset", bugOn("3.2.12", "qcs_is_close_local(qcs) || (qcs->flags & 0x00000080)", "src/mux_quic.c"), crash.Known},
		{"quic-send-after-reset", bugOn("3.0.5", "qcs_is_close_local(qcs) || (qcs->flags & 0x00000080)", "src/mux_quic.c", inTask("qmux_strm_snd_buf", "sc_conn_send", "sc_conn_sync_send", "process_stream")...), crash.Known},
		{"quic-stop-sending-uni-purge", bugOn("3.2.10", "((&qcs->el_send)->n != (&qcs->el_send))", "src/mux_quic.c", quicStreamFrame("qcs_close_remote", "qcc_decode_qcs")...), crash.Known},
		{"quic-stop-sending-uni-purge", bugOn("3.1.8", "((&qcs->el_send)->n != (&qcs->el_send))", "src/mux_quic.c"), crash.Known},
		{"quic-rebind-while-closing", bugOn("2.8.4", "qc->flags & ((1U << 29)|(1U << 30))", "src/quic_conn.c", inTask("qc_finalize_affinity_rebind", "quic_dgram_parse", "quic_lstnr_dghdlr")...), crash.Known},
		{"quic-uni-stream-abort", bugOn("2.7.0", "", "", inTask("qcs_destroy", "qc_io_cb")...), crash.Known},
		{"quic-uni-stream-abort", bugOn("2.6.7", "", "", quicStreamFrame("qcc_release_remote_stream", "qcs_destroy")...), crash.Known},

		{"quic-token-length", faultAt(farAway, "3.2.11", inTask("aesni_gcm_decrypt", "EVP_DecryptUpdate", "quic_tls_decrypt2", "quic_token_check", "quic_rx_pkt_retrieve_conn", "quic_dgram_parse", "quic_lstnr_dghdlr")...), crash.Known},
		{"quic-hystart-missing", faultAt(0, "3.2.9", inTask("qc_send_ppkts", "qc_send", "quic_conn_app_io_cb")...), crash.Probable},
		{"set-cookie2-loop", stuckIn("2.4.9", inTask("__http_find_header", "http_find_header", "http_manage_server_side_cookies", "http_process_res_common", "process_stream")), crash.Probable},
		{"set-cookie2-loop", stuckIn("2.2.0", inTask("http_manage_server_side_cookies", "http_process_res_common", "process_stream")), crash.Probable},
		{"auth-user-without-password", faultAt(0, "3.2.19", inTask("__strcmp_avx2", "check_user", "smp_fetch_http_auth", "sample_process", "acl_exec_cond", "http_req_get_intercept_rule", "http_process_req_common", "process_stream")...), crash.Known},
		{"redirect-keep-query-response", faultAt(nearNull, "3.2.22", inTask("http_apply_redirect_rule", "http_res_get_intercept_rule", "http_process_res_common", "process_stream")...), crash.Known},
		{"stats-tcp-frontend", faultAt(nearNull, "2.8.5", inTask("http_handle_stats", "http_process_req_common", "process_stream")...), crash.Probable},
		{"set-var-fmt-empty", faultAt(nearNull, "3.2.19", inTask("sample_process", "action_store", "http_req_get_intercept_rule", "http_process_req_common", "process_stream")...), crash.Known},
		{"cli-empty-line", faultAt(farAway, "3.2.0", inTask("cli_parse_cmdline", "cli_io_handler", "task_process_applet")...), crash.Known},
		{"fd-insert-other-tgroup", bugOn("3.2.0", "thread_mask == 0", "include/haproxy/fd.h", "sock_inet_bind_receiver", "tcp_bind_listener", "protocol_bind_all", "main"), crash.Known},
		{"lua-patref-add-bulk", faultAt(nearNull, "3.2.10", inTask("luaH_next", "lua_next", "_hlua_patref_add_bulk", "luaD_precall", "lua_resume", "hlua_ctx_resume", "hlua_process_task")...), crash.Known},

		{"check-of-another-thread", bugOn("2.7-dev10", "task->tid != tid", "include/haproxy/task.h", inTask("__health_adjust", "back_handle_st_cer", "process_stream")...), crash.Known},
		{"check-of-another-thread", bugOn("2.7.0", "task->tid != tid", "include/haproxy/task.h", inTask("back_handle_st_cer", "process_stream")...), crash.Known},
		{"stream-date-in-past", bugOn("3.0.7", "tick_is_expired(task->expire, now_ms)", "src/stconn.c", inTask("sc_notify", "sc_conn_process", "sc_conn_io_cb")...), crash.Known},
		{"show-pools-filtered", faultAt(nearNull, "3.2.6", inTask("cmp_dump_pools_usage", "msort_with_tmp", "qsort", "dump_pools_info", "cli_io_handler_dump_pools", "cli_io_handler")...), crash.Known},
		{"stick-store-applet", faultAt(farAway, "2.6.6", inTask("__strlen_avx2", "ebis_lookup", "dict_insert", "process_store_rules", "process_stream")...), crash.Probable},
		{"htx-rollback-no-block", faultAt(4, "2.4.9", inTask("htx_remove_blk", "htx_xfer_blks", "h2_rcv_buf", "si_cs_recv", "process_stream")...), crash.Known},
		{"fcgi-stream-zero", faultAt(farAway, "3.2.19", inTask("fcgi_strm_handle_stdout", "fcgi_process_demux", "fcgi_process", "fcgi_io_cb")...), crash.Probable},
		{"h3-stop-sending-after-goaway", faultAt(nearNull, "2.8.10", inTask("h3_close", "qcc_recv_stop_sending", "qc_parse_pkt_frms", "qc_treat_rx_pkts", "quic_conn_app_io_cb")...), crash.Known},
		{"quic-stream-offset-bit", bugOn("2.8-dev5", "!!(frm->type & 0x04) != !!stream->offset.key", "src/quic_frame.c"), crash.Known},
		{"quic-stream-offset-bit", bugOn("2.7.3", "!!(frm->type & 0x04) != !!stream->offset.key", "src/quic_frame.c"), crash.Known},
		{"mux-pt-closed-on-shut", faultAt(nearNull, "2.8.11", inTask("mux_pt_rcv_buf", "sc_conn_recv", "sc_conn_io_cb", "mux_pt_io_cb")...), crash.Probable},
		{"ready-server-deleted", faultAt(farAway, "3.2.7", inTask("assign_server_and_queue", "back_try_conn_req", "process_stream")...), crash.Probable},
		{"server-address-deleted", faultAt(farAway, "3.0.2", inTask("__eb_insert_dup", "ebis_insert", "srv_set_addr_desc", "server_atomic_sync", "event_hdl_async_task_default")...), crash.Probable},
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

// What looks alike and is of another cause, or of a version that has the fix.
func TestOtherSingleCauseCrashes(t *testing.T) {
	for _, c := range []struct {
		id    string
		crash *crash.Crash
	}{
		{"quic-reset-of-closed-stream", bugOn("3.0.9", "qcs_is_close_local(qcs)", "src/mux_quic.c", inTask("qcc_send_stream", "qmux_strm_snd_buf", "sc_conn_send", "process_stream")...)},
		{"quic-reset-of-closed-stream", bugOn("3.0.10", "qcs_is_close_local(qcs)", "src/mux_quic.c", quicStreamFrame("qcc_send_stream", "qcc_abort_stream_read")...)},
		{"quic-send-after-reset", bugOn("3.2.13", "qcs_is_close_local(qcs) || (qcs->flags & 0x00000080)", "src/mux_quic.c", inTask("qmux_strm_nego_ff", "sc_conn_recv", "process_stream")...)},
		{"quic-stop-sending-uni-purge", bugOn("3.2.11", "((&qcs->el_send)->n != (&qcs->el_send))", "src/mux_quic.c")},
		{"quic-rebind-while-closing", bugOn("2.8.4", "!(qc->flags & (1U << 10))", "src/quic_conn.c", inTask("qc_finalize_affinity_rebind", "quic_dgram_parse", "quic_lstnr_dghdlr")...)},
		{"quic-uni-stream-abort", bugOn("2.7.0", "", "", inTask("qcc_recv_stop_sending", "qc_parse_pkt_frms")...)},

		{"quic-token-length", faultAt(farAway, "3.2.12", inTask("EVP_DecryptUpdate", "quic_tls_decrypt2", "quic_token_check")...)},
		{"quic-token-length", faultAt(farAway, "3.2.11", inTask("EVP_DecryptUpdate", "quic_tls_decrypt", "qc_pkt_decrypt", "qc_treat_rx_pkts")...)},
		{"quic-hystart-missing", faultAt(farAway, "3.2.9", inTask("qc_send_ppkts", "qc_send", "quic_conn_app_io_cb")...)},
		{"set-cookie2-loop", stuckIn("2.4.9", inTask("http_find_header", "smp_fetch_hdr", "sample_process", "http_res_get_intercept_rule", "http_process_res_common"))},
		{"auth-user-without-password", faultAt(farAway, "3.2.19", inTask("__strcmp_avx2", "check_user", "smp_fetch_http_auth")...)},
		{"redirect-keep-query-response", faultAt(nearNull, "3.2.22", inTask("http_apply_redirect_rule", "http_req_get_intercept_rule", "http_process_req_common")...)},
		{"stats-tcp-frontend", faultAt(nearNull, "2.8.6", inTask("http_handle_stats", "http_process_req_common")...)},
		{"set-var-fmt-empty", faultAt(nearNull, "3.2.19", inTask("sample_process", "sample_fetch_as_type", "http_req_get_intercept_rule")...)},
		{"cli-empty-line", faultAt(farAway, "3.2.1", inTask("cli_parse_cmdline", "cli_io_handler")...)},
		{"fd-insert-other-tgroup", bugOn("3.2.0", "thread_mask == 0", "include/haproxy/fd.h", inTask("sock_conn_ctrl_init", "tcp_connect_server", "connect_server", "process_stream")...)},
		{"lua-patref-add-bulk", faultAt(nearNull, "3.2.10", inTask("luaH_next", "lua_next", "hlua_list_applet_wakeup", "lua_resume")...)},
		{"check-of-another-thread", bugOn("2.7.0", "task->tid != tid", "include/haproxy/task.h", inTask("h1_timeout_task")...)},
		{"stream-date-in-past", bugOn("3.1.0", "tick_is_expired(chn->analyse_exp, now_ms)", "src/flt_bwlim.c")},
		{"stream-date-in-past", bugOn("3.0.8", "tick_is_expired(task->expire, now_ms)", "src/stconn.c")},
		{"show-pools-filtered", faultAt(nearNull, "3.2.7", inTask("dump_pools_info", "cli_io_handler_dump_pools", "cli_io_handler")...)},
		{"stick-store-applet", faultAt(farAway, "2.6.6", inTask("__strlen_avx2", "ebis_lookup", "dict_insert", "peer_treat_updatemsg", "peer_io_handler")...)},
		{"htx-rollback-no-block", faultAt(nearNull, "2.4.9", inTask("htx_remove_blk", "http_remove_header", "http_req_get_intercept_rule")...)},
		{"fcgi-stream-zero", faultAt(nearNull, "3.2.19", inTask("fcgi_strm_handle_stdout", "fcgi_process_demux")...)},
		{"h3-stop-sending-after-goaway", faultAt(nearNull, "2.8.11", inTask("h3_close", "qcc_recv_stop_sending", "qc_parse_pkt_frms")...)},
		{"quic-stream-offset-bit", bugOn("2.8.0", "!!(frm->type & 0x04) != !!stream->offset.key", "src/quic_frame.c")},
		{"mux-pt-closed-on-shut", faultAt(nearNull, "3.0.4", inTask("mux_pt_rcv_buf", "sc_conn_recv")...)},
		{"ready-server-deleted", faultAt(nearNull, "3.2.7", inTask("assign_server_and_queue", "back_try_conn_req", "process_stream")...)},
		{"server-address-deleted", faultAt(farAway, "3.0.2", inTask("__eb_delete", "eb_delete", "srv_cleanup_idle_conns", "process_stream")...)},
	} {
		v := load(t).Classify(c.crash)
		for _, m := range v.Matches {
			if m.ID == c.id && v.Status != crash.AlreadyFixed {
				t.Errorf("%s of %s is a match: %s, %v", c.id, c.crash.Process.Version, v.Status, m.Because)
			}
		}
	}
}
