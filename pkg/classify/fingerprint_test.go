package classify

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Pairs that are one crash, seen twice.
func TestFingerprintEqual(t *testing.T) {
	core := spin("APPCTX", "", "3.2-dev5")
	core.Spin.Handler = "cli_io_handler"
	core.Threads = []crash.Thread{{Faulty: true, Frames: []crash.Frame{{Address: 0x55d0, Function: "stream_dump_and_crash"}}}}
	stack := func(fns ...string) *crash.Crash {
		c := bugOn("", "", "", fns...)
		c.Kind = crash.Watchdog
		return c
	}
	for name, pair := range map[string][2]*crash.Crash{
		"log and core of a spin": {applet("CLI", "3.2-dev5-37e84676c", "app1.st0=1", "proto=sockpair"), core},
		"two generations of a stream": {stream("2.8.1", "cof.mux=H1", "cob.mux=H2", "strm=0x55aa00"),
			stream("3.0.1", "co0.mux=H1", "co1.mux=H2", "scf.state=EST")},
		"another build and line": {bugOn("2.6.1", "x != NULL", "/build/a/src/mux_h1.c"), func() *crash.Crash {
			c := bugOn("2.6.12", "x != ((void *)0)", "src/mux_h1.c", "h1_io_cb")
			c.Assertion.Line = 7
			return c
		}()},
		"with and without the scheduler": {stack("raise", "ha_panic", "h2_send", "h2_process"),
			stack("h2_send", "h2_process", "run_tasks_from_lists", "main")},
		"log and core of a panic": {func() *crash.Crash {
			c := stack("h2_send", "h2_process")
			c.Signal = &crash.Signal{Name: "SIGABRT"}
			return c
		}(), stack("h2_send", "h2_process")},
	} {
		if a, b := Fingerprint(pair[0]), Fingerprint(pair[1]); a != b {
			t.Errorf("%s: %s and %s (%q, %q)", name, a, b, factsOf(pair[0]).identity(), factsOf(pair[1]).identity())
		}
	}
}

// Crashes that are not one.
func TestFingerprintDiffers(t *testing.T) {
	place := func(offset crash.Addr, build string) *crash.Crash {
		return &crash.Crash{Kind: crash.Segfault, Signal: &crash.Signal{Name: "SIGSEGV"}, Modules: []crash.Module{{Path: "/usr/sbin/haproxy", BuildID: build}},
			Threads: []crash.Thread{{Faulty: true, Frames: []crash.Frame{{Module: "haproxy", ModuleOffset: offset}}}}}
	}
	seen := map[string]int{}
	for i, c := range []*crash.Crash{
		applet("CLI", "3.2-dev5"), applet("PEER", "3.2-dev5"), stream("3.2-dev5", "co0.mux=H1", "co1.mux=H1"),
		stream("3.2-dev5", "co0.mux=H2", "co1.mux=H1"), stream("2.0.23", "dst=<STATS>"),
		bugOn("", "a == b", "src/x.c"), bugOn("", "a == b", "src/y.c"), bugOn("", "", "", "h1_io_cb"), bugOn("", "", "", "h2_io_cb"),
		place(0x1000, "aa"), place(0x2000, "aa"), place(0x1000, "bb"),
		{Kind: crash.PoolCorruption, Pool: &crash.Pool{Name: "h2s", CallerFunction: "a"}},
		{Kind: crash.PoolCorruption, Pool: &crash.Pool{Name: "h2s", CallerFunction: "b"}},
		{Kind: crash.Killed, Signal: &crash.Signal{Name: "SIGKILL"}}, {Kind: crash.Killed, Signal: &crash.Signal{Name: "SIGTERM"}},
		{Kind: crash.OutOfMemory}, {},
		{Kind: crash.Watchdog, Threads: []crash.Thread{{Faulty: true, Task: &crash.Task{Function: "process_stream"}}}},
		{Kind: crash.Watchdog, Threads: []crash.Thread{{Faulty: true, Task: &crash.Task{Function: "task_run_applet", Applet: "<PEER>"}}}},
	} {
		fp := Fingerprint(c)
		if j, ok := seen[fp]; ok {
			t.Errorf("%d and %d are both %s", j, i, fp)
		}
		seen[fp] = i
		if !regexp.MustCompile(`^HC1-[a-z_]+-[0-9a-f]{12}$`).MatchString(fp) {
			t.Errorf("%s", fp)
		}
	}
}

