package classify

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
	"github.com/hacrash/hacrash/pkg/haconf"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// streamCrash is a segfault of 2.4.7 in what every HAProxy runs.
func streamCrash() *crash.Crash {
	return &crash.Crash{Kind: crash.Segfault, Fatal: true, Process: &crash.Process{Version: "2.4.7"}, Threads: []crash.Thread{{Faulty: true, Frames: []crash.Frame{
		{Function: "conn_backend_get", File: "src/backend.c", Trust: crash.TrustPrinted}, {Function: "connect_server", File: "src/backend.c", Trust: crash.TrustPrinted},
		{Function: "process_stream", File: "src/stream.c", Trust: crash.TrustPrinted},
	}}}}
}

func configOf(t *testing.T, text string) haconf.Setup {
	t.Helper()
	c, err := haconf.Read([]string{"-"}, strings.NewReader(text), sentences.Words())
	if err != nil {
		t.Fatal(err)
	}
	return haconf.Setup{Config: c}
}

// TestUnreachableIsNoSuspect: what a configuration, a build, or the process itself rules out is counted
// and left out, and nothing else is.
func TestUnreachableIsNoSuspect(t *testing.T) {
	tcp := "defaults\n mode tcp\nlisten l\n bind :80\n server s 192.0.2.1:80\nglobal\n nbthread 1\n"
	without := haconf.BuildOf(haproxy.Version{}, strings.Fields("+EPOLL -LUA -QUIC -OPENSSL -THREAD"))
	shown := streamCrash()
	shown.Process.Uses, shown.Process.Unused = []string{"tcp"}, strings.Fields("http quic fcgi spop cache compression peers")
	listed := streamCrash()
	listed.Process.Features = strings.Fields("+EPOLL -LUA -QUIC -OPENSSL -THREAD")
	for name, c := range map[string]struct {
		crash *crash.Crash
		setup haconf.Setup
	}{
		"configuration":     {streamCrash(), configOf(t, tcp)},
		"build":             {streamCrash(), haconf.Setup{Build: &without}},
		"what a core shows": {shown, haconf.Setup{}},
		"list of features":  {listed, haconf.Setup{}},
	} {
		db := Load()
		db.UseSetup(c.setup)
		v := db.Classify(c.crash)
		if v.SuspectsLeftOut == 0 || len(v.Suspects) == 0 {
			t.Errorf("%s: %d left out, %d suspects", name, v.SuspectsLeftOut, len(v.Suspects))
		}
		f := factsOf(c.crash)
		f.setup = c.setup
		q := f.query()
		reach := f.reach(&q)
		x, err := db.open()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range v.Suspects {
			if fix, err := x.Fix(s.Commit); err != nil || reach.Out(fix) {
				t.Errorf("%s: %s is a suspect: %s", name, s.Commit, s.Sentence)
			}
		}
	}
	if v := Load().Classify(streamCrash()); v.SuspectsLeftOut != 0 || len(v.Suspects) == 0 {
		t.Errorf("nothing is known of it: %d left out, %d suspects", v.SuspectsLeftOut, len(v.Suspects))
	}
}

// TestMisfits: of a configuration or a build that is not that of the process nothing is concluded.
func TestMisfits(t *testing.T) {
	web := configOf(t, "defaults\n mode http\nlisten l\n bind :80\n option disable-h2-upgrade\n server s 192.0.2.1:80\n")
	h2 := streamCrash()
	h2.Threads[0].Frames[0] = crash.Frame{Function: "h2_process_demux", File: "src/mux_h2.c"}
	peers := streamCrash()
	peers.Process.Uses = []string{"peers"}
	of := func(version string) haconf.Setup {
		v, err := haproxy.ParseVersion(version)
		if err != nil {
			t.Fatal(err)
		}
		b := haconf.BuildOf(v, []string{"-LUA"})
		return haconf.Setup{Build: &b}
	}
	for name, c := range map[string]struct {
		setup         haconf.Setup
		crash         *crash.Crash
		config, build string
	}{
		"fits":               {web, streamCrash(), "", ""},
		"a frame of HTTP/2":  {web, h2, "the crash shows h2 in use", ""},
		"peers in the core":  {web, peers, "the process used peers", ""},
		"the same version":   {of("2.4.7-1ubuntu1"), streamCrash(), "", ""},
		"another version":    {of("2.4.8"), streamCrash(), "", "it is of 2.4.8, and the crash of 2.4.7"},
		"no version of -vv":  {haconf.Setup{Build: &haconf.Build{}}, streamCrash(), "", ""},
		"no configuration":   {haconf.Setup{}, h2, "", ""},
		"h2 by the preface":  {configOf(t, "defaults\n mode http\nlisten l\n bind :80\n"), h2, "", ""},
		"a crash of nothing": {web, &crash.Crash{}, "", ""},
	} {
		config, build := Misfits(c.setup, c.crash)
		if !strings.HasPrefix(config, c.config) || (config == "") != (c.config == "") || build != c.build {
			t.Errorf("%s: %q, %q, want %q, %q", name, config, build, c.config, c.build)
		}
	}
	// And then it rules nothing out.
	db := Load()
	db.UseSetup(web)
	if v := db.Classify(h2); v.SuspectsLeftOut != 0 {
		t.Errorf("%d left out by a configuration that is not that of the process", v.SuspectsLeftOut)
	}
}
