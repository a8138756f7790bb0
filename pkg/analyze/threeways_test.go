package analyze_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/signals"
)

// TestSignalsThreeWays kills a worker by each signal that leaves a core: what its
// master logs, the core and what gdb prints of the core tell the same kind.
func TestSignalsThreeWays(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	for _, s := range []syscall.Signal{
		syscall.SIGABRT, syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL, syscall.SIGXCPU, syscall.SIGSYS,
	} {
		t.Run(signals.Name(int(s)), func(t *testing.T) {
			t.Parallel()
			p := killed(t, s)
			printed := filepath.Join(t.TempDir(), "gdb.txt")
			if err := os.WriteFile(printed, []byte(p.Backtrace()), 0o600); err != nil {
				t.Fatal(err)
			}
			told := map[string]*crash.Crash{}
			for name, input := range map[string]string{"log": logOf(t, p), "core": p.Core(), "gdb": printed} {
				c := one(t, name, []string{input}, "")
				if c == nil {
					continue
				}
				told[name] = c
				if want := signals.KindOf(int(s)); c.Kind != want {
					t.Errorf("%s: kind is %s, want %s", name, c.Kind, want)
				}
				if c.SignalName() != signals.Name(int(s)) || !c.Fatal || c.Provoked != "" {
					t.Errorf("%s: signal %q, fatal %v, provoked by %q", name, c.SignalName(), c.Fatal, c.Provoked)
				}
			}
			if c := told["log"]; c != nil && (c.Exit == nil || c.Exit.Code != 128+int(s)) {
				t.Errorf("log: exit %+v", c.Exit)
			}
			core, gdb := told["core"], told["gdb"]
			if core == nil || gdb == nil {
				return
			}
			if core.Signal == nil || core.Signal.SenderPID != os.Getpid() {
				t.Errorf("core: signal %+v was sent by %d", core.Signal, os.Getpid())
			}
			sameStack(t, core, gdb)
		})
	}
}

// What ends a worker by itself leaves a stack with names: the core and what gdb prints of
// it give the same kind, culprit and fingerprint.
func TestFaultsTwoWays(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	library := haproxytest.Faults(t)
	for path, kind := range map[string]crash.Kind{
		"/abort": crash.Abort, "/free": crash.HeapCorruption, "/null": crash.Segfault, "/recursion": crash.StackOverflow, "/smash": crash.Abort,
	} {
		t.Run(path[1:], func(t *testing.T) {
			t.Parallel()
			p := haproxytest.Start(t, haproxytest.Options{MasterWorker: true, Preload: library})
			p.Crash("fe1.sock", "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n")
			p.Wait()
			printed := filepath.Join(t.TempDir(), "gdb.txt")
			if err := os.WriteFile(printed, []byte(p.Backtrace()), 0o600); err != nil {
				t.Fatal(err)
			}
			core, gdb := one(t, "core", []string{p.Core()}, ""), one(t, "gdb", []string{printed}, "")
			if core == nil || gdb == nil {
				return
			}
			if core.Kind != kind || gdb.Kind != kind {
				t.Errorf("the core is of %s, what gdb printed of %s; want %s", core.Kind, gdb.Kind, kind)
			}
			a, b := core.Faulty(), gdb.Faulty()
			if a == nil || b == nil || a.Culprit() == nil || b.Culprit() == nil || a.Culprit().Function != b.Culprit().Function {
				t.Errorf("culprits differ: %+v, %+v", a, b)
			}
			// What lies behind a smashed buffer each tool guesses as far as it dares.
			if path != "/smash" && core.Fingerprint != gdb.Fingerprint {
				t.Errorf("fingerprint of the core is %s, that of gdb %s: %q, %q", core.Fingerprint, gdb.Fingerprint, functions(core), functions(gdb))
			}
		})
	}
}

// sameStack demands one fingerprint of a core and of what gdb printed of it.
func sameStack(t *testing.T, core, gdb *crash.Crash) {
	t.Helper()
	a, b := functions(core), functions(gdb)
	if !slices.Equal(a, b) {
		t.Errorf("the core has %q\ngdb printed %q", a, b)
	}
	if core.Fingerprint != gdb.Fingerprint {
		t.Errorf("fingerprint of the core is %s, that of gdb %s", core.Fingerprint, gdb.Fingerprint)
	}
}

// functions are the names in the stack of the thread at fault, up to main: gdb shows no
// more.
func functions(c *crash.Crash) []string {
	var names []string
	if th := c.Faulty(); th != nil {
		for _, f := range th.Frames {
			if f.Function != "" {
				names = append(names, f.Function)
			}
			if f.Function == "main" {
				break
			}
		}
	}
	return names
}

// SIGKILL leaves nothing but what the master logs.
func TestKilledByKill(t *testing.T) {
	p := killed(t, syscall.SIGKILL)
	if found, _ := filepath.Glob(filepath.Join(p.Dir, "core*")); len(found) > 0 {
		t.Fatalf("cores %q of SIGKILL", found)
	}
	c := one(t, "log", []string{logOf(t, p)}, "")
	if c == nil {
		return
	}
	if c.Kind != crash.Killed || !c.Fatal || c.SignalName() != "SIGKILL" || c.Process.PID != p.PID {
		t.Errorf("%s, fatal %v, signal %q, pid %d", c.Kind, c.Fatal, c.SignalName(), c.Process.PID)
	}
	onlyTrue(t, "log", c)
}

// killed is a worker that idled until the signal came from this process.
func killed(t *testing.T, s syscall.Signal) *haproxytest.Process {
	t.Helper()
	p := haproxytest.Start(t, haproxytest.Options{MasterWorker: true})
	p.WaitIdle()
	if err := syscall.Kill(p.PID, s); err != nil {
		t.Fatal(err)
	}
	p.Wait()
	return p
}

// none demands that an input holds no crash.
func none(t *testing.T, name string, inputs ...string) {
	t.Helper()
	db := classify.Load()
	res, err := analyze.Run(context.Background(), analyze.Options{Names: inputs, Knowledge: db}, func(c *crash.Crash) error {
		t.Errorf("%s: a crash that is none: %s, %+v", name, c.Kind, c.Evidence)
		return nil
	})
	if err != nil || len(res.Failed) > 0 {
		t.Errorf("%s: %v, %v", name, err, res.Failed)
	}
}
