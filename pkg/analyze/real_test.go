package analyze_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hacrash/hacrash/internal/debiansuite"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/internal/schematest"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/module"
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

// untimed is a backend without timeouts, of which HAProxy warns while it starts.
const untimed = `defaults
    mode http
backend untimed
    server s2 127.0.0.1:1
`

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
	var ran, agree atomic.Int32
	t.Cleanup(func() { // when all crashes are there
		t.Logf("of %d crashes log, core and both have one fingerprint in %d", ran.Load(), agree.Load())
		if ran.Load() >= 17 && agree.Load() < 10 {
			t.Errorf("only %d of %d crashes have one fingerprint in log, core and both", agree.Load(), ran.Load())
		}
	})
	crashEach(t, beds, func(t *testing.T, b bed, w way, root string, p *haproxytest.Process) {
		log := filepath.Join(t.TempDir(), "haproxy.log")
		if err := os.WriteFile(log, []byte(p.Stderr()), 0o600); err != nil {
			t.Fatal(err)
		}
		prints := check(t, b, w, p.PID, log, p.Core(), root)
		if ran.Add(1); prints["log"] == prints["core and log"] && (prints["log"] == prints["core"] || prints["log"] == prints[whole]) {
			agree.Add(1)
		}
	})
}

// crashEach crashes HAProxys in every way that each knows, and runs a test on what they left; root is
// that of the suite, "" for the host's own.
func crashEach(t *testing.T, beds []bed, test func(t *testing.T, b bed, w way, root string, p *haproxytest.Process)) {
	for _, b := range beds {
		t.Run("haproxy-"+b.version+b.suite, func(t *testing.T) {
			root := ""
			if b.suite != "" {
				root = debiansuite.Root(t, b.suite, b.optional)
			}
			for _, w := range ways(b) {
				t.Run(w.name, func(t *testing.T) {
					t.Parallel()
					p := haproxytest.Start(t, haproxytest.Options{Root: root, MasterWorker: true, Config: untimed})
					w.do(p)
					p.Wait()
					test(t, b, w, root, p)
				})
			}
		})
	}
}

// whole is a core whose program and libraries are there.
const whole = "core with its files"

// check gives the fingerprints.
func check(t *testing.T, b bed, w way, pid int, log, core, root string) map[string]string {
	prints := map[string]string{}
	for name, inputs := range map[string][]string{"log": {log}, "core": {core}, "core and log": {core, log}, "log and core": {log, core}, whole: {core}} {
		sysroot := ""
		if name == whole {
			sysroot = root
		}
		c := one(t, name, inputs, sysroot)
		if c == nil {
			continue
		}
		prints[name] = c.Fingerprint
		hasLog, hasCore := name != "core" && name != whole, name != "log"
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
			want("role", c.Process.Role, "worker")
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
		if w.kind == crash.BugOn && (hasLog || name == whole) {
			// In a core it is found by the code that ended the process.
			a := c.Assertion
			if a == nil {
				a = &crash.Assertion{}
			}
			want("condition", a.Condition, "one > zero")
			want("file", a.File, "src/debug.c")
			want("line is known", a.Line > 0, true)
		}
		if w.kind == crash.BugOn && name == "core" && root != "" && !slices.ContainsFunc(c.Missing, func(m crash.Missing) bool {
			return strings.HasPrefix(m.What, "which BUG_ON ended the process: its text lies in the executable")
		}) {
			t.Errorf("%s: nothing says why the condition is not known: %+v", name, c.Missing)
		}
		if name == whole {
			postMortem(t, name, b, w, c)
		}
		for _, x := range c.Conflicts {
			t.Errorf("%s: conflict %+v", name, x)
		}
		if f := c.Threads; hasCore && (len(f) == 0 || !f[0].Faulty || f[0].LWP == 0) {
			t.Errorf("%s: the faulty thread is not first", name)
		}
	}
	sameFingerprint(t, w.kind, prints)
	return prints
}

// postMortem demands what each version leaves in its core for whoever reads it.
func postMortem(t *testing.T, name string, b bed, w way, c *crash.Crash) {
	t.Helper()
	if !slices.ContainsFunc(c.StartupLog, func(l string) bool { return strings.Contains(l, "missing timeouts for backend 'untimed'") }) {
		t.Errorf("%s: startup log %q", name, c.StartupLog)
	}
	if !slices.ContainsFunc(c.Rings, func(r crash.Ring) bool { return r.Name == "buf0" && r.Size > 1<<19 }) {
		t.Errorf("%s: rings %+v", name, c.Rings)
	}
	if w.kind == crash.Panic || w.kind == crash.Watchdog {
		for i := range c.Threads {
			if c.Threads[i].Number == 0 {
				t.Errorf("%s: the dump of thread %d was not found", name, i+1)
			}
		}
	}
	if !strings.HasPrefix(b.version, "3.") {
		return
	}
	m := c.PostMortem
	if m == nil || m.Platform == nil || m.Boot == nil || len(m.Components) == 0 {
		t.Errorf("%s: post-mortem %+v", name, m)
		return
	}
	if x := m.Components[0]; x.Name != "haproxy" || x.Version != c.Process.Version || !strings.Contains(x.Build, "TARGET=") {
		t.Errorf("%s: component %+v", name, x)
	}
	if m.Platform.OS != "Linux" || m.Platform.Release == "" || m.Boot.Files == nil || m.Boot.UID == nil || *m.Boot.UID != 0 {
		t.Errorf("%s: platform %+v, boot %+v", name, m.Platform, m.Boot)
	}
	if w.kind == crash.BugOn && !slices.ContainsFunc(c.Counters, func(k crash.Counter) bool {
		return k.Type == "BUG_ON" && k.Condition == "one > zero" && k.Function == "debug_parse_cli_bug" && k.Count == 1
	}) {
		t.Errorf("%s: counters %+v", name, c.Counters)
	}
}

// sameFingerprint: the order of inputs does not matter, and log and core agree
// where both hold what the fingerprint is made of. The spin guard names object and
// applet in both, of every version, and a BUG_ON its condition. Which functions of a stack
// have names depends on the symbols that HAProxy had when it printed it.
func sameFingerprint(t *testing.T, k crash.Kind, prints map[string]string) {
	both := prints["core and log"]
	if prints["log and core"] != both {
		t.Errorf("the order of inputs makes another fingerprint: %v", prints)
	}
	if k == crash.BugOn && (prints["log"] != both || prints["core with its files"] != both) {
		t.Errorf("log and core make another fingerprint than one of them: %v", prints)
	}
	const spinningCLI = "HC2-spinning-b1083014fa3e" // as that of testdata/logs/spin-cli-3.2-dev5.log
	for name, p := range prints {
		if k == crash.Spinning && p != spinningCLI {
			t.Errorf("%s: fingerprint %s, want %s", name, p, spinningCLI)
		}
		if name != "log" && name != "core" && name != whole && p != prints["log"] && p != prints["core"] {
			t.Errorf("%s: fingerprint %s is neither that of the log nor of the core: %v", name, p, prints)
		}
	}
}

// one analyses the inputs and demands exactly one crash.
func one(t *testing.T, name string, inputs []string, sysroot string) *crash.Crash {
	t.Helper()
	db := classify.Load()
	var got []*crash.Crash
	res, err := analyze.Run(context.Background(), analyze.Options{Names: inputs, Knowledge: db, Modules: module.Options{Sysroot: sysroot}}, func(c *crash.Crash) error {
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
