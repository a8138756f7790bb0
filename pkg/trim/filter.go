package trim

import (
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

// Blank stands for a word that was not kept.
const Blank = 0xbdbdbdbdbdbdbdbd

// allowed tells whether a word may be kept.
func (p *planner) allowed(w uint64) bool {
	return w == 0 || small(uint32(w)) && small(uint32(w>>32)) || p.used[w] || p.pointer(w)
}

// pointer tells whether a word leads into the process. A segment that says to be larger than any
// is proves nothing: every word would lead into it.
func (p *planner) pointer(w uint64) bool {
	const most = 64 << 30
	s := p.core.Segment(w)
	return s != nil && s.MemSize <= most
}

// constant tells whether an address is of what the executable cannot change.
func (p *planner) constant(addr uint64) bool {
	s := p.core.Segment(addr)
	m := p.core.MainModule()
	return s != nil && s.Flags&elfcore.Writable == 0 && m != nil && addr >= m.Start && addr < m.End
}

// small tells of half a word whether it is a number that nobody keeps secret.
func small(n uint32) bool { return n < 1<<16 || n >= 0xffff<<16 }

// filter gives the bytes of a page that are kept.
func (p *planner) filter(at uint64, k *page) []byte {
	in, out := make([]byte, pageSize), make([]byte, pageSize)
	n, _ := p.core.ReadMemory(in, at)
	for i := 0; i+8 <= n; i += 8 {
		if k.words[i/8/64]>>(i/8%64)&1 == 0 {
			if k.blank {
				le.PutUint64(out[i:], Blank)
			}
			continue
		}
		w := le.Uint64(in[i:])
		if !p.allowed(w) || k.tables && p.constant(w) {
			w = Blank
		}
		le.PutUint64(out[i:], w)
	}
	for i := range n {
		if k.exact[i/64]>>(i%64)&1 != 0 {
			out[i] = in[i]
		}
	}
	return out
}

// IsBlank tells of a value as it is printed whether it is one of bytes that were not kept.
func IsBlank(value string) bool {
	for size := 8; size <= 64; size *= 2 {
		n := uint64(Blank) >> (64 - size)
		signed := int64(n<<(64-size)) >> (64 - size)
		if value == strconv.FormatUint(n, 10) || value == strconv.FormatInt(signed, 10) || strings.Contains(value, "0x"+strconv.FormatUint(n, 16)) && size >= 32 {
			return true
		}
	}
	return false
}
