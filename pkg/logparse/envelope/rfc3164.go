package envelope

import "strings"

// rfc3164 reads "Jan  2 15:04:05 host ident[pid]: text" (RFC 3164, section 4.1),
// the traditional form of syslog files, which journalctl -o short and
// short-precise print too. Host and tag may be absent.
func rfc3164(s string, l *Line) (text string, in inside) {
	st, n, padded, ok := monthStamp(s)
	if !ok || n < len(s) && s[n] != ' ' {
		return "", unknown
	}
	text = strings.TrimPrefix(s[n:], " ")
	host, tag, n := readSource(text)
	l.setTime(st)
	if padded || host == "" || l.Format == Priority {
		l.Format = RFC3164
	} else {
		l.Format = Short
	}
	if host != "" {
		l.Host = host
	}
	tag.set(l)
	if relayed(l, text[n:]) {
		return text[n:], nested
	}
	return text[n:], indented
}

// priority takes off "<133>" (facility * 8 + severity, at most 191).
//
// Folklore: HAProxy's own log formats short, timed and priority have it without
// the rest of a syslog header, and so has dmesg --raw.
func priority(s string, l *Line) (text string, in inside) {
	text, ok := cutPriority(s)
	if !ok {
		return "", unknown
	}
	l.Format = Priority
	return text, nested
}

func cutPriority(s string) (text string, ok bool) {
	if s == "" || s[0] != '<' {
		return "", false
	}
	v, n := number(s[1:], 3)
	if n == 0 || v > 191 || n+1 >= len(s) || s[n+1] != '>' {
		return "", false
	}
	return s[n+2:], true
}

// relayed says that the message is a whole syslog line again, handed on by a relay that put
// its own header before it: one with no tag, or with that of a syslog daemon.
func relayed(l *Line, text string) bool {
	switch l.Ident {
	case "", "rsyslogd", "rsyslog", "syslog-ng", "syslogd", "syslog":
	default:
		return false
	}
	if _, ok := cutPriority(text); ok {
		return true
	}
	_, n, _, ok := monthStamp(text)
	return ok && n < len(text) && text[n] == ' '
}
