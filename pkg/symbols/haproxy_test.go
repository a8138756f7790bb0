package symbols

import (
	"path/filepath"
	"testing"

	"github.com/hacrash/hacrash/internal/debiansuite"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/internal/oracle"
	"github.com/hacrash/hacrash/pkg/module"
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
