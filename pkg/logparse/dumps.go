package logparse

import (
	"bytes"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

// Dumps reads the dumps of streams in a text line by line: those of spins and of
// threads, of all forms, and "show sess all", which Parse does not look for. It is not
// for concurrent use.
type Dumps struct {
	dec    *envelope.Decoder
	lines  []envelope.Line
	number int64
	// open are the dumps that writers have open; order is the order in which they
	// began.
	open  map[writer]*dump
	order []writer
}

// NewDumps returns a reader that has seen nothing.
func NewDumps() *Dumps {
	return &Dumps{dec: envelope.NewDecoder(), open: map[writer]*dump{}}
}

// Line takes the next line, with or without its end, and gives the fields that it
// adds to the dump that is open, named and typed as those of a crash. None, when it is
// no line of a dump.
func (d *Dumps) Line(raw []byte) []crash.Field {
	raw = bytes.TrimRight(raw, "\r\n")
	d.number++
	d.lines = d.dec.Decode(raw[:min(len(raw), maxLine)], d.number, d.lines[:0])
	var fields []crash.Field
	for _, l := range d.lines {
		fields = append(fields, d.line(newLine(l))...)
	}
	return fields
}

func (d *Dumps) line(l line) []crash.Field {
	text := l.trim
	if _, dump, ok := strings.Cut(text, "to developers ["); ok {
		text = dump // the spin guard's form on one line
	}
	is, certain := isDumpLine(text)
	if !is {
		return nil
	}
	key := writer{l.Host, l.Ident, l.PID}
	dump := d.open[key]
	if dump == nil || startsDump(text) {
		if dump == nil && !certain {
			return nil
		}
		dump = d.begin(key)
	}
	fields := dump.more(text)
	if len(fields) == 0 && certain {
		// All is there already: of the next dump the start was cut.
		fields = d.begin(key).more(text)
	}
	return fields
}

// DumpFields reads one line of a dump, or a few pairs of one: scf=0x55b010,EST,400.
func DumpFields(text string) []crash.Field {
	d := newDump()
	text = strings.TrimSpace(lex.Clip(text, maxLine))
	if is, _ := isDumpLine(text); is {
		return d.more(text)
	}
	d.fields(text)
	return d.stream.Fields
}

// begin opens a dump; with too many open the oldest is forgotten.
func (d *Dumps) begin(key writer) *dump {
	if d.open[key] == nil {
		if len(d.order) >= maxStreams {
			delete(d.open, d.order[0])
			d.order = d.order[1:]
		}
		d.order = append(d.order, key)
	}
	d.open[key] = newDump()
	return d.open[key]
}

// startsDump knows the line that begins a dump.
func startsDump(t string) bool {
	if _, ok := firstLine(t); ok {
		return true
	}
	return strings.HasPrefix(t, "strm=") || strings.HasPrefix(t, "src=")
}

// more takes a line and gives what it added.
func (d *dump) more(t string) []crash.Field {
	n := len(d.stream.Fields)
	d.line(t)
	return d.stream.Fields[n:]
}
