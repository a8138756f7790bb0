package backtrace

import (
	"strings"
	"unicode/utf8"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// clean takes off what terminals, mails and word processors put around a line.
//
// Folklore: in issues and mails a session is quoted (>#0  foo), and those who knew that
// # begins a title in Markdown wrote \#0.
func clean(text string) string {
	text = straighten(uncolour(strings.TrimRight(text, " \t\r\n")))
	for range 4 {
		if !strings.HasPrefix(text, ">") {
			break
		}
		text = strings.TrimPrefix(text[1:], " ")
	}
	if rest, ok := strings.CutPrefix(text, `\#`); ok {
		text = "#" + rest
	}
	return asGDB(text)
}

// colour is what gdb and the sanitizers write to a terminal (ECMA-48, 5.4) and scripts
// record: ESC [ parameters, then one byte from @ to ~. What was copied from a pager or a web
// page shows the escape in other ways, or has lost it.
var colour = lex.Pattern("(?:\x1b|\\^\\[|\xe2\x90\x9b|\\\\(?:e|033|x1b))\\[[0-9:;<=>?]*[ -/]*[@-~]")

var bareColour = lex.Pattern(`\[[0-9;]*m`)

func uncolour(text string) string {
	switch {
	case strings.IndexByte(text, '[') < 0:
		return text
	case strings.IndexByte(text, 0x1b) >= 0, strings.Contains(text, "^[["), strings.Contains(text, "\xe2\x90\x9b["), strings.Contains(text, `\`):
		text = colour().ReplaceAllString(text, "")
	case strings.Contains(text, "[m") && len(bareColour().FindAllStringIndex(text, 3)) > 1 || strings.Contains(text, "[0m"):
		text = bareColour().ReplaceAllString(text, "")
	}
	return strings.TrimRight(text, " \t")
}

// Quotes and blanks of word processors and web pages, in UTF-8 and in Windows' code page.
var (
	typographic = strings.NewReplacer("\u2018", "`", "\u2019", "'", "\u201c", `"`, "\u201d", `"`, "\u00a0", " ", "\u202f", " ", "\u200b", "", "\ufeff", "")
	windows     = strings.NewReplacer("\x91", "`", "\x92", "'", "\x93", `"`, "\x94", `"`, "\xa0", " ")
)

func straighten(text string) string {
	for i := range len(text) {
		switch {
		case text[i] < 0x80:
		case utf8.ValidString(text):
			return typographic.Replace(text)
		default:
			return windows.Replace(text)
		}
	}
	return text
}
