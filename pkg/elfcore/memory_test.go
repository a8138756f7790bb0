package elfcore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/hacrash/hacrash/internal/smallcores"
)

// layers reads the table that testdata/src/layers.c leaves.
func layers(t *testing.T, c *Core) (at struct{ heap, undumped, shared, code, unmapped, data uint64 }) {
	t.Helper()
	hits, _, err := c.Search(context.Background(), literal("LAYERS-TABLE-FOLLOWS-1"), SearchOptions{Longest: 22})
	if err != nil || len(hits) == 0 {
		t.Fatalf("no table in memory: %v, %v", hits, err)
	}
	for i, p := range []*uint64{&at.heap, &at.undumped, &at.shared, &at.code, &at.unmapped, &at.data} {
		if *p, err = c.Uint64(hits[0].Address + 24 + 8*uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	return at
}

func TestLayers(t *testing.T) {
	c := open(t, smallcores.Bytes(t, "layers"))
	at := layers(t, c)
	for addr, want := range map[uint64]string{at.heap: "text on the heap", at.shared: "text in shared memory", at.data: "text in .data"} {
		if got, err := c.CString(addr, 64); got != want || err != nil {
			t.Errorf("text at %#x: %q, %v; want %q", addr, got, err, want)
		}
	}
	missing := map[uint64]error{at.undumped: ErrNotDumped, at.code: ErrNotDumped, at.unmapped: ErrNotMapped}
	for addr, want := range missing {
		var b [16]byte
		n, err := c.ReadMemory(b[:], addr)
		var e *MemoryError
		if n != 0 || !errors.Is(err, want) || !errors.As(err, &e) || e.Address != addr {
			t.Errorf("read at %#x: %d, %v; want %v", addr, n, err, want)
		}
	}
	// A read into a hole gives what is before it.
	b := make([]byte, 100)
	n, err := c.ReadMemory(b, at.unmapped-60)
	var e *MemoryError
	if n != 60 || !errors.As(err, &e) || e.Address != at.unmapped {
		t.Errorf("read over the edge: %d, %v; want 60 bytes and an error at %#x", n, err, at.unmapped)
	}
}

// offsets is a file in which each byte tells its own offset.
type offsets struct{}

func (offsets) ReadAt(b []byte, off int64) (int, error) {
	for i := range b {
		b[i] = byte((off + int64(i)) >> 4)
	}
	return len(b), nil
}

func TestModuleFile(t *testing.T) {
	c := open(t, smallcores.Bytes(t, "layers"))
	at := layers(t, c)
	asked := 0
	c.UseModuleFiles(func(m *Module) io.ReaderAt {
		if !m.Main {
			return nil
		}
		asked++
		return offsets{}
	})
	m := c.Mapping(at.code)
	for range 2 {
		var b [1]byte
		if _, err := c.ReadMemory(b[:], at.code); err != nil {
			t.Fatal(err)
		}
		if want := byte((m.Offset + at.code - m.Start) >> 4); b[0] != want {
			t.Errorf("byte of code is %#x; want %#x, that of the file", b[0], want)
		}
	}
	if asked != 1 {
		t.Errorf("the file was asked for %d times; want once", asked)
	}
	// Memory that was dumped is not what the file holds.
	if got, _ := c.CString(at.data, 64); got != "text in .data" {
		t.Errorf(".data is %q", got)
	}
	var b [1]byte
	if _, err := c.ReadMemory(b[:], at.undumped); !errors.Is(err, ErrNotDumped) {
		t.Errorf("undumped memory after a file was given: %v", err)
	}
}

// Of a core that is cut, writable memory must not be taken from the file.
func TestCutIsNotFile(t *testing.T) {
	whole := smallcores.Bytes(t, "layers")
	c := open(t, whole)
	at := layers(t, c)
	s := c.Segment(at.data)
	b := whole[:s.Offset]
	c = open(t, b)
	c.UseModuleFiles(func(*Module) io.ReaderAt { return offsets{} })
	var one [1]byte
	if _, err := c.ReadMemory(one[:], at.data); !errors.Is(err, ErrCutOff) {
		t.Errorf("cut .data: %v; want %v", err, ErrCutOff)
	}
}

func TestPageCache(t *testing.T) {
	data := make([]byte, 5*pageSize+100)
	for i := range data {
		data[i] = byte(i * 7 / 3)
	}
	p := newPageCache(bytes.NewReader(data), 2)
	b := make([]byte, 3*pageSize)
	for _, off := range []int64{0, 1, pageSize - 1, 2 * pageSize, 2*pageSize + 99, 0} {
		if n, err := p.ReadAt(b, off); n != len(b) || err != nil || !bytes.Equal(b, data[off:off+int64(n)]) {
			t.Errorf("%d bytes at %d: %v", n, off, err)
		}
	}
	if n, err := p.ReadAt(b, 5*pageSize+50); n != 50 || err != io.EOF {
		t.Errorf("at the end: %d, %v; want 50, EOF", n, err)
	}
	if p.order.Len() > 2 || len(p.pages) > 2 {
		t.Errorf("%d pages are kept; want 2", p.order.Len())
	}
}
