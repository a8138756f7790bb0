package envelope

import (
	"html"
	"strings"
)

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
		case !q.tight || strings.HasPrefix(text, " >") && !strings.HasPrefix(text, " >Thread "):
			text = text[1:]
		}
		s = text
	}
	return s
}

// tags are those of HTML around text as it was printed, and between its lines. Cells of tables
// and items of lists are no such: pages of statistics show what clients sent in these.
var tags = map[string]bool{
	"br": true, "pre": true, "code": true, "samp": true, "tt": true, "html": true, "body": true, "blockquote": true, "textarea": true,
}

// fences are what stands around code in Markdown and in Jira, where it is glued to the text.
var fences = [...]string{"```", "~~~", "{noformat}", "{code}"}

// untagged takes off the tags of HTML, and fences, that begin and end a line.
func untagged(s string) string {
	for _, f := range fences {
		if text, ok := strings.CutPrefix(s, f); ok && strings.IndexByte(text, ' ') >= 0 {
			s = text
		}
		s = strings.TrimSuffix(s, f)
	}
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

// unescapedPage undoes the escapes of a line that was copied from the source of a page: one that
// has escapes, and none of the bytes that are escaped there.
func unescapedPage(s string) string {
	bare := strings.ContainsAny(s, "<>")
	quotes := strings.IndexByte(s, '"') >= 0
	for _, escape := range [...]string{"&quot;", "&#34;", "&gt;", "&lt;", "&amp;", "&#39;"} {
		quoted := escape == "&quot;" || escape == "&#34;"
		if strings.Contains(s, escape) && !bare && !(quoted && quotes) {
			return html.UnescapeString(s)
		}
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
