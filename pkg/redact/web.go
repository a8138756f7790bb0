package redact

import "strings"

// afterScheme finds credentials in a URL, and the secret in the path of a hook: whoever
// knows the URL may post. start is behind "://".
func (p *pairScan) afterScheme(start int) (from, to int, kind string) {
	s := p.s
	p.scheme = start
	if strings.HasSuffix(s[:start], "otpauth://") {
		_, end := valueAt(s, start)
		return start, end, secretKey
	}
	end, at := start, -1
	if n, _ := leadingMark(s[start:]); n > 0 {
		end += n
	}
	for end < len(s) && !isSpace(s[end]) && strings.IndexByte(`/?#"'<>\`, s[end]) < 0 {
		if s[end] == '@' {
			at = end
		}
		end++
	}
	if at > start && !isMark(s[start:at]) {
		return start, at, secretCredentials
	}
	host := strings.ToLower(s[max(start, at+1):end])
	if strings.IndexByte(host, '.') < 0 {
		return 0, 0, ""
	}
	if !isHook(host, s[end:min(len(s), end+maxHook)]) {
		return 0, 0, ""
	}
	stop := end
	for stop < len(s) && !isSpace(s[stop]) && strings.IndexByte(`"'<>\`, s[stop]) < 0 {
		stop++
	}
	return min(end+1, stop), stop, secretToken
}

// maxHook is how much of a path says that it is one of a hook.
const maxHook = 64

