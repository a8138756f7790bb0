package logparse

import (
	"html"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

// shipper takes off what stands before the lines of a log that was handed through tools
// whose format package envelope does not know: stern, kail, grep -H, pssh, less -N, a web
// page. It knows such a prefix by two signs: what follows is what a message of HAProxy
// begins with, or a syslog header; and the prefix is made of nothing but names that may be
// HAProxy's, times, numbers and files. A prefix with any other word in it is the beginning of
// somebody's sentence, and then what follows is in somebody's words.
//
// Lines of a dump that have no certain beginning are freed of a prefix that an earlier line had.
type shipper struct {
	dec   *envelope.Decoder
	known [4]string // prefixes, their digits made equal, the newest first
	lines []envelope.Line
}

// maxPrefix is the length of the longest prefix.
const maxPrefix = 160

// begins are what messages of HAProxy begin with, and lines of its dumps.
var begins = func() []string {
	all := []string{"[ALERT]", "[NOTICE]", "[WARNING]", "call trace(", "| 0x", "*>Thread ", ">Thread ", "Hint: when reporting"}
	for _, h := range haproxy.Headlines() {
		all = append(all, h.Begins)
	}
	return all
}()

// unpack takes a prefix off.
func (s *shipper) unpack(l *envelope.Line) {
	if l.Format == envelope.Compose && l.Part == envelope.First && slices.Contains(s.known[:], alike(l.Ident+" ")) {
		// Folklore: "podman logs --names" puts the bare name before a line, and before the
		// frames of a call trace that looks like docker compose: "haproxy   | 0x5581 [0f …".
		l.Text, l.Format = "  | "+l.Text, envelope.Plain
		return
	}
	if ofPage(l.Text) {
		l.Text = html.UnescapeString(l.Text)
	}
	if l.Ident != "" || l.Part != envelope.First || len(l.Text) < 8 {
		return
	}
	for _, p := range s.known {
		if p != "" && len(l.Text) > len(p) && alike(l.Text[:len(p)]) == p {
			s.open(l, len(p))
			return
		}
	}
	head := l.Text[:min(len(l.Text), maxPrefix)]
	if n := s.header(head, l.Text); n > 0 {
		s.learn(l, n)
	} else if n := prefixOf(head); n > 0 {
		s.learn(l, n)
	}
}

// prefixOf gives the length of a prefix that stands before what a message begins with.
func prefixOf(head string) int {
	at := len(head)
	for _, b := range begins {
		if i := strings.Index(head, b); i >= 0 {
			at = min(at, i)
		}
	}
	if at == len(head) {
		return 0
	}
	// Blanks beyond one are the text's own.
	bare := strings.TrimRight(head[:at], " ")
	if bare == "" || len(bare) == at && !strings.ContainsAny(bare[at-1:], ":-\t") || !names(bare, false) {
		return 0
	}
	return min(len(bare)+1, at)
}

// ofPage says that a text was copied from the source of a web page.
func ofPage(text string) bool {
	i := strings.IndexByte(text, '&')
	if i < 0 {
		return false
	}
	for _, escape := range [...]string{"&quot;", "&#34;", "&#39;", "&gt;", "&lt;", "&amp;"} {
		if strings.Contains(text[i:], escape) {
			return true
		}
	}
	return false
}

// header finds a syslog header, or a record in JSON, behind a prefix.
func (s *shipper) header(head, text string) int {
	if !slices.ContainsFunc(writers[:], func(w string) bool { return strings.Contains(head, w) }) {
		return 0
	}
	for i := 1; i < len(head) && i < 100; i++ {
		if !mayBeginHeader(head, i) || !names(strings.TrimRight(head[:i], " "), true) {
			continue
		}
		if s.decode(text[i:]); len(s.lines) > 0 && s.lines[0].Format != envelope.Plain && (s.lines[0].Ident != "" || s.lines[0].Format == envelope.JSON) {
			return i
		}
	}
	return 0
}

// writers are what syslog headers of those who tell of crashes hold; the last is a record's.
var writers = [...]string{"haproxy[", " haproxy: ", " kernel: ", " systemd", "\t{\""}

// mayBeginHeader says that a month, a year, a priority or a record may begin at i.
func mayBeginHeader(head string, i int) bool {
	if strings.IndexByte(" \t:->", head[i-1]) < 0 {
		return false
	}
	c := head[i]
	if lex.IsDigit(c) {
		return i+4 < len(head) && head[i+4] == '-'
	}
	return c >= 'A' && c <= 'Z' || c == '{' || c == '<'
}

func (s *shipper) decode(text string) {
	if s.dec == nil {
		s.dec = envelope.NewDecoder()
	}
	s.lines = s.dec.Decode([]byte(text), 1, s.lines[:0])
}

func (s *shipper) learn(l *envelope.Line, n int) {
	p := alike(l.Text[:n])
	copy(s.known[1:], s.known[:])
	s.known[0] = p
	s.open(l, n)
}

// open takes n bytes off, and the envelope behind them.
func (s *shipper) open(l *envelope.Line, n int) {
	host, ident := origin(l.Text[:n])
	l.Text = l.Text[n:]
	if l.Ident = ident; host != "" {
		l.Host = host
	}
	if l.Text == "" || l.Text[0] == ' ' || l.Text[0] == '[' || l.Text[0] == '|' {
		return
	}
	s.decode(l.Text)
	if len(s.lines) == 0 || s.lines[0].Format == envelope.Plain {
		return
	}
	in := s.lines[0]
	in.Number, in.Part = l.Number, l.Part
	if in.Time.Text == "" {
		in.Time = l.Time
	}
	if in.Host == "" {
		in.Host = l.Host
	}
	*l = in
}

// origin gives the pod and the container that a prefix names: "pod container ", or
// "namespace/pod[container]: ".
func origin(prefix string) (host, ident string) {
	for w := range strings.FieldsSeq(prefix) {
		w, _, _ = strings.Cut(w, ":")
		if pod, container, ok := strings.Cut(w, "["); ok && strings.Contains(pod, "/") {
			return pod[strings.LastIndexByte(pod, '/')+1:], strings.TrimSuffix(container, "]")
		}
		if clock(w) || lex.Digits(w) || logFile(w) || strings.ContainsAny(w, "{}[]=\"") {
			continue
		}
		switch {
		case envelope.SenderOf(w) == envelope.Stranger:
		case ident == "":
			ident = w
		case host == "":
			host, ident = ident, w
		}
	}
	return host, ident
}

// alike makes the digits of a prefix equal: times go on, and lines are numbered.
func alike(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= '0' && c <= '9' {
			b[i] = '0'
		}
	}
	return string(b)
}

