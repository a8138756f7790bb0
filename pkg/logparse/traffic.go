package logparse

import (
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

// What is said in somebody's words. A client can put each of HAProxy's crash texts into
// a header, and HAProxy writes it into its log; so a text counts only where the whole
// message is the text, and only from those who may print it.

// mayPrint says that HAProxy's own texts may stand in the line: no other program wrote
// it, nor is it of a traffic log.
func (l *line) mayPrint() bool {
	if l.traffic {
		return false
	}
	switch l.from {
	case envelope.Nobody, envelope.HAProxy, envelope.Shell:
		return true
	}
	return false
}

// mayTrace says that the line may be of a debugger's text.
func (l *line) mayTrace() bool {
	return l.mayPrint() || !l.traffic && (l.from == envelope.Dumper || l.from == envelope.Tool)
}

// heads are pieces of what others say first of a crash, as they stand in traffic too.
var heads = [...]string{
	" exited with code ", "segfault at ", "general protection", "AddressSanitizer: ", " dumped core",
	"HAProxy version ", "haproxy version is ", "Program terminated with signal ",
}

// likeHead says that somewhere in the text stands what looks like a headline.
func likeHead(t string) bool {
	return slices.ContainsFunc(headlineTexts, func(h string) bool { return strings.Contains(t, h) }) ||
		slices.ContainsFunc(heads[:], func(h string) bool { return strings.Contains(t, h) })
}

// ofTraffic says that a message tells of a request or a connection, whatever its format:
// HAProxy's HTTP, TCP and error logs, the common log format, and what "haproxy -d" prints.
//
//	192.0.2.9:48758 [22/Nov/2026:19:06:36.123] fe~ be/s1 0/0/1/12/13 200 1512 - - ---- …
//	192.0.2.9 - - [22/Nov/2026:19:06:38 +0000] "GET / HTTP/1.1" 200 5124 …
//	00000266:web.clihdr[0010:ffffffff]: user-agent: …
//
// Folklore: a stream's dump begins with a date too, and a debugger shows requests.
func (l *line) ofTraffic() bool {
	t := l.trim
	if l.from != envelope.HAProxy && strings.HasPrefix(t, "#") {
		return false
	}
	if _, ok := firstLine(t); !ok && dated(t) {
		return true
	}
	return strings.Contains(t, " HTTP/1.") || strings.Contains(t, " HTTP/2") || strings.Contains(t, " HTTP/3") || debugMode(t)
}

// dated finds [22/Nov/2026:19:06.
func dated(t string) bool {
	for {
		i := strings.IndexByte(t, '[')
		if i < 0 || len(t)-i < len("[22/Nov/2026:1") {
			return false
		}
		t = t[i+1:]
		if t[2] == '/' && t[6] == '/' && t[11] == ':' && lex.Digits(t[:2]) && lex.Digits(t[7:11]) {
			return true
		}
	}
}

// debugMode knows a line of "haproxy -d": a number of 8 hex digits, the proxy and what happens.
func debugMode(t string) bool {
	if len(t) < 10 || t[8] != ':' || !lex.HexDigits(t[:8]) {
		return false
	}
	proxy, _, ok := strings.Cut(t[9:], "[")
	if !ok {
		return false
	}
	for _, event := range [...]string{".accept(", ".clireq", ".clihdr", ".srvrep", ".srvhdr", ".clicls", ".srvcls", ".closed", ".connect"} {
		if strings.HasSuffix(proxy, event) || event == ".accept(" && strings.Contains(proxy, event) {
			return true
		}
	}
	return false
}

// Words are lines that hold text like a crash message which does not count: somebody's
// words in a traffic log, or another program's message.
type Words struct {
	// Count is how many lines they are; First is the number of the first one.
	Count int
	First int64
	// Program is who wrote the first one; empty when its envelope does not say.
	Program string
}

// String says what they are, without where: "text like a crash message in a message of nginx; …".
func (w Words) String() string {
	where := "in a traffic log, or in the middle of a line"
	if w.Program != "" && envelope.SenderOf(w.Program) == envelope.Stranger {
		where = "in a message of " + w.Program
	}
	return "text like a crash message " + where + ": somebody's words, not counted"
}

func (w *Words) add(l *line) {
	if w.Count++; w.Count > 1 {
		return
	}
	w.First, w.Program = l.Number, strings.Clone(lex.Clip(l.Ident, 64))
}
