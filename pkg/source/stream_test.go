package source

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

// A core of the kernel, in every way it may be given.
func TestRealCore(t *testing.T) {
	pattern, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if err != nil || !strings.HasPrefix(string(pattern), "core") {
		coretest.Absent(t, "core_pattern is not core: no core to test with")
	}
	dir := t.TempDir()
	cmd := exec.Command("sh", "-c", "ulimit -c unlimited; kill -SEGV $$")
	cmd.Dir = dir
	_ = cmd.Run() // it dies, as it must
	found, _ := filepath.Glob(filepath.Join(dir, "core*"))
	if len(found) != 1 {
		coretest.Absent(t, "no core was written")
	}
	want, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	check := func(how string, got []seen) {
		t.Helper()
		if len(got) != 1 || got[0].kind != Core || !bytes.Equal(got[0].content, want) || len(got[0].problems) != 0 {
			t.Errorf("%s: %d inputs, %s, %d bytes of %d, %v %s", how, len(got), got[0].kind, len(got[0].content), len(want), got[0].problems, got[0].err)
		}
	}
	check("file", walk(t, Options{}, found[0]))
	check("pipe", walk(t, Options{Stdin: bytes.NewReader(want)}))
	for _, c := range []string{"zstd -q -c", "lz4 -q -c", "xz -0 -c", "gzip -1 -c"} {
		a := strings.Fields(c)
		b := run(t, want, a[0], a[1:]...)
		check(c, walk(t, Options{}, file(t, "x", b)))
		check(c+" piped", walk(t, Options{Stdin: bytes.NewReader(b)}))
	}
	f, err := os.Open(found[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	Walk(t.Context(), nil, Options{Stdin: f}, func(in *Input, err error) bool {
		if err != nil || in.At != io.ReaderAt(f) || in.Length != int64(len(want)) {
			t.Errorf("stdin that is a core is not read in place: %+v %v", in, err)
		}
		return true
	})
}

func TestStdinThatStandsSomewhere(t *testing.T) {
	for name, b := range map[string][]byte{"text": []byte("first\n" + logText), "core": append([]byte("first\n"), coreBytes(100)...)} {
		f, err := os.Open(file(t, "x", b))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.Seek(6, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if got := walk(t, Options{Stdin: f})[0]; !bytes.Equal(got.content, b[6:]) {
			t.Errorf("%s: %q %s", name, got.content, got.err)
		}
	}
}

// The end of a context ends the wait for a pipe on which nothing comes, both
// before its first byte and after.
func TestSilentPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	Walk(ctx, nil, Options{Stdin: r}, func(*Input, error) bool { t.Error("something was given"); return true })

	ctx, cancel = context.WithCancel(t.Context())
	if _, err := io.WriteString(w, logText); err != nil {
		t.Fatal(err)
	}
	// The reader of the first walk may still wait: it must not matter which of
	// them gets the line.
	r2, w2, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w2.Close()
	if _, err := io.WriteString(w2, logText); err != nil {
		t.Fatal(err)
	}
	Walk(ctx, nil, Options{Stdin: r2}, func(in *Input, err error) bool {
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, len(logText))
		if _, err := io.ReadFull(in.Reader, b); err != nil || string(b) != logText {
			t.Errorf("%q %v", b, err)
		}
		go cancel()
		if _, err := in.Reader.Read(b); err != context.Canceled {
			t.Errorf("a read after the end of the context: %v", err)
		}
		return true
	})
	r.Close()
	r2.Close()
}

func TestNamedPipe(t *testing.T) {
	p := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(p, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		if f, err := os.OpenFile(p, os.O_WRONLY, 0); err == nil {
			_, _ = f.Write(coreBytes(1 << 20))
			_ = f.Close()
		}
	}()
	if got := walk(t, Options{}, p)[0]; got.kind != Core || !bytes.Equal(got.content, coreBytes(1<<20)) {
		t.Errorf("%s, %d bytes, %s", got.kind, len(got.content), got.err)
	}
	// Nobody ever writes.
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	Walk(ctx, []string{p}, Options{}, func(*Input, error) bool { t.Error("something was given"); return true })
	if f, err := os.OpenFile(p, os.O_RDWR, 0); err == nil {
		_ = f.Close() // lets the open that was left behind return
	}
}

// A pipe may give its first bytes one by one.
func TestSlowFirstBytes(t *testing.T) {
	for what, b := range map[Kind][]byte{Core: coreBytes(8192), Log: []byte(logText), Other: exeBytes()} {
		got := walk(t, Options{Stdin: io.MultiReader(iotestOneByte(b[:20]), bytes.NewReader(b[20:]))})[0]
		if got.kind != what || !bytes.Equal(got.content, b) {
			t.Errorf("%s: %s, %d bytes of %d, %s", what, got.kind, len(got.content), len(b), got.err)
		}
	}
}

func exeBytes() []byte {
	b := coreBytes(4096)
	binary.LittleEndian.PutUint16(b[16:], 3)
	return b
}

func iotestOneByte(b []byte) io.Reader {
	var rs []io.Reader
	for i := range b {
		rs = append(rs, bytes.NewReader(b[i:i+1]))
	}
	return io.MultiReader(rs...)
}

// A read error of a pipe is not taken for damage, and what came before counts.
func TestBrokenPipe(t *testing.T) {
	broken := func(b []byte) io.Reader { return io.MultiReader(bytes.NewReader(b), failing{}) }
	got := walk(t, Options{Stdin: broken(coreBytes(1 << 20))})[0]
	if got.kind != Core || len(got.content) != 1<<20 || len(got.problems) != 1 || !strings.Contains(got.problems[0], errDead.Error()) {
		t.Errorf("core: %d bytes, %v %s", len(got.content), got.problems, got.err)
	}
	z := pack(t, "gzip", lines(100_000))
	Walk(t.Context(), nil, Options{Stdin: broken(z[:len(z)/2])}, func(in *Input, err error) bool {
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(in.Reader)
		if err != errDead || len(b) == 0 || len(in.Problems) != 0 {
			t.Errorf("text: %d bytes, %v, %v", len(b), err, in.Problems)
		}
		return true
	})
}

type failing struct{}

var errDead = syscall.EIO

func (failing) Read([]byte) (int, error) { return 0, errDead }

func TestFileThatShrinks(t *testing.T) {
	p := file(t, "x.log", lines(1000))
	Walk(t.Context(), []string{p}, Options{}, func(in *Input, err error) bool {
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(p, 100); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, in.Length)
		if n, err := in.At.ReadAt(b, 0); n != 100 || err != io.EOF {
			t.Errorf("%d bytes, %v", n, err)
		}
		_, _ = in.At.ReadAt(b, 50)
		if len(in.Problems) != 1 || !strings.Contains(in.Problems[0], "shorter") {
			t.Errorf("%v", in.Problems)
		}
		return true
	})
}
