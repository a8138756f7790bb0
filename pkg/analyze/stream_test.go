package analyze_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/internal/smallcores"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/report"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// packed compresses b in one of the ways that cores come in.
func packed(t *testing.T, way string, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch way {
	case "zst":
		w, err = zstd.NewWriter(&out)
	case "lz4":
		w = lz4.NewWriter(&out)
	case "xz":
		w, err = xz.NewWriter(&out)
	case "gz":
		w = gzip.NewWriter(&out)
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

// document analyses one input and gives the report without what a compression
// may change.
func document(t *testing.T, o analyze.Options) string {
	t.Helper()
	db := classify.Load()
	o.Knowledge = db
	var rep crash.Report
	res, err := analyze.Run(context.Background(), o, func(c *crash.Crash) error {
		// Pointers to the heap cannot be followed on one pass: rings say so then.
		c.Rings = nil
		rep.Crashes = append(rep.Crashes, *c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range res.Failed {
		t.Error(e)
	}
	for _, in := range res.Inputs {
		in.Compression, in.Size, in.Name = "", 0, "core"
		rep.Inputs = append(rep.Inputs, in)
	}
	var doc bytes.Buffer
	if err := report.Write(&doc, "json", &rep, report.Options{}); err != nil {
		t.Fatal(err)
	}
	name := "stdin"
	if len(o.Names) > 0 {
		name = o.Names[0]
	}
	return strings.ReplaceAll(doc.String(), `"`+name+`"`, `"core"`)
}

func write(t *testing.T, name string, b []byte) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// samePacked demands the same report of a core, however it comes. A directory
// that is not there shows that nothing is spooled.
func samePacked(t *testing.T, core []byte, ways ...string) {
	t.Helper()
	want := document(t, analyze.Options{Names: []string{write(t, "raw", core)}})
	nowhere := filepath.Join(t.TempDir(), "gone")
	for _, way := range ways {
		got := document(t, analyze.Options{Names: []string{write(t, "core."+way, packed(t, way, core))}, TempDir: nowhere})
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-raw +packed):\n%s", way, d)
		}
	}
	piped := document(t, analyze.Options{Stdin: struct{ io.Reader }{bytes.NewReader(core)}, TempDir: nowhere})
	if d := cmp.Diff(want, piped); d != "" {
		t.Errorf("through a pipe (-raw +piped):\n%s", d)
	}
}

func TestPackedCoresOfPrograms(t *testing.T) {
	for _, name := range []string{"threads", "threads-static", "layers"} {
		b := smallcores.Bytes(t, name)
		samePacked(t, b, "zst", "lz4", "xz", "gz")
		samePacked(t, b[:len(b)*3/4], "zst")
		samePacked(t, b[:20<<10], "gz")
	}
}

// Cores of a HAProxy: what it printed is found on the pass.
func TestPackedCoresOfHAProxy(t *testing.T) {
	for name, do := range map[string]func(*haproxytest.Process){
		"panic": func(p *haproxytest.Process) { p.CLI("expert-mode on; debug dev panic") },
		"spin":  func(p *haproxytest.Process) { p.Spin(spinRate) },
	} {
		t.Run(name, func(t *testing.T) {
			p := haproxytest.Start(t, haproxytest.Options{Threads: 16, MasterWorker: true})
			do(p)
			p.Wait()
			b, err := os.ReadFile(p.Core())
			if err != nil {
				t.Fatal(err)
			}
			samePacked(t, b, "zst", "lz4", "gz")
			samePacked(t, b[:len(b)/2], "zst")
		})
	}
}

// A core whose notes come last is spooled; so is one without a table of files.
func TestPackedCoresOutOfOrder(t *testing.T) {
	b := smallcores.Bytes(t, "threads")
	phoff := binary.LittleEndian.Uint64(b[32:])
	note := b[phoff : phoff+56] // the kernel writes it first
	if binary.LittleEndian.Uint32(note) != 4 {
		t.Fatal("the first program header is none of notes")
	}
	off, size := binary.LittleEndian.Uint64(note[8:]), binary.LittleEndian.Uint64(note[32:])
	notes := bytes.Clone(b[off : off+size])
	far := make([]byte, 20<<20)
	copy(far, b)
	binary.LittleEndian.PutUint64(far[phoff+8:], uint64(len(far)))
	far = append(far, notes...)
	for name, b := range map[string][]byte{"late notes": far, "no files": smallcores.Bytes(t, "threads-aarch64")} {
		want := document(t, analyze.Options{Names: []string{write(t, "raw", b)}})
		for _, o := range []analyze.Options{
			{Names: []string{write(t, "core.zst", packed(t, "zst", b))}},
			{Stdin: bytes.NewReader(packed(t, "gz", b))},
			{Stdin: struct{ io.Reader }{bytes.NewReader(b)}},
		} {
			if d := cmp.Diff(want, document(t, o)); d != "" {
				t.Errorf("%s, %v (-raw +packed):\n%s", name, o.Names, d)
			}
		}
		nowhere := filepath.Join(t.TempDir(), "gone")
		res, err := analyze.Run(t.Context(), analyze.Options{Names: []string{write(t, "core.gz", packed(t, "gz", b))}, TempDir: nowhere}, func(*crash.Crash) error { return nil })
		if err != nil || len(res.Failed) != 1 || !strings.Contains(res.Failed[0].Error(), "give another --temp-dir") {
			t.Errorf("%s: not spooled: %v %v", name, res.Failed, err)
		}
	}
}
