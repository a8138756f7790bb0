package classify

import (
	"slices"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

func bugOn(version, condition, file string, functions ...string) *crash.Crash {
	c := &crash.Crash{Kind: crash.BugOn, Fatal: true, Process: &crash.Process{Version: version}}
	if condition != "" {
		c.Assertion = &crash.Assertion{Level: "FATAL", Macro: "bug", Condition: condition, File: file, Line: 1000}
	}
	if len(functions) > 0 {
		th := crash.Thread{Faulty: true}
		for _, fn := range functions {
			th.Frames = append(th.Frames, crash.Frame{Function: fn, Trust: crash.TrustPrinted})
		}
		c.Threads = []crash.Thread{th}
	}
	return c
}

// Assertions, with the condition as the log prints it, and pools.
func TestEveryAssertion(t *testing.T) {
	poolCrash := func(version, pool, caller string) *crash.Crash {
		return &crash.Crash{Kind: crash.PoolCorruption, Process: &crash.Process{Version: version},
			Pool: &crash.Pool{Error: "tag mismatch on free()", Thread: 1, CallerFunction: caller, Name: pool, Size: 200}}
	}
	for _, c := range []struct {
		id     string
		crash  *crash.Crash
		status crash.Status
	}{
		{"ocsp-refcount-instance", bugOn("2.8.6", "ocsp->refcount_instance > 0", "src/ssl_ocsp.c"), crash.Known},
		{"ocsp-refcount-instance", bugOn("3.0-dev4", "ocsp->refcount_instance > 0", "src/ssl_ocsp.c"), crash.Known},
		{"quic-elbuf-list", bugOn("3.2.4", "((&qcs->el_buf)->n != (&qcs->el_buf))", "src/mux_quic.c"), crash.Probable},
		{"quic-elbuf-list", bugOn("3.2.4", "((&qcs->el_buf)->n != (&qcs->el_buf))", "src/mux_quic.c", "qmux_strm_snd_buf", "sc_conn_send"), crash.Known},
		{"quic-elbuf-list", bugOn("3.2.4", "((&qcs->el_buf)->n != (&qcs->el_buf))", "src/mux_quic.c", "qcc_get_stream_txbuf", "h3_snd_buf"), crash.Probable},
		{"quic-initial-padding", bugOn("3.0.2", "first_pkt->type == QUIC_PACKET_TYPE_INITIAL && (first_pkt->flags & (1UL << 0)) && length < 1200", "/build/haproxy-3.0.2/src/quic_tx.c"), crash.Known},
		{"quic-ncbuf-after-reset", bugOn("2.8.3", "!ncb_data(&qcs->rx.ncbuf, 0)", "src/mux_quic.c"), crash.Known},
		{"quic-arngs-empty", bugOn("2.6.12", "eb_is_empty(&qel->pktns->rx.arngs.root)", "src/xprt_quic.c"), crash.Known},
		{"quic-arngs-empty", bugOn("2.8.15-a9aef56", "eb_is_empty(&qel->pktns->rx.arngs.root)", "src/quic_conn.c"), crash.AlreadyFixed},
		{"quic-probe-not-eliciting", bugOn("3.1-dev12", "qel->pktns->tx.pto_probe && !(pkt->flags & (1UL << 0))", "src/quic_tx.c"), crash.Known},
		{"quic-crypto-buf-alloc", bugOn("2.8.14", "b_is_null(&buf)", "src/quic_conn.c"), crash.Known},
		{"quic-cc-shared-state", bugOn("2.8-dev6", "!tick_isset(c->recovery_start_time)", "src/quic_cc_cubic.c"), crash.Known},
		{"task-expire-zero-listener", bugOn("2.6.6", "task->expire == 0", "src/task.c", "__task_queue", "listener_accept", "fd_update_events"), crash.Known},
		{"c-empty-h1-trailers", bugOn("2.6-dev5-d3b4cd1", "c_empty(ic)", "src/stream_interface.c"), crash.Probable},
		{"c-empty-h1-trailers", bugOn("2.6-dev5-d3b4cd1", "c_empty(ic)", "src/stream_interface.c", "si_cs_recv", "h1_wake_stream_for_recv"), crash.Known},
		{"c-empty-fcgi", bugOn("2.6.13", "c_empty(ic)", "src/stconn.c", "sc_conn_recv", "fcgi_rcv_buf"), crash.Known},
		{"sc-conn-recv-need-room", bugOn("2.8-dev7", "sc_waiting_room(sc)", "src/stconn.c"), crash.Known},
		{"ring-write-negative-room", bugOn("3.2.4", "ofs >= v1->len + v2->len", "include/haproxy/vecpair.h", "ring_write"), crash.Probable},
		{"mworker-maxsock", func() *crash.Crash {
			c := bugOn("2.6.14", "fd < 0 || fd >= global.maxsock", "include/haproxy/fd.h")
			c.Process.Role = "master"
			return c
		}(), crash.Probable},
		{"spoe-context-buffer", bugOn("3.4-dev5", "b_data(&spoe_ctx->buffer)", "src/flt_spoe.c", "spoe_handle_appctx", "task_process_applet"), crash.Probable},
		{"h2-idle-ping-abort", bugOn("3.2.3-1844da7", "", "", "h2_io_cb", "run_tasks_from_lists"), crash.Probable},
		{"stktable-kill-race", poolCrash("3.0.2", "sticktables", "__stksess_kill"), crash.Known},
		{"stktable-kill-race", poolCrash("3.0.2", "h2s", "__stksess_kill"), crash.Probable},
		{"stktable-kill-race", poolCrash("3.0.2", "sticktables", "__stksess_free"), crash.Probable},
		{"stktable-kill-race", poolCrash("2.9.8-a140abd", "sticktables", "stksess_kill_if_expired"), crash.Known},
		{"stktable-kill-race", poolCrash("2.9.7", "sticktables", "__stksess_kill"), crash.Probable},
		{"h1s-destroyed-while-attached", bugOn("2.7.0-437fd28", "h1s->sd && !se_fl_test(h1s->sd, SE_FL_ORPHAN)", "src/mux_h1.c"), crash.Probable},
		{"h2-goaway-idle-reuse", bugOn("3.3.0-7832fb2", "!(conn->flags & CO_FL_SESS_IDLE)", ""), crash.Probable},
		{"stats-si-rx-blocked", stream("2.0.23", "src=192.0.2.5", "dst=<STATS>", "rqa=8000", "cof.mux=PASS", "sib=EST,40118", "filters={}"), crash.Known},
	} {
		v := load(t).Classify(c.crash)
		if v.Status != c.status || !slices.ContainsFunc(v.Matches, func(m crash.Match) bool { return m.ID == c.id }) {
			t.Errorf("%s: %s, want %s: %s: %+v", c.id, v.Status, c.status, v.Why, v.Matches)
		}
		if v.Status == crash.Known && (len(v.Matches) != 1 || v.Matches[0].Confidence != crash.ConfidenceExact) {
			t.Errorf("%s: known among others: %+v", c.id, v.Matches)
		}
	}
}

// A signature is unique in versions that have the fixes of the bugs that look the same.
func TestLookalikes(t *testing.T) {
	inCache := inTask("__eb_delete", "delete_entry", "release_entry", "http_action_store_cache", "process_stream")
	for version, want := range map[string]crash.Status{
		"3.0-dev1": crash.Probable, // lacks 6b69512332 too
		"2.9.3":    crash.Probable,
		"2.9.4":    crash.Known,
		"3.0.10":   crash.Known,
		"3.0.11":   crash.AlreadyFixed,
	} {
		if v := load(t).Classify(faultAt(farAway, version, inCache...)); v.Status != want {
			t.Errorf("%s: %s, want %s: %s", version, v.Status, want, v.Why)
		}
	}
}

// What looks like a known bug and is not.
func TestNotKnown(t *testing.T) {
	for name, c := range map[string]struct {
		crash  *crash.Crash
		status crash.Status
	}{
		"same assertion, other mux unknown, other version": {bugOn("2.6.13", "c_empty(ic)", "src/stconn.c"), crash.AlreadyFixed},
		"same assertion in a worker":                       {bugOn("2.6.14", "fd >= global.maxsock", "include/haproxy/fd.h", "connect_server"), crash.UnknownBug},
		"same assertion, other file":                       {bugOn("2.8.3", "b_is_null(&buf)", "src/mux_quic.c", "qcc_send_frames"), crash.UnknownBug},
		"task without the listener":                        {bugOn("2.6.6", "task->expire == 0", "src/task.c", "__task_queue", "stktable_requeue_exp"), crash.UnknownBug},
		"no signature":                                     {bugOn("2.6.6", "h1s->subs && h1s->subs != es", "src/mux_h1.c"), crash.UnknownBug},
		"nothing told":                                     {bugOn("2.6.6", "", ""), crash.CannotTell},
		"a mux is no likeness":                             {stream("3.2.26", "co0.mux=PASS", "co1.mux=H1"), crash.UnknownBug},
		"states of a fixed bug":                            {stream("3.2.26", "co0.mux=H1", "co1.mux=H1", "txn.rsp.st=MSG_DONE"), crash.UnknownBug},
		"stream without a dump":                            {stream("2.6.6"), crash.CannotTell},
		"applet not named":                                 {spin("APPCTX", "", "2.6.6"), crash.CannotTell},
		"server named like an applet":                      {stream("2.0.23", "src=192.0.2.5", "dst=STATS", "cof.mux=H1", "cob.mux=H1", "txn.rsp=MSG_DATA,c"), crash.UnknownBug},
		"segfault in a stripped binary":                    {&crash.Crash{Kind: crash.Segfault}, crash.CannotTell},
		"segfault with a function":                         {&crash.Crash{Kind: crash.Segfault, Threads: []crash.Thread{{Frames: []crash.Frame{{Function: "h2_frt_transfer_data"}}}}}, crash.UnknownBug},
		"killed from outside":                              {&crash.Crash{Kind: crash.Killed}, crash.UnknownBug},
		"which thread is not known": {&crash.Crash{Kind: crash.Segfault, Threads: []crash.Thread{
			{Frames: []crash.Frame{{Function: "h2_io_cb"}}}, {Frames: []crash.Frame{{Function: "h1_io_cb"}}}}}, crash.CannotTell},
	} {
		v := load(t).Classify(c.crash)
		if v.Status != c.status || v.Why == "" {
			t.Errorf("%s: %s, want %s: %s: %+v", name, v.Status, c.status, v.Why, v.Matches)
		}
	}
}

func TestProvoked(t *testing.T) {
	c := applet("CLI", "3.2-dev5")
	c.Provoked = "debug dev panic typed on the CLI"
	v := load(t).Classify(c)
	if v.Status != crash.UnknownBug || len(v.Matches) != 0 || v.Why != "crashed on purpose by debug dev panic typed on the CLI, so there is no bug to look for" {
		t.Errorf("%+v", v)
	}
}

// A neighbour printed as a symbol is no function.
func TestDistrustedSymbols(t *testing.T) {
	c := bugOn("3.2.3", "", "")
	c.Threads = []crash.Thread{{Faulty: true, Frames: []crash.Frame{{Symbol: "h2_io_cb+0x19fa9"}, {Function: "main+0x127b5e"}}}}
	if v := load(t).Classify(c); v.Status != crash.CannotTell {
		t.Errorf("%s: %+v", v.Status, v.Matches)
	}
}

// Inside of a signal frame is the handler.
func TestSignalFrame(t *testing.T) {
	f := factsOf(&crash.Crash{Kind: crash.Watchdog, Threads: []crash.Thread{{Faulty: true, Frames: []crash.Frame{
		{Function: "raise"}, {Function: "ha_panic"}, {Function: "wdt_handler"}, {Function: "<signal handler called>", Signal: true},
		{Function: "shctx_row_reserve_hot"}, {Function: "shctx_row_reserve_hot"}, {Function: "process_stream"}}}}})
	if !slices.Equal(f.useful, []string{"shctx_row_reserve_hot"}) {
		t.Errorf("%q", f.useful)
	}
}
