package system

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// hexAfter reads the number behind a key.
func hexAfter(s, key string) (a crash.Addr, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, key)
	if !ok {
		return 0, s, false
	}
	return lex.Hex(s)
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
		n, r, isNumber := lex.Int(s[i+1:])
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
	pid, s, ok = lex.Int(s)
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

// processLine reads what begins with a word, Process, and a process of HAProxy's.
func processLine(t, word string) (pid int, comm, rest string, ok bool) {
	rest, ok = strings.CutPrefix(t, word+" ")
	if !ok {
		return 0, "", "", false
	}
	pid, comm, rest, ok = processOf(rest)
	return pid, comm, rest, ok && haproxy.IsProgram(comm)
}

const maxComm = 64
