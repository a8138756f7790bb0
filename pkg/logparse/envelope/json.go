package envelope

import "strings"

// record is what is of interest in a journal entry, and in a line of docker's.
type record struct {
	facts
	journal *entry
	isEntry bool

	log, stream, tag string
	hasLog, other    bool
}

// json reads a journal entry (journalctl -o json), a line of docker's json-file driver, or
// any other document.
func (d *Decoder) json(s string, l Line, depth int, out []Line) ([]Line, bool) {
	if s[0] == '{' && (strings.Contains(s, `"MESSAGE"`) || strings.Contains(s, `"log"`) || strings.Contains(s, `"__`)) {
		r := record{journal: newEntry(JournalJSON, l.Number)}
		if object(s, r.member) && (r.isEntry || r.hasLog) {
			return d.record(&r, l, depth, out), true
		}
	}
	return d.openDocument(s, l, depth, false, out)
}

func (d *Decoder) record(r *record, l Line, depth int, out []Line) []Line {
	if r.isEntry {
		in := &r.journal.line
		if in.outer = l.outer; l.Ident != "" {
			in.outer = append(in.outer[:len(in.outer):len(in.outer)], l.Ident)
		}
		r.judge()
		for _, name := range [...]string{r.container, r.program, r.tagged} {
			if name != "" {
				in.outer = append(in.outer[:len(in.outer):len(in.outer)], name)
			}
		}
		in.traffic, in.Part = l.traffic || r.traffic || r.linked, l.Part
		// The stamp of an envelope outside is one of transport: not kept.
		r.journal.line.setTime(l.Time)
		if m := r.journal.message; len(m) == 1 && m[0].text != "" && m[0].text[0] == '{' {
			// Folklore: a container engine whose log is the journal, and a shipper that
			// writes what it read there as JSON.
			said := r.journal.lines(nil)
			switch said[0].Sender() {
			case HAProxy, Nobody, Shell:
				return d.unwrap(said[0].Text, said[0], depth+1, out)
			}
			return append(out, said...)
		}
		return r.journal.lines(out)
	}
	r.set(&l)
	return d.docker(r, l, depth, out)
}

// openDocument reads what may be the first line of a document. One without any text stays a
// line as any, for it may be somebody's log format, or what a command shows of a process.
func (d *Decoder) openDocument(s string, l Line, depth int, torn bool, out []Line) ([]Line, bool) {
	if !torn && !opensDocument(s) {
		return out, false
	}
	doc := &document{torn: torn, outer: l, depth: depth, ends: depth > 0 || len(s) < minPiece}
	ok := doc.feed(s, l.Number)
	if depth > 0 || !ok || doc.half || len(doc.frames) == 0 {
		doc.cut()
	} else {
		d.doc = doc
	}
	told := doc.says()
	return d.take(doc, out), told
}

// goOnDocument reads a further line of the open document, or a further piece of its line.
// It is false when the line is not one of it.
func (d *Decoder) goOnDocument(s string, number int64, out []Line) ([]Line, bool) {
	doc := d.doc
	if doc.tail != "" && number != doc.line {
		doc.cut() // the line ended within a token
		d.doc = nil
		return d.take(doc, out), false
	}
	doc.ends = len(s) < minPiece
	ok := doc.feed(s, number)
	if !ok || doc.half || len(doc.frames) == 0 && !doc.torn {
		doc.cut()
		d.doc = nil
	}
	told := doc.says()
	for i := range doc.ready {
		ok = ok || doc.ready[i].line == number // the text, and something behind it
	}
	if out = d.take(doc, out); ok && !told {
		return finish(Line{Number: number, Time: noStamp, Format: Plain}, s, out), true
	}
	return out, ok
}

// take unwraps the texts that a document gave.
func (d *Decoder) take(doc *document, out []Line) []Line {
	for i := range doc.ready {
		s := &doc.ready[i]
		l := doc.outer
		l.Number, l.Format = s.line, JSON
		s.set(&l)
		for line := range strings.SplitSeq(strings.TrimSuffix(s.text, "\n"), "\n") {
			out = d.unwrap(clean(line), l, doc.depth+1, out)
			l.Part = Further
		}
	}
	doc.ready = doc.ready[:0]
	return out
}

// member takes a member of the object. The journal's names are upper case, and
// no other's are.
func (r *record) member(name string, v value) {
	if name == "" {
		return
	}
	if c := name[0]; (c >= 'A' && c <= 'Z' || c == '_') && !logVariable(name) && !(c == '_' && len(name) > 1 && name[1] >= 'a') {
		if fieldName(name) != len(name) {
			return
		}
		r.isEntry = r.isEntry || name == "MESSAGE" || name == "__REALTIME_TIMESTAMP" || name == "__CURSOR"
		switch {
		case name == "MESSAGE": // perhaps several
			for _, text := range v.texts {
				r.journal.set(name, text, r.journal.line.Number, 0)
			}
		case len(v.texts) > 0 || v.literal != "":
			r.journal.set(name, v.text(), r.journal.line.Number, 0)
		}
		return
	}
	switch name {
	case "log":
		r.log, r.hasLog = v.text(), len(v.texts) > 0
		return
	case "stream":
		r.stream = v.text()
		return
	case "logtag":
		r.tag = v.text()
		return
	case "time", "attrs":
	default:
		r.other = r.other || !strings.HasPrefix(name, "attrs.")
	}
	holder := name[:max(0, strings.LastIndexByte(name, '.'))]
	if m := meaningOf(holder, name); m.role != textRole && m.role != noRole && m.role != columnsRole {
		r.add(m, v.text(), len(v.texts) == 0)
	}
}
