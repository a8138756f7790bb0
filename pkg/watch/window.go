package watch

import (
	"bytes"
	"time"
)

// Bounds of a window.
const (
	maxBefore     = 256      // lines that are kept while none is open
	maxBeforeText = 64 << 10 // their bytes
	maxWindow     = 2 << 20  // bytes
	maxOpen       = 60 * time.Second
)

// window is the text around crashes: from a telling line, with some before it, until nothing
// telling came for a while.
type window struct {
	// safe is the cursor of the last line that no open window needs.
	safe string

	before     [][]byte
	beforeText int

	open         bool
	text         bytes.Buffer
	since, heard time.Time
	last         string // cursor of the last line in it
}

// add takes a line at a time.
func (w *window) add(e entry, telling bool, now time.Time) {
	if !w.open && !telling {
		w.remember(e.line)
		w.safe = e.cursor
		return
	}
	if !w.open {
		w.open, w.since = true, now
		w.text.Reset()
		for _, line := range w.before {
			w.put(line)
		}
		w.before, w.beforeText = nil, 0
	}
	if telling {
		w.heard = now
	}
	w.put(e.line)
	w.remember(e.line)
	w.last = e.cursor
}

func (w *window) put(line []byte) {
	w.text.Write(line)
	w.text.WriteByte('\n')
}

// remember keeps a line for the window that may follow.
func (w *window) remember(line []byte) {
	if len(line) > maxBeforeText {
		return
	}
	w.before = append(w.before, bytes.Clone(line))
	w.beforeText += len(line)
	for len(w.before) > maxBefore || w.beforeText > maxBeforeText {
		w.beforeText -= len(w.before[0])
		w.before = w.before[1:]
	}
}

// ripe says that the window has what it will get: nothing telling came for a while, or it is too
// large or too old. Then the next one begins with its last lines, so that no crash is cut in two.
func (w *window) ripe(now time.Time, quiet time.Duration) bool {
	return w.open && (now.Sub(w.heard) >= quiet || now.Sub(w.since) >= maxOpen || w.text.Len() >= maxWindow)
}

// take closes the window and gives its text. The cursor is safe when the text has been worked on.
func (w *window) take() (text []byte, cursor string) {
	w.open = false
	return bytes.Clone(w.text.Bytes()), w.last
}
