package join

import (
	"fmt"
	"testing"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// run joins the parts and returns the crashes.
func run(t *testing.T, o Options, parts ...Part) []*crash.Crash {
	t.Helper()
	var out []*crash.Crash
	j := New(o, func(c *crash.Crash) error { out = append(out, c); return nil })
	for _, p := range parts {
		if err := j.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Flush(); err != nil {
		t.Fatal(err)
	}
	return out
}

func at(s string) time.Time {
	v, err := time.Parse(time.DateTime, "2025-03-21 "+s)
	if err != nil {
		panic(err)
	}
	return v
}

func spin(seq int64, prefix int, ptr crash.Addr, rate int64) Part {
	return Part{Role: Head, Prefix: prefix, Seq: seq, Input: "log", Stream: fmt.Sprint("haproxy ", prefix), Pointers: []crash.Addr{ptr}, Crash: crash.Crash{
		Kind: crash.Spinning, Fatal: true, Spin: &crash.Spin{Object: "APPCTX", Address: ptr, Rate: rate},
		Evidence: []crash.Evidence{{Fact: "spin", Where: fmt.Sprint("line ", seq)}},
	}}
}

func bug(seq int64, prefix int, cond string) Part {
	return Part{Role: Head, Prefix: prefix, Seq: seq, Input: "log", Stream: fmt.Sprint("haproxy ", prefix), Crash: crash.Crash{
		Kind: crash.BugOn, Fatal: true, Assertion: &crash.Assertion{Level: "FATAL", Macro: "bug", Condition: cond, File: "src/a.c", Line: 7},
	}}
}

func exit(seq int64, master, worker, code int, signal string) Part {
	return Part{Role: Exit, Prefix: master, PID: worker, Seq: seq, Input: "log", Stream: fmt.Sprint("haproxy ", master), Crash: crash.Crash{
		Kind: crash.Abort, Fatal: true, Exit: &crash.Exit{Code: code, Signal: signal},
		Process: &crash.Process{PID: worker, MasterPID: master},
	}}
}

func TestCopiesOfOneSpinAreOneCrash(t *testing.T) {
	got := run(t, Options{}, spin(1, 10, 0x7f01, 7791234), spin(2, 8, 0x7f01, 7791234), exit(5, 8, 10, 132, "SIGILL"))
	if len(got) != 1 {
		t.Fatalf("%d crashes, want 1", len(got))
	}
	c := got[0]
	if c.Kind != crash.Spinning || c.Process.PID != 10 || c.Process.MasterPID != 8 || c.Exit.Code != 132 || len(c.Conflicts) != 0 {
		t.Fatalf("%+v %+v %+v", c, c.Process, c.Exit)
	}
}

func TestExitBeforeHead(t *testing.T) {
	got := run(t, Options{}, exit(3, 8, 10, 134, "SIGABRT"), spin(4, 10, 0x7f01, 123456))
	if len(got) != 1 || got[0].Kind != crash.Spinning || got[0].Exit == nil {
		t.Fatalf("%+v", got)
	}
}

// A worker that crashes again and again prints the same text through the same
// master; each of them is a crash of its own.
func TestRestartLoopStaysApart(t *testing.T) {
	var parts []Part
	for i := range 5 {
		s := int64(10 * i)
		parts = append(parts, bug(s, 8, "a > b"), exit(s+3, 8, 100+i, 139, "SIGSEGV"))
	}
	got := run(t, Options{}, parts...)
	if len(got) != 5 {
		t.Fatalf("%d crashes, want 5", len(got))
	}
	for i, c := range got {
		if c.Process.PID != 100+i || c.Exit == nil || c.Assertion == nil {
			t.Errorf("crash %d: %+v", i, c.Process)
		}
	}
}

func TestInterleavedWorkersOfTwoMasters(t *testing.T) {
	got := run(t, Options{},
		bug(1, 8, "x"), bug(2, 9, "y"), exit(3, 9, 91, 132, "SIGILL"), exit(4, 8, 81, 132, "SIGILL"))
	if len(got) != 2 {
		t.Fatalf("%d crashes, want 2", len(got))
	}
	want := map[string]int{"x": 81, "y": 91}
	for _, c := range got {
		if c.Process.PID != want[c.Assertion.Condition] {
			t.Errorf("%s: worker %d", c.Assertion.Condition, c.Process.PID)
		}
	}
}

func TestKernelLineOfAThread(t *testing.T) {
	k := Part{Role: Kernel, PID: 13, Seq: 2, Input: "log", Stream: "kernel", Time: at("10:00:00"), Crash: crash.Crash{
		Kind: crash.IllegalInstruction, Fatal: true, Signal: &crash.Signal{Number: 4, Name: "SIGILL"}}}
	h := bug(1, 10, "x")
	h.Time = at("10:00:00")
	other := k
	other.PID = 90000
	named := h
	named.PID = 10
	got := run(t, Options{}, h, k)
	if len(got) != 1 || got[0].Signal == nil || got[0].Kind != crash.BugOn {
		t.Fatalf("%d crashes: %+v", len(got), got[0])
	}
	if got := run(t, Options{}, h, other); len(got) != 1 {
		t.Fatalf("the line's prefix may be the master's pid: the neighbour should be taken")
	}
	if got := run(t, Options{}, named, other); len(got) != 2 {
		t.Fatalf("a kernel line of another process was joined")
	}
}

func TestCoreAndLogOfTheSamePID(t *testing.T) {
	core := Part{Role: Core, PID: 10, Input: "core.10", Crash: crash.Crash{
		Kind: crash.BugOn, Fatal: true, Signal: &crash.Signal{Number: 4, Name: "SIGILL"},
		Process: &crash.Process{PID: 10, Version: "3.2-dev5-37e8467", VersionSource: "core memory"},
		Threads: []crash.Thread{{LWP: 12, Faulty: true, Frames: []crash.Frame{{Address: 1}}}, {LWP: 10}, {LWP: 11}},
	}}
	log := spin(1, 10, 0x7f01, 99)
	log.Crash.Process = &crash.Process{Version: "3.2-dev6", VersionSource: "log line"}
	for _, order := range [][]Part{{core, log}, {log, core}} {
		got := run(t, Options{}, order...)
		if len(got) != 1 {
			t.Fatalf("%d crashes, want 1", len(got))
		}
		c := got[0]
		if c.Kind != crash.Spinning || c.Signal == nil || c.Spin.Rate != 99 || len(c.Threads) != 3 {
			t.Errorf("%+v", c)
		}
		if len(c.Conflicts) != 1 || c.Conflicts[0].Fact != "version" || c.Process.Version != "3.2-dev5-37e8467" {
			t.Errorf("conflicts %+v, version %s: the core's memory wins over a log's words, and the difference is said", c.Conflicts, c.Process.Version)
		}
	}
}

// A snapshot is of a process that lived on: what the log says of its end is another matter.
func TestSnapshotDoesNotSwallowADeath(t *testing.T) {
	core := Part{Role: Core, PID: 10, Input: "core.10", Crash: crash.Crash{Kind: crash.Snapshot, Process: &crash.Process{PID: 10}}}
	for _, order := range [][]Part{{core, exit(3, 8, 10, 134, "SIGABRT")}, {exit(3, 8, 10, 134, "SIGABRT"), core}} {
		got := run(t, Options{}, order...)
		if len(got) != 2 {
			t.Fatalf("%d crashes, want the snapshot and the death", len(got))
		}
		for _, c := range got {
			if c.Fatal != (c.Kind == crash.Abort) || len(c.Conflicts) > 0 {
				t.Errorf("%s, fatal %v, conflicts %+v", c.Kind, c.Fatal, c.Conflicts)
			}
		}
	}
}

// A log cannot know who sent a signal: it does not undo what the core tells.
func TestSenderIsKept(t *testing.T) {
	core := Part{Role: Core, PID: 10, Input: "core.10", Crash: crash.Crash{
		Kind: crash.Segfault, Fatal: true, Process: &crash.Process{PID: 10},
		Signal: &crash.Signal{Number: 11, Name: "SIGSEGV", SenderPID: 7, Outside: true},
	}}
	for _, order := range [][]Part{{core, exit(3, 8, 10, 139, "SIGSEGV")}, {exit(3, 8, 10, 139, "SIGSEGV"), core}} {
		got := run(t, Options{}, order...)
		if len(got) != 1 || got[0].Signal == nil || !got[0].Signal.Outside || got[0].Signal.SenderPID != 7 {
			t.Fatalf("%d crashes: %+v", len(got), got[0].Signal)
		}
	}
}

func TestLoneCoreAndLoneLog(t *testing.T) {
	core := Part{Role: Core, PID: 4711, Input: "core", Crash: crash.Crash{Kind: crash.BugOn, Fatal: true, Signal: &crash.Signal{Name: "SIGILL", Number: 4}, Process: &crash.Process{PID: 4711}}}
	log := bug(1, 0, "x")
	if got := run(t, Options{}, core, log); len(got) != 1 || got[0].Assertion == nil {
		t.Fatalf("a core and a log that can only be one crash stay apart: %d", len(got))
	}
	if got := run(t, Options{}, core, log, bug(900, 0, "y")); len(got) != 3 {
		t.Fatalf("with two crashes in the log the core was given to one: %d", len(got))
	}
	panicked := bug(1, 0, "")
	panicked.Crash.Kind, panicked.Crash.Assertion = crash.Watchdog, nil
	if got := run(t, Options{}, core, panicked); len(got) != 2 {
		t.Fatal("a watchdog panic cannot end in SIGILL, yet it was joined")
	}
}

func TestWarningsCollapseAndServeThePanic(t *testing.T) {
	warn := func(seq int64, ms int) Part {
		return Part{Role: Warning, Prefix: 8, Seq: seq, Input: "log", Stream: "haproxy 8", Crash: crash.Crash{
			Kind: crash.BlockedTraffic, Blocked: &crash.Blocked{Thread: 2, Milliseconds: ms},
			Threads: []crash.Thread{{Number: 2, Stuck: true, Frames: []crash.Frame{{Function: "slow"}, {Function: "process_stream"}}}},
		}}
	}
	panicked := Part{Role: Head, Prefix: 8, Seq: 30, Input: "log", Stream: "haproxy 8", Crash: crash.Crash{Kind: crash.Watchdog, Fatal: true}}
	got := run(t, Options{}, warn(1, 210), warn(10, 420), panicked)
	if len(got) != 1 || got[0].Kind != crash.Watchdog || !got[0].Fatal || got[0].Blocked.Milliseconds != 420 {
		t.Fatalf("%d: %+v", len(got), got[0])
	}
	if len(got[0].Threads) != 1 || got[0].Threads[0].Frames[0].Function != "slow" {
		t.Errorf("the warning's trace is lost: %+v", got[0].Threads)
	}
	alone := run(t, Options{}, warn(1, 210), warn(10, 420))
	if len(alone) != 1 || alone[0].Fatal {
		t.Fatalf("warnings of one thread: %d", len(alone))
	}
}

// What is held is counted once, whatever moves from group to group.
func TestBytesAreCounted(t *testing.T) {
	j := New(Options{}, func(*crash.Crash) error { return nil })
	for i := range 50 {
		seq := int64(i) * 1000
		for _, p := range []Part{
			{Role: Warning, Prefix: 8, Seq: seq, Input: "log", Stream: "s", Crash: crash.Crash{Kind: crash.BlockedTraffic, Text: "warning", Blocked: &crash.Blocked{Thread: 1}}},
			{Role: Head, Prefix: 8, Seq: seq + 5, Input: "log", Stream: "s", Crash: crash.Crash{Kind: crash.Watchdog, Fatal: true, Text: "panic"}},
		} {
			if err := j.Add(p); err != nil {
				t.Fatal(err)
			}
			held := 0
			for _, g := range j.open {
				held += g.bytes
			}
			if held != j.bytes {
				t.Fatalf("groups hold %d bytes, %d are counted", held, j.bytes)
			}
		}
	}
}

func TestVersionOfTheMastersNotice(t *testing.T) {
	notice := Part{Role: Environment, Prefix: 8, Input: "log", Seq: 2, Crash: crash.Crash{Process: &crash.Process{Version: "2.8.15-a9aef56", VersionSource: "log line"}}}
	got := run(t, Options{}, bug(1, 0, "x"), notice, exit(3, 8, 10, 132, "SIGILL"))
	if len(got) != 1 || got[0].Process.Version != "2.8.15-a9aef56" {
		t.Fatalf("%d: %+v", len(got), got[0].Process)
	}
}

// A crash without a pid is of the version that all processes told of have.
func TestVersionOfTheOnlyProcess(t *testing.T) {
	notice := func(seq int64, pid int, host, version string) Part {
		return Part{Role: Environment, PID: pid, Seq: seq, Crash: crash.Crash{Host: host, Process: &crash.Process{PID: pid, Version: version, VersionSource: "log line"}}}
	}
	for _, c := range []struct {
		name  string
		parts []Part
		want  string
	}{
		{"one", []Part{notice(1, 9, "", "3.0.5"), bug(2, 0, "x")}, "3.0.5"},
		{"two of one version", []Part{notice(1, 9, "", "3.0.5"), notice(2, 10, "", "3.0.5"), bug(3, 0, "x")}, "3.0.5"},
		{"two versions", []Part{notice(1, 9, "", "3.0.5"), notice(2, 10, "", "3.0.6"), bug(3, 0, "x")}, ""},
		{"another pid", []Part{notice(1, 9, "", "3.0.5"), bug(2, 12, "x")}, ""},
		{"two hosts", []Part{notice(1, 9, "a", "3.0.5"), notice(2, 9, "b", "3.0.5"), bug(3, 0, "x")}, ""},
	} {
		got := run(t, Options{}, c.parts...)
		if len(got) != 1 || got[0].Version() != c.want {
			t.Errorf("%s: %d crashes, %q, want %q", c.name, len(got), got[0].Version(), c.want)
		}
	}
}

func TestPastedVersionOutput(t *testing.T) {
	vv := func(v string) Part {
		return Part{Role: Environment, Input: "log", Crash: crash.Crash{Process: &crash.Process{Version: v, VersionSource: "haproxy -vv", Features: []string{"+QUIC"}}}}
	}
	got := run(t, Options{}, bug(1, 0, "x"), vv("3.2.3"))
	if got[0].Process.Version != "3.2.3" || len(got[0].Process.Features) != 1 {
		t.Fatalf("%+v", got[0].Process)
	}
	two := run(t, Options{}, bug(1, 5, "x"), vv("3.2.3"), vv("2.8.1"))
	if two[0].Process.Version != "" || len(two[0].Missing) != 1 {
		t.Fatalf("two versions in the paste, and one was chosen: %+v", two[0].Process)
	}
}

func TestHostsStayApart(t *testing.T) {
	a, b := spin(1, 10, 0x7f01, 5), exit(2, 8, 10, 139, "SIGSEGV")
	a.Crash.Host, b.Crash.Host = "lb1.example.org", "lb2"
	if got := run(t, Options{}, a, b); len(got) != 2 {
		t.Fatalf("crashes of two machines were joined")
	}
	b.Crash.Host = "lb1"
	if got := run(t, Options{}, a, b); len(got) != 1 {
		t.Fatalf("a short and a qualified name of one host were kept apart")
	}
}

func TestPidUsedAgain(t *testing.T) {
	a, b := exit(1, 8, 10, 139, "SIGSEGV"), exit(2, 8, 10, 139, "SIGSEGV")
	a.Time, b.Time = at("01:00:00"), at("09:00:00")
	if got := run(t, Options{}, a, b); len(got) != 2 {
		t.Fatal("the same pid eight hours later is another process")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	out := 0
	j := New(Options{MaxOpen: 8}, func(*crash.Crash) error { out++; return nil })
	for i := range 10000 {
		if err := j.Add(bug(int64(i)*1000, 0, fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
		if len(j.open) > 8 {
			t.Fatalf("%d groups open", len(j.open))
		}
	}
	if err := j.Flush(); err != nil || out != 10000 {
		t.Fatalf("%d crashes, %v", out, err)
	}
}

func TestLinger(t *testing.T) {
	out := 0
	j := New(Options{Linger: time.Minute}, func(*crash.Crash) error { out++; return nil })
	a, b := bug(1, 0, "a"), bug(500, 0, "b")
	a.Time, b.Time = at("10:00:00"), at("10:05:00")
	_ = j.Add(a)
	_ = j.Add(b)
	if out != 1 {
		t.Fatalf("%d given out, want the old one", out)
	}
}

func TestThreadsOfCoreAreNumbered(t *testing.T) {
	core := []crash.Thread{{LWP: 12, Faulty: true}, {LWP: 10}, {LWP: 11}}
	log := []crash.Thread{{Number: 1}, {Number: 2}, {Number: 3, Faulty: true, Stuck: true, Frames: []crash.Frame{{Function: "f"}, {Function: "g"}}}}
	g := newGroup()
	g.mergeThreads(core)
	g.mergeThreads(log)
	if len(g.crash.Threads) != 3 {
		t.Fatalf("%d threads", len(g.crash.Threads))
	}
	for _, th := range g.crash.Threads {
		if th.LWP-9 != th.Number {
			t.Errorf("lwp %d is number %d", th.LWP, th.Number)
		}
	}
	if th := g.crash.Faulty(); th.LWP != 12 || len(th.Frames) != 2 {
		t.Errorf("%+v", th)
	}
}

func TestTimesWithoutAYear(t *testing.T) {
	day := func(s string, noYear bool) stamp {
		v, err := time.Parse("2006-01-02 15:04:05", s)
		if err != nil {
			t.Fatal(err)
		}
		p := Part{Time: v, NoYear: noYear}
		if noYear {
			p.Time = inYear(v)
		}
		return cluesOf(&p).last
	}
	for _, c := range []struct {
		a, b stamp
		want time.Duration
	}{
		{day("0000-02-29 10:00:00", true), day("2024-02-29 10:00:05", false), 5 * time.Second},
		{day("0000-05-01 10:00:00", true), day("0000-05-01 10:00:07", true), 7 * time.Second},
		{day("2024-05-01 10:00:00", false), day("2025-05-01 10:00:00", false), 365 * 24 * time.Hour},
	} {
		if got, ok := apart(c.a, c.b); !ok || got != c.want {
			t.Errorf("%v and %v: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// coredumpctl's table and the session of gdb that it starts are one crash; another thread, or
// the same one in another place, is another.
func TestStacksOfOneDeath(t *testing.T) {
	stack := func(seq int64, pid, lwp int, address crash.Addr, function string) Part {
		return Part{Role: Coredump, PID: pid, Seq: seq, Input: "paste", Crash: crash.Crash{
			Kind: crash.Segfault, Fatal: true, Threads: []crash.Thread{{LWP: lwp, Faulty: true, Frames: []crash.Frame{{Address: address, Function: function}}}},
		}}
	}
	for name, c := range map[string]struct {
		second Part
		want   int
	}{
		"the same":          {stack(40, 0, 2133, 0x1000, "h1_io_cb"), 1},
		"another thread":    {stack(40, 0, 2134, 0x1000, "h1_io_cb"), 2},
		"another place":     {stack(40, 0, 2133, 0x2000, "h2_io_cb"), 2},
		"without a thread":  {stack(40, 0, 0, 0x1000, "h1_io_cb"), 2},
		"far below":         {stack(4000, 0, 2133, 0x1000, "h1_io_cb"), 1},
		"of another host's": {func() Part { p := stack(40, 0, 2133, 0x1000, "h1_io_cb"); p.Crash.Host = "lb2"; return p }(), 2},
	} {
		first := stack(1, 2131, 2133, 0x1000, "h1_io_cb")
		first.Crash.Host = "lb1"
		if got := run(t, Options{}, first, c.second); len(got) != c.want {
			t.Errorf("%s: %d crashes, want %d", name, len(got), c.want)
		}
	}
}
