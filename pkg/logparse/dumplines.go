package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/streamdump"
)

// The form over several lines, since 2.9-dev7 (HAProxy src/stream.c,
// __strm_dump_to_buffer; src/mux_*.c, *_show_sd). The same text as "show sess
// all". Lines are known by their first key and something behind it, so that any
// of them may be missing.

// shape says how a line of the dump begins, what else it holds, and the object
// that its keys belong to.
type shape struct {
	key, holds string
	owner      string
	// certain lines may open a dump of which the start was cut.
	certain bool
}

var shapes = []shape{
	{"flags=0x", " conn_retries=", "stream", true},
	{"p_con=", "p_stc=", "", true},
	{"p_stc=", " p_req=", "", true},
	{"frontend=", " (id=", "frontend", true},
	{"backend=", " (id=", "backend", true},
	{"server=", " (id=", "server", true},
	{"task=0x", " (state=0x", "task", true},
	{"txn=0x", " meth=", "txn", true},
	{"scf=0x", " flags=0x", "scf", true},
	{"scb=0x", " flags=0x", "scb", true},
	{"iobuf.flags=", "", "", true},
	{"co0=0x", " ctrl=", "co0", true},
	{"co1=0x", " ctrl=", "co1", true},
	{"flags=0x", " fd=", "", true},
	{"app0=0x", " st0=", "app0", true},
	{"app1=0x", " st0=", "app1", true},
	{"h1s=", " h1s.", "h1s", true},
	{"h1c=", " h1c.", "h1c", true},
	{"h2s=", " h2s.", "h2s", true},
	{"h2c=", " h2c.", "h2c", true},
	{"fstrm=", "", "fstrm", false},
	{"fconn=", "", "fconn", false},
	{"spop_strm=", "", "spop_strm", false},
	{"spop_conn=", "", "spop_conn", false},
	{"qcs=", "", "qcs", false},
	{"qcc=", "", "qcc", false},
	{"req=0x", " (f=0x", "req", true},
	{"res=0x", " (f=0x", "res", true},
	{"an_exp=", " buf=", "", true},
	{"htx=0x", " flags=0x", "htx", true},
	{"filters={", "", "", false},
	{"current_filter=", "", "", false},
	{"current_rule=", "", "", false},
	{"applet=0x", "handler=0x", "", false},
	{".", "", "", false},
}

// shapeOf finds a line's shape.
func shapeOf(t string) *shape {
	for i := range shapes {
		s := &shapes[i]
		if strings.HasPrefix(t, s.key) && (s.holds == "" || strings.Contains(t, s.holds)) {
			return s
		}
	}
	return nil
}

// firstLine reads the line that begins the dump: the stream's address and date.
//
//	0x55aa00: [22/Nov/2026:19:06:36.000979] id=7 proto=tcpv4 source=192.0.2.9:48758
//	stream=0x55aa00: [1763838396.000979] id=7 …
func firstLine(t string) (rest string, ok bool) {
	t = strings.TrimPrefix(t, "stream=")
	_, rest, ok = lex.Pointer(t)
	if !ok || !strings.HasPrefix(rest, ": [") || !strings.Contains(rest, "] id=") {
		return "", false
	}
	return t, true
}

// oneLiner says that a line is of a thread block's dump in the older form,
// which has the fields that [dump.take] knows.
func oneLiner(t string) bool {
	key, value, _, ok := pair(t)
	if !ok {
		return false
	}
	switch key {
	case "strm":
		return strings.HasPrefix(value, "0x") || value == "(nil)" || value == "0"
	case "rqf":
		return strings.Contains(t, " rqa=")
	case "txn", "csf", "scf", "cof", "cob", "af", "ab":
		return strings.Contains(value, ",")
	case "src": // and of what other log formats write
		for _, want := range [...]string{"src", "fe", "be", "dst"} {
			key, _, rest, ok := pair(t)
			if !ok || key != want {
				return false
			}
			t = strings.TrimLeft(rest, " ")
		}
		return true
	}
	return false
}

// isDumpLine says that a line is of a stream's dump; certain, that it is so even
// when no other one came before it.
func isDumpLine(t string) (is, certain bool) {
	if oneLiner(t) {
		return true, true
	}
	if _, ok := firstLine(t); ok {
		return true, true
	}
	if s := shapeOf(t); s != nil {
		return true, s.certain
	}
	return false, false
}

// line takes a line of a dump, of either form.
func (d *dump) line(t string) {
	d.keys(t)
	if strings.Contains(t, " st0=") {
		streamdump.TypeStates(&d.stream)
	}
}

