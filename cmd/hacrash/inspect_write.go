package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/objects"
	"github.com/hacrash/hacrash/pkg/redact"
	"github.com/hacrash/hacrash/pkg/report"
)

// objectWriter prints objects as they come: a process may have millions.
type objectWriter struct {
	w      *bufio.Writer
	format string
	what   string
	n      int
	// unredacted: everything is shown, and the document says so.
	unredacted bool
	breaks     []string
}

func newObjectWriter(w io.Writer, format, what string, unredacted bool) (*objectWriter, error) {
	if !slices.Contains([]string{"text", "json", "jsonl"}, format) {
		return nil, usageError{fmt.Errorf("--format %s: not known; take text, json or jsonl", format)}
	}
	o := &objectWriter{w: bufio.NewWriterSize(w, 64<<10), format: format, what: what, unredacted: unredacted}
	switch {
	case unredacted && format == "text":
		o.w.WriteString("! " + redact.Warning + "\n")
	case unredacted && format == "jsonl":
		o.w.WriteString("{\"unredacted\":true}\n")
	}
	return o, nil
}

func (o *objectWriter) object(x *crash.Object) error {
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
func (o *objectWriter) open() {
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
func (o *objectWriter) text(x *crash.Object) error {
	at := "-"
	if x.Address != 0 {
		at = x.Address.String()
	}
	fmt.Fprintf(o.w, "%s %s", at, report.Escape(x.Type))
	if o.what == "stream" || o.what == "applet" {
		fmt.Fprintf(o.w, " %s:", report.Escape(x.Role))
	}
	for k := range x.Fields {
		f := &x.Fields[k]
		fmt.Fprintf(o.w, " %s=", report.Escape(short(x, f)))
		switch {
		case f.Unavailable != "":
			fmt.Fprintf(o.w, "<unavailable: %s>", report.Escape(f.Unavailable))
		case strings.ContainsAny(f.Value, " \t") || f.Value == "":
			fmt.Fprintf(o.w, "%q", f.Value)
		default:
			o.w.WriteString(report.Escape(f.Value))
		}
		if len(f.Flags) > 0 {
			fmt.Fprintf(o.w, "(%s)", report.Escape(strings.Join(f.Flags, "|")))
		}
	}
	return o.w.WriteByte('\n')
}

// broken notes where a list does not hold together.
func (o *objectWriter) broken(b objects.Break) error {
	if o.format == "json" {
		o.breaks = append(o.breaks, redact.Message(b.String()))
		return nil
	}
	if o.format == "jsonl" {
		text, err := json.Marshal(redact.Message(b.String()))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(o.w, "{\"broken\":%s}\n", text)
		return err
	}
	_, err := fmt.Fprintf(o.w, "! %s\n", report.Escape(redact.Message(b.String())))
	return err
}

// line prints a line of a document that is no list of objects.
func (o *objectWriter) line(s string) error {
	if o.format == "text" {
		_, err := o.w.WriteString(s + "\n")
		return err
	}
	return o.object(&crash.Object{Type: "line", Fields: []crash.Field{{Name: "text", Value: s}}})
}

func (o *objectWriter) close() error {
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
