package envelope

import "strings"

// compose takes off "name-1  | ", which docker compose puts before each line, the
// names padded to one width.
//
// Folklore: frames of HAProxy's call trace are "| 0x5581…" behind blanks, and
// pool dumps have " | [symbol]" at the end of a line; so a name at the start, no
// number, and nothing but blanks between are asked for.
func compose(s string, l *Line) (text string, in inside) {
	n := 0
	for n < len(s) && n < 128 && composeByte(s[n]) {
		n++
	}
	name := s[:n]
	if n < 2 || strings.HasPrefix(name, "0x") {
		return "", unknown
	}
	for n < len(s) && n < 256 && s[n] == ' ' {
		n++
	}
	if n == len(name) || n >= len(s) || s[n] != '|' || n+1 < len(s) && s[n+1] != ' ' {
		return "", unknown
	}
	if service, node, ok := strings.Cut(name, "@"); ok { // docker service logs
		name, l.Host = service, node
	}
	l.named(name, l.PID)
	l.Format, l.Raw = Compose, s
	return strings.TrimPrefix(s[n+1:], " "), nested
}

func composeByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == '@'
}
