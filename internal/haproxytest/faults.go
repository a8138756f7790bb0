package haproxytest

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

//go:embed testdata/faults.c
var faults []byte

// FaultsName is the file name of the library that Faults builds.
const FaultsName = "libfaults.so"

// Faults builds a shared object for Options.Preload with which a client can end
// HAProxy from outside of its code: a request for /abort, /free (of a pointer that is
// none), /null (a call of nothing), /recursion (until the stack ends) or /smash (a
// buffer on the stack) is a fault in the function fault_… of that library.
func Faults(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		coretest.Absent(t, "gcc is not installed (package gcc)")
	}
	dir := t.TempDir()
	source, library := filepath.Join(dir, "faults.c"), filepath.Join(dir, FaultsName)
	if err := os.WriteFile(source, faults, 0o600); err != nil {
		t.Fatal(err)
	}
	// Without debug data, as libraries are installed.
	out, err := exec.Command("gcc", "-shared", "-fPIC", "-O1", "-fno-optimize-sibling-calls", "-fstack-protector-strong",
		"-Wall", "-Wno-infinite-recursion", "-o", library, source, "-ldl").CombinedOutput()
	if err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	return library
}
