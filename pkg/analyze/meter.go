package analyze

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/hacrash/hacrash/pkg/debuginfod"
	"github.com/hacrash/hacrash/pkg/source"
)

// Meter counts what is read, for whoever draws a progress line in another
// goroutine. A nil Meter counts nothing.
type Meter struct {
	mu    sync.Mutex
	name  string
	total int64
	done  atomic.Int64
	fetch fetch
}

// fetch is a file that comes from elsewhere while an input waits for it.
type fetch struct {
	name        string
	done, total int64
}

// Line says what is at work and how far it is: "core.1234: 12 of 40 MB". It is empty
// between inputs.
func (m *Meter) Line() string {
	name, done, total := m.Progress()
	switch {
	case name == "":
		return ""
	case total > 0:
		return fmt.Sprintf("%s: %d of %d MB", name, min(done, total)>>20, total>>20)
	}
	return fmt.Sprintf("%s: %d MB", name, done>>20)
}

// Progress tells the input at work, or what it waits for, the bytes read of it,
// and their total (0 when not known). The name is empty between inputs.
func (m *Meter) Progress() (name string, done, total int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fetch.name != "" {
		return m.fetch.name, m.fetch.done, m.fetch.total
	}
	return m.name, m.done.Load(), m.total
}

// Fetch tells how far a file is that comes from elsewhere.
func (m *Meter) Fetch(p debuginfod.Progress) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fetch = fetch{}
	if !p.Done {
		m.fetch = fetch{fmt.Sprintf("%s of %.16s from %s", p.Kind, p.BuildID, p.Server), p.Got, max(p.Size, 0)}
	}
}

func (m *Meter) start(in *source.Input) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.name, m.total = in.Name, in.Length
	m.done.Store(0)
}

func (m *Meter) stop() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.name = ""
}

// readerAt counts the reads of r; nil Meters give r itself.
func (m *Meter) readerAt(r io.ReaderAt) io.ReaderAt {
	if m == nil {
		return r
	}
	return countedAt{r, &m.done}
}

func (m *Meter) reader(r io.Reader) io.Reader {
	if m == nil {
		return r
	}
	return counted{r, &m.done}
}

type countedAt struct {
	io.ReaderAt
	n *atomic.Int64
}

func (c countedAt) ReadAt(b []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(b, off)
	c.n.Add(int64(n))
	return n, err
}

type counted struct {
	io.Reader
	n *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n.Add(int64(n))
	return n, err
}
