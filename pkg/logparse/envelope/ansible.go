package envelope

import "strings"

// ansible takes off what Ansible puts before the record of a task on one line:
//
//	changed: [lb1] => {"stdout": "text"}
//	fatal: [lb1]: FAILED! => {"stderr": "text"}
func ansible(s string, l *Line) (text string, in inside) {
	state, rest, ok := strings.Cut(s[:min(len(s), 300)], ": [")
	host, rest, closed := strings.Cut(rest, "]")
	if !ok || !closed || !strings.HasPrefix(rest, " => {\"") && !strings.HasPrefix(rest, ": FAILED! => {\"") && !strings.HasPrefix(rest, ": UNREACHABLE! => {\"") {
		return "", unknown
	}
	switch state {
	case "ok", "changed", "fatal", "failed":
	default:
		return "", unknown
	}
	l.Host, _, _ = strings.Cut(host, " -> ") // the host that a task was delegated to
	return s[strings.Index(s, "=> ")+len("=> "):], nested
}
