package postmortem

import (
	"encoding/binary"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// A counter (include/haproxy/bug.h, struct debug_count, since 3.1 and by backport in
// 3.0): pointers to file, function and description, then line u16, type u8, since
// 3.5 details u8, count u32. They fill the section dbg_cnt, whose header a stripped
// executable keeps.
const (
	counterSize    = 32
	counterSection = "dbg_cnt"
	maxCounterArea = 1 << 20 // that of 3.2 has 35 kB
	maxCounters    = 256     // that counted something
	maxDescription = 4 << 10
)

// Details of a counter (bug.h, DBG_DET_).
const (
	detailCheck = 1 << iota
	detailWarn
	detailBug
	detailAbort
)

// readCounters gives those that counted something, in the order of the section.
func (p *program) readCounters() []crash.Counter {
	base, size := p.counterArea()
	b := make([]byte, size)
	n, _ := p.c.ReadMemory(b, base)
	b = b[:n]
	var out []crash.Counter
	for i := 0; i+counterSize <= len(b) && len(out) < maxCounters; i += counterSize {
		e := b[i : i+counterSize]
		if count := binary.LittleEndian.Uint32(e[28:]); count != 0 {
			if x, ok := p.counter(e); ok {
				x.Address = crash.Addr(base + uint64(i))
				out = append(out, x)
			}
		}
	}
	return out
}

// counterArea gives the runtime address and the size of all counters.
func (p *program) counterArea() (base, size uint64) {
	at, size, ok := p.file.SectionAddress(counterSection)
	if !ok || size > maxCounterArea {
		return 0, 0
	}
	return p.main.Runtime(at), size
}

// counter decodes one; false if it is none: an overwritten one, or another program's.
func (p *program) counter(e []byte) (crash.Counter, bool) {
	word := func(at int) uint64 { return binary.LittleEndian.Uint64(e[at:]) }
	x := crash.Counter{
		Type:     counterType(e[26], e[27]),
		File:     p.text(word(0), 256),
		Function: p.text(word(8), 256),
		Line:     int(binary.LittleEndian.Uint16(e[24:])),
		Count:    int64(binary.LittleEndian.Uint32(e[28:])),
	}
	x.Condition, x.Message = p.description(word(16))
	if x.Type == "GLITCH" && x.Message == "" {
		x.Condition, x.Message = "", x.Condition // it has no condition
	}
	return x, x.Type != "" && x.File != "" && !strings.Contains(x.File, "\n")
}

// counterType names a type (bug.h, enum debug_counter_type); "" if there is none such.
func counterType(typ, details byte) string {
	switch typ {
	case 0, 1: // DBG_BUG, DBG_BUG_ONCE
		switch {
		case details&detailAbort != 0:
			return "ABORT_NOW"
		case details&detailBug != 0:
			return "BUG_ON"
		case details&detailWarn != 0:
			return "WARN_ON"
		case details&detailCheck != 0, typ == 1:
			return "CHECK_IF"
		}
		return "BUG_ON"
	case 2:
		return "COUNT_IF"
	case 3:
		return "GLITCH"
	}
	return ""
}

// description splits that of a counter: before 3.5 it is "condition" [message], each
// in its marks, or a message alone; since 3.5 condition, 0x1e, message.
func (p *program) description(addr uint64) (condition, message string) {
	text := p.text(addr, maxDescription)
	if end := addr + uint64(len(text)); p.byteAt(end) == 0x1e {
		return text, p.text(end+1, maxDescription)
	}
	quoted, ok := strings.CutPrefix(text, `"`)
	if !ok {
		return text, ""
	}
	if condition, message, ok = strings.Cut(quoted, `" [`); ok {
		return condition, strings.TrimSuffix(message, "]")
	}
	return strings.TrimSuffix(quoted, `"`), ""
}
