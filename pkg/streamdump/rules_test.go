package streamdump_test

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/streamdump"
)

// Dumps of each generation as HAProxy prints them, in which nothing stands out.
const (
	head = "[ALERT]    (4242) : A bogus APPCTX [0x55c800] is spinning at 5645323 calls per second and refuses to die, aborting now! Please report this error to developers"
	// Up to 2.5: stream interfaces and conn-streams.
	interfaces = head + ` [strm=0x55aa00 src=192.0.2.9 fe=fe1 be=be1 dst=<CLI> rqf=808000 rqa=0 rpf=80008000 rpa=0 sif=EST,8 sib=EST,10 af=(nil),0 csf=0x55b200,200 ab=0x55c800,2 csb=(nil),0 cof=0x55b300,300:H1(0x55b310)/SSL(0x55b320)/tcpv4(12) cob=(nil),0:NONE((nil))/NONE((nil))/NONE(0) filters={}]`
	// 2.6 to 2.8: connectors.
	connectors = head + ` [strm=0x55aa00,c4a src=192.0.2.9 fe=fe1 be=be1 dst=<CLI> txn=(nil),0 txn.req=-,0 txn.rsp=-,0 rqf=808000 rqa=0 rpf=80008000 rpa=0 scf=0x55b010,EST,400 scb=0x55b090,EST,1 af=(nil),0 sab=0x55c800,2 cof=0x55b200,300:PASS(0x55b210)/RAW((nil))/unix_stream(12) cob=(nil),0:NONE((nil))/NONE((nil))/NONE(-1) filters={}]`
	// Since 2.9.
	lines = head + `:
  0x55aa00: [22/Nov/2026:19:06:36.000979] id=7 proto=tcpv4 source=192.0.2.9:48758
   flags=0xc4a, conn_retries=0, conn_exp=<NEVER> conn_et=0x000 srv_conn=(nil), pend_pos=(nil) waiting=0 epoch=0
   p_stc=4 p_req=7 p_res=8 p_prp=8
   frontend=fe1 (id=2 mode=http), listener=? (id=1) addr=192.0.2.1:443
   backend=be1 (id=3 mode=http) addr=192.0.2.1:55548
   server=<none> (id=0)
   task=0x55c100 (state=0x00 nice=0 calls=2 rate=0 exp=4s tid=0(1/0) age=3s)
   txn=0x55c200 flags=0x3000 meth=1 status=-1 req.st=MSG_DONE rsp.st=MSG_RPBEFORE req.f=0x4c rsp.f=0x00
   scf=0x55c300 flags=0x00000400 ioto=30s state=EST endp=CONN,0x55c400,0x00400001 sub=1 rex=<NEVER> wex=29s rto=26s wto=<NEVER>
     iobuf.flags=0x00000000 .pipe=0 .buf=0@(nil)+0/0
       co0=0x55c500 ctrl=tcpv4 xprt=SSL mux=H1 data=STRM target=LISTENER:0x55c600
       flags=0x00000300 fd=18 fd.state=20 updt=0 fd.tmask=0x1
   scb=0x55c700 flags=0x00000001 ioto=0s state=EST endp=APPCTX,0x55c800,0x40000002 sub=0 rex=<NEVER> wex=<NEVER> rto=<NEVER> wto=<NEVER>
     iobuf.flags=0x00000000 .pipe=0 .buf=0@(nil)+0/0
       app1=0x55c800 st0=2 st1=0 applet=<CLI> tid=0 nice=0 calls=1 rate=5645323
   filters={0x55ae00="trace filter" [1]}
   req=0x55aa28 (f=0x840000 an=0x0 tofwd=-1 total=43)
       an_exp=<NEVER> buf=0x55aa30 data=(nil) o=0 p=0 i=0 size=0
   res=0x55aa70 (f=0x80000000 an=0x0 tofwd=-1 total=0)
       an_exp=<NEVER> buf=0x55aa78 data=(nil) o=0 p=0 i=0 size=0
`
)

