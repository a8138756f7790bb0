package source

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/shapes"
)

// tarOf makes an archive of names and contents.
func tarOf(t testing.TB, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		h := &tar.Header{Name: members[i], Mode: 0o600, Size: int64(len(members[i+1]))}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, members[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// noted walks names, and gives what was noted too.
func noted(t testing.TB, names ...string) (got []seen, notes string) {
	var all []string
	got = walk(t, Options{Note: func(where, what string) { all = append(all, filepath.Base(where)+": "+what) }}, names...)
	return got, strings.Join(all, "\n")
}

func TestArchive(t *testing.T) {
	core := string(coreBytes(1 << 20))
	inner := string(tarOf(t, "var/log/haproxy.log", logText))
	plain := tarOf(t, "../../etc/haproxy.log", logText, "core.4250", core, "core.4251.gz", string(pack(t, "gzip", []byte(core))), "empty", "",
		"haproxy", string(exeBytes()), "inner.tar", inner, "core.nginx.33.00000000000000000000000000000000.77.1628047371000000", core, "/abs.log", logText+"x")
	for name, b := range map[string][]byte{"x.tar": plain, "x.tar.gz": pack(t, "gzip", plain), "x.tar.zst": pack(t, "zstd", plain), "x.tar.xz": pack(t, "xz", plain)} {
		got, notes := noted(t, file(t, name, b))
		var kinds []string
		for _, s := range got {
			kinds = append(kinds, string(s.kind)+s.err)
			if s.kind == Core && !bytes.Equal(s.content, []byte(core)) {
				t.Errorf("%s: another core, of %d bytes", name, len(s.content))
			}
		}
		if g := strings.Join(kinds, " "); g != "log core core log log" {
			t.Errorf("%s: %s", name, g)
		}
		want := name + ": passed over: empty (empty), haproxy (an executable or a library, not a core), core.nginx.33.00000000000000000000000000000000.77.1628047371000000 (a core of another program)"
		if notes != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, notes, want)
		}
	}
}

// Archives within archives end somewhere, and so do those of nothing but members.
func TestArchiveBounds(t *testing.T) {
	deep := tarOf(t, "x.log", logText)
	for range 6 {
		deep = tarOf(t, "x.tar", string(deep))
	}
	if got, _ := noted(t, file(t, "deep.tar", deep)); len(got) == 0 || !strings.Contains(got[0].err, "deep in one another") {
		t.Errorf("%+v", got)
	}
	header := tarOf(t, "x", "")[:512]
	many := &repeated{b: header, left: 1_000_000}
	var notes []string
	got := walk(t, Options{Stdin: many, Note: func(where, what string) { notes = append(notes, where+": "+what) }})
	if len(got) != 2 || !strings.Contains(got[0].err, "more than 200000 members") || len(notes) != 1 || notes[0] != "stdin: passed over: x and 199999 more (empty)" {
		t.Errorf("%+v, %s", got, notes)
	}
	if many.left < 700_000 {
		t.Errorf("%d members were read", 1_000_000-many.left)
	}
}

// repeated reads as the same bytes again and again.
type repeated struct {
	b        []byte
	at, left int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.b[r.at:])
	if r.at += n; r.at == len(r.b) {
		r.at, r.left = 0, r.left-1
	}
	return n, nil
}

func TestCutArchive(t *testing.T) {
	whole := tarOf(t, "a.log", strings.Repeat(logText, 50), "b.log", strings.Repeat(logText, 50))
	for _, n := range []int{700, 4096, 5000, len(whole) - 1500} {
		got, _ := noted(t, file(t, "cut.tar", whole[:n]))
		if len(got) == 0 {
			t.Errorf("cut at %d: nothing", n)
		}
		for _, s := range got {
			if strings.Contains(s.err, "\n") {
				t.Errorf("cut at %d: %q", n, s.err)
			}
		}
	}
}

func TestApport(t *testing.T) {
	core := make([]byte, 3<<20)
	copy(core, coreBytes(64))
	random := rand.New(rand.NewPCG(1, 2))
	for i := 64; i < len(core); i += 3 {
		core[i] = byte(random.Uint32())
	}
	b := shapes.ApportReport(core)
	const text = "ProblemType: Crash\nArchitecture: amd64\nCoreDump: base64\nExecutablePath: /usr/sbin/haproxy\nSignal: 11\nOther: base64\nUname: Linux\n"
	for name, b := range map[string][]byte{"x.crash": b, "x.crash.gz": pack(t, "gzip", b)} {
		got := walk(t, Options{}, file(t, name, b))
		if len(got) != 2 || got[0].kind != Core || !bytes.Equal(got[0].content, core) || got[1].kind != Log || string(got[1].content) != text {
			for _, s := range got {
				t.Errorf("%s: %s, %d bytes, %v %s", name, s.kind, len(s.content), s.problems, s.err)
			}
		}
	}
	if got := walk(t, Options{Stdin: bytes.NewReader(b)}); len(got) != 2 || !bytes.Equal(got[0].content, core) || string(got[1].content) != text {
		t.Errorf("through a pipe: %d inputs", len(got))
	}
	// Cut anywhere in the core there is what came before, and one problem.
	for _, n := range []int{200, 100_000, len(b) * 2 / 3, len(b) - 200} {
		got := walk(t, Options{}, file(t, "cut.crash", b[:n]))
		if len(got) != 2 || len(got[0].content) == 0 || !bytes.HasPrefix(core, got[0].content) || len(got[0].problems) != 1 || !strings.Contains(got[0].problems[0], "truncated after") {
			t.Errorf("cut at %d: %d inputs, %d bytes, %q %s", n, len(got), len(got[0].content), got[0].problems, got[0].err)
		}
	}
	damaged := bytes.Clone(b)
	copy(damaged[len(b)/2:], "!!!")
	got := walk(t, Options{}, file(t, "bad.crash", damaged))
	if len(got) != 2 || len(got[0].problems) == 0 || !strings.Contains(strings.Join(got[0].problems, " "), "base64") || got[1].kind != Log {
		t.Errorf("damaged: %+v", got[0].problems)
	}
}

