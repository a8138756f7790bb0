package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
)

// about is what a process says of itself over several lines: "haproxy -v" and
// "-vv", "show info", "show dev".
type about struct {
	draft
	kind    aboutKind
	lines   int
	options string // the block of lines "KEY = value" at hand
	build   []string
}

type aboutKind int

const (
	aboutVersion aboutKind = iota // haproxy -v, -vv, and show dev, which begins like them
	aboutInfo                     // show info
)

// opensAbout opens such a text:
//
//	HA-Proxy version 2.2.4 2020/09/30 - https://haproxy.org/       until 2.4-dev18
//	HAProxy version 2.8.3-86e043a 2023/09/07 - https://haproxy.org/
//	Name: HAProxy                                                  show info
//
// A master prints the first lines of "haproxy -v" on stdout when a worker died
// unexpectedly (since 2.9-dev5).
func (s *stream) opensAbout(l line) bool {
	if l.alert.level != "" || !l.mayPrint() {
		return false
	}
	kind, version := aboutInfo, ""
	if l.trim != "Name: HAProxy" {
		rest, ok := strings.CutPrefix(l.trim, "HAProxy version ")
		if !ok {
			rest, ok = strings.CutPrefix(l.trim, "HA-Proxy version ")
		}
		if !ok || !versionTail(rest) {
			return false
		}
		v, err := haproxy.ParseVersion(lex.Clip(rest, 256))
		if err != nil {
			return false
		}
		kind, version = aboutVersion, v.Raw
	}
	s.about = &about{draft: newDraft(s.p.input, &l, join.Environment, ""), kind: kind}
	if version != "" {
		p := s.about.process()
		p.Version, p.VersionSource = version, "haproxy -vv"
		s.about.note("version", &l)
	}
	s.printed(&l)
	return true
}

// versionTail says that what follows the version is a date and an address, or cut. Some
// builds have a time with the date.
func versionTail(s string) bool {
	_, s, _ = strings.Cut(s, " ")
	date, s, _ := strings.Cut(s, " ")
	if date == "" {
		return s == ""
	}
	if !clock(date) && strings.Trim(date, "0123456789/") != "" {
		return false
	}
	return s == "" || s == "-" || strings.HasPrefix(s, "- http")
}

// blank takes an empty line; false when the text ends at it.
func (a *about) blank() bool {
	a.options = ""
	return a.kind == aboutVersion
}

// line takes a line of the text; false when it is none.
func (a *about) line(l line) bool {
	a.lines++
	if l.alert.level != "" || a.lines > 400 {
		return false
	}
	if a.kind == aboutInfo {
		return a.info(&l)
	}
	return a.version(&l)
}

func (a *about) version(l *line) bool {
	if a.pair(l) {
		return true
	}
	t := l.trim
	switch a.options {
	case "Build options":
		if k, v, ok := strings.Cut(t, "="); ok && isName(strings.TrimSpace(k)) {
			a.option(strings.TrimSpace(k), strings.TrimSpace(v))
			return true
		}
	case "Features":
		a.process().Features = features(t)
		return true
	case "Platform info", "Process info":
		return l.text[0] == ' ' || l.text[0] == '\t'
	}
	for _, known := range [...]string{"Built with", "Built without", "Running on", "Running with", "Support for", "OpenSSL ", "Compression ", "PCRE", "Encrypted password",
		"Default settings", "Available ", "Total: ", "bufsize = ", "epoll ", "poll ", "select ", "kqueue ", "Supported ", "<default>"} {
		if strings.HasPrefix(t, known) {
			return true
		}
	}
	return l.text[0] == ' ' && strings.Contains(t, ":") || strings.HasPrefix(t, "[") && l.text[0] != '['
}

// pair takes "key: value" of those that are known.
func (a *about) pair(l *line) bool {
	key, value, _ := strings.Cut(l.trim, ":")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	p := a.process()
	switch key {
	case "Running on", "OS release":
		p.System = joined(p.System, lex.Clip(value, maxValue))
	case "Status", "Known bugs", "Usage":
	case "Build options", "Process info", "Platform info", "Features":
		a.options = key
	case "Feature list", "Detected feature list":
		p.Features = features(value)
	case "distro pretty name", "container", "virtual machine":
		if a.options == "Platform info" && value != "no" {
			p.System = joined(p.System, key+": "+lex.Clip(value, maxValue))
		}
	case "pid", "cmdline":
		if a.options != "Process info" {
			return false
		}
		if pid, _, ok := lex.Int(value); ok && key == "pid" {
			a.died(pid)
		} else {
			p.Arguments = lex.Clip(value, maxValue)
		}
	default:
		return false
	}
	return true
}

// option keeps one of the build's: TARGET, CC, CFLAGS, OPTIONS, DEBUG.
func (a *about) option(key, value string) {
	if len(a.build) >= 16 || value == "" {
		return
	}
	if strings.ContainsAny(value, " ") {
		value = "'" + value + "'"
	}
	a.build = append(a.build, lex.Clip(key+"="+value, 4096))
}

// info takes a line of "show info" (HAProxy src/stats.c).
func (a *about) info(l *line) bool {
	key, value, ok := strings.Cut(l.trim, ":")
	if !ok || strings.Contains(key, " ") {
		return false
	}
	value = strings.TrimSpace(value)
	p := a.process()
	switch key {
	case "Version":
		p.Version, p.VersionSource = lex.Clip(value, 256), "log line"
		a.note("version", l)
	case "Pid":
		pid, _, _ := lex.Int(value)
		a.died(pid)
	case "node":
		if a.part.Crash.Host == "" {
			a.part.Crash.Host = lex.Clip(value, 256)
		}
	}
	return true
}

// finish gives the part; false when nothing was learnt.
func (a *about) finish() (join.Part, bool) {
	p := a.process()
	p.BuildOptions = strings.Join(a.build, " ")
	return a.done(), p.Version != ""
}

// features reads "+EPOLL -KQUEUE …".
func features(s string) []string {
	var out []string
	for f := range strings.FieldsSeq(s) {
		if (f[0] == '+' || f[0] == '-') && len(f) < 64 && len(out) < maxFeatures {
			out = append(out, strings.Clone(f))
		}
	}
	return out
}
