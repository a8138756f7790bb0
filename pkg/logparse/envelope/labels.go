package envelope

import "strings"

// labels takes off what logcli prints between the time and the line, {app="haproxy", host="lb1"};
// the braces are empty where all lines have the same. Labels that do not name HAProxy, or its
// pod, are of some other program as likely as not.
func labels(s string, l *Line) (text string, in inside) {
	var said facts
	rest := s[1:]
	for n := 0; n < maxFields; n++ {
		rest = strings.TrimLeft(rest, " ,")
		if text, ok := strings.CutPrefix(rest, "} "); ok && (n > 0 || l.Time.Text != "") {
			l.Format = Labelled
			said.library = n > 0 && SenderOf(said.names[podRole].name) != HAProxy
			said.set(l)
			return text, nested
		}
		name, value, after, ok := pair(rest)
		if !ok || rest[len(name)+1] != '"' {
			break
		}
		said.add(meaningOf("", name), value, false)
		rest = after
	}
	return "", unknown
}

// logfmt reads a record of name=value pairs that begins with a time or a level:
//
//	time=2025-02-10T09:12:44Z level=error container=haproxy msg="text"
//
// Programs write so of themselves; only where a name says HAProxy is the text HAProxy's.
func logfmt(s string, l *Line) (text string, in inside) {
	name, _, ok := strings.Cut(s[:min(len(s), 16)], "=")
	if m := meaningOf("", name); !ok || m.role != timeRole && m.role != levelRole {
		return "", unknown
	}
	said := facts{library: true}
	rank := 0
	for rest := s; rest != ""; {
		name, value, after, ok := pair(rest)
		if !ok {
			return "", unknown
		}
		if m := meaningOf("", name); m.role != textRole {
			said.add(m, value, false)
		} else if m.rank > rank {
			text, rank = value, m.rank
		}
		rest = strings.TrimLeft(after, " ")
	}
	if rank == 0 {
		return "", unknown
	}
	l.Format = Labelled
	said.set(l)
	return text, nested
}

// pair reads name=value or name="value" at the start of s.
func pair(s string) (name, value, rest string, ok bool) {
	n := 0
	for n < len(s) && n < 64 && (nameByte(s[n]) && s[n] != ' ' || s[n] == '/') {
		n++
	}
	if n == 0 || n+1 >= len(s) || s[n] != '=' {
		return "", "", "", false
	}
	name, rest = s[:n], s[n+1:]
	if rest[0] != '"' {
		value, rest, _ = strings.Cut(rest, " ")
		return name, value, rest, true
	}
	p := parser{rest: rest}
	value, whole, ok := p.str()
	return name, value, p.rest, ok && whole
}
