package report

import (
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/ending"
)

// mostStacks are the stacks of other threads in a report that is not full.
const mostStacks = 12

// mostDetails are the stacks of other threads that stand folded behind a row.
const mostDetails = 128

// threads are the thread at fault, then the others.
func (b *builder) threads() {
	full, folded := pick(b.c, b.o.Threads)
	for i, t := range full {
		b.thread(t, i > 0)
	}
	if len(full) == 0 && len(folded) == 0 && len(b.c.Threads) > 0 {
		b.section(Section{Title: "Thread " + b.o.Threads, Field: FieldOutputs},
			says("it is not among the "+plural(len(b.c.Threads), "thread")+" of this process"))
	}
	s := Section{Title: "Other threads", About: "innermost function first", Field: FieldOutputs, Fold: true}
	if len(full) == 0 {
		s.Title, s.About = "Threads", "none is known to be at fault"
	}
	t := Table{Columns: []Column{{Most: 16}, {Rest: true}}}
	groups := groupThreads(folded)
	if n := len(groups) - mostStacks; n > 0 && !b.full {
		groups, t.More = groups[:mostStacks], plural(n, "more stack")+withFull
	}
	for _, g := range groups {
		names := ranges(g.threads)
		if names == "0" {
			names = "?"
		}
		t.Rows = append(t.Rows, []Text{Text(names), dataText(g.stack)})
		if b.o.drawings && len(t.Details) < mostDetails {
			t.Details = append(t.Details, b.frames(g.first))
		}
	}
	b.section(s, table(t))
}

// namedStacks are those that are no threads: where the memory was freed.
func (b *builder) namedStacks() {
	for i := range b.c.Stacks {
		n := &b.c.Stacks[i]
		about := clip(strings.Map(wordsOnly, n.Role), 80)
		if mark, _ := sameTrust(n.Frames); mark != "" {
			about += ", frames " + mark
		}
		b.section(Section{Title: "Stack", About: about, Field: FieldOutputs, Fold: true}, table(b.frames(&crash.Thread{Frames: n.Frames})))
	}
}

// wordsOnly keeps of a role, which comes from an input, what no format gives a meaning.
func wordsOnly(r rune) rune {
	if r == ' ' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		return r
	}
	return -1
}

// thread is one thread in full.
func (b *builder) thread(t *crash.Thread, fold bool) {
	s := Section{Field: FieldOutputs, Fold: fold}
	var about []string
	s.Title, about = threadTitle(t, endedByFault(b.c))
	if t.Lock != nil {
		about = append(about, data(lockPhrase(t.Lock)))
	}
	if mark, _ := sameTrust(t.Frames); mark != "" {
		about = append(about, "frames "+mark)
	}
	s.About = strings.Join(about, ", ")
	running := taskSentence(t.Task, data)
	if t.Name != "" {
		running = strings.TrimSuffix("named "+data(t.Name)+", "+running, ", ")
	}
	b.section(s, says(running), table(b.frames(t)), broken(t))
	b.section(Section{Title: "Lua traceback", Field: FieldOutputs, Fold: true}, Block{Code: textLines(t.Lua)})
	if b.full || b.o.Registers {
		b.section(Section{Title: "Registers", Field: FieldOutputs, Fold: true}, stoppedAt(t), table(registers(t.Registers)))
	}
	b.section(Section{Title: "Dump of the thread", Field: FieldOutputs, Fold: true}, table(b.fields(t.Fields)))
	if t.Stream == nil || b.c.Stream != nil && t.Stream.Address == b.c.Stream.Address {
		return
	}
	of := ""
	if len(b.c.Threads) > 1 && !t.Faulty {
		of = "of " + strings.ToLower(s.Title[:1]) + s.Title[1:]
	}
	b.stream("Stream", of, t.Stream)
}

// endedByFault says that a thread ended the process. Of a signal from outside it is the one that
// happened to get it.
func endedByFault(c *crash.Crash) bool { return c.Fatal && (c.Signal == nil || !c.Signal.Outside) }

func broken(t *crash.Thread) Block {
	if t.Broken == "" {
		return Block{}
	}
	return says("The stack is not whole: " + sentence(t.Broken) + ".")
}

