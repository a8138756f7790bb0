package join

import (
	"slices"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// What a part of lower rank says of the kind is taken if it refines what is known of the
// death, and told as a conflict if not, in whatever order the parts come.
func TestKindFollowsTheRank(t *testing.T) {
	segv, ill, abrt := &crash.Signal{Number: 11, Name: "SIGSEGV"}, &crash.Signal{Number: 4, Name: "SIGILL"}, &crash.Signal{Number: 6, Name: "SIGABRT"}
	for _, c := range []struct {
		name       string
		high, low  crash.Kind
		signal     *crash.Signal
		rank, less crash.Rank
		want       crash.Kind
		conflict   bool
	}{
		{"a BUG_ON's line explains a trap", crash.IllegalInstruction, crash.BugOn, ill, crash.RankState, crash.RankHAProxy, crash.BugOn, false},
		{"a spin's line explains a store to 1", crash.Segfault, crash.Spinning, segv, crash.RankState, crash.RankHAProxy, crash.Spinning, false},
		{"a panic's line does not explain a segfault", crash.Segfault, crash.Watchdog, segv, crash.RankState, crash.RankHAProxy, crash.Segfault, true},
		{"nor does one explain free()", crash.HeapCorruption, crash.Panic, abrt, crash.RankState, crash.RankHAProxy, crash.HeapCorruption, true},
		{"the state knows who asked for a panic", crash.Panic, crash.Watchdog, abrt, crash.RankState, crash.RankHAProxy, crash.Panic, true},
		{"what a debugger makes of it is no more than the text", crash.BugOn, crash.Watchdog, nil, crash.RankHAProxy, crash.RankOther, crash.BugOn, true},
		{"a master's line is coarse and agrees with a debugger", crash.Abort, crash.Watchdog, nil, crash.RankHAProxy, crash.RankOther, crash.Watchdog, false},
		{"a killed process was killed for want of memory", crash.Killed, crash.OutOfMemory, nil, crash.RankHAProxy, crash.RankOther, crash.OutOfMemory, false},
		{"coarser is no conflict", crash.BugOn, crash.IllegalInstruction, ill, crash.RankHAProxy, crash.RankOther, crash.BugOn, false},
		{"somebody's words are none", crash.Segfault, crash.BugOn, segv, crash.RankState, crash.RankWords, crash.Segfault, false},
		{"nor where nothing is known", crash.Unknown, crash.BugOn, nil, crash.RankState, crash.RankWords, crash.Unknown, false},
	} {
		high := Part{Role: Body, Rank: c.rank, PID: 10, Input: "a", Seq: 1, Crash: crash.Crash{Kind: c.high, Fatal: true, Signal: c.signal, Provoked: ""}}
		low := Part{Role: Body, Rank: c.less, PID: 10, Input: "a", Seq: 2, Crash: crash.Crash{Kind: c.low, Provoked: "debug dev x",
			Evidence: []crash.Evidence{{Fact: "words", Where: "line 2"}}}}
		high.Role, low.Role = Coredump, Exit // so that roles do not decide
		for _, order := range [][]Part{{high, low}, {low, high}} {
			g := newGroup()
			for _, p := range order {
				g.add(p)
			}
			got := g.crash
			conflict := slices.ContainsFunc(got.Conflicts, func(x crash.Conflict) bool { return x.Fact == "kind" })
			if got.Kind != c.want || conflict != c.conflict {
				t.Errorf("%s (%s first): %s, conflict %v", c.name, order[0].Crash.Kind, got.Kind, conflict)
			}
			if len(got.Evidence) != 1 || got.Evidence[0].Rank != c.less {
				t.Errorf("%s: evidence %+v", c.name, got.Evidence)
			}
			if c.less == crash.RankWords && (got.Provoked != "" || got.Fatal != high.Crash.Fatal) {
				t.Errorf("%s: words made a fact: %+v", c.name, got)
			}
			if order[0].Rank == c.rank && c.conflict && got.Provoked != "" {
				t.Errorf("%s: provoked %q, of another kind of death", c.name, got.Provoked)
			}
		}
	}
}

// A fact of lower rank never replaces one of higher rank, also when its source was nearer.
func TestFactsFollowTheRank(t *testing.T) {
	state := Part{Role: Core, Input: "core", PID: 7, Crash: crash.Crash{Kind: crash.BugOn, Fatal: true,
		Process: &crash.Process{PID: 7, Version: "2.6.12"}, Assertion: &crash.Assertion{Condition: "a"}}}
	text := Part{Role: Head, Input: "log", PID: 7, Crash: crash.Crash{Kind: crash.BugOn, Fatal: true,
		Process: &crash.Process{Version: "3.2.0"}, Assertion: &crash.Assertion{Condition: "b"}}}
	for _, order := range [][]Part{{state, text}, {text, state}} {
		g := newGroup()
		for _, p := range order {
			g.add(p)
		}
		if g.crash.Process.Version != "2.6.12" || g.crash.Assertion.Condition != "a" || len(g.crash.Conflicts) != 2 {
			t.Errorf("%s first: %+v %+v %+v", order[0].Input, g.crash.Process, g.crash.Assertion, g.crash.Conflicts)
		}
	}
}

// What was read from text in a core keeps its rank when the core meets a log.
func TestTextWithinACoreIsNoState(t *testing.T) {
	core := Part{Role: Core, Input: "core", PID: 7, Crash: crash.Crash{Kind: crash.IllegalInstruction, Fatal: true, Signal: &crash.Signal{Number: 4, Name: "SIGILL"}}}
	body := Part{Role: Body, Rank: crash.RankOther, Crash: crash.Crash{Kind: crash.BugOn, Assertion: &crash.Assertion{Condition: "old"}}}
	log := Part{Role: Head, Input: "log", PID: 7, Crash: crash.Crash{Kind: crash.BugOn, Fatal: true, Assertion: &crash.Assertion{Condition: "new"}}}
	got := run(t, Options{}, Within(core, []Part{body}), log)
	if len(got) != 1 || got[0].Kind != crash.BugOn || got[0].Assertion.Condition != "new" || len(got[0].Conflicts) != 1 {
		t.Errorf("%+v", got)
	}
}

// Somebody's words open no crash, and tell no version.
func TestWordsMakeNoCrash(t *testing.T) {
	head := Part{Role: Head, Rank: crash.RankWords, Input: "a", Crash: crash.Crash{Kind: crash.BugOn, Fatal: true}}
	version := Part{Role: Environment, Rank: crash.RankWords, Input: "a", PID: 7, Crash: crash.Crash{Process: &crash.Process{PID: 7, Version: "9.9"}}}
	if got := run(t, Options{}, head, version); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	got := run(t, Options{}, version, exit(3, 7, 7, 134, "SIGABRT"), head)
	if len(got) != 1 || got[0].Kind != crash.Abort || got[0].Version() != "" {
		t.Errorf("%+v", got)
	}
}

// A guess of the kind stands where another part knows of the death and not of its kind.
func TestAGuessAndTheUnknown(t *testing.T) {
	dumped := Part{Role: Coredump, Rank: crash.RankOther, PID: 10, Input: "a", Seq: 1, Crash: crash.Crash{Kind: crash.Unknown, Fatal: true}}
	guess := Part{Role: Coredump, Rank: crash.RankOther, PID: 10, Input: "a", Seq: 1, Likely: true, Crash: crash.Crash{Kind: crash.Segfault, Fatal: true}}
	for _, order := range [][]Part{{dumped, guess}, {guess, dumped}} {
		g := newGroup()
		for _, p := range order {
			g.add(p)
		}
		if g.crash.Kind != crash.Segfault || !g.likely {
			t.Errorf("%s first: %s, likely %v", order[0].Crash.Kind, g.crash.Kind, g.likely)
		}
	}
}