func (d *dump) keys(t string) {
	if oneLiner(t) {
		d.fields(t)
		return
	}
	if rest, ok := firstLine(t); ok {
		d.begin(rest)
		return
	}
	s := shapeOf(t)
	if s == nil {
		return
	}
	switch s.key {
	case "current_filter=", "current_rule=", "filters={":
		key, value, _ := strings.Cut(t, "=")
		d.add(d.ofSide(key), strings.TrimSpace(value))
		return
	}
	d.enter(s, t)
	d.pairs(t, d.owner, 0)
}

// begin takes the first line.
func (d *dump) begin(t string) {
	ptr, rest, _ := strings.Cut(t, ":")
	d.stream.Address, _, _ = lex.Pointer(ptr)
	d.add("strm", ptr)
	date, rest, ok := lex.Between(rest, "[", "]")
	if ok {
		d.add("date", date)
	}
	d.pairs(rest, "", 0)
}

// enter sets the object that the line's keys belong to.
func (d *dump) enter(s *shape, t string) {
	switch s.key {
	case "iobuf.flags=":
		d.owner = "sc" + map[byte]string{'0': "f", '1': "b"}[d.side]
		return
	case "an_exp=": // of req or res, and not of the htx line of the one before
		if d.owner != "res" {
			d.owner = "req"
		}
		return
	case "flags=0x":
		if s.owner == "" {
			d.owner, d.prefix = "co"+string(d.side), ""
			return
		}
	case ".":
		return
	case "scf=0x", "co0=0x", "app0=0x":
		d.side = '0'
	case "scb=0x", "co1=0x", "app1=0x":
		d.side = '1'
	case "htx=0x":
		if d.owner != "res" {
			d.owner = "htx"
		} else {
			d.owner = "res.htx"
		}
		return
	}
	d.owner, d.prefix = s.owner, ""
	if strings.HasPrefix(s.key, "h1") || strings.HasPrefix(s.key, "h2") || strings.HasPrefix(s.key, "q") ||
		strings.HasPrefix(s.key, "f") && s.key != "frontend=" || strings.HasPrefix(s.key, "spop") {
		if d.side == '1' && d.seen[s.owner] {
			d.prefix = "co1."
			d.owner = d.prefix + s.owner
		}
	}
}

// ofSide names the filter that is current in a channel.
func (d *dump) ofSide(key string) string {
	if key == "current_filter" && strings.HasPrefix(d.owner, "res") {
		return "res.current_filter"
	}
	return key
}

// pairs takes the keys of a line, or of a group in parentheses.
func (d *dump) pairs(s, owner string, depth int) {
	last := owner
	for range maxFields {
		s = strings.TrimLeft(s, " ,")
		if s == "" {
			return
		}
		if s[0] == '(' { // what follows a value in parentheses belongs to it
			n := groupEnd(s)
			if depth < 3 && strings.Contains(s[:n], "=") {
				d.pairs(strings.TrimSuffix(s[1:n], ")"), last, depth+1)
			}
			s = s[n:]
			continue
		}
		key, value, rest, ok := pair(s)
		if !ok || rest == s {
			n := strings.IndexByte(s, ' ')
			if n < 0 {
				return
			}
			s = s[n:] // "running", "YIELDING"
			continue
		}
		s = rest
		full := d.nameOf(key, owner, depth)
		last = full
		if i := strings.IndexByte(value, '('); i > 0 && depth < 3 && strings.Contains(value[i:], "=") {
			d.add(full, value[:i])
			d.pairs(strings.TrimSuffix(value[i+1:], ")"), full, depth+1)
			continue
		}
		d.value(full, value)
	}
}

func groupEnd(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// nameOf gives a key its full name.
func (d *dump) nameOf(key, owner string, depth int) string {
	bare := strings.TrimPrefix(owner, d.prefix)
	switch {
	case strings.HasPrefix(key, "."):
		if bare == "scf" || bare == "scb" {
			return owner + ".iobuf" + key // iobuf.flags=0x0 .pipe=0 .buf=…
		}
		return owner + key
	case depth > 0:
		return owner + "." + key
	case owner == "" || key == bare:
		return owner[:len(owner)-len(bare)] + key
	case strings.HasPrefix(key, bare+"."): // h2s.id
		return owner + key[len(bare):]
	case owner == "frontend", owner == "backend", owner == "server":
		if key == "listener" {
			return key
		}
	case owner == "stream" && key != "flags":
		return key
	}
	return owner + "." + key
}

// value adds a field, with its type when it holds flags.
func (d *dump) value(name, value string) {
	if strings.HasSuffix(name, ".endp") {
		parts := strings.SplitN(value, ",", 3)
		d.add(name+".type", parts[0])
		if len(parts) == 3 {
			d.add(name, parts[1])
			d.typed(name+".flags", parts[2])
		}
		return
	}
	d.typed(name, value)
}
