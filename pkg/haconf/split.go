package haconf

import (
	"bytes"
	"errors"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// What stands in a word for text that is not in the file: the value of an environment
// variable. A hole is within one word; a gap may be any number of words. Neither
// can be in a file: a line with such a byte is refused.
const (
	hole  = '\x00'
	gap   = '\x01'
	holes = "\x00\x01"
)

// maxWords bounds the words of a line. HAProxy takes 64.
const maxWords = 2048

// What is wrong with a line. HAProxy refuses such lines too.
var (
	errQuote    = errors.New("a quote is not closed")
	errHex      = errors.New(`\x is not followed by two hexadecimal digits`)
	errVariable = errors.New("no name follows the $ of a variable")
	errBrace    = errors.New("the brace of a variable is not closed")
	errMany     = errors.New("too many words")
	errBinary   = errors.New("a control character")
)

// splitter cuts lines into words as HAProxy does: blanks separate, a backslash, double and
// single quotes protect, # begins a comment. A line ends where it ends: HAProxy has
// no continuation, a backslash before the end is a backslash.
type splitter struct {
	in     []byte
	at     int
	text   []byte // the words, one after the other
	ends   []int
	inWord bool
	quote  byte // that is open, or 0
	words  []string
	start  int      // of the word that is read, as it is written
	spans  [][2]int // of the words, as they are written
}

// split gives the words of a line. They are good until the next call.
func (s *splitter) split(line []byte) ([]string, error) {
	s.in, s.at, s.text, s.ends, s.inWord = line, 0, s.text[:0], s.ends[:0], false
	s.quote, s.spans = 0, s.spans[:0]
	if err := s.scan(); err != nil {
		return nil, err
	}
	all := string(s.text)
	s.words = s.words[:0]
	start := 0
	for _, end := range s.ends {
		s.words = append(s.words, all[start:end])
		start = end
	}
	return s.words, nil
}

func (s *splitter) scan() error {
	for ; s.at < len(s.in); s.at++ {
		c := s.in[s.at]
		if !s.inWord && s.quote == 0 {
			s.start = s.at
		}
		var err error
		switch {
		case c < ' ' && !blank(c):
			return errBinary
		case s.quote != 0:
			err = s.quoted(c)
		case c == '#' || c == '\r':
			return s.end()
		case blank(c):
			err = s.end()
		case c == '"' || c == '\'':
			s.quote = c
		case c == '\\':
			err = s.escape()
		default:
			s.emit(c)
		}
		if err != nil {
			return err
		}
	}
	if s.quote != 0 {
		return errQuote
	}
	return s.end()
}

func blank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' && c != '\n' }

// quoted reads a byte between quotes. What is quoted is a word, also if it is empty.
func (s *splitter) quoted(c byte) error {
	switch {
	case c == s.quote:
		s.quote, s.inWord = 0, true
	case s.quote == '"' && c == '\\':
		return s.escape()
	case s.quote == '"' && c == '$':
		return s.variable()
	default:
		s.emit(c)
	}
	return nil
}

func (s *splitter) emit(c byte) {
	s.text = append(s.text, c)
	s.inWord = true
}

// end ends a word, if there is one.
func (s *splitter) end() error {
	if !s.inWord {
		return nil
	}
	if len(s.ends) == maxWords {
		return errMany
	}
	s.ends = append(s.ends, len(s.text))
	s.spans = append(s.spans, [2]int{s.start, s.at})
	s.inWord = false
	return nil
}

// peek is the byte so far behind the present one, 0 behind the end.
func (s *splitter) peek(n int) byte {
	if s.at+n < len(s.in) {
		return s.in[s.at+n]
	}
	return 0
}

// escape reads what follows a backslash. Before anything else it is a backslash.
func (s *splitter) escape() error {
	c := s.peek(1)
	switch c {
	case ' ', '\\', '#', '\'', '"':
	case '$':
		if s.quote == 0 {
			s.emit('\\')
			return nil
		}
	case 't', 'n', 'r':
		c = ' ' // a blank within the word: nothing here asks which
	case 'x':
		if !lex.IsHex(s.peek(2)) || !lex.IsHex(s.peek(3)) {
			return errHex
		}
		c = digit(s.peek(2))<<4 | digit(s.peek(3))
		if c == hole || c == gap {
			return errBinary
		}
		s.at += 2
	default:
		s.emit('\\')
		return nil
	}
	s.emit(c)
	s.at++
	return nil
}

func digit(c byte) byte {
	if lex.IsDigit(c) {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// variable reads $NAME, ${NAME}, ${NAME-default} or ${NAME[*]}. Neither the environment nor
// the default is what the process had, for all that is known here.
func (s *splitter) variable() error {
	start := s.at + 1
	braced := s.peek(1) == '{'
	if braced {
		start++
	}
	end := start
	if end < len(s.in) && s.in[end] == '.' {
		end++
	}
	for end < len(s.in) && lex.IsWord(s.in[end]) {
		end++
	}
	if end == start || lex.IsDigit(s.in[start]) {
		return errVariable
	}
	fill := byte(hole)
	name := string(s.in[start:end])
	if braced {
		if bytes.HasPrefix(s.in[end:], []byte("[*]")) {
			fill, end = gap, end+len("[*]")
		}
		if bytes.HasPrefix(s.in[end:], []byte("-")) {
			end += max(bytes.IndexByte(s.in[end:], '}'), 0)
		}
		if !bytes.HasPrefix(s.in[end:], []byte("}")) {
			return errBrace
		}
		end++
	}
	s.at = end - 1
	s.inWord = true
	// HAProxy sets these to its own formats of log lines.
	if !strings.HasPrefix(name, "HAPROXY_") || !strings.HasSuffix(name, "_LOG_FMT") {
		s.emit(fill)
	}
	return nil
}
