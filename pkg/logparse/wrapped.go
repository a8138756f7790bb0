package logparse

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
	"github.com/hacrash/hacrash/pkg/logparse/system"
)

// wrapped remembers the kernel's line on a fault that the next line may go on: terminals and
// mail programs break what is longer than a row, within a word or in place of a blank, and
// what they break off has no envelope.
//
//	Oct 14 21:52:48 lb1 kernel: haproxy[49767]: segfault at 1 ip 000000000053faad … error 6 in haproxy[4000
//	00+226000]
type wrapped struct {
	line  line
	rows  int
	whole bool // the line as it stands is an event
}

const maxRows = 4 // of one wrapped line

// begins notes a line that may be cut.
func (w *wrapped) begins(l *line) {
	if l.from != envelope.Kernel && l.from != envelope.Nobody || l.Part != envelope.First || len(l.text) > 1024 {
		return
	}
	at := strings.Index(l.text, "haproxy")
	if at < 0 || at > 64 || strings.HasSuffix(l.text, "]") {
		return
	}
	rest := l.text[at:]
	if !strings.Contains(rest, "]: segfault at ") && !strings.Contains(rest, "] general protection") && !strings.Contains(rest, "] trap ") && !strings.Contains(rest, "]: unhandled ") {
		return
	}
	e, ok := system.Parse(l.text, l.Ident, l.Fields)
	if ok && (e.Role != join.Kernel || located(&e)) {
		return
	}
	*w = wrapped{line: *l, whole: ok}
}

// goOn gives the line that is whole, or more so, with what the next one holds.
func (w *wrapped) goOn(l *line) (line, bool) {
	if w.line.text == "" || l.Number != w.line.Number+int64(w.rows)+1 || l.Format != envelope.Plain || l.Ident != "" || l.trim == "" || w.rows >= maxRows {
		return line{}, false
	}
	w.rows++
	for _, gap := range [...]string{"", " "} {
		text := w.line.text + gap + l.trim
		e, ok := system.Parse(text, w.line.Ident, w.line.Fields)
		if !ok || e.Role != join.Kernel || w.whole && !located(&e) {
			continue
		}
		w.line.Text, w.line.text, w.line.trim, w.whole = text, text, strings.TrimLeft(text, " \t"), true
		joined := w.line
		if located(&e) {
			w.line.text = ""
		}
		return joined, true
	}
	w.line.text += l.trim // a third row may follow
	return line{}, false
}

// located says whether a kernel's line names the mapping of the code.
func located(e *system.Event) bool {
	t := e.Crash.Threads
	return len(t) > 0 && len(t[0].Frames) > 0 && strings.HasSuffix(t[0].Frames[0].Symbol, "]")
}
