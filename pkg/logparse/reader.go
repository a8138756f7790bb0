package logparse

import (
	"bytes"
	"context"

	"github.com/hacrash/hacrash/pkg/logparse/envelope"
	"github.com/hacrash/hacrash/pkg/logparse/scan"
)

// Bytes of context that are read before a line with a literal: a dump may have
// lines before the first one that is certain.
const (
	contextBytes = 8 << 10
	entryBytes   = 1 << 20 // when the line is in the middle of a journal entry
)

// reader leads lines from the input to the parser.
type reader struct {
	ctx   context.Context
	dec   *envelope.Decoder
	p     *parser
	lines []envelope.Line
	sum   Summary

	listing listing
	// order is that of the messages, as far as the first lines show; unless it is oldestFirst
	// lines are held.
	order  order
	held   []heldLine
	places []int64 // of lines that were turned: their numbers in the input

	end               int64 // offset where the line after the last one read begins
	next, at          int64 // number of the line after the last one read; offset of that one
	markOff, markLine int64 // of the last line that was part of something
}

// whole parses every line.
func (r *reader) whole(data []byte) error {
	r.listing = listingOf(data)
	r.order = orderOf(data, &r.listing)
	var off int64
	for number := int64(1); len(data) > 0; {
		if number%1024 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		line, size := data, len(data)
		more := true // the line ends here
		if i := bytes.IndexByte(data[:min(len(data), maxLine+1)], '\n'); i >= 0 {
			line, size = data[:i], i+1
		} else if len(data) > maxLine {
			line, size, more = data[:maxLine], maxLine, false
		}
		if err := r.line(line, off, number); err != nil {
			return err
		}
		off += int64(size)
		data = data[size:]
		if more {
			number++
		}
	}
	return r.ctx.Err()
}

// gated parses what is around lines with literals.
// Where the newest message is the first, the lines around are held and turned.
func (r *reader) gated(head []byte, search func(*scan.Set, func(*scan.Window) bool) error) error {
	r.sum.Gated = true
	r.listing = listingOf(head)
	if r.order = orderOf(head, &r.listing); r.order == unsure {
		r.order = oldestFirst
	}
	set, err := scan.NewSet(Literals(), []byte(ordinary))
	if err != nil {
		return err
	}
	var stop error
	err = search(set, func(w *scan.Window) bool {
		stop = r.window(w)
		return stop == nil
	})
	if stop != nil {
		return stop
	}
	return err
}

// window parses a line with a literal, what stands before it, and what follows
// until the reports are over.
func (r *reader) window(w *scan.Window) error {
	back, atStart := r.before(w)
	number := w.Number - int64(bytes.Count(back, newline))
	off := w.Off - int64(len(back))
	if number > r.next || off > r.end {
		// What was held back has no continuation any more.
		r.lines = r.dec.Flush(r.lines[:0])
		if err := r.give(r.next, off); err != nil {
			return err
		}
		if r.order != oldestFirst {
			if err := r.settle(); err != nil {
				return err
			}
		}
	}
	if r.order != oldestFirst {
		r.markLine, r.markOff = w.Number, w.Off
	}
	if !atStart {
		i := bytes.IndexByte(back, '\n')
		back, off, number = back[i+1:], off+int64(i+1), number+1
	}
	line, lineOff := w.Line, w.Off
	for len(back) > 0 {
		i := bytes.IndexByte(back, '\n')
		if i < 0 {
			// The head of a line that came in pieces.
			if w.Cut && envelope.InLongLine(back) {
				line, lineOff = append(back[:len(back):len(back)], line...), off
			}
			break
		}
		if err := r.line(back[:i], off, number); err != nil {
			return err
		}
		back, off, number = back[i+1:], off+int64(i+1), number+1
	}
	if err := r.line(line, lineOff, w.Number); err != nil {
		return err
	}
	for !r.idle(w.Number, w.Off) {
		line, off, number, ok := w.Next()
		if !ok {
			break
		}
		if err := r.line(line, off, number); err != nil {
			return err
		}
	}
	return r.ctx.Err()
}

// before gives what stands before the window's line, and whether it begins
// with the start of a line.
func (r *reader) before(w *scan.Window) (back []byte, atStart bool) {
	back = w.Before(contextBytes)
	if n := envelope.EntryStart(back, w.Line); n > 0 {
		return back[len(back)-n:], true
	}
	if insideEntry(w.Line) {
		long := w.Before(entryBytes)
		if n := envelope.EntryStart(long, w.Line); n > 0 {
			return long[len(long)-n:], true
		}
		back = long[max(len(long)-contextBytes, 0):]
	}
	if len(back) < contextBytes {
		return back, true // the start of the input, or the end of the previous window
	}
	return back, bytes.IndexByte(back, '\n') < 0
}

// insideEntry says that a line may be a field of an entry of several lines.
func insideEntry(line []byte) bool {
	if bytes.HasPrefix(line, []byte("    ")) {
		line = line[4:]
	}
	i := bytes.IndexByte(line[:min(len(line), 64)], '=')
	if i <= 0 {
		return len(line) < 8 || bytes.IndexByte(line[:8], 0) >= 0 // a binary field's size
	}
	for _, c := range line[:i] {
		if (c < 'A' || c > 'Z') && c != '_' {
			return false
		}
	}
	return true
}

// idle says whether the lines after the window's one have nothing to add.
func (r *reader) idle(number, off int64) bool {
	if r.p.open() || r.order != oldestFirst {
		return r.far(r.next, r.at)
	}
	look, k := int64(8), int64(2)
	if r.dec.MultiLine() {
		look, k = idleLines, 2*multiLine
	}
	return r.next-max(number, r.markLine) > look || r.at-max(off, r.markOff) > k*maxLine
}

// far says whether number is too far from the last line of any report.
func (r *reader) far(number, off int64) bool {
	k := int64(1)
	if r.dec.MultiLine() {
		k = multiLine
	}
	return number-r.markLine > k*idleLines || off-r.markOff > k*idleBytes
}

// line takes one line of the input.
func (r *reader) line(raw []byte, off, number int64) error {
	if r.order == oldestFirst && r.p.open() && r.far(number, off) {
		r.p.endAll()
	}
	r.next, r.at, r.end = number+1, off, off+int64(len(raw))+1
	r.sum.Lines++
	r.lines = r.dec.Decode(r.listing.strip(raw), number, r.lines[:0])
	if r.dec.MultiLine() {
		r.p.stale = 2 * idleLines * multiLine
	}
	return r.give(number, off)
}

// give hands decoded lines to the parser.
func (r *reader) give(number, off int64) error {
	if r.order != oldestFirst {
		for i := range r.lines {
			r.held = append(r.held, heldLine{r.lines[i], number, off})
		}
		if len(r.held) >= maxHeldLines {
			return r.settle()
		}
		return r.p.err
	}
	for i := range r.lines {
		if r.p.feed(r.lines[i]) {
			r.markLine, r.markOff = number, off
		}
	}
	return r.p.err
}

func (r *reader) finish() error {
	r.lines = r.dec.Flush(r.lines[:0])
	if err := r.give(r.next, r.markOff); err != nil {
		return err
	}
	if err := r.settle(); err != nil {
		return err
	}
	r.p.endAll()
	return r.p.err
}

var newline = []byte{'\n'}
