package system

import (
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// number cuts a decimal number off the start of s.
func number(s string) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == 0 || i > 10 {
		return 0, s, false
	}
	v, err := strconv.ParseInt(s[:i], 10, 32)
	return int(v), s[i:], err == nil
}

// hex cuts a hexadecimal number off the start of s, with or without 0x.
func hex(s string) (a crash.Addr, rest string, ok bool) {
	d := strings.TrimPrefix(s, "0x")
	i := 0
	for i < len(d) && isHex(d[i]) {
		i++
	}
	if i == 0 {
		return 0, s, false
	}
	v, err := strconv.ParseUint(d[:i], 16, 64)
	return crash.Addr(v), d[i:], err == nil
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// hexAfter reads the number behind a key.
func hexAfter(s, key string) (a crash.Addr, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, key)
	if !ok {
		return 0, s, false
	}
	return hex(s)
}

// taskOf reads "haproxy[152912]: " and "haproxy[1] ". A kernel name is 15 bytes
// at most; it could hold blanks and slashes, but HAProxy's does not, and
// requests in logs do.
func taskOf(s, after string) (comm string, pid int, rest string, ok bool) {
	for i := 0; i < len(s) && i <= 15; i++ {
		if s[i] == ' ' || s[i] == '/' {
			break
		}
		if s[i] != '[' {
			continue
		}
		n, r, isNumber := number(s[i+1:])
		if !isNumber {
			continue
		}
		if r, ok = strings.CutPrefix(r, "]"+after); ok {
			return s[:i], n, r, true
		}
	}
	return "", 0, s, false
}

// processOf reads "123 (haproxy)".
func processOf(s string) (pid int, comm, rest string, ok bool) {
	pid, s, ok = number(s)
	if !ok || !strings.HasPrefix(s, " (") {
		return 0, "", s, false
	}
	s = s[2:]
	i := strings.IndexByte(s, ')')
	if i <= 0 || i > maxComm {
		return 0, "", s, false
	}
	return pid, s[:i], s[i+1:], true
}

const maxComm = 64
