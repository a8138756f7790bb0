package classify

import (
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// fields builds a dump from "name=value" words, in the order of a real one.
func fields(words ...string) *crash.Stream {
	s := &crash.Stream{Address: 0x55aa00}
	for _, w := range words {
		name, value, _ := strings.Cut(w, "=")
		s.Fields = append(s.Fields, crash.Field{Name: name, Value: value})
	}
	return s
}

func spin(object, applet, version string, dump ...string) *crash.Crash {
	c := &crash.Crash{
		Kind: crash.Spinning, Fatal: true,
		Spin:    &crash.Spin{Object: object, Address: 0x7f53dc05c5b0, Rate: 3620630, Applet: applet},
		Process: &crash.Process{Version: version},
	}
	if len(dump) > 0 {
		c.Stream = fields(dump...)
	}
	return c
}

// applet is a spin of an applet on the back side; the dump has the fields of the
// generation that the version printed.
func applet(name, version string, dump ...string) *crash.Crash {
	return spin("APPCTX", name, version, append([]string{"src=192.0.2.9", "fe=f", "be=b", "dst=<" + name + ">"}, dump...)...)
}

func stream(version string, dump ...string) *crash.Crash {
	return spin("STREAM", "", version, dump...)
}

// The 41 spins, each with a dump of its own. alone says that the verdict is
// known, by this signature; else it is probable and the signature among the
// matches; an unmatched one never counts as a match of its own.
func TestEverySpin(t *testing.T) {
	const (
		alone     = "known"
		among     = "probable"
		unmatched = ""
	)
	rows := map[string]bool{}
	for _, c := range []struct {
		id    string
		crash *crash.Crash
		want  string
	}{
		{"cli-end-state-unread-input", applet("CLI", "3.2-dev5-37e84676c", "proto=sockpair", "app1.st0=1", "res.o=0"), alone},
		{"cli-inbuf-full-flag", applet("CLI", "3.2.3", "proto=unix_stream", "co0.ctrl=unix_stream"), alone},
		{"cli-shut-pending-output", applet("CLI", "2.8-dev7", "sab=0x55b100", "sab.st0=1"), alone},
		{"cli-consume-while-outbuf-full", applet("CLI", "3.2-dev5", "app1.st0=2", "res.o=16384"), among},
		{"cli-pipelined-wont-consume", applet("CLI", "2.6.0", "sab=0x55b100", "sab.st0=9"), among},
		{"peers-partial-message-28", applet("PEER", "2.8.4", "scf.state=CLO", "scb.state=EST", "af=(nil)", "af.st0=0", "sab=0x7f53dc05c5b0", "sab.st0=7"), among},
		{"peers-wait-sync", applet("PEER", "3.0.2", "scf.state=EST", "app1.st0=7"), alone},
		{"peers-false-positive-20", applet("PEER", "2.0.3", "sif=EST,204048", "sib=EST,2000d8"), among},
		{"peers-partial-message-24", applet("PEER", "2.4-dev1", "ab=0x55b100", "ab.st0=7", "sif=CLO,204048"), among},
		{"peers-reconnect-timer-storm", applet("PEER", "2.6.12", "scf.state=EST", "sab=0x55b100", "sab.st0=7"), among},
		{"httpclient-lua-second-post", applet("HTTPCLIENT", "2.6-dev2", "ab=0x55b100", "ab.st0=2"), among},
		{"httpclient-shut-pending-output", applet("HTTPCLIENT", "2.8-dev7", "sab=0x55b100", "sab.st0=2"), among},
		{"httpclient-no-room", applet("HTTPCLIENT", "3.2.1", "app1.st0=3"), among},
		{"httpclient-add-input-size", applet("HTTPCLIENT", "2.5-dev10", "ab=0x55b100", "ab.st0=2"), among},
		{"spoe-zero-size-frame", applet("SPOE", "2.6.12", "src=<SPOE>"), among},
		{"spoe-default-target", spin("APPCTX", "", "2.8-dev3-e74d77b", "src=<SPOE>", "fe=coraza", "be=agents"), among},
		{"lua-cosocket-unfinished-line", applet("LUA_TCP", "2.2.0", "src=<LUA_TCP>"), among},
		{"hlua-socket-unread", applet("LUA_TCP", "2.8.4", "src=<LUA_TCP>"), among},
		{"hlua-socket-die-unconsumed", applet("LUA_TCP", "2.8-dev8", "src=<LUA_TCP>"), among},
		{"stats-shut-pending-output", applet("STATS", "2.8-dev7", "sab=0x55b100", "sab.st0=2"), alone},
		{"stats-request-not-consumed", applet("STATS", "2.6.10", "sab=0x55b100", "sab.st0=2"), among},
		{"applet-zero-copy-flag", applet("CACHE", "3.0-dev3", `filters={0x55ae00="compression filter" [1]}`), among},
		{"log-shut-pending-output", applet("SYSLOG", "2.8-dev7", "sab=0x55b100", "sab.st0=1"), alone},
		{"dns-reconnect-tempo", applet("STRMDNS", "3.2.2", "app0.st0=0"), alone},
		{"h1-shutw-not-subscribed", stream("2.7.5", "src=192.0.2.7", "dst=s1", "cof=0x7f29c01e3020,80000300", "cof.mux=H1", "cob.mux=H1",
			"scf.state=EST", "scb.state=EST", "txn.req=MSG_ERROR,d", "txn.rsp=MSG_DONE,d", "filters={}"), among},
		{"lua-action-expired-timer", stream("2.1.4", "cof.mux=H1", "cob.mux=H1", "current_rule=lua.wait"), among},
		{"bwlim-stale-analyse-exp", stream("2.8.1", "cof.mux=H2", `filters={0x55ae00="bandwidth limitation filter"}`), among},
		{"bwlim-date-in-past", stream("2.8.5", "cof.mux=H2", `filters={0x55ae00="bandwidth limitation filter"}`), among},
		{"h2-preface-error", stream("3.2.1", "co0.mux=H2", "co1.mux=H2", "co1.ctrl=tcpv4"), among},
		{"http-ana-opposite-closed", stream("2.8-dev4", "rqa=8000", "rpa=4000000", "scf.state=EST", "scb.state=CLO"), among},
		{"do-resolve-final-yield", stream("2.2.1", "rqf=848202", "rqa=2", "rpa=0", "sif=EST,204048", "sib=INI,2000d8"), among},
		{"fd-ready-events-kept", stream("2.2-dev9", "sif=EST,204048", "sib=EST,2000d8"), unmatched},
		{"fcgi-snd-not-drained", stream("3.2.19", "co0.mux=H1", "co1.mux=FCGI"), among},
		{"mux-pt-error-not-reported", stream("2.6-dev4", "cof.mux=PASS", "cof.ctrl=unix_stream"), among},
		{"endpoint-kept-on-retry", stream("2.2.9", "sif=EST,204048", "sib=TAR,2000d8", "cob=0x55aa40,203300", "cob.mux=H1"), among},
		{"rx-before-established", stream("2.1-dev3", "sif=EST,204048", "sib=RDY,2000d8", "cob.mux=H2"), among},
		{"l7-retry-filter-end", stream("2.2.3", "rqa=40000", "rpa=0", `filters={0x55ae00="compression filter"}`), among},
		{"response-buffer-alloc", stream("2.4.2", "sif=EST,204048", "sib=EST,2000d8"), unmatched},
		{"tarpit-not-drained", stream("2.2.9", "rqa=200", "rpa=0", "cof.mux=H2"), among},
		{"spin-guard-new-api", applet("PROMEX", "3.2.6", "app1.st0=2"), among},
		{"spin-guard-counts-all-calls", applet("CACHE", "2.4.2", "ab=0x55b100", "ab.st0=2"), among},
	} {
		rows[c.id] = true
		t.Run(c.id, func(t *testing.T) {
			v := load(t).Classify(c.crash)
			got := slices.IndexFunc(v.Matches, func(m crash.Match) bool { return m.ID == c.id })
			if c.want == unmatched {
				if got >= 0 || v.Status == crash.Known {
					t.Fatalf("%s: %+v", v.Status, v.Matches)
				}
				return
			}
			if got < 0 {
				t.Fatalf("not among the matches: %s, %s: %+v", v.Status, v.Why, v.Matches)
			}
			if string(v.Status) != c.want || v.Status == crash.Known && got != 0 {
				t.Errorf("%s, want %s: %s", v.Status, c.want, v.Why)
			}
			if m := v.Matches[got]; len(m.FixedIn) == 0 || m.Advice == "" || m.Basis == "" || m.Facts == "" || len(m.Because) < 3 {
				t.Errorf("poor match: %+v", m)
			}
		})
	}
	for _, id := range spinIDs(t) {
		if !rows[id] && id != "stats-si-rx-blocked" { // has its test with the assertions
			t.Errorf("%s has no row", id)
		}
	}
}

func spinIDs(t *testing.T) []string {
	var ids []string
	for _, s := range load(t).Signatures() {
		for _, r := range s.Require {
			if r.Key == "kind" && r.Values[0] == "spinning" {
				ids = append(ids, s.ID)
			}
		}
	}
	return ids
}

// The first case, from the log alone.
func TestFirstCase(t *testing.T) {
	db := load(t)
	t.Run("affected", func(t *testing.T) {
		v := db.Classify(spin("APPCTX", "CLI", "3.2-dev5"))
		if v.Status != crash.Known || len(v.Matches) != 1 {
			t.Fatalf("%s: %s %+v", v.Status, v.Why, v.Matches)
		}
		m := v.Matches[0]
		if m.ID != "cli-end-state-unread-input" || m.Confidence != crash.ConfidenceExact || m.VersionStatus != crash.Affected {
			t.Errorf("%+v", m)
		}
		if !slices.Contains(m.FixedIn, "3.2-dev6") || !strings.HasPrefix(m.Fixes[0], "972ce87676") || !slices.Contains(m.Issues, 2862) {
			t.Errorf("%v %v %v", m.FixedIn, m.Fixes, m.Issues)
		}
		if !strings.HasPrefix(m.ExposedBy[0], "7214dcd52d") || !strings.HasPrefix(m.Fixes[1], "49b7bcf583") {
			t.Errorf("%v %v", m.ExposedBy, m.Fixes)
		}
		if !strings.HasPrefix(m.Advice, "Upgrade to 3.2-dev6 or later.") {
			t.Errorf("%s", m.Advice)
		}
		if !slices.Contains(m.Because, "+25 applet CLI") || !slices.Contains(m.Because, "+20 version 3.2-dev5 lacks the fix (first in 3.2-dev6)") {
			t.Errorf("%q", m.Because)
		}
	})
	t.Run("fixed", func(t *testing.T) {
		v := db.Classify(spin("APPCTX", "CLI", "3.2.0"))
		if v.Status != crash.AlreadyFixed || v.Matches[0].VersionStatus != crash.Fixed || v.Advice == "" {
			t.Fatalf("%s: %s %+v", v.Status, v.Why, v.Matches)
		}
	})
	// The dump of a real one, as a later version would print it.
	t.Run("fixed, whole dump", func(t *testing.T) {
		v := db.Classify(applet("CLI", "3.2.0", "proto=sockpair", "frontend=GLOBAL", "scf.state=CLO", "co0.ctrl=sockpair", "co0.mux=PASS",
			"scb.state=EST", "app1=0x5601c66b4d00", "app1.st0=1", "app1.st1=16", "res.o=0"))
		if v.Status != crash.AlreadyFixed || v.Matches[0].ID != "cli-end-state-unread-input" {
			t.Fatalf("%s: %s %+v", v.Status, v.Why, v.Matches)
		}
	})
	t.Run("no version", func(t *testing.T) {
		v := db.Classify(spin("APPCTX", "CLI", ""))
		if v.Status != crash.Probable || v.Why == "" || !strings.Contains(v.Why, "version") {
			t.Fatalf("%s: %s", v.Status, v.Why)
		}
		if !slices.ContainsFunc(v.Matches, func(m crash.Match) bool { return m.ID == "cli-end-state-unread-input" }) {
			t.Errorf("%+v", v.Matches)
		}
	})
	// A core tells the handler and no applet name; an unstripped log both.
	t.Run("handler", func(t *testing.T) {
		c := spin("APPCTX", "", "3.2-dev5")
		c.Spin.Handler = "cli_io_handler"
		if v := db.Classify(c); v.Status != crash.Known || v.Matches[0].ID != "cli-end-state-unread-input" {
			t.Fatalf("%s: %s %+v", v.Status, v.Why, v.Matches)
		}
	})
	// A dump cut before the applet names the frontend of the stats socket.
	t.Run("cut dump", func(t *testing.T) {
		c := spin("APPCTX", "", "3.2.3", "proto=unix_stream", "frontend=GLOBAL", "scf.state=EST", "co0.mux=PASS")
		if v := db.Classify(c); v.Status != crash.Known || v.Matches[0].ID != "cli-inbuf-full-flag" {
			t.Fatalf("%s: %s %+v", v.Status, v.Why, v.Matches)
		}
	})
	// st0=1 is END. Any other state is another bug.
	t.Run("other state", func(t *testing.T) {
		c := applet("CLI", "3.2-dev5", "app1.st0=12")
		if v := db.Classify(c); v.Status == crash.Known {
			t.Fatalf("%s: %+v", v.Why, v.Matches)
		}
	})
}

func load(t testing.TB) *DB {
	t.Helper()
	return Load()
}
