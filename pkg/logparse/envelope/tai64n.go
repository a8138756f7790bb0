package envelope

import (
	"strconv"
	"time"
)

// tai64n takes off "@4000000037c219bf2ef02e94 ", which multilog (daemontools, s6-log) puts
// before a line: 16 digits of seconds, 2^62 of them at the beginning of 1970 TAI, and 8 of
// nanoseconds. TAI was ten seconds ahead of UTC then, and leap seconds came on top;
// like tai64nlocal of today's systems this counts the ten alone.
func tai64n(s string, l *Line) (text string, in inside) {
	const size = 1 + 16 + 8
	if len(s) < size || len(s) > size && s[size] != ' ' {
		return "", unknown
	}
	seconds, err := strconv.ParseUint(s[1:17], 16, 64)
	nano, err2 := strconv.ParseUint(s[17:size], 16, 64)
	if err != nil || err2 != nil || seconds>>62 != 1 || seconds-1<<62 > 1<<40 || nano >= 1e9 {
		return "", unknown
	}
	t := time.Unix(int64(seconds-1<<62)-10, int64(nano)).UTC()
	l.setTime(Stamp{Time: t, Text: s[:size], Uptime: -1})
	if l.Format == Plain {
		l.Format = Stamped
	}
	return s[min(size+1, len(s)):], nested
}
