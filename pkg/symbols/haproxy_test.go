package symbols

import (
	"path/filepath"
	"testing"

	"github.com/hacrash/hacrash/internal/debiansuite"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/internal/oracle"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// haproxies are Debian's packages: the host's own, and those of other suites,
// which are seen through a sysroot.
func haproxies() map[string]bool {
	return map[string]bool{"": false, "bullseye": false, "trixie": false, "sid": true} // optional?
}

// crashed is a HAProxy that left a core.
type crashed struct{ root, exe, core string }

// crashHAProxy ends the HAProxy of a suite by a command of its CLI.
func crashHAProxy(t *testing.T, suite, command string, optional bool) crashed {
	t.Helper()
	c := crashed{}
	if suite != "" {
		c.root = debiansuite.Root(t, suite, optional)
	}
	p := haproxytest.Start(t, haproxytest.Options{Root: c.root})
	p.CLI("expert-mode on; " + command)
	p.Wait()
	c.core, c.exe = p.Core(), filepath.Join(c.root, "/usr/sbin/haproxy")
	return c
}

// commands end HAProxy in ways that leave different stacks: abort in the command, a
// watchdog's signal over other threads, a signal sent to another thread.
func commands() []string {
	return []string{"debug dev panic", "debug dev loop 60000", "debug dev tkill 2 11", "debug dev tkill 0 7"}
}

// eachCrash runs a test on every HAProxy and every way to end it.
func eachCrash(t *testing.T, test func(*testing.T, crashed)) {
	if testing.Short() {
		t.Skip("crashes HAProxy a dozen times")
	}
	t.Run("crashes", func(t *testing.T) {
		for suite, optional := range haproxies() {
			for _, command := range commands() {
				t.Run("suite "+suite+" "+command, func(t *testing.T) {
					t.Parallel()
					test(t, crashHAProxy(t, suite, command, optional))
				})
			}
		}
	})
}

// TestHAProxyFrames compares the stacks of Debian's stripped HAProxys with those
// of gdb and, on the host's own, eu-stack.
func TestHAProxyFrames(t *testing.T) {
	results := make(chan oracle.Diff, 64)
	eachCrash(t, func(t *testing.T, c crashed) {
		ours := walkCore(t, c.core, module.Options{Executable: c.exe, Sysroot: c.root}, Options{LibraryDebug: true}).threads()
		gdb := oracle.GDB(t, c.exe, c.core, oracle.Options{Sysroot: c.root})
		d := oracle.CompareThreads(ours, gdb)
		if d.SamePCs != d.PCs || d.SameLines != d.Lines || d.Args.Differ+d.Entries.Differ > 0 || d.SameFrames != d.Frames {
			t.Logf("gdb: %v", d)
		}
		results <- d
		if c.root == "" {
			samePCs(t, ours, oracle.EUStack(t, c.exe, c.core, oracle.Options{}))
		}
	})
	close(results)
	var sum oracle.Diff
	for d := range results {
		sum.Add("", d)
	}
	sum.Differences = nil
	t.Log(sum)
	if 100*sum.SameFrames < 99*sum.Frames || sum.SamePCs != sum.PCs || sum.SameLines != sum.Lines || sum.Args.Differ > 0 {
		t.Errorf("not as gdb: %v", sum)
	}
}

// TestWithoutLibraries walks the same stacks with the executable alone, as when a
// core came from a container whose libraries are not at hand.
func TestWithoutLibraries(t *testing.T) {
	type count struct{ all, found, wrong, unmarked int }
	results := make(chan count, 64)
	eachCrash(t, func(t *testing.T, c crashed) {
		whole := walkCore(t, c.core, module.Options{Executable: c.exe, Sysroot: c.root}, Options{})
		alone := walkCore(t, c.core, module.Options{Executable: c.exe, Sysroot: t.TempDir()}, Options{})
		var n count
		for i := range whole.stacks {
			truth := executablePCs(whole.stacks[i])
			got := executablePCs(alone.stacks[i])
			n.all += len(truth)
			same := common(truth, got)
			n.found += same
			n.wrong += len(got) - same
			if same != len(truth) || same != len(got) {
				t.Logf("thread %d\nwhole: %v\nalone: %v", i, whole.threads()[i], alone.threads()[i])
			}
			for k, f := range alone.stacks[i].Frames {
				if k > 0 && f.Module != nil && f.Module.Main && f.Trust != unwind.Scan && guessed(alone.stacks[i].Frames[:k]) {
					n.unmarked++
				}
			}
		}
		results <- n
	})
	close(results)
	var sum count
	for n := range results {
		sum.all += n.all
		sum.found += n.found
		sum.wrong += n.wrong
		sum.unmarked += n.unmarked
	}
	t.Logf("%d of %d frames of the executable found (%.1f %%), %d others (%.1f %%)",
		sum.found, sum.all, 100*float64(sum.found)/float64(sum.all), sum.wrong, 100*float64(sum.wrong)/float64(sum.found+sum.wrong))
	if 100*sum.found < 95*sum.all || 100*sum.wrong > 2*(sum.found+sum.wrong) || sum.unmarked > 0 {
		t.Errorf("too few, too many wrong, or not marked: %+v", sum)
	}
}

// guessed tells whether one of the frames is of a library that is not at hand.
func guessed(frames []unwind.Frame) bool {
	for _, f := range frames {
		if f.Module == nil || f.Module.File() == nil {
			return true
		}
	}
	return false
}

// executablePCs gives the addresses of a stack that lie in the executable.
func executablePCs(s unwind.Stack) []uint64 {
	var out []uint64
	for _, f := range s.Frames {
		if f.Module != nil && f.Module.Main {
			out = append(out, f.PC)
		}
	}
	return out
}

// common is how many of b are in a, in the same order.
func common(a, b []uint64) int {
	n := 0
	for _, x := range b {
		for i, y := range a {
			if x == y {
				n++
				a = a[i+1:]
				break
			}
		}
	}
	return n
}
