package redact

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// afterPercent finds a value behind a name and a sign that are escaped for a URL:
// token%3Dx%26.
func (p *pairScan) afterPercent(i int) (start, end int, kind string) {
	s := p.s
	if !strings.HasPrefix(s[i:], "%3D") && !strings.HasPrefix(s[i:], "%3d") {
		return 0, 0, ""
	}
	from := i
	for from > p.floor && i-from <= 64 && isNameByte(s[from-1]) {
		from--
	}
	if from > 0 && s[from-1] == '%' {
		from = min(from+2, i) // %26token
	}
	kind, n := nameKind(s[from:i])
	if n == harmless {
		return 0, 0, ""
	}
	start, end = valueAt(s, i+len("%3D"))
	for _, stop := range [...]string{"%26", "%23"} {
		if at := strings.Index(s[start:end], stop); at >= 0 {
			end = start + at
		}
	}
	return start, end, kind
}

// attributeBefore is x in <add key="x" value="…"/>, where from is at the v of value.
func (p *pairScan) attributeBefore(from int) string {
	return p.named(from, ` \`, `"`, " key=", " name=")
}

// named is a name before from that stands behind one of words: between it and from there
// are blanks, and sign.
func (p *pairScan) named(from int, blanks, sign string, words ...string) string {
	before := strings.TrimRight(p.s[max(p.floor, from-128):from], blanks)
	before, ok := strings.CutSuffix(before, sign)
	if !ok {
		return ""
	}
	before = strings.TrimRight(before, blanks)
	at := len(before)
	for at > 0 && isNameByte(before[at-1]) {
		at--
	}
	head := strings.TrimRight(before[:at], `\" :`)
	for _, w := range words {
		if strings.HasSuffix(head, w) {
			return before[at:]
		}
	}
	return ""
}

// isKeyedAttribute reports whether what follows an attribute called key is its value.
func isKeyedAttribute(rest string) bool {
	return strings.HasPrefix(strings.TrimLeft(rest[:min(len(rest), 16)], `\" `), "value=")
}

// lineBefore is x where the line before the one that from is in says "name: x".
func (p *pairScan) lineBefore(from int) string {
	before := strings.TrimRight(p.s[max(p.floor, from-160):from], " ")
	before, ok := strings.CutSuffix(before, "\n")
	if !ok {
		if before, ok = strings.CutSuffix(before, `\n`); !ok {
			return ""
		}
	}
	before = strings.TrimRight(before, "\r\"' ")
	at := len(before)
	for at > 0 && isNameByte(before[at-1]) {
		at--
	}
	head := strings.TrimRight(before[:at], "\"' ")
	if strings.HasSuffix(head, "name:") || strings.HasSuffix(head, "key:") {
		return before[at:]
	}
	return ""
}

// capturedCookie finds the value of a cookie that HAProxy's log format has before the
// state at the end of a session: 200 512 sticky=x - ---- 1/1/1/1/0 0/0.
func (p *pairScan) capturedCookie(from, value int) (start, end int, kind string) {
	s := p.s
	if from == 0 || s[from-1] != ' ' {
		return 0, 0, ""
	}
	end = value
	for end < len(s) && end-value < 256 && !isSpace(s[end]) {
		end++
	}
	rest := s[end:min(len(s), end+300)]
	for range 2 {
		if isSessionEnd(rest) {
			return value, end, secretCookie
		}
		next := strings.IndexByte(strings.TrimLeft(rest, " "), ' ')
		if next < 0 || rest == "" || rest[0] != ' ' {
			break
		}
		rest = rest[1+next:]
	}
	return 0, 0, ""
}

// isSessionEnd reports whether a text begins with the state at the end of a session and the
// counts behind it.
func isSessionEnd(s string) bool {
	if len(s) < 12 || s[0] != ' ' || s[5] != ' ' || !lex.IsDigit(s[6]) {
		return false
	}
	for _, c := range []byte(s[1:5]) {
		if c != '-' && !isUpper(c) && !isLower(c) {
			return false
		}
	}
	counts, _, _ := strings.Cut(s[6:], " ")
	return strings.Count(counts, "/") == 4 && strings.Trim(counts, "0123456789/+") == ""
}

// dumpedHeader reports whether a header begins at from that HAProxy shows by itself, in
// debug mode (…clihdr[0012:ffffffff]: name: value) or as what it could not parse
// (  00017  name: value).
func (p *pairScan) dumpedHeader(from int) bool {
	s := p.s
	before := s[max(p.floor, from-48):from]
	if open := strings.LastIndexByte(before, '['); open >= 0 && strings.HasSuffix(before, "]: ") {
		return strings.HasSuffix(before[:open], "clihdr") || strings.HasSuffix(before[:open], "srvhdr")
	}
	return isOffset(before[strings.LastIndexByte(before, '\n')+1:])
}

// isOffset reports whether what a line begins with is the offset that "show errors" puts
// before bytes, with a plus where a line goes on.
func isOffset(head string) bool {
	head = strings.TrimLeft(head, " ")
	if len(head) != 7 || head[6] != ' ' || head[5] != ' ' && head[5] != '+' {
		return false
	}
	return strings.Trim(head[:5], "0123456789") == ""
}

// captures hides the lines of a request that "show errors" shows and that are no headers:
// the body, and what goes on from the line before.
//
// Folklore: other lists begin with numbers too. A capture begins at 00000.
func captures(s string) string {
	if !strings.Contains(s, "00000  ") {
		return s
	}
	out := replacer{s: s}
	within := false
	for at := 0; at < len(s); {
		line := s[at : at+lineEnd(s[at:])]
		n := len(line) - len(strings.TrimLeft(line, " ")) + 7
		switch {
		case len(line) < n || !isOffset(line[:n]):
			within = false
		case strings.HasPrefix(line[n-7:], "00000  "):
			within = true
		case within:
			what := line[n:]
			colon := strings.Index(what, ": ")
			if line[n-2] == '+' || colon < 0 || !only(what[:colon], "-_") {
				if strings.Trim(what, `\rn`) != "" {
					out.hide(at+n, at+len(line), secretBody)
				}
			}
		}
		at += len(line) + 1
	}
	return out.String()
}

// privateKey bounds what is between the lines that begin and end a private key: of PEM,
// OpenSSH, PGP, or of SSH.COM, which has four dashes and blanks.
func privateKey(s string, i int) (start, end int) {
	head := strings.TrimLeft(s[i:min(len(s), i+8)], "- ")
	if !strings.HasPrefix(head, "B") {
		return 0, 0
	}
	line := s[i:min(len(s), i+96)]
	line = line[strings.IndexByte(line, 'B'):]
	n := strings.Index(line, "PRIVATE KEY")
	if !strings.HasPrefix(line, "BEGIN ") || n < 0 {
		return 0, 0
	}
	start = i + strings.Index(s[i:], "PRIVATE KEY") + len("PRIVATE KEY")
	dashes := strings.Index(s[start:min(len(s), start+16)], "----")
	if dashes < 0 || strings.Trim(s[start:start+dashes], " BLOCK") != "" {
		return 0, 0
	}
	for start += dashes; start < len(s) && s[start] == '-'; start++ {
	}
	end = len(s)
	for _, last := range keyEnds() {
		if stop := strings.Index(s[start:end], last); stop >= 0 {
			end = start + stop
		}
	}
	return start, end
}

func keyEnds() [2]string { return [...]string{"-----END ", "---- END "} }

// endsKey reports whether a private key ends in a line.
func endsKey(line string) bool {
	ends := keyEnds()
	return strings.Contains(line, ends[0]) || strings.Contains(line, ends[1])
}

// takesSecret reports whether an option of one letter takes a password, for one of the
// programs that scripts and checks call: sshpass -p, redis-cli -a.
func takesSecret(before string, option byte) bool {
	before = before[strings.LastIndexByte(before, '\n')+1:]
	for word := range strings.FieldsSeq(before) {
		switch word[strings.LastIndexAny(word, "/\"'")+1:] {
		case "sshpass", "mysql", "mysqladmin", "mysqldump", "mariadb", "login":
			return option == 'p'
		case "redis-cli":
			return option == 'a'
		case "ldapsearch", "ldapwhoami":
			return option == 'w'
		}
	}
	return false
}

// afterDash finds private keys in PEM, and the value of an option such as
// --password that stands as the next argument, or of curl's -u.
func (p *pairScan) afterDash(i int) (start, end int, kind string) {
	s := p.s
	if strings.HasPrefix(s[i:], "----") {
		if start, end = privateKey(s, i); end > start {
			return start, end, secretKey
		}
	}
	if i > p.floor && !isSpace(s[i-1]) && s[i-1] != '"' || p.inCode(i) {
		return 0, 0, ""
	}
	name := i + 1
	if strings.HasPrefix(s[i:], "--") {
		name++
	}
	stop := name + nameLength(s[name:min(len(s), name+64)])
	if stop == name || stop >= len(s) {
		return 0, 0, ""
	}
	short := name == i+1
	if short && s[name] == 'p' && stop > name+1 && takesSecret(s[max(p.floor, i-64):i], 'p') {
		_, end = valueAt(s, name)
		return name + 1, end, secretPassword // mysql -psecret
	}
	if s[stop] != ' ' {
		return 0, 0, ""
	}
	if short && stop == name+1 && takesSecret(s[max(p.floor, i-64):i], s[name]) {
		return p.argument(stop+1, "password", short)
	}
	return p.argument(stop+1, s[name:stop], short)
}

// nameLength is how many bytes at the start of s are of a name.
func nameLength(s string) int {
	n := 0
	for n < len(s) && isNameByte(s[n]) {
		n++
	}
	return n
}

// argument bounds what follows an option on a command line, at i.
func (p *pairScan) argument(i int, option string, short bool) (start, end int, kind string) {
	s := p.s
	start, end = valueAt(s, i)
	if start >= len(s) || s[start] == '-' {
		return 0, 0, ""
	}
	switch option {
	case "u", "user", "proxy-user":
		colon := strings.IndexByte(s[start:end], ':')
		if colon < 1 {
			return 0, 0, ""
		}
		return start, end, secretCredentials
	default:
		kind, n := nameKind(option)
		if n == harmless || n == weak && mayStay(s[start:end], kind, n) || short && len(option) < 4 {
			return 0, 0, ""
		}
		return start, end, kind
	}
}

// afterTag finds the text of an element of XML: <password>x</password>.
func (p *pairScan) afterTag(i int) (start, end int, kind string) {
	s := p.s
	from := i
	for from > p.floor && i-from <= 64 && isNameByte(s[from-1]) {
		from--
	}
	if from <= p.floor || s[from-1] != '<' && s[from-1] != ':' {
		return 0, 0, ""
	}
	kind, n := nameKind(s[from:i])
	if n == harmless {
		return 0, 0, ""
	}
	rest := s[i+1:]
	stop := strings.IndexAny(rest[:min(len(rest), 4096)], "<\n\"")
	if stop <= 0 || rest[stop] != '<' {
		return 0, 0, ""
	}
	return i + 1, i + 1 + stop, kind
}
