package trim

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/internal/oracle"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
)

// trimmed makes a small core of one in memory.
func trimmed(t testing.TB, core []byte, o module.Options) Result {
	t.Helper()
	c, err := elfcore.Open(bytes.NewReader(core), int64(len(core)), elfcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	modules := module.New(t.Context(), c, o)
	defer modules.Close()
	out, err := Core(t.Context(), c, modules, Program{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestFramesOfPrograms compares what debuggers see in small cores and in the originals.
func TestFramesOfPrograms(t *testing.T) {
	for _, test := range []struct{ source, way string }{
		{"threads", ""}, {"layers", ""}, {"inlines", ""}, {"tailcalls", "chain"}, {"tailcalls", "library"},
		{"nullcall", "null"}, {"sig", "handler"}, {"sig", "altstack"}, {"noreturn", ""}, {"values", ""}, {"vdso", ""},
	} {
		for _, v := range []coretest.Variant{coretest.Plain(), coretest.ARM64Variants()[0]} {
			p := coretest.Program{Source: test.source, Way: test.way, Variant: v}
			if v.Name != "" && test.source == "vdso" {
				continue // qemu has none
			}
			t.Run(p.String(), func(t *testing.T) {
				t.Parallel()
				c := coretest.Crash(t, p)
				small := trimmed(t, read(t, c.Core), module.Options{Executable: c.Exe, Sysroot: c.Sysroot, DebugDirs: debugDirs(c)})
				if len(small.Problems) > 0 {
					t.Error(small.Problems)
				}
				sameFrames(t, c.Exe, c.Core, small.Bytes, oracle.For(c), test.source == "nullcall")
			})
		}
	}
}

func debugDirs(c coretest.Crashed) []string {
	if c.DebugDir == "" {
		return nil
	}
	return []string{c.DebugDir}
}

// sameFrames compares threads and frames: names, addresses and lines. With lost, eu-stack is
// not asked.
func sameFrames(t *testing.T, exe, core string, small []byte, o oracle.Options, lost bool) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "small")
	if err := os.WriteFile(path, small, 0o600); err != nil {
		t.Fatal(err)
	}
	same := func(name string, got, want []oracle.Thread) {
		d := oracle.CompareThreads(got, want)
		if len(got) != len(want) || d.Frames == 0 || d.SameFrames != d.Frames || d.SamePCs != d.PCs || d.SameLines != d.Lines {
			t.Errorf("%s: %d threads of %d, %v", name, len(got), len(want), d)
		}
	}
	same("gdb", oracle.GDB(t, exe, path, o), oracle.GDB(t, exe, core, o))
	// Folklore: eu-stack cannot pass a call of address 0, and takes a word of the environment,
	// which is not kept, for the caller.
	if !o.Multiarch && !lost {
		same("eu-stack", oracle.EUStack(t, exe, path, o), oracle.EUStack(t, exe, core, o))
	}
}
