package classify

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

func printOf(c *crash.Crash) string {
	fp, _ := Fingerprint(c)
	return fp
}

func made(c *crash.Crash) []string {
	_, list := factsOf(c).identity()
	return list
}

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
		"the handler of an applet and the applet": {stack("ha_panic", "cli_io_handler", "task_process_applet"), func() *crash.Crash {
			c := stack("ha_panic")
			c.Threads[0].Task = &crash.Task{Function: "task_process_applet", Applet: "<CLI>"}
			return c
		}()},
		"with and without the kernel's clock": {stack("__vdso_gettimeofday", "h2_send"), stack("h2_send")},
		"log and core of a panic": {func() *crash.Crash {
			c := stack("h2_send", "h2_process")
			c.Signal = &crash.Signal{Name: "SIGABRT"}
			return c
		}(), stack("h2_send", "h2_process")},
	} {
		if a, b := printOf(pair[0]), printOf(pair[1]); a != b {
			t.Errorf("%s: %s and %s (%q, %q)", name, a, b, made(pair[0]), made(pair[1]))
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
		{Kind: crash.Watchdog, Threads: []crash.Thread{{Faulty: true, Task: &crash.Task{Function: "process_stream"}}}},
		{Kind: crash.Watchdog, Threads: []crash.Thread{{Faulty: true, Task: &crash.Task{Function: "task_run_applet", Applet: "<PEER>"}}}},
	} {
		fp := printOf(c)
		if j, ok := seen[fp]; ok {
			t.Errorf("%d and %d are both %s", j, i, fp)
		}
		seen[fp] = i
		if !regexp.MustCompile(`^HC2-[a-z_]+-[0-9a-f]{12}$`).MatchString(fp) {
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
		strength   crash.Strength
	}{
		{applet("CLI", "3.2-dev5"), "spin", "HC2-spinning-b1083014fa3e", crash.Strong},
		{stream("3.2-dev5", "co0.mux=H2", "co1.mux=H1"), "spin", "HC2-spinning-b33378724313", crash.Weak},
		{stream("2.0.23", "dst=<STATS>"), "spin", "HC2-spinning-3ee00b689408", crash.Weak},
		{&crash.Crash{Kind: crash.Spinning, Spin: &crash.Spin{Object: "TASK", Handler: "own_handler"}}, "spin", "HC2-spinning-caf76613caa2", crash.Strong},
		{bugOn("", "a == b", "src/x.c"), "condition", "HC2-bug_on-cd48c92eaf6a", crash.Strong},
		{&crash.Crash{Kind: crash.PoolCorruption, Pool: &crash.Pool{Error: "tag mismatch on free().", Name: "h2s", CallerFunction: "h2s_destroy"}}, "pool", "HC2-pool_corruption-1c03ea2220ae", crash.Strong},
		{&named, "functions", "HC2-segfault-c9f3ad9315ac", crash.Strong},
		{task(crash.Task{Function: "task_run_applet", Applet: "<PEER>"}), "applet", "HC2-watchdog-c1535ac3ad0c", crash.Weak},
		{task(crash.Task{Function: "process_stream"}), "task", "HC2-watchdog-9edbefffb986", crash.Weak},
		{&crash.Crash{Kind: crash.Segfault, Modules: []crash.Module{{Path: "/usr/sbin/haproxy", BuildID: "aa"}},
			Threads: []crash.Thread{{Faulty: true, Frames: []crash.Frame{{Module: "haproxy", ModuleOffset: 0x1000}}}}}, "place", "HC2-segfault-f6ebd9073ae7", crash.Strong},
		{&crash.Crash{Kind: crash.Killed, Signal: &crash.Signal{Name: "SIGKILL"}}, "", "", ""},
		{&crash.Crash{Kind: crash.Segfault, Exit: &crash.Exit{Code: 139}}, "", "", ""},
		{&crash.Crash{}, "", "", ""},
	} {
		r, list := factsOf(tt.c).identity()
		got, strength := Fingerprint(tt.c)
		if got != tt.want || strength != tt.strength || r.name != tt.rule {
			t.Errorf("%s, %s, of %q, want %s, %s of rule %s", got, strength, list, tt.want, tt.strength, tt.rule)
		}
	}
}

// TestFingerprintRules: the page that explains the rules has all of them.
func TestFingerprintRules(t *testing.T) {
	page, err := os.ReadFile("../../docs/fingerprint.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []crash.Kind{crash.Spinning, crash.BugOn, crash.WarnOn, crash.PoolCorruption, crash.Watchdog, ""} {
		list := rules(k)
		for _, r := range list {
			strong := r.strong
			switch strong {
			case "":
				strong = "always"
			case never:
			default:
				strong = "with " + strong
			}
			row := "| " + r.name + " | " + r.needs + " | " + r.facts + " | " + strong + " |\n"
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
