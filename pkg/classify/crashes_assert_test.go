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
	} {
		v := load(t).Classify(c.crash)
		for _, m := range v.Matches {
			if m.ID == c.id && v.Status != crash.AlreadyFixed {
				t.Errorf("%s of %s is a match: %s, %v", c.id, c.crash.Process.Version, v.Status, m.Because)
			}
		}
	}
}
