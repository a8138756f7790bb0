package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// frameNumber cuts "#12  " off the start of s.
func frameNumber(s string) (n int, rest string, ok bool) {
	if len(s) < 2 || s[0] != '#' {
		return 0, s, false
	}
	n, rest, ok = lex.Int(s[1:])
	if !ok {
		return 0, s, false
	}
	trimmed := strings.TrimLeft(rest, " \t")
	if trimmed == rest && rest != "" {
		return 0, s, false
	}
	return n, trimmed, true
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
	n, rest, ok := lex.Int(s[i+1:])
	if !ok || rest != "" {
		return s, 0, false
	}
	return s[:i], n, true
}

// unversioned cuts a symbol's version off: __libc_start_main@@GLIBC_2.34.
func unversioned(name string) string {
	name, _, _ = strings.Cut(name, "@")
	return name
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
