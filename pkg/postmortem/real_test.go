package postmortem

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
)

// read reads the core of a process that has died.
func read(t *testing.T, p *haproxytest.Process) (*elfcore.Core, *Findings) {
	t.Helper()
	file, err := os.Open(p.Core())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	st, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	c, err := elfcore.Open(file, st.Size(), elfcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := Read(context.Background(), c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c, f
}

// installed is the version of the host's haproxy, from haproxy -v.
func installed(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("/usr/sbin/haproxy", "-v").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(out), "version ")
	version, _, _ := strings.Cut(rest, " ")
	return version
}

// The host's haproxy is really crashed; what it printed is the oracle for what
// is found in its core.
func TestRealCrashes(t *testing.T) {
	for _, c := range []struct {
		name     string
		options  haproxytest.Options
		command  string
		kind     crash.Kind
		provoked string
		text     TextKind // that must be found, a piece of what was printed
	}{
		{"panic", haproxytest.Options{}, "expert-mode on; debug dev panic", crash.Panic, "debug dev panic", ""},
		{"worker", haproxytest.Options{MasterWorker: true}, "expert-mode on; debug dev panic", crash.Panic, "debug dev panic", ""},
		{"watchdog", haproxytest.Options{}, "expert-mode on; debug dev loop 60000", crash.Watchdog, "debug dev loop 60000", ""},
		{"bug", haproxytest.Options{}, "expert-mode on; debug dev bug", crash.BugOn, "debug dev bug", TraceText},
		{"segfault", haproxytest.Options{}, "expert-mode on; debug dev tkill 0 11", crash.Segfault, "debug dev tkill 0 11", ""},
		{"spin", haproxytest.Options{}, "", crash.Spinning, "", SpinText},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := haproxytest.Start(t, c.options)
			if c.command == "" {
				p.Spin(7791234)
			} else {
				p.CLI(c.command)
			}
			p.Wait()
			core, f := read(t, p)
			x := f.Crash(core, nil)
			if !f.HAProxy || x.Kind != c.kind || !x.Fatal || x.Provoked != c.provoked {
				t.Errorf("HAProxy %v, %s, provoked by %q; want %s, %q", f.HAProxy, x.Kind, x.Provoked, c.kind, c.provoked)
			}
			if want := installed(t); x.Process.Version != want || x.Process.VersionSource != coreMemory {
				t.Errorf("version %q from %q; want %q", x.Process.Version, x.Process.VersionSource, want)
			}
			if x.Process.PID != p.PID || x.Process.Executable != "/usr/sbin/haproxy" || x.Process.BuildID == "" {
				t.Errorf("process %+v; want pid %d", x.Process, p.PID)
			}
			if len(x.Threads) != 4 || !x.Threads[0].Faulty || x.Threads[1].Faulty {
				t.Errorf("threads %+v", x.Threads)
			}
			if top := x.Threads[0].Frames[0]; top.Trust != crash.TrustContext || top.Module == "" || top.ModuleOffset == 0 {
				t.Errorf("innermost frame %+v", top)
			}
			if c.kind == crash.Panic || c.kind == crash.Watchdog {
				if want := fmt.Sprintf("Thread %d is about to kill", x.Threads[0].Number); !strings.Contains(p.Stderr(), want) {
					t.Errorf("the thread that died has number %d; printed was\n%s", x.Threads[0].Number, p.Stderr())
				}
			}
			if c.text != "" && f.text(c.text) == nil {
				t.Errorf("no %s text among %+v", c.text, f.Texts)
			}
			// Whatever is given as text was printed so.
			printed := strings.ReplaceAll(p.Stderr(), "\n\n", "\n")
			for _, x := range f.Texts {
				for line := range strings.Lines(x.Text) {
					if line = strings.TrimSpace(line); !strings.Contains(printed, line) {
						t.Errorf("%s text at %#x holds %q, which was not printed", x.Kind, x.Address, line)
					}
				}
			}
		})
	}
}

// A program of another name is no HAProxy, and is still told of.
func TestOtherPrograms(t *testing.T) {
	core := openPacked(t, "threads")
	f, err := Read(context.Background(), core, Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := f.Crash(core, nil)
	if f.HAProxy || f.Name != "threads" || x.Kind != crash.Segfault || len(x.Threads) != 3 || x.Process.Version != "" {
		t.Errorf("HAProxy %v, name %q, %s, %d threads", f.HAProxy, f.Name, x.Kind, len(x.Threads))
	}
	if x.Signal.Address == nil || *x.Signal.Address != 8 || x.Signal.CodeName != "SEGV_MAPERR" {
		t.Errorf("signal %+v", x.Signal)
	}
}
