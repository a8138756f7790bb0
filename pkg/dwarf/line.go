package dwarf

import (
	std "debug/dwarf"
	"strings"
)

const (
	maxFiles       = 1 << 16
	maxDirectories = 1 << 16
	maxLineFormats = 16
)

// lineProgram is the header of a unit's part of .debug_line (DWARF 5, 6.2.4),
// and its program.
type lineProgram struct {
	minInstruction, maxOps uint8
	defaultStmt            bool
	lineBase               int8
	lineRange, opcodeBase  uint8
	lengths                []byte // operands of each standard opcode
	directories            []string
	files                  []lineFile
	program                []byte
}

type lineFile struct {
	name      string
	directory uint64
}

// row of the line table.
type row struct {
	addr uint64
	file uint64
	line int64
	stmt bool
}

// Line gives the source file and line of a link-time address; "" and 0 if the
// table does not tell. The file is as the compiler was given it: relative to the
// directory of the build, or absolute.
//
// The row is the last one whose address is not above addr; of several at the
// same address the last that begins a statement.
func (u *Unit) Line(addr uint64) (file string, line int) {
	p := u.lines()
	if p == nil {
		return "", 0
	}
	r, ok := p.find(addr)
	if !ok {
		return "", 0
	}
	return p.file(r.file), int(r.line)
}

// File gives the name of a file of the unit's line table.
func (u *Unit) File(n uint64) string {
	if p := u.lines(); p != nil {
		return p.file(n)
	}
	return ""
}

func (u *Unit) lines() *lineProgram {
	if !u.lineRead {
		u.lineRead = true
		u.line = u.readLines()
	}
	return u.line
}

func (u *Unit) readLines() *lineProgram {
	root := u.Root()
	if root == nil {
		return nil
	}
	off, ok := root.uint(std.AttrStmtList)
	if !ok {
		return nil
	}
	c := NewCursor(u.data.section(".debug_line"), off)
	n, is64 := c.length()
	c.Limit(n)
	// Forms in the header are read as those of a unit of the table's format.
	form := &Unit{data: u.data, is64: is64, addressSize: u.addressSize, strOffsets: u.strOffsets}
	form.version = c.U16()
	if form.version >= 5 {
		form.addressSize = c.U8()
		c.U8() // size of segment selectors
	}
	headerLength := c.Uint(form.offsetSize())
	start := c.Offset() + headerLength
	p := &lineProgram{minInstruction: c.U8(), maxOps: 1}
	if form.version >= 4 {
		p.maxOps = c.U8()
	}
	p.defaultStmt = c.U8() != 0
	p.lineBase = int8(c.U8())
	p.lineRange = c.U8()
	p.opcodeBase = c.U8()
	p.lengths = c.Bytes(uint64(max(p.opcodeBase, 1) - 1))
	if form.version >= 5 {
		p.directories = names(form.lineEntries(&c, maxDirectories))
		p.files = form.lineEntries(&c, maxFiles)
	} else {
		dir, _ := root.text(std.AttrCompDir)
		p.readOldNames(&c, dir)
	}
	if c.Bad() || p.lineRange == 0 || form.version < 2 || form.version > 5 {
		return nil
	}
	c.Seek(start)
	p.program = c.Bytes(uint64(c.Left()))
	return p
}

func names(files []lineFile) []string {
	out := make([]string, len(files))
	for i := range files {
		out[i] = files[i].name
	}
	return out
}

// lineEntries reads the directories or the files of a DWARF 5 header.
func (u *Unit) lineEntries(c *Cursor, limit int) []lineFile {
	const path, directoryIndex = 1, 2 // DW_LNCT_
	type format struct{ content, form uint64 }
	n := c.U8()
	if n > maxLineFormats {
		c.fail()
		return nil
	}
	formats := make([]format, n)
	for i := range formats {
		formats[i] = format{c.ULEB(), c.ULEB()}
	}
	count := c.ULEB()
	// Without a format an entry takes no byte: count would be all there is.
	if count > uint64(limit) || n == 0 && count > 0 || count > uint64(c.Left()) {
		c.fail()
		return nil
	}
	out := make([]lineFile, 0, count)
	for ; count > 0 && !c.Bad(); count-- {
		var f lineFile
		for _, x := range formats {
			var a Attr
			u.readForm(c, uint32(x.form), 0, &a)
			switch x.content {
			case path:
				f.name = string(u.text(&a))
			case directoryIndex:
				f.directory = a.Value
			}
		}
		out = append(out, f)
	}
	return out
}

