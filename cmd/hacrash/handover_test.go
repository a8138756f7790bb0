package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/internal/oracle"
	"github.com/hacrash/hacrash/pkg/report"
	"github.com/hacrash/hacrash/pkg/source"
)

// TestHandedOver crashes HAProxy at random moments under load: of its keys, passwords, tokens and
// contents nothing is in what is handed over, and debuggers see in the bundle what they see on
// the machine of the crash.
func TestHandedOver(t *testing.T) {
	if testing.Short() {
		t.Skip("crashes HAProxy a dozen times")
	}
	for i := range 12 {
		t.Run(fmt.Sprint("moment ", i+1), func(t *testing.T) {
			o, secrets := haproxytest.Loaded(t, haproxytest.Options{})
			p := haproxytest.Start(t, o)
			stop := p.Load(secrets, false)
			time.Sleep(50*time.Millisecond + rand.N(400*time.Millisecond))
			_ = syscall.Kill(p.PID, syscall.SIGABRT)
			stop()
			p.Wait()
			clean := func(what string, b []byte) {
				t.Helper()
				for name, n := range secrets.In(b) {
					t.Errorf("%s holds %s, %d times: %q", what, name, n, secrets.Around(b, name))
				}
			}
			dir := t.TempDir()
			small, bundle := filepath.Join(dir, "small.core"), filepath.Join(dir, "crash.tar.zst")
			clean("what trim says", printed(t, "trim", p.Core(), "-o", small))
			printed(t, "trim", p.Core(), "--bundle", bundle)
			for _, input := range []string{p.Core(), small, bundle} {
				for _, format := range report.Formats() {
					clean(format+" of "+filepath.Base(input), printed(t, "analyze", "--full", "--threads", "all", "-f", format, input))
				}
			}
			core, err := os.ReadFile(small)
			if err != nil {
				t.Fatal(err)
			}
			clean("the small core", core)
			clean("the bundle", unpack(t, bundle, dir))
			if i < 2 {
				sameInBundle(t, p.Core(), filepath.Join(dir, source.BundleDir))
			}
		})
	}
}

// printed gives what a command prints.
func printed(t *testing.T, args ...string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	if code := Run(t.Context(), args, nil, &out, &errs); code != 0 {
		t.Errorf("hacrash %v: exit status %d: %s", args, code, errs.String())
	}
	return append(out.Bytes(), errs.Bytes()...)
}

// unpack puts the members of an archive below a directory, and gives all of its bytes.
func unpack(t *testing.T, path, dir string) []byte {
	t.Helper()
	packed, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	z, err := zstd.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	all, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(bytes.NewReader(all)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(dir, h.Name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeSymlink {
			err = os.Symlink(h.Linkname, at)
		} else if b, readErr := io.ReadAll(r); readErr != nil {
			err = readErr
		} else {
			err = os.WriteFile(at, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// sameInBundle compares the frames that debuggers see with the files of a bundle alone.
func sameInBundle(t *testing.T, core, dir string) {
	t.Helper()
	exe := haproxytest.Program(t, "")
	slim := filepath.Join(dir, "sys", exe)
	there, here := oracle.Options{NoLibDebug: true}, oracle.Options{NoLibDebug: true, Sysroot: filepath.Join(dir, "sys"), DebugDir: dir}
	same := func(name string, got, want []oracle.Thread) {
		d := oracle.CompareThreads(got, want)
		if len(got) != len(want) || d.Frames == 0 || d.SameFrames != d.Frames || d.SamePCs != d.PCs {
			t.Errorf("%s: %d threads of %d, %v", name, len(got), len(want), d)
		}
	}
	same("gdb", oracle.GDB(t, slim, filepath.Join(dir, "core"), here), oracle.GDB(t, exe, core, there))
	same("eu-stack", oracle.EUStack(t, slim, filepath.Join(dir, "core"), here), oracle.EUStack(t, exe, core, there))
}
