package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
)

// bug reads the line of BUG_ON and its kin (HAProxy include/haproxy/bug.h, since
// 2.0-dev3):
//
//	FATAL: bug condition "h1s->sd && !se_fl_test(h1s->sd, 4)" matched at src/mux_h1.c:870
//	WARNING: warn condition "…" matched at src/x.c:12 (please report to developers)
//	WARNING: condition "…" matched at …                     2.6-dev2, WARN_ON
//	FATAL: bug condition "…" matched at … (not crashing but process is untrusted now)
//
// The condition is the source text after macro expansion and may hold quotes: it
// ends at the last one before "matched at". Some people paste no more than it.
func (r *report) bug(input string, l *line) bool {
	text := l.trim
	i := strings.Index(text, `condition "`)
	if i < 0 {
		// An envelope that is not known may have escaped the quotes.
		if i = strings.Index(text, `condition \"`); i < 0 {
			return false
		}
		text = strings.ReplaceAll(text, `\"`, `"`)
		i = strings.Index(text, `condition "`)
	}
	a := &crash.Assertion{}
	head := text[:i]
	for _, m := range [...]string{"bug ", "warn ", "check ", ""} {
		if h, ok := strings.CutSuffix(head, m); ok {
			head, a.Macro = h, strings.TrimSpace(m)
			break
		}
	}
	switch head {
	case "FATAL: ":
		a.Level = "FATAL"
	case "WARNING: ":
		a.Level = "WARNING"
	default:
		return false
	}
	rest := text[i+len(`condition "`):]
	suffix := ""
	if j := strings.LastIndex(rest, `" matched at `); j >= 0 {
		a.Condition = rest[:j]
		at := rest[j+len(`" matched at `):]
		a.File, a.Line, suffix = place(at)
		if suffix != "" && suffix[0] != '(' || a.File == "" && !cutPlace(at) {
			return false // more than the message
		}
	} else {
		a.Condition = rest
		if j := strings.LastIndexByte(rest, '"'); j >= 0 {
			if tail := strings.TrimSpace(rest[j:]); !strings.HasPrefix(`" matched at `, tail) {
				return false
			}
			a.Condition = rest[:j]
		}
		a.Condition = strings.TrimSpace(a.Condition)
	}
	if a.Condition == "" {
		return false
	}
	a.Condition = lex.Clip(a.Condition, maxValue)
	if a.Macro == "" {
		a.Macro = "warn"
		if a.Level == "FATAL" {
			a.Macro = "bug"
		}
	}
	if a.Level == "WARNING" || strings.HasPrefix(suffix, "(not crashing") {
		r.opens(input, l, bugHeading, join.Warning, crash.WarnOn)
	} else {
		r.opens(input, l, bugHeading, join.Head, crash.BugOn)
	}
	r.part.Crash.Assertion = a
	if a.Condition == "one > zero" && strings.HasSuffix(a.File, "src/debug.c") {
		r.part.Crash.Provoked = "debug dev bug" // debug_parse_cli_bug, src/debug.c
	}
	r.note("condition", l)
	return true
}

// abort reads the line of ABORT_NOW with a message (since 3.0-dev3):
//
//	ABORT at src/debug.c:1234: message
func (r *report) abort(input string, l *line) bool {
	rest, ok := strings.CutPrefix(l.trim, "ABORT at ")
	if !ok {
		return false
	}
	file, n, message := place(rest)
	if file == "" || !strings.HasPrefix(message, ":") && message != "" {
		return false
	}
	r.opens(input, l, bugHeading, join.Head, crash.BugOn)
	message = strings.TrimSpace(strings.TrimPrefix(message, ":"))
	r.part.Crash.Assertion = &crash.Assertion{Level: "FATAL", Macro: "abort", File: file, Line: n, Message: lex.Clip(message, maxValue)}
	r.note("condition", l)
	return true
}

// code reads the alert on a pool that cannot be made as the code asks for (HAProxy
// src/pool.c, since 3.3-dev7); the process leaves with code 1:
//
//	BUG in the code: at src/x.c:12, requested creation of pool 'y' aligned to …
func (r *report) code(input string, l *line) bool {
	rest, ok := strings.CutPrefix(l.trim, "BUG in the code: at ")
	if !ok {
		return false
	}
	at, message, ok := strings.Cut(rest, ", ")
	file, n, _ := place(at)
	if !ok || file == "" {
		return false
	}
	r.opens(input, l, bugHeading, join.Head, crash.BugOn)
	r.died(l.alert.pid)
	r.part.Crash.Assertion = &crash.Assertion{Level: "FATAL", Macro: "bug", File: file, Line: n, Message: lex.Clip(message, maxValue)}
	r.note("condition", l)
	return true
}

// place reads "src/mux_h1.c:870 (…)".
func place(s string) (file string, n int, rest string) {
	end := strings.IndexAny(s, " (")
	if end < 0 {
		end = len(s)
	}
	word := strings.TrimSuffix(s[:end], ":")
	rest = s[len(word):]
	i := strings.LastIndexByte(word, ':')
	if i <= 0 || !lex.Digits(word[i+1:]) {
		return "", 0, ""
	}
	n, _, ok := lex.Int(word[i+1:])
	if !ok {
		return "", 0, ""
	}
	return lex.Clip(word[:i], maxValue), n, strings.TrimLeft(rest, " ")
}

// cutPlace says that s may be a place whose end is lost: a path, perhaps with the colon. A
// manual has "<file>:<line>", and a log format goes on behind the number.
func cutPlace(s string) bool {
	path, line, _ := strings.Cut(s, ":")
	return line == "" && !strings.ContainsAny(path, " <>|,;\"'{}")
}

// perhaps remembers the line that follows a BUG_ON's as its message, which has
// no shape (since 3.0-dev3). It is only believed when a trace follows at once.
func (r *report) perhaps(l *line) bool {
	first := r.lines == 1 && r.message == nil
	if !first || r.heading != bugHeading || l.text[0] == ' ' || len(l.text) > maxEvidenceLen || l.Format != r.format || l.Number != r.last+1 && !r.envelope {
		r.message = nil
		return false
	}
	if a := r.part.Crash.Assertion; a.Message != "" || a.File == "" {
		return false
	}
	m := *l
	r.message = &m
	return false
}

// confirm takes the message when what it announced has come.
func (r *report) confirm() {
	if r.message == nil {
		return
	}
	if r.at != nil || r.hint {
		r.part.Crash.Assertion.Message = r.message.trim
		r.keep(r.message)
		r.note("message", r.message)
	}
	r.message = nil
}
