package source

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

func write(t testing.TB, dir, name string, b []byte) string {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.WriteFile(p, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOddDirectory(t *testing.T) {
	dir := t.TempDir()
	log := write(t, dir, "haproxy.log", []byte(logText))
	write(t, dir, "other.bin", make([]byte, 999))
	write(t, dir, "other.bin.gz", pack(t, "gzip", make([]byte, 999)))
	write(t, dir, "cut.gz", []byte("\x1f\x8b\x08"))
	for name, to := range map[string]string{"current.log": log, "gone": filepath.Join(dir, "nowhere"), "loop": filepath.Join(dir, "loop")} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "sub"), "x.log", []byte(logText))
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err := net.Listen("unix", filepath.Join(dir, "s")); err == nil {
		defer l.Close()
	}
	got := walk(t, Options{}, dir, log)
	if len(got) != 2 || got[0].kind != Log || !strings.Contains(got[1].err, "cut.gz: truncated") && !strings.Contains(got[0].err, "cut.gz: truncated") {
		// The link "current.log" and the log itself are one file, given once.
		t.Logf("%+v", got)
	}
	var names []string
	Walk(t.Context(), []string{dir, log}, Options{}, func(in *Input, err error) bool {
		if err != nil {
			names = append(names, "error "+filepath.Base(strings.SplitN(err.Error(), ":", 2)[0]))
		} else {
			names = append(names, filepath.Base(in.Name))
		}
		return true
	})
	if s := strings.Join(names, ", "); s != "current.log, error cut.gz" {
		t.Errorf("got %s", s)
	}
}

func TestDirectoryOfOthers(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a", make([]byte, 999))
	write(t, dir, "b", exeBytes())
	if got := walk(t, Options{}, dir); len(got) != 1 || !strings.Contains(got[0].err, "no core, log or backtrace among its 2 files") {
		t.Errorf("%+v", got)
	}
}

func TestWalkGoesOnAfterAnError(t *testing.T) {
	good := file(t, "x.log", []byte(logText))
	got := walk(t, Options{Stdin: strings.NewReader(logText)}, good+".gone", good, "-", "-", good)
	if len(got) != 4 || got[0].err == "" || got[1].kind != Log || got[2].kind != Log || !strings.Contains(got[3].err, "given twice") {
		t.Errorf("%+v", got)
	}
}

func TestYieldEndsTheWalk(t *testing.T) {
	dir := t.TempDir()
	a, b := write(t, dir, "a", []byte(logText)), write(t, dir, "b", []byte(logText+"b"))
	for _, names := range [][]string{{a, b}, {dir}, {a + "gone", b}} {
		n := 0
		Walk(t.Context(), names, Options{}, func(*Input, error) bool { n++; return false })
		if n != 1 {
			t.Errorf("%v: %d inputs after the first was refused", names, n-1)
		}
	}
}

// Files of /proc have a size of 0, and content.
func TestFileWithoutSize(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		coretest.Absent(t, "no /proc")
	}
	if got := walk(t, Options{}, "/proc/self/status")[0]; got.kind != Log || !strings.HasPrefix(string(got.content), "Name:") {
		t.Errorf("%+v", got)
	}
	if got := walk(t, Options{}, "/dev/null")[0]; !strings.Contains(got.err, "empty") {
		t.Errorf("%+v", got)
	}
}

func TestLinkInACircle(t *testing.T) {
	p := filepath.Join(t.TempDir(), "x")
	if err := os.Symlink(p, p); err != nil {
		t.Fatal(err)
	}
	if got := walk(t, Options{}, p)[0]; !strings.Contains(got.err, "circle") {
		t.Errorf("%+v", got)
	}
}

func TestReasons(t *testing.T) {
	for want, err := range map[string]error{
		"permission denied; run as": &fs.PathError{Op: "open", Path: "p", Err: syscall.EACCES},
		"is a directory":            &fs.PathError{Op: "read", Path: "p", Err: syscall.EISDIR},
		"x":                         errors.New("x"),
	} {
		if got := reason(err).Error(); !strings.HasPrefix(got, want) {
			t.Errorf("%v: %s", err, got)
		}
	}
}

func TestNoRoomForTheCopy(t *testing.T) {
	p := file(t, "core.gz", pack(t, "gzip", coreBytes(1<<20)))
	got := walk(t, Options{TempDir: filepath.Join(t.TempDir(), "gone")}, p)
	if len(got) != 1 || !strings.Contains(got[0].err, "give another --temp-dir") || !strings.HasPrefix(got[0].err, p) {
		t.Errorf("%+v", got)
	}
	for _, err := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if got := writeError(&fs.PathError{Op: "write", Path: "p", Err: err}); !errors.Is(got, errDisk) {
			t.Errorf("%v: %v", err, got)
		}
	}
	// A disk is asked before it is filled: nothing fits that is larger than it.
	f, err := os.Open(p)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, _, ok := disk(f); ok {
		if NewRoom(f).Take(1 << 61) {
			t.Error("room for 2 EiB")
		}
		if r := NewRoom(f); !r.Take(1) || r.Take(1<<61) {
			t.Error("no room for a byte, or room for 2 EiB behind it")
		}
	}
}
