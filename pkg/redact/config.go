package redact

import "strings"

// setting finds the value that a line of a configuration or of the CLI gives to something.
// The word stands at s[i], what follows it at s[next].
func (w *wordScan) setting(word string, i, next int) (start, stop int, kind string) {
	s := w.s
	switch word {
	case "set-header", "add-header", "replace-header", "replace-value", "set-cookie", "set-var", "setenv", "presetenv":
		_, name := valueAt(s, next)
		return skipBlank(s, name), w.restOfLine(name), secretHeader
	case "hdr":
		if !isLetter(s[next]) {
			return 0, 0, ""
		}
		_, name := valueAt(s, next)
		start, stop = valueAt(s, skipBlank(s, name))
		return start, stop, secretHeader
	case "send", "send-lf", "send-binary", "send-binary-lf":
		if lastWord(s[w.floor:i]) == "tcp-check" {
			return next, w.lineStop(next), secretBody
		}
	case "password", "auth", "insecure-password":
		if w.setsPassword(word, i) {
			start, stop = valueAt(s, next)
			return start, stop, secretPassword
		}
	case "key":
		// set table x key y: what clients are told apart by.
		if strings.Contains(s[max(w.floor, i-64):i], " table ") {
			start, stop = valueAt(s, next)
			return start, stop, secretToken
		}
	case "ssl-passphrase-cmd", "dynamic-cookie-key":
		return next, w.restOfLine(next), secretPassword
	case "map", "acl", "ssl", "var":
		switch lastWord(s[w.floor:i]) {
		case "set", "add", "del", "get":
			return w.entry(next)
		}
	}
	return 0, 0, ""
}

// setsPassword says that the word at i, which may give a password, does.
func (w *wordScan) setsPassword(word string, i int) bool {
	switch word {
	case "password":
		// user x password y, of a list of users or a netrc.
		before := strings.Fields(w.s[max(w.floor, i-96):i])
		n := len(before)
		return n >= 2 && (before[n-2] == "user" || before[n-2] == "login")
	case "auth":
		return lastWord(w.s[w.floor:i]) == "stats"
	}
	return true
}

// entry bounds what the CLI gives to a name of a map, a file or a variable, which stands at
// next: set map x y.
func (w *wordScan) entry(next int) (start, stop int, kind string) {
	name := next
	for name < len(w.s) && !isSpace(w.s[name]) && w.s[name] != '"' {
		name++
	}
	start, stop = skipBlank(w.s, name), w.restOfLine(name)
	if strings.HasSuffix(w.s[:stop], "<<") {
		stop = w.block(stop)
	}
	return start, stop, secretToken
}

// inBrackets finds what stands behind a word and its brackets: set-var(txn.x) str(y), and
// what a condition compares a header or a parameter with, if its name says secret:
// hdr(x-key) -m str y.
func (w *wordScan) inBrackets(word string, from int) (start, stop int, kind string) {
	s := w.s
	end := from
	for end < len(s) && (isNameByte(s[end]) || s[end] == ',') {
		end++
	}
	if w.code || end+1 >= len(s) || s[end] != ')' || s[end+1] != ' ' {
		return 0, 0, ""
	}
	name, _, _ := strings.Cut(s[from:end], ",")
	switch word {
	case "set-map", "add-map", "set-var", "set-var-fmt", "add-acl", "del-acl", "del-map":
		return skipBlank(s, end+1), w.restOfLine(end + 1), secretHeader
	case "hdr", "fhdr", "hdr_beg", "hdr_end", "hdr_sub", "hdr_reg", "url_param", "urlp", "cook", "cookie", "body_param", "header":
	default:
		return 0, 0, ""
	}
	kind = headerKind(strings.ToLower(name))
	if kind == "" {
		kind, _ = nameKind(name)
	}
	if word == "cook" || word == "cookie" {
		kind = secretCookie
	}
	if kind == "" {
		return 0, 0, ""
	}
	start = skipBlank(s, end+1)
	for _, flag := range [...]string{"-i ", "-f ", "-m str ", "-m beg ", "-m end ", "-m sub ", "-m reg ", "-m found", "-- "} {
		if strings.HasPrefix(s[start:], flag) {
			start = skipBlank(s, start+len(flag))
		}
	}
	stop = w.restOfLine(start)
	if close := strings.Index(s[start:max(start, stop)], " }"); close >= 0 {
		stop = start + close
	}
	return start, stop, kind
}

// lineStop is restOfLine where \r and \n are letters of a setting.
func (w *wordScan) lineStop(i int) int {
	stop := strings.IndexAny(w.s[i:], "\n\"")
	if stop < 0 {
		stop = len(w.s) - i
	}
	return trimBlank(w.s, i, i+stop)
}

// block is the end of what follows a line of the CLI that ends in <<: lines up to an empty
// one. Only those without blanks count, as keys and certificates have them; what has blanks
// is somebody else's line.
func (w *wordScan) block(i int) int {
	s := w.s
	for i < len(s) && s[i] == '\n' {
		line := s[i+1 : i+1+lineEnd(s[i+1:])]
		if line == "" || strings.IndexByte(line, ' ') >= 0 {
			break
		}
		i += 1 + len(line)
	}
	return i
}

func isLetter(c byte) bool { return isLower(c) || isUpper(c) }
