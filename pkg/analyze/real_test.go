package analyze_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hacrash/hacrash/internal/debiansuite"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/internal/schematest"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/report"
)

// bed is a Debian suite with its HAProxy.
type bed struct {
	suite    string // empty for the host's own
	optional bool   // its mirror may be out of order
	version  string
	bug      bool // has debug dev bug (2.4 and later)
}

// way is one way to crash, and what log and core must agree on.
type way struct {
	name     string
	kind     crash.Kind
	do       func(*haproxytest.Process)
	provoked string
	onlyCore bool // the log has no crash text, only the master's exit line
}

const spinRate = 7791234

func ways(b bed) []way {
	cli := func(cmd string) func(*haproxytest.Process) {
		return func(p *haproxytest.Process) { p.CLI("expert-mode on; " + cmd) }
	}
	// Thread 0 of tkill is the one that runs the command: any other would leave
	// it time to go on and to reuse the buffer in which the command lies.
	w := []way{
		{name: "panic", kind: crash.Panic, do: cli("debug dev panic"), provoked: "debug dev panic"},
		{name: "loop", kind: crash.Watchdog, do: cli("debug dev loop 60000"), provoked: "debug dev loop 60000"},
		{name: "segv", kind: crash.Segfault, do: cli("debug dev tkill 0 11"), provoked: "debug dev tkill 0 11", onlyCore: true},
		{name: "bus", kind: crash.BusError, do: cli("debug dev tkill 0 7"), provoked: "debug dev tkill 0 7", onlyCore: true},
		{name: "spin", kind: crash.Spinning, do: func(p *haproxytest.Process) { p.Spin(spinRate) }},
	}
	if b.bug {
		w = append(w, way{name: "bug", kind: crash.BugOn, do: cli("debug dev bug"), provoked: "debug dev bug"})
	}
	return w
}

// TestRealCrashes crashes Debian's HAProxys in every way and demands the same
// facts from the log, from the core and from both, as far as each holds them.
func TestRealCrashes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	beds := []bed{
		{suite: "", version: "2.6.", bug: true},
		{suite: "bullseye", version: "2.2."},
		{suite: "trixie", version: "3.0.", bug: true},
		{suite: "sid", version: "3.", bug: true, optional: true},
	}
	for _, b := range beds {
		t.Run("haproxy-"+b.version+b.suite, func(t *testing.T) {
			root := ""
			if b.suite != "" {
				root = debiansuite.Root(t, b.suite, b.optional)
			}
			for _, w := range ways(b) {
				t.Run(w.name, func(t *testing.T) {
					t.Parallel()
					p := haproxytest.Start(t, haproxytest.Options{Root: root, MasterWorker: true})
					w.do(p)
					p.Wait()
					log := filepath.Join(t.TempDir(), "haproxy.log")
					if err := os.WriteFile(log, []byte(p.Stderr()), 0o600); err != nil {
						t.Fatal(err)
					}
					check(t, b, w, p.PID, log, p.Core())
				})
			}
		})
	}
}

