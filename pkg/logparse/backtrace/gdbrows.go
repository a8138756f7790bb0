package backtrace

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// frameText is a frame that may go over several lines. gdb indents them, as it does
// variables: what tells them apart is whether the frame wants more. Terminals and mails
// break lines anywhere, and do not indent them.
type frameText struct {
	number int
	at     int64 // its first line
	frame  crash.Frame
	ok     bool // frame is what the first line says
	text   strings.Builder
	rows   int
	last   string // its last line

	// What the parenthesis of the arguments is like so far. Each byte is looked at once.
	scanned, depth int
	quote          byte
	begun          bool
	end            int // behind the parenthesis that closes it
}

func (x *frameText) begin(n int, text string, f crash.Frame, number int64) {
	*x = frameText{number: n, at: number, frame: f, ok: true, rows: 1, last: text}
	x.text.WriteString(lex.Clip(text, maxFrameText))
	x.scan()
}

// add takes a line if the frame wants it; whole is its text with its indentation.
func (x *frameText) add(whole string) bool {
	t := strings.TrimLeft(whole, " \t")
	gap, ok := " ", false
	if len(t) == len(whole) {
		gap, ok = x.wrapped(t)
	} else {
		ok = x.wants(t)
	}
	if !ok {
		return false
	}
	x.rows++
	x.ok = false
	if x.last = whole; x.rows <= maxFrameRows && x.text.Len()+len(t) < maxFrameText {
		x.text.WriteString(gap)
		x.text.WriteString(t)
		x.scan()
	}
	return true
}

// scan looks for the end of the arguments, as enclosed does.
func (x *frameText) scan() {
	s := x.text.String()
	for i := x.scanned; i < len(s) && x.end == 0; i++ {
		switch c := s[i]; {
		case !x.begun && c != '(':
		case x.quote != 0 && c == '\\':
			i++
		case x.quote != 0:
			if c == x.quote {
				x.quote = 0
			}
		case c == '"' || c == '\'':
			x.quote = c
		case c == '(' || c == '{' || c == '[':
			x.begun = true
			x.depth++
		case c == ')' || c == '}' || c == ']':
			if x.depth--; x.depth == 0 {
				x.end = i + 1
			}
		}
	}
	x.scanned = len(s)
}

// behind is what follows the arguments so far.
func (x *frameText) behind() string { return strings.TrimLeft(x.text.String()[x.end:], " ") }

// wants says whether an indented line goes on with the frame.
func (x *frameText) wants(t string) bool {
	if _, _, ok := frameNumber(t); ok {
		return false
	}
	switch {
	case !x.begun:
		return strings.HasPrefix(t, "(")
	case x.end == 0:
		return !beginsElse(t)
	}
	switch x.behind() {
	case "":
		return hasPrefix(t, "at ", "from ")
	case "at", "from":
		return !strings.ContainsAny(t, " \t")
	}
	return false
}

// leastWidth is that of the lines of a text that was broken at some width.
const leastWidth = 60

// wrapped says whether a line that is not indented goes on with the frame, and what stood
// between the parts: nothing, or a blank.
func (x *frameText) wrapped(t string) (gap string, ok bool) {
	if isItem(t) {
		return "", false
	}
	if !x.begun {
		return " ", strings.HasPrefix(t, "(") || len(x.last) >= leastWidth && strings.Contains(t, " (")
	}
	if x.end == 0 {
		if strings.HasSuffix(x.last, ",") {
			return " ", true
		}
		return "", true
	}
	rest := x.behind()
	switch {
	case rest == "":
		return " ", hasPrefix(t, "at ", "from ")
	case rest == "at" || rest == "from":
		return " ", !strings.ContainsAny(t, " \t")
	case len(x.last) < leastWidth || strings.ContainsAny(t, " \t"):
		return "", false
	}
	at, isAt := strings.CutPrefix(rest, "at ")
	_, _, whole := fileLine(at)
	_, _, both := fileLine(at + t)
	return "", isAt && both && (!whole || len(t) < 5)
}

// result gives the frame.
func (x *frameText) result() (crash.Frame, bool) {
	if x.ok {
		return x.frame, true
	}
	return gdbFrame(x.number, x.text.String())
}
