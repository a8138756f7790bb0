package dwarf

import "strings"

// pathTable is the table of directories or of files in the header of a line
// table. It is read when a name is asked for.
type pathTable struct {
	formats []pathFormat
	first   Cursor // the first entry
	count   uint64
	ends    bool // before DWARF 5: an empty name ends the table, not a count
}

// pathFormat is how a part of an entry is encoded (DWARF 5, 6.2.4.1).
type pathFormat struct{ content, form uint64 }

// Contents of an entry (DW_LNCT_, DWARF 5, table 7.27).
const (
	contentPath      = 1
	contentDirectory = 2
)

// What an entry was before DWARF 5 had formats; time and size follow a file.
var (
	oldDirectory = []pathFormat{{contentPath, formString}}
	oldFile      = []pathFormat{{contentPath, formString}, {contentDirectory, formUdata}, {0, formUdata}, {0, formUdata}}
)

const maxPathFormats = 16

// pathEntry is a row of such a table.
type pathEntry struct {
	name      Attr
	directory uint64
}

// pathTable reads the head of a table of DWARF 5.
func (u *Unit) pathTable(c *Cursor) pathTable {
	n := c.U8()
	if n > maxPathFormats {
		c.fail()
		return pathTable{}
	}
	t := pathTable{formats: make([]pathFormat, n)}
	for i := range t.formats {
		t.formats[i] = pathFormat{c.ULEB(), c.ULEB()}
	}
	t.count = c.ULEB()
	// Without a format an entry takes no byte: count would be all there is.
	if n == 0 {
		t.count = 0
	}
	t.first = *c
	return t
}

// next reads an entry; false at the end of the table.
func (t *pathTable) next(u *Unit, c *Cursor) (e pathEntry, ok bool) {
	for i, f := range t.formats {
		var a Attr
		u.readForm(c, uint32(f.form), 0, &a)
		if i == 0 && t.ends && len(a.Block) == 0 {
			return e, false
		}
		switch f.content {
		case contentPath:
			e.name = a
		case contentDirectory:
			e.directory = a.Value
		}
	}
	return e, !c.Bad() && u.data.spend(1+len(t.formats))
}

// pass moves c, which stands at the first entry, behind the table.
func (t *pathTable) pass(u *Unit, c *Cursor) {
	for n := uint64(0); t.ends || n < t.count; n++ {
		if _, ok := t.next(u, c); !ok {
			return
		}
	}
}

// at gives entry n, counted from 0.
func (t *pathTable) at(u *Unit, n uint64) (e pathEntry, ok bool) {
	if !t.ends && n >= t.count {
		return e, false
	}
	c := t.first
	for i := uint64(0); ; i++ {
		if e, ok = t.next(u, &c); !ok || i == n {
			return e, ok
		}
	}
}

// file gives the name of a file with its directory.
func (t *lineTable) file(n uint64) string {
	path, ok := t.paths[n]
	if !ok {
		path = t.makePath(n)
		t.paths[n] = path
	}
	return path
}

func (t *lineTable) makePath(n uint64) string {
	if t.files.ends { // files were counted from 1
		if n == 0 {
			return ""
		}
		n--
	}
	f, ok := t.files.at(t.unit, n)
	if !ok {
		return ""
	}
	name := t.unit.text(&f.name)
	// Directory 0 is where the compiler was run: it says more of the build machine
	// than of the file.
	if name == "" || strings.HasPrefix(name, "/") || f.directory == 0 {
		return name
	}
	if dir := t.directoryName(f.directory); dir != "" && dir != t.directoryName(0) {
		return dir + "/" + name
	}
	return name
}

// directoryName gives a row of the table of directories.
func (t *lineTable) directoryName(n uint64) string {
	if t.directories.ends { // they were counted from 1, 0 was the compiler's own
		if n == 0 {
			return t.directory
		}
		n--
	}
	d, ok := t.directories.at(t.unit, n)
	if !ok {
		return ""
	}
	return t.unit.text(&d.name)
}
