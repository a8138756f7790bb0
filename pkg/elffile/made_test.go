package elffile

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

// need skips a test that lacks a program; with CI=true it fails.
func need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			coretest.Absent(t, err.Error())
		}
	}
}

// run runs a program in dir.
func run(t testing.TB, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

const source = `#include <stdio.h>
struct point { int x, y; };
static int hidden(struct point *p) { return p->x * p->y; }
int seen(int n) { struct point p = { n, n + 1 }; return hidden(&p); }
int main(int argc, char **argv) { printf("%s %d\n", argv[0], seen(argc)); return 0; }
`

// build compiles a small program and returns its path; flags are gcc's.
func build(t testing.TB, flags ...string) string {
	t.Helper()
	need(t, "gcc")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.c"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "gcc", append([]string{"-g", "-O1", "-o", "p", "p.c", "-Wl,--build-id=0xfeedbeef00112233"}, flags...)...)
	return filepath.Join(dir, "p")
}

// load opens a file that must be good, until the end of the test.
func load(t testing.TB, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}
