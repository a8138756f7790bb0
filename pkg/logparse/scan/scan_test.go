package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

var literals = []string{"refuses to die", `condition "`, `condition \"`, "is about to kill the process", "pool inconsistency",
	"exited with code", "segfault at", "traps: haproxy", "dumped core", "call trace(", "ABORT at",
	"has stopped processing traffic", "Contents around first corrupted", "double free", "A bogus "}

const sample = `May  6 01:08:21 lb01 haproxy[1234]: 192.0.2.28:28842 [06/May/2025:01:08:21.830] public be_auth/srv11 21/0/0/444/982 500 53200 - - ---- 664/230/117/51/0 0/0 {www.example1.com|Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36} {} "GET /api/v2/orders/index.html?id=965131 HTTP/1.1"
{"MESSAGE":"\"GET /favicon.ico HTTP/1.1\"","PRIORITY":"6","SYSLOG_FACILITY":"16","SYSLOG_IDENTIFIER":"haproxy","_SELINUX_CONTEXT":"unconfined\n","_SYSTEMD_UNIT":"haproxy.service","_TRANSPORT":"syslog","__CURSOR":"s=0","__REALTIME_TIMESTAMP":"1"}
{"log":"192.0.2.60:12284","stream":"stdout","time":"2025-05-06T00:59:54.372956Z"}
Health check for server be_app/srv1 failed, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms, status: 0/2 DOWN. bk_default has no server available! SSL handshake failure Proxy stopped (cumulated conns: FE: 1, BE: 0).
`

