package redact

import (
	"cmp"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// pairs finds secrets that stand behind a name: headers, parameters, members of JSON,
// settings, options, queries, credentials of URLs. A secret starts after a byte that
// rarely stands in dumps (":", "=", "?", "-", ">"); what stands before that byte decides.
func (r reading) pairs(s string) string {
	p := pairScan{s: s, reading: r}
	out := replacer{s: s}
	for i := 0; i < len(s); {
		if s[i] == '[' {
			if n, _ := leadingMark(s[i:]); n > 0 {
				i += n
				p.floor = i
				continue
			}
		}
		var start, end int
		var kind string
		switch s[i] {
		case ':':
			start, end, kind = p.afterColon(i)
		case '=':
			start, end, kind = p.afterEqual(i)
		case '?':
			start, end, kind = p.afterQuestion(i)
		case '-':
			start, end, kind = p.afterDash(i)
		case '>':
			start, end, kind = p.afterTag(i)
		case '{':
			start, end, kind = p.captured(i)
		case 'c':
			p.condition(i)
		case '\\', '\r', '\n':
			start, end, kind = p.afterHead(i)
			if s[i] != '\\' {
				p.word, p.quoted = i+1, false
			}
		case '"':
			p.quoted = p.quoted != (i == 0 || s[i-1] != '\\')
			p.word = i + 1
		case ' ', '\t', 0:
			p.word = i + 1
		case '%':
			start, end, kind = p.afterPercent(i)
		}
		if end <= start {
			i++
			continue
		}
		out.hide(start, end, kind)
		i = end
		p.floor = end
	}
	return out.String()
}

// pairScan is what a scan remembers of the bytes it has passed, so that no rule reads
// them again and again: a line can be a megabyte of question marks.
type pairScan struct {
	reading
	s         string
	floor     int  // no name begins before this: the end of the last secret
	quoted    bool // within double quotes
	word      int  // start of the word, that is, after the last blank or quote
	scheme    int  // end of the last "://"
	asked     bool // whether http is known
	http      bool // s holds an HTTP message
	codeFrom  int  // the beginning
	codeUntil int  // and the end of the condition of an assertion that was seen
}

// isHTTP reports whether s holds an HTTP message.
func (p *pairScan) isHTTP() bool {
	if !p.asked {
		p.asked, p.http = true, strings.Contains(p.s, "HTTP/1.")
	}
	return p.http
}

// condition notes where the condition of an assertion ends, which is C:
// condition "a ? b : c" matched at.
func (p *pairScan) condition(i int) {
	const begin = `condition "`
	if i < p.codeUntil || !strings.HasPrefix(p.s[i:], begin) {
		return
	}
	rest := p.s[i+len(begin):]
	line, _, _ := strings.Cut(rest[:min(len(rest), maxCondition)], "\n")
	if stop := strings.LastIndex(line, `" matched at`); stop >= 0 {
		p.codeFrom, p.codeUntil = i, i+len(begin)+stop
	}
}

// operator reports whether a colon is the second half of "a ? b : c", in a condition.
func (p *pairScan) operator(i int) bool {
	if !p.inCode(i) {
		return false
	}
	from := max(p.codeFrom, i-4096)
	return strings.IndexByte(p.s[from:i], '?') >= 0
}

func (p *pairScan) inCode(i int) bool { return p.code || i < p.codeUntil }

// afterColon finds credentials in a URL, the values of headers, members of JSON.
func (p *pairScan) afterColon(i int) (start, end int, kind string) {
	s := p.s
	if strings.HasPrefix(s[i:], "://") {
		return p.afterScheme(i + 3)
	}
	if p.operator(i) || i+1 < len(s) && s[i+1] == ':' || i > 0 && s[i-1] == ':' {
		return 0, 0, ""
	}
	if start, end, kind = p.member(i); end > start {
		return start, end, kind
	}
	return p.headerValue(i)
}

// headerValue finds the value of a header, or of a setting that is written like one.
func (p *pairScan) headerValue(i int) (start, end int, kind string) {
	s := p.s
	name, from := p.headerName(i)
	if name == "" || lex.IsDigit(name[0]) {
		return 0, 0, ""
	}
	start = skipBlank(s, i+1)
	if kind = p.header(name, from); kind != "" {
		return start, p.restOfLine(start), kind
	}
	if name == "value" {
		name = cmp.Or(p.lineBefore(from), name) // of a list of YAML
	}
	// A name with a dot before it is the end of a file's name: auth.lua:12.
	if from > 0 && (s[from-1] == '.' || s[from-1] == '/') {
		return 0, 0, ""
	}
	kind, n := nameKind(name)
	if n == harmless || kind == secretCookie && p.isLegend(from) {
		return 0, 0, ""
	}
	from, end = valueAt(s, start)
	if v := s[start:max(start, end)]; !isMark(v) && ((p.prose || p.inCode(i)) && !looksSecret(v) || mayStay(v, kind, n)) {
		return 0, 0, ""
	}
	return p.ofHeader(start, from, end, kind, n)
}

// ofHeader bounds the value behind a colon, which begins at start: its first word, or what
// stands between its quotes, is s[from:end].
func (p *pairScan) ofHeader(start, from, end int, secret string, n naming) (int, int, string) {
	s := p.s
	if strings.HasPrefix(s[start:], `"`) || strings.HasPrefix(s[start:], `'`) {
		return from, end, secret
	}
	end = p.restOfLine(start)
	if n == weak {
		if stop := strings.IndexAny(s[start:end], ",;})"); stop >= 0 {
			end = start + stop
		}
	}
	return start, end, secret
}

// headerName is what stands before the colon at i, and where it begins.
func (p *pairScan) headerName(i int) (name string, from int) {
	from = i
	for from > p.floor && i-from <= 128 && isHeaderByte(p.s[from-1]) {
		from--
	}
	name = p.s[from:i]
	// gdb prints line ends as \r\n: the letters are not part of the name.
	if from > p.floor && p.s[from-1] == '\\' && name != "" && strings.IndexByte("nrt", name[0]) >= 0 {
		name = name[1:]
	}
	return name, from
}

// header is the kind of secret that the header with a name that begins at from holds.
func (p *pairScan) header(name string, from int) (kind string) {
	low := strings.ToLower(name)
	if kind = headerKind(low); kind != "" && !p.isLegend(from) {
		return kind
	}
	if (beginsLine(p.s, from) && p.isHTTP() || p.dumpedHeader(from)) && !harmlessHeader(low) {
		return secretHeader
	}
	return ""
}

// isLegend says that the name at from is of a sanitizer's legend of shadow bytes: Array cookie.
func (p *pairScan) isLegend(from int) bool { return strings.HasSuffix(p.s[:from], "Array ") }

// member finds the value of a member of an object, in JSON, Python or Lua: "token": "x".
// The quotes may be escaped.
func (p *pairScan) member(i int) (start, end int, kind string) {
	s := p.s
	at := trimBlank(s, p.floor, i)
	if at <= p.floor || s[at-1] != '"' && s[at-1] != '\'' {
		return 0, 0, ""
	}
	stop := at - 1
	for stop > p.floor && s[stop-1] == '\\' {
		stop--
	}
	from := stop
	for from > p.floor && stop-from <= 64 && (isNameByte(s[from-1]) || s[from-1] == ' ') {
		from--
	}
	start = skipBlank(s, i+1)
	name := s[from:stop]
	if name == "value" {
		name = p.keyBefore(from)
	}
	kind, n := nameKind(name)
	if n == harmless {
		return 0, 0, ""
	}
	bare := start < len(s) && strings.IndexByte("\"'\\", s[start]) < 0
	start, end = valueAt(s, start)
	if name == "key" && isKeyed(s[end:]) {
		return 0, 0, ""
	}
	if v := s[start:end]; n == weak && (mayStay(v, kind, n) || bare && !isMark(v) && !looksSecret(v)) {
		return 0, 0, "" // Lua function 'auth': runtime error
	}
	return start, end, kind
}

// keyBefore is x in {"key": "x", "value": …}, where from is behind the quote of "value".
func (p *pairScan) keyBefore(from int) string {
	return p.named(from, `\" `, ",", "key", "name")
}

// isKeyed reports whether what follows a member called key is its value.
func isKeyed(rest string) bool {
	rest = strings.TrimLeft(rest[:min(len(rest), 16)], `\" ,`)
	return strings.HasPrefix(rest, "value")
}

// beginsLine reports whether a line begins at s[from], after a real line end or
// after one that gdb escaped.
func beginsLine(s string, from int) bool {
	if from == 0 || s[from-1] == '\n' || s[from-1] == '"' {
		return true
	}
	// "\r\nHost": from stands at the n of \n.
	return s[from-1] == '\\' && from < len(s) && s[from] == 'n'
}

// restOfLine is where the value of a header ends: at a line end, real or as gdb
// escapes it, or at the quote that ends the string it stands in. Where none is open, quotes
// are of the value: Digest username="x".
func (p *pairScan) restOfLine(start int) int {
	s := p.s
	end := start
	// A value may hold quotes of its own, escaped when it stands within quotes.
	for end < len(s) {
		switch s[end] {
		case '"':
			if p.quoted {
				return trimBlank(s, start, end)
			}
		case '\r', '\n':
			return trimBlank(s, start, end)
		case '\\':
			if end+1 < len(s) && (s[end+1] == 'r' || s[end+1] == 'n') {
				return trimBlank(s, start, end)
			}
			end++
		}
		end++
	}
	return trimBlank(s, start, min(end, len(s)))
}

func trimBlank(s string, start, end int) int {
	for end > start && s[end-1] == ' ' {
		end--
	}
	return end
}

// afterEqual finds passwords and tokens by the name before the sign, and
// environment variables. gdb and configurations put blanks around the sign.
func (p *pairScan) afterEqual(i int) (start, end int, kind string) {
	s := p.s
	if i+1 < len(s) && s[i+1] == '=' || i > 0 && strings.IndexByte("=!<>+-*/|&^", s[i-1]) >= 0 {
		return 0, 0, ""
	}
	from, stop, value, spaced := p.sides(i)
	name := s[from:stop]
	switch name {
	case "value":
		if before := p.attributeBefore(from); before != "" {
			name = before
		}
	case "key", "name":
		if _, end := valueAt(s, value); isKeyedAttribute(s[end:]) {
			return 0, 0, ""
		}
	}
	if p.digest(name, value) {
		start, end = valueAt(s, value)
		return start, end, secretToken
	}
	kind, n := nameKind(name)
	if n == harmless && !spaced && !p.build && isEnvironment(name) && (from == 0 || !isNameByte(s[from-1])) {
		if start, end = p.assigned(from, value); isNumber(s[start:end]) {
			return 0, 0, ""
		}
		return start, end, secretEnvironment
	}
	if n == harmless {
		return p.capturedCookie(from, value)
	}
	return p.valueOf(i, value, kind, n)
}

// sides are where the name before the sign of equality at i begins and ends, and where the
// value begins. Spaced says that blanks stand around the sign.
func (p *pairScan) sides(i int) (from, stop, value int, spaced bool) {
	s := p.s
	stop, value = i, i+1
	// Other languages write a => b and a := b.
	if value < len(s) && s[value] == '>' {
		value++
	} else if stop > p.floor && s[stop-1] == ':' {
		stop--
	}
	spaced = stop > p.floor && s[stop-1] == ' '
	if spaced {
		for stop > p.floor && i-stop < 16 && s[stop-1] == ' ' {
			stop--
		}
		for value < len(s) && value-i < 16 && s[value] == ' ' {
			value++
		}
	}
	if value > i+1 && stop > p.floor && (s[stop-1] == '\'' || s[stop-1] == '"') {
		stop-- // 'password' => 'x'
	}
	return p.nameBefore(stop), stop, value, spaced
}

// nameBefore is where the name that ends at stop begins.
func (p *pairScan) nameBefore(stop int) int {
	from := stop
	for from > p.floor && stop-from <= 128 && isNameByte(p.s[from-1]) {
		from--
	}
	// gdb and JSON print line ends as \n: the letter is no part of the name.
	if from > p.floor && p.s[from-1] == '\\' && from < stop && p.s[from] == 'n' {
		from++
	}
	return from
}

// valueOf bounds the value of a name that says secret, behind the sign of equality at i.
func (p *pairScan) valueOf(i, value int, secret string, n naming) (start, end int, kind string) {
	s := p.s
	start, end = valueAt(s, value)
	// gdb says what an argument was at entry: sess=sess@entry=0x….
	if _, entry, ok := strings.Cut(s[start:end], "@entry="); ok {
		start = end - len(entry)
	}
	if isPointer(s[start:end]) && end > start {
		// A debugger shows what the pointer leads to: pass=0x55… "text".
		if strings.HasPrefix(s[end:], ` "`) {
			start, end = valueAt(s, end+1)
			return start, end, secret
		}
		return 0, 0, ""
	}
	if mayStay(s[start:end], secret, n) && !isMark(s[start:end]) || p.inCode(i) && strings.HasPrefix(s[end:], "(") {
		return 0, 0, "" // or a call
	}
	// Passwords have brackets.
	for n == strong && start == value && end > start && end < len(s) && !p.inCode(i) && strings.IndexByte("([{<>", s[end]) >= 0 {
		_, end = valueAt(s, end+1)
	}
	return start, end, secret
}

// assigned bounds the value of an environment variable whose name is at from. Where the
// line holds nothing else it is all of the line: values have blanks.
func (p *pairScan) assigned(from, value int) (start, end int) {
	start, end = valueAt(p.s, value)
	if from > 0 && p.s[from-1] != '\n' || start > value {
		return start, end
	}
	line, _, _ := strings.Cut(p.s[value:], "\n")
	if strings.ContainsAny(line, `="`) {
		return start, end
	}
	return value, trimBlank(p.s, value, value+len(strings.TrimRight(line, "\r")))
}

// digest reports whether a name is one of the parameters of Digest authentication that
// a password can be guessed from.
func (p *pairScan) digest(name string, value int) bool {
	switch name {
	case "response", "nonce", "cnonce", "opaque":
		return strings.HasPrefix(p.s[value:], `"`) || strings.HasPrefix(p.s[value:], `\"`)
	}
	return false
}

// valueAt bounds the value that starts at i: a quoted string without its
// quotes, or all up to a byte that ends a word.
func valueAt(s string, i int) (start, end int) {
	escaped := 0
	for i+escaped < len(s) && escaped < 4 && s[i+escaped] == '\\' {
		escaped++
	}
	if q := i + escaped; q < len(s) && (s[q] == '"' || s[q] == '\'') {
		for end = q + 1; end < len(s) && s[end] != '\n'; end++ {
			switch {
			case s[end] == s[q]:
				return q + 1, end
			case s[end] != '\\':
			case escaped > 0 && end+escaped < len(s) && s[end+escaped] == s[q] && strings.Count(s[end:end+escaped], `\`) == escaped:
				return q + 1, end
			default:
				end++
			}
		}
		return q + 1, min(end, len(s))
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