// isHook tells URLs that are secrets as a whole: incoming webhooks of chats, bots.
func isHook(host, path string) bool {
	if strings.HasPrefix(host, "hooks.") || strings.Contains(host, "webhook") || strings.HasPrefix(path, "/bot") && strings.Contains(path, ":") {
		return true
	}
	low := strings.ToLower(path)
	for _, w := range [...]string{"/webhook", "/services/t", "/workflows/", "/triggers/"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// afterQuestion finds the query of a URI, which is where applications keep
// session numbers and mail addresses: in a dump's uri="…" and in a request line.
func (p *pairScan) afterQuestion(i int) (start, end int, kind string) {
	s := p.s
	from := max(p.floor, p.word)
	if p.inCode(i) || from >= len(s) || s[from] != '/' && p.scheme <= from && !equalSlash(s[from:i]) {
		return 0, 0, ""
	}
	start, end = i+1, i+1
	if n, _ := leadingMark(s[start:]); n > 0 {
		end += n
	}
	for end < len(s) && !isSpace(s[end]) && s[end] != '"' && s[end] != '\\' {
		end++
	}
	// Clients send blanks too: the query ends where the version of HTTP stands.
	if end < len(s) && s[end] == ' ' && !strings.HasPrefix(s[end:], " HTTP/") && isMethod(lastWord(s[:from])) {
		line := s[end:min(len(s), end+4096)]
		line = line[:lineLen(line)]
		if stop := strings.Index(line, " HTTP/"); stop >= 0 {
			end += stop
		}
	}
	return start, end, secretQuery
}

// lineLen is how long a line is, or a string within quotes.
func lineLen(s string) int {
	if stop := strings.IndexAny(s, "\r\n\""); stop >= 0 {
		return stop
	}
	return len(s)
}

func isMethod(word string) bool {
	switch word {
	case "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE":
		return true
	}
	return false
}

// captured finds the headers that HAProxy's log format has between braces before the
// request: {a|b} {c} "GET / HTTP/1.1".
func (p *pairScan) captured(i int) (start, end int, kind string) {
	s := p.s
	if i == 0 || s[i-1] != ' ' {
		return 0, 0, ""
	}
	stop := strings.IndexAny(s[i+1:min(len(s), i+2048)], "{}\"\n")
	if stop <= 0 || s[i+1+stop] != '}' {
		return 0, 0, ""
	}
	end = i + 1 + stop
	if s[i+1] == ' ' && s[end-1] == ' ' {
		return 0, 0, "" // { a condition } of a configuration
	}
	if after := s[end+1:]; !strings.HasPrefix(after, ` "`) && !strings.HasPrefix(after, " {") {
		return 0, 0, ""
	}
	return i + 1, end, secretHeader
}

// equalSlash reports whether a word is a path behind a sign: path=/a.
func equalSlash(word string) bool {
	return strings.Contains(word[:min(len(word), 32)], "=/")
}

// afterHead finds the body of an HTTP message, behind the empty line that ends its head,
// up to the end of the string that it stands in.
func (p *pairScan) afterHead(i int) (start, end int, kind string) {
	s := p.s
	n := 0
	switch {
	case strings.HasPrefix(s[i:], "\r\n\r\n"):
		n = 4
	case strings.HasPrefix(s[i:], `\r\n\r\n`):
		n = 8
	case strings.HasPrefix(s[i:], "\n\n"):
		return p.plainBody(i)
	}
	if n == 0 || !p.isHTTP() {
		return 0, 0, ""
	}
	start = i + n
	end = start
	for end < len(s) && s[end] != '"' {
		if s[end] == '\\' {
			end++
		}
		end++
	}
	return start, min(end, len(s)), secretBody
}

// plainBody is afterHead where the carriage returns are gone: the body is what follows the
// empty line, up to another one or to what a debugger prints.
func (p *pairScan) plainBody(i int) (start, end int, kind string) {
	s := p.s
	if !p.isHTTP() {
		return 0, 0, ""
	}
	head := s[max(0, i-8192):i]
	if block := strings.LastIndex(head, "\n\n"); block >= 0 {
		head = head[block+2:]
	}
	message := false
	for line := range strings.SplitSeq(head, "\n") {
		message = message || beginsMessage(strings.TrimRight(line, "\r"))
	}
	if !message {
		return 0, 0, ""
	}
	start = i + 2
	end = start
	for end < len(s) && s[end] != '\n' && !isDebugger(s[end:min(len(s), end+64)]) {
		end += lineEnd(s[end:])
		if end+1 >= len(s) || s[end+1] == '\n' || isDebugger(s[end+1:end+1+min(64, lineEnd(s[end+1:]))]) {
			break
		}
		end++
	}
	return start, end, secretBody
}

// mailAround bounds the address of a person around the '@' at s[i].
//
// Folklore: units of systemd (haproxy@main.service), symbols with a version
// (memcpy@GLIBC_2.14) and arguments at entry (opt@entry=6) look alike.
func mailAround(s string, floor, i int) (start, end int, ok bool) {
	start, end = i, i+1
	for start > floor && i-start < 64 && (isNameByte(s[start-1]) || s[start-1] == '+' || s[start-1] == '%') {
		start--
	}
	for end < len(s) && end-i < 128 && (isAlnum(s[end]) || s[end] == '-' || s[end] == '.') {
		end++
	}
	domain := strings.TrimRight(s[i+1:end], ".-")
	end = i + 1 + len(domain)
	dot := strings.LastIndexByte(domain, '.')
	if start == i || dot < 1 || len(domain)-dot < 3 {
		return 0, 0, false
	}
	top := domain[dot+1:]
	for k := 0; k < len(top); k++ {
		if !isLower(top[k]) && !isUpper(top[k]) {
			return 0, 0, false
		}
	}
	switch top {
	case "service", "socket", "slice", "scope", "mount", "target", "timer", "so", "c", "h":
		return 0, 0, false
	}
	return start, end, true
}

// homeUser bounds the name in the path of a home directory that starts at s[i], a slash, or
// the name of what lies in a directory of keys. Backslashes may be escaped.
func homeUser(s string, i int) (start, end int) {
	if s[i] != '/' && s[i] != '\\' {
		return 0, 0
	}
	for start = i + 1; start < len(s) && s[start] == '\\'; start++ {
	}
	for _, name := range [...]string{"home", "Users", ".ssh", ".gnupg"} {
		if !strings.HasPrefix(s[start:], name) {
			continue
		}
		start += len(name)
		if start >= len(s) || s[start] != s[i] {
			return 0, 0
		}
		for start++; start < len(s) && s[start] == '\\'; start++ {
		}
		end = start
		if n, _ := leadingMark(s[start:]); n > 0 {
			return 0, 0
		}
		for end < len(s) && !isSpace(s[end]) && strings.IndexByte("/\"':;,()<>[]`\\", s[end]) < 0 {
			end++
		}
		return start, end
	}
	return 0, 0
}

// tildeUser bounds the name behind the tilde at s[i]: ~jo/x.
//
// Folklore: versions have tildes too, 2.9.0~rc1, and proxies that speak TLS have one at the
// end of their name.
func tildeUser(s string, i int) (start, end int) {
	if i > 0 && !isSpace(s[i-1]) && strings.IndexByte(`"'=:(`, s[i-1]) < 0 {
		return 0, 0
	}
	end = i + 1
	for end < len(s) && isNameByte(s[end]) {
		end++
	}
	if end == i+1 || end == len(s) || s[end] != '/' {
		return 0, 0
	}
	return i + 1, end
}

// handedOut tells parts of a path behind which a token stands: /reset/TOKEN.
func handedOut(part string) bool {
	switch strings.ToLower(part) {
	case "reset", "reset-password", "password", "token", "tokens", "invite", "invitation", "verify", "confirm", "activate", "magic", "share",
		"unsubscribe", "auth", "session", "sessions", "sso", "key", "keys", "secret", "login", "otp", "api":
		return true
	}
	return false
}
