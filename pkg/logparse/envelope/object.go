package envelope

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// value is a JSON value of a log record.
type value struct {
	// texts is the string; the strings of an array; the bytes of an array of
	// numbers; empty for null and for all other kinds.
	texts []string
	// literal is a number, true or false.
	literal string
}

// text is the first string, or the literal.
func (v value) text() string {
	if len(v.texts) > 0 {
		return v.texts[0]
	}
	return v.literal
}

// object reads a JSON object (RFC 8259) and calls visit for each member. It is
// false when s is none. One that is cut, as loggers and MaxLine cut long lines, gives
// what is there, the last string unfinished. Members of objects within come before the
// member that holds them, their names with a dot: kubernetes.container_name.
//
// It is made by hand because records come by the million, are cut, hold bytes that
// are no UTF-8 (kept as they are) and arrays of numbers that stand for bytes.
func object(s string, visit func(name string, v value)) bool {
	p := parser{rest: s, visit: visit}
	if !p.eat('{') {
		return false
	}
	if p.eat('}') {
		return true
	}
	for members := 0; members < 4*maxFields; members++ {
		name, whole, ok := p.str()
		if !ok || !whole || !p.eat(':') {
			return members > 0
		}
		p.path = name
		v, ok := p.value(0)
		if !ok {
			return members > 0
		}
		visit(name, v)
		if !p.eat(',') {
			return true
		}
	}
	return true
}

type parser struct {
	rest  string
	visit func(name string, v value)
	path  string // of the object within that is read
}

func (p *parser) blanks() {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
}

func (p *parser) eat(c byte) bool {
	p.blanks()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *parser) value(depth int) (v value, ok bool) {
	p.blanks()
	if p.rest == "" || depth > 16 {
		return v, false
	}
	switch p.rest[0] {
	case '"':
		text, _, ok := p.str()
		v.texts = []string{text}
		return v, ok
	case '[':
		return p.array(depth)
	case '{':
		return v, p.within(depth)
	}
	n := 0
	for n < len(p.rest) && p.rest[n] > ' ' && p.rest[n] != ',' && p.rest[n] != ']' && p.rest[n] != '}' {
		n++
	}
	v.literal, p.rest = p.rest[:n], p.rest[n:]
	if v.literal == "null" {
		v.literal = ""
		return v, true
	}
	return v, n > 0
}

// array reads strings, numbers that are bytes, or arrays of those (a journal
// field that was given more than once).
func (p *parser) array(depth int) (v value, ok bool) {
	p.eat('[')
	var bytes []byte
	if p.eat(']') {
		return v, true
	}
	for {
		path := p.path
		p.path = "" // members of what is listed are not told
		item, ok := p.value(depth + 1)
		p.path = path
		if !ok {
			break // cut
		}
		v.texts = append(v.texts, item.texts...)
		if c, digits := number(item.literal, 4); digits > 0 && digits == len(item.literal) && c < 256 {
			bytes = append(bytes, byte(c))
		}
		if !p.eat(',') {
			p.eat(']')
			break
		}
	}
	if len(bytes) > 0 {
		v.texts = append(v.texts, string(bytes))
	}
	return v, true
}

// within reads an object in another one.
func (p *parser) within(depth int) bool {
	p.eat('{')
	if p.eat('}') {
		return true
	}
	path := p.path
	defer func() { p.path = path }()
	for {
		name, whole, ok := p.str()
		if !ok || !whole || !p.eat(':') {
			return false
		}
		p.path = ""
		if path != "" && len(path) < 64 && len(name) < 64 {
			p.path = path + "." + name
		}
		v, ok := p.value(depth + 1)
		if !ok {
			return false
		}
		if p.path != "" {
			p.visit(p.path, v)
		}
		if !p.eat(',') {
			return p.eat('}')
		}
	}
}

// str reads a string. It is not whole when the input ends first.
func (p *parser) str() (text string, whole, ok bool) {
	if !p.eat('"') {
		return "", false, false
	}
	n := 0
	for n < len(p.rest) && p.rest[n] != '"' && p.rest[n] != '\\' {
		n++
	}
	if n < len(p.rest) && p.rest[n] == '"' { // nothing escaped
		text, p.rest = p.rest[:n], p.rest[n+1:]
		return text, true, true
	}
	b := make([]byte, 0, n+64)
	for {
		b = append(b, p.rest[:n]...)
		p.rest = p.rest[n:]
		if p.rest == "" {
			return string(b), false, true
		}
		if p.rest[0] == '"' {
			p.rest = p.rest[1:]
			return string(b), true, true
		}
		if len(p.rest) < 2 {
			p.rest = ""
			return string(b), false, true
		}
		b = p.escape(b)
		for n = 0; n < len(p.rest) && p.rest[n] != '"' && p.rest[n] != '\\'; n++ {
		}
	}
}

// escape appends what the escape at the start of rest, two bytes or more, stands for.
func (p *parser) escape(b []byte) []byte {
	c := p.rest[1]
	switch c {
	case 'n':
		c = '\n'
	case 't':
		c = '\t'
	case 'r':
		c = '\r'
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'u':
		r, ok := hex4(p.rest[2:])
		if !ok {
			p.rest = p.rest[2:]
			return append(b, `\u`...)
		}
		p.rest = p.rest[6:]
		if utf16.IsSurrogate(r) && strings.HasPrefix(p.rest, `\u`) {
			if low, ok := hex4(p.rest[2:]); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					r = pair
					p.rest = p.rest[6:]
				}
			}
		}
		return utf8.AppendRune(b, r)
	}
	p.rest = p.rest[2:]
	return append(b, c)
}

func hex4(s string) (r rune, ok bool) {
	v, err := strconv.ParseUint(s[:min(len(s), 4)], 16, 16)
	return rune(v), err == nil && len(s) >= 4
}
