package postmortem

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
)

const (
	maxSinks    = 64
	sinkSize    = 192 // no struct sink is larger; that of 3.5 has 128 bytes
	maxRingSize = 1 << 32
	maxRingName = 128

	startupLogs = "startup-logs" // the name that we give the ring
)

// readRings finds the ring of the startup log, and those of the sinks: traces, logs,
// sections "ring" of the configuration.
//
// Folklore: the variable of the startup log is local to its file before 3.0, where
// no symbol tells of it; the log itself is found by its frames ([Findings.StartupLog]).
func (p *program) readRings() []crash.Ring {
	var out []crash.Ring
	if at, _, ok := p.variable("startup_logs"); ok {
		if ring, err := p.c.Uint64(at); err == nil && ring != 0 {
			out = append(out, p.ring(startupLogs, ring))
		}
	}
	head, _, ok := p.variable("sink_list")
	if !ok {
		return out
	}
	seen := []uint64{head}
	at, err := p.c.Uint64(head)
	for err == nil && !slices.Contains(seen, at) && len(seen) <= maxSinks {
		seen = append(seen, at)
		out = append(out, p.sink(at)...)
		at, err = p.c.Uint64(at)
	}
	switch {
	case err != nil:
		out = append(out, crash.Ring{Name: "sinks", Address: crash.Addr(at), Unavailable: "their list cannot be followed: " + reason(err)})
	case at != head:
		out = append(out, crash.Ring{Name: "sinks", Address: crash.Addr(at), Unavailable: "their list does not come back to its head"})
	}
	return out
}

// sink gives the ring of a sink; one that writes to a file has none.
//
// A struct sink (include/haproxy/sink-t.h) starts with its link in the list, its name
// and its description; where the pointer to its ring lies differs between versions
// and builds, but no other member leads to something that looks like a ring.
func (p *program) sink(at uint64) []crash.Ring {
	b := make([]byte, sinkSize)
	n, _ := p.c.ReadMemory(b, at)
	if b = b[:n]; len(b) < 32 {
		return nil // the list says why
	}
	name := p.r.from(binary.LittleEndian.Uint64(b[16:]), maxRingName)
	for i := 32; i+8 <= len(b); i += 8 {
		ring := binary.LittleEndian.Uint64(b[i:])
		if x := p.ring(name, ring); x.Unavailable == "" {
			x.Description = p.r.from(binary.LittleEndian.Uint64(b[24:]), maxRingName)
			return []crash.Ring{x}
		}
	}
	return nil
}

// ring describes the ring at an address.
func (p *program) ring(name string, addr uint64) crash.Ring {
	x := crash.Ring{Name: name, Address: crash.Addr(addr)}
	s, why := readRing(p.c, addr)
	if why != "" {
		x.Unavailable = why
		return x
	}
	x.Size, x.Used = s.size, s.used
	return x
}

// storage is where a ring keeps its bytes.
type storage struct {
	area, size, head, used uint64
}

// readRing finds the storage of a struct ring (include/haproxy/ring-t.h); why says that
// it is no ring, or cannot be read.
//
//	2.2 to 2.9: starts with a struct buffer: size, area, data, head
//	3.0:        starts with a pointer to the storage: size, its header's length, then,
//	            each in a cache line of its own with threads, tail and head; the bytes
func readRing(c *elfcore.Core, addr uint64) (s storage, why string) {
	var b [32]byte
	if addr == 0 || addr%8 != 0 {
		return s, "not the address of a ring"
	}
	if n, err := c.ReadMemory(b[:], addr); n < len(b) {
		return s, reason(err)
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	if s = (storage{size: word(0), area: word(1), used: word(2), head: word(3)}); s.sound(c) {
		return s, ""
	}
	at := word(0)
	if n, err := c.ReadMemory(b[:], at); n < len(b) {
		return storage{}, reason(err)
	}
	size, header := word(0), word(1)
	line := header / 3 // of the cache
	switch {
	case header == 32: // without threads
		line = 8
	case line != 64 && line != 128 || header%3 != 0:
		return storage{}, "not a ring of a known version"
	}
	first := uint64(max(line, 16))
	tail, err := c.Uint64(at + first)
	if err != nil {
		return storage{}, reason(err)
	}
	head, err := c.Uint64(at + first + line)
	if err != nil {
		return storage{}, reason(err)
	}
	tail &^= 1 << 63 // RING_TAIL_LOCK: a thread was writing
	if s = (storage{area: at + header, size: size, head: head, used: tail - head}); tail < head {
		s.used += size
	}
	if tail >= size || !s.sound(c) {
		return storage{}, "its offsets lie outside of it"
	}
	return s, ""
}

// sound says whether a ring can be so.
func (s storage) sound(c *elfcore.Core) bool {
	if s.size < 16 || s.size > maxRingSize || s.head >= s.size || s.used > s.size || s.area+s.size < s.area {
		return false
	}
	return c.Segment(s.area) != nil && c.Segment(s.area+s.size-1) != nil
}

// reason is why memory cannot be had, without its address.
func reason(err error) string {
	for _, known := range [...]error{elfcore.ErrNotMapped, elfcore.ErrNotDumped, elfcore.ErrCutOff, elfcore.ErrNotKept} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "cannot be read"
}
