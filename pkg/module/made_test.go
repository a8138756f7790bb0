package module

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/internal/smallcores"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/elffile"
)

// set opens a core and makes the set of its modules, until the end of the test.
func set(t testing.TB, core string, o Options) *Set {
	t.Helper()
	r, err := os.Open(core)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	st, err := r.Stat()
	if err != nil {
		t.Fatal(err)
	}
	c, err := elfcore.Open(r, st.Size(), elfcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := New(t.Context(), c, o)
	t.Cleanup(s.Close)
	return s
}

func (s *Set) mainModule(t testing.TB) *Module {
	t.Helper()
	for _, m := range s.Modules {
		if m.Main {
			return m
		}
	}
	t.Fatal("no main module")
	return nil
}

// library is the module whose file's name begins with a prefix.
func (s *Set) library(t testing.TB, prefix string) *Module {
	t.Helper()
	for _, m := range s.Modules {
		if strings.HasPrefix(filepath.Base(m.Path), prefix) {
			return m
		}
	}
	t.Fatalf("no module %s", prefix)
	return nil
}

// expect compares the state of a module after its file was asked for.
func expect(t testing.TB, m *Module, want Status, reason string) {
	t.Helper()
	f := m.File()
	status, why := m.Status()
	if status != want || !strings.Contains(why, reason) || reason == "" && why != "" || (f != nil) != (want == OK || want == Unverified) {
		t.Errorf("%s: %q %q, file %v; not %q %q", m.Path, status, why, f != nil, want, reason)
	}
}

func buildID(t testing.TB, path string) string {
	t.Helper()
	f, err := elffile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return f.BuildID()
}

func command(t testing.TB, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func put(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(to) // never written in place: it may be mapped
	if err := os.WriteFile(to, b, 0o755); err != nil {
		t.Fatal(err)
	}
}

const crasher = `#include <stdlib.h>
#include <unistd.h>
int hidden(int n) { if (n) abort(); return n; }
int main(int argc, char **argv) { if (argc > 1) unlink(argv[0]); return hidden(argc); }
`

// compile makes a small program that aborts, in a directory of its own.
func compile(t testing.TB, source string, flags ...string) (exe string) {
	t.Helper()
	coretest.Need(t, "gcc", "gcc")
	coretest.Need(t, "objcopy", "binutils")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.c"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	command(t, dir, "gcc", append([]string{"-g", "-O1", "-o", "p", "p.c"}, flags...)...)
	return filepath.Join(dir, "p")
}

// crash runs a program of compile and gives the path of its core.
func crash(t testing.TB, exe string, args ...string) string {
	t.Helper()
	pattern, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if err != nil || strings.TrimSpace(string(pattern)) != "core" {
		coretest.Absent(t, "core_pattern is not core: "+string(pattern))
	}
	dir := t.TempDir()
	cmd := exec.Command("/bin/sh", append([]string{"-c", `ulimit -c unlimited; exec "$0" "$@"`, exe}, args...)...)
	cmd.Dir, cmd.Env = dir, []string{"PATH=/usr/bin:/bin"}
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Fatalf("%s did not die: %s", exe, out)
	}
	found, err := filepath.Glob(filepath.Join(dir, "core*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s left no core: %v", exe, found)
	}
	return found[0]
}

// kept unpacks a core of testdata/cores and gives its path.
func kept(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "core")
	if err := os.WriteFile(path, smallcores.Bytes(t, name), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
