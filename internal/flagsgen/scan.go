package main

// What a C file says about constants: macros without arguments, and the
// constants of its enums. Conditions are not evaluated: what stands in any
// branch counts, and a name that is defined twice keeps its first meaning when
// both cannot be told apart (see catalogue.add).

// constant is a name whose value is that of tokens, plus an offset: an enum's
// constant without a value of its own is the last one with a value, plus its
// distance.
type constant struct {
	name   string
	tokens []token
	plus   uint64
	// conditional says that the value hangs on how HAProxy was built: of enum
	// obj_type, those after the one that only builds with QUIC have.
	conditional bool
}

const (
	maxSource    = 4 << 20
	maxConstants = 20000
)

// scan finds the constants of a C file.
func scan(src []byte) []constant {
	if len(src) > maxSource {
		src = src[:maxSource]
	}
	var found []constant
	var code []byte
	for rest := plain(src); len(rest) > 0; {
		line := rest
		if i := indexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		if body, ok := directive(line); ok {
			if c, ok := define(body); ok && len(found) < maxConstants {
				found = append(found, c)
			}
			if condition(body) {
				code = append(code, "#\n"...) // an enum is told where its builds part
			}
			continue
		}
		code = append(append(code, line...), '\n')
	}
	return enums(tokenize(code), found)
}

// plain is the source without comments and with joined lines.
func plain(src []byte) []byte {
	out := make([]byte, 0, len(src))
	for i := 0; i < len(src); i++ {
		c := src[i]
		next := byte(0)
		if i+1 < len(src) {
			next = src[i+1]
		}
		switch {
		case c == '\\' && next == '\n':
			i++
		case c == '/' && next == '/':
			for i+1 < len(src) && src[i+1] != '\n' {
				i++
			}
		case c == '/' && next == '*':
			for i += 2; i < len(src) && (src[i] != '*' || i+1 >= len(src) || src[i+1] != '/'); {
				i++
			}
			i++
			out = append(out, ' ')
		case c == '"' || c == '\'':
			n := quoted(src[i:])
			out = append(out, src[i:i+n]...)
			i += n - 1
		default:
			out = append(out, c)
		}
	}
	return out
}

// quoted is the length of the string or character at the start of s; a line's
// end ends it too, for an apostrophe in a comment of assembler.
func quoted(s []byte) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '\n':
			return i
		case s[0]:
			return i + 1
		}
	}
	return len(s)
}

func indexByte(s []byte, c byte) int {
	for i := range s {
		if s[i] == c {
			return i
		}
	}
	return -1
}

// directive gives what follows the '#' of a line for the preprocessor.
func directive(line []byte) ([]byte, bool) {
	for i, c := range line {
		switch c {
		case ' ', '\t':
		case '#':
			return line[i+1:], true
		default:
			return nil, false
		}
	}
	return nil, false
}

// condition says that a directive is #if, #ifdef or #ifndef.
func condition(body []byte) bool {
	t := tokenize(body[:min(len(body), 16)])
	return len(t) > 0 && (t[0].text == "if" || t[0].text == "ifdef" || t[0].text == "ifndef")
}

// define reads "define NAME tokens"; macros with arguments are none of ours.
func define(body []byte) (constant, bool) {
	t := tokenize(body)
	if len(t) < 3 || t[0].text != "define" || t[1].kind != word || len(t) > maxTokens {
		return constant{}, false
	}
	if t[2].text == "(" && t[2].at == t[1].at+len(t[1].text) {
		return constant{}, false
	}
	return constant{name: t[1].text, tokens: t[2:]}, true
}

// enums appends the constants of all enums in t to found.
func enums(t []token, found []constant) []constant {
	for i := 0; i < len(t); i++ {
		if t[i].text != "enum" {
			continue
		}
		// enum [attribute] [name] {
		k := attribute(t, i+1)
		if k < len(t) && t[k].kind == word {
			k++
		}
		if k >= len(t) || t[k].text != "{" {
			continue
		}
		i = k
		found, i = enum(t, i+1, found)
	}
	return found
}

// attribute gives the place after "__attribute__ ((…))" at t[i].
func attribute(t []token, i int) int {
	if i >= len(t) || t[i].text != "__attribute__" {
		return i
	}
	for depth := 0; i < len(t); i++ {
		switch t[i].text {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return i + 1
			}
		case ";", "{":
			return i
		}
	}
	return i
}

// enum reads the constants from t[i] to the closing brace, and gives its place.
func enum(t []token, i int, found []constant) ([]constant, int) {
	var base []token
	plus, conditional := uint64(0), false
	for i < len(t) && t[i].text != "}" {
		conditional = conditional || t[i].text == "#"
		if t[i].kind != word || len(found) >= maxConstants {
			i++
			continue
		}
		name := t[i].text
		i++
		if i < len(t) && t[i].text == "=" {
			start := i + 1
			i = expressionEnd(t, start)
			if i-start > maxTokens {
				base = nil
			} else {
				base = t[start:i]
			}
			plus, conditional = 0, false
		}
		found = append(found, constant{name: name, tokens: base, plus: plus, conditional: conditional})
		plus++
		for i < len(t) && t[i].text != "," && t[i].text != "}" {
			conditional = conditional || t[i].text == "#"
			i++
		}
		if i < len(t) && t[i].text == "," {
			i++
		}
	}
	return found, i
}

// expressionEnd finds the comma or brace that ends a constant's value.
func expressionEnd(t []token, i int) int {
	for depth := 0; i < len(t); i++ {
		switch t[i].text {
		case "(":
			depth++
		case ")":
			depth--
		case "}", "#":
			return i
		case ",":
			if depth <= 0 {
				return i
			}
		}
	}
	return i
}
