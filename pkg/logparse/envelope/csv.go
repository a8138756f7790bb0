package envelope

import (
	"strconv"
	"strings"
)

const (
	maxColumns   = 256
	maxSheetRows = 10000 // lines of one field
)

// sheet is what is known of a CSV file (RFC 4180): the column of the message, when
// there was a header, and whether a quoted field goes on in the next line.
type sheet struct {
	columns int // of the header, 0 for none
	message int // index of the column that holds the text
	writer  int // of the one that names the program, -1 for none
	open    bool
	lines   int // of the open field
}

// row reads a line of a CSV export and returns the field that holds the message:
// the column that the header calls so, else the longest field. A field that has
// the form of an ISO time gives the stamp.
//
// Folklore: dashboards of Kubernetes and of log stores export like this; text in
// which a quote is doubled comes from there even when one pasted a single field.
func (t *sheet) row(s string, l *Line) (text string, ok bool) {
	quotes := s[0] == '"'
	if !quotes && t.columns == 0 {
		if t.header(s) {
			return "", false // itself a line as any
		}
		// Without a header only what nothing else looks like is believed: a
		// date first, a quoted field last.
		if s[0] < '0' || s[0] > '9' || !strings.Contains(s, `,"`) || !strings.HasSuffix(s, `"`) {
			return "", false
		}
	}
	if quotes && t.header(s) {
		return "", false
	}
	fields, doubled, open, ok := split(s)
	if !ok || !quotes && t.columns > 0 && (len(fields) != t.columns || strings.Contains(s, ", ")) {
		return "", false // prose, among the rows
	}
	if open && len(fields) < 2 && !doubled {
		return "", false // a line that happens to begin with a quote
	}
	if !quotes && t.columns == 0 && (len(fields) < 2 || !isDate(fields[0])) {
		return "", false
	}
	at := 0
	for i, f := range fields {
		if len(f) > len(fields[at]) {
			at = i
		}
	}
	if open {
		at = len(fields) - 1
	}
	if t.columns == len(fields) && t.columns > 0 {
		at = t.message
	}
	for i, f := range fields {
		if st, n, _, isTime := isoStamp(f); i != at && isTime && n == len(f) {
			l.setTime(st)
		}
	}
	for i, f := range fields {
		l.traffic = l.traffic || i != at && (ofRequest(f) || others[f])
	}
	if t.columns == len(fields) && t.columns > 0 && t.writer >= 0 && fields[t.writer] != "" {
		l.named(short(fields[t.writer]), 0)
	}
	t.open, t.lines = open && at == len(fields)-1, 0
	l.Format = CSV
	return fields[at], true
}

// isDate says that a field is a time and nothing else.
func isDate(f string) bool {
	if _, n, _, ok := isoStamp(f); ok {
		return n == len(f)
	}
	_, err := strconv.ParseFloat(f, 64) // seconds or more since 1970
	return err == nil && len(f) >= 10
}

// ofRequest says that a field is of a row of a traffic log: a method, a request, the
// name of a protocol.
func ofRequest(f string) bool {
	method, rest, _ := strings.Cut(f, " ")
	switch method {
	case "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE":
		return rest == "" || strings.HasPrefix(rest, "/") || strings.HasPrefix(rest, "http")
	}
	return strings.HasPrefix(f, "HTTP/")
}

// header reads the names of columns.
func (t *sheet) header(s string) bool {
	if len(s) > 1024 || strings.IndexByte(s, ',') < 0 {
		return false
	}
	message, rank, writer := 0, 0, -1
	names, _, _, ok := split(s)
	if !ok || len(names) < 2 {
		return false
	}
	for i, name := range names {
		if !columnName(name) {
			return false
		}
		r := 0
		switch strings.ToLower(name) {
		case "program", "ident", "appname", "app_name", "process", "container", "container_name", "syslog_identifier", "kubernetes.container_name", "process.name":
			writer = i
		}
		switch strings.ToLower(name) {
		case "message":
			r = 4
		case "msg", "log", "textpayload", "@message", "_raw":
			r = 3
		case "line", "text", "content", "body":
			r = 2
		}
		if r > rank {
			message, rank = i, r
		}
	}
	if rank == 0 {
		return false
	}
	t.columns, t.message, t.writer = len(names), message, writer
	return true
}

func columnName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || i > 0 && (c >= '0' && c <= '9' || c == ' ') || c == '_' || c == '@' || c == '.' || c == '-' {
			continue
		}
		return false
	}
	return true
}

// goOn says whether s continues a quoted field, and returns its part of it.
func (t *sheet) goOn(s string) (text string, ok bool) {
	if !t.open {
		return "", false
	}
	text, _, closed := unquote(s)
	t.lines++
	t.open = !closed && t.lines < maxSheetRows
	return text, true
}

// split takes the fields of a line apart. Doubled says that there was a doubled
// quote, open that the last field has no end in this line; false is for what
// cannot be CSV.
func split(s string) (fields []string, doubled, open, ok bool) {
	for len(fields) < maxColumns {
		if s == "" || s[0] != '"' {
			f, rest, more := strings.Cut(s, ",")
			fields = append(fields, f)
			if !more {
				return fields, doubled, false, true
			}
			s = rest
			continue
		}
		text, size, closed := unquote(s[1:])
		end := size // without the quote
		if closed {
			end--
		}
		doubled = doubled || len(text) < end
		fields = append(fields, text)
		if !closed {
			return fields, doubled, true, true
		}
		s = s[1+size:]
		if s == "" {
			return fields, doubled, false, true
		}
		if s[0] != ',' {
			return nil, false, false, false
		}
		s = s[1:]
	}
	return nil, false, false, false
}

// unquote reads up to the quote that ends a field, which size includes.
func unquote(s string) (text string, size int, closed bool) {
	n := strings.IndexByte(s, '"')
	if n < 0 {
		return s, len(s), false
	}
	if n+1 >= len(s) || s[n+1] != '"' {
		return s[:n], n + 1, true
	}
	var b strings.Builder
	for {
		b.WriteString(s[size : size+n])
		size += n
		if size+1 >= len(s) || s[size+1] != '"' {
			return b.String(), size + 1, true
		}
		b.WriteByte('"')
		size += 2
		n = strings.IndexByte(s[size:], '"')
		if n < 0 {
			b.WriteString(s[size:])
			return b.String(), len(s), false
		}
	}
}