// observe reads a dump of a version after some words of it were replaced.
func observe(t *testing.T, version, dump string, replace ...string) []crash.Observation {
	t.Helper()
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(dump, replace[i]) {
			t.Fatalf("the dump has no %q", replace[i])
		}
		dump = strings.Replace(dump, replace[i], replace[i+1], 1)
	}
	var got *crash.Crash
	_, err := analyze.Run(context.Background(), analyze.Options{Names: []string{"-"}, Stdin: strings.NewReader(dump), Version: version}, func(c *crash.Crash) error {
		got = c
		return nil
	})
	if err != nil || got == nil || got.Stream == nil {
		t.Fatalf("no stream in the dump: %v", err)
	}
	return got.Observations
}

func text(list []crash.Observation, id string) string {
	var all []string
	for _, o := range list {
		if o.ID == id {
			all = append(all, o.Text)
		}
	}
	return strings.Join(all, "\n")
}

type words []string

// TestRules has for every rule dumps in which it sees something, of each generation
// that has the flags, and some that look alike and hold less.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		id, version, dump string
		replace           words
		want              string // "" for nothing
	}{
		{"applet-ended-unread", "3.2.0", lines, words{"st0=2", "st0=1", "o=0 p=0 i=0 size=0", "o=4 p=4 i=0 size=16384"},
			"the request channel still holds 4 bytes for the applet CLI on the back side (EST), which is in its end state (st0=1, CLI_ST_END) and has not read them: " +
				"data that stay there are a reason to wake it again; it was called 5,645,323 times per second"},
		{"applet-ended-unread", "3.2.0", lines, words{"0x40000002", "0x40008002", "o=0 p=0 i=0 size=0", "o=1 p=1 i=0 size=16384"},
			"the request channel still holds 1 byte for the applet CLI on the back side (EST), which has come to its end (SE_FL_EOS) and has not read them: " +
				"data that stay there are a reason to wake it again; it was called 5,645,323 times per second"},
		{"applet-ended-unread", "3.2.0", lines, words{"st0=2", "st0=1"}, ""},
		{"applet-ended-unread", "3.2.0", lines, words{"o=0 p=0 i=0 size=0", "o=4 p=4 i=0 size=16384"}, ""},
		{"applet-ended-unread", "2.8.0", connectors, words{"sab=0x55c800,2", "sab=0x55c800,1"}, ""}, // no sizes

		{"applet-ended-open", "3.2.0", lines, words{"st0=2", "st0=1"},
			"the applet CLI on the back side is in its end state (st0=1, CLI_ST_END), but the side is still established (EST); it was called 5,645,323 times per second"},
		{"applet-ended-open", "2.8.0", connectors, words{"sab=0x55c800,2", "sab=0x55c800,1"},
			"the applet CLI on the back side is in its end state (st0=1, CLI_ST_END), but the side is still established (EST); it was called 5,645,323 times per second"},
		{"applet-ended-open", "2.4.0", interfaces, words{"ab=0x55c800,2", "ab=0x55c800,1"},
			"the applet CLI on the back side is in its end state (st0=1, CLI_ST_END), but the side is still established (EST); it was called 5,645,323 times per second"},
		{"applet-ended-open", "2.4.0", interfaces, words{"ab=0x55c800,2", "ab=0x55c800,1", "sib=EST", "sib=CLO"}, ""},
		{"applet-ended-open", "2.4.0", interfaces, words{"ab=0x55c800,2", "ab=0x55c800,1", "dst=<CLI>", "dst=<LUA_TCP>"}, ""}, // its states are not known

		{"applet-unread", "3.2.0", lines, words{"o=0 p=0 i=0 size=0", "o=4 p=4 i=0 size=16384"},
			"the request channel holds 4 bytes for the applet CLI on the back side (st0=2, CLI_ST_PARSE_CMDLINE) that it has not read; it was called 5,645,323 times per second"},
		{"applet-unread", "", lines, words{"st0=2", "st0=6", "o=0 p=0 i=0 size=0", "o=4 p=4 i=0 size=16384"},
			"the request channel holds 4 bytes for the applet CLI on the back side (st0=6) that it has not read; it was called 5,645,323 times per second"},
		{"applet-unread", "3.2.0", lines, words{"[0x55c800]", "[0x55dddd]", "o=0 p=0 i=0 size=0", "o=4 p=4 i=0 size=16384"}, ""}, // another one spins

		{"room-in-empty-buffer", "3.2.0", lines, words{"flags=0x00000001 ", "flags=0x00000201 ", "buf=0x55aa78 data=(nil) o=0 p=0 i=0 size=0", "buf=0x55aa78 data=0x55ff00 o=0 p=0 i=0 size=16384"},
			"the back side waits for room in the response channel (SC_FL_NEED_ROOM), whose buffer of 16384 bytes is empty"},
		{"room-in-empty-buffer", "3.2.0", lines, words{"flags=0x00000001 ", "flags=0x00000201 ", "buf=0x55aa78 data=(nil) o=0 p=0 i=0 size=0", "buf=0x55aa78 data=0x55ff00 o=9 p=9 i=0 size=16384"}, ""},
		{"room-in-empty-buffer", "3.2.0", lines, words{"buf=0x55aa78 data=(nil) o=0 p=0 i=0 size=0", "buf=0x55aa78 data=0x55ff00 o=0 p=0 i=0 size=16384"}, ""},

		{"buffer-at-hand", "3.0.0", lines, words{"flags=0x00000001 ", "flags=0x00000101 ", "buf=0x55aa78 data=(nil) o=0 p=0 i=0 size=0", "buf=0x55aa78 data=0x55ff00 o=0 p=0 i=0 size=16384"},
			"the back side waits for a buffer for the response channel (SC_FL_NEED_BUFF), which has one of 16384 bytes"},
		{"buffer-at-hand", "3.0.0", lines, words{"flags=0x00000001 ", "flags=0x00000101 "}, ""},

		{"waits-for-room", "3.2.0", lines, words{"flags=0x00000400 ", "flags=0x00000600 ", "o=0 p=0 i=0 size=0", "o=16000 p=16000 i=384 size=16384"},
			"the front side waits for room in the request channel (SC_FL_NEED_ROOM), which holds 16384 of 16384 bytes; the applet CLI on the back side (st0=2, CLI_ST_PARSE_CMDLINE) makes room by reading"},
		{"waits-for-room", "2.6.12", connectors, words{"EST,400", "EST,200"},
			"the front side waits for room in the request channel (SC_FL_NEED_ROOM); the applet CLI on the back side (st0=2, CLI_ST_GETREQ) makes room by reading"},
		{"waits-for-room", "2.4.0", interfaces, words{"sib=EST,10", "sib=EST,40010"}, "the back side waits for room in the response channel (SI_FL_RXBLK_ROOM)"},
		{"waits-for-room", "2.4.0", interfaces, words{"sib=EST,10", "sib=EST,20010"}, ""},

		{"input-not-taken", "3.2.0", lines, words{"an=0x0 tofwd=-1 total=43", "an=0x0 tofwd=0 total=43", "o=0 p=0 i=0 size=0", "o=0 p=0 i=37 size=16384"},
			"the request channel holds 37 bytes that came in on the front side, and nothing is left to analyse them (an=0x0) or to forward them (tofwd=0)"},
		{"input-not-taken", "3.2.0", lines, words{"o=0 p=0 i=0 size=0", "o=0 p=0 i=37 size=16384"}, ""},
		{"input-not-taken", "3.2.0", lines, words{"an=0x0 tofwd=-1 total=43", "an=0x8000 tofwd=0 total=43", "o=0 p=0 i=0 size=0", "o=0 p=0 i=37 size=16384"}, ""},

		{"passes", "3.2.0", lines, words{"p_req=7", "p_req=3100000"},
			"the stream went 3,100,000 times through the request's analysers (p_req), and 8 times at most through any other stage"},
		{"passes", "3.2.0", lines, words{"p_req=7", "p_req=3100000", "p_stc=4", "p_stc=3100000"}, ""},
		{"passes", "3.2.0", lines, words{"p_req=7", "p_req=99999"}, ""},

		{"date-in-past", "3.2.0", lines, words{"exp=4s", "exp=<PAST>", "an=0x0 tofwd=-1 total=43", "an=0x200 tofwd=-1 total=43"},
			`the date of the stream's task (task.exp) is in the past: such a task is run again at once; pending: AN_REQ_HTTP_TARPIT; filters: trace filter`},
		{"date-in-past", "3.2.0", lines, words{"(f=0x80000000 an=0x0", "(f=0x80000000 an=0x200000", "an_exp=<NEVER> buf=0x55aa78", "an_exp=<PAST> buf=0x55aa78", "filters={0x55ae00=\"trace filter\" [1]}", "filters={}"},
			"the time of the response's analysers (res.an_exp) is over; pending: AN_RES_INSPECT"},
		{"date-in-past", "3.2.0", lines, words{"conn_exp=<NEVER>", "conn_exp=<PAST>"}, "the time for the connection (conn_exp) is over"},
		{"date-in-past", "3.2.0", lines, words{"exp=4s", "exp=?"}, ""},

		{"error-open", "3.2.0", lines, words{"0x00400001", "0x00410001"}, "the front side has met an error (SE_FL_ERROR) and is still established (EST)"},
		{"error-open", "2.8.0", connectors, words{"EST,400", "EST,404"}, "the front side has met an error (SC_FL_ERROR) and is still established (EST)"},
		{"error-open", "2.4.0", interfaces, words{"csf=0x55b200,200", "csf=0x55b200,100"}, "the front side has met an error (CS_FL_ERROR) and is still established (EST)"},
		{"error-open", "2.4.0", interfaces, words{"cof=0x55b300,300", "cof=0x55b300,100300"}, "the front side has met an error (CO_FL_ERROR) and is still established (EST)"},
		{"error-open", "2.4.0", interfaces, words{"csf=0x55b200,200", "csf=0x55b200,100", "sif=EST", "sif=CLO"}, ""},

		{"shutdown-pending", "3.2-dev5", lines, words{"flags=0x00000001 ", "flags=0x00008001 ", "o=0 p=0 i=0 size=0", "o=4 p=4 i=0 size=16384"},
			"a shutdown of the back side is wanted (SC_FL_SHUT_WANTED) but not done (no SC_FL_SHUT_DONE), with 4 bytes of the request still to go"},
		{"shutdown-pending", "3.2-dev5", lines, words{"flags=0x00000001 ", "flags=0x00028001 "}, ""},
		{"shutdown-pending", "2.4.0", interfaces, words{"rqf=808000", "rqf=80c000"}, "a shutdown of the back side is wanted (CF_SHUTW_NOW) but not done (no CF_SHUTW)"},
		{"shutdown-pending", "2.4.0", interfaces, words{"rpf=80008000", "rpf=80008040"}, "an abort of the back side is wanted (CF_SHUTR_NOW) but not done (no CF_SHUTR)"},
		{"shutdown-pending", "2.4.0", interfaces, words{"rqf=808000", "rqf=80e000"}, ""},
		{"shutdown-pending", "", lines, words{"flags=0x00000001 ", "flags=0x00008001 "}, ""}, // it is another flag in 2.8-dev

		{"both-closed", "2.4.0", interfaces, words{"sif=EST", "sif=CLO", "sib=EST", "sib=CLO"}, "both sides are closed (CLO), but the stream is still there"},
		{"both-closed", "3.2.0", lines, words{"state=EST", "state=CLO", "state=EST", "state=CLO"}, "both sides are closed (CLO), but the stream is still there"},
		{"both-closed", "2.4.0", interfaces, words{"sif=EST", "sif=CLO"}, ""},

		{"half-closed", "2.4.0", interfaces, words{"sif=EST", "sif=CLO", "rpf=80008000", "rpf=8000a000"},
			"the front side is closed (CLO, shut for writes: CF_SHUTW), the back side is still established (EST)"},
		{"half-closed", "2.8.0", connectors, words{"0x55b090,EST,1", "0x55b090,CLO,20001"},
			"the back side is closed (CLO, shut for writes: SC_FL_SHUT_DONE), the front side is still established (EST)"},
		{"half-closed", "2.8.0", connectors, nil, ""},

		{"channel-shut", "2.7.5", connectors, words{"rqf=808000", "rqf=80a024"}, "the request channel is shut at both ends (CF_SHUTR, CF_SHUTW), and both sides are still established (EST)"},
		{"channel-shut", "3.2.0", lines, words{"flags=0x00000400 ", "flags=0x00020400 ", "flags=0x00000001 ", "flags=0x00040001 "},
			"the response channel is shut at both ends (SC_FL_EOS, SC_FL_SHUT_DONE), and both sides are still established (EST)"},
		{"channel-shut", "2.7.5", connectors, words{"rqf=808000", "rqf=80a000"}, ""},
		{"channel-shut", "2.7.5", connectors, words{"rqf=808000", "rqf=80a024", "0x55b090,EST", "0x55b090,CLO"}, ""},

		{"timeout-struck", "2.7.5", connectors, words{"rqf=808000", "rqf=80a024"}, "the timeout for reading of the request channel has struck (CF_READ_TIMEOUT)"},
		{"timeout-struck", "2.4.0", interfaces, words{"rpf=80008000", "rpf=80088000"}, "the timeout of the analysers of the response channel has struck (CF_ANA_TIMEOUT)"},
		{"timeout-struck", "3.2.0", lines, words{"f=0x840000", "f=0x840400"}, "the timeout for writing of the request channel has struck (CF_WRITE_TIMEOUT)"},
		{"timeout-struck", "", connectors, words{"rpf=80008000", "rpf=80088000"}, ""}, // since 2.7 no channel has it

		{"end-with-analysers", "3.2.0", lines, words{"flags=0x00000400 ", "flags=0x00040400 ", "an=0x0 tofwd=-1 total=43", "an=0x8000 tofwd=-1 total=43"},
			"nothing more can come from the front side (SC_FL_EOS), and analysers of the request are still to run: AN_REQ_HTTP_XFER_BODY"},
		{"end-with-analysers", "2.4.0", interfaces, words{"csf=0x55b200,200", "csf=0x55b200,1200", "rqa=0", "rqa=4"},
			"nothing more can come from the front side (CS_FL_EOS), and analysers of the request are still to run: AN_REQ_WAIT_HTTP"},
		{"end-with-analysers", "2.4.0", interfaces, words{"rqf=808000", "rqf=808020", "rqa=0", "rqa=4"},
			"nothing more can come from the front side (CF_SHUTR), and analysers of the request are still to run: AN_REQ_WAIT_HTTP"},
		// The end of a message is nothing special to what analyses its body.
		{"end-with-analysers", "3.2.0", lines, words{"flags=0x00000400 ", "flags=0x00000402 ", "an=0x0 tofwd=-1 total=43", "an=0x8000 tofwd=-1 total=43"}, ""},
		{"end-with-analysers", "3.2.0", lines, words{"flags=0x00000400 ", "flags=0x00000402 ", "an=0x0 tofwd=-1 total=43", "an=0x8006 tofwd=-1 total=43"},
			"nothing more can come from the front side (SC_FL_EOI), and analysers of the request are still to run: AN_REQ_WAIT_HTTP, AN_REQ_INSPECT_FE"},

		{"fd-active-after-shutdown", "3.2.0", lines, words{"flags=0x00000300 fd=18 fd.state=20", "flags=0x00040300 fd=18 fd.state=121"},
			"the connection of the front side is shut for reading (CO_FL_SOCK_RD_SH), but its file descriptor is still watched for it (FD_EV_ACTIVE_R)"},
		{"fd-active-after-shutdown", "3.2.0", lines, words{"flags=0x00000300 fd=18 fd.state=20", "flags=0x000c0300 fd=18 fd.state=1122"}, ""},
		{"fd-active-after-shutdown", "3.2.0", lines, words{"fd.state=20", "fd.state=121"}, ""},

		{"filter-after-response", "3.2.0", lines, words{"rsp.st=MSG_RPBEFORE", "rsp.st=MSG_DONE", "(f=0x80000000 an=0x0", "(f=0x80000000 an=0x20000000"},
			"the response is done (MSG_DONE), and its filters are not: AN_RES_FLT_END is pending (trace filter)"},
		{"filter-after-response", "2.6.12", connectors, words{"txn.rsp=-,0", "txn.rsp=MSG_DONE,0", "rpa=0", "rpa=20000000", "filters={}", `filters={0x55ae00="compression filter"}`},
			"the response is done (MSG_DONE), and its filters are not: AN_RES_FLT_END is pending (compression filter)"},
		{"filter-after-response", "3.2.0", lines, words{"rsp.st=MSG_RPBEFORE", "rsp.st=MSG_DONE"}, ""},
		{"filter-after-response", "3.2.0", lines, words{"(f=0x80000000 an=0x0", "(f=0x80000000 an=0x20000000"}, ""},

		{"tarpit", "2.4.0", interfaces, words{"rqa=0", "rqa=200"}, "the request is held in a tarpit (AN_REQ_HTTP_TARPIT)"},
		{"tarpit", "2.4.0", interfaces, words{"rqa=0", "rqa=400"}, ""},

		{"handshake", "2.4.0", interfaces, words{"cof=0x55b300,300", "cof=0x55b300,8000300"}, "the connection of the front side is not ready yet: its handshake is not finished (CO_FL_SSL_WAIT_HS)"},
		{"handshake", "3.2.0", lines, words{"0x00400001", "0x04400001"}, "the connection of the front side is not ready yet: its handshake is not finished (SE_FL_WAIT_FOR_HS)"},
		{"handshake", "2.1.0", interfaces, words{"cof=0x55b300,300", "cof=0x55b300,4000300"}, "the connection of the front side is not ready yet: its handshake is not finished (CO_FL_ACCEPT_PROXY)"},
		{"handshake", "", interfaces, words{"cof=0x55b300,300", "cof=0x55b300,8000300"}, ""}, // PROXY or CIP, or SSL, by version
	} {
		got := observe(t, c.version, c.dump, c.replace...)
		if s := text(got, c.id); s != c.want {
			t.Errorf("%s, %s, %q:\n got %q\nwant %q", c.id, c.version, c.replace, s, c.want)
		}
	}
}