func mustSet(t testing.TB) *Set {
	t.Helper()
	s, err := NewSet(literals, []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func hasLiteral(line []byte) bool {
	for _, l := range literals {
		if bytes.Contains(line, []byte(l)) {
			return true
		}
	}
	return false
}

// naive is the reference: offset, number and text of every line with a literal.
func naive(d []byte) (out []string) {
	off, number := 0, 0
	for line := range bytes.Lines(d) {
		number++
		l := bytes.TrimSuffix(line, []byte("\n"))
		if hasLiteral(l) {
			out = append(out, fmt.Sprintf("%d line %d %q", off, number, l))
		}
		off += len(line)
	}
	return out
}

func randomLog(r *rand.Rand, n, longest int) []byte {
	var b bytes.Buffer
	for b.Len() < n {
		for k := r.IntN(4); k > 0; k-- {
			l := literals[r.IntN(len(literals))]
			switch r.IntN(8) {
			case 0: // a whole literal
				b.WriteString(l)
			case 1: // a piece of one
				i := r.IntN(len(l))
				b.WriteString(l[i : i+r.IntN(len(l)-i)])
			case 2: // broken by a newline
				i := 1 + r.IntN(len(l)-1)
				b.WriteString(l[:i] + "\n" + l[i:])
			default:
				for k := r.IntN(longest); k > 0; k-- {
					b.WriteByte(" abcdeftuors:\"\\(\x00\xff"[r.IntN(18)])
				}
			}
		}
		if r.IntN(3) > 0 {
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

type scanFunc func(yield func(*Window) bool) error

// ways gives all the ways in which d can be scanned.
func ways(s *Set, d []byte, o Options) map[string]scanFunc {
	ctx := context.Background()
	reader := func(r io.Reader) scanFunc {
		return func(y func(*Window) bool) error { return s.ScanReader(ctx, r, o, y) }
	}
	return map[string]scanFunc{
		"at":       func(y func(*Window) bool) error { return s.ScanAt(ctx, bytes.NewReader(d), int64(len(d)), o, y) },
		"reader":   reader(bytes.NewReader(d)),
		"one byte": reader(iotest.OneByteReader(bytes.NewReader(d))),
		"half":     reader(iotest.DataErrReader(iotest.HalfReader(bytes.NewReader(d)))),
	}
}

func check(t *testing.T, s *Set, d []byte, o Options, seed uint64) {
	t.Helper()
	want := strings.Join(naive(d), "\n")
	for name, run := range ways(s, d, o) {
		var lines []string
		err := run(func(w *Window) bool {
			if h := int(w.Hit - w.Off); h < 0 || !bytes.HasPrefix(w.Line[h:], []byte(literals[w.Lit])) {
				t.Fatalf("%s seed %d: window %+v: hit is not literal %d", name, seed, w, w.Lit)
			}
			if w.Cut {
				t.Fatalf("%s seed %d: cut at %d, %d bytes", name, seed, w.Off, len(w.Line))
			}
			lines = append(lines, fmt.Sprintf("%d line %d %q", w.Off, w.Number, w.Line))
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(lines, "\n"); got != want {
			t.Fatalf("%s seed %d %+v:\ngot  %.300s\nwant %.300s", name, seed, o, got, want)
		}
	}
}

func TestRandom(t *testing.T) {
	s := mustSet(t)
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		d := randomLog(r, 1+r.IntN(20000), 1+r.IntN(200))
		check(t, s, d, Options{Workers: 1 + r.IntN(5), Block: 64 + r.IntN(2000), MaxLine: 64 << 10}, seed)
	}
}

// Every literal at every distance from a block edge and from both ends.
func TestEdges(t *testing.T) {
	s := mustSet(t)
	for _, l := range literals {
		for pad := range 150 {
			x := strings.Repeat("x", pad)
			for _, d := range []string{l, x + l, x + l + "\n", x + "\n" + l + "\ny", l + x + l, x + l + "\n" + x + l} {
				check(t, s, []byte(d), Options{Workers: 2, Block: 100, MaxLine: 1 << 10}, uint64(pad))
			}
		}
	}
	check(t, s, nil, Options{}, 0)
	check(t, s, []byte("\n\n"), Options{}, 0)
}

// A block with more hits than are listed is searched again by the caller.
func TestDense(t *testing.T) {
	s := mustSet(t)
	var b bytes.Buffer
	for i := range 20000 {
		b.WriteString("ABORT at x ABORT at y\n"[11*(i%2):])
		if i%700 == 0 {
			b.WriteString(strings.Repeat("quiet line\n", 900))
		}
	}
	check(t, s, b.Bytes(), Options{Block: 10000}, 0)
	check(t, s, b.Bytes(), Options{}, 0)

	// One window may end far inside a later dense block.
	want := bytes.Count(b.Bytes(), newline)
	for name, run := range ways(s, b.Bytes(), Options{Block: 10000}) {
		last, windows := int64(0), 0
		err := run(func(w *Window) bool {
			windows++
			if w.Number <= last {
				t.Fatalf("%s: line %d after line %d", name, w.Number, last)
			}
			for range 3333 {
				if _, _, n, ok := w.Next(); ok {
					last = n
				}
			}
			return true
		})
		if err != nil || windows < want/3334 || windows > want/3334+20 {
			t.Fatalf("%s: %d windows of %d lines, %v", name, windows, want, err)
		}
	}
}

// In lines longer than MaxLine, every literal lies in some window, and all
// pieces have the number of the line.
func TestLongLines(t *testing.T) {
	s := mustSet(t)
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 9))
		d := randomLog(r, 30000, 300)
		if seed%3 > 0 { // one line, else long and short ones
			d = bytes.ReplaceAll(d, newline, []byte("_"))
		}
		o := Options{Workers: 3, Block: 500 + r.IntN(5000), MaxLine: 200 + r.IntN(1000)}
		most := o.fill(s).MaxLine
		for name, run := range ways(s, d, o) {
			seen := make([]bool, len(d))
			err := run(func(w *Window) bool {
				if !bytes.Equal(d[w.Off:][:len(w.Line)], w.Line) || len(w.Line) > most {
					t.Fatalf("%s: bad window at %d", name, w.Off)
				}
				if n := int64(bytes.Count(d[:w.Off], newline)) + 1; w.Number != n {
					t.Fatalf("%s: line %d at %d, want %d", name, w.Number, w.Off, n)
				}
				whole := w.Off == 0 || d[w.Off-1] == '\n'
				end := int(w.Off) + len(w.Line)
				whole = whole && (end == len(d) || d[end] == '\n')
				if w.Cut == whole {
					t.Fatalf("%s: cut %v, want %v at %d", name, w.Cut, !whole, w.Off)
				}
				for _, l := range literals {
					for p := 0; ; p++ {
						k := bytes.Index(w.Line[p:], []byte(l))
						if k < 0 {
							break
						}
						p += k
						seen[int(w.Off)+p] = true
					}
				}
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range literals {
				for p := 0; p+len(l) <= len(d); p++ {
					if string(d[p:p+len(l)]) == l && !seen[p] {
						t.Fatalf("seed %d %s: %q at %d of %d not in a window (%+v)", seed, name, l, p, len(d), o)
					}
				}
			}
		}
	}
}

// A long line read by Next comes in pieces that have its number.
func TestNextPieces(t *testing.T) {
	s := mustSet(t)
	long := strings.Repeat("0123456789", 100)
	d := "\nABORT at x\n" + long + "\n" + long[:200] + "\nend"
	for name, run := range ways(s, []byte(d), Options{Block: 64, MaxLine: 200}) {
		var got []string
		err := run(func(w *Window) bool {
			for {
				l, off, n, ok := w.Next()
				if !ok {
					w.back() // undoes nothing
					return true
				}
				if d[off:][:len(l)] != string(l) {
					t.Fatalf("%s: bad offset %d", name, off)
				}
				got = append(got, fmt.Sprint(n, ":", len(l)))
			}
		})
		// The newline after a piece of just MaxLine bytes goes with the piece.
		if want := "3:200 3:200 3:200 3:200 3:200 4:200 5:3"; strings.Join(got, " ") != want || err != nil {
			t.Fatalf("%s: %q %v", name, got, err)
		}
	}
}

// A multi-line message is read by Next; its lines are not hits again.
func TestNextBack(t *testing.T) {
	s := mustSet(t)
	d := []byte("a\nFATAL: bug condition \"x\" matched\n  call trace(2):\n  | 0x1\n  | 0x2\nb\nABORT at z\nABORT at zz\n")
	want := `2 FATAL: bug condition "x" matched|3   call trace(2):|4   | 0x1|5   | 0x2;7 ABORT at z;8 ABORT at zz`
	for name, run := range ways(s, d, Options{Block: 20}) {
		var got []string
		err := run(func(w *Window) bool {
			w.back() // nothing to undo yet
			g := fmt.Sprint(w.Number, " ", string(w.Line))
			for {
				l, _, n, ok := w.Next()
				if !ok {
					break
				}
				if !bytes.HasPrefix(l, []byte("  ")) {
					w.back()
					again, _, n2, _ := w.Next()
					if n2 != n || !bytes.Equal(again, l) {
						t.Fatalf("%s: Back and Next gave line %d %q", name, n2, again)
					}
					w.back()
					w.back() // one level only
					break
				}
				g += fmt.Sprint("|", n, " ", string(l))
			}
			got = append(got, g)
			return true
		})
		if err != nil || strings.Join(got, ";") != want {
			t.Fatalf("%s: %q %v", name, got, err)
		}
	}
}

func TestBefore(t *testing.T) {
	s := mustSet(t)
	var b strings.Builder
	for b.Len() < 400<<10 {
		fmt.Fprintf(&b, "quiet line at %d\n", b.Len())
	}
	first := b.Len()
	b.WriteString("ABORT at 1\ntaken\n")
	second := b.Len()
	b.WriteString("between\nABORT at 2\n")
	d := b.String()
	for name, run := range ways(s, []byte(d), Options{}) {
		n := 0
		err := run(func(w *Window) bool {
			n++
			line := string(w.Line)
			switch n {
			case 1:
				if got := w.Before(64 << 10); string(got) != d[first-64<<10:first] {
					t.Fatalf("%s: %d bytes before the first window", name, len(got))
				}
				if got := w.Before(1 << 30); !strings.HasSuffix(d[:first], string(got)) || len(got) < 64<<10 {
					t.Fatalf("%s: %d bytes before the first window", name, len(got))
				}
				if name == "at" && len(w.Before(1<<30)) != first {
					t.Fatal("a small file is not read back to its start")
				}
				w.Next()
			case 2:
				if got := w.Before(64 << 10); string(got) != d[second:second+8] {
					t.Fatalf("%s: %q before the second window", name, got)
				}
				if got := w.Before(3); string(got) != "en\n" {
					t.Fatalf("%s: %q", name, got)
				}
			}
			if n == 2 && string(w.Line) != line {
				t.Fatalf("%s: Before changed the line to %q", name, w.Line)
			}
			if w.Before(0) != nil || w.Before(-1) != nil {
				t.Fatalf("%s: Before(0)", name)
			}
			return true
		})
		if err != nil || n != 2 {
			t.Fatal(name, n, err)
		}
	}
}

func TestStop(t *testing.T) {
	s := mustSet(t)
	d := bytes.Repeat([]byte("ABORT at\n"), 100000)
	for name, run := range ways(s, d, Options{}) {
		n := 0
		if err := run(func(*Window) bool { n++; return n < 3 }); err != nil || n != 3 {
			t.Fatal(name, n, err)
		}
	}
}

func TestCancel(t *testing.T) {
	s := mustSet(t)
	d := bytes.Repeat([]byte("ABORT at\n"), 100000)
	for _, file := range []bool{true, false} {
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		y := func(*Window) bool { n++; cancel(); return true }
		var err error
		if file {
			err = s.ScanAt(ctx, bytes.NewReader(d), int64(len(d)), Options{}, y)
		} else {
			err = s.ScanReader(ctx, bytes.NewReader(d), Options{}, y)
		}
		if !errors.Is(err, context.Canceled) || n != 1 {
			t.Fatal(file, n, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.ScanAt(ctx, bytes.NewReader(make([]byte, 1<<20)), 1<<20, Options{}, nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// failAfter fails when read at or past off.
type failAfter struct {
	io.ReaderAt
	off int64
}

var errDisk = errors.New("input/output error")

func (f failAfter) ReadAt(b []byte, off int64) (int, error) {
	if off+int64(len(b)) > f.off {
		n, _ := f.ReaderAt.ReadAt(b[:max(0, f.off-off)], off)
		return n, errDisk
	}
	return f.ReaderAt.ReadAt(b, off)
}

func TestErrors(t *testing.T) {
	s := mustSet(t)
	ctx := context.Background()
	d := append([]byte("ABORT at\n"), bytes.Repeat([]byte("quiet line\n"), 100000)...)
	n := 0
	count := func(*Window) bool { n++; return true }
	if err := s.ScanReader(ctx, iotest.ErrReader(io.ErrClosedPipe), Options{}, count); err != io.ErrClosedPipe || n != 0 {
		t.Fatal(err, n)
	}
	if err := s.ScanReader(ctx, io.MultiReader(bytes.NewReader(d), iotest.ErrReader(errDisk)), Options{}, count); err != errDisk || n != 1 {
		t.Fatal(err, n)
	}
	if err := s.ScanReader(ctx, stuck{}, Options{}, count); err != io.ErrNoProgress {
		t.Fatal(err)
	}
	n = 0
	if err := s.ScanAt(ctx, failAfter{bytes.NewReader(d), 300 << 10}, int64(len(d)), Options{}, count); !errors.Is(err, errDisk) || n != 1 {
		t.Fatal(err, n)
	}
	// Next fails in the middle of a message: the scan says so.
	if err := s.ScanAt(ctx, failAfter{bytes.NewReader(d), 300 << 10}, int64(len(d)), Options{}, func(w *Window) bool {
		for {
			if _, _, _, ok := w.Next(); !ok {
				return true
			}
		}
	}); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	for _, bad := range [][]string{{"short"}, {"new\nline in it"}, nil} {
		if _, err := NewSet(bad, nil); err == nil {
			t.Fatal(bad)
		}
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// A truncated file, or a size that is a lie, ends the scan early and quickly.
func TestTruncated(t *testing.T) {
	s := mustSet(t)
	d := bytes.Repeat([]byte("ABORT at\nquiet\n"), 100000)
	for _, size := range []int64{int64(len(d)) + 1, 2 * int64(len(d)), 1 << 62} {
		n := 0
		err := s.ScanAt(context.Background(), bytes.NewReader(d), size, Options{}, func(*Window) bool { n++; return true })
		if err != nil || n != 100000 {
			t.Fatal(size, n, err)
		}
	}
}

// A stream gives a line as soon as it is complete, for tail -f.
func TestLineByLine(t *testing.T) {
	s := mustSet(t)
	r, w := io.Pipe()
	seen := make(chan string)
	done := make(chan error)
	go func() {
		done <- s.ScanReader(context.Background(), r, Options{}, func(w *Window) bool {
			seen <- string(w.Line)
			return true
		})
	}()
	for _, l := range []string{"ABORT at 1", "ABORT at 2"} {
		if _, err := io.WriteString(w, "quiet\n"+l+"\n"); err != nil {
			t.Fatal(err)
		}
		if got := <-seen; got != l {
			t.Fatal(got)
		}
	}
	w.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// More literals than there are buckets share them.
func TestManyLiterals(t *testing.T) {
	var many []string
	for i := range 500 {
		many = append(many, fmt.Sprintf("%03d is a literal of its own", i))
	}
	s, err := NewSet(many, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range many {
		if pos, lit := s.Find([]byte("xx "+l+"\n"), 0); pos != 3 || lit != i {
			t.Fatal(l, pos, lit)
		}
	}
}

// FuzzScan compares with the reference. Bytes 1 to 15 of the text stand for
// whole literals, so that the fuzzer finds them.
func FuzzScan(f *testing.F) {
	s := mustSet(f)
	f.Add([]byte("a\x01\nb\x02\x02c\n\n\x0f"), uint16(70), uint8(1))
	f.Add([]byte("ABORT \x0bat\n\x05ABORT at\n\n"), uint16(64), uint8(3))
	f.Fuzz(func(t *testing.T, text []byte, block uint16, workers uint8) {
		if len(text) > 1<<14 {
			return
		}
		var d []byte
		for _, c := range text {
			if c >= 1 && int(c) <= len(literals) && c != '\n' {
				d = append(d, literals[c-1]...)
			} else {
				d = append(d, c)
			}
		}
		check(t, s, d, Options{Workers: 1 + int(workers%5), Block: 1 + int(block), MaxLine: 1 << 20}, 0)
	})
}
