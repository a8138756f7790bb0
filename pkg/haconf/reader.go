package haconf

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// directives are the words with which lines of HAProxy 2.0 to 3.5 begin, but for those of tune.
//
//go:embed data/directives.txt
var directives string

// maxDepth bounds .if within .if; HAProxy takes 1024.
const maxDepth = 1024

// reader reads lines.
type reader struct {
	*Config
	several  bool // files, so that a line is named with its file
	file     string
	number   int
	section  string // that the line is in, "" before the first
	split    splitter
	proxy    *proxy
	defaults map[string]*proxy // by their names
	latest   *proxy            // the last defaults section
	opened   []int             // lines of .if that are open
	long     []byte            // a line that is longer than the buffer
	machine  *Settings         // nil if nobody asks for them
}

func newReader(words []string, several bool) *reader {
	c := &Config{seen: map[string][]sight{}, words: map[string]sight{}, off: map[string]string{}}
	for _, w := range words {
		c.words[w] = sight{}
	}
	return &reader{Config: c, several: several, defaults: map[string]*proxy{}}
}

// begin begins a file: a section ends where its file does.
func (r *reader) begin() {
	r.Files++
	r.number, r.section, r.opened = 0, "", nil
	r.leave()
}

// end ends a file.
func (r *reader) end() error {
	for range r.opened {
		r.Broken++
	}
	if len(r.opened) > 0 {
		r.note(r.opened[0], ".if is not closed")
	}
	r.leave()
	if bad := r.Broken + r.Unknown; bad > 5 && 2*bad > r.Statements {
		return fmt.Errorf("%d of %d lines are no directives of HAProxy; is it its configuration?", bad, r.Statements)
	}
	return nil
}

// done ends the configuration.
func (r *reader) done() *Config {
	if r.off["thread-groups"] == "" {
		r.add("thread-groups", sight{use: MaybeUsed, as: "made by itself on machines with many CPUs", from: branch{3, 2}})
	}
	return r.Config
}

// place names the line that is read, without what it holds.
func (r *reader) place() string {
	if r.several {
		return filepath.Base(r.file) + ":" + strconv.Itoa(r.number)
	}
	return "line " + strconv.Itoa(r.number)
}

// note keeps where something is wrong.
func (r *reader) note(line int, what string) {
	const most = 5
	if len(r.Where) == most {
		return
	}
	at := r.number
	r.number = line
	r.Where = append(r.Where, r.place()+": "+what)
	r.number = at
}

// broken counts a line that HAProxy would refuse. What it was to say is not known: what lines
// that begin like it may use may be in use.
func (r *reader) broken(line []byte, err error) {
	r.Statements++
	r.Broken++
	r.note(r.number, err.Error())
	why := "a line that cannot be read, " + r.place()
	if first := bytes.Fields(line[:min(len(line), 256)]); len(first) > 0 {
		for _, rule := range table().starting(string(first[0])) {
			r.add(rule.feature, sight{use: MaybeUsed, as: why})
		}
	} else if r.every == "" {
		r.every = why
	}
	if r.anywhere == "" {
		r.anywhere = why
	}
}

// line reads a line. The error says that this is no configuration of HAProxy's.
func (r *reader) line(line []byte) error {
	words, err := r.split.split(line)
	if errors.Is(err, errBinary) {
		return fmt.Errorf("line %d: %w; a configuration is text", r.number, err)
	}
	if err != nil {
		if r.section == "" {
			return fmt.Errorf("line %d: %w, and no section begins before it%s", r.number, err, shape(line))
		}
		r.broken(line, err)
		return nil
	}
	switch {
	case len(words) == 0:
		return nil
	case len(words[0]) > 1 && words[0][0] == '.' && !strings.ContainsAny(words[0], holes):
		r.macro(words[0])
		return nil
	case strings.HasPrefix(words[0], "["): // the scope of what follows, in files of SPOE
		return nil
	case isSection(words[0]):
		r.Statements++
		r.enter(words)
	case r.section == "":
		return fmt.Errorf("line %d: no section begins here, as in a configuration of HAProxy%s", r.number, shape(line))
	default:
		r.Statements++
		r.statement(words)
	}
	if len(r.opened) > 0 {
		r.Conditional++
	}
	return nil
}

