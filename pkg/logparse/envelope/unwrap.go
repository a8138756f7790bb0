package envelope

import "strings"

// inside says what an envelope holds.
type inside uint8

const (
	unknown  inside = iota // it is not this envelope
	nested                 // perhaps one more envelope
	message                // the text
	indented               // the text, which journalctl may go on with in the next lines
)

// reader knows one envelope: it returns what stands behind its head, and writes what the head
// tells into l. Where s is not in this envelope l stays as it was.
type reader func(s string, l *Line) (text string, in inside)

// readersOf are the envelopes that may begin with c, in the order in which they are tried.
func readersOf(c byte) []reader {
	switch {
	case c == '[':
		return []reader{podPrefix, cloudFoundry, monotonic, dmesg}
	case c == '{':
		return []reader{labels}
	case c == '*' || c == ' ' || c == '\t': // where a paste is indented
		return []reader{vtest}
	case c == '@':
		return []reader{tai64n}
	case c == '<':
		return []reader{rfc5424, priority}
	case c >= '0' && c <= '9':
		return []reader{unixTime, isoLine, table, rfc3164, compose}
	case c > '9':
		return []reader{table, rfc3164, coredumps, logread, full, compose, decodedDmesg, logfmt, actions, events, ansible}
	}
	return nil
}

// unwrap takes the envelopes off s, one in each call, and appends its lines.
// depth says how many were taken off already.
func (d *Decoder) unwrap(s string, l Line, depth int, out []Line) []Line {
	if s == "" || depth >= maxDepth {
		return finish(l, s, out)
	}
	if out, ok := d.several(s, l, depth, out); ok {
		return out
	}
	if text, ok := quotedString(s); ok && s[0] == '"' {
		l.Format = JSON
		return d.unwrap(text, l, depth+1, out)
	}
	// Quotes are CSV's own, and what tabs mean was said in the header.
	if s[0] == '"' || depth == 0 && d.sheet.comma == '\t' {
		if text, ok := d.sheet.row(s, &l); ok {
			return d.unwrap(text, l, depth+1, out)
		}
	}
	for _, read := range readersOf(s[0]) {
		switch text, in := read(s, &l); in {
		case indented:
			d.indent.note(l, s, text, depth)
			return finish(l, text, out)
		case message:
			return finish(l, text, out)
		case nested:
			return d.unwrap(text, l, depth+1, out)
		}
	}
	if depth == 0 {
		if text, ok := d.sheet.row(s, &l); ok {
			return d.unwrap(text, l, depth+1, out)
		}
	}
	return finish(l, s, out)
}

// several reads envelopes that hold several messages, or a part of one.
func (d *Decoder) several(s string, l Line, depth int, out []Line) ([]Line, bool) {
	switch c := s[0]; {
	case c == '{' || c == '[':
		return d.json(s, l, depth, out)
	case c >= '0' && c <= '9':
		if text, stream, kind, ok := cri(s, &l); ok {
			return d.join(stream, l, text, kind, depth, out), true
		}
		return d.octets(s, l, depth, out)
	case depth == 0: // entries of several lines are never inside of anything
		return out, d.openVerbose(s, l.Number) || d.openExport(s, l.Number)
	}
	return out, false
}

// finish appends text, out of all envelopes, line by line.
func finish(l Line, text string, out []Line) []Line {
	if l.Ident == "kernel" {
		if uptime, n, ok := bracketUptime(text); ok {
			l.Time.Uptime = uptime
			text = strings.TrimPrefix(text[n:], " ")
		}
	}
	further := Further
	if strings.Contains(text, "#012") {
		further = Escaped
	}
	if l.Format != Plain || further == Escaped {
		text = unescape(text)
	}
	return appendLines(l, text, further, out)
}

// appendLines appends the lines of text, which all have the number of l,
// at most maxLines of them. A newline at the end does not make one more line.
func appendLines(l Line, text string, further Part, out []Line) []Line {
	text = strings.TrimSuffix(text, "\n")
	for range maxLines {
		line, rest, more := strings.Cut(text, "\n")
		l.Text = clean(line)
		out = append(out, l)
		l.Part = max(l.Part, further)
		if !more {
			return out
		}
		text = rest
	}
	return out
}

// quotedString reads a line that is one string of JSON with something escaped in it, of a list.
func quotedString(s string) (string, bool) {
	p := parser{rest: s}
	text, whole, ok := p.str()
	p.eat(',')
	return text, ok && whole && strings.TrimSpace(p.rest) == "" && strings.IndexByte(s, '\\') >= 0
}
