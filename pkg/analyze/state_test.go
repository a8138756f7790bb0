package analyze_test

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/hacrash/hacrash/internal/debiansuite"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/report"
)

// fate is one way to end a worker that is full of other people's words, and what the
// state of the process says of it.
type fate struct {
	name     string
	path     string // a request of it, or
	command  string // the CLI's, or
	signal   syscall.Signal
	kind     crash.Kind
	logKind  crash.Kind // what the log alone tells, if it is another one
	exit     int
	culprit  string // function at fault; of the preloaded library if path is set
	headline string // what a report begins with, of the core
	said     string // by the C library, in core and log
	filter   string
}

func fates() []fate {
	return []fate{
		{name: "abort", path: "/abort", kind: crash.Abort, exit: 134, culprit: "fault_abort", headline: haproxytest.FaultsName},
		{name: "abort, files in the core", path: "/abort", kind: crash.Abort, exit: 134, culprit: "fault_abort", headline: haproxytest.FaultsName, filter: "0x7f"},
		{name: "free of a wild pointer", path: "/free", kind: crash.HeapCorruption, exit: 134, culprit: "fault_free", headline: "free(): invalid pointer", said: "free(): invalid pointer"},
		{name: "call of nothing", path: "/null", kind: crash.Segfault, exit: 139, culprit: "fault_null_call", headline: haproxytest.FaultsName},
		{name: "recursion", path: "/recursion", kind: crash.StackOverflow, logKind: crash.Segfault, exit: 139, culprit: "fault_recursion", headline: haproxytest.FaultsName},
		{name: "smashed stack", path: "/smash", kind: crash.Abort, exit: 134, culprit: "fault_smash", headline: "stack smashing", said: "stack smashing detected"},
		{name: "bug", command: "debug dev bug", kind: crash.BugOn, exit: 139},
		{name: "bug, files in the core", command: "debug dev bug", kind: crash.BugOn, exit: 139, filter: "0x7f"},
		{name: "signal from outside", signal: syscall.SIGSEGV, kind: crash.Segfault, exit: 139, headline: "outside"},
	}
}

// TestStateAgainstWords crashes a worker whose clients filled memory and log with every
// text that HAProxy prints of a crash and every command that makes one. None of it is
// true, and none of it may become a fact.
func TestStateAgainstWords(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	library := haproxytest.Faults(t)
	for _, f := range fates() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			p := startWithWords(t, haproxytest.Options{Preload: library, Filter: f.filter})
			switch {
			case f.path != "":
				p.Crash("words.sock", "GET "+f.path+" HTTP/1.1\r\nHost: h\r\n\r\n")
			case f.command != "":
				p.CLI("expert-mode on; " + f.command)
			default:
				if err := syscall.Kill(p.PID, f.signal); err != nil {
					t.Fatal(err)
				}
			}
			p.Wait()
			demandWords(t, p, p.Core())
			log := logOf(t, p)
			f.check(t, p, "log", "", log)
			f.check(t, p, "core", "", p.Core())
			f.check(t, p, "core and log", "", p.Core(), log)
			if f.command != "" {
				f.check(t, p, "core without files", t.TempDir(), p.Core())
			}
		})
	}
}

// logOf writes what the process and its master said to a file.
func logOf(t *testing.T, p *haproxytest.Process) string {
	t.Helper()
	log := filepath.Join(t.TempDir(), "haproxy.log")
	if err := os.WriteFile(log, []byte(p.Stderr()), 0o600); err != nil {
		t.Fatal(err)
	}
	return log
}

