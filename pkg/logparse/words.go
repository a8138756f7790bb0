package logparse

import (
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// decimal cuts a decimal number, which may be negative, off the start of s.
func decimal(s string) (n int64, rest string, ok bool) {
	i := 0
	if strings.HasPrefix(s, "-") {
		i = 1
	}
	first := i
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == first || i > 20 {
		return 0, s, false
	}
	n, err := strconv.ParseInt(s[:i], 10, 64)
	return n, s[i:], err == nil
}

// small is decimal for counts and ids, which are neither negative nor large.
func small(s string) (n int, rest string, ok bool) {
	v, rest, ok := decimal(s)
	if !ok || v < 0 || v > 1<<31-1 {
		return 0, s, false
	}
	return int(v), rest, true
}

// pointer cuts a pointer as printf's %p writes it off the start of s: 0x1f, or
// the null pointer as (nil) by glibc, 0 by musl.
func pointer(s string) (a crash.Addr, rest string, ok bool) {
	if rest, ok = strings.CutPrefix(s, "(nil)"); ok {
		return 0, rest, true
	}
	d, ok := strings.CutPrefix(s, "0x")
	if !ok {
		if strings.HasPrefix(s, "0") && (len(s) == 1 || !alphanumeric(s[1])) {
			return 0, s[1:], true
		}
		return 0, s, false
	}
	i := 0
	for i < len(d) && isHex(d[i]) {
		i++
	}
	v, err := strconv.ParseUint(d[:i], 16, 64)
	if err != nil {
		return 0, s, false
	}
	return crash.Addr(v), d[i:], true
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
}

// isPart says that s is a sentence, whole or cut after its first part.
func isPart(s, first, rest string) bool {
	tail, ok := strings.CutPrefix(s, first)
	return ok && (tail == "." || strings.HasPrefix(rest, tail))
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// hexDigits says that s is a hexadecimal number without 0x.
func hexDigits(s string) bool {
	for i := range len(s) {
		if !isHex(s[i]) {
			return false
		}
	}
	return s != "" && len(s) <= 16
}

// between gives what stands between two words, and what follows them.
func between(s, left, right string) (mid, rest string, ok bool) {
	_, s, ok = strings.Cut(s, left)
	if !ok {
		return "", "", false
	}
	return strings.Cut(s, right)
}

// clip cuts s to n bytes, not within a UTF-8 character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
