package report

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// jsonStream writes one document, docs/schema/report.schema.json, with the
// framing of the array by hand so that only one crash is held at a time.
type jsonStream struct {
	w    io.Writer
	o    Options
	n    int
	head bool
}

func newJSON(w io.Writer, o Options) Stream { return &jsonStream{w: w, o: o} }

// begin writes everything up to the first crash. What is not known yet is
// written by Close, behind the crashes: the order of members means nothing.
func (s *jsonStream) begin(r *crash.Report) error {
	if s.head {
		return nil
	}
	s.head = true
	var b bytes.Buffer
	b.WriteString("{\n  \"schema\": \"" + crash.Schema + "\"")
	if s.o.Redact.Off {
		b.WriteString(",\n  \"unredacted\": true")
	}
	if r == nil {
		r = s.o.whole
	}
	tool := s.o.Tool
	if tool == nil && r != nil {
		tool = r.Tool
	}
	if tool != nil {
		if err := member(&b, "tool", tool); err != nil {
			return err
		}
	}
	if r != nil && len(r.Inputs) > 0 {
		if err := member(&b, "inputs", r.Inputs); err != nil {
			return err
		}
	}
	b.WriteString(",\n  \"crashes\": [")
	_, err := s.w.Write(b.Bytes())
	return err
}

func (s *jsonStream) Crash(c *crash.Crash) error {
	redact.Crash(c, s.o.Redact)
	if err := s.begin(nil); err != nil {
		return err
	}
	before := "\n    "
	if s.n > 0 {
		before = "," + before
	}
	if err := encode(&document{w: s.w, before: before}, c, "    "); err != nil {
		return err
	}
	s.n++
	return nil
}

func (s *jsonStream) Close(r *crash.Report) error {
	if r != nil {
		redact.Rest(r, s.o.Redact)
	}
	late := s.head && s.o.whole == nil
	if err := s.begin(r); err != nil {
		return err
	}
	var b bytes.Buffer
	if s.n > 0 {
		b.WriteString("\n  ")
	}
	b.WriteByte(']')
	if late && r != nil {
		if s.o.Tool == nil && r.Tool != nil {
			if err := member(&b, "tool", r.Tool); err != nil {
				return err
			}
		}
		if len(r.Inputs) > 0 {
			if err := member(&b, "inputs", r.Inputs); err != nil {
				return err
			}
		}
	}
	if r != nil && len(r.Next) > 0 {
		if err := member(&b, "next", r.Next); err != nil {
			return err
		}
	}
	b.WriteString("\n}\n")
	_, err := s.w.Write(b.Bytes())
	return err
}

// member writes one more member of the document.
func member(b *bytes.Buffer, name string, v any) error {
	return encode(&document{w: b, before: ",\n  \"" + name + "\": "}, v, "  ")
}

// encode writes v, its lines after the first indented by prefix.
func encode(d *document, v any, prefix string) error {
	e := json.NewEncoder(d)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, "  ")
	return e.Encode(v)
}

// writeJSON writes a whole document.
func writeJSON(w io.Writer, v any) error { return encode(&document{w: w, after: "\n"}, v, "") }

// document writes what an encoder gives it, which is the whole of it at once: with
// other bytes before and behind it, and escaped piece by piece, for a crash of
// thousands of threads is large enough as it is.
type document struct {
	w             io.Writer
	before, after string
}

func (d *document) Write(doc []byte) (int, error) {
	const piece = 64 << 10
	out := []byte(d.before)
	for rest := bytes.TrimRight(doc, "\n"); len(rest) > 0; {
		n := min(len(rest), piece)
		for n < len(rest) && !utf8.RuneStart(rest[n]) {
			n++
		}
		out = append(out, escapeJSON(rest[:n])...)
		if rest = rest[n:]; len(rest) == 0 {
			out = append(out, d.after...)
		}
		if _, err := d.w.Write(out); err != nil {
			return 0, err
		}
		out = out[:0]
	}
	return len(doc), nil
}
