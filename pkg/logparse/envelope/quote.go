package envelope

import "strings"

// quotes takes off the signs that quoting in a mail or in Markdown puts before a line, ">" or
// "> ", once or more.
//
// Folklore: a line of a thread dump may begin with a sign of its own, " >Thread 2 : ", and
// lose its blank; that is never a quote.
type quotes struct {
	// tight: the signs of the lines above have no blank, so that a blank behind one is the text's.
	tight bool
}

func (q *quotes) strip(s string) string {
	if s == "" || s[0] != '>' {
		q.tight = false
		return s
	}
	for range maxDepth {
		text, ok := strings.CutPrefix(s, ">")
		if !ok || strings.HasPrefix(text, "Thread ") {
			break
		}
		switch {
		case text == "":
		case text[0] != ' ':
			q.tight = q.tight || text[0] != '>'
		case !q.tight:
			text = text[1:]
		}
		s = text
	}
	return s
}

// tags are those around text as it was printed, and between its lines.
var tags = map[string]bool{"br": true, "pre": true, "code": true, "samp": true, "tt": true}

// untagged takes off the tags of HTML that begin and end a line.
func untagged(s string) string {
	for s != "" && s[0] == '<' {
		end := strings.IndexByte(s[:min(len(s), 128)], '>')
		if end < 0 || !isTag(s[1:end]) {
			break
		}
		s = s[end+1:]
	}
	for strings.HasSuffix(s, ">") {
		from := strings.LastIndexByte(s, '<')
		if from < 0 || len(s)-from > 128 || !isTag(s[from+1:len(s)-1]) {
			break
		}
		s = s[:from]
	}
	return s
}

func isTag(s string) bool {
	s = strings.TrimPrefix(s, "/")
	n := 0
	for n < len(s) && s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' {
		n++
	}
	return tags[strings.ToLower(s[:n])] && (n == len(s) || s[n] == ' ' || s[n:] == "/")
}
