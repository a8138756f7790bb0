package envelope

import "strings"

// Lines that whoever runs a program puts a head before: platforms, jobs of CI, test drivers.

// cloudFoundry takes off "[APP/PROC/WEB/0] ERR ", which cf logs puts behind the time.
func cloudFoundry(s string, l *Line) (text string, in inside) {
	instance, rest, ok := strings.Cut(s[:min(len(s), 80)], "] ")
	if !ok || !strings.HasPrefix(instance, "[APP/") || !strings.HasPrefix(rest, "ERR ") && !strings.HasPrefix(rest, "OUT ") {
		return "", unknown
	}
	l.Format = Stamped
	return s[len(instance)+len("] ERR "):], nested
}

// actions takes off the names of job and step that "gh run view --log" puts before the lines
// of GitHub Actions. These begin with a time of seven digits behind the second.
func actions(s string, _ *Line) (text string, in inside) {
	_, rest, _ := strings.Cut(s[:min(len(s), 256)], "\t")
	_, rest, ok := strings.Cut(rest, "\t")
	if !ok {
		return "", unknown
	}
	rest = strings.TrimPrefix(rest, byteOrderMark)
	_, n, fraction, ok := isoStamp(rest)
	if !ok || fraction != 7 || rest[n-1] != 'Z' {
		return "", unknown
	}
	return s[min(len(s), 256)-len(rest):], nested
}

// vtest takes off what VTest, HAProxy's own test driver, puts before the output of a process:
//
//	***  h1    debug|text
func vtest(s string, l *Line) (text string, in inside) {
	head, _, ok := strings.Cut(s[:min(len(s), 80)], "debug|")
	words := strings.Fields(head)
	if !ok || len(words) < 2 || len(words) > 3 || strings.Trim(words[0], "*") != "" {
		return "", unknown
	}
	l.Format = Stamped
	return s[len(head)+len("debug|"):], nested
}

// events takes off the name of the field in a stream of events (journalctl -o json-sse).
func events(s string, _ *Line) (text string, in inside) {
	text, ok := strings.CutPrefix(s, "data: ")
	if !ok || text == "" || text[0] != '{' {
		return "", unknown
	}
	return text, nested
}
