package redact

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// words finds secrets that are words by themselves, or that stand behind a word: tokens of
// known and of unknown make, what configurations and sentences call a password, mail
// addresses, home directories.
func (r reading) words(s string) string {
	out := replacer{s: s}
	w := wordScan{reading: r, s: s, out: &out}
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '[':
			if n, _ := leadingMark(s[i:]); n > 0 {
				i += n
				w.floor = i
				continue
			}
			i++
		case c == '@':
			if start, end, ok := mailAround(s, w.floor, i); ok && start >= out.done && !strings.HasPrefix(s[start:i], "opt") {
				out.hide(start, end, secretMail)
				i, w.floor = end, end
				continue
			}
			i++
		case c == '\\' || c == '~':
			if start, end := w.user(i); end > start {
				i = w.hide(start, end, secretUser)
				continue
			}
			i++
		case isRunByte(c):
			i = w.run(i)
		default:
			i++
		}
	}
	return out.String()
}

type wordScan struct {
	reading
	s     string
	floor int
	out   *replacer
	noJWT int // none starts before this
}

// run reads the run of token bytes that starts at i, and what it says of what follows.
// It returns where to go on.
func (w *wordScan) run(i int) int {
	s := w.s
	end := i
	for end < len(s) && isRunByte(s[end]) {
		end++
	}
	// A known prefix may stand anywhere where a word begins.
	path := false
	for k := i; k < end; k++ {
		if s[k] == '/' {
			path = true
			if start, stop := homeUser(s, k); stop > start && !w.homes {
				return w.hide(start, stop, secretUser)
			}
		}
		if k > i && isWordByte(s[k-1]) {
			continue
		}
		if stop := w.tokenEnd(k); stop > k {
			return w.hide(k, stop, secretToken)
		}
	}
	run := s[i:end]
	if len(run) >= randomPart && isRandom(run) && !isNamed(s[max(0, i-32):i], run) && !stored(run) {
		for end < len(s) && s[end] == '=' { // the padding of base64
			end++
		}
		return w.hide(i, end, secretToken)
	}
	if path {
		if start, stop := tokenInPath(s, i, end); stop > start {
			return w.hide(start, stop, secretToken)
		}
	}
	if start, stop, kind := w.behind(i, end); stop > start {
		return w.hide(start, stop, kind)
	}
	return end
}

// user finds the name of a person in a path behind a backslash or a tilde.
func (w *wordScan) user(i int) (start, end int) {
	switch {
	case w.homes:
		return 0, 0
	case w.s[i] == '~':
		return tildeUser(w.s, i)
	}
	return homeUser(w.s, i)
}

func (w *wordScan) hide(start, end int, kind string) int {
	w.out.hide(start, end, kind)
	w.floor = end
	return end
}

