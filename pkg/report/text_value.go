package report

import "strings"

// Text is a sentence or a value of a document: words of ours, between which the
// parts that come from an input are marked. A presenter prints it with [Text.With],
// which makes the marked parts fit for its format; words of ours need no escaping.
//
// The marks are control bytes. None can stand in a marked part, which has been
// through [Escape], nor in words of ours.
type Text string

const (
	dataMark  = "\x01" // a name or a value
	proseMark = "\x03" // a sentence that may quote an input
	endMark   = "\x02"
)

// quoter makes text fit for a place: escaped for a terminal, a code span for
// Markdown, marked in a Text.
type quoter func(string) string

// data marks a name or a value of an input.
func data(v string) string { return dataMark + Escape(v) + endMark }

// sentence marks a sentence that may quote an input.
func sentence(v string) string {
	if v == "" {
		return ""
	}
	return proseMark + Escape(v) + endMark
}

// dataText is a Text that holds a value and nothing else; empty if that is.
func dataText(v string) Text {
	if v == "" {
		return ""
	}
	return Text(data(v))
}

// With gives the text with its names and values as value makes them, and its
// sentences as prose does.
func (t Text) With(value, prose quoter) string {
	var b strings.Builder
	rest := string(t)
	for {
		i := strings.IndexAny(rest, dataMark+proseMark)
		if i < 0 {
			b.WriteString(rest)
			return b.String()
		}
		b.WriteString(rest[:i])
		q := value
		if rest[i:i+1] == proseMark {
			q = prose
		}
		var part string
		part, rest, _ = strings.Cut(rest[i+1:], endMark)
		b.WriteString(q(part))
	}
}

// Plain gives the text for a place where nothing has a meaning but line ends and
// control bytes: a terminal, a code block.
func (t Text) Plain() string {
	if !strings.ContainsAny(string(t), dataMark+proseMark) {
		return string(t)
	}
	return strings.Map(func(r rune) rune {
		if r > 0 && r < 4 {
			return -1
		}
		return r
	}, string(t))
}
