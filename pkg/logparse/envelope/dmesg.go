package envelope

import "strings"

// dmesg reads the kernel's ring buffer as dmesg prints it: "[  123.456789] text",
// or with -T "[Tue May  6 01:08:21 2025] text".
func dmesg(s string, l *Line) (text string, in inside) {
	if uptime, n, ok := bracketUptime(s); ok {
		l.Time.Uptime = uptime
		l.named("kernel", 0)
		l.Format = Dmesg
		return strings.TrimPrefix(s[n:], " "), message
	}
	st, n, ok := dateStamp(s[1:])
	if !ok {
		n = deltaSize(s)
	} else if n = closeBracket(s, n+1); n > 0 {
		l.setTime(st)
	}
	if n == 0 {
		return "", unknown
	}
	n += callerSize(s[n:])
	l.named("kernel", 0)
	l.Format = Dmesg
	return strings.TrimPrefix(s[n:], " "), message
}

// closeBracket returns what follows the bracket at s[n:], where dmesg
// --show-delta puts " <    0.000012>" before it; 0 when there is none.
func closeBracket(s string, n int) int {
	if strings.HasPrefix(s[n:], " <") {
		end := strings.IndexByte(s[n:min(len(s), n+32)], '>')
		if end < 0 {
			return 0
		}
		n += end + 1
	}
	if n >= len(s) || s[n] != ']' {
		return 0
	}
	return n + 1
}

// deltaSize is the length of a time that tells nothing, at the start of s:
// "[  +0.000012]" and "[Nov22 21:00]" of dmesg --reltime, "[<    0.000012>]" of
// --time-format delta.
func deltaSize(s string) int {
	end := strings.IndexByte(s[:min(len(s), 32)], ']')
	if end < 0 {
		return 0
	}
	in := s[1:end]
	if len(in) == 11 && letters(in[:3]) && in[5] == ' ' && in[8] == ':' {
		_, okDay := decimal(in[3:5])
		_, okHour := decimal(in[6:8])
		_, okMinute := decimal(in[9:])
		if okDay && okHour && okMinute {
			return end + 1
		}
		return 0
	}
	if delta, ok := strings.CutPrefix(in, "<"); ok {
		in, ok = strings.CutSuffix(delta, ">")
		if !ok {
			return 0
		}
	} else if !strings.HasPrefix(strings.TrimLeft(in, " "), "+") {
		return 0
	}
	seconds, part, ok := strings.Cut(strings.TrimLeft(in, " +"), ".")
	_, okSeconds := decimal(seconds)
	_, okPart := decimal(part)
	if !ok || !okSeconds || !okPart {
		return 0
	}
	return end + 1
}

// decodedDmesg reads "kern  :info  : [  123.456789] text", what dmesg
// --decode prints.
func decodedDmesg(s string, l *Line) (text string, in inside) {
	at := strings.IndexByte(s[:min(len(s), 32)], '[')
	if at < 6 {
		return "", unknown
	}
	facility, rest, ok := strings.Cut(s[:at], ":")
	if !ok || !letters(strings.TrimRight(facility, " 01234567")) {
		return "", unknown
	}
	level, ok := strings.CutSuffix(rest, ": ")
	if !ok || !letters(strings.TrimRight(level, " ")) {
		return "", unknown
	}
	return dmesg(s[at:], l)
}
