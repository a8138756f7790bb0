package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// Escape makes text from a log or a core fit for one line of a terminal: line
// ends, control bytes, escape sequences, bidirectional and invisible
// characters and invalid UTF-8 become visible (\n, \x1b, \u202e, \xff).
// Everything else, backslashes too, stays as it is: the result is for eyes, it
// is not meant to be read back.
func Escape(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case visible(r):
			b.WriteString(s[i : i+n])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += n
	}
	return b.String()
}

// plain reports whether s is printable ASCII, which is nearly always so.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// visible reports whether a reader sees r as what it is. unicode.IsPrint
// leaves out controls, format characters (bidi overrides, zero width joiners,
// tags) and all blanks but U+0020. Fillers are letters that look like nothing.
func visible(r rune) bool {
	switch r {
	case 0x115f, 0x1160, 0x3164, 0xffa0, 0x2800:
		return false
	}
	return unicode.IsPrint(r) && !unicode.Is(unicode.Variation_Selector, r)
}

// escapeJSON replaces characters that JSON allows inside strings but a terminal
// or an editor acts upon (DEL, C1 controls, bidirectional overrides …) by \u
// escapes. The document means the same as before. Such characters can only
// stand inside strings, so no parsing is needed.
func escapeJSON(doc []byte) []byte {
	clean := true
	for _, c := range doc {
		if c >= 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return doc
	}
	out := make([]byte, 0, len(doc)+64)
	for i := 0; i < len(doc); {
		r, n := utf8.DecodeRune(doc[i:])
		switch {
		case r < 0x7f || visible(r):
			out = append(out, doc[i:i+n]...)
		case r < 0x10000:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			hi, lo := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		}
		i += n
	}
	return out
}

// width is the number of terminal columns that s takes.
func width(s string) int {
	if plain(s) {
		return len(s)
	}
	n := 0
	for _, r := range s {
		n += displaywidth.Rune(r)
	}
	return n
}

// clip shortens s to at most max columns, with dots where something was cut.
func clip(s string, max int) string {
	if max > 0 && len(s) > 16*max {
		s = s[:16*max] // no need to measure what will not be seen
		for len(s) > max && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		s = s[:len(s)-1] // the head of a rune that may be cut
	}
	if width(s) <= max {
		return s
	}
	if max < 4 {
		max = 4
	}
	used := 0
	for i, r := range s {
		w := width(string(r))
		if used+w > max-3 {
			return strings.TrimRight(s[:i], " ") + "..."
		}
		used += w
	}
	return s
}

// clipLeft is clip for paths, whose end says most.
func clipLeft(s string, max int) string {
	if width(s) <= max {
		return s
	}
	if max < 4 {
		max = 4
	}
	runes := []rune(s)
	used, i := 0, len(runes)
	for i > 0 && used+width(string(runes[i-1])) <= max-3 {
		used += width(string(runes[i-1]))
		i--
	}
	return "..." + string(runes[i:])
}

// wrap breaks s into lines of at most max columns, at blanks where it can.
func wrap(s string, max int) []string {
	if max < 8 {
		max = 8
	}
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(s) {
		w := width(word)
		if used > 0 && used+1+w <= max {
			line, used = line+" "+word, used+1+w
			continue
		}
		if used > 0 {
			lines = append(lines, line)
		}
		for w > max {
			head := cut(word, max)
			lines = append(lines, head)
			word = word[len(head):]
			if len(word) <= 8*max {
				w = width(word) // measuring a long rest again and again takes for ever
			}
		}
		line, used = word, w
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// cut gives the head of word that fits in max columns, better ending after a
// separator than inside a name. It is never empty.
func cut(word string, max int) string {
	used, end, sep := 0, 0, 0
	for i, r := range word {
		w := width(string(r))
		if used+w > max && i > 0 {
			break
		}
		used += w
		end = i + utf8.RuneLen(r)
		if strings.ContainsRune(",;&/|)=", r) {
			sep = end
		}
	}
	if sep > end/2 {
		return word[:sep]
	}
	return word[:end]
}

// wrapCommand breaks a line for a shell where that reads on: between words, behind a
// backslash. Words that are too long stay whole, and so does what stands between quotes.
func wrapCommand(s string, max int) []string {
	var lines []string
	line := ""
	words := shellWords(s)
	for i, word := range words {
		room := max - len(` \`)
		if i == len(words)-1 {
			room = max
		}
		switch {
		case i == 0:
			line = word
		case width(line)+1+width(word) > room:
			lines = append(lines, line+` \`)
			line = "  " + word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// shellWords cuts a line at the blanks outside of quotes.
func shellWords(s string) []string {
	var words []string
	start, quote := 0, byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote == 0 && c == '\\', quote == '"' && c == '\\':
			i++
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == quote:
			quote = 0
		case quote == 0 && c == ' ':
			if i > start {
				words = append(words, s[start:i])
			}
			start = i + 1
		}
	}
	if start < len(s) {
		words = append(words, s[start:])
	}
	return words
}
