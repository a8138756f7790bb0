package main

import (
	"bytes"
	"strings"
)

// function is one that a file defines, with what stands on its lines, the first of which
// has its name.
type function struct {
	name  string
	start int // counted from 1
	lines []line
}

// line is what a line of a function holds.
type line struct {
	code  bool
	calls []string // names before a bracket
	// asserts are the conditions of the assertions that begin there.
	asserts []string
}

// source is a file of C.
type source struct {
	functions []function
	// macros are those that take arguments, with the names before a bracket in their text.
	macros map[string][]string
}

// Marks that stand in masked code for the conditions of the preprocessor.
const (
	markIf    = 1
	markElse  = 2
	markEndif = 3
)

// scan finds the functions of a file. Which branch of an #if is compiled it does not
// ask: both count. A function that a macro defines is not found.
func scan(text []byte) source {
	s := source{macros: map[string][]string{}}
	code := mask(text, s.macros)
	p := parser{text: text, code: code, out: &s}
	p.run()
	return s
}

// mask gives a file of the same size and with the same lines, in which comments, what
// strings hold and directives are blank.
func mask(text []byte, macros map[string][]string) []byte {
	code := bytes.Clone(text)
	blank(code)
	for i := 0; i < len(code); {
		end := endOfLine(code, i)
		first := i
		for first < end && (code[first] == ' ' || code[first] == '\t') {
			first++
		}
		if first == end || code[first] != '#' {
			i = min(end+1, len(code))
			continue
		}
		for end < len(code) && end > 0 && code[end-1] == '\\' {
			end = endOfLine(code, end+1)
		}
		mark := directive(string(code[first+1:end]), macros)
		for k := i; k < end; k++ {
			if code[k] != '\n' {
				code[k] = ' '
			}
		}
		code[first] = mark
		i = min(end+1, len(code))
	}
	return code
}

