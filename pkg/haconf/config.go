package haconf

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Config is what a configuration uses. Of its words it holds those of the vocabulary alone.
type Config struct {
	// Files and Statements are how many were read.
	Files, Statements int
	// Conditional are statements between .if and .endif. None is evaluated: both
	// branches count, as possible.
	Conditional int
	// Broken are lines that HAProxy would refuse for their form, Unknown those that begin
	// with no directive that is known here; Where are the first of both.
	Broken, Unknown int
	Where           []string

	seen  map[string][]sight
	words map[string]sight
	// every is why any feature may be in use though no line shows it: a line that
	// begins with a variable; anywhere why any keyword may.
	every, anywhere string
	off             map[string]string // why a feature that is usually on is not in use
}

// sight is a line that uses a feature, or may.
type sight struct {
	use Use
	// as is what the line has of the vocabulary: "bind quic4@ in frontend, line 12".
	as   string
	file string
	line int
	// from is the first branch of which it is true, until the first of which it is no
	// longer: defaults change.
	from, until branch
}

// branch is a branch of HAProxy; zero is none.
type branch struct{ major, minor int }

func (s *sight) counts(v haproxy.Version) bool {
	b := branch{v.Major, v.Minor}
	if v.Raw == "" {
		return true
	}
	return (s.from == branch{} || b.compare(s.from) >= 0) && (s.until == branch{} || b.compare(s.until) < 0)
}

func (b branch) compare(o branch) int {
	return cmp.Or(cmp.Compare(b.major, o.major), cmp.Compare(b.minor, o.minor))
}

// add keeps the first sight of each strength.
func (c *Config) add(feature string, s sight) {
	if s.use == NotUsed {
		return
	}
	same := func(o sight) bool { return o.use >= s.use && o.from == s.from && o.until == s.until }
	if !slices.ContainsFunc(c.seen[feature], same) {
		c.seen[feature] = append(c.seen[feature], s)
	}
}

// certain says that a feature is known to be in use in every version, so that nothing that
// follows can add to that.
func (c *Config) certain(feature string) bool {
	for _, s := range c.seen[feature] {
		if s.use == Used && s.from == (branch{}) && s.until == (branch{}) {
			return true
		}
	}
	return false
}

// feature judges a word that a configuration tells.
func (c *Config) feature(w *Word, v haproxy.Version) Answer {
	if c == nil {
		return Answer{Use: MaybeUsed, Why: "no configuration is given"}
	}
	var best Answer
	for _, s := range c.seen[w.Name] {
		if s.use > best.Use && s.counts(v) {
			best = Answer{s.use, s.as, s.file, s.line}
			if s.from != (branch{}) && v.Raw == "" {
				best.Use, best.Why = MaybeUsed, fmt.Sprintf("%s, since %d.%d", s.as, s.from.major, s.from.minor)
			}
		}
	}
	switch {
	case best.Use != NotUsed:
		return best
	case c.off[w.Name] != "":
		return Answer{Use: NotUsed, Why: c.off[w.Name]}
	case w.Open != "":
		return Answer{Use: MaybeUsed, Why: w.Open}
	case c.every != "":
		return Answer{Use: MaybeUsed, Why: c.every}
	}
	return Answer{Use: NotUsed, Why: "not in the configuration"}
}

// has judges a word that must stand in the configuration.
func (c *Config) has(word string) Answer {
	if c == nil {
		return Answer{Use: MaybeUsed, Why: "no configuration is given"}
	}
	if s, is := c.words[word]; is && s.use != NotUsed {
		return Answer{s.use, s.as, s.file, s.line}
	} else if !is {
		return Answer{Use: MaybeUsed, Why: "the word was not looked for"}
	}
	switch {
	case c.every != "":
		return Answer{Use: MaybeUsed, Why: c.every}
	case c.anywhere != "":
		return Answer{Use: MaybeUsed, Why: c.anywhere}
	case luaCalls(word) && len(c.seen["lua"]) > 0:
		return Answer{Use: MaybeUsed, Why: "a script in Lua may use it"}
	}
	return Answer{Use: NotUsed, Why: "not in the configuration"}
}

// luaCalls says that scripts can call it: sample fetches and converters have no hyphens,
// directives and actions nearly always have, or a dot after tune.
func luaCalls(word string) bool {
	for i := range len(word) {
		if word[i] == '-' {
			return false
		}
	}
	return len(word) < 5 || word[:5] != "tune."
}
