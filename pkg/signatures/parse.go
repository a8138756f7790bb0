package signatures

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/hacrash/hacrash/pkg/fixes"
)

// Limits of a signature file. The deepest sound one nests six levels, and 128 kB
// hold a hundred signatures. goccy/go-yaml 1.19 takes time quadratic in the
// length of a line (8 s for 250 kB of "a, "), hence the limit on lines.
const (
	MaxFile    = 128 << 10
	maxLine    = 1024
	maxNesting = 16
	maxList    = 64
	maxText    = 4096
	maxSigs    = 2000
)

// Read reads a file of signatures. With problems the entries are those that could be
// read.
func Read(data []byte) (entries []Entry, problems []Problem) {
	if p, ok := tooWild(data); !ok {
		return nil, []Problem{p}
	}
	file, err := parseYAML(data)
	if err != nil {
		return nil, []Problem{syntax(err)}
	}
	r := reader{}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		seq, ok := doc.Body.(*ast.SequenceNode)
		if !ok {
			r.complain(doc.Body, "want a list of signatures, each beginning with \"- id:\"")
			continue
		}
		for _, n := range seq.Values {
			if len(entries) == maxSigs {
				r.complain(n, "more than %d signatures in one file", maxSigs)
				return entries, r.problems
			}
			before := len(r.problems)
			r.places = map[string]Place{}
			s := r.signature(n)
			if len(r.problems) == before {
				entries = append(entries, Entry{s, r.places})
			}
		}
	}
	return entries, r.problems
}

// parseYAML runs a large program that is not ours. Should it panic on some hostile file,
// that is a bad file and not the end of the run; a panic of ours is none of this.
//
// Keys that stand twice are found later; the check of the parser takes time quadratic in
// their number.
func parseYAML(data []byte) (file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("not readable as YAML: the parser failed: %v", r)
		}
	}()
	return parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
}

// tooWild refuses, before the YAML parser runs, what would make it recurse
// deeply or expand much.
func tooWild(data []byte) (Problem, bool) {
	if len(data) > MaxFile {
		return Problem{Line: 1, Col: 1, Text: fmt.Sprintf("%d bytes: a signature file has at most %d", len(data), MaxFile)}, false
	}
	line, col, flow, start := 1, 0, 0, true
	lead := 0
	for _, c := range data {
		col++
		switch c {
		case '\n':
			line, col, start, lead, flow = line+1, 0, true, 0, 0
			continue
		case '[', '{':
			flow++
		case ']', '}':
			flow--
		case 0:
			return Problem{Line: line, Col: col, Text: "zero byte: not a text file"}, false
		}
		if start && (c == '-' || c == '?' || c == ':') {
			lead++
		} else if c != ' ' {
			start = false
		}
		if col > maxLine {
			return Problem{Line: line, Col: col, Text: fmt.Sprintf("line of more than %d bytes", maxLine)}, false
		}
		if flow > maxNesting || lead > maxNesting || start && col > 8*maxNesting {
			return Problem{Line: line, Col: col, Text: "nested too deeply"}, false
		}
	}
	return Problem{}, true
}

// syntax takes the position out of a message of the parser: "[3:5] text".
func syntax(err error) Problem {
	p := Problem{Line: 1, Col: 1}
	first, _, _ := strings.Cut(err.Error(), "\n")
	if at, text, ok := strings.Cut(strings.TrimPrefix(first, "["), "] "); ok {
		l, c, _ := strings.Cut(at, ":")
		if n, err := strconv.Atoi(l); err == nil {
			p.Line = n
		}
		if n, err := strconv.Atoi(c); err == nil {
			p.Col = n
		}
		first = text
	}
	p.Text = first
	return p
}

// reader turns nodes into signatures and collects problems.
type reader struct {
	problems []Problem
	id       string
	places   map[string]Place // of the signature at hand
}

// mark keeps where a key stands.
func (r *reader) mark(path string, p pair) { r.places[path] = placeOf(p.at) }

func (r *reader) complain(n ast.Node, format string, args ...any) {
	at := placeOf(n)
	p := Problem{Line: at.Line, Col: at.Col, ID: r.id, Text: fmt.Sprintf(format, args...)}
	if len(r.problems) < 1000 {
		r.problems = append(r.problems, p)
	}
}

// pair is one key of a mapping.
type pair struct {
	key  string
	at   ast.Node
	node ast.Node
}

