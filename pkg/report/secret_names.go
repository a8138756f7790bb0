package report

import "strings"

// headerKind tells the headers that hold secrets wherever they are seen.
func headerKind(name string) string {
	switch name {
	case "cookie", "set-cookie", "cookie2", "set-cookie2":
		return secretCookie
	case "authorization", "proxy-authorization", "x-api-key", "api-key", "apikey", "x-auth-token",
		"x-access-token", "x-csrf-token", "x-xsrf-token", "x-amz-security-token", "x-vault-token",
		"x-goog-api-key", "private-token", "authentication":
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

// nameKind tells names whose value is a secret: db_password, ApiToken, sid.
func nameKind(name string) string {
	if len(name) < 3 || len(name) > 64 {
		return ""
	}
	n := strings.ToLower(strings.ReplaceAll(name, "-", "_"))
	for _, w := range [...]string{"password", "passwd", "passphrase", "pwd", "secret"} {
		if strings.Contains(n, w) {
			return secretPassword
		}
	}
	for _, w := range [...]string{"token", "api_key", "apikey", "access_key", "private_key", "client_key", "signature"} {
		if strings.Contains(n, w) {
			return secretToken
		}
	}
	switch n {
	case "jsessionid", "phpsessid", "sessionid", "session_id", "connect.sid", "set_cookie", "cookie":
		return secretCookie
	case "authorization", "bearer", "auth":
		return secretToken
	}
	return ""
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
		case c >= 'A' && c <= 'Z':
			letters++
		case c == '_' || c >= '0' && c <= '9' && i > 0:
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

// isNumber reports whether v is a pointer, (nil), or a number of at most 6 digits.
func isNumber(v string) bool {
	if v == "" || v == "nil" {
		return true
	}
	digits, max := v, 6
	if strings.HasPrefix(v, "0x") {
		digits, max = v[2:], 16
	}
	if len(digits) > max {
		return false
	}
	for i := 0; i < len(digits); i++ {
		c := digits[i]
		if (c < '0' || c > '9') && (max != 16 || c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
