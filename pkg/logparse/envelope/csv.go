package envelope

import "strings"

const (
	maxColumns   = 256
	maxSheetRows = 10000 // lines of one field
)

// sheet is what is known of a CSV file (RFC 4180), or one with tabs or semicolons: the names
// of the columns, when there was a header, and whether a quoted field goes on in the next line.
type sheet struct {
	columns []meaning // by the header, nil for none
	message int       // index of the column that holds the text, -1 where no name says so
	comma   byte      // what stands between fields
	open    bool
	lines   int  // of the open field
	line    Line // that it began with
}

// row reads a line of a CSV export and returns the field that holds the message:
// the column that the header calls so, else the longest field. Other fields give what
// their columns are named for; a field that has the form of a time gives the stamp.
//
// Folklore: dashboards of Kubernetes and of log stores export like this; text in
// which a quote is doubled comes from there even when one pasted a single field.
func (t *sheet) row(s string, l *Line) (text string, ok bool) {
	if t.header(s) {
		return "", false // itself a line as any
	}
	comma := t.comma
	if t.columns == nil {
		comma = ','
		if !bareRow(s) {
			return "", false
		}
	}
	fields, doubled, open, ok := split(s, comma)
	switch {
	case !ok, open && len(fields) < 2 && !doubled: // a line that happens to begin with a quote
		return "", false
	case s[0] == '"':
	case t.columns == nil && (len(fields) < 2 || !isDate(fields[0])), t.columns != nil && !t.fits(fields, open, strings.Contains(s, ", ") && strings.IndexByte(s, '"') < 0):
		return "", false // prose, among the rows
	}
	at, named := t.text(fields, open)
	t.open, t.lines = open && at == len(fields)-1, 0
	l.Format = CSV
	said := t.facts(fields, at, named)
	said.set(l)
	t.line = *l
	return fields[at], true
}

// facts are what the fields say of the text, which is that with index at.
func (t *sheet) facts(fields []string, at int, named bool) (said facts) {
	for i, f := range fields {
		if i == at {
			continue
		}
		said.traffic = said.traffic || ofRequest(f) || others[f]
		switch {
		case named && t.columns[i].role != textRole:
			if t.columns[i].role != statusRole || len(fields) > 2 {
				said.add(t.columns[i], f, false)
			}
		case isDate(f) && (strings.ContainsAny(f, ":") || i == 0):
			said.add(meaning{timeRole, 1}, f, false)
		}
	}
	return said
}

// bareRow says that a line may be a row of a table without a header. Only what nothing else
// looks like is believed: a quote first, or a date first and a quoted field last.
func bareRow(s string) bool {
	return s[0] == '"' || s[0] >= '0' && s[0] <= '9' && strings.Contains(s, `,"`) && strings.HasSuffix(s, `"`)
}

// text is the index of the field with the text; named says that the fields are those of the header.
func (t *sheet) text(fields []string, open bool) (at int, named bool) {
	named = t.columns != nil && (len(fields) == len(t.columns) || open && len(fields) < len(t.columns))
	if named && t.message >= 0 && t.message < len(fields) {
		return t.message, true
	}
	if open {
		return len(fields) - 1, named
	}
	for i, f := range fields {
		if len(f) > len(fields[at]) {
			at = i
		}
	}
	return at, named
}

// fits says that fields, the first of which is not quoted, are a row below the header.
// Sentences have commas too, and blanks behind them: there only the time tells.
func (t *sheet) fits(fields []string, open, blanks bool) bool {
	if len(fields) != len(t.columns) && (!open || len(fields) > len(t.columns)) {
		return false
	}
	if t.comma == '\t' {
		return true
	}
	for i, m := range t.columns[:len(fields)] {
		if m.role == timeRole {
			return isDate(fields[i])
		}
	}
	return !blanks
}

// isDate says that a field is a time and nothing else.
func isDate(f string) bool {
	if f == "" || len(f) > 48 || f[0] < '0' || f[0] > 'z' {
		return false
	}
	if _, ok := anyStamp(f); ok {
		return true
	}
	_, n, _, ok := monthStamp(f)
	return ok && n == len(f)
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

// header reads the names of columns. Only a name that means something makes a header.
func (t *sheet) header(s string) bool {
	if len(s) > 1024 {
		return false
	}
	comma := byte(',')
	for _, c := range [...]byte{'\t', ';'} {
		if strings.IndexByte(s, comma) < 0 {
			comma = c
		}
	}
	if strings.IndexByte(s, comma) < 0 {
		return false
	}
	for i := 0; i < len(s); i++ { // most lines end here
		if c := s[i]; c != comma && c != '"' && !nameByte(c) {
			return false
		}
	}
	names, _, _, ok := split(s, comma)
	if !ok || len(names) < 2 {
		return false
	}
	found := sheet{comma: comma, message: -1, columns: make([]meaning, len(names))}
	timed, rank := false, 0
	for i, name := range names {
		if !columnName(name) {
			return false
		}
		m := meaningOf("", name)
		found.columns[i] = m
		timed = timed || m.role == timeRole
		if m.role == textRole && m.rank > rank {
			found.message, rank = i, m.rank
		}
	}
	if rank == 0 && !timed {
		return false
	}
	*t = found
	return true
}

func nameByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == ' ' || c == '_' || c == '@' || c == '.' || c == '-'
}

func columnName(s string) bool {
	if s == "" || len(s) > 64 || s[0] >= '0' && s[0] <= '9' || s[0] == ' ' {
		return false
	}
	for i := range len(s) {
		if !nameByte(s[i]) {
			return false
		}
	}
	return true
}

// goOn says whether s continues a quoted field, and returns its part of it.
func (t *sheet) goOn(s string, number int64) (l Line, text string, ok bool) {
	if !t.open {
		return l, "", false
	}
	text, _, closed := unquote(s)
	t.lines++
	t.open = !closed && t.lines < maxSheetRows
	l = t.line
	l.Number, l.Part = number, Further
	return l, text, true
}

// split takes the fields of a line apart. Doubled says that there was a doubled
// quote, open that the last field has no end in this line; false is for what
// cannot be CSV.
func split(s string, comma byte) (fields []string, doubled, open, ok bool) {
	for len(fields) < maxColumns {
		if s == "" || s[0] != '"' {
			n := strings.IndexByte(s, comma)
			if n < 0 {
				return append(fields, s), doubled, false, true
			}
			fields = append(fields, s[:n])
			s = s[n+1:]
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
		if s[0] != comma {
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
