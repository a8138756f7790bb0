package main

import "strings"

type kind uint8

const (
	word kind = iota
	number
	operator
)

// token is a piece of C; at is its place in the text.
type token struct {
	text string
	kind kind
	at   int
}

// maxTokens bounds what a macro is.
const maxTokens = 400

var operators = [...]string{"<<", ">>", "&&", "||", "==", "!=", "<=", ">="}

// tokenize cuts C code. Strings and characters become one operator token, which
// no expression accepts.
func tokenize(s []byte) []token {
	var out []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			i++
		case letter(c) || digit(c):
			n := i + 1
			for n < len(s) && (letter(s[n]) || digit(s[n])) {
				n++
			}
			k := word
			if digit(c) {
				k = number
			}
			out = append(out, token{string(s[i:n]), k, i})
			i = n
		case c == '"' || c == '\'':
			n := i + max(len(quoted.Find(s[i:])), 1)
			out = append(out, token{string(s[i:n]), operator, i})
			i = n
		default:
			n := 1
			for _, op := range operators {
				if strings.HasPrefix(string(s[i:min(i+2, len(s))]), op) {
					n = 2
				}
			}
			out = append(out, token{string(s[i : i+n]), operator, i})
			i += n
		}
	}
	return out
}

func letter(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }
