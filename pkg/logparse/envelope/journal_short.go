package envelope

import (
	"strings"
	"time"
)

// monotonic reads "[ 1234.567890] host ident[pid]: text", journalctl -o
// short-monotonic. dmesg begins alike; host and tag make the difference, and a
// tag without a pid is not believed unless it is the kernel's, since kernel
// messages are "usb 1-1: new device" and the like.
func monotonic(s string, l *Line) (text string, in inside) {
	uptime, n, ok := bracketUptime(s)
	if !ok || n >= len(s) || s[n] != ' ' {
		return "", unknown
	}
	text = s[n+1:]
	host, tag, n := readSource(text)
	if host == "" || tag.ident == "" || tag.pid == 0 && tag.ident != "kernel" {
		return "", unknown
	}
	l.Time.Uptime = uptime
	l.Format, l.Host = Monotonic, host
	tag.set(l)
	return text[n:], indented
}

// unixTime reads "1746493701.123456 host ident[pid]: text", journalctl -o short-unix.
func unixTime(s string, l *Line) (text string, in inside) {
	seconds, n := number(s, 10)
	if n != 10 || len(s) < 18 || s[10] != '.' || s[17] != ' ' {
		return "", unknown
	}
	micro, ok := decimal(s[11:17])
	if !ok {
		return "", unknown
	}
	text = s[18:]
	host, tag, n := readSource(text)
	if host == "" || tag.ident == "" {
		return "", unknown
	}
	l.setTime(Stamp{Time: time.Unix(int64(seconds), int64(micro)*1000).UTC(), Text: s[:17], Uptime: -1})
	l.Format, l.Host = Short, host
	tag.set(l)
	return text[n:], indented
}

// full reads "Mon 2006-01-02 15:04:05 CET host ident[pid]: text", journalctl -o
// short-full, and -o with-unit, which has the unit for an ident.
func full(s string, l *Line) (text string, in inside) {
	st, n, ok := weekdayStamp(s)
	if !ok || n >= len(s) || s[n] != ' ' {
		return "", unknown
	}
	text = s[n+1:]
	host, tag, n := readSource(text)
	if host == "" {
		return "", unknown
	}
	l.setTime(st)
	l.Format, l.Host = Full, host
	tag.set(l)
	return text[n:], indented
}

// indent remembers the last line of a short format: when its message has more
// lines, journalctl prints them behind as many blanks as the first one's prefix
// has bytes (print_multiline, src/shared/logs-show.c of systemd). The messages
// of systemd-coredump, which hold a stack, come so.
type indent struct {
	line  Line
	width int   // bytes of the prefix, 0 for none
	next  int64 // number of the line that may go on
}

func (i *indent) note(l Line, s, text string, depth int) {
	*i = indent{}
	if depth == 0 {
		*i = indent{line: l, width: len(s) - len(text), next: l.Number + 1}
	}
}

// goOn says whether s is one more line of that message.
func (i *indent) goOn(s string, number int64) (l Line, text string, ok bool) {
	if i.width == 0 || number != i.next {
		return l, "", false
	}
	own := len(s) - len(strings.TrimLeft(s, " "))
	if own < i.width && own < len(s) {
		if own < resetWidth || unindented(s) != s || !i.mayReset() {
			i.width = 0
			return l, "", false
		}
		i.next++
		l = i.line
		l.Number, l.Part, l.Moved = number, Further, true
		return l, s, true
	}
	i.next++
	if len(s) < i.width {
		// An empty line in a message, its blanks lost in a paste; or an empty
		// line between messages. Nothing depends on it.
		text = ""
	} else {
		text = s[i.width:]
	}
	l = i.line
	l.Number, l.Part = number, Further
	return l, text, true
}

// resetWidth is how many blanks a line begins with at least that goes on a message though
// it does not stand where journalctl puts it.
//
// Folklore: editors and pages of issues shorten long runs of blanks, and then what a program
// wrote behind a newline would be nobody's line.
const resetWidth = 8

// mayReset says that the message is one whose writer is known.
func (i *indent) mayReset() bool {
	s := i.line.Sender()
	return s == Stranger || s == HAProxy
}

// journalMark says whether s is a remark of journalctl and no log line.
func journalMark(s string) bool {
	if !strings.HasPrefix(s, "-- ") {
		return false
	}
	for _, mark := range [...]string{"-- Boot ", "-- Reboot --", "-- Logs begin at ", "-- Journal begins at ", "-- No entries --", "-- cursor: "} {
		if strings.HasPrefix(s, mark) {
			return true
		}
	}
	return false
}
