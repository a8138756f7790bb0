package envelope

import (
	"bytes"
	"strings"
)

// The verbose format (output_verbose, src/shared/logs-show.c of systemd): a line
// "Mon 2006-01-02 15:04:05.000000 CET [cursor]", then each field behind four
// blanks; further lines of a value stand behind as many blanks as the first
// line has in front of its value. Nothing marks the end of an entry.

const (
	verboseIndent = "    "
	maxMore       = 2048 // further lines of a field that is kept
)

// openVerbose begins an entry if s is the first line of one.
func (d *Decoder) openVerbose(s string, number int64) bool {
	st, n, ok := weekdayStamp(s)
	if !ok || !strings.HasPrefix(s[n:], " [s=") || !strings.HasSuffix(s, "]") {
		return false
	}
	d.multi = true
	d.entry = newEntry(Verbose, number)
	d.entry.line.Time = st
	return true
}

// verboseField takes a line of an entry; false when s is none.
func (e *entry) verboseField(s string, number int64) bool {
	text, ok := strings.CutPrefix(s, verboseIndent)
	if !ok {
		return false
	}
	if n := fieldName(text); n > 0 && n < len(text) && text[n] == '=' {
		e.last, e.width, e.more = text[:n], len(verboseIndent)+n+1, 0
		e.set(e.last, text[n+1:], number, 1)
		return true
	}
	if e.width == 0 || strings.TrimLeft(s[:min(len(s), e.width)], " ") != "" {
		return false
	}
	text = s[min(len(s), e.width):]
	if e.last == "MESSAGE" {
		e.addMessage(text, number, 1)
		return true
	}
	e.more++
	if old, ok := e.line.Fields[e.last]; ok && len(old)+1+len(text) <= maxValue && e.more < maxMore {
		e.line.Fields[e.last] = old + "\n" + text
	}
	return true
}

// verboseStart is EntryStart for this format.
func verboseStart(before, line []byte) int {
	if !bytes.HasPrefix(line, []byte(verboseIndent)) {
		return 0
	}
	for end := len(before); end > 0; {
		start := bytes.LastIndexByte(before[:end-1], '\n') + 1
		l := before[start:end]
		end = start
		if bytes.HasPrefix(l, []byte(verboseIndent)) {
			continue
		}
		var d Decoder
		if !d.openVerbose(clean(string(bytes.TrimSuffix(l, newline))), 0) {
			return 0
		}
		return len(before) - start
	}
	return 0
}
