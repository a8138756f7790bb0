package haconf

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// rawWord is a word of a line as it is written, with its quotes.
type rawWord struct {
	s    string
	at   int
	text bool // of the owner's, see givesText
}

// rewrite writes the word, each piece of it that is not HAProxy's own replaced.
func (a *anonymizer) rewrite() {
	w := &a.word
	for w.at < len(w.s) {
		switch c := w.s[w.at]; {
		case c == '\\' && w.at+1 < len(w.s):
			a.take(2)
		case c == '$':
			a.environment()
		case c == '%':
			a.format()
		case c == '/' && !w.follows() && (w.at == 0 || w.s[w.at-1] != '/') && w.at+1 < len(w.s) && isNameByte(w.s[w.at+1]):
			a.path()
		case isNameByte(c) || c == ':':
			a.name()
		default:
			a.take(1)
		}
	}
}

// follows says that a letter or a digit stands before.
func (w *rawWord) follows() bool { return w.at > 0 && isNameByte(w.s[w.at-1]) }

// run is what of the word has these bytes, from here on.
func (w *rawWord) run(is func(byte) bool) string {
	end := w.at
	for end < len(w.s) && is(w.s[end]) {
		end++
	}
	return w.s[w.at:end]
}

// take writes so many bytes as they are.
func (a *anonymizer) take(n int) {
	a.out.WriteString(a.word.s[a.word.at : a.word.at+n])
	a.word.at += n
}

// put writes a piece in another one's place.
func (a *anonymizer) put(old, word string) {
	a.out.WriteString(word)
	a.word.at += len(old)
}

func isNameByte(c byte) bool { return lex.IsWord(c) || c >= 0x80 }

func isInName(c byte) bool { return isNameByte(c) || c == '.' || c == '-' }

func isInPath(c byte) bool { return isInName(c) || strings.IndexByte("/+~@", c) >= 0 }

func isInAddress(c byte) bool { return lex.IsHex(c) || c == ':' || c == '.' }

// environment reads $NAME and ${NAME. Those that HAProxy sets are its own.
func (a *anonymizer) environment() {
	a.take(1)
	if strings.HasPrefix(a.word.s[a.word.at:], "{") {
		a.take(1)
	}
	name := a.word.run(lex.IsWord)
	switch {
	case name == "" || strings.HasPrefix(name, "HAPROXY_"):
		a.take(len(name))
	default:
		a.put(name, a.call(name, "ENV_%d"))
	}
	if strings.HasPrefix(a.word.s[a.word.at:], "-") { // a default follows
		a.take(1)
	}
}

// aliases are those of log formats.
var aliases = strings.Fields("B CC CS H HM HP HPO HQ HU HV ID ST T Ta Tc Td Th Ti Tl Tq TR Tr Ts Tt Tu Tw U ac b bc bi bp bq ci cp f fc fi fp ft hr hrl hs hsl lc ms o " +
	"OG pid r rc rt s sc si sp sq sslc sslv t tr trg trl ts tsc")

// format reads an alias of a log format, with flags or without: %ci, %{+Q}r.
func (a *anonymizer) format() {
	a.take(1)
	if rest := a.word.s[a.word.at:]; strings.HasPrefix(rest, "{") {
		n := strings.IndexByte(rest, '}')
		if n < 0 || strings.Trim(rest[1:n], "+-QXEMjsoncbri,") != "" {
			return
		}
		a.take(n + 1)
	}
	run := a.word.run(lex.IsWord)
	if slices.Contains(aliases, run) {
		a.take(len(run))
	}
}

// path reads a path, of a file or of a request. Its ending stays if it is a common one.
func (a *anonymizer) path() {
	old := strings.TrimRight(a.word.run(isInPath), "/.")
	ending := ""
	if dot := strings.LastIndexByte(old, '.'); dot > strings.LastIndexByte(old, '/') && public()[strings.ToLower(old[dot+1:])] {
		ending = old[dot:]
	}
	a.put(old, a.call(strings.TrimSuffix(old, ending), "/path-%d")+ending)
}

// scopes are those of variables.
var scopes = []string{"proc", "sess", "txn", "req", "res", "check", "lua"}

// name reads an address, a number, a word of HAProxy's, or a name.
func (a *anonymizer) name() {
	if a.address() {
		return
	}
	if a.word.s[a.word.at] == ':' {
		a.take(1)
		return
	}
	old := strings.TrimRight(a.word.run(isInName), ".-")
	scope, of, dotted := strings.Cut(old, ".")
	switch {
	case len(old) == 1, public()[strings.ToLower(old)], a.isPlainNumber(old):
		a.take(len(old))
	case dotted && slices.Contains(scopes, scope):
		a.take(len(scope) + 1)
		if !public()[strings.ToLower(of)] {
			a.put(of, a.call(of, "name_%d"))
			return
		}
		a.take(len(of))
	case dotted:
		a.put(old, a.call(strings.ToLower(old), "host-%d.example"))
	default:
		a.put(old, a.call(old, "name_%d"))
	}
}

// isPlainNumber says that a word is a number, a range, or a number with a unit; in text of the
// owner's a short one only.
func (a *anonymizer) isPlainNumber(s string) bool {
	const most = 20
	digits := strings.TrimRight(s, "usmhdkKMGg")
	if digits == "" || len(s)-len(digits) > 2 || strings.Trim(digits, "0123456789.-") != "" || !lex.IsDigit(digits[0]) {
		return false
	}
	return len(digits) <= 4 || !a.word.text && len(digits) <= most
}

// address reads an IP address. Those that are everybody's stay: of this host, of any, masks.
func (a *anonymizer) address() bool {
	if a.word.follows() {
		return false
	}
	run := strings.TrimRight(a.word.run(isInAddress), ".")
	end := len(run)
	if strings.Count(run, ":") == 1 { // IPv4 and a port
		end = strings.IndexByte(run, ':')
	}
	ip, err := netip.ParseAddr(run[:end])
	if err != nil {
		if end = strings.LastIndexByte(run, ':'); end < 0 { // IPv6 and a port, without brackets
			return false
		}
		if ip, err = netip.ParseAddr(run[:end]); err != nil {
			return false
		}
	}
	old := a.word.s[a.word.at : a.word.at+end]
	switch {
	case ip.IsLoopback() || ip.IsUnspecified() || strings.HasPrefix(old, "255."):
		a.take(end)
	case ip.Is4():
		a.put(old, a.call(old, "198.18.0.%d"))
	default:
		a.put(old, a.call(ip.String(), "2001:db8::%x"))
	}
	return true
}