func endOfLine(b []byte, i int) int {
	if i >= len(b) {
		return len(b)
	}
	if n := bytes.IndexByte(b[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(b)
}

// blank takes out comments and what strings and characters hold.
func blank(code []byte) {
	for i := 0; i < len(code); {
		next := i + 1
		switch c := code[i]; {
		case c == '/' && i+1 < len(code) && code[i+1] == '/':
			next = endOfLine(code, i)
			wipe(code[i:next])
		case c == '/' && i+1 < len(code) && code[i+1] == '*':
			n := bytes.Index(code[i+2:], []byte("*/"))
			if next = i + 2 + n + 2; n < 0 {
				next = len(code)
			}
			wipe(code[i:next])
		case c == '"' || c == '\'':
			for next < len(code) && code[next] != c && code[next] != '\n' {
				if code[next] == '\\' {
					next++
				}
				next++
			}
			next = min(next, len(code))
			wipe(code[i+1 : next])
			next = min(next+1, len(code))
		}
		i = next
	}
}

func wipe(b []byte) {
	for i := range b {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
}

// directive reads what follows the # of a directive, and gives the mark for it.
func directive(s string, macros map[string][]string) byte {
	s = strings.TrimLeft(s, " \t")
	word, rest := s, ""
	if i := strings.IndexFunc(s, func(r rune) bool { return r > 'z' || !isWord(byte(r)) }); i >= 0 {
		word, rest = s[:i], s[i:]
	}
	switch word {
	case "if", "ifdef", "ifndef":
		return markIf
	case "else", "elif":
		return markElse
	case "endif":
		return markEndif
	case "define":
		rest = strings.TrimLeft(rest, " \t")
		n := 0
		for n < len(rest) && isWord(rest[n]) {
			n++
		}
		if n == 0 || n == len(rest) {
			return ' '
		}
		name, body := rest[:n], rest[n:]
		if body[0] == '(' {
			_, body, _ = strings.Cut(body, ")")
		} else if w := strings.TrimSpace(body); isName(w) {
			body = w + "(" // #define task_wakeup _task_wakeup
		}
		called(body, func(w string, _ int) { macros[name] = append(macros[name], w) })
	}
	return ' '
}

// called finds the names before a bracket.
func called(s string, found func(name string, end int)) {
	for i := 0; i < len(s); {
		if !isWord(s[i]) {
			i++
			continue
		}
		start := i
		for i < len(s) && isWord(s[i]) {
			i++
		}
		end := i
		for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
			i++
		}
		if i < len(s) && s[i] == '(' && isName(s[start:end]) && !keyword(s[start:end]) {
			found(s[start:end], i)
		}
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func isName(s string) bool {
	for i := range len(s) {
		if !isWord(s[i]) {
			return false
		}
	}
	return s != "" && (s[0] < '0' || s[0] > '9')
}

func keyword(s string) bool {
	switch s {
	case "if", "for", "while", "switch", "return", "sizeof", "typeof", "__typeof__", "asm", "__asm__", "defined", "else", "do", "case",
		"void", "int", "char", "long", "short", "unsigned", "signed", "float", "double", "struct", "union", "enum", "const", "static", "goto":
		return true
	}
	return false
}

// parser finds functions in masked code.
type parser struct {
	text, code []byte
	out        *source
	depth      int
	conds      []int
	head       int // where what precedes the next brace begins
	at, line   int
	// name and begin are those of the function that is open; name is "" outside.
	name        string
	begin, body int // first line, and where its text begins
}

func (p *parser) run() {
	p.line = 1
	for ; p.at < len(p.code); p.at++ {
		switch c := p.code[p.at]; c {
		case '\n':
			p.line++
		case markIf:
			p.conds = append(p.conds, p.depth)
		case markElse:
			if n := len(p.conds); n > 0 {
				p.depth = p.conds[n-1] // both branches open the same block
			}
		case markEndif:
			if n := len(p.conds); n > 0 {
				p.conds = p.conds[:n-1]
			}
		case '{':
			p.open()
		case '}':
			p.close()
		case ';':
			if p.depth == 0 {
				p.head = p.at + 1
			}
		}
	}
}

func (p *parser) open() {
	if p.depth == 0 {
		head := string(p.code[p.head:p.at])
		if f := strings.Fields(head); len(f) > 0 && f[0] == "extern" && strings.HasPrefix(strings.TrimSpace(strings.TrimLeft(head, " \t\n\x01\x02\x03")[len("extern"):]), `"`) {
			p.head = p.at + 1 // extern "C" {
			return
		}
		if name, at := headName(head); name != "" {
			p.name = name
			p.body = p.head + at
			p.begin = p.line - bytes.Count(p.code[p.body:p.at], []byte("\n"))
		}
	}
	p.depth++
}

func (p *parser) close() {
	// Only a function, a type or a table ends in the first column, whatever was
	// opened in branches that are not compiled.
	if p.depth > 0 && (p.at == 0 || p.code[p.at-1] == '\n') {
		p.depth = 1
	}
	if p.depth = max(p.depth-1, 0); p.depth > 0 {
		return
	}
	p.head = p.at + 1
	if p.name == "" {
		return
	}
	p.out.functions = append(p.out.functions, function{p.name, p.begin, linesOf(p.text, p.code, p.body, p.at+1)})
	p.name = ""
}

// headName gives the function whose head stands before a brace, and where its name is.
func headName(head string) (string, int) {
	found, place, loud := "", 0, false
	for i := 0; i < len(head); {
		switch c := head[i]; {
		case c == '=':
			return "", 0
		case c == '(':
			i = closing(head, i) + 1
		case isWord(c):
			start := i
			for i < len(head) && isWord(head[i]) {
				i++
			}
			word, next := head[start:i], i
			for next < len(head) && strings.IndexByte(" \t\n", head[next]) >= 0 {
				next++
			}
			if next == len(head) || head[next] != '(' {
				continue
			}
			// A name in capitals is mostly a macro before the function's own (U2A is none).
			if (found == "" || loud) && isName(word) && !keyword(word) && !strings.HasPrefix(word, "__attribute") {
				found, place, loud = word, start, strings.ToUpper(word) == word
			}
			if keyword(word) && word != "void" && word != "int" && !strings.HasPrefix(word, "__typeof") {
				return "", 0
			}
		default:
			i++
		}
	}
	return found, place
}

// closing is the place of the bracket that closes the one at i, or the end.
func closing(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// linesOf says what the lines of a function hold, from its name to its last brace.
func linesOf(text, code []byte, start, end int) []line {
	var out []line
	for i := start; i < end; {
		n := min(endOfLine(code, i), end)
		s := string(code[i:n])
		l := line{code: strings.Trim(s, " \t\r\x01\x02\x03\\") != ""}
		if len(out) > 0 { // the first has the function's own name
			called(s, func(name string, at int) {
				if asserts(name) {
					c := string(code[i+at : min(i+at+maxCondition, end)])
					l.asserts = append(l.asserts, c[1:max(closing(c, 0), 1)])
				}
				l.calls = append(l.calls, name)
			})
		}
		out = append(out, l)
		i = n + 1
	}
	return out
}

const maxCondition = 1000

// asserts says that a macro prints its condition, its file and its line.
func asserts(name string) bool {
	switch name {
	case "BUG_ON", "BUG_ON_HOT", "BUG_ON_STRESS", "WARN_ON", "WARN_ON_HOT", "CHECK_IF", "CHECK_IF_HOT", "ABORT_NOW", "COUNT_IF", "COUNT_IF_HOT":
		return true
	}
	return false
}
