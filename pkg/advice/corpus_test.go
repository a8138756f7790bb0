package advice

import (
	"strconv"

	"github.com/hacrash/hacrash/pkg/crash"
)

// example is a crash, with the verdict that it has got.
type example struct {
	name   string
	crash  *crash.Crash
	system string // of the machine at hand
}

// died is a fatal crash of a version, read from a text.
func died(kind crash.Kind, version string, status crash.Status) *crash.Crash {
	return &crash.Crash{
		Kind: kind, Fatal: true, Time: "2025-02-10T10:12:44+01:00",
		Process:  &crash.Process{PID: 4242, Version: version, Executable: "/usr/sbin/haproxy"},
		Evidence: []crash.Evidence{{Fact: "exit code", Source: "haproxy.log", Where: "line 7", Rank: crash.RankHAProxy}},
		Verdict:  &crash.Verdict{Status: status},
	}
}

// with changes a crash.
func with(c *crash.Crash, change func(*crash.Crash)) *crash.Crash {
	change(c)
	return c
}

// stack gives the thread at fault its frames, innermost first.
func stack(frames ...crash.Frame) func(*crash.Crash) {
	return func(c *crash.Crash) {
		for i := range frames {
			if frames[i].Trust == "" {
				frames[i].Trust = crash.TrustPrinted
			}
		}
		c.Threads = []crash.Thread{{Faulty: true, Frames: frames}}
	}
}

// core makes a crash one of a core that lacks something.
func core(lacks ...crash.Lack) func(*crash.Crash) {
	return func(c *crash.Crash) {
		c.Evidence = []crash.Evidence{{Fact: "signal", Source: "core.4242.zst", Rank: crash.RankState}}
		c.Process.BuildID = "1f0c5a9de2b74cbbf0a7f3f1c8aa91f2d6f3e4b0"
		c.Modules = []crash.Module{
			{Path: "/usr/sbin/haproxy", Main: true, BuildID: c.Process.BuildID, Status: "ok"},
			{Path: "/usr/lib/x86_64-linux-gnu/libssl.so.3", Status: "missing"},
		}
		for _, l := range lacks {
			c.Missing = append(c.Missing, crash.Missing{ID: l, What: string(l)})
		}
	}
}

func lacks(id crash.Lack, what, effect string) func(*crash.Crash) {
	return func(c *crash.Crash) { c.Missing = append(c.Missing, crash.Missing{ID: id, What: what, Effect: effect}) }
}

// matching adds bugs that fit; the first releases with the fix are those of the signatures.
func matching(status crash.VersionStatus, ids ...string) func(*crash.Crash) {
	return func(c *crash.Crash) {
		for _, id := range ids {
			sig, ok := knowledge().Get(id)
			if !ok {
				panic("no signature " + id)
			}
			m := crash.Match{ID: id, VersionStatus: status, Fixes: []string{sig.Fix}, Issues: sig.Issues}
			for _, r := range sig.Versions.Fixed {
				m.FixedIn = append(m.FixedIn, r.Version)
			}
			c.Verdict.Matches = append(c.Verdict.Matches, m)
		}
	}
}

// suspected has suspects of which the likeliest has no sentence.
func suspected(c *crash.Crash) {
	c.Verdict.Suspects = []crash.Suspect{
		{Commit: "b1ddab0c25c16ca00a6d6c6ba4d4a1d6f5a5f1a1", FixedIn: []string{"3.0-dev4", "2.8.7", "2.9.6"}},
		{Commit: "4315d17d3f0011223344556677889900aabbccdd", FixedIn: []string{"3.0-dev5", "2.9.6"}},
		{Commit: "972ce87676e2b2c8a8d9d0b4de4a59e3c4a0b1c2", FixedIn: []string{"2.8-dev2"}},
	}
}

func versionless(c *crash.Crash) { c.Process.Version = "" }

func from(fact string) func(*crash.Crash) {
	return func(c *crash.Crash) {
		c.Evidence = []crash.Evidence{{Fact: fact, Source: "bt.txt", Rank: crash.RankOther}}
	}
}

func all(changes ...func(*crash.Crash)) func(*crash.Crash) {
	return func(c *crash.Crash) {
		for _, f := range changes {
			f(c)
		}
	}
}

func signalled(name string) func(*crash.Crash) {
	return func(c *crash.Crash) { c.Signal = &crash.Signal{Name: name} }
}

var (
	inHAProxy = crash.Frame{Function: "h2_process_demux", File: "src/mux_h2.c", Module: "haproxy", Address: 0x55}
	unnamed   = crash.Frame{Symbol: "main+0x1234", Module: "haproxy", Address: 0x55}
)

// examples are crashes that need each of the rules.
func examples() []example {
	list := append(ends(), bugsThatFit()...)
	list = append(list, evidenceLacking()...)
	return append(list, watched()...)
}

