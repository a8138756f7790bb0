package envelope

import "strings"

// rfc5424 reads "<133>1 2006-01-02T15:04:05.000Z host app procid msgid
// [structured data] text" (RFC 5424, section 6). A "-" stands for what is absent.
func rfc5424(s string, l *Line) (text string, in inside) {
	s, ok := cutPriority(s)
	if !ok || len(s) < 2 || s[0] != '1' || s[1] != ' ' {
		return "", unknown
	}
	s = s[2:]
	st, rest, hasTime := Stamp{}, s, false
	if strings.HasPrefix(s, "- ") {
		rest = s[2:]
	} else {
		var n int
		st, n, _, hasTime = isoStamp(s)
		if !hasTime || n >= len(s) || s[n] != ' ' {
			return "", unknown
		}
		rest = s[n+1:]
	}
	var fields [4]string // host, app, procid, msgid
	for i := range fields {
		var more bool
		fields[i], rest, more = strings.Cut(rest, " ")
		if !more || len(fields[i]) > 256 {
			return "", unknown
		}
		if fields[i] == "-" {
			fields[i] = ""
		}
	}
	if hasTime {
		l.setTime(st)
	}
	l.Format = RFC5424
	if fields[0] != "" {
		l.Host = fields[0]
	}
	if fields[1] != "" {
		pid, n := number(fields[2], 9)
		if n != len(fields[2]) {
			pid = 0
		}
		l.named(fields[1], pid)
	}
	rest = rest[structuredSize(rest):]
	rest = strings.TrimPrefix(rest, " ")
	return strings.TrimPrefix(rest, byteOrderMark), message
}

// structuredSize is the length of the structured data at the start of s: "-", or
// elements [id name="value" …] where \ escapes. It is 0 when s has none or
// when it does not end, so that no text is lost.
//
// Folklore: senders that leave it out exist; then the text follows, and a text of
// HAProxy may begin with a bracket ("[ALERT]    (4242) : "). So an element
// needs a name="value", and an end before a blank, an element or the end.
func structuredSize(s string) int {
	if s == "-" || strings.HasPrefix(s, "- ") {
		return 1
	}
	n := 0
	for n < len(s) && s[n] == '[' {
		size := elementSize(s[n:])
		if size == 0 {
			return 0
		}
		n += size
	}
	if n < len(s) && s[n] != ' ' {
		return 0
	}
	return n
}

func elementSize(s string) int {
	n := 1
	for n < len(s) && n < 64 && s[n] > ' ' && s[n] != ']' && s[n] != '"' && s[n] != '=' {
		n++
	}
	if n == 1 || n >= len(s) {
		return 0
	}
	for params := 0; ; params++ {
		if s[n] == ']' && (params > 0 || strings.IndexByte(s[:n], '@') > 0) {
			return n + 1
		}
		if s[n] != ' ' {
			return 0
		}
		value := strings.Index(s[n:], `="`)
		if value < 2 || strings.IndexByte(s[n+1:n+value], ' ') >= 0 {
			return 0
		}
		for n += value + 2; n < len(s) && s[n] != '"'; n++ {
			if s[n] == '\\' {
				n++
			}
		}
		n++
		if n >= len(s) {
			return 0
		}
	}
}
