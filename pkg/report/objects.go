package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// Objects writes objects of a core as they come: a process may have millions. They
// must have been redacted.
type Objects struct {
	w      *bufio.Writer
	format string
	what   string
	n      int
	// unredacted: everything is shown, and the document says so.
	unredacted bool
	breaks     []string
}

// ObjectFormats are the forms in which objects are written.
func ObjectFormats() []string { return []string{"text", "json", "jsonl"} }

// NewObjects begins a document of one of ObjectFormats; what was asked for stands in
// it. Unredacted says that everything is shown.
func NewObjects(w io.Writer, format, what string, unredacted bool) *Objects {
	o := &Objects{w: bufio.NewWriterSize(w, 64<<10), format: format, what: what, unredacted: unredacted}
	switch {
	case unredacted && format == "text":
		o.w.WriteString("! " + redact.Warning + "\n")
	case unredacted && format == "jsonl":
		o.w.WriteString("{\"unredacted\":true}\n")
	}
	return o
}

// Object writes one.
func (o *Objects) Object(x *crash.Object) error {
	o.n++
	if o.format == "text" {
		return o.text(x)
	}
	if o.format == "json" {
		o.open()
	}
	b, err := json.Marshal(x)
	if err != nil {
		return err
	}
	o.w.Write(b)
	if o.format == "jsonl" {
		return o.w.WriteByte('\n')
	}
	return nil
}

// open begins the document, or what follows the last object.
func (o *Objects) open() {
	if o.n > 1 {
		o.w.WriteString(",\n")
		return
	}
	o.w.WriteString(`{"schema":"hacrash.inspect/1",`)
	if o.unredacted {
		o.w.WriteString(`"unredacted":true,`)
	}
	fmt.Fprintf(o.w, "\"what\":%q,\"objects\":[\n", o.what)
}

// text is one line an object: address, type, and what it holds.
func (o *Objects) text(x *crash.Object) error {
	at := "-"
	if x.Address != 0 {
		at = x.Address.String()
	}
	fmt.Fprintf(o.w, "%s %s", at, Escape(x.Type))
	if o.what == "stream" || o.what == "applet" {
		fmt.Fprintf(o.w, " %s:", Escape(x.Role))
	}
	for k := range x.Fields {
		f := &x.Fields[k]
		fmt.Fprintf(o.w, " %s=", Escape(f.Short(x.Role)))
		switch {
		case f.Unavailable != "":
			fmt.Fprintf(o.w, "<unavailable: %s>", Escape(f.Unavailable))
		case strings.ContainsAny(f.Value, " \t") || f.Value == "":
			fmt.Fprintf(o.w, "%q", f.Value)
		default:
			o.w.WriteString(Escape(f.Value))
		}
		if len(f.Flags) > 0 {
			fmt.Fprintf(o.w, "(%s)", Escape(strings.Join(f.Flags, "|")))
		}
	}
	return o.w.WriteByte('\n')
}

// Broken notes where a list does not hold together.
func (o *Objects) Broken(what string) error {
	what = redact.Message(what)
	if o.format == "json" {
		o.breaks = append(o.breaks, what)
		return nil
	}
	if o.format == "jsonl" {
		text, err := json.Marshal(what)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(o.w, "{\"broken\":%s}\n", text)
		return err
	}
	_, err := fmt.Fprintf(o.w, "! %s\n", Escape(what))
	return err
}

// Line writes a line of a document that is no list of objects.
func (o *Objects) Line(s string) error {
	if o.format == "text" {
		_, err := o.w.WriteString(s + "\n")
		return err
	}
	return o.Object(&crash.Object{Type: "line", Fields: []crash.Field{{Name: "text", Value: s}}})
}

// Close ends the document.
func (o *Objects) Close() error {
	if o.format == "json" {
		if o.n == 0 {
			o.n = 1
			o.open()
			o.n = 0
		}
		breaks, err := json.Marshal(o.breaks)
		if err != nil {
			return err
		}
		if o.breaks == nil {
			breaks = []byte("[]")
		}
		fmt.Fprintf(o.w, "\n],\"broken\":%s}\n", breaks)
	}
	return o.w.Flush()
}