// TestNothing: where nothing stands out nothing is said, whether the version is known or not.
func TestNothing(t *testing.T) {
	for dump, versions := range map[string][]string{
		interfaces: {"2.0.0", "2.2.0", "2.4.0", "2.5.0", ""},
		connectors: {"2.6.12", "2.8.0", ""},
		lines:      {"3.0.0", "3.2.0", "3.4.0", ""},
	} {
		for _, v := range versions {
			for _, o := range observe(t, v, dump) {
				t.Errorf("%s: %s: %s", v, o.ID, o.Text)
			}
		}
	}
}

// TestRulesAreWhole: every rule is in the manual, and an observation names the fields
// that it rests on.
func TestRulesAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range streamdump.Rules() {
		if seen[r.ID] || r.ID == "" || r.Needs == "" {
			t.Errorf("rule %q is there twice, or lacks its words", r.ID)
		}
		seen[r.ID] = true
	}
	page, err := os.ReadFile("../../docs/observations.md")
	if err != nil {
		t.Fatal(err)
	}
	for id := range seen {
		if !bytes.Contains(page, []byte("\n| `"+id+"` |")) {
			t.Errorf("docs/observations.md does not have %s", id)
		}
	}
	c := &crash.Crash{Kind: crash.Spinning, Stream: &crash.Stream{Fields: []crash.Field{
		{Name: "scf.state", Value: "CLO"}, {Name: "scb.state", Value: "CLO"}}}}
	got := streamdump.Observe(c)
	if len(got) != 1 || !slices.Equal(got[0].Fields, []string{"scf.state", "scb.state"}) {
		t.Errorf("observations %+v", got)
	}
}

