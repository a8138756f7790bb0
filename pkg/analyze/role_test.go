package analyze_test

import (
	"syscall"
	"testing"

	"github.com/hacrash/hacrash/internal/debiansuite"
	"github.com/hacrash/hacrash/internal/haproxytest"
)

// Master, worker and a process that has no master are told apart by the core alone, of
// executables without symbols. Without the executable too, but for the master.
func TestRole(t *testing.T) {
	for _, suite := range []string{"", "bullseye", "trixie", "sid"} {
		t.Run("suite "+suite, func(t *testing.T) {
			t.Parallel()
			root := ""
			if suite != "" {
				root = debiansuite.Root(t, suite, suite == "sid")
			}
			for _, w := range []struct {
				want, bare string
				options    haproxytest.Options
				pid        func(*haproxytest.Process) int
			}{
				{"master", "", haproxytest.Options{MasterWorker: true}, (*haproxytest.Process).Master},
				{"worker", "worker", haproxytest.Options{MasterWorker: true}, func(p *haproxytest.Process) int { return p.PID }},
				{"", "", haproxytest.Options{}, (*haproxytest.Process).Master},
			} {
				w.options.Root = root
				p := haproxytest.Start(t, w.options)
				p.WaitIdle()
				if err := syscall.Kill(w.pid(p), syscall.SIGSEGV); err != nil {
					t.Fatal(err)
				}
				p.Wait()
				sysroot := root
				if root == "" {
					sysroot = "/"
				}
				for where, want := range map[string]string{sysroot: w.want, t.TempDir(): w.bare} {
					if c := one(t, w.want, []string{p.Core()}, where); c.Process.Role != want || c.Process.PID != w.pid(p) {
						t.Errorf("%s of %s is %q of pid %d, want %q of %d", w.want, where, c.Process.Role, c.Process.PID, want, w.pid(p))
					}
				}
			}
		})
	}
}
