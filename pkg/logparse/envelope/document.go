package envelope

import "strings"

// Bounds of a JSON document.
const (
	maxNesting = 64
	maxCells   = 8   // values of an array that wait for its end
	maxHeld    = 256 // texts that wait for what the objects around them say
	maxHeldLen = 256 << 10
	maxTable   = 1 << 14 // values of one column of a table that is written by columns
	maxNames   = 512
)

// document is a JSON text of any shape, of one line or of many, whole or cut at either end.
// What is of a record is found by the names of members (meaningOf), wherever it stands: an
// object, or an array, that is listed in another array is a record of its own; an object that
// is a member of another one belongs to that one's record. What the objects around records
// say (labels of a stream, a resource) holds for all of them.
type document struct {
	lex    parser
	wants  want
	frames []frame
	held   []said
	size   int // of the texts in held
	// torn says that the document began before what was seen of it.
	torn bool
	// tail is a token whose end is in the next piece of a long line; skip, that one which is
	// too long for being kept is open.
	tail string
	skip bool
	told bool  // there was a text
	line int64 // number of the line at hand
	ends bool  // s ends with its line, not only with a piece
	// half says that the line ended within a string.
	half  bool
	ready []said // for the decoder to take
	outer Line
	depth int
	seen  map[[2]string]meaning
}

// want is what comes next.
type want uint8

const (
	wantValue want = iota
	wantName
	wantColon
	wantNext
)

// said is a text with what its record says of it.
type said struct {
	facts
	text string
	line int64
}

// frame is an object or an array that is open.
type frame struct {
	array  bool
	listed bool   // in an array
	name   string // of the member that it is the value of, or that the array around it is
	key    string // of the member at hand

	facts facts
	text  string // of the record
	rank  int    // of the name that it had
	line  int64  // of text, or the first one
	from  int    // index in held of the first text within

	label, value cell // {"key": …, "value": …}
	more         bool // it has other members than value

	cells  []cell // of an array, the first ones
	passed bool   // they were told, and so are all that follow

	columns  []string // names of the columns of a table within
	byColumn bool     // which is written column by column
	table    [][]cell // the columns so far, in the array that holds them
}

// cell is a value that is no object and no array; in a table an object too.
type cell struct {
	text   string
	string bool
	facts  *facts
}

// opensDocument says that a line looks like the beginning of one.
func opensDocument(s string) bool {
	rest := strings.TrimLeft(s[1:], " \t\r\x1e")
	if rest == "" {
		return true
	}
	if s[0] == '[' {
		return rest[0] == '{' || rest[0] == '[' && opensDocument(rest) || rest[0] == '"' || rest[0] == ']'
	}
	return rest[0] == '"' || rest[0] == '}'
}

// syncAt finds where a record, or a row of Loki's, begins in the middle of a document of one
// line. A quote behind a brace opens a string; within a string it would have a backslash.
func syncAt(s string) int {
	for at := 0; at < len(s); {
		i := strings.IndexByte(s[at:], '"')
		if i < 0 {
			return -1
		}
		at += i + 1
		if i := at - 2; i >= 0 && (s[i] == '{' && opensTorn(s[i+1:]) || s[i] == '[' && opensRow(s[at:])) {
			return i
		}
	}
	return -1
}

// InLongLine says that b, of the middle of a line, is of a line with many messages: of a
// document in JSON, or of messages with their lengths.
func InLongLine(b []byte) bool {
	s := string(b)
	return syncAt(s) >= 0 || syncOctets(s) >= 0
}

// opensRow knows the time in front of a text.
func opensRow(s string) bool {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n >= 10 && strings.HasPrefix(s[n:], `"`) && strings.HasPrefix(strings.TrimLeft(s[n+1:], " "), ",")
}

// opensTorn says that a line is one of the middle of a document that is written over many
// lines: "name": and a value.
func opensTorn(s string) bool {
	p := parser{rest: s}
	_, whole, ok := p.str()
	if !ok || !whole || !p.eat(':') {
		return false
	}
	p.blanks()
	return p.rest == "" || strings.IndexByte(`"[{-0123456789tfn`, p.rest[0]) >= 0
}

