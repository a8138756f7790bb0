// Package lex cuts what lines are made of off the start of a text: numbers, addresses, names.
//
// What this package knows that no other does: how programs print these, and what is no longer one
// when a line was cut or forged. Nothing is copied, and numbers that do not fit are none. It also
// has patterns that are compiled when they are asked for, and makes a text a word of a shell.
package lex

import (
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hacrash/hacrash/pkg/crash"
)

// IsDigit tells 0 to 9.
func IsDigit(c byte) bool { return c >= '0' && c <= '9' }

// IsHex tells the digits of hexadecimal numbers, in either case.
func IsHex(c byte) bool { return IsDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// IsWord tells letters, digits and the underscore.
func IsWord(c byte) bool { return IsDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

// Digits says that s is digits and nothing else.
func Digits(s string) bool { return s != "" && span(s, IsDigit) == len(s) }

// HexDigits says that s is a hexadecimal number of 64 bits without 0x.
func HexDigits(s string) bool { return s != "" && len(s) <= 16 && span(s, IsHex) == len(s) }

// span is the length of what s begins with of a class.
func span(s string, is func(byte) bool) int {
	i := 0
	for i < len(s) && is(s[i]) {
		i++
	}
	return i
}

// Int cuts a count or an id off: decimal, of 31 bits.
func Int(s string) (n int, rest string, ok bool) {
	i := span(s, IsDigit)
	if i == 0 || i > 10 {
		return 0, s, false
	}
	v, err := strconv.ParseInt(s[:i], 10, 32)
	if err != nil {
		return 0, s, false
	}
	return int(v), s[i:], true
}

// Int64 cuts off a decimal number, which may be negative.
func Int64(s string) (n int64, rest string, ok bool) {
	digits := strings.TrimPrefix(s, "-")
	i := len(s) - len(digits) + span(digits, IsDigit)
	n, err := strconv.ParseInt(s[:i], 10, 64)
	if err != nil {
		return 0, s, false
	}
	return n, s[i:], true
}

// Hex cuts a hexadecimal number off, with or without 0x.
func Hex(s string) (a crash.Addr, rest string, ok bool) {
	d := strings.TrimPrefix(s, "0x")
	i := span(d, IsHex)
	v, err := strconv.ParseUint(d[:i], 16, 64)
	if err != nil {
		return 0, s, false
	}
	return crash.Addr(v), d[i:], true
}

// Addr cuts a hexadecimal number off that begins with 0x.
func Addr(s string) (a crash.Addr, rest string, ok bool) {
	if !strings.HasPrefix(s, "0x") {
		return 0, s, false
	}
	return Hex(s)
}

// Pointer cuts off a pointer as printf's %p writes it: 0x1f, or the null pointer as (nil) by
// glibc, 0 by musl.
func Pointer(s string) (a crash.Addr, rest string, ok bool) {
	if rest, ok = strings.CutPrefix(s, "(nil)"); ok {
		return 0, rest, true
	}
	if strings.HasPrefix(s, "0") && (len(s) == 1 || !IsWord(s[1])) {
		return 0, s[1:], true
	}
	return Addr(s)
}

// Identifier is the length of a C identifier at the start of s. Dots and dollars are in it for
// what compilers make of names: foo.part.0, bar.cold.
func Identifier(s string) int {
	if s == "" || IsDigit(s[0]) || s[0] == '.' || s[0] == '$' {
		return 0
	}
	return span(s, func(c byte) bool { return IsWord(c) || c == '.' || c == '$' })
}

// Words gives the runs of letters, digits and underscores in s, each with the place behind it.
func Words(s string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i := 0; i < len(s); i++ {
			n := span(s[i:], IsWord)
			if n > 0 && !yield(i+n, s[i:i+n]) {
				return
			}
			i += n
		}
	}
}

// FirstWord is what stands before the first blank.
func FirstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}

// Between gives what stands between two words, and what follows them.
func Between(s, left, right string) (mid, rest string, ok bool) {
	_, s, ok = strings.Cut(s, left)
	if !ok {
		return "", "", false
	}
	return strings.Cut(s, right)
}

// IsPart says that s is a sentence, whole or cut after its first part.
func IsPart(s, first, rest string) bool {
	tail, ok := strings.CutPrefix(s, first)
	return ok && (tail == "." || strings.HasPrefix(rest, tail))
}

// Clip cuts s to n bytes, not within a UTF-8 character.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := n; i >= 0 && i > n-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			return s[:i]
		}
	}
	return s[:max(n, 0)]
}

// Where names a line: "line 12".
func Where(line int64) string { return "line " + strconv.FormatInt(line, 10) }
