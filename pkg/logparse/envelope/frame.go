package envelope

import "strings"

// meaning remembers what names say: a document has few, and they come in each record.
func (d *document) meaning(holder, name string) meaning {
	key := [2]string{holder, name}
	m, known := d.seen[key]
	if known {
		return m
	}
	m = meaningOf(holder, name)
	if d.seen == nil {
		d.seen = map[[2]string]meaning{}
	}
	if len(d.seen) < maxNames {
		d.seen[[2]string{strings.Clone(holder), strings.Clone(name)}] = m
	}
	return m
}

// member takes a value that is neither object nor array.
func (d *document) member(v cell) {
	f := &d.frames[len(d.frames)-1]
	if f.array {
		d.item(f, v)
		return
	}
	switch f.key {
	case "key", "field", "label", "name", "Key", "Name":
		f.label, f.more = v, true
	case "value", "stringValue", "intValue", "string_value", "Value":
		f.value = v
	default:
		f.more = true
	}
	d.named(f, f.name, f.key, v)
}

// named takes a value with a name into the record of a frame.
func (d *document) named(f *frame, holder, name string, v cell) {
	switch m := d.meaning(holder, name); m.role {
	case noRole, columnsRole:
	case textRole:
		if v.string && m.rank > f.rank {
			f.text, f.rank, f.line = v.text, m.rank, d.line
		}
	case labelsRole: // "pod_name:haproxy-1,env:x"
		for label := range strings.SplitSeq(v.text, ",") {
			k, val, _ := strings.Cut(label, ":")
			if m := d.meaning("", strings.TrimSpace(k)); m.role != textRole {
				f.facts.add(m, val, false)
			}
		}
	default:
		f.facts.add(m, v.text, !v.string)
	}
}

// item takes a value of an array.
func (d *document) item(f *frame, v cell) {
	t := d.tableOf(len(d.frames) - 1)
	most := maxCells
	switch {
	case t != nil && t.byColumn:
		most = maxTable
	case t != nil || d.meaning("", f.name).role == columnsRole:
		most = maxColumns
	}
	if len(f.cells) < most {
		f.cells = append(f.cells, v)
		return
	}
	if t == nil {
		d.pass(f)
		d.listItem(f, v)
	}
}

// listItem takes a string of a list: a text, if the list's name says so or there is none; what
// its name says, if it is a list of one.
func (d *document) listItem(f *frame, v cell) {
	if m := d.meaning("", f.name); v.string && (m.role == textRole || f.name == "") && !d.repeats(f, v.text) {
		d.say(&said{facts: f.facts, text: v.text, line: d.line})
	}
}

// repeats says that an item of the innermost frame stands in the record's text too.
//
// Folklore: Ansible gives what a command printed as "stdout" and, line by line, as
// "stdout_lines".
func (d *document) repeats(f *frame, item string) bool {
	n := len(d.frames) - 2
	return n >= 0 && d.frames[n].rank > 0 && strings.HasSuffix(f.name, "_lines") && strings.Contains(d.frames[n].text, item)
}

// pass tells the first items of a list that has more of them.
func (d *document) pass(f *frame) {
	if f.passed {
		return
	}
	f.passed = true
	for _, c := range f.cells {
		d.listItem(f, c)
	}
}

// tableOf is the frame that holds the names of the columns of the table whose row, or column,
// the array with index n is.
func (d *document) tableOf(n int) *frame {
	if n < 2 || !d.frames[n].array || !d.frames[n-1].array {
		return nil
	}
	return d.columnsAround(n - 1)
}

// columnsAround is the frame that names the columns of a table in the array with index n.
func (d *document) columnsAround(n int) *frame {
	for i := n - 1; i >= max(0, n-2); i-- {
		if f := &d.frames[i]; len(f.columns) > 0 {
			return f
		}
	}
	return nil
}

// close ends the innermost frame.
func (d *document) close() {
	d.wants = wantNext
	n := len(d.frames) - 1
	f := &d.frames[n]
	if f.array {
		d.closeArray(f)
	}
	d.around(f)
	if !f.listed && ofClient(f.name) {
		f.rank = 0
		for i := f.from; i < len(d.held); i++ {
			d.held[i].traffic = true
		}
	}
	if n == 0 {
		d.tell(f)
		d.frames = d.frames[:0]
		d.release()
		return
	}
	if up := &d.frames[n-1]; up.array {
		d.closeListed(up, f)
	} else {
		d.closeMember(up, f)
	}
	d.frames = d.frames[:n]
	if len(d.held) >= maxHeld || d.size > maxHeldLen || d.onlyLists() {
		d.release()
	}
}

// closeMember ends a frame that is the value of a member of the object up.
func (d *document) closeMember(up, f *frame) {
	switch {
	case f.array && d.meaning("", f.name).role == columnsRole:
		if len(f.columns) > 0 {
			up.columns = f.columns
		}
	case !f.array && !f.more && f.value.text != "": // {"stringValue": …}
		if f.name == "value" {
			up.value = f.value
		} else {
			up.more = true
		}
		d.named(up, up.name, f.name, f.value)
	default:
		d.merge(up, f)
	}
}

