package backtrace

import (
	"strings"
)

// verdict of a tool's parser on one line.
type verdict int

const (
	over    verdict = iota // the block ended before this line
	member                 // understood
	foreign                // not understood, tolerated if few
	blank                  // nothing in it, tolerated if few
)

// parser is the part of a Block that knows one tool.
type parser interface {
	line(text string, number int64) verdict
	// finish is called once, after the last line. It gives the thread at fault, or nil.
	finish() *stack
	told() *reading
}

// reading is what a parser has read: facts, threads, and the names of the program.
type reading struct {
	Result
	stacks
	names  []string
	locals int // variables that were kept
}

func (r *reading) told() *reading { return r }

// keepFact keeps what a report has under one of the names for it; false for other names.
func (r *reading) keepFact(name, value string) bool {
	switch name {
	case "time", "Date/Time", "Timestamp":
		r.Time = value
	case "cmdline", "Command Line":
		r.Arguments = value
	case "executable", "Executable", "Path":
		r.Executable = value
	case "package", "Package":
		r.Package = value
	case "host", "Hostname":
		r.Host = value
	default:
		return false
	}
	return true
}

// Block is one backtrace in the making.
type Block struct {
	p        parser
	pending  []Foreign // since the last line understood
	odd      int       // lines since the last line understood
	foreign  int       // bytes of all that were not
	finished bool
}

// Start opens a block at a line that only a backtrace can hold, and takes that
// line: it must not be given to Line again. It returns nil when text opens none.
func Start(text string, number int64) *Block {
	text = clean(text)
	p := open(text)
	if p == nil {
		return nil
	}
	r := p.told()
	r.FirstLine, r.LastLine = number, number
	p.line(text, number)
	return &Block{p: p}
}

// Line takes the next line. It returns false when the line is not part of the
// block; then the block is over, and the line may open another one.
func (b *Block) Line(text string, number int64) bool {
	if b.finished {
		return false
	}
	text = clean(text)
	if _, _, _, ok := banner(strings.TrimLeft(text, " \t")); ok && b.p.told().Tool != ToolASAN {
		return false // another tool's report, whatever session is open
	}
	switch b.p.line(text, number) {
	case member:
		b.keepForeign()
		b.odd = 0
		b.p.told().LastLine = number
		return true
	case over:
		return false
	case foreign:
		if len(text) > maxMessage {
			return true // a piece of a line that is too long: a frame with a string of megabytes
		}
		if b.foreign += len(text); b.foreign <= maxOdd {
			b.pending = append(b.pending, Foreign{text, number})
		}
	}
	b.odd++
	if b.odd <= maxForeign {
		return true
	}
	if n := len(b.pending); n > 0 && b.pending[n-1].Number == number {
		b.pending = b.pending[:n-1] // it is the caller's again
	}
	return false
}

// Bytes is about how much memory the block takes, which has a bound.
func (b *Block) Bytes() int { return b.p.told().kept + min(b.foreign, maxOdd) }

func (b *Block) keepForeign() {
	r := b.p.told()
	room := maxForeigns - len(r.Foreign)
	r.Foreign = append(r.Foreign, b.pending[:min(room, len(b.pending))]...)
	b.pending = b.pending[:0]
}

// Result gives what the block tells. It takes no more lines afterwards.
func (b *Block) Result() Result {
	r := b.p.told()
	if !b.finished {
		b.finished = true
		b.keepForeign()
		faulty := b.p.finish()
		r.Threads, r.Stacks = r.threads(faulty), r.named()
		if r.Kind == "" {
			judge(&r.Result, faulty, r.all)
		}
		r.Owner, r.Program = owner(&r.Result, r.names)
	}
	return r.Result
}
