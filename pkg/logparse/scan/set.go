package scan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

const (
	gramLen  = 4                     // bytes looked at in one look
	gateLen  = 8                     // shortest literal
	stride   = gateLen - gramLen + 1 // 5: a gate holds so many grams
	looks    = 8                     // looks for one branch
	round    = looks * stride        // bytes passed in one round of the loop
	tabBits  = 16
	tabShift = 32 - tabBits

	chainBits  = 12
	chainShift = 32 - chainBits
)

// entry says that gram stands at offset off of literal lit. Those of one chain follow one
// another by next, an index in Set.entries and 1 more, or 0.
type entry struct {
	gram     uint32
	lit, off int
	next     int32
}

// Set is a compiled set of literals. It is read-only and safe for concurrent use.
type Set struct {
	literals [][]byte
	// table gives, by hash of a gram, 0 when no gate holds such a gram. It has many times as
	// many places as there are grams, so that few others are taken for one; more would not fit
	// into a CPU's nearest caches.
	table   [1 << tabBits]uint8
	entries []entry
	chains  [1 << chainBits]int32 // the first entry of each, and 1 more
	mul     uint32
	longest int
}

// NewSet compiles literals. Each is at least 8 bytes long and holds no newline;
// a shorter one is to be made longer by its usual neighbours.
//
// sample is some kilobytes of ordinary log text, which tells what grams are
// common, so that gates of rare ones are chosen. It has an effect on speed only
// (about a fifth) and may be empty.
func NewSet(literals []string, sample []byte) (*Set, error) {
	if len(literals) == 0 {
		return nil, errors.New("scan: no literals: give at least one")
	}
	common := map[uint32]int{}
	for i := 0; i+gramLen <= len(sample); i++ {
		common[gram(sample[i:])]++
	}
	s := &Set{}
	for n, text := range literals {
		if len(text) < gateLen {
			return nil, fmt.Errorf("scan: literal %q is shorter than %d bytes: lengthen it", text, gateLen)
		}
		if strings.IndexByte(text, '\n') >= 0 {
			return nil, fmt.Errorf("scan: literal %q holds a newline: take one line of it", text)
		}
		lit := []byte(text)
		s.literals = append(s.literals, lit)
		s.longest = max(s.longest, len(lit))
		at := rarestGate(lit, common)
		for k := range stride {
			s.entries = append(s.entries, entry{gram: gram(lit[at+k:]), lit: n, off: at + k})
		}
	}
	s.mul = bestMultiplier(s.entries, common)
	for i := range s.entries {
		e := &s.entries[i]
		s.table[e.gram*s.mul>>tabShift] = 1
		first := &s.chains[e.gram*s.mul>>chainShift]
		e.next, *first = *first, int32(i+1)
	}
	return s, nil
}

// rarestGate returns the offset of the 8 bytes of lit whose grams are the least
// common ones.
func rarestGate(lit []byte, common map[uint32]int) int {
	least, at := -1, 0
	for w := 0; w+gateLen <= len(lit); w++ {
		sum := 0
		for k := range stride {
			sum += common[gram(lit[w+k:])]
		}
		if least < 0 || sum < least {
			least, at = sum, w
		}
	}
	return at
}

// bestMultiplier tries some odd constants, known from hash functions, and
// returns the one with the fewest false hits on the sample.
func bestMultiplier(entries []entry, common map[uint32]int) uint32 {
	candidates := [...]uint32{
		0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F, 0x165667B1, 0x2C5B2D1B,
		0x4FBFEF57, 0xCC9E2D51, 0x1B873593, 0xD35A2D97, 0x7FEB352D, 0x846CA68B,
	}
	least, best := -1, candidates[0]
	for _, mul := range candidates {
		var used [1 << tabBits]bool
		for _, e := range entries {
			used[e.gram*mul>>tabShift] = true
		}
		sum := 0
		for g, n := range common {
			if used[g*mul>>tabShift] {
				sum += n
			}
		}
		if least < 0 || sum < least {
			least, best = sum, mul
		}
	}
	return best
}

func gram(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// Find returns offset and index of a literal that starts in b at from or later
// and lies wholly in b, or -1, -1. Of several literals it need not return the
// leftmost, but it never passes over a line that holds one: literals hold no
// newline, and gates are met in the order of the text. Of two literals that
// overlap in the text it may give one only.
func (s *Set) Find(b []byte, from int) (pos, lit int) {
	t, mul := &s.table, s.mul
	rest := b[from:]
	for len(rest) >= round+gramLen {
		c := (*[round + gramLen]byte)(rest) // one bounds check for eight looks
		seen := t[gram(c[0:])*mul>>tabShift] | t[gram(c[5:])*mul>>tabShift] |
			t[gram(c[10:])*mul>>tabShift] | t[gram(c[15:])*mul>>tabShift] |
			t[gram(c[20:])*mul>>tabShift] | t[gram(c[25:])*mul>>tabShift] |
			t[gram(c[30:])*mul>>tabShift] | t[gram(c[35:])*mul>>tabShift]
		if seen != 0 {
			at := len(b) - len(rest)
			for p := at; p < at+round; p += stride {
				if pos, lit := s.verify(b, p, from); pos >= 0 {
					return pos, lit
				}
			}
		}
		rest = rest[round:]
	}
	for p := len(b) - len(rest); p+gramLen <= len(b); p += stride {
		if pos, lit := s.verify(b, p, from); pos >= 0 {
			return pos, lit
		}
	}
	return -1, -1
}

// verify compares b with the literals that the gram at p may belong to.
func (s *Set) verify(b []byte, p, from int) (pos, lit int) {
	g := gram(b[p:])
	if s.table[g*s.mul>>tabShift] == 0 {
		return -1, -1
	}
	for i := s.chains[g*s.mul>>chainShift]; i > 0; {
		e := &s.entries[i-1]
		if e.gram == g && p-e.off >= from && bytes.HasPrefix(b[p-e.off:], s.literals[e.lit]) {
			return p - e.off, e.lit
		}
		i = e.next
	}
	return -1, -1
}
