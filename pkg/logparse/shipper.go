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
	known [4]string // patterns of prefixes, the newest first
	lines []envelope.Line
	// spaced is how many lines, one after the other, had an empty line behind them.
	spaced int
	filled bool // the line before was not empty
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

// flush says that a text is one that never has a blank before it.
func flush(text string) bool {
	h := haproxy.HeadlineOf(text)
	return h != nil && !h.Indented || beginsWith(text, begins[:3])
}

// unpack takes a prefix off.
func (s *shipper) unpack(l *envelope.Line) {
	if l.Format == envelope.Compose && l.Part == envelope.First {
		s.notCompose(l)
		return
	}
	if ofPage(l.Text) {
		l.Text = html.UnescapeString(l.Text)
	}
	if l.Ident != "" || l.Part != envelope.First {
		return
	}
	for _, p := range s.known {
		if p == "" {
			continue
		}
		if n := prefixSize(l.Text, p); n > 0 && n < len(l.Text) {
			s.open(l, n)
			return
		}
	}
	if len(l.Text) < 8 {
		return
	}
	head := l.Text[:min(len(l.Text), maxPrefix)]
	if i := s.header(head, l.Text); i > 0 {
		s.learn(l, i)
	} else if i := prefixOf(head); i > 0 {
		s.learn(l, i)
	}
}

// notCompose takes back what looked like docker compose and is a frame of a call trace.
//
// Folklore: "podman logs --names" puts the bare name before a line, and before the frames that
// is what docker compose does: "haproxy   | 0x5581 [0f …".
func (s *shipper) notCompose(l *envelope.Line) {
	for _, p := range s.known {
		if p == "" {
			continue
		}
		if n := prefixSize(l.Raw, p); n > 0 && n <= len(l.Ident)+1 {
			l.Text, l.Format = l.Raw[n:], envelope.Plain
			if _, l.Ident = origin(l.Raw[:n]); l.Ident == "" {
				l.Host = ""
			}
			return
		}
	}
}

// prefixOf is the length of the prefix of a line that is one of a dump, 0 for none.
func prefixOf(head string) int {
	at := len(head)
	for _, b := range begins {
		if i := strings.Index(head, b); i >= 0 {
			at = min(at, i)
		}
	}
	if at == len(head) || at == 0 || strings.HasPrefix(head[at:], "Thread 0x") { // a row of gdb's info threads
		return 0
	}
	// Blanks beyond one are the text's own, unless it never has any.
	bare := strings.TrimRight(head[:at], " ")
	switch {
	case strings.Trim(bare, "\t") == "":
		if !flush(head[at:]) {
			return 0
		}
		return at
	case len(bare) == at && !strings.ContainsAny(bare[at-1:], ":-\t") && strings.Trim(bare, marks+" ") != "", !names(bare, false):
		return 0
	}
	return min(len(bare)+1, at)
}

func beginsWith(s string, list []string) bool {
	return slices.ContainsFunc(list, func(b string) bool { return strings.HasPrefix(s, b) })
}

// filler says that an empty line is not the text's: one stands behind each line, where line
// ends were converted twice.
func (s *shipper) filler(text string) bool {
	if strings.TrimSpace(text) != "" {
		if s.filled {
			s.spaced = 0
		}
		s.filled = true
		return false
	}
	if s.filled {
		s.spaced++
	}
	s.filled = false
	return s.spaced > 1
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
		prefix := strings.TrimRight(head[:i], " ")
		if prefix == "" || !beginsHeader(head[i:]) || strings.IndexByte(" \t:->", head[i-1]) < 0 || !names(prefix, true) {
			continue
		}
		if s.decode(text[i:]); len(s.lines) > 0 && s.lines[0].Format != envelope.Plain && (s.lines[0].Ident != "" || s.lines[0].Format == envelope.JSON || s.lines[0].Format == envelope.DockerJSON) {
			return i
		}
	}
	return 0
}

// writers are what syslog headers of those who tell of crashes hold; the last is a record's.
var writers = [...]string{"haproxy[", " haproxy: ", " kernel: ", " systemd", "\t{\"", " {\""}

// beginsHeader says that the first byte is one of a header: of the name of a month or a day, of
// a year, of a priority, of a record.
func beginsHeader(s string) bool {
	c := s[0]
	return c >= 'A' && c <= 'Z' || c == '{' || c == '<' || lex.IsDigit(c) && len(s) > 4 && s[4] == '-'
}

func (s *shipper) decode(text string) {
	if s.dec == nil {
		s.dec = envelope.NewDecoder()
	}
	s.lines = s.dec.Decode([]byte(text), 1, s.lines[:0])
	s.lines = s.dec.Flush(s.lines) // docker's pieces of a line have no prefix
}

func (s *shipper) learn(l *envelope.Line, n int) {
	copy(s.known[1:], s.known[:])
	s.known[0] = patternOf(l.Text[:n])
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
		w, _, colon := strings.Cut(w, ":")
		if colon && host == "" && isHost(w) && envelope.SenderOf(w) == envelope.Nobody {
			host = w
			continue
		}
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
