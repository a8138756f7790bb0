package envelope

import "strings"

// tag is the part of a syslog line that names the program: "haproxy[1234]:".
type tag struct {
	ident string
	pid   int
	size  int // bytes with the colon and the blank after it
}

// readTag reads "ident[pid]: " or "ident: " at the start of s.
//
// Folklore: HAProxy's own "FATAL: bug condition" and "WARNING: warn condition"
// have the look of a tag without a pid; they are never one.
func readTag(s string) (t tag, ok bool) {
	n := 0
	for n < len(s) && n < 128 && identByte(s[n]) {
		n++
	}
	if n == 0 || n == len(s) {
		return t, false
	}
	t.ident = s[:n]
	if s[n] == '[' {
		v, size := number(s[n+1:], 9)
		n += 1 + size
		if size == 0 || !strings.HasPrefix(s[n:], "]:") {
			return t, false
		}
		t.pid = v
		n += 2
		if n < len(s) && s[n] == ' ' {
			n++
		}
		t.size = n
		return t, true
	}
	if s[n] != ':' || n+1 < len(s) && s[n+1] != ' ' {
		return t, false
	}
	switch t.ident {
	case "FATAL", "WARNING", "ERROR", "ALERT", "NOTICE", "PANIC", "Hint", "Note":
		return t, false
	}
	t.size = min(n+2, len(s))
	return t, true
}

func identByte(c byte) bool {
	switch {
	case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9', c >= 0x80:
		return true
	}
	return strings.IndexByte("._-/@()+~\\", c) >= 0
}

// readHost reads a host name or address and the blank after it; n is the size of both.
func readHost(s string) (host string, n int, ok bool) {
	for n < len(s) && n < 256 && hostByte(s[n]) {
		n++
	}
	if n == 0 || n >= len(s) || s[n] != ' ' || s[n-1] == ':' {
		return "", 0, false
	}
	return s[:n], n + 1, true
}

// sentence says that a word begins a text, and names no host: letters, large and small, or an
// address in memory. ts(1) puts a time before lines, and nothing else.
func sentence(word string) bool {
	return strings.HasPrefix(word, "0x") || letters(word) && word != strings.ToLower(word) && word != strings.ToUpper(word)
}

func hostByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c >= 0x80 ||
		c == '.' || c == '-' || c == '_' || c == ':' || c == '%'
}

// readSource reads "host ident[pid]: ", "ident[pid]: " (HAProxy sends no host
// unless told to, option log-send-hostname) or "host ", which leaves what
// follows as text.
//
// Folklore: the syslogd of busybox, so of Alpine, writes "host
// facility.severity ident[pid]: ".
func readSource(s string) (host string, t tag, n int) {
	if t, ok := readTag(s); ok {
		if t.pid == 0 && sentence(t.ident) {
			return "", tag{}, 0 // "Status: "
		}
		return "", t, t.size
	}
	host, n, ok := readHost(s)
	if !ok {
		return "", tag{}, 0
	}
	if t, ok := readTag(s[n:]); ok {
		if t.pid == 0 && sentence(host) && SenderOf(t.ident) == Stranger {
			return "", tag{}, 0 // "HAProxy info: "
		}
		return host, t, n + t.size
	}
	if priority := prioritySize(s[n:]); priority > 0 {
		if t, ok := readTag(s[n+priority:]); ok {
			return host, t, n + priority + t.size
		}
	}
	if sentence(host) {
		return "", tag{}, 0
	}
	return host, tag{}, n
}

// prioritySize is the length of "local0.info " at the start of s, or 0.
func prioritySize(s string) int {
	end := strings.IndexByte(s[:min(len(s), 24)], ' ')
	if end < 5 {
		return 0
	}
	facility, severity, ok := strings.Cut(s[:end], ".")
	if !ok || !letters(severity) || !letters(strings.TrimRight(facility, "01234567")) {
		return 0
	}
	return end + 1
}

// setTag writes what a tag tells into l. The name of a unit (journalctl -o
// with-unit) gives the program and the field _SYSTEMD_UNIT.
func (t tag) set(l *Line) {
	if t.ident == "" {
		return
	}
	unit, _, _ := strings.Cut(t.ident, "/") // system unit/user unit
	if name, ok := strings.CutSuffix(unit, ".service"); ok && name != "" {
		l.named(name, t.pid)
		l.Fields = map[string]string{"_SYSTEMD_UNIT": unit}
		return
	}
	l.named(t.ident, t.pid)
}
