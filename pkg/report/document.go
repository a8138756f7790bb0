package report

import "github.com/hacrash/hacrash/pkg/crash"

// Level is how much a reader wants to see.
type Level int

// The levels. The zero value is Normal.
const (
	// Brief is what happened, whether it is known and what to do.
	Brief Level = iota - 1
	// Normal adds the facts that a maintainer asks for.
	Normal
	// Full is all that is known.
	Full
)

// Document is the report of one crash for people, whatever the format: Build decides
// what it says and in which order, a presenter how that looks.
type Document struct {
	// Headline says in one sentence who died and of what.
	Headline Text
	// When says when and where it was, and what was read; empty if nothing is known.
	When    Text
	Verdict *Verdict
	// Flow and Stacks are for formats that draw; nil when there is nothing to draw.
	Flow   *Flow
	Stacks *Stacks
	// Sections are in the order in which a reader needs them; none is empty.
	Sections    []Section
	Fingerprint string
	Strength    crash.Strength
	// Holds says what kinds of data the report still holds.
	Holds string
}

// Verdict is whether the bug is known, and what to do.
type Verdict struct {
	Status crash.Status
	// Word is the verdict in a word or two.
	Word string
	// ID and Title are those of the bug that fits best.
	ID, Title Text
	// Why is why it is this verdict.
	Why Text
	// Next is what to do, the most useful first.
	Next []Step
	// Says is what is known of the bug; Do where it is fixed, and what to do about it unless
	// Next says it; Because what speaks for it.
	Says, Do, Because []Row
}

// Step is one thing to do.
type Step struct {
	Do Text
	// Command is a line for a shell. It is not escaped.
	Command string
}

// Field is a field of HAProxy's bug form (.github/ISSUE_TEMPLATE/Bug.yml).
type Field int

// The fields that a section may belong to.
const (
	FieldMore    Field = iota // additional information
	FieldCause                // an idea what may have caused it
	FieldVersion              // the output of haproxy -vv
	FieldOutputs              // last outputs and backtraces
)

// Section is a part of a document with a title. What only a reader who asked for all
// of it gets is not in it.
type Section struct {
	// Title holds words of ours only. A section without one goes on with the one before.
	Title string
	// About follows the title: an address, a state.
	About string
	Field Field
	// Fold: it is long, and a format that can fold does so.
	Fold   bool
	Blocks []Block
}

// Block is one piece of a section: exactly one of its members is set.
type Block struct {
	Prose Text
	// Rows are labels with a value each.
	Rows []Row
	List []Text
	// Table has columns that belong together.
	Table *Table
	// Code is lines as an input has them. They are not escaped.
	Code []string
}

// Row is a label of ours and a value.
type Row struct {
	Label string
	Value Text
}

// Table is rows of cells. A column without any cell is not printed.
type Table struct {
	Header []string
	// Columns say how wide each may be; those that are not listed are as wide as they need.
	Columns []Column
	Rows    [][]Text
	// Marked is the row that matters most, counted from 1; 0 if none does.
	Marked int
	// Details are what a format that can fold shows behind the first rows, one for each.
	Details []Table
	// More says what was left out.
	More string
}

// Column is how wide a column may be in a terminal.
type Column struct {
	// Most is in columns of the terminal, or in hundredths of its width when negative;
	// 0 takes as much as the cells need.
	Most int
	// Rest takes what the other columns leave; the last column does when none is said to.
	Rest bool
	// Cut says what happens to what is longer.
	Cut Cut
}

// Cut is what happens to a cell that is too long.
type Cut int

// The ways.
const (
	Wrap     Cut = iota // goes on in another line
	CutRight            // its end goes
	CutLeft             // its beginning goes: for paths
)

// Flow is a stream at the moment of the crash: what comes in at the front goes through the
// request channel to the back, and the answer through the response channel.
type Flow struct {
	// About is what else identifies it: its address, the frontend.
	About Text
	// Client and Server are what the connectors end in, applets too.
	Client, Front, Back, Server Part
	Request, Response           Part
	// Fault says why the crash is the whole stream's; empty if it is not.
	Fault string
	// Notes are what stands out; parts have their numbers, from 1.
	Notes []Text
}

// Part is one box of a Flow.
type Part struct {
	Title string
	Rows  []Row
	Flags []string
	// Fault says why the crash is this part's; empty if it is not.
	Fault string
	Notes []int
	// ReadShut and WriteShut are the flags that close a connector's directions.
	ReadShut, WriteShut string
	// Output and Input are what is left in a channel of Size bytes; Size is 0 when that is
	// not known.
	Output, Input, Size int64
}

// Stacks is the stacks of all threads merged from the outermost function on.
type Stacks struct {
	Roots []*Call
	// Fatal: what the thread at fault did ended the process.
	Fatal bool
	// Threads are those that are in it, Left those that have no stack or found no room.
	Threads, Left int
}

// Call is a function in merged stacks.
type Call struct {
	Name    Text
	Threads int
	// Faulty: the thread at fault is in it; Culprit: it is where that went wrong.
	Faulty, Culprit bool
	Calls           []*Call
}

// Where to find what a document leaves out.
const (
	withFull = " with --full"
	inJSON   = " in --format json"
)

func says(v string) Block { return Block{Prose: Text(v)} }

func table(t Table) Block { return Block{Table: &t} }

// mark marks the last row.
func (t *Table) mark(yes bool) {
	if yes {
		t.Marked = len(t.Rows)
	}
}

func (b *Block) empty() bool {
	return b.Prose == "" && len(b.Rows) == 0 && len(b.List) == 0 && len(b.Code) == 0 && (b.Table == nil || len(b.Table.Rows) == 0)
}
