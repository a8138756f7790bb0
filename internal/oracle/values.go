package oracle

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// verdict is what comes of a comparison of two values.
type verdict int

const (
	neither    verdict = iota // no one knows it
	equal                     // both mean the same
	onlyOurs                  // we know it, or more of it
	onlyTheirs                // they know it, or more of it
	differ                    // both know it, but not the same
)

// sameValue compares two values as gdb prints them, part by part where they are
// structs, unions or arrays. What is unknown is empty or in angle brackets.
func sameValue(ours, theirs string) verdict {
	a, b := leaves(ours), leaves(theirs)
	if len(a) != len(b) {
		// One who knows nothing of a struct has one leaf.
		switch {
		case len(a) == 1 && unknown(a[0].text):
			return onlyTheirs
		case len(b) == 1 && unknown(b[0].text):
			return onlyOurs
		}
		return differ
	}
	worst := neither
	for i := range a {
		v := sameLeaf(a[i].text, b[i].text)
		if a[i].name != b[i].name && a[i].name != "" && b[i].name != "" {
			v = differ
		}
		worst = max(worst, v)
	}
	return worst
}

// leaf is a value without parts, and the name of the member that it is.
type leaf struct{ name, text string }

// leaves takes "{id = 77, inner = {first = -1, second = 9}}" apart.
func leaves(value string) []leaf {
	var all []leaf
	for _, part := range split(value) {
		name, text := "", part
		if before, after, ok := strings.Cut(part, "="); ok && member.MatchString(strings.TrimSpace(before)) {
			name, text = strings.TrimSpace(before), strings.TrimSpace(after)
		}
		if inner, ok := braced(text); ok {
			all = append(all, leaves(inner)...)
			continue
		}
		all = append(all, leaf{name, text})
	}
	return all
}

var (
	member    = regexp.MustCompile(`^\w+$`)
	cast      = regexp.MustCompile(`^\([^()]*(?:\([^()]*\)[^()]*)*\) `)
	integer   = regexp.MustCompile(`^(-?(?:0x[0-9a-f]+|[0-9]+))(?:$|[ ,)])`)
	nulsAtEnd = regexp.MustCompile(`(?:\\000)+"$`)
	bareAngle = regexp.MustCompile(`^<.*>$`)
)

// braced gives what is between the braces of a struct.
func braced(s string) (string, bool) {
	if len(s) >= 2 && s[0] == '{' && s[len(s)-1] == '}' {
		return s[1 : len(s)-1], true
	}
	return "", false
}

// split cuts at commas that are in no quotes or brackets.
func split(s string) []string {
	var parts []string
	var quote byte
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && quote != 0:
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case strings.IndexByte("{(<", c) >= 0:
			depth++
		case strings.IndexByte("})>", c) >= 0:
			depth--
		case c == ',' && depth == 0:
			parts = append(parts, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	return append(parts, strings.TrimSpace(s[start:]))
}

func unknown(text string) bool { return text == "" || bareAngle.MatchString(text) }

// sameLeaf compares two values without parts.
func sameLeaf(ours, theirs string) verdict {
	switch {
	case unknown(ours) && unknown(theirs):
		return neither
	case unknown(ours):
		return onlyTheirs
	case unknown(theirs):
		return onlyOurs
	}
	ours, theirs = plain(ours), plain(theirs)
	same := ours == theirs
	a, b := number(ours), number(theirs)
	x, xErr := strconv.ParseFloat(ours, 64)
	y, yErr := strconv.ParseFloat(theirs, 64)
	switch {
	case a != nil && b != nil:
		same = a.Cmp(b) == 0
	case xErr == nil && yErr == nil:
		same = x == y || math.IsNaN(x) && math.IsNaN(y) || math.Abs(x-y) <= 1e-7*math.Abs(y)
	case a != nil || b != nil:
		same = enumerator(ours) == enumerator(theirs)
	}
	if same {
		return equal
	}
	return differ
}

// plain removes what says nothing of the value: the type before it, and zero bytes
// behind the end of a text.
func plain(text string) string {
	text = cast.ReplaceAllString(text, "")
	return nulsAtEnd.ReplaceAllString(text, `"`)
}

// number is the number that a value begins with: "97 'a'", "0x55… <main>", "-7 (BLUE)".
func number(text string) *big.Int {
	switch text {
	case "true":
		return big.NewInt(1)
	case "false":
		return big.NewInt(0)
	}
	m := integer.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	n, ok := new(big.Int).SetString(m[1], 0)
	if !ok {
		// A leading zero that is not followed by octal digits.
		n, _ = new(big.Int).SetString(m[1], 10)
	}
	return n
}

// enumerator is the name in "-7 (BLUE)" or "5 ((A | C))", or all of the text.
func enumerator(text string) string {
	if _, rest, ok := strings.Cut(text, " ("); ok && integer.MatchString(text) {
		text = strings.TrimSuffix(rest, ")")
	}
	return strings.Trim(text, "()")
}