// tokenInPath finds a token that was handed out in a path: /reset/TOKEN.
func tokenInPath(s string, from, end int) (start, stop int) {
	part := from
	named := false
	for i := from; i <= end; i++ {
		if i < end && s[i] != '/' {
			continue
		}
		word := s[part:i]
		if named && looksSecret(word) {
			for i < len(s) && !isSpace(s[i]) && strings.IndexByte(`/"'?&<>\`, s[i]) < 0 {
				i++ // a token may have bytes that runs do not have
			}
			return part, i
		}
		named = handedOut(word)
		part = i + 1
	}
	return 0, 0
}

// behind finds what stands behind a word that says secret, in a configuration, on the
// command line of HAProxy, in a key log or in a sentence.
func (w *wordScan) behind(i, end int) (start, stop int, kind string) {
	s := w.s
	word := s[i:end]
	if end < len(s) && s[end] == '(' {
		return w.inBrackets(word, end+1)
	}
	if end >= len(s) || s[end] != ' ' && s[end] != '\t' {
		return 0, 0, ""
	}
	next := end
	for next < len(s) && (s[next] == ' ' || s[next] == '\t') {
		next++
	}
	if next == len(s) {
		return 0, 0, ""
	}
	if isKeyLog(word) && isHexWord(s[next:]) {
		return next, w.restOfLine(next), secretKey
	}
	if start, stop, kind = w.setting(word, i, next); stop > start {
		return start, stop, kind
	}
	// A value is no word of a sentence: mux=PASS data=STRM.
	if w.code || i > 0 && strings.IndexByte("=.,@:", s[i-1]) >= 0 {
		return 0, 0, ""
	}
	return w.sentence(word, next)
}

// sentence finds secrets in words: "password is x", "bad key x", "Bearer x".
func (w *wordScan) sentence(word string, next int) (start, stop int, kind string) {
	s := w.s
	low := strings.ToLower(word)
	switch low {
	case "bearer", "basic", "negotiate", "ntlm", "digest", "apikey":
		start, stop = valueAt(s, next)
		if v := s[start:stop]; len(v) >= 8 && (looksSecret(v) || len(v) >= 16) || isMark(v) {
			return start, stop, secretToken
		}
		return 0, 0, ""
	}
	if strings.IndexByte(word, '/') >= 0 {
		return 0, 0, ""
	}
	kind, n := nameKind(low)
	if n == harmless || low == "keys" || low == "session" || low == "sess" || low == "cookie" {
		return 0, 0, ""
	}
	start, stop = valueAt(s, skipVerb(s, next))
	v := s[start:stop]
	if isMark(v) {
		return start, stop, kind
	}
	call := stop < len(s) && s[stop] == '('
	if call || !looksSecret(v) || isPlace(v) || w.prose && isPointer("0x"+v) {
		return 0, 0, ""
	}
	return start, stop, kind
}

// skipVerb skips what may stand between a name and its value.
func skipVerb(s string, i int) int {
	for _, verb := range [...]string{"is ", "was ", "of ", "for "} {
		if strings.HasPrefix(s[i:], verb) {
			return skipBlank(s, i+len(verb))
		}
	}
	return i
}

// isPlace tells names of functions, places in files and pairs from secrets:
// ssl3_read+0x4, src/auth.c:12, /etc/x, 3.2.1, data=STRM.
func isPlace(v string) bool {
	if v[0] == '/' {
		return true
	}
	if sign := strings.IndexByte(strings.TrimRight(v, "="), '='); sign > 0 && only(v[:sign], "_.-") {
		return true // a pair of its own
	}
	if strings.Contains(v, "+0x") || lex.IsDigit(v[0]) && strings.IndexByte(v, '.') > 0 {
		return true
	}
	dot := strings.LastIndexByte(v, '.')
	if dot > 0 && (strings.HasPrefix(v[dot:], ".c") || strings.HasPrefix(v[dot:], ".h") || strings.HasPrefix(v[dot:], ".lua")) {
		return true
	}
	under := strings.IndexByte(v, '_')
	return under > 0 && !hasRandomPart(v) && strings.ToLower(v) == v
}

// isKeyLog tells the labels of NSS key logs.
func isKeyLog(word string) bool {
	switch word {
	case "CLIENT_RANDOM", "CLIENT_EARLY_TRAFFIC_SECRET", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
		"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0", "EARLY_EXPORTER_SECRET", "EXPORTER_SECRET", "ECH_SECRET", "ECH_CONFIG",
		"QUIC_CLIENT_HANDSHAKE_TRAFFIC_SECRET", "QUIC_SERVER_HANDSHAKE_TRAFFIC_SECRET", "QUIC_CLIENT_TRAFFIC_SECRET_0",
		"QUIC_SERVER_TRAFFIC_SECRET_0", "RSA":
		return true
	}
	return false
}

// isHexWord reports whether a text begins with four hexadecimal digits at least, as the
// client's random number of a key log, or with the mark of what was there.
func isHexWord(s string) bool {
	n := 0
	for n < len(s) && lex.IsHex(s[n]) {
		n++
	}
	return n >= 4 && (n == len(s) || isSpace(s[n])) || strings.HasPrefix(s, markOpen)
}

// restOfLine is the end of the line, or of the string that the line stands in.
func (w *wordScan) restOfLine(i int) int {
	s := w.s
	end := i
	for end < len(s) && s[end] != '\n' && s[end] != '\r' {
		if s[end] == '"' && end > skipBlank(s, i) {
			break
		}
		if s[end] == '\\' {
			if end+1 < len(s) && (s[end+1] == 'n' || s[end+1] == 'r') {
				break
			}
			end++
		}
		end++
	}
	return trimBlank(s, i, min(end, len(s)))
}

func skipBlank(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	return i
}

// lastWord is the word before the blanks at the end of s.
func lastWord(s string) string {
	s = strings.TrimRight(s[max(0, len(s)-64):], " \t")
	return s[strings.LastIndexAny(s, " \t\n\"")+1:]
}