func ends() []example {
	outside := func(sender int) func(*crash.Crash) {
		return func(c *crash.Crash) { c.Signal = &crash.Signal{Name: "SIGSEGV", Outside: true, SenderPID: sender} }
	}
	return []example{
		{name: "another program", crash: with(died(crash.Segfault, "", crash.CannotTell), all(versionless, core(crash.LacksHAProxy)))},
		{name: "provoked", crash: with(died(crash.Panic, "2.8.3", crash.UnknownBug), func(c *crash.Crash) { c.Provoked = "debug dev panic" })},
		{name: "sender", crash: with(died(crash.Segfault, "2.8.3", crash.CannotTell), outside(991))},
		{name: "sender outside", crash: with(died(crash.Segfault, "2.8.3", crash.CannotTell), outside(0))},
		{name: "seccomp", crash: with(died(crash.Killed, "2.8.3", crash.UnknownBug), signalled("SIGSYS"))},
		{name: "sigkill", crash: with(died(crash.Killed, "2.8.3", crash.UnknownBug), signalled("SIGKILL"))},
		{name: "sigterm", crash: with(died(crash.Killed, "2.8.3", crash.UnknownBug), signalled("SIGTERM"))},
		{name: "another signal", crash: with(died(crash.Killed, "2.8.3", crash.UnknownBug), signalled("SIGVTALRM"))},
		{name: "out of memory", crash: died(crash.OutOfMemory, "2.8.3", crash.UnknownBug)},
		{name: "snapshot", crash: with(died(crash.Snapshot, "2.8.3", crash.CannotTell), func(c *crash.Crash) { c.Fatal = false })},
		{name: "warning", crash: with(died(crash.WarnOn, "2.8.27", crash.UnknownBug), func(c *crash.Crash) { c.Fatal = false })},
		{name: "blocked", crash: with(died(crash.BlockedTraffic, "3.2.3", crash.UnknownBug), func(c *crash.Crash) { c.Fatal = false })},
		{name: "blocked in Lua", crash: with(died(crash.BlockedTraffic, "3.2.3", crash.UnknownBug), func(c *crash.Crash) {
			c.Fatal, c.Threads = false, []crash.Thread{{Faulty: true, Lua: "stack traceback:"}}
		})},
		{name: "seen by valgrind", crash: with(died(crash.MemoryError, "3.2.3", crash.UnknownBug), func(c *crash.Crash) { c.Fatal = false })},
	}
}