// stoppedAt is the instruction at which a thread stopped.
func stoppedAt(t *crash.Thread) Block {
	i := instruction(t)
	if i == "" {
		return Block{}
	}
	return says("stopped at " + data(i))
}

// frames is a stack: number, address, function, place, and trust where it differs. Of
// less than a full report frames that only lead to the end are one row.
func (b *builder) frames(t *crash.Thread) Table {
	out := Table{Columns: []Column{{}, {}, {Rest: true}, {Most: -40, Cut: CutLeft}, {}}}
	_, same := sameTrust(t.Frames)
	var culprit *crash.Frame
	if t.Faulty {
		culprit = t.Culprit()
	}
	lead := 0
	if !b.full {
		lead = leads(t.Frames)
	}
	if lead > 0 {
		out.Rows = append(out.Rows, []Text{Text(frameNumbers(0, lead)), "", dataText(leadLine(t.Frames[:lead])), "", ""})
	}
	// Of a recursion the frames that only come again are one row.
	const leastRing = 16
	again, on, ring := ending.Ring(t.Frames, leastRing)
	if again < lead {
		again, on = 0, 0
	}
	head, tail := foldFrames(len(t.Frames) - (on - again))
	for i := lead; i < len(t.Frames); i++ {
		if i == again && again < on {
			out.Rows = append(out.Rows, []Text{"...", "", Text("the same again, " + plural((on-again)/ring, "more time")), "", ""})
			i = on - 1
			continue
		}
		at := i
		if i >= on {
			at -= on - again
		}
		if at == head && head < tail {
			out.Rows = append(out.Rows, []Text{"...", "", Text(fmt.Sprintf("%d more frames in --format json", tail-head)), "", ""})
		}
		if at >= head && at < tail {
			continue
		}
		f := &t.Frames[i]
		row := []Text{Text(frameNumbers(max(i, f.Number), 1)), "", dataText(frameLabel(f, clip(argumentList(f), maxArguments))), dataText(frameWhere(f)), ""}
		if b.full && f.Address != 0 && frameWhere(f) != f.Address.String() {
			row[1] = Text(f.Address.String())
		}
		if !same {
			row[4] = Text(trustMark(f.Trust))
		}
		out.Rows = append(out.Rows, row)
		out.mark(f == culprit)
		if (b.full || b.o.Locals) && len(f.Locals) > 0 {
			out.Rows = append(out.Rows, []Text{"", "", dataText("locals: " + clip(argumentList(&crash.Frame{Arguments: f.Locals}), maxArguments)), "", ""})
		}
	}
	return out
}

// registers are four in a row.
func registers(list []crash.Register) Table {
	const columns = 4
	var t Table
	for i := 0; i < len(list); i += columns {
		var row []Text
		for k := i; k < min(i+columns, len(list)); k++ {
			row = append(row, dataText(list[k].Name), Text(registerValue(&list[k])))
		}
		for len(row) < 2*columns {
			row = append(row, "")
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// stream is the dump of a stream.
func (b *builder) stream(title, of string, d *crash.Stream) {
	if d == nil {
		return
	}
	about := of
	if d.Address != 0 {
		about = strings.TrimSpace(d.Address.String() + " " + of)
	}
	b.section(Section{Title: title, About: about, Field: FieldOutputs, Fold: true}, table(b.fields(d.Fields)))
}

// fields are those of a dump: the telling ones, or all of them in a full report.
func (b *builder) fields(fields []crash.Field) Table {
	t := Table{Columns: []Column{{Most: 24, Cut: CutRight}, {Most: -34}, {Rest: true}}}
	if !b.full {
		var left int
		if fields, left = keyFields(fields); left > 0 {
			t.More = plural(left, "more field") + withFull
		}
	}
	flagged := false
	for i := range fields {
		f := &fields[i]
		value := dataText(f.Value)
		if f.Unavailable != "" {
			value = Text("<unavailable: " + data(f.Unavailable) + ">")
		}
		flagged = flagged || len(f.Flags) > 0
		t.Rows = append(t.Rows, []Text{dataText(f.Name), value, dataText(strings.Join(f.Flags, " "))})
	}
	if !flagged {
		t.Columns = []Column{t.Columns[0], {Rest: true}}
	}
	return t
}
