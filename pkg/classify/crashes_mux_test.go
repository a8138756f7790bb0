package classify

import (
	"slices"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// quicRx ends a stack where the frames of packets are parsed.
func quicRx(functions ...string) []string {
	return inTask(append(functions, "qc_parse_pkt_frms", "qc_treat_rx_pkts", "quic_conn_io_cb")...)
}

// noStartLine is the assertion of the analyser of responses.
func noStartLine(version, backMux string) *crash.Crash {
	c := bugOn(version, "htx_get_first_type(htx) != HTX_BLK_RES_SL", "src/http_ana.c", inTask("http_wait_for_response", "process_stream")...)
	c.Stream = fields("cob.mux=" + backMux)
	return c
}

// Crashes of QUIC, TLS, HTTP/2 and HTTP, each shaped like one of a version that has
// the bug.
func TestEveryMuxCrash(t *testing.T) {
	response := inTask("http_wait_for_response", "process_stream")
	h2 := func(c *crash.Crash) *crash.Crash {
		c.Stream = fields("cob.mux=H2")
		return c
	}
	for _, c := range []struct {
		id     string
		crash  *crash.Crash
		status crash.Status
	}{
		{"quic-crypto-too-large", stuckIn("2.8.13", quicRx("ncb_blk_next", "ncb_blk_find", "ncb_add", "qc_handle_crypto_frm")), crash.Probable},
		{"quic-crypto-too-large", faultAt(farAway, "3.0.7", quicRx("__memmove_avx_unaligned_erms", "ncb_fill_gap_blk", "ncb_add", "qc_handle_crypto_frm")...), crash.Probable},
		{"quic-crypto-too-large", faultAt(farAway, "3.2-dev3", inTask("ncb_add", "qc_handle_crypto_frm.isra.0", "qc_treat_rx_pkts", "quic_conn_io_cb")...), crash.Probable},
		{"quic-stop-sending-null-sd", faultAt(nearNull, "3.0-dev10-367ce1e", inTask("qcc_recv_stop_sending", "qc_parse_pkt_frms", "qc_treat_rx_pkts", "quic_conn_app_io_cb")...), crash.Known},
		{"quic-0rtt-after-initial", faultAt(nearNull, "3.1-dev6", inTask("qc_enc_level_alloc", "ha_quic_set_encryption_secrets", "SSL_do_handshake", "qc_ssl_provide_all_quic_data", "quic_conn_io_cb")...), crash.Known},
		{"quic-0rtt-after-initial", faultAt(nearNull, "3.1-dev5", inTask("quic_conn_enc_level_init", "qc_enc_level_alloc", "qc_try_rm_hp", "qc_rx_pkt_handle", "quic_dgram_parse", "quic_lstnr_dghdlr")...), crash.Known},
		{"quic-pktns-discard", faultAt(farAway, "2.6.6", inTask("qc_requeue_nacked_pkt_tx_frms", "qc_prep_hdshk_fast_retrans", "qc_dgrams_retransmit", "quic_conn_io_cb")...), crash.Probable},
		{"quic-pktns-discard", faultAt(farAway, "2.7-dev9", inTask("qc_dgrams_retransmit", "quic_conn_io_cb")...), crash.Probable},
		{"quic-libressl-ccm", faultAt(nearNull, "2.8.9", inTask("quic_tls_key_update", "qc_ssl_provide_quic_data", "qc_ssl_provide_all_quic_data", "quic_conn_io_cb")...), crash.Known},
		{"quic-libressl-ccm", faultAt(nearNull, "2.6.17", inTask("quic_tls_key_update", "qc_provide_cdata", "qc_treat_rx_pkts", "quic_conn_io_cb")...), crash.Known},
		{"quic-frame-type-cut", stuckIn("3.2.11", inTask("qc_parse_frm", "qc_treat_rx_pkts", "quic_conn_app_io_cb")), crash.Probable},
		{"quic-frame-type-cut", stuckIn("3.2.0", quicRx("quic_parse_padding_frame", "qc_parse_frm")), crash.Probable},
		{"qpack-huffman-length", faultAt(farAway, "3.2.13", inTask("huff_dec", "qpack_decode_fs", "h3_headers_to_htx", "h3_rcv_buf", "qcc_decode_qcs", "qcc_recv", "qc_handle_strm_frm", "qc_treat_rx_pkts", "quic_conn_app_io_cb")...), crash.Probable},

		{"ocsp-update-tree", faultAt(farAway, "3.0.0", inTask("eb64_insert", "ssl_ocsp_update_insert", "ssl_ocsp_update_responses")...), crash.Probable},
		{"ocsp-update-tree", faultAt(nearNull, "3.2.4", inTask("ssl_ocsp_update_responses")...), crash.Probable},
		{"ckch-instance-dangling", faultAt(farAway, "3.2.7", inApplet("ckch_inst_new_load_store", "ckch_inst_rebuild", "cli_io_handler_commit_cafile_crlfile", "cli_io_handler")...), crash.Probable},
		{"ocsp-quic-null-conn", faultAt(nearNull, "3.2-dev2", inTask("ssl_sock_ocsp_stapling_cbk", "tls_handle_status_request", "SSL_do_handshake", "qc_ssl_provide_all_quic_data", "quic_conn_io_cb")...), crash.Known},

		{"h2-data-before-headers", h2(faultAt(nearNull, "2.2.19", response...)), crash.Probable},
		{"h2-data-before-headers", noStartLine("2.8.3", "H2"), crash.Probable},
		{"h2-data-before-headers", noStartLine("2.6.15", ""), crash.Probable},
		{"h2-interim-end-stream", h2(faultAt(nearNull, "2.2.19", response...)), crash.Probable},
		{"h2-window-update-dummy", faultAt(farAway, "3.1.0", inTask("h2c_send_strm_wu", "h2_process_demux", "h2_process", "h2_io_cb")...), crash.Known},
		{"h2-send-mfull", stuckIn("2.2.4", inTask("h2_send", "h2_process", "h2_io_cb")), crash.Known},
		{"h2-send-mfull", stuckIn("2.0.14", inTask("h2_send", "h2_wake", "conn_fd_handler", "fdlist_process_cached_events")), crash.Known},
		{"h2-mbuf-flags-goaway", stuckIn("3.0.3", inTask("h2_send", "h2_process", "h2_io_cb")), crash.Known},
		{"h2-mbuf-flags-goaway", stuckIn("2.9.9", inTask("h2_send", "h2_process", "h2_io_cb")), crash.Known},
		{"hpack-headroom", faultAt(farAway, "2.1.0", inTask("hpack_dht_insert", "hpack_decode_frame", "h2c_decode_headers", "h2_process_demux", "h2_io_cb")...), crash.Probable},

		{"l7-buffer-released", faultAt(nearNull, "3.0.6", inTask("assign_server", "assign_server_and_queue", "srv_redispatch_connect", "back_try_conn_req", "process_stream")...), crash.Probable},
		{"l7-buffer-released", faultAt(4, "2.8.12", inTask("htx_sl_p2", "htx_sl_req_uri", "assign_server", "assign_server_and_queue", "srv_redispatch_connect", "back_try_conn_req", "process_stream")...), crash.Probable},
		{"h1-drain-uaf", faultAt(farAway, "3.0.1", inTask("h1_refresh_timeout", "h1_process", "h1_io_cb")...), crash.Probable},
		{"sync-connect-no-mux", faultAt(nearNull, "2.2.1", inTask("si_cs_send", "stream_int_chk_snd_conn", "stream_int_notify", "si_cs_process", "h1_io_cb")...), crash.Probable},
		{"cookie-delimiter-loop", stuckIn("2.0.0", inTask("htx_manage_client_side_cookies", "htx_process_request", "process_stream")), crash.Known},
		{"cookie-delimiter-loop", stuckIn("2.1-dev1", inTask("http_manage_client_side_cookies", "http_process_request", "process_stream")), crash.Known},
		{"mjson-strtod", stuckIn("2.6.22", inTask("mystrtod", "mjson_get_number", "sample_conv_json_query", "sample_process", "process_stream")), crash.Known},
		{"mjson-strtod", stuckIn("3.2.5", inTask("mjson_get_number", "sample_conv_json_query", "sample_process", "process_stream")), crash.Known},
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

// What stands in the same functions and is another bug, or of a version that has
// the fix.
func TestOtherMuxCrashes(t *testing.T) {
	for _, c := range []struct {
		id    string
		crash *crash.Crash
	}{
		{"quic-crypto-too-large", faultAt(farAway, "2.8.13", quicRx("ncb_add", "qcc_recv", "qc_handle_strm_frm")...)},
		{"quic-crypto-too-large", stuckIn("2.8.14", quicRx("ncb_blk_find", "ncb_add", "qc_handle_crypto_frm"))},
		{"quic-stop-sending-null-sd", faultAt(nearNull, "3.0.0", quicRx("qcc_recv_stop_sending")...)},
		{"quic-0rtt-after-initial", faultAt(farAway, "3.1-dev6", inTask("qc_enc_level_alloc", "ha_quic_set_encryption_secrets")...)},
		{"quic-0rtt-after-initial", faultAt(nearNull, "3.0.3", inTask("qc_enc_level_alloc", "ha_quic_set_encryption_secrets")...)},
		{"quic-0rtt-after-initial", faultAt(nearNull, "3.1-dev4", inTask("qc_enc_level_alloc", "qc_try_rm_hp", "qc_rx_pkt_handle")...)},
		{"quic-pktns-discard", faultAt(farAway, "2.6.6", inTask("qc_requeue_nacked_pkt_tx_frms", "qc_release_lost_pkts", "qc_treat_rx_pkts")...)},
		{"quic-pktns-discard", faultAt(farAway, "2.6.7", inTask("qc_prep_hdshk_fast_retrans", "qc_dgrams_retransmit", "quic_conn_io_cb")...)},
		{"quic-libressl-ccm", faultAt(nearNull, "2.8.9", inTask("quic_tls_key_update", "qc_pkt_decrypt", "quic_conn_app_io_cb")...)},
		{"quic-libressl-ccm", faultAt(farAway, "2.8.9", inTask("quic_tls_key_update", "qc_ssl_provide_all_quic_data", "quic_conn_io_cb")...)},
		{"quic-frame-type-cut", stuckIn("3.2.11", quicRx("ncb_add", "qcc_recv", "qc_handle_strm_frm"))},
		{"quic-frame-type-cut", stuckIn("3.0.11", quicRx("quic_parse_padding_frame", "qc_parse_frm"))},
		{"qpack-huffman-length", faultAt(farAway, "3.2.13", inTask("huff_dec", "hpack_decode_frame", "h2c_dec_hdrs", "h2_io_cb")...)},
		{"ocsp-update-tree", faultAt(farAway, "3.0.11", inTask("__eb64_insert", "eb64_insert", "resolv_run_resolution")...)},
		{"ocsp-update-tree", faultAt(farAway, "3.2.4", inTask("__strlen_avx2", "httpclient_req_gen", "ssl_ocsp_update_responses")...)},
		{"ocsp-quic-null-conn", faultAt(farAway, "3.2-dev2", inTask("ssl_sock_ocsp_stapling_cbk", "SSL_do_handshake", "quic_conn_io_cb")...)},
		{"ckch-instance-dangling", faultAt(farAway, "3.2.7", inApplet("cli_io_handler_commit_cafile_crlfile", "cli_io_handler")...)},
		{"ckch-instance-dangling", faultAt(farAway, "3.2.7", inApplet("ckch_inst_rebuild", "cli_io_handler_commit_cert", "cli_io_handler")...)},
		{"h2-window-update-dummy", faultAt(farAway, "3.0.8", inTask("h2c_send_strm_wu", "h2_process", "h2_io_cb")...)},
		{"h2-window-update-dummy", faultAt(nearNull, "3.1.0", inTask("h2c_send_strm_wu", "h2_process", "h2_io_cb")...)},
		{"h2-send-mfull", stuckIn("2.2.4", inTask("h2s_frt_make_resp_headers", "h2_process_mux", "h2_send", "h2_io_cb"))},
		{"h2-send-mfull", stuckIn("3.0.3", inTask("h2_send", "h2_process", "h2_io_cb"))},
		{"h2-mbuf-flags-goaway", stuckIn("3.0.4", inTask("h2_send", "h2_process", "h2_io_cb"))},
		{"h2-mbuf-flags-goaway", stuckIn("3.0.3", inTask("ssl3_write_bytes", "SSL_write", "ssl_sock_from_buf", "h2_send", "h2_io_cb"))},
		{"h2-mbuf-flags-goaway", stuckIn("2.6.12", inTask("h2_send", "h2_process", "h2_io_cb"))},
		{"h2-data-before-headers", faultAt(nearNull, "2.2.19", inTask("smp_fetch_url", "sample_process", "http_wait_for_response")...)},
		{"h2-data-before-headers", noStartLine("2.8.3", "H1")},
		{"h2-interim-end-stream", noStartLine("2.6.8", "H2")},
		{"h2-interim-end-stream", faultAt(farAway, "2.2.19", inTask("http_wait_for_response", "process_stream")...)},
		{"hpack-headroom", faultAt(farAway, "2.2.0", inTask("hpack_dht_insert", "hpack_decode_frame", "h2_io_cb")...)},
		{"l7-buffer-released", faultAt(nearNull, "3.0.6", inTask("assign_server", "tcpcheck_main", "process_chk_conn")...)},
		{"l7-buffer-released", faultAt(farAway, "3.0.6", inTask("assign_server", "assign_server_and_queue", "back_try_conn_req")...)},
		{"h1-drain-uaf", faultAt(farAway, "3.0.2", inTask("h1_refresh_timeout", "h1_process", "h1_io_cb")...)},
		{"sync-connect-no-mux", faultAt(farAway, "2.2.1", inTask("si_cs_send", "si_sync_send", "process_stream")...)},
		{"cookie-delimiter-loop", stuckIn("2.2.0", inTask("http_manage_client_side_cookies", "http_process_request"))},
		{"mjson-strtod", stuckIn("3.2.6", inTask("mystrtod", "mjson_get_number", "sample_conv_json_query"))},
	} {
		v := load(t).Classify(c.crash)
		for _, m := range v.Matches {
			if m.ID == c.id && v.Status != crash.AlreadyFixed {
				t.Errorf("%s of %s is a match: %s, %v", c.id, c.crash.Process.Version, v.Status, m.Because)
			}
		}
	}
}
