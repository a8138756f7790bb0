package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// warning reads the headline of the blocked-traffic warning (HAProxy
// src/debug.c, ha_stuck_warning, since 3.1-dev12), which the process survives:
//
//	WARNING! thread 2 has stopped processing traffic for 212 milliseconds
//	    with 3 streams currently blocked, prevented from making any progress.
func (r *report) warning(l *line, rest string) bool {
	number, rest, ok := lex.Int(rest)
	if !ok || !strings.HasPrefix(rest, " has stopped processing traffic") {
		return false
	}
	b := &crash.Blocked{Thread: number}
	if rest, ok = strings.CutPrefix(rest, " has stopped processing traffic for "); ok {
		b.Milliseconds, rest, _ = lex.Int(rest)
		if end := strings.TrimPrefix(rest, " milliseconds"); end != "" && end != "," && end != "." && strings.HasPrefix(rest, " milliseconds") {
			return false // more than the message
		}
	}
	r.part.Crash.Blocked = b
	r.inWarning = true
	r.note("blocked traffic", l)
	return true
}

// warningLine takes the explanation below the headline.
func (r *report) warningLine(l *line, indented bool) bool {
	t := l.trim
	if n, rest, ok := lex.Int(strings.TrimPrefix(t, "with ")); ok && strings.HasPrefix(rest, " streams currently blocked") {
		r.part.Crash.Blocked.Streams = n
		return true
	}
	if strings.HasPrefix(t, "=> Trying to gracefully recover now") {
		if _, p, ok := strings.Cut(t, "(pid "); ok {
			pid, _, _ := lex.Int(p)
			r.died(pid)
		}
		r.inWarning = false
		return true
	}
	if len(r.threads) > 0 {
		return false
	}
	return indented && r.lines < 16
}

func (r *report) endWarning() {
	n := r.part.Crash.Blocked.Thread
	for _, t := range r.threads {
		if t.Number == n || t.Number == 0 && len(r.threads) == 1 {
			t.Faulty = true
		}
	}
}
