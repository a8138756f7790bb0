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
	marks     []mark
	run       bool // the program was run
}

// sequence is a run of code without a gap; marks first to last, without last, are
// in it.
type sequence struct {
	low, high   uint64
	first, last int
}

// mark is the state of a run at a row which is the first of its address, and
// where the program goes on: it can be run again from there.
//
// A program makes a row for every few bytes of code, and a report asks for a
// handful, so rows are not kept: to find one the program is run once, marks
// are left on the way, and the few rows behind a mark are made again.
type mark struct {
	state lineState
	next  int // offset in the program
}

// markDistance is how many rows there are between two marks, at least.
const markDistance = 64

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
	r, ok := t.find(addr)
	if !ok {
		return "", 0
	}
	return t.file(uint64(r.file)), int(r.line)
}

// file gives the name of a file of the unit's line table.
func (u *Unit) file(n uint64) string {
	if t := u.lines(); t != nil {
		return t.file(n)
	}
	return ""
}

func (u *Unit) lines() *lineTable {
	if u.skeleton != nil {
		return u.skeleton.lines()
	}
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

// find gives the row that covers an address; false if none does. Sequences may
// come in any order.
func (t *lineTable) find(addr uint64) (row, bool) {
	if !t.run {
		t.run = true
		t.markProgram()
	}
	t.unit.data.spend(len(t.sequences) / 4)
	for _, s := range t.sequences {
		if addr < s.low || addr >= s.high {
			continue
		}
		marks := t.marks[s.first:s.last]
		i := sort.Search(len(marks), func(i int) bool { return marks[i].state.addr > addr }) - 1
		return t.from(marks[i], addr), true
	}
	return row{}, false
}

// from runs the program from a mark on, up to the row that covers an address.
func (t *lineTable) from(m mark, addr uint64) row {
	r := lineRun{t: t, lineState: m.state}
	best := m.state.row
	c := NewCursor(t.program, uint64(m.next))
	for c.Left() > 0 && t.unit.data.spend(1) {
		switch r.step(&c) {
		case madeRow:
			switch {
			case r.addr > addr || r.addr < best.addr:
				return best
			case r.addr > best.addr || r.stmt || !best.stmt:
				best = r.row
			}
		case endedSequence:
			return best
		}
	}
	return best
}

// markProgram runs the program and finds its sequences.
func (t *lineTable) markProgram() {
	r := lineRun{t: t}
	r.reset()
	var low, last uint64 // addresses of the first and the latest row of the sequence
	first := len(t.marks)
	rows := 0 // since the last mark; -1: none in this sequence yet
	begin := func() { first, rows = len(t.marks), -1 }
	// Folklore: the linker leaves the lines of functions that it dropped at address
	// 0, where they lie over those of the first functions of a shared object.
	end := func(high uint64) {
		if rows >= 0 && low > 0 && high > low {
			t.sequences = append(t.sequences, sequence{low, high, first, len(t.marks)})
		}
		begin()
	}
	begin()
	c := NewCursor(t.program, 0)
	for c.Left() > 0 && t.unit.data.spend(1) {
		switch r.step(&c) {
		case endedSequence:
			end(r.addr)
			r.reset()
		case madeRow:
			if rows >= 0 && r.addr < last { // damaged: what was so far is a sequence of its own
				end(last)
			}
			if rows < 0 || rows >= markDistance && r.addr > last {
				const size = 96 // in bytes, and twice while the slice grows
				if !t.unit.data.keep(size) {
					return
				}
				if rows < 0 {
					low = r.addr
				}
				t.marks = append(t.marks, mark{r.lineState, int(c.Offset())})
				rows = 0
			}
			last = r.addr
			rows++
		}
	}
}

// lineState is all that a line program's next steps depend on (DWARF 5, 6.2.2).
type lineState struct {
	row
	opIndex uint64
}

// lineRun is a run of a line program.
type lineRun struct {
	t *lineTable
	lineState
}

// What a step of a line program did.
type lineStep int

const (
	madeNothing lineStep = iota
	madeRow
	endedSequence
)

// step runs the next instruction.
func (r *lineRun) step(c *Cursor) lineStep {
	op := c.U8()
	if op < r.t.opcodeBase {
		return r.standard(c, op)
	}
	op -= r.t.opcodeBase
	r.advance(uint64(op / r.t.lineRange))
	r.line += uint32(int32(r.t.lineBase) + int32(op%r.t.lineRange))
	return madeRow
}

func (r *lineRun) reset() {
	r.lineState = lineState{row: row{file: 1, line: 1, stmt: r.t.defaultStmt}}
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

// standard runs a standard or extended opcode (DWARF 5, 6.2.5.2 and 6.2.5.3).
func (r *lineRun) standard(c *Cursor, op uint8) lineStep {
	switch op {
	case 0:
		return r.extended(c)
	case 1: // copy
		return madeRow
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
			return madeNothing
		}
		for n := r.t.lengths[op-1]; n > 0; n-- {
			c.ULEB()
		}
	}
	return madeNothing
}

func (r *lineRun) extended(c *Cursor) lineStep {
	n := c.ULEB()
	if n == 0 || n > uint64(c.Left()) {
		c.fail()
		return madeNothing
	}
	end, did := c.Offset()+n, madeNothing
	switch c.U8() {
	case 1: // end_sequence
		did = endedSequence
	case 2: // set_address
		r.addr = c.Uint(int(min(n-1, 9)))
		r.opIndex = 0
	}
	c.Seek(end)
	return did
}