// names says that a prefix is made of what tools put before a line. Before a header, which
// says itself who wrote the line, a host or a file is enough.
func names(prefix string, header bool) bool {
	told, whole := false, strings.TrimSpace(prefix)
	for prefix != "" {
		if prefix[0] == ' ' || prefix[0] == '\t' || header && prefix[0] == '>' {
			prefix = prefix[1:]
			continue
		}
		if labels, rest, ok := strings.Cut(prefix, "}"); prefix[0] == '{' {
			if !ok || !labelled(labels[1:]) {
				return false
			}
			prefix, told = rest, true
			continue
		}
		if stamp, rest, ok := strings.Cut(prefix, "]"); prefix[0] == '[' {
			if !ok || !stamped(stamp[1:]) {
				return false
			}
			prefix, told = rest, true
			continue
		}
		n := strings.IndexAny(prefix, " \t")
		if n < 0 {
			n = len(prefix)
		}
		w := prefix[:n]
		ok, says := word(w, header, n < len(prefix) && prefix[n] == '\t')
		if !ok && !(header && w == whole && host(w)) {
			return false
		}
		told, prefix = told || says, prefix[n:]
	}
	return told || header
}

// word says whether a word may be of a prefix, and whether it says who wrote the line: a
// container, a file that was searched, a time, the number of the line.
func word(w string, header, tab bool) (ok, says bool) {
	name := strings.TrimRight(w, ":-")
	switch {
	case name == "":
		return header, false
	case name == "stdout" || name == "stderr" || name == "F":
		return true, false
	case clock(name):
		return true, true
	case lex.Digits(name):
		ok = len(name) <= 7 && (tab || len(w) == len(name)+1)
		return ok, ok
	case strings.ContainsAny(w, "\"'=<>(){}|,;!?%&*"):
		return false, false
	case strings.HasPrefix(w, "app[") && strings.HasSuffix(w, "]:"): // Heroku's name of a process
		return true, true
	}
	if file, line, numbered := strings.Cut(name, ":"); numbered && !lex.Digits(line) {
		return false, false
	} else if logFile(file) {
		foreign := !header && envelope.Elsewhere(file) // another program's log
		return !foreign && (len(name) < len(w) || numbered), !foreign
	}
	return program(name)
}

