package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

// A prefix is remembered as a pattern: digits that follow one another are one '0', for times
// go on, and lines are numbered; ':' stands for what grep puts behind a number, ':' or '-';
// blanks at its start for any number of them, for numbers are set to the right.

// patternOf is the pattern of a prefix.
func patternOf(prefix string) string {
	b := make([]byte, 0, len(prefix))
	for i := range len(prefix) {
		c := prefix[i]
		switch {
		case lex.IsDigit(c):
			c = '0'
			if len(b) > 0 && b[len(b)-1] == '0' {
				continue
			}
		case c == ' ' && len(b) == 1 && b[0] == ' ' && strings.Trim(prefix, " ") != "":
			continue
		case c == '-' && i == len(prefix)-1 && i > 0 && lex.IsDigit(prefix[i-1]):
			c = ':'
		}
		b = append(b, c)
	}
	return string(b)
}

// prefixSize is the length of the prefix of s that has the pattern, 0 for none.
func prefixSize(s, pattern string) int {
	n := 0
	if pattern[0] == ' ' && strings.Trim(pattern, " ") != "" {
		pattern = pattern[1:]
		n = len(s) - len(strings.TrimLeft(s, " "))
	}
	for i := range len(pattern) {
		if n >= len(s) {
			return 0
		}
		switch c := pattern[i]; {
		case c == '0':
			from := n
			for n < len(s) && lex.IsDigit(s[n]) {
				n++
			}
			if n == from {
				return 0
			}
			continue
		case s[n] != c && !(c == ':' && s[n] == '-' && i == len(pattern)-1):
			return 0
		}
		n++
	}
	return n
}

// names says that a prefix is made of what tools put before a line. Before a header, which
// says itself who wrote the line, a host or a file is enough.
func names(prefix string, header bool) bool {
	whole := strings.TrimSpace(prefix)
	right, told := prefix[0] == ' ', false
	for rest := prefix; rest != ""; right = false {
		rest = strings.TrimLeft(rest, " \t")
		if header {
			rest = strings.TrimLeft(rest, "> \t")
		}
		if rest == "" {
			break
		}
		if stamp, after, ok := strings.Cut(rest, "]"); rest[0] == '[' {
			if !ok || !stamped(stamp[1:]) {
				return false
			}
			rest, told = after, true
			continue
		}
		n := strings.IndexAny(rest, " \t")
		if n < 0 {
			n = len(rest)
		}
		w := rest[:n]
		rest = rest[n:]
		// A number is a column of its own, set to the right or with a tab behind it.
		ok, says := word(w, header, right || strings.HasPrefix(rest, "\t"))
		name, colon := strings.CutSuffix(w, ":")
		host := w == whole && colon && isHost(name)
		if !ok && !(header && host) {
			return false
		}
		told = told || says || host
	}
	return told || header
}

// marks are what comments, bullets, frames of terminals and changes have at the start of a line.
const marks = "#/+;:\u2022\u2502\u2503\u2551\u258c"

// word says whether a word may be of a prefix, and whether it says who wrote the line: a
// container, a file that was searched, a time, the number of the line.
func word(w string, header, column bool) (ok, says bool) {
	name := strings.TrimRight(w, ":-")
	switch {
	case strings.Trim(w, marks) == "":
		return true, true
	case name == "":
		return header, false
	case name == "stdout" || name == "stderr" || name == "F":
		return true, false
	case clock(name):
		return true, true
	case lex.Digits(name):
		ok = len(name) <= 7 && (column || len(w) == len(name)+1)
		return ok, ok
	case strings.ContainsAny(w, "\"'=<>(){}|,;!?%&*"):
		return false, false
	case strings.HasPrefix(w, "app[") && strings.HasSuffix(w, "]:"): // Heroku's name of a process
		return true, true
	}
	file, line, numbered := strings.Cut(name, ":")
	switch {
	case numbered && !lex.Digits(line):
		return false, false
	case logFile(file): // not that of another program
		return (header || !envelope.Elsewhere(file)) && len(w) > len(name), true
	}
	return program(name)
}

// program says the same of the name of a container or a host.
func program(name string) (ok, says bool) {
	if i := strings.IndexByte(name, '['); i > 0 { // namespace/pod[container]
		container, ok := strings.CutSuffix(name[i+1:], "]")
		return ok && envelope.SenderOf(container) == envelope.HAProxy, true
	}
	switch envelope.SenderOf(name) {
	case envelope.HAProxy:
		return true, true
	case envelope.Nobody:
		return true, len(name) >= 12
	}
	return false, false
}

// isHost says that a word may be the name of a host, which pssh and the like put before a line.
func isHost(name string) bool {
	if !strings.ContainsAny(name, "0123456789.") {
		return false
	}
	for i := range len(name) {
		if c := name[i]; !lex.IsWord(c) && c != '.' && c != '-' {
			return false
		}
	}
	return true
}

// stamped says that brackets hold a time, and perhaps how bad the message is.
func stamped(s string) bool {
	timed := false
	for w := range strings.FieldsSeq(s) {
		switch w {
		case "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL", "UNKNOWN":
			continue
		}
		if !clock(w) {
			return false
		}
		timed = true
	}
	return timed
}

// clock knows dates and times.
func clock(s string) bool {
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n++
		case strings.IndexByte("-:.,TZ+/", c) < 0:
			return false
		}
	}
	return n >= 6 && n < len(s) && strings.Count(s, ".") < 3 && strings.ContainsAny(s, ":-") && s[0] >= '0' && s[0] <= '9'
}

// logFile says that s is the name of a file as logs have it.
func logFile(s string) bool {
	base := s[strings.LastIndexByte(s, '/')+1:]
	i := strings.IndexByte(base, '.')
	if i <= 0 {
		return strings.HasPrefix(s, "/var/log/")
	}
	switch ext, _, _ := strings.Cut(base[i+1:], "."); ext {
	case "log", "txt", "out", "err":
		return true
	}
	return strings.HasPrefix(s, "/var/log/")
}
