package signatures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Facts is what a crash tells: for each of Keys the values found. A key that is
// absent is not known; a key without values is known to have none (a dump with
// filters={}).
type Facts map[string][]string

// Add adds values, those that are not empty.
func (f Facts) Add(key string, values ...string) {
	for _, v := range values {
		if v != "" {
			f[key] = append(f[key], v)
		}
	}
}

// More is a value beside others: there are more that the crash does not tell.
const More = "…"

// First is the first value, "" when there is none.
func (f Facts) First(key string) string {
	if v := f[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Applet tells the applet by its side of the stream or its handler, and the handler by
// its applet.
func (f Facts) Applet() {
	if len(f["applet"]) == 0 {
		f.Add("applet", f["back_applet"]...)
		f.Add("applet", f["front_applet"]...)
	}
	if len(f["applet"]) == 0 {
		f.Add("applet", haproxy.AppletsOfHandler(f.First("handler"))...)
	}
	if len(f["handler"]) == 0 {
		f.Add("handler", haproxy.HandlerOfApplet(f.First("applet")))
	}
}

// Fit is what comparing a signature with facts gave.
type Fit struct {
	Signature *Signature
	// Holds: all that is required does, and nothing that is forbidden.
	Holds bool
	// Score is the sum of the points.
	Score int
	gains []gain
	// Missing are facts that the signature needs and the crash does not tell;
	// empty when the crash contradicts it.
	Missing []string
}

// gain is what one fact adds; without a key the value is the text that says what for. Most
// signatures fail after some gains, so that nothing is worded before somebody asks.
type gain struct {
	points     int
	key, value string
}

// Gain adds points and the text that says what for.
func (t *Fit) Gain(points int, text string) { t.gain(points, "", text) }

func (t *Fit) gain(points int, key, value string) {
	t.Score += points
	t.gains = append(t.gains, gain{points, key, value})
}

// Because has a line for each gain.
func (t *Fit) Because() []string {
	var lines []string
	for _, g := range t.gains {
		text := g.value
		if g.key != "" {
			text = describe(g.key, g.value)
		}
		lines = append(lines, fmt.Sprintf("+%d %s", g.points, text))
	}
	return lines
}

// Try compares a signature with the facts.
func (f Facts) Try(s *Signature) Fit {
	t := Fit{Signature: s}
	for _, test := range s.Require {
		switch value, result := f.Test(test); result {
		case fixes.Yes:
			t.gain(points(test.Key), test.Key, value)
		case fixes.No:
			return Fit{}
		default:
			t.Missing = append(t.Missing, test.Key)
		}
	}
	for _, test := range s.Forbid {
		if _, result := f.Test(test); result == fixes.Yes {
			return Fit{}
		}
	}
	if len(s.AnyOf) > 0 && !f.tryGroups(&t) {
		return Fit{}
	}
	if len(t.Missing) > 0 {
		return t
	}
	t.Holds = true
	for _, test := range s.Support {
		if value, result := f.Test(test); result == fixes.Yes {
			t.gain(SupportPoints, test.Key, value)
		}
	}
	return t
}

// Decides says whether the facts that make a signature unique are told.
func (f Facts) Decides(s *Signature) bool {
	fits := func(t Test) bool { _, result := f.Test(t); return result == fixes.Yes }
	lacks := func(t Test) bool { return !fits(t) }
	return s.Unique && (len(s.Decisive) == 0 ||
		slices.ContainsFunc(s.Decisive, func(group []Test) bool { return !slices.ContainsFunc(group, lacks) }))
}

// tryGroups takes the first group that holds. It says false when every group is
// contradicted.
func (f Facts) tryGroups(t *Fit) bool {
	var missing []string
	possible := false
	for _, group := range t.Signature.AnyOf {
		values := make([]string, len(group))
		lacks, contradicted := "", false
		for i, test := range group {
			value, result := f.Test(test)
			values[i] = value
			switch result {
			case fixes.No:
				contradicted = true
			case fixes.Unknown:
				lacks = test.Key
			}
		}
		if contradicted {
			continue
		}
		possible = true
		if lacks != "" {
			if !slices.Contains(missing, lacks) {
				missing = append(missing, lacks)
			}
			continue
		}
		for i, test := range group {
			t.gain(points(test.Key), test.Key, values[i])
		}
		return true
	}
	t.Missing = append(t.Missing, missing...)
	return possible
}

// Test compares one demand with the facts: Yes with the value that fits, No, or
// Unknown when the crash does not tell.
func (f Facts) Test(t Test) (string, fixes.Answer) {
	values, known := f[t.Key]
	if !known {
		return "", fixes.Unknown
	}
	for _, v := range values {
		for _, want := range t.Values {
			if glob(want, v) || t.Key == "condition_part" && strings.Contains(v, want) {
				return v, fixes.Yes
			}
		}
	}
	if slices.Contains(values, More) {
		return "", fixes.Unknown
	}
	return "", fixes.No
}

// glob matches s with a pattern whose * stand for any run of characters. In
// conditions a * is a star: they have no wildcards unless they are equal anyhow.
func glob(pattern, s string) bool {
	if pattern == s || pattern == "*" {
		return true
	}
	first, rest, ok := strings.Cut(pattern, "*")
	if !ok || !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for {
		part, next, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(s, part)
		}
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s, rest = s[i+len(part):], next
	}
}

// describe words a fact for a "because" line.
func describe(key, value string) string {
	if len(value) > 80 {
		value = value[:77] + "..."
	}
	switch key {
	case "lua":
		return "a Lua script was running"
	case "filter":
		return fmt.Sprintf("filter %q", value)
	}
	return strings.ReplaceAll(key, "_", " ") + " " + value
}
