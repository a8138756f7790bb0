package haconf

import (
	"slices"
	"strings"
	"sync"
)

// Word is a word of the vocabulary in which it is said what a bug needs.
type Word struct {
	Name, Means string
	// Without Open a feature that a configuration does not show is not in use. Open says
	// why it may be all the same: it is asked for elsewhere, or nobody can see it.
	Open string

	lines string // patterns of lines that use it, with ; between them
	hints string // patterns of lines that may use it
	words string // keywords, sample fetches and converters that use it, wherever they stand
	under string // the word without which it is nothing; alternatives with a bar
	built string // the option of the Makefile, without USE_, that builds it in
	// told says what haproxy -vv tells of it; nil for what is asked for by a configuration.
	told func(*Build) Answer
}

// Vocabulary gives all words, by group.
func Vocabulary() []Word { return table().all }

// Known says that a need is written in the words of the vocabulary: alternatives with a bar
// between them, each a word or word:NAME for a word that must stand in the configuration.
func Known(need string) bool {
	for w := range strings.SplitSeq(need, "|") {
		if name, is := strings.CutPrefix(w, named); is && name != "" {
			continue
		}
		if _, is := table().byName[w]; !is {
			return false
		}
	}
	return true
}

// named begins a need of a word that must stand in the configuration.
const named = "word:"

// rule is a pattern of a word.
type rule struct {
	feature string
	pattern pattern
	use     Use // at most
}

// tables is the vocabulary, ready to be asked.
type tables struct {
	all    []Word
	byName map[string]*Word
	first  map[string][]rule   // by the first word of a line
	begins []rule              // with a first word that has a *
	words  map[string][]string // features by a keyword
	globs  []keyword           // keywords with a *
	known  map[string]bool     // all first words of lines
	quic   pattern             // binds that are not TLS over TCP
}

type keyword struct {
	glob    glob
	feature string
}

var table = sync.OnceValue(func() *tables {
	t := &tables{byName: map[string]*Word{}, first: map[string][]rule{}, words: map[string][]string{}, known: map[string]bool{}, quic: parsePattern("bind " + atQUIC)}
	for _, group := range [...][]Word{protocols(), tls(), balancing(), servers(), content(), analysis(), process(), command(), moments(), platforms(), libraries()} {
		t.all = append(t.all, group...)
	}
	for i := range t.all {
		w := &t.all[i]
		t.byName[w.Name] = w
		t.rules(w.Name, w.lines, Used)
		t.rules(w.Name, w.hints, MaybeUsed)
		for k := range strings.FieldsSeq(w.words) {
			if strings.Contains(k, "*") {
				t.globs = append(t.globs, keyword{newGlob(k), w.Name})
			} else {
				t.words[k] = append(t.words[k], w.Name)
			}
		}
	}
	for name := range strings.FieldsSeq(directives) {
		t.known[name] = true
	}
	return t
})

func (t *tables) rules(feature, lines string, most Use) {
	for line := range strings.SplitSeq(lines, ";") {
		p := parsePattern(line)
		if len(p) == 0 {
			continue
		}
		for _, first := range p[0] {
			r := rule{feature, p, most}
			if first.star {
				t.begins = append(t.begins, r)
			} else {
				t.first[first.text] = append(t.first[first.text], r)
			}
		}
	}
}

// starting are the rules of lines that begin with a word.
func (t *tables) starting(first string) []rule {
	rules := t.first[first]
	for _, r := range t.begins {
		if anyOf(r.pattern[0], first) == Used {
			rules = append(rules[:len(rules):len(rules)], r)
		}
	}
	return rules
}

// tuning begins the directives that are in no list, there are so many.
const tuning = "tune."

func (t *tables) isDirective(first string) bool {
	return t.known[first] || strings.HasPrefix(first, tuning)
}

// label names what a line has of the vocabulary: its directive and a keyword. Nothing
// of it is the configuration's own.
func (t *tables) label(first, name string) string {
	switch {
	case first == name:
		return name
	case t.known[first]:
		return first + " … " + name
	}
	return name
}

// as is label for the words of a pattern: of alternatives the first that the line has.
func (r *rule) as(words []string) string {
	var out []string
	for i, token := range r.pattern {
		switch text := alternative(token, words[min(i, len(words)):]); text {
		case "..":
			out = append(out, "…")
		case "/":
			out = append(out, "/path")
		case "": // any word
		default:
			out = append(out, text)
		}
	}
	return strings.TrimSuffix(strings.Join(out, " "), " …")
}

func alternative(token []glob, words []string) string {
	found := token[0]
	for _, w := range words {
		if i := slices.IndexFunc(token, func(g glob) bool { return anyOf([]glob{g}, w) == Used }); i >= 0 {
			found = token[i]
			break
		}
	}
	return strings.TrimSuffix(found.text, "*")
}

// values is where in a line the names and addresses end that are one's own; none of them is
// a keyword.
func (t *tables) values(first string) int {
	switch first {
	case "bind", "dgram-bind", "acl", "table":
		return 2
	case "server", "peer", "nameserver":
		return 3
	case "server-template":
		return 4
	case "user", "group", "log", "description", "setenv", "presetenv", "uid", "gid", "chroot", "pidfile", "node", "errorfile",
		"ca-base", "crt-base", "key-base", "localpeer", "default_backend", "timeout", "stats", "email-alert", "mailer", "lua-load",
		"lua-load-per-thread", "lua-prepend-path", "maxconn", "fullconn", "command", "log-tag", "log-send-hostname":
		return maxWords
	}
	return 1
}