// mapping gives the pairs of a mapping in their order, each key once.
func (r *reader) mapping(n ast.Node) []pair {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		r.complain(n, "want keys and values here")
		return nil
	}
	if len(values) > maxList {
		r.complain(n, "%d keys: at most %d", len(values), maxList)
		return nil
	}
	var out []pair
	for _, v := range values {
		key, ok := r.scalar(v.Key)
		if !ok {
			continue
		}
		for _, p := range out {
			if p.key == key {
				r.complain(v.Key, "%s stands here twice", key)
			}
		}
		out = append(out, pair{key, v.Key, v.Value})
	}
	return out
}

// scalar gives the text of a plain or quoted scalar. Anchors, aliases, tags and
// merge keys are refused: nothing here needs them, and aliases can expand.
func (r *reader) scalar(n ast.Node) (string, bool) {
	switch s := n.(type) {
	case *ast.StringNode:
		return r.text(n, s.Value)
	case *ast.LiteralNode:
		return r.text(n, strings.TrimSpace(s.Value.Value))
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		// The text as written: 3.10 is a version, 0123456789 a commit.
		if t := n.GetToken(); t != nil {
			return r.text(n, t.Value)
		}
	case *ast.MappingKeyNode:
		r.complain(n, "\"?\" keys are not used here")
		return "", false
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		r.complain(n, "anchors, aliases and tags are not used here")
		return "", false
	}
	r.complain(n, "want a text or number here")
	return "", false
}

func (r *reader) text(n ast.Node, s string) (string, bool) {
	if len(s) > maxText {
		r.complain(n, "text of %d bytes: at most %d", len(s), maxText)
		return "", false
	}
	return strings.Join(strings.Fields(s), " "), true
}

// list gives the texts of a scalar or of a list of scalars.
func (r *reader) list(n ast.Node) []string {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		if s, ok := r.scalar(n); ok {
			return []string{s}
		}
		return nil
	}
	if len(seq.Values) > maxList {
		r.complain(n, "list of %d: at most %d", len(seq.Values), maxList)
		return nil
	}
	var out []string
	for _, v := range seq.Values {
		if s, ok := r.scalar(v); ok {
			out = append(out, s)
		}
	}
	return out
}

func (r *reader) tests(path string, n ast.Node, anyOf bool) (tests []Test, groups [][]Test) {
	for _, p := range r.mapping(n) {
		r.mark(path+"."+p.key, p)
		if p.key == "any_of" && anyOf {
			groups = r.groups(path+".any_of", p.node)
			continue
		}
		if points(p.key) == 0 {
			r.complain(p.at, "no such fact: %s", p.key)
			continue
		}
		t := Test{Key: p.key, Values: r.list(p.node)}
		if len(t.Values) == 0 {
			r.complain(p.at, "%s: no value", p.key)
			continue
		}
		for i, v := range t.Values {
			if strings.Trim(v, "*") == "" && v != "*" {
				r.complain(p.at, "%s: empty value", p.key)
			}
			if p.key == "condition" || p.key == "condition_part" {
				t.Values[i] = Condition(v)
			}
		}
		tests = append(tests, t)
	}
	return tests, groups
}

func (r *reader) groups(path string, n ast.Node) (out [][]Test) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.complain(n, "%s: want a list", path[strings.LastIndexByte(path, '.')+1:])
		return nil
	}
	if len(seq.Values) > maxList {
		r.complain(n, "%s: at most %d groups", path[strings.LastIndexByte(path, '.')+1:], maxList)
		return nil
	}
	for _, g := range seq.Values {
		if tests, _ := r.tests(fmt.Sprintf("%s.%d", path, len(out)), g, false); len(tests) > 0 {
			out = append(out, tests)
		}
	}
	return out
}

func (r *reader) releases(path string, n ast.Node) (out fixes.Releases) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default: // a bare version is that of master
		if s, ok := r.scalar(n); ok {
			r.version(n, s)
			return fixes.Releases{{Branch: "master", Version: s}}
		}
		return nil
	}
	for _, p := range r.mapping(n) {
		s, ok := r.scalar(p.node)
		if !ok {
			continue
		}
		r.mark(path+"."+p.key, p)
		r.version(p.node, s)
		if p.key != "master" && !strings.HasPrefix(s, p.key+".") {
			r.complain(p.node, "%s is not a release of branch %s", s, p.key)
		}
		out = append(out, fixes.BranchRelease{Branch: p.key, Version: s})
	}
	return out
}

func (r *reader) version(n ast.Node, s string) {
	if !isVersion(s) {
		r.complain(n, "%q: want a release such as 3.0.5 or 3.2-dev5", s)
	}
}

func (r *reader) bool(n ast.Node) bool {
	if b, ok := n.(*ast.BoolNode); ok {
		return b.Value
	}
	r.complain(n, "want true or false")
	return false
}
