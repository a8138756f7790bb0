package debuginfod

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/elffile"
)

// start runs Debian's debuginfod for a directory until the end of the test.
func start(t *testing.T, dir string) (url string, stop func()) {
	t.Helper()
	coretest.Need(t, "debuginfod", "debuginfod")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	// -t0 looks through the directory once, -g0 keeps all.
	cmd := exec.Command("debuginfod", "-F", "-R", "-t0", "-g0", "-p", fmt.Sprint(port), "-d", filepath.Join(t.TempDir(), "db"), dir)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir()}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			_ = cmd.Process.Kill() // it may have ended
			_ = cmd.Wait()         // killed: never nil
		}
	}
	t.Cleanup(stop)
	return fmt.Sprintf("http://127.0.0.1:%d", port), stop
}

// eventually tries until it works. A server that was just started listens, and
// looks through its directory, when it comes to it.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	end := time.Now().Add(time.Minute)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func TestRealServer(t *testing.T) {
	p := coretest.Build(t, coretest.Program{Source: "deep", Variant: coretest.Variant{Name: "debuglink", Debug: coretest.Beside}})
	// Only the two: the program as it was linked has the same build-id, and the
	// server may give it for either.
	dir := t.TempDir()
	for _, name := range []string{p.Exe, p.Exe + ".debug"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), b, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	url, stop := start(t, dir)
	exe, err := elffile.Open(p.Exe)
	if err != nil {
		t.Fatal(err)
	}
	defer exe.Close()
	id := exe.BuildID()
	eventually(t, "debuginfod", func() error {
		for _, kind := range []Kind{Executable, DebugInfo} {
			resp, err := http.Get(url + "/buildid/" + id + "/" + string(kind))
			if err != nil {
				return err
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return errors.New(resp.Status)
			}
		}
		return nil
	})
	var sizes []int64
	o := Options{CacheDir: t.TempDir(), Progress: func(p Progress) { sizes = append(sizes, p.Size) }}
	c := client(t, o, url)
	for kind, debug := range map[Kind]bool{Executable: false, DebugInfo: true} {
		path, err := c.Find(t.Context(), id, kind)
		if err != nil {
			t.Fatal(err)
		}
		f, err := elffile.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if f.Has(".debug_info") != debug || sizes[len(sizes)-1] != f.Size() {
			t.Errorf("%s: debug data %v, %d bytes, told %d", kind, f.Has(".debug_info"), f.Size(), sizes[len(sizes)-1])
		}
	}
	if _, err := c.Find(t.Context(), idA, Executable); !errors.Is(err, errNotFound) {
		t.Errorf("what it does not have: %v", err)
	}
	stop()
	if _, err := c.Find(t.Context(), idB, Executable); !errors.Is(err, errNoAnswer) {
		t.Errorf("after its end: %v", err)
	}
	if _, err := os.Stat(filepath.Join(o.CacheDir, id, "debuginfo")); err != nil {
		t.Error(err)
	}
}
