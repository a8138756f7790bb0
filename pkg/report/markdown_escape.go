package report

import (
	"strings"
)

// GitHub turns more into markup than Markdown does: @names notify people, #12
// and GH-12 link issues, user/repo#12 links elsewhere, bare URLs become links.
// None of that happens inside code spans and fences, so that is where text of
// inputs goes. A backslash would not help: mentions are found after rendering.

// maxSpan bounds the characters of a code span.
const maxSpan = 400

// codeSpan puts text of an input between backticks, more of them than it holds
// itself (CommonMark 0.31, 6.1).
func codeSpan(s string) string {
	s = clip(Escape(s), maxSpan)
	if strings.TrimSpace(s) == "" {
		return "` `"
	}
	ticks := strings.Repeat("`", longestRun(s, '`')+1)
	pad := ""
	if s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ' {
		pad = " " // one blank at each end is taken off by the renderer
	}
	return ticks + pad + s + pad + ticks
}

// fence puts lines of an input between fences longer than any run of backticks
// in it. The text must have been through Escape.
func fence(text, info string) string {
	ticks := strings.Repeat("`", max(longestRun(text, '`')+1, 3))
	return ticks + info + "\n" + strings.TrimRight(text, "\n") + "\n" + ticks + "\n"
}

func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := 0; i < len(s); i++ {
		if s[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// mdProse is for sentences of ours that may quote an input: words that are plain
// stay plain, all others become code spans.
func mdProse(s string) string {
	var out []string
	for _, w := range strings.Fields(clip(Escape(s), 4*maxSpan)) {
		out = append(out, proseWord(w))
	}
	return strings.Join(out, " ")
}

func proseWord(w string) string {
	core := strings.TrimRight(w, ".,;:)")
	tail := w[len(core):]
	open := ""
	if strings.HasPrefix(core, "(") {
		open, core = "(", core[1:]
	}
	if core == "" {
		return w
	}
	for i := 0; i < len(core); i++ {
		c := core[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-' && i > 0, c == '.' && i > 0, c == ',', c == '\'', c == '/', c == '%':
		case c == '+' && i == 0 && len(core) > 1: // +25 of a score
		default:
			return open + codeSpan(core) + tail
		}
	}
	low := strings.ToLower(core)
	if strings.HasPrefix(low, "www.") || strings.HasPrefix(low, "gh-") || strings.HasSuffix(low, "://") {
		return open + codeSpan(core) + tail
	}
	return w
}

// headTail keeps the first and the last lines of a long text.
func headTail(lines []string, most int) []string {
	if len(lines) <= most {
		return lines
	}
	head := most * 3 / 4
	out := append([]string{}, lines[:head]...)
	out = append(out, "[... "+plural(len(lines)-most, "line")+" ...]")
	return append(out, lines[len(lines)-(most-head):]...)
}

// clipBytes joins lines, long ones cut, until max bytes are used.
func clipBytes(lines []string, max int) string {
	var b strings.Builder
	for _, l := range lines {
		l = clip(l, 2000)
		if b.Len()+len(l) > max {
			b.WriteString("[...]\n")
			break
		}
		b.WriteString(l + "\n")
	}
	return b.String()
}

// plainWord reports whether a word of an open list is one of ours, that is,
// lower-case letters.
func plainWord[T ~string](w T) bool {
	for i := range len(w) {
		if (w[i] < 'a' || w[i] > 'z') && w[i] != '_' {
			return false
		}
	}
	return true
}
