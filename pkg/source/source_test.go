package source

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// coreBytes is the start of an ELF core, then zeros and a mark at the end.
func coreBytes(n int) []byte {
	b := make([]byte, n)
	copy(b, "\x7fELF\x02\x01\x01")
	binary.LittleEndian.PutUint16(b[16:], 4)
	copy(b[n-4:], "mark")
	return b
}

func pack(t testing.TB, kind string, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch kind {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "zstd":
		w, err = zstd.NewWriter(&out)
	case "lz4":
		w = lz4.NewWriter(&out)
	case "xz":
		w, err = xz.NewWriter(&out)
	}
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func packers() []string { return []string{"gzip", "zstd", "lz4", "xz"} }

// seen is what a walk gave, as text.
type seen struct {
	kind     Kind
	content  []byte
	problems []string
	err      string
}

func walk(t testing.TB, o Options, names ...string) []seen {
	t.Helper()
	var out []seen
	Walk(t.Context(), names, o, func(in *Input, err error) bool {
		if err != nil {
			out = append(out, seen{err: err.Error()})
			return true
		}
		s := seen{kind: in.Kind}
		if in.Kind == Core {
			if err := in.Spool(t.Context(), nil); err != nil {
				out = append(out, seen{err: in.Name + ": " + err.Error()})
				return true
			}
		}
		r := in.Reader
		if in.At != nil {
			r = io.NewSectionReader(in.At, 0, in.Length)
		}
		if r != nil {
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			s.content = b
		}
		s.problems = in.Problems
		out = append(out, s)
		return true
	})
	return out
}

func file(t testing.TB, name string, b []byte) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

const logText = "Dec  2 07:10:39 n1 haproxy[27279]: A bogus APPCTX [0x7f] is spinning\n"

func TestEveryPackingOfTextAndCore(t *testing.T) {
	for _, kind := range append(packers(), "") {
		for want, plain := range map[Kind][]byte{Log: []byte(strings.Repeat(logText, 5000)), Core: coreBytes(3 << 20)} {
			b := plain
			if kind != "" {
				b = pack(t, kind, plain)
			}
			p := file(t, "x", b)
			for how, got := range map[string][]seen{
				"file": walk(t, Options{}, p),
				"pipe": walk(t, Options{Stdin: io.MultiReader(bytes.NewReader(b))}),
			} {
				if len(got) != 1 || got[0].kind != want || !bytes.Equal(got[0].content, plain) || len(got[0].problems) != 0 {
					t.Errorf("%s %q %s: kind %s, %d bytes of %d, %v %s", how, kind, want, got[0].kind, len(got[0].content), len(plain), got[0].problems, got[0].err)
				}
			}
		}
	}
}

func TestStreamsPutOneAfterTheOther(t *testing.T) {
	for _, kind := range packers() {
		b := append(pack(t, kind, []byte(logText)), pack(t, kind, []byte("second\n"))...)
		got := walk(t, Options{}, file(t, "x", b))
		if string(got[0].content) != logText+"second\n" || len(got[0].problems) != 0 {
			t.Errorf("%s: %q %v", kind, got[0].content, got[0].problems)
		}
	}
}

func TestCutStreamsGiveWhatTheyHave(t *testing.T) {
	var text bytes.Buffer
	for i := range 200000 {
		fmt.Fprintf(&text, "%d %x\n", i, i*2654435761)
	}
	for _, kind := range packers() {
		b := pack(t, kind, text.Bytes())
		got := walk(t, Options{}, file(t, "x", b[:len(b)*3/4]))
		if kind == "lz4" {
			// Its blocks of 4 MiB come out whole or not at all.
			if !strings.Contains(got[0].err, "truncated") && len(got[0].problems) != 1 {
				t.Errorf("lz4: %+v", got[0])
			}
			continue
		}
		if len(got[0].problems) != 1 || len(got[0].content) == 0 || !bytes.HasPrefix(text.Bytes(), got[0].content) {
			t.Errorf("%s: %d bytes, %v %s", kind, len(got[0].content), got[0].problems, got[0].err)
		}
	}
	core := coreBytes(8 << 20)
	rand.NewChaCha8([32]byte{}).Read(core[100 : 4<<20])
	b := pack(t, "zstd", core)
	got := walk(t, Options{}, file(t, "x", b[:len(b)/2]))
	if got[0].kind != Core || len(got[0].problems) != 1 || len(got[0].content) == 0 {
		t.Errorf("cut core: %d bytes, %v %s", len(got[0].content), got[0].problems, got[0].err)
	}
}

func TestZeroPagesTakeNoDiskAndNothingIsLeft(t *testing.T) {
	dir := t.TempDir()
	p := file(t, "core.zst", pack(t, "zstd", coreBytes(64<<20)))
	Walk(t.Context(), []string{p}, Options{TempDir: dir}, func(in *Input, err error) bool {
		if err != nil {
			t.Fatal(err)
		}
		if err := in.Spool(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		st, err := in.At.(interface{ Stat() (os.FileInfo, error) }).Stat()
		if err != nil {
			t.Fatal(err)
		}
		if used := st.Sys().(*syscall.Stat_t).Blocks * 512; used > 1<<20 {
			t.Errorf("%d bytes of disk for a core of zeros", used)
		}
		if in.Length != 64<<20 {
			t.Errorf("length %d", in.Length)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("the temporary file still has a name: %v", left)
		}
		return true
	})
}

func TestWhatIsNotOurs(t *testing.T) {
	exe := coreBytes(4096)
	binary.LittleEndian.PutUint16(exe[16:], 3)
	noise := make([]byte, 4096)
	for i := range noise {
		noise[i] = byte(i * 7919 >> 3 * i)
	}
	for name, b := range map[string][]byte{
		"executable": exe, "zeros": make([]byte, 4096), "noise": noise,
	} {
		got := walk(t, Options{}, file(t, name, b))
		if len(got) != 1 || got[0].kind != Other || len(got[0].problems) != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestErrorsAreOneLine(t *testing.T) {
	empty := t.TempDir()
	for want, name := range map[string]string{
		"no such file or directory": filepath.Join(empty, "gone"),
		"holds no core":             empty,
		"empty; nothing":            file(t, "empty", nil),
	} {
		got := walk(t, Options{}, name)
		if len(got) != 1 || !strings.Contains(got[0].err, want) || strings.Contains(got[0].err, "\n") || !strings.HasPrefix(got[0].err, name) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := walk(t, Options{Stdin: strings.NewReader("")}); !strings.Contains(got[0].err, "stdin: empty") {
		t.Errorf("%+v", got)
	}
}

func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	for name, b := range map[string][]byte{
		"b.log": []byte(logText), "a.core": coreBytes(100), "c.log.gz": pack(t, "gzip", []byte(logText)), "d.bin": make([]byte, 999), ".hidden": []byte(logText), "e": nil,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var kinds []string
	for _, s := range walk(t, Options{}, dir) {
		kinds = append(kinds, string(s.kind)+s.err)
	}
	if got := strings.Join(kinds, " "); got != "core log log" {
		t.Errorf("got %s", got)
	}
}

// A log that is still being written must be shown as it comes: the first line
// is given before the writer writes, or closes, anything more.
func TestPipeIsNotWaitedFor(t *testing.T) {
	r, w := io.Pipe()
	step := make(chan bool)
	go func() {
		_, _ = io.WriteString(w, logText)
		<-step
		_ = w.Close()
	}()
	Walk(t.Context(), nil, Options{Stdin: r}, func(in *Input, err error) bool {
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, len(logText))
		if _, err := io.ReadFull(in.Reader, b); err != nil || string(b) != logText {
			t.Errorf("%q %v", b, err)
		}
		close(step)
		_, _ = io.Copy(io.Discard, in.Reader)
		return true
	})
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := file(t, "core.gz", pack(t, "gzip", coreBytes(32<<20)))
	cancel()
	Walk(ctx, []string{p}, Options{}, func(*Input, error) bool { t.Error("something was given after the end"); return true })
}

func FuzzSniff(f *testing.F) {
	f.Add([]byte(logText))
	f.Add(coreBytes(64))
	f.Add(vmcore("VMCOREINFO\x00"))
	f.Add([]byte("#0  0x00007f in x () from y\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, what := sniff(b)
		if (k == Other) != (what != "") {
			t.Errorf("%s with word %q", k, what)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	for _, kind := range packers() {
		b := pack(f, kind, []byte(logText))
		f.Add(b)
		f.Add(append(b[:len(b):len(b)], b...))
		f.Add(append(b[:len(b):len(b)], "\x00\x00\x00\x00?"...))
		f.Add(b[:len(b)-3])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p := codecOf(b)
		if p == nil {
			return
		}
		in := &Input{}
		const limit = 8 << 20
		z := decompress(t.Context(), in, p, bytes.NewReader(b), limit)
		defer z.Close()
		n, err := io.Copy(io.Discard, z)
		if err != nil || n > limit || len(in.Problems) > 1 {
			t.Errorf("%d bytes, %v, %v", n, err, in.Problems)
		}
	})
}