// macro reads a line that begins with a dot.
func (r *reader) macro(word string) {
	switch word {
	case ".if":
		if len(r.opened) < maxDepth {
			r.opened = append(r.opened, r.number)
			return
		}
	case ".elif", ".else":
		if len(r.opened) > 0 {
			return
		}
	case ".endif":
		if n := len(r.opened); n > 0 {
			r.opened = r.opened[:n-1]
			return
		}
	case ".notice", ".warning", ".alert", ".diag":
		return
	}
	r.Statements++
	r.Broken++
	r.note(r.number, "a directive with a dot that fits nowhere")
}

// statement reads a line of a section.
func (r *reader) statement(words []string) {
	negated := words[0] == "no" || words[0] == "default"
	if negated {
		if words = words[1:]; len(words) == 0 {
			return
		}
	}
	if strings.ContainsAny(words[0], holes) {
		if r.every == "" {
			r.every = "a line that begins with a variable, " + r.place()
		}
		return
	}
	if !table().isDirective(words[0]) && !r.free() {
		r.Unknown++
		r.note(r.number, "it begins with no directive that is known here")
		return
	}
	r.setting(words, negated)
	if r.machine != nil && r.section == "global" {
		r.machine.take(words, negated, len(r.opened) > 0)
	}
	if !negated {
		r.features(words)
		r.keywords(words)
	}
}

// free says that the lines of the section begin with names of one's own.
func (r *reader) free() bool { return r.section == "namespace_list" }

// features finds what a line uses. A name is nothing to go by.
func (r *reader) features(words []string) {
	switch words[0] {
	case "server", "server-template", "peer", "nameserver", "acl", "table", "mailer":
		if len(words) > 1 {
			words = slices.Clone(words)
			words[1] = ""
		}
	}
	for _, rule := range table().starting(words[0]) {
		if r.certain(rule.feature) {
			continue
		}
		if u := min(rule.use, rule.pattern.match(words)); u != NotUsed {
			r.see(rule.feature, u, rule.as(words))
		}
	}
}

// see keeps a sight of the line that is read.
func (r *reader) see(feature string, u Use, as string) {
	r.Config.add(feature, r.sight(u, as))
}

func (r *reader) sight(u Use, as string) sight {
	s := sight{use: u, as: fmt.Sprintf("%s in %s, %s", as, r.section, r.place()), file: r.file, line: r.number}
	if len(r.opened) > 0 {
		s.use = min(u, MaybeUsed)
		s.as += ", under .if"
	}
	return s
}

// keywords finds keywords, sample fetches and converters, wherever they stand.
func (r *reader) keywords(words []string) {
	t := table()
	values := t.values(words[0])
	for i, word := range words {
		if 0 < i && i < values {
			continue // names and addresses of one's own
		}
		if r.anywhere == "" && i > 0 && mayHold(word) {
			r.anywhere = "the value of a variable, " + r.place()
		}
		for name := range identifiers(word) {
			r.keyword(t, words[0], name)
		}
	}
}

func (r *reader) keyword(t *tables, first, name string) {
	for _, f := range t.words[name] {
		r.named(f, first, name)
	}
	for i := range t.globs {
		if g := &t.globs[i]; g.glob.fits(name) == Used {
			r.named(g.feature, first, g.glob.text)
		}
	}
	if s, asked := r.words[name]; asked && s.use != Used {
		if found := r.sight(Used, t.label(first, name)); found.use > s.use {
			r.words[name] = found
		}
	}
}

// named keeps a sight by a keyword.
func (r *reader) named(feature, first, name string) {
	if !r.certain(feature) {
		r.see(feature, Used, table().label(first, name))
	}
}

// mayHold says that a word has the value of a variable where a keyword may stand: alone, or
// where an expression is.
func mayHold(word string) bool {
	at := strings.IndexAny(word, holes)
	return at >= 0 && (len(word) == 1 || word[at] == gap || at > 0 && strings.IndexByte("[,({ ", word[at-1]) >= 0)
}

// identifiers gives the runs of what keywords are made of.
func identifiers(word string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start := 0
		for i := 0; i <= len(word); i++ {
			if i < len(word) && (lex.IsWord(word[i]) || word[i] == '-' || word[i] == '.') {
				continue
			}
			if i > start && !yield(word[start:i]) {
				return
			}
			start = i + 1
		}
	}
}
