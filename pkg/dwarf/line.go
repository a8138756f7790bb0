package dwarf

import (
	std "debug/dwarf"
	"sort"
)

// lineTable is a unit's part of .debug_line (DWARF 5, 6.2.4).
type lineTable struct {
	unit                   *Unit // of the table's own format, to read forms
	minInstruction, maxOps uint8
	defaultStmt            bool
	lineBase               int8
	lineRange, opcodeBase  uint8
	lengths                []byte // operands of each standard opcode
	program                []byte

	directories, files pathTable
	directory          string // of the compiler; before DWARF 5 the unit knows it
	paths              map[uint64]string

	sequences []sequence
	rows      []row
	run       bool // the program was run
}

// sequence is a run of code without a gap, with rows first to last, without last.
type sequence struct {
	low, high   uint64
	first, last int
}

// row says that from an address on code is of a line.
type row struct {
	addr       uint64
	file, line uint32
	stmt       bool
}

// Line gives the source file and line of a link-time address; "" and 0 if the
// table does not tell. The file is as the compiler was given it.
//
// The row is the last one whose address is not above addr; of several at the
// same address the last that begins a statement.
func (u *Unit) Line(addr uint64) (file string, line int) {
	t := u.lines()
	if t == nil {
		return "", 0
	}
	r := t.find(addr)
	if r == nil {
		return "", 0
	}
	return t.file(uint64(r.file)), int(r.line)
}

// File gives the name of a file of the unit's line table.
func (u *Unit) File(n uint64) string {
	if t := u.lines(); t != nil {
		return t.file(n)
	}
	return ""
}

func (u *Unit) lines() *lineTable {
	if !u.lineRead {
		u.lineRead = true
		u.line = u.readLines()
	}
	return u.line
}

func (u *Unit) readLines() *lineTable {
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
	form := &Unit{data: u.data, is64: is64, addressSize: u.addressSize, strOffsets: u.strOffsets}
	form.version = c.U16()
	if form.version >= 5 {
		form.addressSize = c.U8()
		c.U8() // size of segment selectors
	}
	headerLength := c.Uint(form.offsetSize())
	start := c.Offset() + headerLength
	t := &lineTable{unit: form, minInstruction: c.U8(), maxOps: 1, paths: map[uint64]string{}}
	if form.version >= 4 {
		t.maxOps = c.U8()
	}
	t.defaultStmt = c.U8() != 0
	t.lineBase = int8(c.U8())
	t.lineRange = c.U8()
	t.opcodeBase = c.U8()
	t.lengths = c.Bytes(uint64(max(t.opcodeBase, 1) - 1))
	if form.version >= 5 {
		t.directories = form.pathTable(&c)
		t.directories.pass(form, &c)
		t.files = form.pathTable(&c)
	} else {
		t.directory, _ = root.text(std.AttrCompDir)
		t.directories = pathTable{formats: oldDirectory, first: c, ends: true}
		t.directories.pass(form, &c)
		t.files = pathTable{formats: oldFile, first: c, ends: true}
	}
	if c.Bad() || t.lineRange == 0 || form.version < 2 || form.version > 5 {
		return nil
	}
	c.Seek(start)
	t.program = c.Bytes(uint64(c.Left()))
	return t
}

// find gives the row that covers an address; nil if none does. Sequences may
// come in any order.
func (t *lineTable) find(addr uint64) *row {
	if !t.run {
		t.run = true
		t.runProgram()
	}
	t.unit.data.spend(len(t.sequences) / 4)
	for _, s := range t.sequences {
		if addr < s.low || addr >= s.high {
			continue
		}
		rows := t.rows[s.first:s.last]
		i := sort.Search(len(rows), func(i int) bool { return rows[i].addr > addr }) - 1
		return &rows[i]
	}
	return nil
}