func bugsThatFit() []example {
	inferred := func(c *crash.Crash) {
		c.Process.Version = ""
		c.Process.Releases = &crash.Releases{Range: "2.6.5 to 2.6.7", Versions: []string{"2.6.5", "2.6.6", "2.6.7"}}
	}
	return []example{
		{name: "known", crash: with(died(crash.Spinning, "3.0.2-a45a8e6", crash.Known), matching(crash.Affected, "bwlim-date-in-past"))},
		{name: "known, of a package", crash: with(died(crash.Spinning, "3.0.2-1ppa1~jammy", crash.Known), matching(crash.Affected, "bwlim-date-in-past"))},
		{name: "known, of a package of RHEL", crash: with(died(crash.Spinning, "3.0.2-2.el9", crash.Known), matching(crash.Affected, "bwlim-date-in-past"))},
		{name: "known, in development", crash: with(died(crash.Spinning, "3.2-dev5-37e8467", crash.Known), matching(crash.Affected, "cli-end-state-unread-input"))},
		{name: "known, branch without fix", crash: with(died(crash.Segfault, "2.7.5", crash.Known), all(matching(crash.Affected, "h2-idle-ping-abort")))},
		{name: "known, fixed nowhere", crash: with(died(crash.BugOn, "3.4.1", crash.Known), func(c *crash.Crash) {
			c.Verdict.Matches = []crash.Match{{ID: "x", VersionStatus: crash.Affected, Fixes: []string{"0123456789ab"}, FixedIn: []string{"3.5-dev3"}}}
		})},
		{name: "probable", crash: with(died(crash.PoolCorruption, "3.0.1", crash.Probable), matching(crash.Affected, "stktable-kill-race"))},
		{name: "probable, cannot tell", crash: with(died(crash.PoolCorruption, "3.0.1", crash.Probable), matching(crash.VersionCannotTell, "stktable-kill-race"))},
		{name: "probable, no version", crash: with(died(crash.PoolCorruption, "", crash.Probable), matching(crash.VersionCannotTell, "stktable-kill-race"))},
		{name: "several", crash: with(died(crash.Spinning, "3.0.2", crash.Probable), matching(crash.Affected, "bwlim-date-in-past", "stktable-kill-race"))},
		{name: "fixed", crash: with(died(crash.BugOn, "2.8.9-1+deb12u1", crash.AlreadyFixed), matching(crash.Fixed, "h1s-destroyed-while-attached"))},
		{name: "fixed, some version", crash: with(died(crash.BugOn, "", crash.AlreadyFixed), all(inferred, matching(crash.Fixed, "h1s-destroyed-while-attached")))},
		{name: "doubted version", crash: with(died(crash.Segfault, "2.8.3", crash.UnknownBug), all(stack(inHAProxy), func(c *crash.Crash) {
			c.Process.Releases = &crash.Releases{Range: "2.6.5 to 2.6.7", Contradicts: true}
		}))},
		{name: "inferred version", crash: with(died(crash.Segfault, "", crash.UnknownBug), all(inferred, stack(inHAProxy)))},
		{name: "suspects", crash: with(died(crash.Segfault, "2.8.3", crash.Suspects), all(suspected, stack(inHAProxy)))},
		{name: "suspects, ended branch", crash: with(died(crash.Segfault, "2.9.1", crash.Suspects), all(suspected, stack(inHAProxy)))},
		{name: "suspects newer than the sentences", crash: with(died(crash.Segfault, "2.4.0", crash.Suspects), all(stack(inHAProxy), func(c *crash.Crash) {
			c.Verdict.Suspects = []crash.Suspect{{Commit: "0123456789000000000000000000000000000000"}}
		}))},
		{name: "suspects with a sentence", crash: with(died(crash.Segfault, "2.4.0", crash.Suspects), all(stack(inHAProxy), func(c *crash.Crash) {
			c.Verdict.Suspects = []crash.Suspect{{Commit: "5fcd428c35000000000000000000000000000000", FixedIn: []string{"2.5-dev7", "2.4.4"}}}
		}))},
		{name: "unknown", crash: with(died(crash.Segfault, "2.8.3", crash.UnknownBug), stack(inHAProxy))},
		{name: "unknown, ended branch", crash: with(died(crash.Segfault, "2.7.5", crash.UnknownBug), stack(inHAProxy))},
		{name: "unknown, newest", crash: with(died(crash.Segfault, "2.8.27", crash.UnknownBug), stack(inHAProxy))},
		{name: "unknown, in development", crash: with(died(crash.Segfault, "3.2-dev5", crash.UnknownBug), stack(inHAProxy))},
		{name: "unknown, newest development", crash: with(died(crash.Segfault, "3.5-dev4", crash.UnknownBug), stack(inHAProxy))},
		{name: "unknown, before the index", crash: with(died(crash.Segfault, "1.8.27", crash.UnknownBug), stack(inHAProxy))},
	}
}