// Written down, so that a release that changes a fingerprint does so knowingly: one
// of each rule.
func TestFingerprintIsStable(t *testing.T) {
	named := crash.Crash{Kind: crash.Segfault, Signal: &crash.Signal{Name: "SIGSEGV"},
		Threads: []crash.Thread{{Faulty: true, Frames: []crash.Frame{{Address: 1, Function: "h2_send"}, {Address: 2, Function: "h2_process"}}}}}
	task := func(task crash.Task) *crash.Crash {
		return &crash.Crash{Kind: crash.Watchdog, Threads: []crash.Thread{{Faulty: true, Task: &task}}}
	}
	for _, tt := range []struct {
		c          *crash.Crash
		rule, want string
	}{
		{applet("CLI", "3.2-dev5"), "spin", "HC1-spinning-b1083014fa3e"},
		{stream("3.2-dev5", "co0.mux=H2", "co1.mux=H1"), "spin", "HC1-spinning-b33378724313"},
		{stream("2.0.23", "dst=<STATS>"), "spin", "HC1-spinning-3ee00b689408"},
		{&crash.Crash{Kind: crash.Spinning, Spin: &crash.Spin{Object: "TASK", Handler: "own_handler"}}, "spin", "HC1-spinning-caf76613caa2"},
		{bugOn("", "a == b", "src/x.c"), "condition", "HC1-bug_on-cd48c92eaf6a"},
		{&crash.Crash{Kind: crash.PoolCorruption, Pool: &crash.Pool{Error: "tag mismatch on free().", Name: "h2s", CallerFunction: "h2s_destroy"}}, "pool", "HC1-pool_corruption-1c03ea2220ae"},
		{&named, "functions", "HC1-segfault-c9f3ad9315ac"},
		{task(crash.Task{Function: "task_run_applet", Applet: "<PEER>"}), "applet", "HC1-watchdog-c1535ac3ad0c"},
		{task(crash.Task{Function: "process_stream"}), "task", "HC1-watchdog-9edbefffb986"},
		{&crash.Crash{Kind: crash.Segfault, Modules: []crash.Module{{Path: "/usr/sbin/haproxy", BuildID: "aa"}},
			Threads: []crash.Thread{{Faulty: true, Frames: []crash.Frame{{Module: "haproxy", ModuleOffset: 0x1000}}}}}, "place", "HC1-segfault-f6ebd9073ae7"},
		{&crash.Crash{Kind: crash.Killed, Signal: &crash.Signal{Name: "SIGKILL"}}, "kind", "HC1-killed-4d33edceb9cd"},
		{&crash.Crash{}, "kind", "HC1-unknown-3255e99c7265"},
	} {
		made := factsOf(tt.c).identity()
		if got := Fingerprint(tt.c); got != tt.want || made[0] != tt.rule {
			t.Errorf("%s of %q, want %s of rule %s", got, made, tt.want, tt.rule)
		}
	}
}

// TestFingerprintRules: every kind has a rule that always fits, and the page that
// explains the rules has all of them.
func TestFingerprintRules(t *testing.T) {
	page, err := os.ReadFile("../../docs/fingerprint.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []crash.Kind{crash.Spinning, crash.BugOn, crash.WarnOn, crash.PoolCorruption, crash.Watchdog, ""} {
		list := rules(k)
		if list[len(list)-1].needs != "" {
			t.Errorf("%s: the last rule needs %s", k, list[len(list)-1].needs)
		}
		for _, r := range list {
			row := strings.ReplaceAll("| "+r.name+" | "+r.needs+" | "+r.facts+" |\n", "|  |", "| |")
			if !strings.Contains(string(page), row) {
				t.Errorf("%s: docs/fingerprint.md has no row %q", k, row)
			}
			for fact := range strings.FieldsSeq(r.needs + " " + r.facts) {
				if !regexp.MustCompile(`(?m)^\| ([a-z_, ]+, )?` + fact + `(, [a-z_, ]+)? \| [^|]+ \|$`).Match(page) {
					t.Errorf("docs/fingerprint.md does not explain %s", fact)
				}
			}
		}
	}
}
