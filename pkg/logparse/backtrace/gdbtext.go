package backtrace

import (
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// haproxyText finds the texts in which HAProxy says why it dies, in the value
// of a variable: 0x7f "A bogus STREAM [0x…". It is empty for other values.
func haproxyText(value string) string {
	i := strings.IndexByte(value, '"')
	if i < 0 || i > 64 {
		return "" // the string follows the pointer, and perhaps a <symbol>
	}
	text := gdbString(value[i:])
	if haproxy.HeadlineOf(strings.TrimLeft(text, " \n")) == nil {
		return ""
	}
	return text
}

// gdbString undoes gdb's quoting of a C string: escapes, runs such as
// 'x' <repeats 20 times>, and pieces joined by commas. "..." at the end, for
// what gdb did not print, is left out.
func gdbString(s string) string {
	var b strings.Builder
	for b.Len() < maxMessage {
		s = strings.TrimLeft(s, " ,")
		if s == "" {
			break
		}
		switch s[0] {
		case '"':
			end := skipQuoted(s, 0)
			unescape(&b, s[1:max(1, end)])
			if s[end] != '"' || end == 0 {
				unescape(&b, s[max(1, end):]) // cut before its closing quote
				return lex.Clip(b.String(), maxMessage)
			}
			s = s[end+1:]
		case '\'':
			end := skipQuoted(s, 0)
			rest, ok := strings.CutPrefix(s[end+1:], " <repeats ")
			n, rest, isNumber := lex.Int(rest)
			if !ok || !isNumber {
				return b.String()
			}
			var one strings.Builder
			unescape(&one, s[1:max(1, end)])
			b.WriteString(strings.Repeat(lex.Clip(one.String(), 4), min(n, maxRepeat)))
			s = strings.TrimPrefix(rest, " times>")
		default:
			return lex.Clip(b.String(), maxMessage)
		}
	}
	return lex.Clip(b.String(), maxMessage)
}

// unescape writes s with gdb's escapes undone: \n, \", \\, \033.
func unescape(b *strings.Builder, s string) {
	for i := 0; i < len(s) && b.Len() < maxMessage; i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		octal := s[i:min(i+3, len(s))]
		octal = octal[:len(octal)-len(strings.TrimLeft(octal, "01234567"))]
		switch k := strings.IndexByte(escapes, s[i]); {
		case octal != "":
			if v, err := strconv.ParseUint(octal, 8, 8); err == nil {
				b.WriteByte(byte(v))
			}
			i += len(octal) - 1
		case k >= 0:
			b.WriteByte(escaped[k])
		default:
			b.WriteByte(s[i])
		}
	}
}

// What stands behind a backslash, and what it stands for.
const (
	escapes = "ntrabfve"
	escaped = "\n\t\r\a\b\f\v\033"
)
