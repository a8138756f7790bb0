package haconf

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Setup is what is known of one HAProxy: its version, its configuration, its build. Each of
// them may be unknown, and then much may be in use.
type Setup struct {
	Version haproxy.Version
	Config  *Config
	Build   *Build
	// Shown are features that the process itself shows in use, or not in use. That goes before
	// what a configuration says.
	Shown map[string]bool
}

// Answer says whether a need is met, and why, in words that are none of the configuration's.
type Answer struct {
	Use Use
	Why string
	// File and Line are where a configuration uses it, if a line does.
	File string
	Line int
}

// Uses judges a need: alternatives with a bar between them, of which the likeliest counts.
func (s *Setup) Uses(need string) Answer {
	var best Answer
	for w := range strings.SplitSeq(need, "|") {
		a := s.word(w)
		if a.Use > best.Use || best.Why == "" {
			best = a
		}
	}
	return best
}

// All judges needs that must all be met: the least of them counts. The answers are in
// their order.
func (s *Setup) All(needs []string) (Use, []Answer) {
	least := Used
	answers := make([]Answer, len(needs))
	for i, n := range needs {
		answers[i] = s.Uses(n)
		least = min(least, answers[i].Use)
	}
	return least, answers
}

func (s *Setup) word(name string) Answer {
	if word, is := strings.CutPrefix(name, named); is {
		return s.Config.has(word)
	}
	w, is := table().byName[name]
	if !is {
		return Answer{Use: MaybeUsed, Why: "not a word of the vocabulary"}
	}
	a := s.own(w)
	if a.Use == NotUsed || w.under == "" {
		return a
	}
	if p := s.Uses(w.under); p.Use < a.Use {
		return p
	}
	return a
}

// own judges a word without the one that it is under.
func (s *Setup) own(w *Word) Answer {
	if is, shown := s.Shown[w.Name]; shown {
		return yes(is, "by the process's own proxies")
	}
	if s.Build != nil && s.Build.Without(w.built) {
		return Answer{Use: NotUsed, Why: "built without " + w.built}
	}
	if w.told != nil {
		if s.Build == nil {
			return Answer{Use: MaybeUsed, Why: untold}
		}
		return w.told(s.Build)
	}
	a := s.Config.feature(w, s.Version)
	if w.Name == "threads" && a.Use == MaybeUsed && s.Build != nil && s.Build.threads > 0 {
		return yes(s.Build.threads > 1, "by the default that haproxy -vv tells")
	}
	return a
}

// Used are the features that are used for certain, by the order of the vocabulary.
func (s *Setup) Used() []string {
	out := []string{}
	for _, w := range Vocabulary() {
		if s.word(w.Name).Use == Used {
			out = append(out, w.Name)
		}
	}
	return out
}