// feed takes text of one line. It is false where that is not JSON.
func (d *document) feed(s string, line int64) bool {
	d.line = line
	if d.skip {
		n := stringEnd(s)
		if n < 0 {
			return true
		}
		d.skip = false
		s = `"` + s[n:]
	}
	if d.tail != "" {
		s, d.tail = d.tail+s, ""
	}
	d.lex.rest = s
	for {
		d.lex.blanks()
		if d.lex.rest == "" {
			return true
		}
		if !d.step() {
			return d.tail != "" || d.skip
		}
	}
}

// stringEnd is the index of the quote that ends a string.
func stringEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// step takes one token.
func (d *document) step() bool {
	c := d.lex.rest[0]
	if len(d.frames) == 0 {
		return d.root(c)
	}
	f := &d.frames[len(d.frames)-1]
	switch {
	case c == ']' || c == '}':
		if f.array != (c == ']') || d.wants == wantColon {
			return false
		}
		d.lex.rest = d.lex.rest[1:]
		d.close()
		return true
	case d.wants == wantColon:
		d.wants = wantValue
		return d.lex.eat(':')
	case d.wants == wantNext:
		d.wants = wantValue
		if !f.array {
			d.wants = wantName
		}
		return d.lex.eat(',')
	case d.wants == wantName:
		name, ok := d.str()
		f.key = name
		d.wants = wantColon
		return ok
	}
	return d.value(c)
}

// root takes what stands outside of everything: between documents, or in one that is torn.
func (d *document) root(c byte) bool {
	switch {
	case c == '{' || c == '[':
		if !opensDocument(d.lex.rest) {
			return false
		}
		return d.value(c)
	case c == ',' || c == 0x1e || d.torn && (c == ']' || c == '}'):
		d.lex.rest = d.lex.rest[1:]
		return true
	case c == '"' && d.torn:
		d.frames = append(d.frames, frame{array: !opensTorn(d.lex.rest), line: d.line, from: len(d.held)})
		d.wants = wantName
		if d.frames[0].array {
			d.wants = wantValue
		}
		return true
	}
	return false
}

func (d *document) value(c byte) bool {
	switch c {
	case '{', '[':
		if len(d.frames) >= maxNesting {
			return false
		}
		d.lex.rest = d.lex.rest[1:]
		next := frame{array: c == '[', listed: d.torn, line: d.line, from: len(d.held)}
		if n := len(d.frames); n > 0 {
			f := &d.frames[n-1]
			next.name, next.listed = f.key, f.array
			if f.array {
				next.name = f.name
			}
		}
		d.frames = append(d.frames, next)
		d.wants = wantName
		if next.array {
			d.wants = wantValue
		}
		return true
	case '"':
		text, ok := d.str()
		if ok {
			d.wants = wantNext
			d.member(cell{text: text, string: true})
		}
		return ok
	}
	before := d.lex.rest
	v, ok := d.lex.value(0)
	if !ok || !literal(v.literal) && !strings.HasPrefix(before, "null") {
		return false
	}
	if d.lex.rest == "" && !d.ends {
		d.tail = before
		return false
	}
	d.wants = wantNext
	d.member(cell{text: v.literal})
	return true
}

func literal(s string) bool {
	return s == "true" || s == "false" || s != "" && strings.Trim(s, "+-0123456789.eE") == ""
}

// str reads a string. Where the piece ends first it waits in tail; where the line does, it
// is what there is.
func (d *document) str() (string, bool) {
	before := d.lex.rest
	text, whole, ok := d.lex.str()
	if !ok || whole || d.ends {
		d.half = d.half || ok && !whole
		return text, ok
	}
	if len(before) > maxText {
		d.skip = true
		return "", false
	}
	d.tail = before
	return "", false
}
