package redact

import "strings"

// isPrompt reports whether a line is what somebody typed at a debugger.
func isPrompt(line string) bool {
	line = strings.TrimLeft(line, " \t")
	return strings.HasPrefix(line, "(gdb) ") || strings.HasPrefix(line, "(lldb) ")
}

// printsPlain reports whether what a command of a debugger prints has no form of its own:
// there are no quotes around what is memory.
func printsPlain(command string) bool {
	_, command, _ = strings.Cut(command, ") ")
	word, rest, _ := strings.Cut(strings.TrimSpace(command), " ")
	switch word {
	case "printf", "echo", "output", "call", "python", "py", "pi", "script", "env", "shell", "eval", "dump", "pipe":
		return true
	case "show":
		return strings.HasPrefix(rest, "env")
	}
	return false
}

// endsPlain reports whether a line is none of what such a command printed.
func endsPlain(line string) bool { return strings.TrimSpace(line) == "" || isDebugger(line) }

// printed hides what commands print that print plainly.
func printed(s string) string {
	if !strings.Contains(s, "(gdb) ") && !strings.Contains(s, "(lldb) ") {
		return s
	}
	out := replacer{s: s}
	plain, head := false, false
	for at := 0; at < len(s); {
		line := s[at : at+lineEnd(s[at:])]
		switch {
		case isPrompt(line):
			plain, head = printsPlain(line), false
		case head && line == "":
			head = false // the body of a message follows
		case endsPlain(line):
			plain, head = false, false
		case plain:
			head = head || beginsMessage(strings.TrimRight(line, "\r"))
			out.hide(at, at+len(line), secretString)
		}
		at += len(line) + 1
	}
	return out.String()
}

// leastArray is how many bytes of text in a row the numbers of an array must be to be text.
const leastArray = 6

// arrays hides numbers of arrays whose bytes are text: {80, 97, 115 …}, in decimal,
// hexadecimal, and in words.
func arrays(s string) string {
	out := replacer{s: s}
	for i := strings.IndexByte(s, '{'); i >= 0; {
		i = array(&out, i+1)
		next := strings.IndexByte(s[i:], '{')
		if next < 0 {
			break
		}
		i += next
	}
	return out.String()
}

// array hides runs of numbers that are text in the array whose first element is at i, and
// gives where the array ends, or another begins.
func array(out *replacer, i int) int {
	s := out.s
	from, bytes, equal := i, 0, true
	first := ""
	for i < len(s) && s[i] != '{' && s[i] != '}' {
		end := i
		for end < len(s) && strings.IndexByte(",{}\n", s[end]) < 0 {
			end++
		}
		word := strings.TrimSpace(s[i:end])
		if n := elementBytes(word); n > 0 {
			if bytes == 0 {
				from, first, equal = i, word, true
			}
			bytes += n
			equal = equal && word == first
		} else if word != "" {
			bytes = 0
		}
		last := end == len(s) || s[end] == '}' || s[end] == '{' || word != "" && !isTextElement(s[end+1:])
		if last && bytes >= leastArray && !equal {
			out.hide(skipBlank(s, from), end, secretString)
			bytes = 0
		}
		i = end
		if i < len(s) && (s[i] == ',' || s[i] == '\n') {
			i++
		}
	}
	return i
}

// isTextElement reports whether the next element of an array is a number that is text.
func isTextElement(rest string) bool {
	rest = strings.TrimLeft(rest, " \n")
	if stop := strings.IndexAny(rest[:min(len(rest), 32)], ",}\n"); stop >= 0 {
		rest = rest[:stop]
	}
	return len(rest) < 32 && elementBytes(strings.TrimSpace(rest)) > 0
}

// elementBytes is how many bytes of text the number of an array is. In decimal, numbers of
// two and three bytes are counts and ports.
func elementBytes(word string) int {
	n, hex, ok := number(word)
	if !ok || n == 0 {
		return 0
	}
	k := 0
	for rest := n; rest != 0; rest >>= 8 {
		if c := byte(rest); (c < ' ' || c > '~') && c != '\n' && c != '\r' && c != '\t' {
			return 0
		}
		k++
	}
	if !hex && (k == 2 || k == 3) {
		return 0
	}
	return k
}

// scripts hides the strings that Lua quotes in its messages.
func (r reading) scripts(s string) string {
	if r.lua {
		return luaQuotes(s)
	}
	if !strings.Contains(s, chunk) && (strings.IndexByte(s, '\'') < 0 || !strings.Contains(s, "ua")) {
		return s
	}
	var out strings.Builder
	for at := 0; at < len(s); {
		end := at + lineEnd(s[at:])
		line := s[at:end]
		if strings.Contains(line, ".lua:") || strings.Contains(line, "Lua ") || strings.Contains(line, chunk) {
			line = luaQuotes(line)
		}
		out.WriteString(line)
		if end < len(s) {
			out.WriteByte('\n')
		}
		at = end + 1
	}
	return out.String()
}

// chunk is what Lua calls a script by that came from no file: its own text.
const chunk = `[string "`

// luaQuotes hides the text between single quotes in what Lua says, but for names, and the
// text of scripts that have no other name.
func luaQuotes(s string) string {
	out := replacer{s: s}
	for i := 0; i < len(s); {
		next := strings.IndexByte(s[i:], '\'')
		if at := strings.Index(s[i:], chunk); at >= 0 && (next < 0 || at < next) {
			from := i + at + len(chunk)
			line := s[from : from+lineEnd(s[from:])]
			stop := strings.Index(line, `"]`)
			if stop < 0 {
				stop = len(line)
			}
			out.hide(from, from+stop, secretString)
			i = from + stop
			continue
		}
		if next < 0 {
			break
		}
		i += next
		end := strings.IndexAny(s[i+1:], "'\n")
		if end < 0 {
			break
		}
		end += i + 1
		if s[end] == '\'' {
			switch strings.TrimLeft(lastWord(s[:i]), "(") {
			case "function", "field", "local", "upvalue", "method", "global", "metamethod", "constant", "hook", "iterator", "to", "module":
			default:
				out.hide(i+1, end, secretString)
			}
			end++
		}
		i = end
	}
	return out.String()
}