// closeListed ends a frame that is an item of the array up.
func (d *document) closeListed(up, f *frame) {
	n := len(d.frames) - 1
	if f.array {
		if t := d.tableOf(n); f.table == nil && t != nil && t.byColumn {
			if len(up.table) < maxColumns {
				up.table = append(up.table, f.cells)
			}
			return
		}
		d.tell(f)
		return
	}
	switch {
	case f.rank == 0 && f.label.text != "" && f.value.text != "": // of attributes
		d.named(up, "", f.label.text, f.value)
	case f.rank == 0 && f.label.string && d.meaning("", f.name).role == columnsRole:
		if len(up.columns) < maxColumns {
			up.columns = append(up.columns, f.label.text)
		}
	case d.tableOf(n-1) != nil:
		if len(up.cells) < maxTable {
			said := f.facts
			up.cells = append(up.cells, cell{facts: &said})
		}
	case f.rank == 0 && up.listed: // what more there is in a row
		up.facts.under(&f.facts)
	default:
		d.tell(f)
	}
}

// merge takes what a member of an object tells into the record of the object.
func (d *document) merge(up, f *frame) {
	up.more = up.more || f.name != "value"
	switch d.meaning("", f.name).role {
	case requestRole:
		up.facts.traffic = true
	case linkRole:
		up.facts.linked = true
	}
	if len(f.columns) > 0 && len(up.columns) == 0 {
		up.columns, up.byColumn = f.columns, f.byColumn || f.name == "schema"
	}
	if f.rank > up.rank && !clientWord(words(f.name)) {
		up.text, up.rank, up.line = f.text, f.rank, f.line
	}
	up.facts.under(&f.facts)
	up.facts.linked = up.facts.linked || f.facts.linked
}

// onlyLists says that nothing around can say more of the texts that are held.
func (d *document) onlyLists() bool {
	for i := range d.frames {
		if !d.frames[i].array {
			return false
		}
	}
	return true
}

// closeArray reads the items of an array: a row of a table, a time and a text, or a list.
func (d *document) closeArray(f *frame) {
	n := len(d.frames) - 1
	if f.table != nil {
		d.turnTable(f, d.columnsAround(n))
		return
	}
	if f.passed {
		return
	}
	if t := d.tableOf(n); t != nil {
		if !t.byColumn {
			for i, c := range f.cells[:min(len(f.cells), len(t.columns))] {
				d.named(f, "", t.columns[i], c)
			}
		}
		return
	}
	m := d.meaning("", f.name)
	switch {
	case m.role == columnsRole:
		for _, c := range f.cells {
			if c.string {
				f.columns = append(f.columns, c.text)
			}
		}
	case f.listed && len(f.cells) == 2 && f.cells[1].string: // Loki's [time, text] and more
		if st, ok := anyStamp(f.cells[0].text); ok {
			f.facts.time, f.facts.timeRank = st, 3
			f.text, f.rank = f.cells[1].text, 1
			return
		}
		d.pass(f)
	case len(f.cells) == 1 && f.name != "" || m.role == labelsRole:
		// Folklore: Kibana's answers have each field as a list, of one value mostly.
		for _, c := range f.cells {
			d.named(f, "", f.name, c)
		}
	default:
		d.pass(f)
	}
}

// turnTable tells the rows of a table that is written column by column, as Grafana's frames are.
func (d *document) turnTable(f *frame, t *frame) {
	rows := 0
	for _, column := range f.table {
		rows = max(rows, len(column))
	}
	for i := 0; i < rows && t != nil; i++ {
		row := frame{array: true, line: f.line, from: len(d.held)}
		for k, column := range f.table[:min(len(f.table), len(t.columns))] {
			switch {
			case i >= len(column):
			case column[i].facts != nil:
				row.facts.under(column[i].facts)
			default:
				d.named(&row, "", t.columns[k], column[i])
			}
		}
		row.line = f.line
		d.tell(&row)
	}
	f.table = nil
}

// tell takes the text of a record that is over.
func (d *document) tell(f *frame) {
	if f.rank > 0 {
		d.say(&said{facts: f.facts, text: f.text, line: f.line})
	}
}

// say holds a text until the objects around it are over.
func (d *document) say(s *said) {
	d.told = true
	d.held = append(d.held, *s)
	d.size += len(s.text)
}

// says tells whether there is a text, or may be one in what is open.
func (d *document) says() bool {
	if d.told {
		return true
	}
	for i := range d.frames {
		f := &d.frames[i]
		list := f.array && len(f.cells) > 0 && (f.name == "" || d.meaning("", f.name).role == textRole)
		if f.rank > 0 || list || f.table != nil || f.label.text != "" && f.value.text != "" {
			return true
		}
	}
	return d.tail != "" || d.skip
}

// around gives to the texts within a frame what the frame says.
func (d *document) around(f *frame) {
	if f.from < len(d.held) {
		for i := f.from; i < len(d.held); i++ {
			d.held[i].under(&f.facts)
		}
	}
}

// release gives out what is held, with what the open objects said so far.
func (d *document) release() {
	for n := len(d.frames) - 1; n >= 0; n-- {
		d.around(&d.frames[n])
		d.frames[n].from = 0
	}
	d.ready = append(d.ready, d.held...)
	d.held, d.size = d.held[:0], 0
}

// cut ends the document where it was cut: a string without end is told as far as it goes.
func (d *document) cut() {
	if tail := d.tail; tail != "" && len(d.frames) > 0 && d.wants == wantValue {
		d.ends, d.tail = true, ""
		d.feed(tail, d.line)
	}
	for len(d.frames) > 0 {
		d.close()
	}
	d.release()
}