func evidenceLacking() []example {
	foreign := crash.Frame{Module: "/opt/agent/libagent.so", ModuleOffset: 0x12, Address: 0x7f}
	contained := func(c *crash.Crash) { c.Process.Container = true }
	system := func(c *crash.Crash) {
		c.PostMortem = &crash.PostMortem{Platform: &crash.Platform{Distribution: "Arch Linux", Container: "docker"}}
	}
	list := []example{
		{name: "foreign code", crash: with(died(crash.Segfault, "2.8.3", crash.UnknownBug), stack(foreign, inHAProxy))},
		{name: "foreign code, by name", crash: with(died(crash.Segfault, "2.8.3", crash.UnknownBug), stack(crash.Frame{Module: "libagent.so", Function: "hook"}))},
		{name: "library", crash: with(died(crash.Segfault, "2.8.3", crash.UnknownBug), stack(crash.Frame{Module: "/usr/lib/libcrypto.so.3", Function: "EVP_x"}))},
		{name: "library, by name", crash: with(died(crash.Segfault, "2.8.3", crash.CannotTell), stack(crash.Frame{Module: "libcrypto.so.1.1", Address: 0x7f}))},
		{name: "C library", crash: with(died(crash.Segfault, "2.8.3", crash.UnknownBug), stack(crash.Frame{Module: "/usr/lib/libc.so.6", Function: "memcpy"}, inHAProxy))},
		{name: "kept core", crash: with(died(crash.Segfault, "2.8.3", crash.CannotTell), lacks(crash.LacksKept, "the core", ""))},
		{name: "kept core, no pid", crash: with(died(crash.Segfault, "2.8.3", crash.CannotTell), all(lacks(crash.LacksKept, "the core", ""), func(c *crash.Crash) { c.Process.PID = 0 }))},
		{name: "core, no version", crash: with(died(crash.Segfault, "", crash.UnknownBug), all(core(crash.LacksVersion), stack(inHAProxy)))},
		{name: "core, no version, odd name", crash: with(died(crash.Segfault, "", crash.UnknownBug), all(core(crash.LacksVersion), func(c *crash.Crash) { c.Evidence[0].Source = "x.tar:core" }))},
		{name: "core, no executable", crash: with(died(crash.Segfault, "2.8.3", crash.CannotTell), core(crash.LacksExecutable, crash.LacksLibrary))},
		{name: "core, no executable, Ubuntu", crash: with(died(crash.Segfault, "2.8.3-1ubuntu1", crash.CannotTell), core(crash.LacksExecutable, crash.LacksLibrary))},
		{name: "core, no executable, no build-id", crash: with(died(crash.Segfault, "2.8.3", crash.CannotTell), all(core(crash.LacksExecutable, crash.LacksLibrary), func(c *crash.Crash) {
			c.Process.BuildID, c.Modules = "", c.Modules[:1]
			c.Modules[0].BuildID = ""
		}))},
		{name: "core, no debug data, Debian at hand", crash: with(died(crash.Segfault, "2.8.3", crash.UnknownBug), core(crash.LacksDebug)), system: "Debian GNU/Linux 12 (bookworm)"},
		{name: "core, no debug data, Alpine", crash: with(died(crash.Segfault, "2.8.3-r0", crash.UnknownBug), core(crash.LacksDebug))},
		{name: "core, no debug data, Arch Linux", crash: with(died(crash.Segfault, "2.8.3", crash.UnknownBug), all(core(crash.LacksDebug), system))},
		{name: "core, no debug data", crash: with(died(crash.Segfault, "2.8.3", crash.UnknownBug), core(crash.LacksDebug))},
		{name: "core, cut", crash: with(died(crash.Segfault, "2.8.3", crash.CannotTell), core(crash.LacksWhole))},
		{name: "core, filtered", crash: with(died(crash.Segfault, "2.8.3", crash.CannotTell), core(crash.LacksMemory))},
		{name: "cut log", crash: with(died(crash.Watchdog, "2.8.3", crash.CannotTell), lacks(crash.LacksLines, "the lines before the dump", "what it is of is not known"))},
		{name: "addresses only", crash: with(died(crash.Watchdog, "2.8.3", crash.CannotTell), stack(unnamed))},
		{name: "addresses only, program not known", crash: with(died(crash.Watchdog, "2.8.3", crash.CannotTell), all(stack(unnamed), func(c *crash.Crash) { c.Process.Executable = "" }))},
		{name: "no core by its limits", crash: with(died(crash.Segfault, "2.8.3", crash.CannotTell), lacks(crash.LacksCore, "core", ""))},
		{name: "in a container", crash: with(died(crash.Segfault, "2.8.3", crash.CannotTell), contained)},
		{name: "a line of the kernel", crash: with(died(crash.Segfault, "", crash.CannotTell), func(c *crash.Crash) { c.Process.PID, c.Evidence[0].Source = 0, "-" })},
		{name: "a debugger's text", crash: with(died(crash.Segfault, "2.8.3", crash.UnknownBug), all(stack(inHAProxy), from("gdb backtrace")))},
		{name: "a debugger's text without names", crash: with(died(crash.Segfault, "2.8.3", crash.UnknownBug), all(stack(unnamed), from("gdb backtrace")))},
		{name: "a debugger's text without names, Debian", crash: with(died(crash.Segfault, "2.8.3-1~bpo12+1", crash.UnknownBug), all(stack(unnamed), from("gdb backtrace")))},
		{name: "nothing at all", crash: &crash.Crash{}},
	}
	for i, root := range []string{"rpm", "dnf"} { // not two of one name
		list = append(list, example{name: "core, no debug data, Fedora by " + root, crash: with(died(crash.Segfault, "2.8."+strconv.Itoa(3+i)+"-1.fc41", crash.UnknownBug), core(crash.LacksDebug))})
	}
	return list
}

func watched() []example {
	status := crash.UnknownBug
	return []example{
		{name: "hang", crash: with(died(crash.Hang, "3.0.10", status), all(stack(inHAProxy), func(c *crash.Crash) { c.Fatal = false }))},
		{name: "hang, no pid", crash: with(died(crash.Hang, "3.0.10", status), func(c *crash.Crash) { c.Fatal, c.Process.PID = false, 0 })},
		{name: "watchdog", crash: with(died(crash.Watchdog, "3.0.26", status), stack(inHAProxy))},
		{name: "spinning", crash: died(crash.Spinning, "3.0.26", status)},
		{name: "heap", crash: with(died(crash.HeapCorruption, "3.0.26", status), from("asan backtrace"))},
		{name: "stack overflow", crash: with(died(crash.StackOverflow, "3.0.26", status), stack(inHAProxy))},
		{name: "bus error", crash: with(died(crash.BusError, "3.0.26", status), stack(inHAProxy))},
		{name: "illegal instruction", crash: died(crash.IllegalInstruction, "3.0.26", crash.CannotTell)},
	}
}