func (f fate) check(t *testing.T, p *haproxytest.Process, name, sysroot string, inputs ...string) {
	t.Helper()
	c := one(t, name, inputs, sysroot)
	if c == nil {
		return
	}
	want := func(fact string, got, want any) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s is %v, want %v", name, fact, got, want)
		}
	}
	hasLog, hasCore := strings.Contains(name, "log"), strings.Contains(name, "core")
	kind := f.kind
	if !hasCore {
		kind = cmp.Or(f.logKind, f.kind)
	}
	want("kind", c.Kind, kind)
	want("fatal", c.Fatal, true)
	want("pid", c.Process.PID, p.PID)
	want("version", c.Process.Version, installed(t))
	if f.command == "" || hasCore {
		// A log does not hold what was typed.
		want("provoked", c.Provoked, f.command)
	}
	onlyTrue(t, name, c)
	for _, x := range c.Conflicts {
		t.Errorf("%s: conflict %+v", name, x)
	}
	if hasLog {
		if c.Exit == nil {
			t.Errorf("%s: no exit of the worker", name)
		} else {
			want("exit code", c.Exit.Code, f.exit)
		}
	}
	rendered := text(t, c)
	if f.said != "" && !strings.Contains(rendered, f.said) {
		t.Errorf("%s: what the C library said is not told:\n%s", name, rendered)
	}
	if hasCore {
		f.checkState(t, name, c, rendered)
	}
}

// checkState demands what only a core tells.
func (f fate) checkState(t *testing.T, name string, c *crash.Crash, rendered string) {
	t.Helper()
	s := c.Signal
	if s == nil {
		t.Errorf("%s: no signal", name)
		return
	}
	if 128+s.Number != f.exit {
		t.Errorf("%s: signal %+v, exit %d", name, s, f.exit)
	}
	sender := 0
	if f.signal != 0 {
		sender = os.Getpid()
		if v := c.Verdict; v != nil && (len(v.Suspects) > 0 || v.Status != crash.CannotTell && v.Status != crash.UnknownBug) {
			t.Errorf("%s: verdict of a signal from outside: %+v", name, v)
		}
	}
	if s.SenderPID != sender && (sender != 0 || s.SenderPID != c.Process.PID) {
		t.Errorf("%s: sent by %d, want %d", name, s.SenderPID, sender)
	}
	if f.path == "/null" && (s.Address == nil || *s.Address != 0) {
		t.Errorf("%s: a call of nothing at %v", name, s.Address)
	}
	if first, _, _ := strings.Cut(rendered, "\n\n"); !strings.Contains(oneLine(first), f.headline) {
		t.Errorf("%s: the report does not begin with %q:\n%s", name, f.headline, first)
	}
	faulty := c.Faulty()
	if faulty == nil || len(faulty.Frames) == 0 {
		t.Errorf("%s: no stack", name)
		return
	}
	if f.culprit == "" {
		return
	}
	culprit := faulty.Culprit()
	if culprit == nil || culprit.Function != f.culprit || filepath.Base(culprit.Module) != haproxytest.FaultsName {
		t.Errorf("%s: culprit %+v, want %s of %s", name, culprit, f.culprit, haproxytest.FaultsName)
	}
}

// onlyTrue demands that no word of a client became a fact or a verdict.
func onlyTrue(t *testing.T, name string, c *crash.Crash) {
	t.Helper()
	if v := c.Verdict; v != nil && (v.Status == crash.Known || v.Status == crash.Probable || v.Status == crash.AlreadyFixed || len(v.Matches) > 0) {
		t.Errorf("%s: verdict %+v", name, v)
	}
	if c.Spin != nil || c.Blocked != nil || c.Stream != nil {
		t.Errorf("%s: spin %+v, blocked %+v, stream %+v", name, c.Spin, c.Blocked, c.Stream)
	}
	if p := c.Process; strings.Contains(p.BuildOptions, "forged") || slices.Contains(p.Features, "+FORGED") {
		t.Errorf("%s: built with %q, features %q", name, p.BuildOptions, p.Features)
	}
	if a := c.Assertion; a != nil && (c.Kind != crash.BugOn || a.Condition != "one > zero") {
		t.Errorf("%s: assertion %+v", name, a)
	}
	if x := c.Pool; x != nil && (c.Kind != crash.HeapCorruption || x.Error != "free(): invalid pointer" || x.Name != "" || x.Caller != 0) {
		t.Errorf("%s: pool %+v", name, x)
	}
	for _, th := range c.Threads {
		if th.Stuck {
			t.Errorf("%s: thread %d is stuck", name, th.Number)
		}
		for _, fr := range th.Frames {
			if strings.HasPrefix(fr.Function, "wdt_handler") || fr.Function == "h2_detach" {
				t.Errorf("%s: frame %+v", name, fr)
			}
		}
	}
}

