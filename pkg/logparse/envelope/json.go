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
	if !r.isEntry {
		r.set(&l)
		return d.docker(r, l, depth, out)
	}
	in := &r.journal.line
	in.outer = l.outer
	in.within(l.Ident)
	r.judge()
	for _, role := range [...]role{containerRole, programRole, taggedRole} {
		in.within(r.names[role].name)
	}
	in.traffic, in.Part = l.traffic || r.traffic || r.linked, l.Part
	in.setTime(l.Time) // one of transport, where the entry has its own
	if m := r.journal.message; len(m) != 1 || m[0].text == "" || m[0].text[0] != '{' {
		return r.journal.lines(out)
	}
	// Folklore: a container engine whose log is the journal, and a shipper that
	// writes what it read there as JSON.
	said := r.journal.lines(nil)
	switch said[0].Sender() {
	case HAProxy, Nobody, Shell:
		return d.unwrap(said[0].Text, said[0], depth+1, out)
	}
	return append(out, said...)
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
		told := doc.says()
		return d.take(doc, out), told
	}
	d.doc = doc
	if doc.says() {
		return d.take(doc, out), true
	}
	return unused(s, l.Number, out), true
}

// unused gives out a line of a document that has had no text so far.
func unused(s string, number int64, out []Line) []Line {
	return finish(Line{Number: number, Time: noStamp, Format: Plain, Frame: true}, s, out)
}

// goOnDocument reads a further line of the open document, or a further piece of its line.
// It is false when the line is not one of it.
func (d *Decoder) goOnDocument(s string, number int64, out []Line) ([]Line, bool) {
	doc := d.doc
	if doc.tail != "" && number != doc.line { // the line ended within a token
		return d.closeDocument(out), false
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
		return unused(s, number, out), true
	}
	return out, ok
}

// closeDocument gives out what is left of the open document.
func (d *Decoder) closeDocument(out []Line) []Line {
	doc := d.doc
	d.doc = nil
	doc.cut()
	return d.take(doc, out)
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

// member takes a member of the object.
func (r *record) member(name string, v value) {
	switch {
	case name == "":
	case ofJournal(name):
		r.journalMember(name, v)
	case r.dockerMember(name, v):
	default:
		holder := name[:max(0, strings.LastIndexByte(name, '.'))]
		if m := meaningOf(holder, name); m.role != textRole {
			r.add(m, v.text(), len(v.texts) == 0)
		}
	}
}

// ofJournal says that a member is the journal's: its names are upper case, and no other's are
// but those of HAProxy's log variables.
func ofJournal(name string) bool {
	c := name[0]
	return (c >= 'A' && c <= 'Z' || c == '_') && !logVariable(name) && !(c == '_' && len(name) > 1 && name[1] >= 'a')
}

func (r *record) journalMember(name string, v value) {
	if fieldName(name) != len(name) {
		return
	}
	r.isEntry = r.isEntry || name == "MESSAGE" || name == "__REALTIME_TIMESTAMP" || name == "__CURSOR"
	values := v.texts
	if name != "MESSAGE" && (len(values) > 0 || v.literal != "") { // which there may be several of
		values = []string{v.text()}
	}
	for _, text := range values {
		r.journal.set(name, text, r.journal.line.Number, 0)
	}
}

// dockerMember takes a member that is docker's own.
func (r *record) dockerMember(name string, v value) bool {
	switch name {
	case "log":
		r.log, r.hasLog = v.text(), len(v.texts) > 0
	case "stream":
		r.stream = v.text()
	case "logtag":
		r.tag = v.text()
	default:
		r.other = r.other || name != "time" && name != "attrs" && !strings.HasPrefix(name, "attrs.")
		return false
	}
	return true
}
