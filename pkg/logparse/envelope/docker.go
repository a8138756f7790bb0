package envelope

import "strings"

// dockerPiece is the size in bytes in which dockerd cuts lines (defaultBufSize,
// daemon/logger/copier.go of moby).
const dockerPiece = 16 << 10

// docker gives the text of a line of docker's json-file driver,
// {"log":"text\n","stream":"stderr","time":"…"} (daemon/logger/jsonfilelog of moby).
//
// A line without "\n" at its end is the piece of a longer one: dockerd
// cuts at 16 KiB. Folklore: fluent-bit adds fields to the same record and
// takes the newline away; then "logtag" tells, F for full and P for a piece, or
// nothing does and the line counts as full.
func (d *Decoder) docker(r *record, l Line, depth int, out []Line) []Line {
	l.Format = DockerJSON
	text, ended := strings.CutSuffix(r.log, "\n")
	kind := whole
	switch {
	case r.tag == "P":
		kind = first
	case r.tag != "" || ended || r.other:
	case len(text) < dockerPiece:
		kind = doubtful
	default:
		kind = first
	}
	return d.join(r.stream, l, text, kind, depth, out)
}
