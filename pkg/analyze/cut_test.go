package analyze

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/objects"
	"github.com/hacrash/hacrash/pkg/postmortem"
	"github.com/hacrash/hacrash/pkg/symbols"
)

// opened opens a core with a copy of its executable, which is mapped already.
func opened(t *testing.T) (c *elfcore.Core, modules *module.Set, exe string) {
	t.Helper()
	p := coretest.Crash(t, coretest.Program{Source: "noreturn", Variant: coretest.Plain()})
	b, err := os.ReadFile(p.Exe)
	if err != nil {
		t.Fatal(err)
	}
	exe = filepath.Join(t.TempDir(), "copy")
	if err := os.WriteFile(exe, b, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(p.Core)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if c, err = elfcore.Open(f, st.Size(), elfcore.Options{}); err != nil {
		t.Fatal(err)
	}
	modules = module.New(t.Context(), c, module.Options{Executable: exe})
	t.Cleanup(modules.Close)
	if modules.Main().File() == nil || modules.Main().Debug() == nil {
		t.Fatal(modules.Main().Status())
	}
	return c, modules, exe
}

// An executable that is copied over in place while it is read loses its pages under
// us. That costs its names, and is told; what other files tell stays.
func TestExecutableIsCut(t *testing.T) {
	for _, size := range []int64{0, 4096, 8192, 12288} {
		c, modules, exe := opened(t)
		if err := os.Truncate(exe, size); err != nil {
			t.Fatal(err)
		}
		if _, err := objects.Open(c, modules, objects.Options{}); err == nil {
			t.Errorf("%d: structures of a file that is gone", size)
		}
		if cut := modules.Guard(func() { (&postmortem.Findings{HAProxy: true}).UseProgram(c, modules.Main()) }); cut == nil {
			t.Errorf("%d: the executable that is gone was read", size)
		}
		s := walkStacks(t.Context(), c, modules, symbols.Options{LibraryDebug: true})
		var out crash.Crash
		out.Threads = make([]crash.Thread, len(s.threads))
		s.add(&out, modules)
		var names []string
		for _, f := range out.Threads[0].Frames {
			names = append(names, f.Function)
		}
		if !slices.ContainsFunc(out.Threads[0].Frames, func(f crash.Frame) bool { return strings.Contains(f.Module, "libc") && f.Function != "" }) {
			t.Errorf("%d: names of libc were lost, too: %q", size, names)
		}
		told := slices.ContainsFunc(out.Missing, func(m crash.Missing) bool {
			return strings.Contains(m.What, exe) && strings.Contains(m.What, "was cut") && m.Effect != "" && m.Remedy != ""
		})
		if !told {
			t.Errorf("%d: that it was cut is not told: %+v", size, out.Missing)
		}
	}
}
