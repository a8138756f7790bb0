package elfcore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/internal/smallcores"
	"github.com/hacrash/hacrash/pkg/machine"
)

// fileNote is an NT_FILE of rows start, end, page offset, path.
func fileNote(rows ...Mapping) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(rows)))
	b = binary.LittleEndian.AppendUint64(b, 4096)
	for _, r := range rows {
		for _, x := range []uint64{r.Start, r.End, r.Offset / 4096} {
			b = binary.LittleEndian.AppendUint64(b, x)
		}
	}
	for _, r := range rows {
		b = append(append(b, r.Path...), 0)
	}
	return note1("CORE", NoteFile, b)
}

// threadAt is a PRSTATUS of a thread with that stack pointer.
func threadAt(lwp uint32, sp uint64) []byte {
	b := prstatus(lwp)
	le.PutUint64(b[112+8*19:], sp)
	return note1("CORE", NotePRStatus, b)
}

var someFile = Mapping{Start: 1 << 40, End: 1<<40 + 4096, Path: "/usr/sbin/x"}

func openStream(t testing.TB, b []byte, o StreamOptions) *Core {
	t.Helper()
	c, err := OpenStream(t.Context(), bytes.NewReader(b), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What the notes and the headers in memory tell is the same, whichever way a
// core is read, and what is kept are its bytes.
func TestStreamTellsWhatFileTells(t *testing.T) {
	for _, name := range []string{"threads", "threads-static", "layers"} {
		b := smallcores.Bytes(t, name)
		whole := open(t, b)
		for _, cut := range []int{0, 1, 4097, len(b) / 3, len(b) / 2, len(b) * 9 / 10} {
			b := b[:len(b)-cut]
			file, c := open(t, b), openStream(t, b, StreamOptions{})
			if !c.OnePass() {
				t.Fatalf("%s: not read in one pass", name)
			}
			for what, d := range map[string]string{
				"threads": cmp.Diff(file.Threads, c.Threads, cmp.AllowUnexported(Thread{}, Registers{}), sameMachine), "modules": cmp.Diff(file.Modules, c.Modules), "segments": cmp.Diff(file.Segments, c.Segments),
				"signal": cmp.Diff(file.Signal, c.Signal), "problems": cmp.Diff(file.Problems(), c.Problems()), "truncation": cmp.Diff(file.Truncated(), c.Truncated()), "size": cmp.Diff(file.Size, c.Size),
			} {
				if d != "" {
					t.Errorf("%s without %d bytes: %s (-file +stream):\n%s", name, cut, what, d)
				}
			}
			sameMemory(t, file, c)
			for i := range whole.Threads {
				sp := whole.Threads[i].Registers.SP()
				_, want := file.Uint64(sp)
				if _, err := c.Uint64(sp); fmt.Sprint(err) != fmt.Sprint(want) {
					t.Errorf("%s without %d bytes: at the stack pointer: %v, of the file %v", name, cut, err, want)
				}
			}
		}
	}
}

// sameMemory compares page by page what c kept with what the file holds.
func sameMemory(t *testing.T, file, c *Core) {
	t.Helper()
	same, left := 0, 0
	for _, s := range file.Segments {
		a, b := make([]byte, 4096), make([]byte, 4096)
		for at := s.Address; at < s.Address+s.Held(); at += 4096 {
			n, _ := file.ReadMemory(a, at)
			m, err := c.ReadMemory(b, at)
			switch {
			case errors.Is(err, ErrNotKept):
				left++
			case m != n || !bytes.Equal(a[:n], b[:m]):
				t.Fatalf("memory at %#x differs", at)
			default:
				same++
			}
		}
	}
	if same == 0 {
		t.Errorf("%d pages kept, %d not", same, left)
	}
}

// words is a Matcher of several literals.
type words []string

func (w words) Find(b []byte, from int) (int, int) {
	best, lit := -1, -1
	for i, s := range w {
		if p := bytes.Index(b[from:], []byte(s)); p >= 0 && (best < 0 || from+p < best) {
			best, lit = from+p, i
		}
	}
	return best, lit
}

// Literals over the edges of blocks, pages, zeros and segments: the pass finds
// what a search of the file finds, and keeps what is around it.
func TestStreamFindsWhatSearchFinds(t *testing.T) {
	w := words{"needle-in-memory", "debug\x00dev\x00", "short"}
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 20 {
		var segments [][]byte
		for range 4 {
			s := make([]byte, 2*streamBlock+r.IntN(streamBlock))
			for range 60 {
				at := r.IntN(len(s))
				if r.IntN(2) == 0 {
					at = (at/keptPage+1)*keptPage - r.IntN(40)
				}
				copy(s[min(at, len(s)-1):], w[r.IntN(len(w))])
			}
			segments = append(segments, s)
		}
		notes := append(threadAt(1, 1<<30+5000), fileNote(someFile)...)
		b := synthetic(notes, segments...)
		o := StreamOptions{Matcher: w, Longest: 16, MaxEach: 1 << 20, Around: func(int) Around { return Around{Before: 300, After: 5000} }}
		c := openStream(t, b, o)
		want, _, err := open(t, b).Search(t.Context(), w, SearchOptions{Longest: 16})
		if err != nil {
			t.Fatal(err)
		}
		got, capped, err := c.Search(t.Context(), w, SearchOptions{Longest: 16})
		if err != nil || capped {
			t.Fatal(capped, err)
		}
		if d := cmp.Diff(want, got); d != "" || len(got) == 0 {
			t.Fatalf("round %d: hits (-search +pass):\n%s", round, d)
		}
		for _, h := range got {
			s := c.Segment(h.Address)
			from, to := max(h.Address-300, s.Address), min(h.Address+5000, s.End())
			around := make([]byte, to-from)
			if _, err := c.ReadMemory(around, from); err != nil {
				t.Fatalf("around %#x: %v", h.Address, err)
			}
			if off := from - s.Address; !bytes.Equal(around, segments[s.Address>>30-1][off:off+uint64(len(around))]) {
				t.Fatalf("around %#x: other bytes", h.Address)
			}
		}
		only, _, err := c.Search(t.Context(), w, SearchOptions{Longest: 16, MaxHits: 1, Only: func(s *Segment) bool { return s.Address == 2<<30 }})
		if err != nil || len(only) != 1 || only[0].Address>>30 != 2 {
			t.Errorf("the first one of a segment: %v, %v", only, err)
		}
	}
}

// A text goes on over blocks until its NUL, and no further.
func TestStreamKeepsTexts(t *testing.T) {
	seg := bytes.Repeat([]byte("x"), 5*streamBlock)
	const at = streamBlock + 100
	copy(seg[at:], "needle-in-memory")
	seg[3*streamBlock+10] = 0
	b := synthetic(fileNote(someFile), seg)
	c := openStream(t, b, StreamOptions{Matcher: literal("needle-in-memory"), Longest: 16, MaxEach: 1, Around: func(int) Around { return Around{After: 4 * streamBlock, Text: true} }})
	text, err := c.CString(1<<30+at, len(seg))
	if err != nil || len(text) != 2*streamBlock+10-100 {
		t.Errorf("text of %d bytes, %v", len(text), err)
	}
	if _, err := c.Uint64(1<<30 + 3*streamBlock + 2*keptPage); !errors.Is(err, ErrNotKept) {
		t.Errorf("behind it: %v", err)
	}
}

// Zeros take no memory, and are not the same as what was not kept.
func TestStreamOfZeros(t *testing.T) {
	seg := make([]byte, 4<<20)
	b := synthetic(append(threadAt(1, 1<<30+2<<20), fileNote(someFile)...), seg)
	c := openStream(t, b, StreamOptions{MaxKept: 4 * keptPage})
	for at, want := range map[uint64]error{1<<30 + 2<<20: nil, 1<<30 + 1<<20: ErrNotKept, 1<<30 + 4<<20: ErrNotMapped} {
		if v, err := c.Uint64(at); v != 0 || !errors.Is(err, want) {
			t.Errorf("%#x: %d, %v; want %v", at, v, err, want)
		}
	}
	if len(c.Problems()) != 0 {
		t.Errorf("%v", c.Problems())
	}
}

// With too much to keep, the thread that died stays and the last ones go first.
func TestStreamGivesUpLastThreads(t *testing.T) {
	var notes []byte
	var segments [][]byte
	const threads = 40
	for i := range uint64(threads) {
		notes = append(notes, threadAt(uint32(i+1), (i+1)<<30+300<<10)...)
		s := bytes.Repeat([]byte{byte(i + 1)}, 400<<10)
		segments = append(segments, s)
	}
	b := synthetic(append(notes, fileNote(someFile)...), segments...)
	c := openStream(t, b, StreamOptions{MaxKept: 2 << 20})
	has := func(at uint64) bool { _, err := c.Uint64(at); return err == nil }
	if !has(1<<30+60<<10) || !has(1<<30+399<<10) {
		t.Error("the thread that died lost parts of its stack")
	}
	var near []uint64
	for i := range uint64(threads) {
		if has((i+1)<<30 + 300<<10) {
			near = append(near, i)
		}
	}
	if len(near) < 10 || near[len(near)-1] != uint64(len(near)-1) {
		t.Errorf("stacks of threads %v are kept", near)
	}
	if said := strings.Join(c.Problems(), "\n"); !strings.Contains(said, "of the last threads first") {
		t.Errorf("problems: %s", said)
	}
}

// What a pass cannot do is told, with all bytes that were read, so that they
// can be spooled.
func TestStreamOutOfOrder(t *testing.T) {
	seg := make([]byte, maxFront+1<<20)
	late := synthetic(append(threadAt(1, 1<<30), fileNote(someFile)...), seg)
	notes := le.Uint64(late[ehdrSize+32:])
	at := le.Uint64(late[ehdrSize+8:])
	moved := append(slices.Clone(late), late[at:at+notes]...)
	le.PutUint64(moved[ehdrSize+8:], uint64(len(late)))
	shared := synthetic(fileNote(someFile), make([]byte, 4096), make([]byte, 4096))
	copy(shared[ehdrSize+2*phdrSize+8:][:8], shared[ehdrSize+phdrSize+8:][:8])
	many := slices.Clone(late)
	le.PutUint16(many[56:], pnXNum)
	le.PutUint64(many[40:], uint64(len(many)))
	many = append(many, make([]byte, shdrSize)...)
	for why, b := range map[string][]byte{
		"do not stand at its front": moved, "no table of mapped files": synthetic(threadAt(1, 1<<30), seg), "share bytes": append(shared, seg...), "stand at its front": many,
	} {
		r := bytes.NewReader(b)
		_, err := OpenStream(t.Context(), r, StreamOptions{})
		var out *OutOfOrderError
		if !errors.As(err, &out) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
			continue
		}
		if rest, _ := io.ReadAll(r); !bytes.Equal(append(out.Front, rest...), b) {
			t.Errorf("%s: front and rest are not the core", why)
		}
	}
}

// A core that ends while its front is read is all there.
func TestStreamThatEndsAtOnce(t *testing.T) {
	b := smallcores.Bytes(t, "threads")
	for _, n := range []int{0, 10, 30, 64, 100, 2000} {
		_, want := Open(bytes.NewReader(b[:n]), int64(n), Options{})
		c, err := OpenStream(t.Context(), bytes.NewReader(b[:n]), StreamOptions{})
		if fmt.Sprint(err) != fmt.Sprint(want) {
			t.Errorf("%d bytes: %v; want %v", n, err, want)
		}
		if err == nil && !c.Truncated().Headers {
			t.Errorf("%d bytes: not told to be cut", n)
		}
	}
	broken := io.MultiReader(bytes.NewReader(b[:len(b)/2]), errorReader{})
	c, err := OpenStream(t.Context(), broken, StreamOptions{})
	if err != nil || !strings.Contains(strings.Join(c.Problems(), "\n"), "bad disk") {
		t.Errorf("%v %v", c, err)
	}
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, errors.New("bad disk") }

// Forty thousand threads with one stack, and mappings over all of memory:
// time and memory stay bounded.
func TestStreamHostilePlan(t *testing.T) {
	var notes []byte
	for i := range uint32(40_000) {
		notes = append(notes, threadAt(i, 1<<30+1<<20+uint64(i%512))...)
	}
	rows := make([]Mapping, 5000)
	for i := range rows {
		rows[i] = Mapping{Start: 1<<30 + uint64(i), End: 3 << 30, Path: "/lib/x"}
	}
	seg := bytes.Repeat([]byte("stack123"), 1<<20)
	b := synthetic(append(notes, fileNote(rows...)...), seg, seg)
	c := openStream(t, b, StreamOptions{MaxKept: 1 << 20})
	if len(c.Threads) != MaxThreads || c.ThreadsOmitted != 40_000-MaxThreads {
		t.Errorf("%d threads, %d omitted", len(c.Threads), c.ThreadsOmitted)
	}
	kept := c.r.(*kept)
	if kept.bytes > 1<<20 {
		t.Errorf("%d bytes kept", kept.bytes)
	}
	if _, err := c.Uint64(c.Threads[0].Registers.SP()); err != nil {
		t.Errorf("the thread that died lost its stack: %v", err)
	}
}

func FuzzOpenStream(f *testing.F) {
	core := smallcores.Bytes(f, "layers")
	f.Add(core[:32<<10])
	f.Add(smallcores.Bytes(f, "threads")[:24<<10])
	seg := bytes.Repeat([]byte("needle-in-memory"), 1000)
	f.Add(synthetic(append(threadAt(1, 1<<30), fileNote(someFile, Mapping{Start: 1 << 30, End: 1<<30 + 4096, Path: "/x"})...), seg, seg))
	f.Fuzz(func(t *testing.T, b []byte) {
		o := StreamOptions{Matcher: literal("needle-in-memory"), Longest: 16, MaxEach: 8, MaxKept: 64 << 10, Around: func(int) Around { return Around{Before: 100, After: 1000, Text: true} }}
		c, err := OpenStream(t.Context(), bytes.NewReader(b), o)
		if err == nil {
			exercise(c)
		}
	})
}

// sameMachine compares machines: there is one value of each.
var sameMachine = cmp.Comparer(func(a, b *machine.Machine) bool { return a == b })
