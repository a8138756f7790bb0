package logparse

import (
	"bytes"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

// A listing is a text of any kind, each line of which some tool put a column before: the name
// of the file that was searched, the number of the line, the blanks that set code apart. What
// is behind it is read as if it stood alone. (Where only some lines have such a prefix, type
// shipper takes it off those that are certain.)

// Of a listing: lines that are looked at, and how many it has at least.
const (
	maxListed = 64
	minListed = 3
)

// listing says which columns there are.
type listing struct {
	files    []string // names that stand before lines
	numbered bool
	indent   string
}

// listingOf looks at the first lines of an input.
func listingOf(head []byte) listing {
	var lines []string
	for raw := range bytes.Lines(head[:min(len(head), headBytes)]) {
		if len(lines) == maxListed {
			break
		}
		if s := strings.TrimRight(string(raw), "\r\n"); s != "" && s != "--" { // grep's mark of a gap
			lines = append(lines, s)
		}
	}
	l := listing{files: searched(lines)}
	if l.files != nil {
		for i, s := range lines {
			lines[i] = l.cutFile(s)
		}
	}
	if len(lines) < minListed {
		l.numbered = len(lines) > 0 && counted(lines) && strings.HasPrefix(strings.TrimLeft(lines[0], " "), "1\t")
		return l
	}
	l.numbered = counted(lines)
	if l.files == nil && !l.numbered {
		l.indent = indentation(lines)
	}
	return l
}

// searched gives the names of files that all lines begin with, nil if not all do.
func searched(lines []string) []string {
	var names []string
	for _, s := range lines {
		name, _, ok := strings.Cut(s, ":")
		if ok && len(name) <= maxPrefix && logFile(name) && !strings.ContainsAny(name, " \t\"") && !envelope.Elsewhere(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	l := listing{files: names}
	for _, s := range lines {
		if l.cutFile(s) == s {
			return nil
		}
	}
	return names
}

// cutFile takes off the name of a file, behind which grep puts ':' or '-'.
func (l *listing) cutFile(s string) string {
	for _, name := range l.files {
		if rest, ok := strings.CutPrefix(s, name); ok && rest != "" && (rest[0] == ':' || rest[0] == '-') {
			return rest[1:]
		}
	}
	return s
}

// counted says that lines are numbered, one by one or, as grep -n does it, with gaps.
func counted(lines []string) bool {
	last := 0
	for i, s := range lines {
		n, size := lineNumber(s)
		if size == 0 || i > 0 && (n <= last || n > last+1 && s[size-1] != ':' && s[size-1] != '-') {
			return false
		}
		last = n
	}
	return true
}

// lineNumber reads the number of a line, and what is between it and the line.
func lineNumber(s string) (n, size int) {
	for size < len(s) && s[size] == ' ' {
		size++
	}
	from := size
	for size < len(s) && size-from < 7 && lex.IsDigit(s[size]) {
		n = n*10 + int(s[size]-'0')
		size++
	}
	if size == from || size > 10 {
		return 0, 0
	}
	if size == len(s) {
		return n, size // an empty line, without blanks at its end
	}
	switch s[size] {
	case ':', '-', '\t', ' ':
		return n, size + 1
	}
	return 0, 0
}

// indentation is what all lines begin with, if it is enough to set code apart and no dump's own.
func indentation(lines []string) string {
	indent := lines[0][:len(lines[0])-len(strings.TrimLeft(lines[0], " \t"))]
	for _, s := range lines {
		for !strings.HasPrefix(s, indent) {
			indent = indent[:len(indent)-1]
		}
	}
	if len(indent) < 4 && !strings.HasPrefix(indent, "\t") {
		return ""
	}
	dec := envelope.NewDecoder()
	for i, s := range lines {
		for _, l := range dec.Decode([]byte(s[len(indent):]), int64(i+1), nil) {
			if l.Format != envelope.Plain || flush(l.Text) {
				return indent
			}
		}
	}
	return ""
}

// strip takes the columns off a line.
func (l *listing) strip(raw []byte) []byte {
	if l.files != nil {
		raw = raw[len(raw)-len(l.cutFile(string(raw))):]
	}
	if l.numbered {
		_, size := lineNumber(string(raw[:min(len(raw), 16)]))
		raw = raw[size:]
	}
	return bytes.TrimPrefix(raw, []byte(l.indent))
}
