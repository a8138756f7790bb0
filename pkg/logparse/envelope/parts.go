package envelope

// pieceKind says how a text ends.
type pieceKind int

const (
	whole pieceKind = iota // at the end of its line
	first                  // more of the line follows
	// doubtful: it has no end, but is shorter than any piece that its writer
	// makes; a process that died in mid-line, or somebody removed the newline.
	doubtful
)

// part is the start of a line that came in pieces.
type part struct {
	stream string
	line   Line // of the first piece
	text   []byte
	depth  int
	kind   pieceKind
}

// join appends the lines of text, unless kind says that the line may go on in
// the next piece of the same stream.
func (d *Decoder) join(stream string, l Line, text string, kind pieceKind, depth int, out []Line) []Line {
	stream = l.Ident + "\x00" + stream // compose and kubectl mix containers
	at := -1
	for i := range d.parts {
		if d.parts[i].stream == stream {
			at = i
		}
	}
	if at < 0 && kind == whole {
		return d.unwrap(clean(text), l, depth+1, out)
	}
	if at >= 0 && kind == doubtful && d.parts[at].kind == doubtful {
		// Two in a row: no pieces, the newlines are missing.
		out = d.give(at, out)
		at = -1
	}
	if at < 0 {
		if len(d.parts) >= maxStreams {
			out = d.give(0, out)
		}
		d.parts = append(d.parts, part{stream: stream, line: l, depth: depth, kind: kind})
		at = len(d.parts) - 1
	}
	p := &d.parts[at]
	p.text = append(p.text, text...)
	if kind != whole && len(p.text) < maxText {
		return out
	}
	return d.give(at, out)
}

// give appends the lines of a part, complete or not.
func (d *Decoder) give(at int, out []Line) []Line {
	p := d.parts[at]
	copy(d.parts[at:], d.parts[at+1:])
	d.parts[len(d.parts)-1] = part{}
	d.parts = d.parts[:len(d.parts)-1]
	return d.unwrap(clean(string(p.text)), p.line, p.depth+1, out)
}
