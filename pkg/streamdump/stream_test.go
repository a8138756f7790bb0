package streamdump_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/objects"
	"github.com/hacrash/hacrash/pkg/streamdump"
	"github.com/hacrash/hacrash/pkg/symbols"
)

// printed is the stream of testdata/src/objects.c as HAProxy 3.2 prints one; APPCTX_AT
// stands for the address of its applet.
const printed = `[ALERT]    (4242) : A bogus APPCTX [APPCTX_AT] is spinning at 5641224 calls per second and refuses to die, aborting now! Please report this error to developers:
  0x55aa00: [22/Nov/2026:19:06:36.000979] id=7 proto=tcpv4 source=192.0.2.9:48758
   flags=0x4a, conn_retries=0, conn_exp=4s conn_et=0x000 srv_conn=(nil), pend_pos=(nil) waiting=0 epoch=0
   p_con=0 p_stc=0 p_req=0 p_res=0 p_prp=0
   frontend=fe1 (id=2 mode=http), listener=? (id=1) addr=192.0.2.1:443
   backend=be1 (id=3 mode=http) addr=192.0.2.1:55548
   server=s1 (id=1) addr=192.0.2.2:80
   task=0x55c100 (state=0x00 nice=0 calls=2 rate=0 exp=9s tid=0(1/0) age=3s)
   txn=0x55c200 flags=0x3000 meth=1 status=-1 req.st=MSG_DONE rsp.st=MSG_RQBEFORE req.f=0x4c rsp.f=0x00
   scf=0x55c300 flags=0x00000001 ioto=10s state=CLO endp=CONN,0x55c400,0x5060c601 sub=1 rex=<NEVER> wex=29s rto=26s wto=<NEVER>
     iobuf.flags=0x00000000 .pipe=0 .buf=0@(nil)+0/0
       co0=0x55c500 ctrl=tcpv4 xprt=RAW mux=H1 data=STRM target=LISTENER:0x55c600
       flags=0x00000300 fd=17
   scb=0x55c700 flags=0x00000000 ioto=0s state=EST endp=APPCTX,APPCTX_AT,0x00000002 sub=0 rex=<NEVER> wex=<NEVER> rto=<NEVER> wto=<NEVER>
     iobuf.flags=0x00000000 .pipe=0 .buf=0@(nil)+0/0
       app1=APPCTX_AT st0=1 st1=16 applet=<CLI> tid=0 nice=0 calls=1 rate=5641224
   filters={0x55ae00="compression filter" [1]}
   req=0x55aa28 (f=0x848000 an=0x0 tofwd=-1 total=43)
       an_exp=<NEVER> buf=0x55aa30 data=0x55f000 o=4 p=4 i=39 size=16384
   res=0x55aa70 (f=0x80008000 an=0x0 tofwd=0 total=0)
       an_exp=<NEVER> buf=0x55aa78 data=(nil) o=0 p=0 i=0 size=0
`

// inCore are the objects of the stream in a core.
func inCore(t *testing.T) []crash.Object {
	t.Helper()
	crashed := coretest.Crash(t, coretest.Program{Source: "objects", Variant: coretest.Plain()})
	f, err := os.Open(crashed.Core)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	core, err := elfcore.Open(f, info.Size(), elfcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	modules := module.New(t.Context(), core, module.Options{Executable: crashed.Exe})
	defer modules.Close()
	p, err := objects.Open(core, modules, objects.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p.Resolve = symbols.New(core, modules, symbols.Options{}).Function
	return p.Current(1)
}

// facts are what may be asked of a stream, and its sentences.
func facts(c *crash.Crash) []string {
	s := streamdump.Of(c)
	var out []string
	for _, x := range s.Sides() {
		out = append(out, fmt.Sprintf("%s: %s, mux %s, applet %q at %v in state %s %s", x.Name, x.State.Word(), x.Mux.Text(),
			x.Applet, x.Object, x.AppletState.Text(), x.AppletState.Flags()))
	}
	for _, ch := range s.Channels() {
		out = append(out, fmt.Sprintf("%s: %s, pending %s, %s out, %s in, of %s", ch.Name, ch.Message.Word(), ch.Pending(), ch.Output.Text(), ch.Input.Text(), ch.Size.Text()))
	}
	out = append(out, fmt.Sprintf("%s, %s, %q, %q", s.Protocol.Text(), s.Frontend.Text(), s.Rule.Text(), s.Filters))
	for _, o := range streamdump.Observe(c) {
		out = append(out, o.Text)
	}
	return out
}

// TestPrintedOrInCore: a stream is the same facts, and the same stands out in it,
// whatever it is read from.
func TestPrintedOrInCore(t *testing.T) {
	all := inCore(t)
	at := slices.IndexFunc(all, func(o crash.Object) bool { return o.Role == "app1" })
	if at < 0 {
		t.Fatalf("no applet among %d objects", len(all))
	}
	var dumped *crash.Crash
	text := strings.ReplaceAll(printed, "APPCTX_AT", all[at].Address.String())
	_, err := analyze.Run(context.Background(), analyze.Options{Names: []string{"-"}, Stdin: strings.NewReader(text), Version: "3.2.0"}, func(c *crash.Crash) error {
		dumped = c
		return nil
	})
	if err != nil || dumped == nil || dumped.Stream == nil {
		t.Fatalf("no stream in the dump: %v", err)
	}
	core := &crash.Crash{Kind: crash.Spinning, Process: dumped.Process, Spin: dumped.Spin, Objects: all}
	want := facts(dumped)
	if !slices.ContainsFunc(want, func(s string) bool { return strings.Contains(s, "still holds 4 bytes for the applet CLI") }) {
		t.Fatalf("the dump is read otherwise: %q", want)
	}
	if d := cmp.Diff(want, facts(core)); d != "" {
		t.Errorf("dump (-) and core (+) whose flags nobody has named: %s", d)
	}
	streamdump.NameFlags(core)
	if d := cmp.Diff(want, facts(core)); d != "" {
		t.Errorf("dump (-) and core (+): %s", d)
	}
}

// TestAnalysers: what the table of a version calls an analyser is what the word says,
// in either form of either channel.
func TestAnalysers(t *testing.T) {
	family, ok := haproxy.FlagFamily("ana")
	if !ok {
		t.Fatal("no family of analysers")
	}
	for _, version := range []string{"2.0.0", "2.4.0", "3.2.0", ""} {
		v, _ := haproxy.ParseVersion(version)
		for bit := range 30 {
			value := uint64(1) << bit
			want := family.Decode(value, v).Names()
			for _, name := range []string{"rqa", "rpa", "req.an", "res.an"} {
				s := streamdump.Of(&crash.Crash{Process: &crash.Process{Version: version}, Stream: &crash.Stream{Fields: []crash.Field{{Name: name, Value: fmt.Sprintf("%#x", value)}}}})
				got := append(s.Request.Pending(), s.Response.Pending()...)
				if len(got) == 0 || !slices.Equal(got, want) {
					t.Errorf("%s, %s=%#x: %q, want %q", version, name, value, got, want)
				}
			}
		}
	}
}
