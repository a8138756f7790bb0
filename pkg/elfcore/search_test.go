package elfcore

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hacrash/hacrash/pkg/machine"
)

// literal is a Matcher of one literal.
type literal string

func (l literal) Find(b []byte, from int) (int, int) {
	if i := bytes.Index(b[from:], []byte(l)); i >= 0 {
		return from + i, 0
	}
	return -1, -1
}

// synthetic makes a core of segments with the given contents at multiples of 1 GiB.
func synthetic(notes []byte, segments ...[]byte) []byte {
	n := len(segments) + 1
	data := uint64(ehdrSize + n*phdrSize)
	b := make([]byte, data)
	copy(b, "\x7fELF\x02\x01\x01")
	le.PutUint16(b[16:], etCore)
	le.PutUint16(b[18:], machine.AMD64.ELF)
	le.PutUint64(b[32:], ehdrSize)
	le.PutUint16(b[54:], phdrSize)
	le.PutUint16(b[56:], uint16(n))
	phdr := func(i int, typ uint32, addr, size uint64) {
		p := b[ehdrSize+i*phdrSize:]
		le.PutUint32(p, typ)
		le.PutUint32(p[4:], Readable|Writable)
		le.PutUint64(p[8:], uint64(len(b)))
		le.PutUint64(p[16:], addr)
		le.PutUint64(p[32:], size)
		le.PutUint64(p[40:], size)
	}
	phdr(0, ptNote, 0, uint64(len(notes)))
	b = append(b, notes...)
	for i, s := range segments {
		phdr(i+1, ptLoad, uint64(i+1)<<30, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

func addresses(hits []Hit) (out []uint64) {
	for _, h := range hits {
		out = append(out, h.Address)
	}
	return out
}

func TestSearchOverEdges(t *testing.T) {
	const word = "needle-in-memory"
	seg := make([]byte, 3*searchBlock+500)
	var want []uint64
	for _, at := range []int{0, 100, searchBlock - len(word), searchBlock - 1 + 500, 2*searchBlock - 7, 3 * searchBlock, len(seg) - len(word)} {
		copy(seg[at:], word)
		want = append(want, 1<<30+uint64(at))
	}
	other := append(make([]byte, 50), word...)
	want = append(want, 2<<30+50)
	b := synthetic(nil, seg, other)
	// On a file with holes, and in memory.
	path := filepath.Join(t.TempDir(), "core")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for at := 0; at < len(b); at += 4096 {
		p := b[at:min(at+4096, len(b))]
		if bytes.Count(p, []byte{0}) < len(p) {
			if _, err := f.WriteAt(p, int64(at)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.Truncate(int64(len(b))); err != nil {
		t.Fatal(err)
	}
	sparse, err := Open(f, int64(len(b)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*Core{"memory": open(t, b), "file": sparse} {
		for _, workers := range []int{1, 3} {
			hits, capped, err := c.Search(context.Background(), literal(word), SearchOptions{Longest: len(word), Workers: workers})
			if got := addresses(hits); err != nil || capped || !slices.Equal(got, want) {
				t.Errorf("%s, %d workers: %x, %v, %v; want %x", name, workers, got, capped, err, want)
			}
		}
	}
}

func TestSearchLimits(t *testing.T) {
	c := open(t, synthetic(nil, bytes.Repeat([]byte("abcdefgh"), 1<<16)))
	hits, capped, err := c.Search(context.Background(), literal("abcdefgh"), SearchOptions{Longest: 8, MaxHits: 10})
	if len(hits) != 10 || !capped || err != nil {
		t.Errorf("%d hits, capped %v, %v; want 10 and capped", len(hits), capped, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := c.Search(ctx, literal("nothing of it"), SearchOptions{Longest: 13}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled search: %v", err)
	}
	if _, _, err := c.Search(context.Background(), literal(""), SearchOptions{}); err == nil {
		t.Error("a search for nothing is no error")
	}
}

// Many segments that share the same bytes must not make a small file a long
// search.
func TestSearchSharedBytes(t *testing.T) {
	const n = 2000
	b := synthetic(nil, make([][]byte, n)...)
	big := make([]byte, 4*searchBlock)
	for i := range n {
		p := b[ehdrSize+(i+1)*phdrSize:]
		le.PutUint64(p[8:], uint64(len(b)))
		le.PutUint64(p[32:], uint64(len(big)))
		le.PutUint64(p[40:], uint64(len(big)))
	}
	r := &counter{Reader: bytes.NewReader(append(b, big...))}
	c, err := Open(r, int64(len(b)+len(big)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Search(context.Background(), literal("nothing of it"), SearchOptions{Longest: 13, Workers: 1}); err != nil {
		t.Fatal(err)
	}
	if most := 2 * (len(b) + len(big) + searchBlock); r.read > most {
		t.Errorf("%d bytes read of a file of %d", r.read, len(b)+len(big))
	}
}

// counter counts what is read; for one worker.
type counter struct {
	*bytes.Reader
	read int
}

func (c *counter) ReadAt(b []byte, off int64) (int, error) {
	n, err := c.Reader.ReadAt(b, off)
	c.read += n
	return n, err
}
