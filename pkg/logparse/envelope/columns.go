package envelope

import "strings"

// Lines that print a time, the program and its pid in columns of their own.

// logread reads what logread of OpenWrt prints (ubox, log/logread.c), with or without
// fractions of a second:
//
//	Thu Aug 11 22:52:54 2022 kern.info kernel: [   37.498052] text
//	Thu Aug 11 22:52:54 2022 daemon.notice haproxy[4242]: text
func logread(s string, l *Line) (text string, in inside) {
	st, n, ok := dateStamp(s)
	if !ok || n >= len(s) || s[n] != ' ' {
		return "", unknown
	}
	text = s[n+1:]
	if text, ok = strings.CutPrefix(text, "["); ok { // logread -t
		_, text, _ = strings.Cut(text, "] ")
	} else {
		text = s[n+1:]
	}
	size := prioritySize(text)
	if size == 0 {
		return "", unknown
	}
	t, ok := readTag(text[size:])
	if !ok {
		return "", unknown
	}
	l.setTime(st)
	l.Format = Logread
	t.set(l)
	return text[size+t.size:], message
}

// table reads a row that was copied out of a page of logs, such as that of pfSense: time,
// program, pid and message, with tabs between. The kernel has no pid.
//
//	Jul 28 08:01:05	kernel		pid 90994 (haproxy), jid 0, uid 80: exited on signal 11
//
// Folklore: other browsers copy the same without the tabs, or with one blank for several.
func table(s string, l *Line) (text string, in inside) {
	head := s[:min(len(s), 48)]
	if strings.IndexByte(head, '\t') < 0 && !(strings.Contains(head, "kernel") && strings.Contains(head, "pid ")) {
		return "", unknown
	}
	st, n, _, ok := monthStamp(s)
	if !ok {
		if st, n, _, ok = isoStamp(s); !ok {
			return "", unknown
		}
	}
	rest := s[n:]
	if rest == "" {
		return "", unknown
	}
	if rest[0] != '\t' {
		// Glued: only the kernel's line on a process is believed to be one.
		if text, ok = strings.CutPrefix(strings.TrimLeft(rest, " "), "kernel"); !ok {
			return "", unknown
		}
		text = strings.TrimLeft(text, " \t")
		if !strings.HasPrefix(text, "pid ") {
			return "", unknown
		}
		l.setTime(st)
		l.Format = Columns
		l.named("kernel", 0)
		return text, message
	}
	ident, rest, ok := strings.Cut(strings.TrimLeft(rest, "\t "), "\t")
	ident = strings.TrimRight(ident, " ")
	for i := range len(ident) {
		ok = ok && identByte(ident[i])
	}
	if !ok || ident == "" || len(ident) > 64 {
		return "", unknown
	}
	pid := 0
	if column, after, has := strings.Cut(rest, "\t"); has {
		v, size := number(column, 9)
		if size != len(strings.TrimRight(column, " ")) {
			return "", unknown
		}
		pid, rest = v, after
	}
	if pid == 0 && strings.HasPrefix(rest, "{") && !strings.Contains(s[n:], "\t\t") {
		return "", unknown // fluentd: time, tag and record
	}
	l.setTime(st)
	l.Format = Columns
	l.named(ident, pid)
	return rest, message
}

// coredumps reads a row of coredumpctl list: the time is the envelope, and what follows are
// pid, uid, gid and signal.
//
//	Wed 2021-08-04 03:22:51 UTC 2470780 188 188 SIGSEGV present  /usr/sbin/haproxy 4.3M
func coredumps(s string, l *Line) (text string, in inside) {
	st, n, ok := weekdayStamp(s)
	if !ok || n >= len(s) || s[n] != ' ' {
		return "", unknown
	}
	text = strings.TrimLeft(s[n:], " ")
	rest := text
	for range 3 {
		_, size := number(rest, 10)
		if size == 0 || size >= len(rest) || rest[size] != ' ' {
			return "", unknown
		}
		rest = strings.TrimLeft(rest[size:], " ")
	}
	l.setTime(st)
	l.Format = Coredumps
	return text, message
}
