package classify

import (
	"slices"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Crashes of QUIC, TLS, HTTP/2 and HTTP, each shaped like one of a version that has
// the bug.
func TestEveryMuxCrash(t *testing.T) {
	quicRx := func(top ...string) []string {
		return inTask(append(top, "qc_parse_pkt_frms", "qc_treat_rx_pkts", "quic_conn_io_cb")...)
	}
	response := func(top ...string) []string {
		return inTask(append(top, "http_wait_for_response", "process_stream")...)
	}
	h2 := func(c *crash.Crash) *crash.Crash {
		c.Stream = fields("cob.mux=H2")
		return c
	}
	for _, c := range []struct {
		id     string
		crash  *crash.Crash
		status crash.Status
	}{
		{"quic-crypto-too-large", faultAt(farAway, "2.8.13", quicRx("__memmove_avx_unaligned_erms", "ncb_add", "qc_handle_crypto_frm")...), crash.Probable},
		{"quic-crypto-too-large", faultAt(farAway, "3.0.7", quicRx("ncb_write_off", "ncb_add")...), crash.Probable},
		{"quic-stop-sending-null-sd", faultAt(nearNull, "3.0-dev10-367ce1e", inTask("qcc_recv_stop_sending", "qc_parse_pkt_frms", "qc_treat_rx_pkts", "quic_conn_app_io_cb")...), crash.Known},
		{"quic-0rtt-after-initial", faultAt(nearNull, "3.0.3", inTask("quic_conn_enc_level_init", "ha_quic_set_encryption_secrets", "SSL_do_handshake", "qc_ssl_provide_quic_data")...), crash.Probable},
		{"quic-0rtt-after-initial", faultAt(nearNull, "3.0.0", inTask("ha_quic_set_encryption_secrets", "SSL_do_handshake", "qc_ssl_provide_quic_data")...), crash.Probable},
		{"quic-pktns-discard", faultAt(farAway, "2.6.6", inTask("quic_tx_packet_refdec", "qc_prep_hdshk_fast_retrans", "qc_dgrams_retransmit", "quic_conn_io_cb")...), crash.Probable},
		{"quic-pktns-discard", faultAt(nearNull, "2.7-dev9", inTask("qc_prep_hdshk_fast_retrans", "qc_dgrams_retransmit", "quic_conn_io_cb")...), crash.Probable},

		{"ocsp-update-tree", faultAt(farAway, "3.0.11", inTask("__eb64_insert", "eb64_insert", "ssl_ocsp_update_insert", "ssl_ocsp_update_responses")...), crash.Probable},
		{"ocsp-update-tree", faultAt(nearNull, "3.2.4", inTask("eb64_first", "ssl_ocsp_update_responses")...), crash.Probable},
		{"ckch-instance-dangling", faultAt(farAway, "3.2.7", inTask("ckch_inst_new_load_store", "ckch_inst_rebuild", "cli_io_handler_commit_cafile_crlfile", "cli_io_handler", "task_run_applet")...), crash.Probable},
		{"ocsp-quic-null-conn", faultAt(nearNull, "3.2-dev2", inTask("ssl_sock_ocsp_stapling_cbk", "tls_handle_status_request", "SSL_do_handshake", "qc_ssl_do_hanshake")...), crash.Probable},

		{"h2-data-before-headers", h2(faultAt(nearNull, "2.8.3", response()...)), crash.Probable},
		{"h2-data-before-headers", faultAt(nearNull, "2.6.15", response("htx_sl_p2")...), crash.Probable},
		{"h2-interim-end-stream", h2(faultAt(nearNull, "2.2.19", response("http_get_stline")...)), crash.Probable},
		{"h2-window-update-dummy", faultAt(farAway, "3.1.0", inTask("h2c_send_strm_wu", "h2_process_demux", "h2_process", "h2_io_cb")...), crash.Known},
		{"h2-send-mfull", stuckIn("2.2.4", inTask("h2_send", "h2_process", "h2_io_cb")), crash.Probable},
		{"h2-send-mfull", stuckIn("2.0.14", inTask("h2_process_mux", "h2_send", "h2_io_cb")), crash.Probable},
		{"h2-mbuf-flags-goaway", stuckIn("3.0.3", inTask("h2_send", "h2_io_cb")), crash.Probable},
		{"hpack-headroom", faultAt(farAway, "2.1.3", inTask("hpack_dht_insert", "hpack_decode_frame", "h2c_decode_headers", "h2_process_demux", "h2_io_cb")...), crash.Probable},

		{"l7-buffer-released", faultAt(nearNull, "3.0.6", response("htx_sl_p2")...), crash.Probable},
		{"l7-buffer-released", faultAt(nearNull, "2.8.12", response("do_l7_retry")...), crash.Probable},
		{"h1-drain-uaf", faultAt(farAway, "3.0.1", inTask("h1_refresh_timeout", "h1_process", "h1_io_cb")...), crash.Probable},
		{"sync-connect-no-mux", faultAt(nearNull, "2.2.1", inTask("si_cs_send", "si_sync_send", "process_stream")...), crash.Probable},
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
		{"quic-crypto-too-large", faultAt(farAway, "2.8.13", inTask("ncb_add", "qcc_recv", "qc_handle_strm_frm", "quic_conn_app_io_cb")...)},
		{"quic-crypto-too-large", faultAt(farAway, "2.8.14", inTask("ncb_add", "qc_handle_crypto_frm", "qc_parse_pkt_frms")...)},
		{"quic-stop-sending-null-sd", faultAt(nearNull, "3.0.0", inTask("qcc_recv_stop_sending", "qc_parse_pkt_frms")...)},
		{"quic-0rtt-after-initial", faultAt(farAway, "3.0.3", inTask("quic_conn_enc_level_init", "ha_quic_set_encryption_secrets")...)},
		{"ocsp-update-tree", faultAt(farAway, "3.0.11", inTask("__eb64_insert", "eb64_insert", "resolv_run_resolution")...)},
		{"ocsp-quic-null-conn", faultAt(farAway, "3.2-dev2", inTask("ssl_sock_ocsp_stapling_cbk", "SSL_do_handshake")...)},
		{"ckch-instance-dangling", faultAt(farAway, "3.2.7", inTask("cli_io_handler_commit_cafile_crlfile", "cli_io_handler")...)},
		{"h2-window-update-dummy", faultAt(farAway, "3.0.8", inTask("h2c_send_strm_wu", "h2_process_demux", "h2_io_cb")...)},
		{"h2-mbuf-flags-goaway", stuckIn("3.0.4", inTask("h2_send", "h2_io_cb"))},
		{"h2-data-before-headers", faultAt(nearNull, "2.8.3", inTask("smp_fetch_url", "sample_process", "http_wait_for_response")...)},
		{"hpack-headroom", faultAt(farAway, "2.2.0", inTask("hpack_dht_insert", "hpack_decode_frame", "h2_io_cb")...)},
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
