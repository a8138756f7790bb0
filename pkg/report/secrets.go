package report

import "strings"

// Kinds of secrets, as they stand in a mark: [redacted:cookie].
const (
	secretCredentials = "credentials" // user and password in a URL
	secretCookie      = "cookie"
	secretHeader      = "header" // value of a header that is not known to be harmless
	secretToken       = "token"
	secretPassword    = "password"
	secretKey         = "key" // private key
	secretQuery       = "query"
	secretEnvironment = "environment"
	secretString      = "string" // what a char* pointed to
)

const (
	markOpen  = "[redacted:"
	markClose = "]"
)

func mark(kind string) string { return markOpen + kind + markClose }

// leadingMark is the length of the mark that s begins with, or 0.
func leadingMark(s string) (n int, kind string) {
	if !strings.HasPrefix(s, markOpen) {
		return 0, ""
	}
	rest := s[len(markOpen):]
	for i := 0; i < len(rest) && i <= len(secretEnvironment); i++ {
		if rest[i] == ']' {
			return len(markOpen) + i + 1, rest[:i]
		}
		if rest[i] < 'a' || rest[i] > 'z' {
			break
		}
	}
	return 0, ""
}

// scrub replaces the secrets in s by marks and calls found for each of them,
// for marks that were there before too. It works by shape alone, so it errs on
// both sides: docs/presenters.md lists what it knows.
//
// It reads s once from left to right. A secret starts after a byte that rarely
// stands in dumps (":", "=", "?", "-") or with a letter that tokens start with;
// what stands before that byte decides.
func scrub(s string, found func(kind string)) string {
	// Once is nearly always enough. A second pass may see more where a mark
	// took the place of a byte that ended a word; the result must not depend
	// on how often it was scrubbed.
	for range 4 {
		next := scrubOnce(s)
		if next == s {
			break
		}
		s = next
	}
	for rest := s; ; {
		i := strings.Index(rest, markOpen)
		if i < 0 {
			return s
		}
		rest = rest[i:]
		n, kind := leadingMark(rest)
		if n > 0 {
			found(kind)
		}
		rest = rest[max(n, 1):]
	}
}

func scrubOnce(s string) string {
	var out []byte // nil until something is replaced
	done := 0      // s[:done] is in out
	floor := 0     // no name begins before this: the end of the last secret
	var look lookback
	for i := 0; i < len(s); {
		if s[i] == '[' {
			if n, _ := leadingMark(s[i:]); n > 0 {
				i += n
				floor = i
				continue
			}
		}
		var start, end int
		var kind string
		switch s[i] {
		case ':':
			start, end, kind = afterColon(s, floor, i, &look)
		case '=':
			start, end, kind = afterEqual(s, floor, i)
		case '?':
			start, end, kind = afterQuestion(s, floor, i, &look)
		case '-':
			start, end, kind = afterDash(s, floor, i)
		case '"', ' ', '\t', '\n', '\r', 0:
			look.word = i + 1
		case 'e', 'A', 'B', 'b', 'g', 'x':
			start, end, kind = tokenAt(s, floor, i, &look)
		}
		if end <= start {
			i++
			continue
		}
		if n, _ := leadingMark(s[start:end]); n != end-start {
			out = append(out, s[done:start]...)
			out = append(out, mark(kind)...)
			done = end
		}
		i = end
		floor = end
	}
	if out == nil {
		return s
	}
	return string(append(out, s[done:]...))
}

// lookback is what a scan remembers of the bytes it has passed, so that no rule
// reads them again and again: a line can be a megabyte of question marks.
type lookback struct {
	word    int  // start of the word, that is, after the last blank or quote
	scheme  int  // end of the last "://"
	noToken int  // no token without its own name starts before this
	asked   bool // whether http is known
	http    bool // s holds an HTTP message
}