func check(t *testing.T, b bed, w way, pid int, log, core string) {
	prints := map[string]string{}
	for name, inputs := range map[string][]string{"log": {log}, "core": {core}, "core and log": {core, log}, "log and core": {log, core}} {
		c := one(t, name, inputs)
		if c == nil {
			continue
		}
		prints[name] = c.Fingerprint
		hasLog, hasCore := name != "core", name != "log"
		want := func(fact string, got, want any) {
			t.Helper()
			if got != want {
				t.Errorf("%s: %s is %v, want %v", name, fact, got, want)
			}
		}
		want("kind", c.Kind, w.kind)
		want("fatal", c.Fatal, true)
		want("pid", c.Process.PID, pid)
		if v := c.Process.Version; len(v) < len(b.version) || v[:len(b.version)] != b.version {
			t.Errorf("%s: version %q, want %s…", name, v, b.version)
		}
		if hasCore {
			want("provoked", c.Provoked, w.provoked)
			want("build-id is known", c.Process.BuildID != "", true)
			if c.Signal == nil {
				t.Errorf("%s: no signal", name)
			}
		}
		if hasLog && c.Exit == nil {
			t.Errorf("%s: no exit of the worker", name)
		}
		if hasLog && hasCore && c.Exit != nil && c.Signal != nil {
			want("exit code", c.Exit.Code, 128+c.Signal.Number)
		}
		if w.kind == crash.Spinning {
			if c.Spin == nil {
				t.Errorf("%s: no spin", name)
			} else {
				want("rate", c.Spin.Rate, int64(spinRate))
				want("object", c.Spin.Object, "APPCTX")
				want("applet", c.Spin.Applet, "CLI")
			}
		}
		// Each of them was made to happen: none is a bug that is known.
		if c.Verdict == nil || c.Verdict.Status == crash.Known {
			t.Errorf("%s: verdict %+v on a crash that was provoked", name, c.Verdict)
		}
		if w.kind == crash.BugOn && hasLog {
			want("condition", c.Assertion.Condition, "one > zero")
			want("file", c.Assertion.File, "src/debug.c")
		}
		for _, x := range c.Conflicts {
			t.Errorf("%s: conflict %+v", name, x)
		}
		if f := c.Threads; hasCore && (len(f) == 0 || !f[0].Faulty || f[0].LWP == 0) {
			t.Errorf("%s: the faulty thread is not first", name)
		}
	}
	sameFingerprint(t, w.kind, prints)
}

// sameFingerprint: the order of inputs does not matter, and log and core agree
// where both hold what the fingerprint is made of. The spin guard names object and
// applet in both, of every version. The cores of these builds do not tell the condition of a
// BUG_ON, and which functions of a stack have names depends on the symbols that
// HAProxy had when it printed it.
func sameFingerprint(t *testing.T, k crash.Kind, prints map[string]string) {
	both := prints["core and log"]
	if prints["log and core"] != both {
		t.Errorf("the order of inputs makes another fingerprint: %v", prints)
	}
	if k == crash.BugOn && prints["log"] != both {
		t.Errorf("log and core make another fingerprint than the log: %v", prints)
	}
	const spinningCLI = "HC1-spinning-b1083014fa3e" // as that of testdata/logs/spin-cli-3.2-dev5.log
	for name, p := range prints {
		if k == crash.Spinning && p != spinningCLI {
			t.Errorf("%s: fingerprint %s, want %s", name, p, spinningCLI)
		}
		if name != "log" && name != "core" && p != prints["log"] && p != prints["core"] {
			t.Errorf("%s: fingerprint %s is neither that of the log nor of the core: %v", name, p, prints)
		}
	}
}

// one analyses the inputs and demands exactly one crash.
func one(t *testing.T, name string, inputs []string) *crash.Crash {
	t.Helper()
	db, err := classify.Load()
	if err != nil {
		t.Fatal(err)
	}
	var got []*crash.Crash
	res, err := analyze.Run(context.Background(), analyze.Options{Names: inputs, Knowledge: db}, func(c *crash.Crash) error {
		got = append(got, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range res.Failed {
		t.Errorf("%s: %v", name, e)
	}
	rep := crash.Report{Schema: crash.Schema, Inputs: res.Inputs}
	for _, c := range got {
		rep.Crashes = append(rep.Crashes, *c)
	}
	var doc bytes.Buffer
	if err := report.Write(&doc, "json", &rep, report.Options{}); err != nil {
		t.Fatal(err)
	}
	schematest.Validate(t, doc.Bytes())
	if len(got) != 1 {
		kinds := ""
		for _, c := range got {
			kinds += fmt.Sprintf(" %s", c.Kind)
		}
		t.Errorf("%s: %d crashes (%s), want 1", name, len(got), kinds)
		return nil
	}
	if got[0].Process == nil {
		got[0].Process = &crash.Process{}
	}
	return got[0]
}
