package classify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/classify/internal/sig"
	"github.com/hacrash/hacrash/pkg/crash"
)

// Points that make a match.
const (
	probablePoints = 40
	exactPoints    = 60
	versionPoints  = 20
)

// candidate is a signature whose requirements hold.
type candidate struct {
	sig      *sig.Signature
	score    int
	because  []string
	standing standing
}

func (c *candidate) gain(points int, text string) {
	c.score += points
	c.because = append(c.because, fmt.Sprintf("+%d %s", points, text))
}

// tried is what comparing one signature gave.
type tried struct {
	candidate
	holds bool
	// missing are facts that the signature needs and the crash does not tell;
	// empty when the crash contradicts it.
	missing []string
}

// try compares one signature with the facts.
func (f *facts) try(s *sig.Signature) tried {
	t := tried{candidate: candidate{sig: s}}
	for _, test := range s.Require {
		switch value, result := f.test(test); result {
		case yes:
			t.gain(sig.Points(test.Key), describe(test.Key, value))
		case no:
			return tried{}
		default:
			t.missing = append(t.missing, test.Key)
		}
	}
	for _, test := range s.Forbid {
		if _, result := f.test(test); result == yes {
			return tried{}
		}
	}
	if len(s.AnyOf) > 0 && !f.tryGroups(&t) {
		return tried{}
	}
	if len(t.missing) > 0 {
		return t
	}
	t.holds = true
	for _, test := range s.Support {
		if value, result := f.test(test); result == yes {
			t.gain(sig.SupportPoints, describe(test.Key, value))
		}
	}
	return t
}

// tryGroups takes the first group that holds. It says false when every group is
// contradicted.
func (f *facts) tryGroups(t *tried) bool {
	var missing []string
	possible := false
	for _, group := range t.sig.AnyOf {
		values := make([]string, len(group))
		lacks, contradicted := "", false
		for i, test := range group {
			value, result := f.test(test)
			values[i] = value
			switch result {
			case no:
				contradicted = true
			case unsure:
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
			t.gain(sig.Points(test.Key), describe(test.Key, values[i]))
		}
		return true
	}
	t.missing = append(t.missing, missing...)
	return possible
}

// test compares one demand with the facts: yes with the value that fits, no, or
// unsure when the crash does not tell.
func (f *facts) test(t sig.Test) (string, answer) {
	values, known := f.values[t.Key]
	if !known {
		return "", unsure
	}
	for _, v := range values {
		for _, want := range t.Values {
			if glob(want, v) || t.Key == "condition_part" && strings.Contains(v, want) {
				return v, yes
			}
		}
	}
	return "", no
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

// judge adds what the version says to a candidate.
func (f *facts) judge(c *candidate) {
	if !f.hasVersion {
		c.standing = stands(crash.VersionCannotTell, "the version of HAProxy is not known")
		return
	}
	c.standing = f.standing(c.sig)
	if c.standing.status == crash.Affected {
		c.gain(versionPoints, fmt.Sprintf("version %s lacks the fix (first in %s)", f.version.Raw, firstFix(c.sig, f.version.Branch())))
	}
}

// firstFix is the first release with the fix that the user of a branch can take.
func firstFix(s *sig.Signature, branch string) string {
	if z := sig.Of(s.Versions.Fixed, branch); z != "" {
		return z
	}
	return sig.Of(s.Versions.Fixed, "master")
}

// live says that the version may suffer from the bug.
func (c *candidate) live() bool {
	return c.standing.status == crash.Affected || c.standing.status == crash.VersionCannotTell
}
