package history

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// touched is what the difference of one commit touches.
type touched struct {
	files, changed, called []string
	words                  []string // identifiers on changed lines that some BUG_ON has
}

// wordSet collects words in the order in which they come.
type wordSet struct {
	list []string
	seen map[string]bool
}

func (s *wordSet) add(w string) {
	if w == "" || s.seen[w] {
		return
	}
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[w] = true
	s.list = append(s.list, w)
}

func (s *wordSet) sorted() []string {
	slices.Sort(s.list)
	return s.list
}

// Limits on what one commit may say: a commit that touches more than that, such as
// a change of style, says nothing about where a bug was.
const (
	maxFiles  = 60
	maxCalled = 60
	maxWords  = 60
	maxLine   = 4 << 10
)

// difference reads the output of git log -p -U0 of one commit after the other.
// Each begins with a line of "commit " and its hash.
type difference struct {
	conditions map[string]bool // identifiers that occur in some BUG_ON
	done       func(hash string, t touched)

	hash                          string
	files, changed, called, words wordSet
	source                        bool   // the file is C
	header                        string // function that git printed behind @@
	current                       [2]string
	inComment                     [2]bool
}

func (d *difference) read(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := readLine(in)
		if len(line) > 0 || err == nil {
			d.line(line)
		}
		if err == io.EOF {
			d.flush()
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// readLine reads a line and cuts it to maxLine bytes.
func readLine(in *bufio.Reader) (string, error) {
	var b []byte
	for {
		part, err := in.ReadSlice('\n')
		if n := maxLine - len(b); n > 0 {
			b = append(b, part[:min(n, len(part))]...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		return string(bytes.TrimRight(b, "\r\n")), err
	}
}

func (d *difference) line(s string) {
	switch {
	case strings.HasPrefix(s, "commit "):
		d.flush()
		d.hash = s[len("commit "):]
	case strings.HasPrefix(s, "diff --git "):
		d.source = false
		if _, name, ok := strings.Cut(s, " b/"); ok && (strings.HasSuffix(name, ".c") || strings.HasSuffix(name, ".h")) {
			d.source = true
			d.files.add(name)
		}
	case !d.source, strings.HasPrefix(s, "--- "), strings.HasPrefix(s, "+++ "):
	case strings.HasPrefix(s, "@@ "):
		d.header = ""
		if i := strings.Index(s[3:], "@@ "); i >= 0 {
			d.header = functionName(s[3+i+3:])
		}
		d.current = [2]string{d.header, d.header}
		d.inComment = [2]bool{}
	case strings.HasPrefix(s, "-"):
		d.changedLine(0, s[1:])
	case strings.HasPrefix(s, "+"):
		d.changedLine(1, s[1:])
	}
}

// changedLine looks at one line of one side of a hunk. A line that is indented
// belongs to the function it stands in; one that begins in the first column begins
// or ends one.
func (d *difference) changedLine(side int, s string) {
	code := d.code(side, s)
	trimmed := strings.TrimSpace(code)
	if trimmed == "" {
		return
	}
	definition := ""
	switch c := code[0]; {
	case c == '}':
		d.current[side] = ""
	case c == '\t' || c == ' ':
		d.changed.add(d.current[side])
	case c == '#' || c == '{' || strings.HasSuffix(trimmed, ":"):
	default:
		if definition = functionName(code); definition != "" && !strings.HasSuffix(trimmed, ";") {
			d.current[side] = definition
			d.changed.add(definition)
		} else if !strings.Contains(code, "(") {
			d.current[side] = "" // a variable or a type between functions
		}
	}
	d.mentioned(code, definition)
}

// mentioned takes the words and calls of a line; definition is the function that it
// begins, if it does.
func (d *difference) mentioned(code, definition string) {
	for end, word := range lex.Words(code) {
		if lex.IsDigit(word[0]) {
			continue
		}
		if d.conditions[word] {
			d.words.add(word)
		}
		if end < len(code) && code[end] == '(' && word != definition && isFunction(word) {
			d.called.add(word)
		}
	}
}

// code is a line without its comments and texts.
func (d *difference) code(side int, s string) string {
	if t := strings.TrimLeft(s, " \t"); !d.inComment[side] && (strings.HasPrefix(t, "* ") || t == "*" || t == "*/") {
		return "" // the rest of a comment that began before the hunk
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch rest := s[i:]; {
		case d.inComment[side]:
			end := strings.Index(rest, "*/")
			if end < 0 {
				return b.String()
			}
			d.inComment[side] = false
			i += end + 1
		case strings.HasPrefix(rest, "/*"):
			d.inComment[side] = true
			i++
		case strings.HasPrefix(rest, "//"):
			return b.String()
		case rest[0] == '"':
			i++
			for i < len(s) && s[i] != '"' {
				if s[i] == '\\' {
					i++
				}
				i++
			}
			b.WriteString(`""`)
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// functionName is the function that a line in the first column defines: the name
// before the first bracket. Macros such as INITCALL1 and types are none.
func functionName(s string) string {
	i := strings.IndexByte(s, '(')
	if i <= 0 || strings.Contains(s[:i], "=") {
		return ""
	}
	n := i
	for n > 0 && (s[n-1] == ' ' || s[n-1] == '\t') {
		n--
	}
	start := n
	for start > 0 && lex.IsWord(s[start-1]) {
		start--
	}
	name := s[start:n]
	if name == "__attribute__" || name == "" {
		// static void __attribute__((noinline)) foo(int a)
		depth := 0
		for ; i < len(s); i++ {
			if s[i] == '(' {
				depth++
			} else if s[i] == ')' {
				if depth--; depth == 0 {
					return functionName(strings.TrimLeft(s[i+1:], " \t"))
				}
			}
		}
		return ""
	}
	if !isFunction(name) {
		return ""
	}
	return name
}

// isFunction says whether a name before a bracket is a function: it has a small
// letter, and is no word of C. HAProxy's macros are in capitals.
func isFunction(s string) bool {
	if len(s) < 3 || len(s) > 80 || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	switch s {
	case "for", "while", "switch", "return", "sizeof", "typeof", "__typeof__", "offsetof", "defined", "else", "case",
		"container_of", "likely", "unlikely", "__attribute__", "asm", "volatile", "__builtin_expect", "alignof",
		"goto", "void", "int", "char", "long", "unsigned", "struct", "const", "static":
		return false
	}
	return strings.ToUpper(s) != s
}

func (d *difference) flush() {
	if d.hash != "" {
		t := touched{files: d.files.sorted(), changed: d.changed.sorted(), called: d.called.sorted(), words: d.words.sorted()}
		if len(t.files) > maxFiles {
			t = touched{files: t.files[:maxFiles]}
		}
		if len(t.called) > maxCalled {
			t.called = nil
		}
		if len(t.words) > maxWords {
			t.words = nil
		}
		d.done(d.hash, t)
	}
	*d = difference{conditions: d.conditions, done: d.done}
}
