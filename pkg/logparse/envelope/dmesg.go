package envelope

import "strings"

// dmesg reads the kernel's ring buffer as dmesg prints it: "[  123.456789] text",
// or with -T "[Tue May  6 01:08:21 2025] text".
func dmesg(s string, l *Line) (text string, ok bool) {
	if uptime, n, ok := bracketUptime(s); ok {
		l.Time.Uptime = uptime
		l.Ident, l.PID, l.Format = "kernel", 0, Dmesg
		return strings.TrimPrefix(s[n:], " "), true
	}
	st, n, ok := dateStamp(s[1:])
	if !ok || n+1 >= len(s) || s[n+1] != ']' {
		return "", false
	}
	n += 2
	n += callerSize(s[n:])
	l.setTime(st)
	l.Ident, l.PID, l.Format = "kernel", 0, Dmesg
	return strings.TrimPrefix(s[n:], " "), true
}

// decodedDmesg reads "kern  :info  : [  123.456789] text", what dmesg
// --decode prints.
func decodedDmesg(s string, l *Line) (text string, ok bool) {
	at := strings.IndexByte(s[:min(len(s), 32)], '[')
	if at < 6 {
		return "", false
	}
	facility, rest, ok := strings.Cut(s[:at], ":")
	if !ok || !letters(strings.TrimRight(facility, " 01234567")) {
		return "", false
	}
	level, ok := strings.CutSuffix(rest, ": ")
	if !ok || !letters(strings.TrimRight(level, " ")) {
		return "", false
	}
	return dmesg(s[at:], l)
}