// TestLoop: what every stream passes through stands out only where one does not get on.
func TestLoop(t *testing.T) {
	for kind, want := range map[crash.Kind]int{crash.Spinning: 1, crash.Watchdog: 1, crash.BlockedTraffic: 1, crash.Segfault: 0, crash.BugOn: 0, crash.Panic: 0} {
		dump := &crash.Stream{Fields: []crash.Field{{Name: "scf.flags", Flags: []string{"SC_FL_NEED_ROOM"}}}}
		if got := streamdump.Observe(&crash.Crash{Kind: kind, Stream: dump}); len(got) != want {
			t.Errorf("%s: %+v", kind, got)
		}
		if got := streamdump.Observe(&crash.Crash{Kind: kind, Threads: []crash.Thread{{Faulty: true, Stream: dump}}}); len(got) != want {
			t.Errorf("%s, with the dump of the faulty thread: %+v", kind, got)
		}
		if got := streamdump.Observe(&crash.Crash{Kind: kind, Threads: []crash.Thread{{Faulty: true}, {Stream: dump}}}); len(got) != 0 {
			t.Errorf("%s, with the dump of another thread: %+v", kind, got)
		}
	}
}

// TestObjects: the core says what a dump on one line has no room for, but not of
// another stream.
func TestObjects(t *testing.T) {
	c := func(at crash.Addr) *crash.Crash {
		return &crash.Crash{Kind: crash.Spinning, Spin: &crash.Spin{Object: "APPCTX", Address: 0x55c800, Rate: 200000},
			Stream: &crash.Stream{Address: 0x55aa00, Fields: []crash.Field{
				{Name: "dst", Value: "<CLI>"}, {Name: "sab", Value: "0x55c800"}, {Name: "sab.st0", Value: "1", Type: "cli.state", Flags: []string{"CLI_ST_END"}}, {Name: "scb.state", Value: "EST"}}},
			Objects: []crash.Object{{Role: "strm", Type: "stream", Address: at},
				{Role: "req", Type: "channel", Fields: []crash.Field{{Name: "req.o", Value: "4"}, {Name: "req.i", Unavailable: "not in the core"}}}}}
	}
	if s := text(streamdump.Observe(c(0x55aa00)), "applet-ended-unread"); !strings.HasPrefix(s, "the request channel still holds 4 bytes for the applet CLI") || !strings.HasSuffix(s, "200,000 times per second") {
		t.Errorf("with objects: %q", s)
	}
	if s := text(streamdump.Observe(c(0x55bb00)), "applet-ended-unread"); s != "" {
		t.Errorf("with another stream's objects: %q", s)
	}
	core := c(0x55aa00)
	core.Stream = nil
	core.Objects = append(core.Objects, crash.Object{Role: "app1", Type: "appctx", Address: 0x55c800, Fields: []crash.Field{
		{Name: "app1.applet", Value: "<CLI>"}, {Name: "app1.st0", Value: "1", Flags: []string{"CLI_ST_END"}}}})
	if s := text(streamdump.Observe(core), "applet-ended-unread"); !strings.HasSuffix(s, "200,000 times per second") {
		t.Errorf("with objects alone: %q", s)
	}
}

// FuzzObserve: fields of any sort make no panic and no sentence without words.
func FuzzObserve(f *testing.F) {
	f.Add("scf.state", "EST", "req.o", "4", "SC_FL_NEED_ROOM")
	f.Add("filters", `{0x1="a`, "txn.rsp", "MSG_DONE", "AN_RES_FLT_END")
	f.Add("app1", "0x", "app1.st0", "-1", "CLI_ST_END")
	f.Add("p_req", "9223372036854775807", "req.size", "-9223372036854775808", "")
	f.Fuzz(func(t *testing.T, a, b, c, d, flag string) {
		for _, kind := range []crash.Kind{crash.Spinning, crash.Segfault} {
			x := &crash.Crash{Kind: kind, Stream: &crash.Stream{Fields: []crash.Field{
				{Name: a, Value: b, Flags: []string{flag}}, {Name: c, Value: d, Flags: []string{flag, ""}}, {Name: "scf.flags", Flags: []string{flag}}, {Name: "res.an", Flags: []string{flag}}}}}
			for _, o := range streamdump.Observe(x) {
				if o.ID == "" || o.Text == "" {
					t.Fatalf("observation %+v", o)
				}
			}
		}
	})
}