// afterColon finds credentials in a URL and the values of headers.
func afterColon(s string, floor, i int, look *lookback) (start, end int, kind string) {
	if strings.HasPrefix(s[i:], "://") {
		start = i + 3
		look.scheme = start
		end = start
		at := -1
		for end < len(s) && !isSpace(s[end]) && strings.IndexByte(`/?#"'<>\`, s[end]) < 0 {
			if s[end] == '@' {
				at = end
			}
			end++
		}
		return start, at, secretCredentials
	}
	from := i
	for from > floor && isHeaderByte(s[from-1]) {
		from--
	}
	name := strings.ToLower(s[from:i])
	// gdb prints line ends as \r\n: the letters are not part of the name.
	if from >= 2 && from > floor && s[from-1] == '\\' && name != "" && (name[0] == 'n' || name[0] == 'r') {
		name = name[1:]
	}
	kind = headerKind(name)
	if kind == "" && name != "" && beginsLine(s, from) {
		if !look.asked {
			look.asked, look.http = true, strings.Contains(s, "HTTP/1.")
		}
		if look.http && !harmlessHeader(name) {
			kind = secretHeader
		}
	}
	if kind == "" {
		return 0, 0, ""
	}
	start = i + 1
	for start < len(s) && s[start] == ' ' {
		start++
	}
	return start, headerEnd(s, start), kind
}

// beginsLine reports whether a line begins at s[from], after a real line end or
// after one that gdb escaped.
func beginsLine(s string, from int) bool {
	if from == 0 {
		return true
	}
	if s[from-1] == '\n' {
		return true
	}
	// "\r\nHost": from stands at the n of \n.
	return from >= 1 && s[from-1] == '\\' && from < len(s) && s[from] == 'n'
}

// headerEnd is where the value of a header ends: at a line end, real or as gdb
// escapes it, or at a quote.
func headerEnd(s string, start int) int {
	end := start
	if n, _ := leadingMark(s[start:]); n > 0 {
		end += n
	}
	for end < len(s) {
		switch s[end] {
		case '\r', '\n', '"':
			return trimBlank(s, start, end)
		case '\\':
			if end+1 < len(s) && (s[end+1] == 'r' || s[end+1] == 'n' || s[end+1] == '"') {
				return trimBlank(s, start, end)
			}
		}
		end++
	}
	return trimBlank(s, start, end)
}

func trimBlank(s string, start, end int) int {
	for end > start && s[end-1] == ' ' {
		end--
	}
	return end
}

// afterEqual finds passwords and tokens by the name before the sign, and
// environment variables.
func afterEqual(s string, floor, i int) (start, end int, kind string) {
	from := i
	for from > floor && isNameByte(s[from-1]) {
		from--
	}
	name := s[from:i]
	kind = nameKind(name)
	if kind == "" && isEnvironment(name) && (from == 0 || !isNameByte(s[from-1])) {
		kind = secretEnvironment
	}
	if kind == "" {
		return 0, 0, ""
	}
	start, end = valueAt(s, i+1)
	if kind == secretPassword {
		return start, end, kind
	}
	if isNumber(s[start:end]) {
		// token=0x7f… is a pointer, a short number no secret.
		return 0, 0, ""
	}
	return start, end, kind
}

// valueAt bounds the value that starts at i: a quoted string without its
// quotes, or all up to a byte that ends a word.
func valueAt(s string, i int) (start, end int) {
	if i < len(s) && (s[i] == '"' || s[i] == '\'') {
		q := s[i]
		for end = i + 1; end < len(s) && s[end] != q && s[end] != '\n'; end++ {
		}
		return i + 1, end
	}
	end = i
	if n, _ := leadingMark(s[i:]); n > 0 {
		end += n
	}
	for end < len(s) && !isSpace(s[end]) && strings.IndexByte("&;,\"'<>()[]{}\\", s[end]) < 0 {
		end++
	}
	return i, end
}

// afterQuestion finds the query of a URI, which is where applications keep
// session numbers and mail addresses: in a dump's uri="…" and in a request line.
func afterQuestion(s string, floor, i int, look *lookback) (start, end int, kind string) {
	from := max(floor, look.word)
	if s[from] != '/' && look.scheme <= from {
		return 0, 0, ""
	}
	start, end = i+1, i+1
	if n, _ := leadingMark(s[start:]); n > 0 {
		end += n
	}
	for end < len(s) && !isSpace(s[end]) && s[end] != '"' && s[end] != '\\' {
		end++
	}
	return start, end, secretQuery
}

// afterDash finds private keys in PEM, and the value of an option such as
// --password that stands as the next argument.
func afterDash(s string, floor, i int) (start, end int, kind string) {
	const begin = "-----BEGIN "
	if strings.HasPrefix(s[i:], begin) {
		head := s[i+len(begin):]
		n := strings.Index(head[:min(len(head), 48)], "PRIVATE KEY-----")
		if n < 0 {
			return 0, 0, ""
		}
		start = i + len(begin) + n + len("PRIVATE KEY-----")
		end = len(s)
		if stop := strings.Index(s[start:], "-----END "); stop >= 0 {
			end = start + stop
		}
		return start, end, secretKey
	}
	if !strings.HasPrefix(s[i:], "--") || i > floor && !isSpace(s[i-1]) {
		return 0, 0, ""
	}
	name := i + 2
	stop := name
	for stop < len(s) && isNameByte(s[stop]) {
		stop++
	}
	if stop >= len(s) || s[stop] != ' ' {
		return 0, 0, ""
	}
	if kind = nameKind(s[name:stop]); kind == "" {
		return 0, 0, ""
	}
	start, end = valueAt(s, stop+1)
	if start < len(s) && s[start] == '-' {
		return 0, 0, ""
	}
	return start, end, kind
}

// tokenAt finds tokens that are known by their own shape.
func tokenAt(s string, floor, i int, look *lookback) (start, end int, kind string) {
	if i > floor && isWordByte(s[i-1]) {
		return 0, 0, ""
	}
	run := func(from, most int) int {
		stop := min(len(s), from+most)
		for from < stop && isTokenByte(s[from]) {
			from++
		}
		return from
	}
	for _, scheme := range [...]string{"Bearer ", "bearer ", "Basic ", "basic "} {
		if !strings.HasPrefix(s[i:], scheme) {
			continue
		}
		start = i + len(scheme)
		if n, _ := leadingMark(s[start:]); n > 0 {
			return start, start + n, secretToken
		}
		if end = run(start, len(s)); end-start >= 8 {
			return start, end, secretToken
		}
		return 0, 0, ""
	}
	if strings.HasPrefix(s[i:], "eyJ") { // JWT: {" in base64
		if i < look.noToken {
			return 0, 0, ""
		}
		end = run(i, len(s))
		if end-i < 20 || strings.IndexByte(s[i:end], '.') < 0 {
			look.noToken = end
			return 0, 0, ""
		}
		return i, end, secretToken
	}
	for _, p := range [...]struct {
		prefix   string
		min, max int
	}{
		{"AKIA", 20, 20}, {"ASIA", 20, 20}, // AWS key id
		{"ghp_", 30, 300}, {"gho_", 30, 300}, {"ghs_", 30, 300}, {"github_pat_", 30, 300}, {"glpat-", 20, 300},
		{"xoxb-", 20, 300}, {"xoxp-", 20, 300},
	} {
		if !strings.HasPrefix(s[i:], p.prefix) {
			continue
		}
		if end = run(i, p.max+1); end-i >= p.min && end-i <= p.max {
			return i, end, secretToken
		}
	}
	return 0, 0, ""
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0 }

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

func isHeaderByte(c byte) bool { return isWordByte(c) || c == '-' }
func isNameByte(c byte) bool   { return isWordByte(c) || c == '-' || c == '.' }
func isTokenByte(c byte) bool {
	return isWordByte(c) || c == '-' || c == '.' || c == '+' || c == '/' || c == '=' || c == '~'
}
