package envelope

import "strings"

// unescape undoes what rsyslog does to control bytes ($EscapeControlCharactersOnReceive,
// on by default): a '#' and three octal digits. Newlines come out as newlines,
// which makes several lines of the message, tabs as tabs; other control bytes
// are left escaped, as nobody needs them. A '#' with anything else behind is text.
func unescape(s string) string {
	at := strings.Index(s, "#0")
	if at < 0 {
		return s
	}
	var b strings.Builder
	for at >= 0 {
		plain := ""
		if at+4 <= len(s) {
			switch s[at : at+4] {
			case "#011":
				plain = "\t"
			case "#012":
				plain = "\n"
			case "#015":
				plain = "\r"
			}
		}
		if plain == "" {
			b.WriteString(s[:at+2])
			s = s[at+2:]
		} else {
			b.WriteString(s[:at])
			b.WriteString(plain)
			s = s[at+4:]
		}
		at = strings.Index(s, "#0")
	}
	b.WriteString(s)
	return b.String()
}
