package redact

import (
	"strings"
	"sync"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// headerKind tells the headers that hold secrets wherever they are seen.
func headerKind(name string) string {
	switch name {
	case "cookie", "set-cookie", "cookie2", "set-cookie2":
		return secretCookie
	case "authorization", "proxy-authorization", "api-key", "apikey", "private-token", "authentication", "www-authenticate", "proxy-authenticate",
		"authentication-info", "sec-websocket-key", "sec-websocket-protocol", "dpop":
		return secretHeader
	}
	// Headers that somebody made for a purpose of their own.
	if strings.HasPrefix(name, "x-") && len(name) > 3 {
		return secretHeader
	}
	return ""
}

// harmlessHeader tells headers whose values may matter to a maintainer and
// that hold nothing personal.
func harmlessHeader(name string) bool {
	switch name {
	case "content-length", "transfer-encoding", "connection", "upgrade", "te", "expect", "keep-alive",
		"content-type", "content-encoding", "accept-encoding", "http2-settings":
		return true
	}
	return false
}

// naming is how surely a name says that its value is a secret.
type naming int

const (
	harmless naming = iota
	// weak names are used for other things too: pointers, counts and words of an
	// enumeration stay.
	weak
	// strong names: what is no pointer goes.
	strong
)

// maxName is longer than any name; what is longer is none.
const maxName = 64

// telling is a run of letters that says secret wherever it stands in a name.
type telling struct{ text, kind string }

// tellings are those that are known, by their first letter.
var tellings = sync.OnceValue(func() *[256][]telling {
	var all [256][]telling
	for kind, texts := range map[string]string{
		secretPassword: "password passwd passphrase passwort secret credential",
		secretToken:    "token apikey api_key api-key access_key accesskey private_key client_key saml",
		secretCookie:   "sessionid sessid session_id session-id",
	} {
		for text := range strings.FieldsSeq(texts) {
			all[text[0]] = append(all[text[0]], telling{text, kind})
		}
	}
	return &all
})

// nameKind tells names whose value is a secret: db_password, ApiToken, sid. It is asked of
// nearly every word of a report.
func nameKind(name string) (kind string, n naming) {
	if len(name) < 2 || len(name) > maxName {
		return "", harmless
	}
	var buffer [maxName]byte
	low := buffer[:copy(buffer[:], name)]
	for i, c := range low {
		if isUpper(c) {
			low[i] += 'a' - 'A'
		}
	}
	known := tellings()
	for i, c := range low {
		for _, t := range known[c] {
			if len(low)-i >= len(t.text) && low[i+1] == t.text[1] && string(low[i:i+len(t.text)]) == t.text {
				return t.kind, strong
			}
		}
	}
	for from := 0; from < len(low); {
		end := partEnd(name, from)
		stop := end
		for stop > from && lex.IsDigit(low[stop-1]) {
			stop--
		}
		if kind, n = partKind(string(low[from:stop])); n > 0 {
			return kind, n
		}
		for from = end; from < len(low) && !isAlnum(low[from]); from++ {
		}
	}
	return "", harmless
}

// partKind is nameKind for one word of a name, lower case.
func partKind(word string) (string, naming) {
	switch word {
	case "pass", "pw", "pwd", "psk", "pin", "otp", "totp", "mfa", "cred", "creds", "passcode":
		return secretPassword, strong
	case "jwt", "bearer", "csrf", "xsrf", "authorization", "hmac":
		return secretToken, strong
	case "key", "keys", "auth", "private", "signature", "apitoken", "sig", "verifier", "assertion":
		return secretToken, weak
	case "sid", "session", "sess", "cookie":
		return secretCookie, weak
	}
	return "", harmless
}

// partEnd is where the word of a name ends that begins at from: X-ApiKey2 is X, Api, Key2.
func partEnd(name string, from int) int {
	i := from
	for i < len(name) && isAlnum(name[i]) && (i == from || !isUpper(name[i]) || !isLower(name[i-1])) {
		i++
	}
	return i
}

// isEnvironment tells names of environment variables from the build options of
// HAProxy and from the fields of the journal, which look alike.
func isEnvironment(name string) bool {
	if len(name) < 3 || name[0] == '_' {
		return false
	}
	letters := 0
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case isUpper(c):
			letters++
		case c == '_' || lex.IsDigit(c) && i > 0:
		default:
			return false
		}
	}
	if letters < 2 {
		return false
	}
	for _, p := range [...]string{"USE_", "DEBUG_", "COREDUMP_", "SYSLOG_", "MESSAGE", "PRIORITY", "EXIT_", "UNIT"} {
		if strings.HasPrefix(name, p) {
			return false
		}
	}
	switch name {
	case "TARGET", "CPU", "ARCH", "CC", "CFLAGS", "LDFLAGS", "OPTIONS", "DEBUG", "OPT_CFLAGS", "DEBUG_CFLAGS",
		"ARCH_FLAGS", "EXTRA", "VERSION", "SUBVERS", "VERDATE", "ADDINC", "ADDLIB", "PCRE_INC", "SSL_INC", "SSL_LIB",
		"LUA_INC", "LUA_LIB", "RESULT", "PID", "MAX_THREADS", "MAX_TGROUPS":
		return false
	}
	return true
}

// isPointer reports whether v is an address, or what stands in its place.
func isPointer(v string) bool {
	digits, ok := strings.CutPrefix(v, "0x")
	if !ok || len(digits) == 0 || len(digits) > 16 {
		return v == "" || v == "nil" || v == "(nil)" || v == "NULL" || v == "null"
	}
	for i := 0; i < len(digits); i++ {
		if !lex.IsHex(digits[i]) {
			return false
		}
	}
	return true
}

// isNumber reports whether v is a pointer, or a number of at most 6 digits.
func isNumber(v string) bool {
	if isPointer(v) {
		return true
	}
	digits := strings.TrimPrefix(v, "-")
	if len(digits) == 0 || len(digits) > 6 {
		return false
	}
	for i := 0; i < len(digits); i++ {
		if !lex.IsDigit(digits[i]) {
			return false
		}
	}
	return true
}

// isConstant reports whether v is what C calls a constant: NONE, SF_ASSIGNED.
func isConstant(v string) bool {
	if len(v) > 32 {
		return false
	}
	for i := 0; i < len(v); i++ {
		if !isUpper(v[i]) && v[i] != '_' {
			return false
		}
	}
	return true
}

// mayStay reports whether a value may stand behind a name of a kind.
func mayStay(v, kind string, n naming) bool {
	if n == strong {
		return isPointer(v) || isMark(v) || kind == secretToken && isNumber(v)
	}
	return isNumber(v) || isMark(v) || isConstant(v) || v == "true" || v == "false" || v == "yes" || v == "no"
}

// looksSecret tells a value from a word of a sentence: it has digits, capitals
// within, or bytes that words do not have.
func looksSecret(v string) bool {
	v = strings.TrimRight(v, ".,:;!?)")
	if len(v) < 4 || isPointer(v) {
		return false
	}
	digits, odd := 0, 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case lex.IsDigit(c):
			digits++
		case isUpper(c) && i > 0 && isLower(v[i-1]):
			odd++
		case strings.IndexByte("$%^&*+=!#@~/", c) >= 0:
			odd++
		}
	}
	return digits < len(v) && digits+odd > 0 || digits > 6
}
