package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/streamdump"
)

// dump is a stream's dump in the making. Names of fields are those of the text,
// with the object that they belong to before a dot; values that hold flags are
// written as 0x… whatever the text has, and have a type.
type dump struct {
	stream crash.Stream
	// Of the form with several lines: the object that keys without one belong
	// to, and the side, 0 front or 1 back.
	owner string
	side  byte
	// prefix stands before the names of the connection's mux, when the other side has the same.
	prefix string
	seen   map[string]bool
}

func newDump() *dump { return &dump{seen: map[string]bool{}, side: '0'} }

// add appends a field; a name that is there already is kept as it is.
func (d *dump) add(name, value string) {
	d.field(name, value, "")
}

// typed appends a field that may hold flags. The version does not matter to where they
// stand.
func (d *dump) typed(name, value string) {
	d.field(name, value, streamdump.FamilyOf(name, haproxy.Version{}))
}

func (d *dump) field(name, value, family string) {
	if len(d.stream.Fields) >= maxFields || len(name) > 64 || d.seen[name] {
		return
	}
	d.seen[name] = true
	if f, ok := haproxy.FlagFamily(family); ok && !f.Enum && lex.HexDigits(value) {
		value = "0x" + value
	}
	d.stream.Fields = append(d.stream.Fields, crash.Field{Name: strings.Clone(name), Value: strings.Clone(lex.Clip(value, maxValue)), Type: family})
}

// get gives a field's value.
func (d *dump) get(name string) string {
	if !d.seen[name] {
		return ""
	}
	for i := range d.stream.Fields {
		if d.stream.Fields[i].Name == name {
			return d.stream.Fields[i].Value
		}
	}
	return ""
}

// pair cuts "key=value" off the start of s. A value ends at a blank, or at a
// comma before one, outside of quotes, braces, brackets and parentheses, or at
// the ')' or ']' that closes what surrounds it.
func pair(s string) (key, value, rest string, ok bool) {
	i := 0
	for i < len(s) && (lex.IsWord(s[i]) || s[i] == '.') {
		i++
	}
	if i == 0 || i > 48 || i == len(s) || s[i] != '=' {
		return "", "", s, false
	}
	key = s[:i]
	s = s[i+1:]
	n := valueEnd(s)
	return key, strings.TrimSuffix(s[:n], ","), s[n:], true
}

func valueEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			// Filters name themselves and may hold anything.
			if n := strings.IndexByte(s[i+1:], '"'); n >= 0 {
				i += n + 1
			}
		case '(', '{', '[':
			depth++
		case ')', '}', ']':
			if depth--; depth < 0 {
				return i
			}
		case ' ':
			if depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// fields takes the "key=value" pairs of the form on one line.
func (d *dump) fields(s string) {
	defer streamdump.TypeStates(&d.stream)
	for range maxFields {
		s = strings.TrimLeft(s, " ")
		if s == "" || s[0] == ']' {
			return
		}
		if s[0] == '[' { // strm=0x… [invalid type=2(PROXY)]
			s = s[1:]
			continue
		}
		key, value, rest, ok := pair(s)
		if !ok {
			if _, rest, ok = strings.Cut(s, " "); !ok {
				return
			}
			s = rest
			continue
		}
		s = rest
		d.take(key, strings.TrimSuffix(value, `"...`)) // cut by gdb
	}
}

// take takes one pair of the form on one line.
//
// Sources: HAProxy src/stream.c, stream_dump(), v2.0 to v2.9-dev6. The thread
// dumps of these versions print the same fields over several lines.
func (d *dump) take(key, value string) {
	parts := strings.Split(value, ",")
	switch key {
	case "cof", "cob":
		d.connection(key, value)
		return
	case "src", "fe", "be", "dst", "filters", "applet", "handler":
		d.add(key, value)
		return
	case "strm":
		d.stream.Address, _, _ = lex.Pointer(parts[0])
	case "txn", "txn.req", "txn.rsp", "sif", "sib", "csf", "csb", "scf", "scb", "af", "ab", "sab":
	default:
		d.typed(key, value)
		return
	}
	if len(parts) > 4 {
		d.add(key, value)
		return
	}
	d.add(key, parts[0])
	switch {
	case len(parts) == 1:
	case key == "af" || key == "ab" || key == "sab":
		d.add(key+".st0", parts[1])
	case len(parts) == 2 && (key == "sif" || key == "sib"):
		d.add(key+".state", parts[0])
		d.typed(key+".flags", parts[1])
	case len(parts) == 3: // sc, and cs of 2.6-dev6 to -dev11
		d.add(key+".state", parts[1])
		d.typed(key+".flags", parts[2])
	default:
		d.typed(key+".flags", parts[1])
	}
}

// connection reads P,x:MUX(ctx)/XPRT(ctx)/CTRL(fd), or without the contexts and
// with /fd (2.0-dev3).
func (d *dump) connection(key, value string) {
	conn, layers, _ := strings.Cut(value, ":")
	ptr, flags, _ := strings.Cut(conn, ",")
	d.add(key, ptr)
	if flags != "" {
		d.typed(key+".flags", flags)
	}
	names := [...]string{".mux", ".xprt", ".ctrl", ".fd"}
	for i := 0; i < len(names) && layers != ""; i++ {
		n := layerEnd(layers)
		layer := layers[:n]
		layers = strings.TrimPrefix(layers[n:], "/")
		word, ctx, has := strings.Cut(layer, "(")
		d.add(key+names[i], word)
		ctx = strings.TrimSuffix(ctx, ")")
		switch {
		case !has:
		case names[i] == ".ctrl":
			d.add(key+".fd", ctx)
			return
		default:
			d.add(key+names[i]+".ctx", ctx)
		}
	}
}

// layerEnd finds the '/' after a layer; the context in parentheses may be (nil).
func layerEnd(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '/':
			if depth <= 0 {
				return i
			}
		}
	}
	return len(s)
}
