package join

import (
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

func TestWithin(t *testing.T) {
	core := Part{Role: Core, PID: 10, Input: "core", Crash: crash.Crash{Kind: crash.BugOn, Fatal: true,
		Signal: &crash.Signal{Name: "SIGILL", Number: 4}, Process: &crash.Process{PID: 10}, Threads: []crash.Thread{{LWP: 10, Faulty: true}}}}
	copyOf := spin(1, 99, 0x7f01, 77)
	copyOf.Input = "core"
	other := spin(2, 98, 0x7f02, 78) // of an earlier worker, in the same memory
	panicked := Part{Role: Head, Input: "core", Crash: crash.Crash{Kind: crash.Watchdog, Fatal: true}}
	left := exit(3, 8, 55, 139, "SIGSEGV")

	got := Within(core, []Part{panicked, copyOf, copyOf, other, left}).Crash
	if got.Kind != crash.Spinning || got.Spin.Address != 0x7f01 || got.Spin.Rate != 77 {
		t.Fatalf("%+v %+v", got.Kind, got.Spin)
	}
	if got.Process.PID != 10 || got.Exit != nil || len(got.Conflicts) != 0 {
		t.Errorf("facts of others came in: %+v %+v %+v", got.Process, got.Exit, got.Conflicts)
	}
}

func TestABodyDoesNotKnowBetter(t *testing.T) {
	core := Part{Role: Core, PID: 10, Input: "core", Crash: crash.Crash{Kind: crash.Panic, Fatal: true, Signal: &crash.Signal{Name: "SIGABRT", Number: 6}}}
	block := Part{Role: Body, Input: "core", Crash: crash.Crash{Kind: crash.Watchdog, Fatal: true, Threads: []crash.Thread{{Number: 2, Stuck: true}}}}
	if got := Within(core, []Part{block}).Crash; got.Kind != crash.Panic || len(got.Threads) != 1 {
		t.Errorf("%s, %d threads", got.Kind, len(got.Threads))
	}
	core.Crash.Kind = crash.Abort
	if got := Within(core, []Part{block}).Crash; got.Kind != crash.Watchdog {
		t.Errorf("%s: a stuck thread explains an abort", got.Kind)
	}
}