// text is the report that a user reads.
func text(t *testing.T, c *crash.Crash) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, "text", &crash.Report{Schema: crash.Schema, Crashes: []crash.Crash{*c}}, report.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// installed is the version of the host's haproxy, from haproxy -v.
func installed(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("/usr/sbin/haproxy", "-v").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(out), "version ")
	version, _, _ := strings.Cut(rest, " ")
	return version
}

// A debugger's core of a worker that goes on is no crash, whatever its memory holds;
// and the end of that worker by SIGTERM is none either.
func TestSnapshotIsNoCrash(t *testing.T) {
	p := startWithWords(t, haproxytest.Options{})
	core := p.Snapshot()
	if p.CLI("show info") == "" {
		t.Fatal("the process did not go on")
	}
	if err := syscall.Kill(p.PID, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.Wait()
	demandWords(t, p, core)
	log := logOf(t, p)
	none(t, "log", log)
	for name, inputs := range map[string][]string{"core": {core}, "core and log": {core, log}} {
		c := one(t, name, inputs, "")
		if c == nil {
			continue
		}
		if c.Kind != crash.Snapshot || c.Fatal || c.Provoked != "" || c.Process.Version != installed(t) {
			t.Errorf("%s: %s, fatal %v, provoked by %q, version %q", name, c.Kind, c.Fatal, c.Provoked, c.Process.Version)
		}
		onlyTrue(t, name, c)
		if v := c.Verdict; v != nil && len(v.Suspects) > 0 {
			t.Errorf("%s: verdict %+v", name, v)
		}
	}
}

// TestStateOfOtherSuites: what other versions keep in memory is told apart from other
// people's words as well. Without the executable no function has a name.
func TestStateOfOtherSuites(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	for _, b := range []bed{{suite: "bullseye"}, {suite: "trixie"}, {suite: "sid", optional: true}} {
		t.Run(b.suite, func(t *testing.T) {
			root := debiansuite.Root(t, b.suite, b.optional)
			for _, f := range []fate{
				{name: "panic", command: "debug dev panic", kind: crash.Panic},
				{name: "loop", command: "debug dev loop 60000", kind: crash.Watchdog},
				{name: "signal from outside", signal: syscall.SIGSEGV, kind: crash.Segfault},
			} {
				t.Run(f.name, func(t *testing.T) {
					t.Parallel()
					p := startWithWords(t, haproxytest.Options{Root: root})
					if f.signal != 0 {
						if err := syscall.Kill(p.PID, f.signal); err != nil {
							t.Fatal(err)
						}
					} else {
						p.CLI("expert-mode on; " + f.command)
					}
					p.Wait()
					for name, sysroot := range map[string]string{"core": "", "core with its files": root} {
						c := one(t, name, []string{p.Core()}, sysroot)
						if c == nil {
							continue
						}
						if c.Kind != f.kind || c.Provoked != f.command || strings.Contains(c.Process.Version, forgedVersion) || len(c.Conflicts) > 0 {
							t.Errorf("%s: %s, provoked by %q, version %q, conflicts %+v; want %s, %q",
								name, c.Kind, c.Provoked, c.Process.Version, c.Conflicts, f.kind, f.command)
						}
						if v := c.Verdict; v == nil || len(v.Matches) > 0 || v.Status == crash.Known {
							t.Errorf("%s: verdict %+v", name, v)
						}
						if c.Spin != nil || c.Assertion != nil || c.Pool != nil {
							t.Errorf("%s: spin %+v, assertion %+v, pool %+v", name, c.Spin, c.Assertion, c.Pool)
						}
						if out := c.Signal != nil && c.Signal.Outside; out != (f.signal != 0) {
							t.Errorf("%s: signal %+v", name, c.Signal)
						}
					}
				})
			}
		})
	}
}
