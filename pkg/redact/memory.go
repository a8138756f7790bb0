package redact

import (
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// Word reports whether a word of a process's memory may be shown: it is an address of the
// process, or a small number. Memory of HAProxy holds what clients sent and what keys it
// has, and both look like any number.
func Word(n uint64, address func(uint64) bool) bool { return n < 1<<16 || address(n) }

// HiddenWord stands for a number that was taken out, for its bytes are text.
const HiddenWord = markOpen + secretWord + markClose

// textBytes is how many bytes of a number are text when all are that are not zero above
// them; else 0.
//
// Folklore: HAProxy fills freed memory with one byte, 'P' if nobody says which, so that
// 0x5050505050505050 is worth gold. One byte over and over is no text.
func textBytes(n uint64) int {
	if n == n&0xff*0x0101010101010101 {
		return 0
	}
	k := 0
	for ; n != 0; n >>= 8 {
		if c := byte(n); c < ' ' || c > '~' {
			return 0
		}
		k++
	}
	return k
}

// isText reports whether a number is text and no address: least is how many bytes of text
// make one.
//
// Folklore: an address of a program has 6 bytes and is letters now and then,
// 0x555555554040 in every gdb. It is taken for an address when others are near it; 7 and 8
// bytes are never one.
func isText(n uint64, least int, near func(uint64) bool) bool {
	k := textBytes(n)
	return k >= least && (k >= 7 || near == nil && k > 6 || near != nil && !near(n))
}

// shortWord tells of a word that code computes with whether nothing is given away by it: it has at
// most 4 bytes, or as many when its sign is taken off, is one byte over and over, or holds two
// numbers of 2 bytes.
func shortWord(n uint64) bool {
	half := func(n uint32) bool { return n < 1<<16 || n >= 0xffff<<16 }
	return n>>32 == 0 || int64(n)>>31 == -1 || n == n&0xff*0x0101010101010101 || half(uint32(n)) && half(uint32(n>>32))
}

// Least bytes of text.
const (
	textRegister = 4 // registers hold what code works with: a text is likelier there
	textAddress  = 5
	textNumber   = 7 // of a number in text, where nothing says what it is
)

// places are the addresses that are known to be of a process.
type places struct {
	modules []crash.Module
	high    map[uint64]int // bits 32 and above, and how many addresses have them
}

// placesOf gathers them from the modules and the stacks.
func placesOf(c *crash.Crash) *places {
	p := &places{modules: c.Modules, high: map[uint64]int{}}
	for i := range c.Modules {
		p.high[uint64(c.Modules[i].Start)>>32] += 2
		p.high[uint64(c.Modules[i].End)>>32] += 2
	}
	for i := range c.Threads {
		for k := range c.Threads[i].Frames {
			if a := uint64(c.Threads[i].Frames[k].Address); a != 0 {
				p.high[a>>32]++
			}
		}
		for _, r := range c.Threads[i].Registers {
			// The stack is where the stack pointer is. Of others two must agree: one alone may
			// be part of a key.
			if textBytes(uint64(r.Value)) == 0 && r.Value>>32 != 0 {
				p.high[uint64(r.Value)>>32]++
				if r.Name == "rsp" || r.Name == "sp" {
					p.high[uint64(r.Value)>>32]++
				}
			}
		}
	}
	return p
}

// near reports whether n may be an address: it is within a module, or others are within
// its 4 GB.
func (p *places) near(n uint64) bool {
	for i := range p.modules {
		if n >= uint64(p.modules[i].Start) && n < uint64(p.modules[i].End) {
			return true
		}
	}
	return n>>32 != 0 && n>>56 == 0 && p.high[n>>32] >= 2
}

// number reads a word that is a number, in decimal or with 0x.
func number(word string) (n uint64, hex, ok bool) {
	digits, hex := strings.CutPrefix(word, "0x")
	base := 10
	if hex {
		base = 16
	}
	if digits == "" || len(digits) > 20 || !lex.IsHex(digits[0]) {
		return 0, false, false
	}
	n, err := strconv.ParseUint(digits, base, 64)
	return n, hex, err == nil
}

// numbers hides numbers whose bytes are text, in hexadecimal and in decimal.
func (r reading) numbers(s string) string {
	if !strings.ContainsAny(s, "0123456789") {
		return s
	}
	out := replacer{s: s}
	for i := 0; i < len(s); {
		if !lex.IsDigit(s[i]) || i > 0 && isWordByte(s[i-1]) {
			i++
			continue
		}
		end, base := i, 10
		if strings.HasPrefix(s[i:], "0x") {
			end, base = i+2, 16
		}
		digits := end
		for end < len(s) && (lex.IsDigit(s[end]) || base == 16 && lex.IsHex(s[end])) {
			end++
		}
		whole := end == len(s) || !isWordByte(s[end])
		if n := end - digits; whole && n <= 20 && (base == 10 && n >= 17 || base == 16 && n >= 10) {
			v, err := strconv.ParseUint(s[digits:end], base, 64)
			if err == nil && isText(v, r.least(s[:i], base), r.near) {
				out.hide(i, end, secretWord)
			}
		}
		i = max(end, i+1)
	}
	return out.String()
}

// least is how many bytes of a number, which stands behind before, must be text to be hidden.
func (r reading) least(before string, base int) int {
	if r.debugger && r.near != nil && base == 16 && !isFrame(before) {
		return textAddress
	}
	return textNumber
}

// isFrame reports whether the number of a frame stands at the end of a text: what follows
// is the frame's address.
func isFrame(before string) bool {
	before = strings.TrimRight(before[max(0, len(before)-16):], " ")
	digits := strings.TrimRight(before, "0123456789")
	return len(digits) < len(before) && strings.HasSuffix(digits, "#")
}
