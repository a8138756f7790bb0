package haconf

import "strings"

// Use says whether a feature is in use.
type Use uint8

// How a feature may be used. What nobody can tell counts as used.
const (
	NotUsed Use = iota
	MaybeUsed
	Used
)

// String is the word for it in JSON.
func (u Use) String() string {
	switch u {
	case Used:
		return "used"
	case MaybeUsed:
		return "possible"
	}
	return "not_used"
}

// pattern is what a line must have: words in this order, alternatives with a bar between them,
// * for any text, .. for any words between. A word with commas has each of its parts.
//
//	bind .. alpn h2
//	server|default-server .. proto h2
type pattern [][]glob

func parsePattern(s string) pattern {
	var p pattern
	for token := range strings.FieldsSeq(s) {
		var alternatives []glob
		for text := range strings.SplitSeq(token, "|") {
			alternatives = append(alternatives, newGlob(text))
		}
		p = append(p, alternatives)
	}
	return p
}

// glob is text that may have one *.
type glob struct {
	text, head, tail string
	star             bool
}

func newGlob(text string) glob {
	g := glob{text: text}
	g.head, g.tail, g.star = strings.Cut(text, "*")
	return g
}

// isAny tells the token that stands for any words.
func isAny(token []glob) bool { return token[0].text == ".." }

// match compares a line; its first word is known to fit.
func (p pattern) match(words []string) Use {
	best := Used
	for i, token := range p {
		switch {
		case isAny(token):
			return min(best, p[i+1:].somewhere(words[min(i, len(words)):]))
		case i >= len(words):
			return NotUsed
		case strings.IndexByte(words[i], gap) >= 0:
			return MaybeUsed // the words that follow may be among those that stand there
		}
		if best = min(best, anyOf(token, words[i])); best == NotUsed {
			return NotUsed
		}
	}
	return best
}

// somewhere looks for words that follow each other.
func (p pattern) somewhere(words []string) Use {
	best := NotUsed
	if len(p) == 0 {
		return Used
	}
	for i := range words {
		if strings.IndexByte(words[i], gap) >= 0 {
			return max(best, MaybeUsed)
		}
		u := Used
		for k, token := range p {
			if i+k >= len(words) {
				u = NotUsed
				break
			}
			if strings.IndexByte(words[i+k], gap) >= 0 {
				u = min(u, MaybeUsed)
				break
			}
			if u = min(u, anyOf(token, words[i+k])); u == NotUsed {
				break
			}
		}
		if best = max(best, u); best == Used {
			break
		}
	}
	return best
}

// anyOf compares a word, whole and by the parts between its commas.
func anyOf(globs []glob, word string) Use {
	best := NotUsed
	for {
		part, rest, more := strings.Cut(word, ",")
		for i := range globs {
			best = max(best, globs[i].fits(part))
		}
		if !more || best == Used {
			return best
		}
		word = rest
	}
}

// fits compares a part of a word. Of one with holes, what stands before the first and behind
// the last is known.
func (g *glob) fits(part string) Use {
	if part != "" && g.head != "" && part[0] != g.head[0] && part[0] != hole {
		return NotUsed
	}
	first := strings.IndexByte(part, hole)
	if first < 0 {
		if part == g.text || g.star && len(part) >= len(g.head)+len(g.tail) && strings.HasPrefix(part, g.head) && strings.HasSuffix(part, g.tail) {
			return Used
		}
		return NotUsed
	}
	before, behind := part[:first], part[strings.LastIndexByte(part, hole)+1:]
	switch {
	case !g.star:
		if len(before)+len(behind) <= len(g.text) && strings.HasPrefix(g.text, before) && strings.HasSuffix(g.text, behind) {
			return MaybeUsed
		}
		return NotUsed
	case strings.HasPrefix(before, g.head) && strings.HasSuffix(behind, g.tail):
		return Used
	case agree(before, g.head, strings.HasPrefix) && agree(behind, g.tail, strings.HasSuffix):
		return MaybeUsed
	}
	return NotUsed
}

// agree says that one of two texts begins, or ends, with the other.
func agree(a, b string, has func(string, string) bool) bool { return has(a, b) || has(b, a) }
