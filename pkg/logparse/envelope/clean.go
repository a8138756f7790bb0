package envelope

import "strings"

const byteOrderMark = "\xef\xbb\xbf"

// clean removes what is no text: a byte order mark, the carriage return of a
// Windows line end, colour escapes, NUL bytes.
//
// Folklore: after a power loss files have runs of NULs where blocks were
// allocated but not written, in front of the first line after the boot; docker
// and kubectl hand colours of the program through; dmesg and journalctl colour
// their own output when they think that they talk to a terminal.
func clean(s string) string {
	s = strings.TrimPrefix(s, byteOrderMark)
	s = strings.TrimSuffix(s, "\r")
	if strings.IndexByte(s, 0xc2) >= 0 {
		s = strings.ReplaceAll(s, "\u00a0", " ") // what pages have for runs of blanks
	}
	if strings.Contains(s, "\xe2\x80") {
		s = typewritten.Replace(s)
	}
	if strings.IndexByte(s, '&') >= 0 {
		s = unescapedPage(s)
	}
	if strings.IndexByte(s, 0) >= 0 {
		// Folklore: PowerShell's ">" writes UTF-16. Without its NULs that is the text, as
		// far as it is of ASCII.
		s = strings.TrimPrefix(strings.TrimPrefix(s, "\xff\xfe"), "\xfe\xff")
		s = strings.TrimPrefix(strings.ReplaceAll(s, "\x00", ""), byteOrderMark)
		s = strings.TrimSuffix(s, "\r")
	}
	if strings.IndexByte(s, '\x1b') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for s != "" {
		if s[0] != '\x1b' {
			n := strings.IndexByte(s, '\x1b')
			if n < 0 {
				n = len(s)
			}
			b.WriteString(s[:n])
			s = s[n:]
			continue
		}
		s = s[escapeSize(s):]
	}
	return b.String()
}

// typewritten undoes what word processors and chats make of quotes and dashes.
var typewritten = strings.NewReplacer("\u201c", `"`, "\u201d", `"`, "\u201e", `"`, "\u2018", "`", "\u2019", "'", "\u2013", "-", "\u2014", "--", "\u2026", "...", "\u200b", "")

// escapeSize is the length of the escape sequence (ECMA-48) at the start of s.
// One that does not end is the escape byte alone.
func escapeSize(s string) int {
	if len(s) < 2 {
		return 1
	}
	switch s[1] {
	case '[': // CSI: parameters, then one byte of 0x40 to 0x7e
		for n := 2; n < len(s) && n < 64; n++ {
			if s[n] >= 0x40 && s[n] <= 0x7e {
				return n + 1
			}
			if s[n] < 0x20 || s[n] > 0x3f {
				return 1
			}
		}
	case ']': // OSC: ends with BEL or ESC \, used for titles and links
		for n := 2; n < len(s) && n < 4096; n++ {
			if s[n] == '\a' {
				return n + 1
			}
			if s[n] == '\x1b' && n+1 < len(s) && s[n+1] == '\\' {
				return n + 2
			}
		}
	case '(', ')': // character set
		return min(3, len(s))
	}
	return 1
}

// unindented takes off blanks before an envelope, with which code is set apart in
// Markdown. Blanks before anything else belong to the text.
func unindented(s string) string {
	if s == "" || s[0] != ' ' && s[0] != '\t' {
		return s
	}
	text := strings.TrimLeft(s, " \t")
	if text == "" || len(s)-len(text) > 16 {
		return s
	}
	_, _, _, isISO := isoStamp(text)
	_, _, _, isMonth := monthStamp(text)
	_, _, isWeekday := weekdayStamp(text)
	_, _, isUptime := bracketUptime(text)
	_, isPriority := cutPriority(text)
	_, _, isCount := octetCount(text)
	_, isContainer := compose(text, &Line{})
	_, isTask := ansible(text, &Line{})
	if isISO || isMonth || isWeekday || isUptime || isPriority || isCount || isContainer == nested || isTask == nested || strings.HasPrefix(text, "[pod/") {
		return text
	}
	return s
}