// runProgram makes the rows of a line program.
func (t *lineTable) runProgram() {
	r := lineRun{t: t}
	r.reset()
	c := NewCursor(t.program, 0)
	for c.Left() > 0 && t.unit.data.spend(1) {
		op := c.U8()
		if op < t.opcodeBase {
			r.standard(&c, op)
			continue
		}
		adjusted := op - t.opcodeBase
		r.advance(uint64(adjusted / t.lineRange))
		r.line += uint32(int32(t.lineBase) + int32(adjusted%t.lineRange))
		r.emit()
	}
}

// lineRun is the state of a line program's run (DWARF 5, 6.2.2).
type lineRun struct {
	t *lineTable
	row
	opIndex uint64
	first   int // row of this sequence
}

func (r *lineRun) reset() {
	r.row = row{file: 1, line: 1, stmt: r.t.defaultStmt}
	r.opIndex, r.first = 0, len(r.t.rows)
}

func (r *lineRun) advance(n uint64) {
	if r.t.maxOps <= 1 {
		r.addr += n * uint64(r.t.minInstruction)
		return
	}
	n += r.opIndex
	r.addr += uint64(r.t.minInstruction) * (n / uint64(r.t.maxOps))
	r.opIndex = n % uint64(r.t.maxOps)
}

// emit appends a row.
func (r *lineRun) emit() {
	rows := r.t.rows
	if n := len(rows); n > r.first {
		last := &rows[n-1]
		switch {
		case r.addr < last.addr: // damaged: what was so far is a sequence of its own
			r.close(last.addr)
		case r.addr == last.addr:
			if r.stmt || !last.stmt {
				*last = r.row
			}
			return
		}
	}
	const size = 48 // in bytes, and twice while the slice grows
	if r.t.unit.data.keep(size) {
		r.t.rows = append(r.t.rows, r.row)
	}
}

// close ends a sequence at an address.
//
// Folklore: the linker leaves the lines of functions that it dropped at address
// 0, where they lie over those of the first functions of a shared object.
func (r *lineRun) close(end uint64) {
	rows := r.t.rows[r.first:]
	if len(rows) > 0 && rows[0].addr > 0 && end > rows[0].addr {
		r.t.sequences = append(r.t.sequences, sequence{rows[0].addr, end, r.first, len(r.t.rows)})
	}
	r.first = len(r.t.rows)
}

// standard runs a standard or extended opcode (DWARF 5, 6.2.5.2 and 6.2.5.3).
func (r *lineRun) standard(c *Cursor, op uint8) {
	switch op {
	case 0:
		r.extended(c)
	case 1: // copy
		r.emit()
	case 2: // advance_pc
		r.advance(c.ULEB())
	case 3: // advance_line
		r.line += uint32(c.SLEB())
	case 4: // set_file
		r.file = uint32(min(c.ULEB(), 1<<32-1))
	case 5: // set_column
		c.ULEB()
	case 6: // negate_stmt
		r.stmt = !r.stmt
	case 7, 10, 11: // set_basic_block, set_prologue_end, set_epilogue_begin
	case 8: // const_add_pc
		r.advance(uint64((255 - r.t.opcodeBase) / r.t.lineRange))
	case 9: // fixed_advance_pc
		r.addr += uint64(c.U16())
		r.opIndex = 0
	case 12: // set_isa
		c.ULEB()
	default:
		if int(op) > len(r.t.lengths) {
			c.fail()
			return
		}
		for n := r.t.lengths[op-1]; n > 0; n-- {
			c.ULEB()
		}
	}
}

func (r *lineRun) extended(c *Cursor) {
	n := c.ULEB()
	if n == 0 || n > uint64(c.Left()) {
		c.fail()
		return
	}
	end := c.Offset() + n
	switch c.U8() {
	case 1: // end_sequence
		r.close(r.addr)
		r.reset()
	case 2: // set_address
		r.addr = c.Uint(int(min(n-1, 9)))
		r.opIndex = 0
	}
	c.Seek(end)
}
