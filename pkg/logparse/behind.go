package logparse

import (
	"fmt"
	"strings"
)

// behind is a dump that was seen behind a prefix which nothing knows: it does not count, for
// it may be somebody's words, but a person will see at once what it is.
type behind struct {
	prefix      string // its pattern
	shown       string
	size        int
	first, last int64
	lines       int // of a dump's shapes below the headline
	found       []Other
}

// Of a dump behind a prefix: lines that it has at least below its headline, and at most told.
const (
	minBehind   = 2
	maxBehind   = 4
	maxShown    = 40
	behindLines = idleLines
)

// add takes a line that was part of nothing.
func (b *behind) add(l *line) {
	if b.prefix != "" && l.Number-b.last > behindLines {
		b.end()
	}
	if b.prefix != "" {
		n := prefixSize(l.text, b.prefix)
		if rest := strings.TrimLeft(l.text[n:], " \t"); n > 0 && (isTrace(rest) || beginsWith(rest, begins)) {
			b.lines++
			b.last = l.Number
			return
		}
	}
	if !likeHead(l.text) || l.traffic {
		return
	}
	for _, h := range headlineTexts {
		i := strings.Index(l.text, h)
		if i < 0 {
			continue
		}
		// The headline may begin before the words that are sure of it.
		for _, start := range begins {
			if k := strings.LastIndex(l.text[:min(len(l.text), i+len(h))], start); k > 0 {
				i = min(i, k)
			}
		}
		if i > 0 && i <= maxPrefix {
			b.end()
			b.prefix, b.shown, b.size = patternOf(l.text[:i]), strings.Clone(l.text[:i]), i
			b.first, b.last = l.Number, l.Number
		}
		return
	}
}

// end tells of the dump at hand if it was one.
func (b *behind) end() {
	if b.lines >= minBehind && len(b.found) < maxBehind {
		what := fmt.Sprintf("a prefix of %d bytes", b.size)
		if b.size <= maxShown && !strings.ContainsAny(b.shown, "=\"'@") {
			what = fmt.Sprintf("the prefix %q", b.shown)
		}
		b.found = append(b.found, Other{OtherPrefix, fmt.Sprintf("lines %d to %d look like a dump behind %s, which is not known: take it off (cut -b %d-)", b.first, b.last, what, b.size+1), b.first})
	}
	b.prefix, b.lines = "", 0
}
