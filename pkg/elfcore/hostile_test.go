package elfcore

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/internal/smallcores"
)

// note1 makes one note.
func note1(owner string, typ uint32, desc []byte) []byte {
	b := make([]byte, 12)
	le.PutUint32(b, uint32(len(owner)+1))
	le.PutUint32(b[4:], uint32(len(desc)))
	le.PutUint32(b[8:], typ)
	b = append(b, owner...)
	b = append(b, 0)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	b = append(b, desc...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func prstatus(lwp uint32) []byte {
	b := make([]byte, 336)
	le.PutUint32(b[32:], lwp)
	le.PutUint16(b[12:], 11)
	return b
}

func TestForeignAndBadNotes(t *testing.T) {
	short := note1("CORE", NotePRStatus, make([]byte, 20))
	long := note1("CORE", NoteAuxv, []byte{1, 2, 3, 4})
	le.PutUint32(long[4:], math.MaxUint32)
	for _, c := range []struct {
		name    string
		notes   []byte
		threads int
		problem string
	}{
		{"foreign owner", append(note1("GNU", NotePRStatus, prstatus(1)), note1("CORE", NotePRStatus, prstatus(2))...), 1, ""},
		{"long owner", append(note1(strings.Repeat("x", 3000), NotePRStatus, prstatus(1)), note1("CORE", NotePRStatus, prstatus(2))...), 1, ""},
		{"short note", append(short, note1("CORE", NotePRStatus, prstatus(2))...), 1, "PRSTATUS note of 20 bytes"},
		{"endless note", append(note1("CORE", NotePRStatus, prstatus(2)), long...), 1, "longer than its segment"},
		{"no notes", nil, 0, "no threads"},
	} {
		core := open(t, synthetic(c.notes, []byte("memory")))
		if len(core.Threads) != c.threads {
			t.Errorf("%s: %d threads; want %d", c.name, len(core.Threads), c.threads)
		}
		if c.threads > 0 && core.Threads[0].LWP != 2 {
			t.Errorf("%s: thread %d; want 2", c.name, core.Threads[0].LWP)
		}
		if said := strings.Join(core.Problems(), "\n"); c.problem == "" && said != "" || !strings.Contains(said, c.problem) {
			t.Errorf("%s: problems %q; want %q", c.name, said, c.problem)
		}
	}
}

// gcore writes a siginfo for each thread; that of the first is the process's.
func TestSignalOfEachThread(t *testing.T) {
	signal := func(n uint32) []byte {
		b := make([]byte, 128)
		le.PutUint32(b, n)
		return note1("CORE", NoteSigInfo, b)
	}
	var notes []byte
	for i := range uint32(3) {
		notes = append(notes, note1("CORE", NotePRStatus, prstatus(10+i))...)
		notes = append(notes, signal(5+i)...)
	}
	c := open(t, synthetic(notes))
	if c.Signal == nil || c.Signal.Number != 5 {
		t.Errorf("signal %+v; want 5", c.Signal)
	}
	for i := range c.Threads {
		if s := c.Threads[i].Signal; s == nil || s.Number != 5+i {
			t.Errorf("thread %d: signal %+v; want %d", i, s, 5+i)
		}
	}
}

func TestFileNote(t *testing.T) {
	note := func(count uint64, rows []uint64, names string) []byte {
		b := le.AppendUint64(nil, count)
		b = le.AppendUint64(b, 4096)
		for _, r := range rows {
			b = le.AppendUint64(b, r)
		}
		return note1("CORE", NoteFile, append(b, names...))
	}
	two := []uint64{0x2000, 0x3000, 1, 0x1000, 0x2000, 0}
	for _, c := range []struct {
		name    string
		note    []byte
		files   int
		problem string
	}{
		{"good", note(2, two, "/b\x00/a\x00"), 2, ""},
		{"count beyond the note", note(math.MaxUint64, two, ""), 0, "has place for 2"},
		{"too few names", note(2, two, "/b\x00/a"), 1, "ends within its names"},
		{"backwards", note(1, []uint64{0x3000, 0x2000, 0}, "/a\x00"), 0, "left out"},
		{"offset overflows", note(1, []uint64{0x2000, 0x3000, math.MaxUint64}, "/a\x00"), 0, "left out"},
	} {
		core := open(t, synthetic(append(note1("CORE", NotePRStatus, prstatus(1)), c.note...)))
		if said := strings.Join(core.Problems(), "\n"); len(core.Files) != c.files || !strings.Contains(said, c.problem) {
			t.Errorf("%s: %d files, problems %q; want %d, %q", c.name, len(core.Files), said, c.files, c.problem)
		}
		if c.name == "good" && (core.Files[0].Path != "/a" || core.Files[1].Offset != 4096) {
			t.Errorf("files %+v", core.Files)
		}
	}
}

func TestOverlap(t *testing.T) {
	var told bool
	got := tidy([]Segment{
		{Address: 150, MemSize: 100, FileSize: 100, Offset: 1000},
		{Address: 100, MemSize: 100, FileSize: 100, Offset: 500},
		{Address: 120, MemSize: 10, FileSize: 10, Offset: 900},
		{Address: 300, MemSize: 10},
	}, func() { told = true })
	want := []Segment{
		{Address: 100, MemSize: 100, FileSize: 100, Offset: 500},
		{Address: 200, MemSize: 50, FileSize: 50, Offset: 1050},
		{Address: 300, MemSize: 10},
	}
	if len(got) != len(want) || !told {
		t.Fatalf("%+v, told %v", got, told)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("segment %d: %+v; want %+v", i, got[i], want[i])
		}
	}
}

func TestManySegments(t *testing.T) {
	// PN_XNUM: the count stands in the section header.
	b := synthetic(note1("CORE", NotePRStatus, prstatus(7)), []byte("memory"))
	n := le.Uint16(b[56:])
	le.PutUint16(b[56:], pnXNum)
	le.PutUint64(b[40:], uint64(len(b)))
	b = append(b, make([]byte, shdrSize)...)
	le.PutUint32(b[len(b)-shdrSize+44:], uint32(n))
	c := open(t, b)
	if len(c.Segments) != 1 || len(c.Threads) != 1 || len(c.Problems()) != 0 {
		t.Errorf("%d segments, %d threads, problems %q", len(c.Segments), len(c.Threads), c.Problems())
	}
	// A count that the file has no place for.
	le.PutUint32(b[len(b)-shdrSize+44:], math.MaxUint32)
	c = open(t, b)
	if len(c.Threads) != 1 || !strings.Contains(strings.Join(c.Problems(), "\n"), "program headers: it is cut") {
		t.Errorf("%d threads, problems %q", len(c.Threads), c.Problems())
	}
}

// exercise does with a core what a report does.
func exercise(c *Core) {
	var b [64]byte
	for i := range c.Threads {
		r := &c.Threads[i].Registers
		_, _ = c.ReadMemory(b[:], r.SP())
		_, _ = c.ReadMemory(b[:], r.PC())
		_ = c.Module(r.PC())
		_ = c.FPRegisters(&c.Threads[i])
		if i == 100 {
			break
		}
	}
	for i, m := range c.Modules {
		_, _ = c.ReadMemory(b[:], m.Start)
		_, _ = c.ReadMemory(b[:], m.End-1)
		if i == 100 {
			break
		}
	}
	_, _ = c.CString(c.Auxv[AtExecFn], 4096)
}

// Damaged headers and notes may cost the facts they hold, nothing else.
func TestMutations(t *testing.T) {
	for _, name := range []string{"layers", "threads-aarch64"} {
		core := smallcores.Bytes(t, name)
		end := int(le.Uint64(core[64+8:]) + le.Uint64(core[64+32:]))
		rng := rand.New(rand.NewPCG(1, 2))
		edges := []uint64{0, 1, 7, 0x7f, 0xff, 0xffff, math.MaxInt32, math.MaxUint32, math.MaxInt64, math.MaxUint64, 1 << 40, uint64(len(core))}
		saved := make([]byte, end)
		copy(saved, core)
		for i := range 4000 {
			for range 1 + rng.IntN(3) {
				at := rng.IntN(end - 8)
				switch rng.IntN(3) {
				case 0:
					core[at] = byte(rng.Uint32())
				case 1:
					le.PutUint32(core[at&^3:], uint32(edges[rng.IntN(len(edges))]))
				default:
					le.PutUint64(core[at&^7:], edges[rng.IntN(len(edges))])
				}
			}
			cost := coretest.Measure(func() {
				if c, err := Open(bytes.NewReader(core), int64(len(core)), Options{}); err == nil {
					exercise(c)
				}
			})
			if cost.Panic != "" || cost.Allocated > 64<<20 {
				t.Fatalf("%s, mutation %d: %d bytes allocated %s", name, i, cost.Allocated, cost.Panic)
			}
			copy(core, saved)
		}
	}
}

func FuzzOpen(f *testing.F) {
	core := smallcores.Bytes(f, "layers")
	f.Add(core[:32<<10])
	f.Add(smallcores.Bytes(f, "threads-aarch64")[:16<<10])
	f.Add(synthetic(note1("CORE", NotePRStatus, prstatus(1)), []byte("\x7fELF\x02\x01\x01")))
	f.Add(synthetic(note1("CORE", NoteFile, make([]byte, 64))))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Open(bytes.NewReader(b), int64(len(b)), Options{CachePages: 8})
		if err == nil {
			exercise(c)
		}
	})
}
