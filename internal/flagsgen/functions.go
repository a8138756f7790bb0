package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// functionSources are what is linked into HAProxy. The programs beside it (halog, the
// tools in dev/ and most of contrib/) have names of their own.
var functionSources = []string{"src", "include", "ebtree", "addons", "contrib/prometheus-exporter", "contrib/opentracing",
	"contrib/mod_defender", "contrib/debug", "contrib/deviceatlas", "contrib/wurfl"}

// functions writes the table of functions of pkg/haproxy: all that any version had,
// whatever it was built with.
func functions(ctx context.Context, r repository, output string, log io.Writer) error {
	list, err := masterTags(ctx, r)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	macros := map[string]macro{}
	seen := map[string]bool{}
	for _, v := range list {
		objects, err := r.files(ctx, v.Raw, functionSources)
		if err != nil {
			return err
		}
		objects = slices.DeleteFunc(objects, func(o string) bool { return seen[o] })
		var files [][]byte
		err = r.contents(ctx, objects, func(object string, data []byte) {
			seen[object] = true
			code := separate(slices.Clone(data), macros)
			files = append(files, code)
		})
		if err != nil {
			return err
		}
		// The macros of all files are known only now.
		for _, code := range files {
			definitions(tokenize(code), macros, names, 0)
		}
	}
	for name := range names {
		if common(name) {
			delete(names, name)
		}
	}
	data, err := haproxy.EncodeFunctions(names)
	if err != nil {
		return err
	}
	if err := os.WriteFile(output, data, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(log, "%s: %d functions of %d versions, %d bytes\n", output, len(names), len(list), len(data))
	return nil
}

// macro is one with arguments.
type macro struct {
	params []string
	body   []token
}

// Tokens that stand for the preprocessor's conditions.
const (
	condIf    = "\x01"
	condElse  = "\x02"
	condEndif = "\x03"
	column0   = "\x04" // the closing brace that follows is the first of its line
)

// separate gives the code of a file without directives, conditions as tokens, and puts
// the macros with arguments among the others. An older definition stays if it pastes names.
func separate(src []byte, macros map[string]macro) []byte {
	if len(src) > maxSource {
		src = src[:maxSource]
	}
	var code []byte
	for line := range strings.Lines(string(plain(src))) {
		body, ok := directive([]byte(line))
		if !ok {
			if line[0] == '}' {
				code = append(code, column0...)
			}
			code = append(code, line...)
			continue
		}
		t := tokenize(body)
		if len(t) == 0 {
			continue
		}
		switch t[0].text {
		case "if", "ifdef", "ifndef":
			code = append(code, condIf...)
		case "else", "elif":
			code = append(code, condElse...)
		case "endif":
			code = append(code, condEndif...)
		case "define":
			if name, m, ok := parseMacro(t); ok {
				macros[name] = m
			}
		}
	}
	return code
}

func parseMacro(t []token) (string, macro, bool) {
	if len(t) < 4 || t[1].kind != word || t[2].text != "(" || t[2].at != t[1].at+len(t[1].text) {
		return "", macro{}, false
	}
	var m macro
	i := 3
	for ; i < len(t) && t[i].text != ")"; i++ {
		if t[i].kind == word {
			m.params = append(m.params, t[i].text)
		}
	}
	m.body = t[min(i+1, len(t)):]
	return t[1].text, m, len(m.body) > 0 && len(m.body) < 4*maxTokens
}

// definitions puts the names of the functions that t defines into names. Macros are
// expanded where they stand outside of any function.
func definitions(t []token, macros map[string]macro, names map[string]bool, level int) {
	depth, start := 0, 0
	var conds []int
	for i := 0; i < len(t); i++ {
		switch t[i].text {
		case condIf:
			conds = append(conds, depth)
		case condElse:
			if len(conds) > 0 {
				depth = conds[len(conds)-1] // both branches open the same block
			}
		case condEndif:
			if len(conds) > 0 {
				conds = conds[:len(conds)-1]
			}
		case "{":
			if depth == 0 {
				head := t[start:i]
				if external(head) {
					start = i + 1
					continue
				}
				if name := headName(head, macros, level); name != "" {
					names[name] = true
				}
			}
			depth++
		case column0:
			depth = min(depth, 1)
		case "}":
			depth = max(depth-1, 0)
			if depth == 0 {
				start = i + 1
			}
		case ";":
			if depth == 0 {
				expandStatement(t[start:i], macros, names, level)
				start = i + 1
			}
		}
	}
	if depth == 0 && level > 0 {
		expandStatement(t[start:], macros, names, level)
	}
}

func external(head []token) bool {
	head = slices.DeleteFunc(slices.Clone(head), isMark)
	return len(head) == 2 && head[0].text == "extern" && head[1].text[0] == '"'
}

func isMark(t token) bool { return t.text[0] < ' ' }

// headName gives the name of the function whose head stands before a brace.
func headName(head []token, macros map[string]macro, level int) string {
	head = slices.DeleteFunc(slices.Clone(head), isMark)
	for i := 0; i+1 < len(head); i++ {
		if head[i].text == "=" {
			return ""
		}
		if head[i].text == "(" { // of an attribute
			i = closing(head, i)
			continue
		}
		if head[i].kind != word || head[i+1].text != "(" {
			continue
		}
		end := closing(head, i+1)
		name := head[i].text
		if m, ok := macros[name]; ok && level < 8 {
			expanded := expand(m, head[i+2:min(end, len(head))])
			if n := headName(append(slices.Clone(expanded), head[min(end+1, len(head)):]...), macros, level+1); n != "" {
				return n
			}
			i = end
			continue
		}
		if strings.HasPrefix(name, "__attribute") || strings.ToUpper(name) == name || end >= len(head) {
			i = end
			continue
		}
		switch name {
		case "if", "for", "while", "switch", "return", "sizeof", "asm", "__asm__", "typeof", "__typeof__":
			return ""
		}
		return name
	}
	return ""
}

// expandStatement expands a macro that stands for whole definitions.
func expandStatement(s []token, macros map[string]macro, names map[string]bool, level int) {
	s = slices.DeleteFunc(slices.Clone(s), isMark)
	for i := 0; i+1 < len(s) && level < 8; i++ {
		m, ok := macros[s[i].text]
		if !ok || s[i+1].text != "(" {
			return
		}
		end := closing(s, i+1)
		definitions(expand(m, s[i+2:min(end, len(s))]), macros, names, level+1)
		i = end
	}
}

// closing gives the place of the parenthesis that closes the one at t[i], or the end.
func closing(t []token, i int) int {
	for depth := 0; i < len(t); i++ {
		switch t[i].text {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// expand puts arguments in place of a macro's parameters, and joins what ## joins.
func expand(m macro, args []token) []token {
	values := map[string][]token{}
	at, depth := 0, 0
	for _, a := range args {
		switch a.text {
		case "(":
			depth++
		case ")":
			depth--
		case ",":
			if depth == 0 {
				at++
				continue
			}
		}
		if at < len(m.params) {
			values[m.params[at]] = append(values[m.params[at]], a)
		}
	}
	known := map[string]bool{}
	for _, p := range m.params {
		known[p] = true
	}
	var out []token
	paste := false
	for i := 0; i < len(m.body) && len(out) < 20*maxTokens; i++ {
		b := m.body[i]
		if b.text == "#" && i+1 < len(m.body) && m.body[i+1].text == "#" {
			paste = true
			i++
			continue
		}
		piece := []token{b}
		if known[b.text] {
			piece = values[b.text]
		}
		if paste && len(piece) > 0 && len(out) > 0 {
			out[len(out)-1].text += piece[0].text
			piece = piece[1:]
		}
		paste = paste && len(piece) == 0 && known[b.text] && len(values[b.text]) == 0
		out = append(out, piece...)
	}
	return out
}
