package sentences

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/hacrash/hacrash/pkg/haconf"
)

// maxText is how many characters a sentence, and a workaround, may have.
const maxText = 90

// entry is a sentence as it is written.
type entry struct {
	Commit     string   `yaml:"commit"`
	Text       string   `yaml:"text"`
	Needs      []string `yaml:"needs"`
	Workaround string   `yaml:"workaround"`
	Crash      *bool    `yaml:"crash"`
}

// ReadDir reads every *.yaml of a directory. The error has a line for each thing that is
// wrong with the form.
func ReadDir(dir fs.FS) ([]Sentence, error) {
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no *.yaml with sentences there")
	}
	var all []Sentence
	var problems []string
	where := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseBytes(text, 0)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, doc := range file.Docs {
			list, ok := doc.Body.(*ast.SequenceNode)
			if !ok {
				return nil, fmt.Errorf("%s: want a list of sentences, each beginning with \"- commit:\"", name)
			}
			for _, n := range list.Values {
				at := fmt.Sprintf("%s:%d", name, n.GetToken().Position.Line)
				s, wrong := read(n)
				if first := where[s.Commit]; first != "" {
					wrong = append(wrong, "stands in "+first+" too")
				}
				where[s.Commit] = at
				for _, w := range wrong {
					problems = append(problems, at+": "+s.Commit+" "+w)
				}
				all = append(all, s)
			}
		}
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(problems, "\n"))
	}
	slices.SortFunc(all, func(a, b Sentence) int { return cmp.Compare(a.Commit, b.Commit) })
	return all, nil
}

func read(n ast.Node) (s Sentence, wrong []string) {
	var e entry
	if err := yaml.NodeToValue(n, &e, yaml.Strict()); err != nil {
		return s, []string{err.Error()}
	}
	s = Sentence{Commit: e.Commit, Text: e.Text, Needs: e.Needs, Workaround: e.Workaround, NotCrash: e.Crash != nil && !*e.Crash}
	return s, Form(s)
}

// Form says what is wrong with the form of a sentence.
func Form(s Sentence) (wrong []string) {
	if len(s.Commit) != digits || strings.Trim(s.Commit, "0123456789abcdef") != "" {
		wrong = append(wrong, fmt.Sprintf("commit: want %d digits", digits))
	}
	wrong = append(wrong, line("text", s.Text)...)
	if s.Workaround != "" {
		wrong = append(wrong, line("workaround", s.Workaround)...)
	}
	for _, need := range s.Needs {
		if !haconf.Known(need) {
			wrong = append(wrong, fmt.Sprintf("needs: %q is not in the vocabulary", need))
		}
	}
	return wrong
}

// line checks a text that is to be one line.
func line(key, text string) (wrong []string) {
	if n := len([]rune(text)); n > maxText {
		wrong = append(wrong, fmt.Sprintf("%s: %d characters: at most %d", key, n, maxText))
	}
	if text == "" || text[0] >= 'a' && text[0] <= 'z' || !strings.HasSuffix(text, ".") || strings.ContainsAny(text, "\n\t") {
		wrong = append(wrong, key+": want one sentence, with a capital and a full stop")
	}
	return wrong
}
