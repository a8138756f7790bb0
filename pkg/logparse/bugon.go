package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
)

// bug reads the lines of checks that failed.
func (r *report) bug(l *line, rest string) bool {
	a := &crash.Assertion{}
	switch {
	case strings.HasSuffix(r.headline.Begins, " at "):
		if !placed(a, rest, strings.ToLower(lex.FirstWord(r.headline.Begins))) {
			return false
		}
	case !strings.HasPrefix(r.headline.Sure, "condition"):
		a.Level, a.Macro, a.Message = "FATAL", "bug", lex.Clip(l.trim, maxValue)
	default:
		more, ok := condition(a, rest)
		if !ok {
			return false
		}
		a.Level = strings.TrimSuffix(r.headline.Begins, ": ")
		if a.Macro == "" {
			a.Macro = map[crash.Kind]string{crash.BugOn: "bug", crash.WarnOn: "warn"}[r.headline.Kind]
		}
		if strings.HasPrefix(more, "(not crashing") {
			r.part.Role, r.part.Crash.Kind, r.part.Crash.Fatal = join.Warning, crash.WarnOn, false
		}
	}
	r.part.Crash.Assertion = a
	if a.Condition == "one > zero" && strings.HasSuffix(a.File, "src/debug.c") {
		r.part.Crash.Provoked = "debug dev bug" // debug_parse_cli_bug, src/debug.c
	}
	r.died(l.alert.pid) // create_pool_from_reg says it in an alert
	r.note("condition", l)
	return true
}

// condition reads what BUG_ON and its kin print (HAProxy include/haproxy/bug.h, since
// 2.0-dev3), and gives what follows it:
//
//	FATAL: bug condition "h1s->sd && !se_fl_test(h1s->sd, 4)" matched at src/mux_h1.c:870
//	WARNING: warn condition "…" matched at src/x.c:12 (please report to developers)
//	WARNING: condition "…" matched at …                     2.6-dev2, WARN_ON
//	FATAL: bug condition "…" matched at … (not crashing but process is untrusted now)
//
// The condition is the source text after macro expansion and may hold quotes: it
// ends at the last one before "matched at". Some people paste no more than it.
func condition(a *crash.Assertion, text string) (more string, ok bool) {
	macro, rest, ok := strings.Cut(text, `condition "`)
	if !ok { // an envelope that is not known may have escaped the quotes
		macro, rest, ok = strings.Cut(strings.ReplaceAll(text, `\"`, `"`), `condition "`)
	}
	switch macro {
	case "bug ", "warn ", "check ", "":
		a.Macro = strings.TrimSpace(macro)
	default:
		return "", false
	}
	const matched = `" matched at `
	if i := strings.LastIndex(rest, matched); i >= 0 {
		at := rest[i+len(matched):]
		a.File, a.Line, more = place(at)
		if more != "" && more[0] != '(' || a.File == "" && !cutPlace(at) {
			return "", false // more than the message
		}
		rest = rest[:i]
	} else { // cut
		i := strings.LastIndexByte(rest, '"')
		if i >= 0 && !strings.HasPrefix(matched, strings.TrimSpace(rest[i:])) {
			return "", false
		} else if i >= 0 {
			rest = rest[:i]
		}
		rest = strings.TrimSpace(rest)
	}
	a.Condition = lex.Clip(rest, maxValue)
	return more, ok && a.Condition != ""
}

// placed reads the lines that begin with a place (HAProxy include/haproxy/bug.h, ABORT_NOW
// with a message, since 3.0-dev3; src/pool.c, since 3.3-dev7, which leaves with code 1):
//
//	ABORT at src/debug.c:1234: message
//	BUG in the code: at src/x.c:12, requested creation of pool 'y' aligned to …
func placed(a *crash.Assertion, text, macro string) bool {
	at, message := text, ""
	if i := strings.IndexAny(text, ", "); i >= 0 {
		at, message = text[:i], text[i:]
	}
	file, n, _ := place(at)
	if file == "" || message != "" && message[0] == ' ' && !strings.HasSuffix(at, ":") {
		return false
	}
	*a = crash.Assertion{Level: "FATAL", Macro: macro, File: file, Line: n, Message: lex.Clip(strings.TrimLeft(message, ", "), maxValue)}
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
	if !first || r.part.Crash.Assertion == nil || l.text[0] == ' ' || len(l.text) > maxEvidenceLen || l.Format != r.format || l.Number != r.last+1 && !r.envelope {
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
