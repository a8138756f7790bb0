package redact

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// Kinds of secrets, as they stand in a mark: [redacted:cookie].
const (
	secretCredentials = "credentials" // user and password in a URL
	secretCookie      = "cookie"
	secretHeader      = "header" // value of a header that is not known to be harmless
	secretToken       = "token"
	secretPassword    = "password"
	secretKey         = "key" // private key
	secretQuery       = "query"
	secretBody        = "body" // of a request or response
	secretEnvironment = "environment"
	secretString      = "string" // what a char* pointed to
	secretWord        = "text"   // a number whose bytes are text
	secretMail        = "mail"
	secretUser        = "user" // in the path of a home directory
)

// secretKinds has them all, in the order of [Holdings], with the words for them.
func secretKinds() []struct{ kind, words string } {
	return []struct{ kind, words string }{
		{secretCredentials, "credentials in URLs"},
		{secretCookie, "cookies"},
		{secretHeader, "header values"},
		{secretToken, "tokens"},
		{secretPassword, "passwords"},
		{secretKey, "private keys"},
		{secretQuery, "query strings"},
		{secretBody, "bodies"},
		{secretEnvironment, "environment variables"},
		{secretString, "strings from memory"},
		{secretWord, "numbers that are text"},
		{secretMail, "mail addresses"},
		{secretUser, "names of home directories"},
	}
}

const (
	markOpen  = "[redacted:"
	markClose = "]"
)

func mark(kind string) string { return markOpen + kind + markClose }

// leadingMark is the length of the mark that s begins with, or 0. Only marks of
// ours count: anybody can write something that looks like one.
func leadingMark(s string) (n int, kind string) {
	if !strings.HasPrefix(s, markOpen) {
		return 0, ""
	}
	rest := s[len(markOpen):]
	for i := 0; i < len(rest) && i <= len(secretEnvironment); i++ {
		if rest[i] == ']' {
			if !known(rest[:i]) {
				return 0, ""
			}
			return len(markOpen) + i + 1, rest[:i]
		}
	}
	return 0, ""
}

func known(kind string) bool {
	switch kind {
	case secretCredentials, secretCookie, secretHeader, secretToken, secretPassword, secretKey, secretQuery, secretBody,
		secretEnvironment, secretString, secretWord, secretMail, secretUser:
		return true
	}
	return false
}

// isMark reports whether all of s is one mark.
func isMark(s string) bool {
	n, _ := leadingMark(s)
	return n > 0 && n == len(s)
}

// marksIn calls found for the kind of every mark in s.
func marksIn(s string, found func(kind string)) {
	for {
		i := strings.Index(s, markOpen)
		if i < 0 {
			return
		}
		s = s[i:]
		n, kind := leadingMark(s)
		if n > 0 {
			found(kind)
		}
		s = s[max(n, 1):]
	}
}

// replacer builds a string of which some ranges are replaced by marks.
type replacer struct {
	s    string
	out  []byte // nil until something is replaced
	done int    // s[:done] is in out
}

// hide replaces s[start:end], which does not begin before the end of the last one.
func (r *replacer) hide(start, end int, kind string) {
	if start < r.done || end <= start || isMark(r.s[start:end]) {
		return
	}
	r.out = append(r.out, r.s[r.done:start]...)
	r.out = append(r.out, mark(kind)...)
	r.done = end
}

func (r *replacer) String() string {
	if r.out == nil {
		return r.s
	}
	return string(append(r.out, r.s[r.done:]...))
}

func isSpace(c byte) bool      { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0 }
func isLower(c byte) bool      { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool      { return c >= 'A' && c <= 'Z' }
func isAlnum(c byte) bool      { return isLower(c) || isUpper(c) || lex.IsDigit(c) }
func isWordByte(c byte) bool   { return isAlnum(c) || c == '_' }
func isHeaderByte(c byte) bool { return isWordByte(c) || c == '-' }
func isNameByte(c byte) bool   { return isWordByte(c) || c == '-' || c == '.' }
func isTokenByte(c byte) bool {
	return isWordByte(c) || c == '-' || c == '.' || c == '+' || c == '/' || c == '=' || c == '~'
}
