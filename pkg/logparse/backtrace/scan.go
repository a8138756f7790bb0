package backtrace

import (
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// leadingInt cuts a decimal number off the start of s.
func leadingInt(s string) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == 0 || i > 10 {
		return 0, s, false
	}
	v, err := strconv.ParseInt(s[:i], 10, 32)
	if err != nil {
		return 0, s, false
	}
	return int(v), s[i:], true
}

// leadingHex cuts 0x… off the start of s.
func leadingHex(s string) (a crash.Addr, rest string, ok bool) {
	if !strings.HasPrefix(s, "0x") {
		return 0, s, false
	}
	i := 2
	for i < len(s) && isHex(s[i]) {
		i++
	}
	if i == 2 {
		return 0, s, false
	}
	v, err := strconv.ParseUint(s[2:i], 16, 64)
	if err != nil {
		return 0, s, false
	}
	return crash.Addr(v), s[i:], true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// frameNumber cuts "#12  " off the start of s.
func frameNumber(s string) (n int, rest string, ok bool) {
	if len(s) < 2 || s[0] != '#' {
		return 0, s, false
	}
	n, rest, ok = leadingInt(s[1:])
	if !ok {
		return 0, s, false
	}
	trimmed := strings.TrimLeft(rest, " \t")
	if trimmed == rest && rest != "" {
		return 0, s, false
	}
	return n, trimmed, true
}

// identifier is the length of a C identifier at the start of s; dots and
// dollars are in it for what compilers make of names: foo.part.0, bar.cold.
func identifier(s string) int {
	i := 0
	for i < len(s) {
		c := s[i]
		if c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && (c >= '0' && c <= '9' || c == '.' || c == '$') {
			i++
			continue
		}
		break
	}
	return i
}

// fileLine splits "src/x.c:12" or, with a column, "src/x.c:12:5". The line is 0
// and ok false when there is none, as at the end of a cut excerpt.
func fileLine(s string) (file string, line int, ok bool) {
	file, line, ok = lastNumber(s)
	if !ok {
		return s, 0, false
	}
	if f, l, twice := lastNumber(file); twice {
		return f, l, true
	}
	return file, line, true
}

func lastNumber(s string) (string, int, bool) {
	i := strings.LastIndexByte(s, ':')
	if i <= 0 {
		return s, 0, false
	}
	n, rest, ok := leadingInt(s[i+1:])
	if !ok || rest != "" {
		return s, 0, false
	}
	return s[:i], n, true
}

// hasPrefix says whether s begins with one of the words.
func hasPrefix(s string, words ...string) bool {
	_, ok := cutPrefix(s, words...)
	return ok
}

// cutPrefix cuts the first of the words that s begins with off.
func cutPrefix(s string, words ...string) (rest string, ok bool) {
	for _, w := range words {
		if rest, ok := strings.CutPrefix(s, w); ok {
			return rest, true
		}
	}
	return s, false
}

func where(number int64) string { return "line " + strconv.FormatInt(number, 10) }

func bounded(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// unversioned cuts a symbol's version off: __libc_start_main@@GLIBC_2.34.
func unversioned(name string) string {
	name, _, _ = strings.Cut(name, "@")
	return name
}