// readOldNames reads directories and files of DWARF 2 to 4. Number 0 is the
// unit's own directory, and no file.
func (p *lineProgram) readOldNames(c *Cursor, dir string) {
	p.directories = []string{dir}
	for len(p.directories) < maxDirectories {
		s := c.CString()
		if len(s) == 0 {
			break
		}
		p.directories = append(p.directories, string(s))
	}
	p.files = []lineFile{{}}
	for len(p.files) < maxFiles {
		s := c.CString()
		if len(s) == 0 {
			break
		}
		p.files = append(p.files, lineFile{string(s), c.ULEB()})
		c.ULEB() // time
		c.ULEB() // size
	}
}

// file joins the name of a file with its directories.
func (p *lineProgram) file(n uint64) string {
	if n >= uint64(len(p.files)) {
		return ""
	}
	f := p.files[n]
	if f.name == "" || strings.HasPrefix(f.name, "/") || f.directory >= uint64(len(p.directories)) {
		return f.name
	}
	// Directory 0 is where the compiler was run: it says more of the build machine
	// than of the file.
	dir := p.directories[f.directory]
	if dir == "" || f.directory == 0 || dir == p.directories[0] {
		return f.name
	}
	return dir + "/" + f.name
}

// find runs the program until it passes the row that covers addr. Sequences
// may come in any order.
func (p *lineProgram) find(addr uint64) (row, bool) {
	var r rows
	r.p, r.want = p, addr
	r.reset()
	c := NewCursor(p.program, 0)
	for c.Left() > 0 {
		op := c.U8()
		if op >= p.opcodeBase {
			adjusted := op - p.opcodeBase
			r.advance(uint64(adjusted / p.lineRange))
			r.cur.line += int64(p.lineBase) + int64(adjusted%p.lineRange)
			if r.emit(false) {
				return r.prev, true
			}
			continue
		}
		if r.standard(&c, op) {
			return r.prev, true
		}
	}
	return row{}, false
}

// rows is the state of a line program's run (DWARF 5, 6.2.2).
type rows struct {
	p         *lineProgram
	want      uint64
	cur, prev row
	opIndex   uint64
	have      bool // prev is of this sequence
}

func (r *rows) reset() {
	r.cur = row{file: 1, line: 1, stmt: r.p.defaultStmt}
	r.opIndex, r.have = 0, false
}

func (r *rows) advance(n uint64) {
	if r.p.maxOps <= 1 {
		r.cur.addr += n * uint64(r.p.minInstruction)
		return
	}
	n += r.opIndex
	r.cur.addr += uint64(r.p.minInstruction) * (n / uint64(r.p.maxOps))
	r.opIndex = n % uint64(r.p.maxOps)
}

// emit appends a row; true if the one before covers the address.
func (r *rows) emit(end bool) bool {
	if r.have && r.want >= r.prev.addr && r.want < r.cur.addr {
		return true
	}
	if end {
		r.reset()
		return false
	}
	if !r.have || r.cur.addr != r.prev.addr || r.cur.stmt || !r.prev.stmt {
		r.prev, r.have = r.cur, true
	}
	return false
}

// standard runs a standard or extended opcode (DWARF 5, 6.2.5.2 and 6.2.5.3).
func (r *rows) standard(c *Cursor, op uint8) (found bool) {
	switch op {
	case 0:
		return r.extended(c)
	case 1: // copy
		return r.emit(false)
	case 2: // advance_pc
		r.advance(c.ULEB())
	case 3: // advance_line
		r.cur.line += c.SLEB()
	case 4: // set_file
		r.cur.file = c.ULEB()
	case 5: // set_column
		c.ULEB()
	case 6: // negate_stmt
		r.cur.stmt = !r.cur.stmt
	case 7, 10, 11: // set_basic_block, set_prologue_end, set_epilogue_begin
	case 8: // const_add_pc
		r.advance(uint64((255 - r.p.opcodeBase) / r.p.lineRange))
	case 9: // fixed_advance_pc
		r.cur.addr += uint64(c.U16())
		r.opIndex = 0
	case 12: // set_isa
		c.ULEB()
	default:
		if int(op) > len(r.p.lengths) {
			c.fail()
			return false
		}
		for n := r.p.lengths[op-1]; n > 0; n-- {
			c.ULEB()
		}
	}
	return false
}

func (r *rows) extended(c *Cursor) (found bool) {
	n := c.ULEB()
	if n == 0 || n > uint64(c.Left()) {
		c.fail()
		return false
	}
	end := c.Offset() + n
	switch c.U8() {
	case 1: // end_sequence
		found = r.emit(true)
	case 2: // set_address
		r.cur.addr = c.Uint(int(min(n-1, 9)))
		r.opIndex = 0
	}
	c.Seek(end)
	return found
}
