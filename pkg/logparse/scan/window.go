package scan

import (
	"bytes"
	"context"
	"runtime"
)

// behind is how many bytes before a hit a stream still holds for
// [Window.Before]; maxBehind is the most that a file is read back.
const (
	behind    = 64 << 10
	maxBehind = 1 << 20
)

// Options of a scan; the zero value is good.
type Options struct {
	// Workers is the number of goroutines that search a file; 0 means
	// GOMAXPROCS, at most 8. A stream has one whatever is said here.
	Workers int
	// Block is how many bytes are read at once; 0 means 256 KiB.
	Block int
	// MaxLine is the size in bytes of the pieces in which longer lines come; 0 means 128 KiB.
	MaxLine int
}

func (o Options) fill(s *Set) Options {
	if o.Workers <= 0 {
		o.Workers = min(runtime.GOMAXPROCS(0), 8)
	}
	if o.Block <= 0 {
		o.Block = 256 << 10
	}
	if o.MaxLine <= 0 {
		o.MaxLine = 128 << 10
	}
	// Pieces overlap by a literal and must still get on.
	o.MaxLine = max(o.MaxLine, 4*s.longest)
	return o
}

// place is a point between two lines, or inside a line that came in pieces.
type place struct {
	off    int64
	number int64 // of the line that goes on or begins here, from 1
	inside bool  // in the middle of a line
}

// Window is a line with a hit and the way to its neighbours. The window is
// valid until the yield returns; the slices it gives out are valid only until
// the next call of Next, except for the result of Before, which leaves Line as
// it is and lasts until the next call of Before or Next.
type Window struct {
	Off    int64  // offset of Line in the input
	Number int64  // number of Line in the input, from 1; all pieces of a cut line have the same
	Line   []byte // without the newline, but with a carriage return before it
	Hit    int64  // offset of a literal in the input
	Lit    int    // index of that literal: a hint, Line may hold others too
	Cut    bool   // Line is a piece of a longer line: it lacks its start or its end

	src   source
	most  int   // size of the longest line
	floor int64 // end of the previous window
	prev  place // where the last line given began
	end   place // where the next line begins
	err   error
}

// Next gives the line after the last one given, its offset in the input and its
// number. It is false at the end of the input and after an error, which the scan
// then returns. A line longer than Options.MaxLine comes in pieces that have the
// same number.
//
// Lines read this way are not searched any more: give back with Back the one
// that does not belong to the message. On a stream Next waits for the line to come.
func (w *Window) Next() (line []byte, off, number int64, ok bool) {
	b, size, cut, err := lineAt(w.src, w.end.off, w.most)
	if err != nil {
		w.err = err
	}
	if err != nil || size == 0 {
		w.prev = w.end // nothing for Back to undo
		return nil, w.end.off, w.end.number, false
	}
	w.prev = w.end
	w.end = w.prev.after(size, cut)
	return b, w.prev.off, w.prev.number, true
}

// back undoes the last Next. A second back in a row does nothing.
func (w *Window) back() { w.end = w.prev }

// Before gives up to n bytes that stand in the input directly before Line, so
// that a caller can walk back to the start of an entry of several lines. It is
// less at the start of the input, never reaches back into the previous
// window, and ends at what the source still holds: 1 MiB of a file; of a
// stream 64 KiB or more, but less after calls of Next.
//
// The first line of it may lack its start. The number of that line is Number
// minus the newlines in the result.
func (w *Window) Before(n int) []byte {
	if n <= 0 || w.Off <= w.floor {
		return nil
	}
	b, err := w.src.before(w.Off, int(min(int64(n), w.Off-w.floor, maxBehind)))
	if err != nil {
		w.err = err
		return nil
	}
	return b
}

// after gives the place that follows a line (or piece) of so many bytes.
func (p place) after(size int, cut bool) place {
	p.off += int64(size)
	p.inside = cut
	if !cut {
		p.number++
	}
	return p
}

// source gives bytes of the input by offset.
type source interface {
	// view returns n bytes at off; fewer at the end of the input, or when a
	// newline is among them: a stream must not wait for more than a line. They are valid
	// until the next call. A stream may then forget what lies before off.
	view(off int64, n int) ([]byte, error)
	// before returns up to n bytes that end at off, without touching what view
	// gave.
	before(off int64, n int) ([]byte, error)
}

// lineAt returns the line at off without its newline, its size with it, and
// whether it was cut after most bytes.
func lineAt(src source, off int64, most int) (line []byte, size int, cut bool, err error) {
	for want := min(4096, most+1); ; want = min(want*8, most+1) {
		b, err := src.view(off, want)
		if err != nil {
			return nil, 0, false, err
		}
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			return b[:i], i + 1, false, nil
		}
		if len(b) > most {
			return b[:most], most, true, nil
		}
		if len(b) < want {
			return b, len(b), false, nil
		}
	}
}

// walk is the state of a scan between windows.
type walk struct {
	set   *Set
	ctx   context.Context
	src   source
	opt   Options
	yield func(*Window) bool
	next  place  // all before it was given out or searched in vain
	win   Window // used again for each hit, so that many make no garbage
}

// hand gives the line [start, …) with its hit to the caller and moves on.
// headCut says that the true start of the line was too far back.
func (k *walk) hand(start, hit, number int64, lit int, headCut bool) (goOn bool, err error) {
	if err := k.ctx.Err(); err != nil {
		return false, err
	}
	line, size, cut, err := lineAt(k.src, start, k.opt.MaxLine)
	if err != nil {
		return false, err
	}
	if int64(len(line)) <= hit-start {
		return false, nil // the file was truncated since the hit was seen
	}
	at := place{off: start, number: number}
	w := &k.win
	*w = Window{Off: start, Number: number, Line: line, Hit: hit, Lit: lit,
		Cut: cut || headCut || k.next.inside && start == k.next.off,
		src: k.src, most: k.opt.MaxLine, floor: k.next.off, prev: at.after(size, cut), end: at.after(size, cut)}
	first := w.end.off
	goOn = k.yield(w)
	k.next = w.end
	if cut && k.next.off == first {
		// A literal may lie across the cut: overlap.
		k.next.off = max(first-int64(k.set.longest-1), hit+1)
	}
	return goOn, w.err
}
