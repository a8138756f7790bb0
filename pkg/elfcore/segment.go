package elfcore

import (
	"math"
	"slices"
	"sort"
)

// Flags of a Segment (p_flags).
const (
	Executable = 1
	Writable   = 2
	Readable   = 4
)

// Segment is one mapping of the process that the core lists.
type Segment struct {
	// Address is a runtime address; MemSize in bytes.
	Address, MemSize uint64
	// Offset is where its bytes start in the file, FileSize how many of them
	// were dumped. What lies between FileSize and MemSize was left out: it is
	// not zero, it is unknown.
	Offset, FileSize uint64
	// Cut is how many of the FileSize bytes are beyond the end of the file.
	Cut   uint64
	Flags uint32
}

// End is the first address behind the segment.
func (s *Segment) End() uint64 { return s.Address + s.MemSize }

// Held is how many bytes, from the start, the file really holds.
func (s *Segment) Held() uint64 { return s.FileSize - s.Cut }

// Truncation says how much of a core is missing behind its end.
type Truncation struct {
	// Bytes that were dumped but are not in the file, Segments that lack some.
	Bytes    uint64
	Segments int
	// Headers says that the file ends within the program headers or notes.
	Headers bool
}

// Truncated tells what was cut off the end of the core; the zero value is a
// whole core.
//
// Folklore: a core is cut by RLIMIT_CORE, by a full disk, by systemd-coredump's
// ExternalSizeMax. The kernel writes segments by address, so [stack] of the
// main thread and the vDSO, which lie highest, are lost first.
func (c *Core) Truncated() Truncation { return c.truncated }

// noteSegment is where the bytes of a PT_NOTE lie in the file.
type noteSegment struct{ off, size uint64 }

// readSegments fills c.Segments and returns the note segments in file order.
func (c *Core) readSegments(h header) []noteSegment {
	size := uint64(c.Size)
	if h.phoff > size {
		c.truncated.Headers = true
		c.problem("the core ends before its program headers: copy it again")
		return nil
	}
	n := h.phnum
	if left := (size - h.phoff) / phdrSize; n > left {
		c.truncated.Headers = true
		c.problem("the core has place for %d of its %d program headers: it is cut", left, n)
		n = left
	}
	if n > maxSegments {
		c.problem("the core lists %d segments; only the first %d are read", n, maxSegments)
		n = maxSegments
	}
	var notes []noteSegment
	const batch = 1024
	buf := make([]byte, min(n, batch)*phdrSize)
	for i := uint64(0); i < n; i += batch {
		b := buf[:min(n-i, batch)*phdrSize]
		got, err := c.r.ReadAt(b, int64(h.phoff+i*phdrSize))
		if got < len(b) {
			c.problem("cannot read program headers from %d on: %v", i, err)
		}
		for b = b[:got]; len(b) >= phdrSize; b = b[phdrSize:] {
			off, fsz := le.Uint64(b[8:]), le.Uint64(b[32:])
			switch le.Uint32(b) {
			case ptLoad:
				c.addSegment(Segment{
					Address: le.Uint64(b[16:]), MemSize: le.Uint64(b[40:]),
					Offset: off, FileSize: fsz, Flags: le.Uint32(b[4:]),
				})
			case ptNote:
				notes = append(notes, noteSegment{off, fsz})
			}
		}
	}
	c.Segments = tidy(c.Segments, func() {
		c.problem("segments overlap: the core is damaged; of each address the first segment is taken")
	})
	c.countCut()
	return notes
}

// addSegment clips what cannot be and appends the rest.
func (c *Core) addSegment(s Segment) {
	if s.MemSize == 0 {
		return
	}
	if s.MemSize > math.MaxUint64-s.Address {
		c.problem("segment at %#x of %d bytes leaves the address space: clipped", s.Address, s.MemSize)
		s.MemSize = math.MaxUint64 - s.Address
	}
	if s.FileSize > s.MemSize {
		c.problem("segment at %#x has more bytes in the file than in memory: clipped", s.Address)
		s.FileSize = s.MemSize
	}
	if s.Offset > math.MaxInt64 || s.FileSize > math.MaxInt64-s.Offset {
		c.problem("segment at %#x lies beyond what a file can hold: taken as not dumped", s.Address)
		s.Offset, s.FileSize = 0, 0
	}
	c.Segments = append(c.Segments, s)
}

// tidy sorts segments by address and takes away what others already cover.
func tidy(segs []Segment, overlap func()) []Segment {
	slices.SortStableFunc(segs, func(a, b Segment) int {
		switch {
		case a.Address < b.Address:
			return -1
		case a.Address > b.Address:
			return 1
		}
		return 0
	})
	out := segs[:0]
	var end uint64
	told := false
	for _, s := range segs {
		if s.Address < end {
			if !told {
				overlap()
				told = true
			}
			covered := end - s.Address
			if covered >= s.MemSize {
				continue
			}
			s.Address += covered
			s.MemSize -= covered
			dumped := min(covered, s.FileSize)
			s.Offset += dumped
			s.FileSize -= dumped
		}
		end = s.End()
		out = append(out, s)
	}
	return out
}

// countCut compares the segments with the end of the file.
func (c *Core) countCut() {
	size := uint64(c.Size)
	for i := range c.Segments {
		s := &c.Segments[i]
		end := s.Offset + s.FileSize
		if s.FileSize == 0 || end <= size {
			continue
		}
		s.Cut = min(end-size, s.FileSize)
		c.truncated.Segments++
		if c.truncated.Bytes+s.Cut < c.truncated.Bytes {
			c.truncated.Bytes = math.MaxUint64
		} else {
			c.truncated.Bytes += s.Cut
		}
	}
	if t := c.truncated; t.Segments > 0 {
		c.problem("the core is cut: %d of %d segments lack %d bytes in all", t.Segments, len(c.Segments), t.Bytes)
	}
}

// Segment finds the segment that holds a runtime address; nil if none does.
func (c *Core) Segment(addr uint64) *Segment {
	i := sort.Search(len(c.Segments), func(i int) bool { return c.Segments[i].Address > addr }) - 1
	if i < 0 || addr-c.Segments[i].Address >= c.Segments[i].MemSize {
		return nil
	}
	return &c.Segments[i]
}
