package envelope

import "strings"

// Names of formats, as in Line.Format. Of nested envelopes the innermost counts.
const (
	Plain       = "plain"
	Short       = "journal-short" // journalctl -o short, short-precise
	Full        = "journal-full"  // -o short-full, with-unit
	Monotonic   = "journal-monotonic"
	Verbose     = "journal-verbose"
	Export      = "journal-export"
	JournalJSON = "journal-json"
	ISO         = "syslog-iso" // -o short-iso, short-iso-precise; RSYSLOG_FileFormat
	RFC3164     = "rfc3164"
	RFC5424     = "rfc5424"
	Priority    = "priority" // <PRI> and nothing else: HAProxy's format short
	DockerJSON  = "docker-json"
	CRI         = "cri"
	Stamped     = "stamped" // docker logs -t, kubectl logs --timestamps
	Kubectl     = "kubectl" // kubectl logs --prefix
	Compose     = "docker-compose"
	Dmesg       = "dmesg"
	CSV         = "csv"
	Logread     = "logread" // OpenWrt
	Columns     = "columns" // a page of logs, copied
	Coredumps   = "coredumpctl"
	Labelled    = "labelled" // logcli, logfmt
	JSON        = "json"     // some other program's
)

const (
	maxDepth   = 8       // envelopes in one another
	maxText    = 1 << 20 // bytes of a message that is put together from pieces
	maxLines   = 1 << 14 // lines of a message
	maxStreams = 8       // streams whose pieces are put together at a time
	maxValue   = 64 << 10
	maxFields  = 256
	minPiece   = 64 << 10 // pieces of a line of the input are not shorter, but for the last one
)

// Decoder takes lines out of their envelopes. Detection is made for each line
// anew, so a paste of several formats works; what is remembered from line to line is
// only what a format spreads over several. It is not for concurrent use.
type Decoder struct {
	parts  []part       // pieces of docker and Kubernetes lines
	entry  *entry       // open entry of -o export or verbose
	binary *binaryField // open field of -o export
	indent indent       // last line of journalctl's short formats
	sheet  sheet        // what is known of a CSV file
	doc    *document    // open document in JSON
	count  string       // the start of a message whose length is told (RFC 6587), from a piece of a line
	// counted is the number of that line.
	counted int64
	quotes  quotes
	child   supervisord // whose output a log of supervisord shows
	piece   bool        // more of the line may follow
	multi   bool        // seen a format with entries of several lines
	number  int64       // of the line that is being decoded
}

// NewDecoder returns a Decoder that has seen nothing.
func NewDecoder() *Decoder { return &Decoder{} }

// MultiLine says that the format seen last spreads one entry over several lines
// of the input (journalctl -o export and verbose): the caller is to give whole
// entries, from what [EntryStart] says to the next start.
func (d *Decoder) MultiLine() bool { return d.multi }

// Decode takes a raw line of the input, without its newline, and its number, and
// appends to out the lines of the messages which it completes: none, when
// it is part of an entry or a piece of a longer line; several, when a message
// holds newlines. raw is not kept. Lines of one message share Fields.
func (d *Decoder) Decode(raw []byte, number int64, out []Line) []Line {
	same := number == d.number // a further piece of the line before
	d.number, d.piece = number, len(raw) >= minPiece
	if d.binary != nil {
		rest, done := d.binary.feed(raw, number)
		if !done {
			return out
		}
		d.binary.close(d.entry)
		d.binary = nil
		if rest == nil {
			return out
		}
		raw = rest // there was more than the size said
	}
	s := untagged(strings.TrimPrefix(d.quotes.strip(clean(string(raw))), "\x1e")) // RFC 7464
	if d.entry != nil {
		if d.field(s, number) {
			return out
		}
		out = d.closeEntry(out)
		if s == "" {
			return out // the empty line that ends an entry
		}
	}
	if l, text, ok := d.sheet.goOn(s, number); ok {
		return d.unwrap(text, l, 1, out)
	}
	if d.doc != nil {
		var ok bool
		if out, ok = d.goOnDocument(s, number, out); ok {
			return out
		}
	}
	if l, text, ok := d.indent.goOn(s, number); ok {
		return finish(l, text, out)
	}
	if d.count != "" {
		if same {
			s, d.count = d.count+s, ""
			return d.unwrap(s, Line{Number: number, Time: noStamp, Format: Plain}, 0, out)
		}
		out = d.closeCount(out)
	}
	if out, ok := d.inDocument(s, number, same, out); ok {
		return out
	}
	if journalMark(s) {
		return out
	}
	l := Line{Number: number, Time: noStamp, Format: Plain, Ident: d.child.of(s, number)}
	return d.unwrap(unindented(s), l, 0, out)
}

// inDocument begins to read in the middle of a document: at a member or a record that is
// indented, or in a piece of one line.
func (d *Decoder) inDocument(s string, number int64, same bool, out []Line) ([]Line, bool) {
	l := Line{Number: number, Time: noStamp, Format: Plain}
	if same || len(s) >= minPiece && s[0] != '{' && s[0] != '[' {
		if n := syncAt(s); n >= 0 {
			return d.openDocument(s[n:], l, 0, true, out)
		}
		if n := syncOctets(s); n > 0 {
			return d.octets(s[n:], l, 0, out)
		}
		return out, false
	}
	text := strings.TrimLeft(s, " \t")
	if text == "" || text[0] != '{' && text[0] != '[' && text[0] != '"' || len(text) == len(s) && text[0] != '"' {
		return out, false
	}
	if text[0] == '"' && !opensTorn(text) {
		return out, false
	}
	return d.openDocument(text, l, 0, true, out)
}

// Flush appends what is still held back: entries without an end, pieces without the
// last one. The Decoder is then as new, but for the header of a CSV file.
func (d *Decoder) Flush(out []Line) []Line {
	if d.binary != nil {
		d.binary.close(d.entry)
		d.binary = nil
	}
	if d.entry != nil {
		out = d.closeEntry(out)
	}
	out = d.closeCount(out)
	if d.doc != nil {
		out = d.closeDocument(out)
	}
	for len(d.parts) > 0 { // last: what is above may hold the piece of a line
		out = d.give(0, out)
	}
	d.indent = indent{}
	d.sheet.open = false
	return out
}
