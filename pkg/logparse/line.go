package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

// line is a line out of its envelope and out of HAProxy's own prefix.
type line struct {
	envelope.Line
	// alert is the prefix of ha_alert() and its kin; its level is empty
	// when there is none.
	alert alert
	// text is what follows the prefix, without trailing blanks.
	text string
	// trim is text without leading blanks.
	trim string
	// from says what the word of the line's writer is worth.
	from envelope.Sender
	// traffic says that the message is of a traffic log.
	traffic bool
}

func newLine(l envelope.Line) line {
	bareTag(&l)
	text := strings.TrimRight(l.Text, " \t\r")
	a, rest := cutAlert(text)
	return line{Line: l, alert: a, text: rest, trim: strings.TrimLeft(rest, " \t"), from: l.Sender()}

}

// alert is HAProxy's prefix of messages on stderr (src/log.c until 2.4,
// src/errors.c since):
//
//	[ALERT] 087/101500 (4242) :     until 2.4: day of the year from 0, time, pid
//	[ALERT]    (4242) :             since 2.4
type alert struct {
	level string // ALERT, WARNING, NOTICE or DIAG
	stamp string // 087/101500, local time
	pid   int
}

// cutAlert takes the prefix off; a line without one is given back whole.
func cutAlert(text string) (alert, string) {
	rest := strings.TrimLeft(text, " \t")
	if !strings.HasPrefix(rest, "[") {
		return alert{}, text
	}
	for _, level := range [...]string{"ALERT", "WARNING", "NOTICE", "DIAG"} {
		r, ok := strings.CutPrefix(rest[1:], level+"]")
		if !ok {
			continue
		}
		a := alert{level: level}
		r = strings.TrimLeft(r, " ")
		if n := len("087/101500"); len(r) > n && r[3] == '/' && r[n] == ' ' && lex.Digits(r[:3]) && lex.Digits(r[4:n]) {
			a.stamp, r = r[:n], strings.TrimLeft(r[n:], " ")
		}
		if !strings.HasPrefix(r, "(") {
			return alert{}, text
		}
		pid, r, ok := lex.Int64(r[1:])
		if !ok || !strings.HasPrefix(r, ")") {
			return alert{}, text
		}
		a.pid = int(pid)
		r = strings.TrimPrefix(strings.TrimLeft(r[1:], " "), ":")
		return a, strings.TrimPrefix(r, " ")
	}
	return alert{}, text
}

// prefixPID is that of the process that a line seems to come from: HAProxy's
// own prefix knows better than the envelope, which may name the master that
// holds the pipe.
func (l *line) prefixPID() int {
	if l.alert.pid != 0 {
		return l.alert.pid
	}
	return l.PID
}

// bareTag takes off "haproxy[4242]: " where a paste has lost what stood before
// it, time and host.
//
// Folklore: the kernel names a process in the same way, "haproxy[4242]: segfault
// at …", when its own prefix is gone.
func bareTag(l *envelope.Line) {
	if l.Format != envelope.Plain || l.Ident != "" || !strings.HasPrefix(l.Text, "haproxy[") {
		return
	}
	pid, rest, ok := lex.Int(l.Text[len("haproxy["):])
	rest, colon := strings.CutPrefix(rest, "]: ")
	if !ok || !colon || strings.HasPrefix(rest, "segfault ") || strings.HasPrefix(rest, "unhandled ") {
		return
	}
	l.Ident, l.PID, l.Text = "haproxy", pid, rest
}