// program says the same of the name of a container or a host.
func program(name string) (ok, says bool) {
	if i := strings.IndexByte(name, '['); i > 0 { // namespace/pod[container]
		container, ok := strings.CutSuffix(name[i+1:], "]")
		return ok && envelope.SenderOf(container) == envelope.HAProxy, true
	}
	switch envelope.SenderOf(name) {
	case envelope.HAProxy:
		return true, true
	case envelope.Nobody:
		return true, len(name) >= 12
	}
	return false, false
}

// host knows the name of one, with the colon that pssh and the like put behind it.
func host(w string) bool {
	name, ok := strings.CutSuffix(w, ":")
	if !ok || !strings.ContainsAny(name, "0123456789.") {
		return false
	}
	for i := range len(name) {
		if c := name[i]; !lex.IsWord(c) && c != '.' && c != '-' {
			return false
		}
	}
	return true
}

// stamped says that brackets hold a time, and perhaps how bad the message is.
func stamped(s string) bool {
	timed := false
	for w := range strings.FieldsSeq(s) {
		switch w {
		case "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL", "UNKNOWN":
			continue
		}
		if !clock(w) {
			return false
		}
		timed = true
	}
	return timed
}

// clock knows dates and times.
func clock(s string) bool {
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n++
		case strings.IndexByte("-:.,TZ+/", c) < 0:
			return false
		}
	}
	return n >= 6 && n < len(s) && strings.Count(s, ".") < 3 && strings.ContainsAny(s, ":-") && s[0] >= '0' && s[0] <= '9'
}

// logFile says that s is the name of a file as logs have it.
func logFile(s string) bool {
	base := s[strings.LastIndexByte(s, '/')+1:]
	i := strings.IndexByte(base, '.')
	if i <= 0 {
		return strings.HasPrefix(s, "/var/log/")
	}
	switch ext, _, _ := strings.Cut(base[i+1:], "."); ext {
	case "log", "txt", "out", "err":
		return true
	}
	return strings.HasPrefix(s, "/var/log/")
}

// labelled says that labels, app="haproxy", host="lb1", name HAProxy.
func labelled(labels string) bool {
	found := false
	for labels != "" {
		key, rest, ok := strings.Cut(labels, `="`)
		value, rest, closed := strings.Cut(rest, `"`)
		if !ok || !closed || !isName(strings.TrimLeft(key, " ,")) {
			return false
		}
		switch strings.TrimLeft(key, " ,") {
		case "app", "container", "container_name", "service", "service_name", "job", "unit", "syslog_identifier":
			switch envelope.SenderOf(value) {
			case envelope.HAProxy:
				found = true
			case envelope.Stranger:
				return false
			}
		}
		labels = rest
	}
	return found
}