func TestProblemDirectory(t *testing.T) {
	spool := t.TempDir()
	dir := filepath.Join(spool, "ccpp-2021-08-04-03:22:51.1-2470780")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]string{
		"reason": "haproxy killed by SIGSEGV", "time": "1628047371", "analyzer": "abrt-ccpp", "executable": "/usr/sbin/haproxy", "environ": "SECRET=x",
		"coredump": string(coreBytes(4096)), "backtrace": "#0  0x0000 in main ()\n", "pid": "2470780\n", "maps": "x",
	} {
		write(t, dir, name, []byte(s))
	}
	for _, name := range []string{dir, spool} {
		got, notes := noted(t, name)
		want := "reason: haproxy killed by SIGSEGV\nexecutable: /usr/sbin/haproxy\npid: 2470780\ntime: 2021-08-04 03:22:51 UTC\ndirectory: " + dir + "\n\n#0  0x0000 in main ()\n"
		if len(got) != 2 || string(got[0].content) != want || got[1].kind != Core || notes != "" {
			t.Errorf("%+v %s", got, notes)
		}
	}
}

func TestDirectoryOfSystemd(t *testing.T) {
	dir := t.TempDir()
	id := strings.Repeat("0", 32)
	for _, name := range []string{"core.haproxy.188." + id + ".2470780.1628047371000000.zst", "core.nginx.33." + id + ".77.1628047371000000.zst", "core.my\\x2eprog.0." + id + ".78.1628047371000000"} {
		write(t, dir, name, pack(t, "zstd", coreBytes(4096)))
	}
	write(t, dir, ".hidden", []byte("x"))
	got, notes := noted(t, dir)
	if len(got) != 1 || got[0].kind != Core || notes != filepath.Base(dir)+": passed over: .hidden (hidden), core.my\\x2eprog.0."+id+".78.1628047371000000 and 1 more (a core of another program)" {
		t.Errorf("%+v\n%s", got, notes)
	}
}

func TestJournalFile(t *testing.T) {
	var b strings.Builder
	for i := range 50 {
		fmt.Fprintf(&b, "__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%032d\n_COMM=haproxy\nSECRET=x\nMESSAGE=line %d\n\n", 1739178764000000+i*1_000_000, i+1, 7, i)
	}
	name := shapes.JournalFile(t, b.String())
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	other := file(t, "copied", whole)
	for _, name := range []string{name, other, file(t, "x.journal.zst", pack(t, "zstd", whole)), file(t, "x.tar", tarOf(t, "var/log/journal/x.journal", string(whole)))} {
		got := walk(t, Options{}, name)
		if len(got) != 1 || got[0].kind != Log || strings.Count(string(got[0].content), "MESSAGE=line") != 50 || strings.Contains(string(got[0].content), "SECRET") || len(got[0].problems) > 0 {
			t.Errorf("%s: %+v", filepath.Base(name), got)
		}
	}
	for _, b := range [][]byte{whole[:3000], []byte("LPKSHHRH and nothing of a journal " + strings.Repeat("x", 9000))} {
		got := walk(t, Options{}, file(t, "bad.journal", b))
		if len(got) != 1 || !strings.Contains(got[0].err, "journalctl: failed to open") || strings.Contains(got[0].err, "\n") {
			t.Errorf("%+v", got)
		}
	}
}

// Hostile archives and reports: something comes of them, and it ends.
func FuzzMembers(f *testing.F) {
	f.Add(tarOf(f, "a.log", logText, "b/../c", logText))
	f.Add(tarOf(f, "x.tar", string(tarOf(f, "a", logText))))
	f.Add(shapes.ApportReport(coreBytes(4096)))
	f.Add([]byte("ProblemType: Crash\nCoreDump: base64\n H4sICAAAAAAC/w==\n =\n A\nX: base64\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		Walk(t.Context(), nil, Options{Stdin: bytes.NewReader(b), MaxContent: 1 << 20}, func(in *Input, err error) bool {
			if err == nil && in.Kind != journal {
				_, _ = io.Copy(io.Discard, io.LimitReader(in.content(), 1<<20))
			}
			return true
		})
	})
}
