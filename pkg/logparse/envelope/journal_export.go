package envelope

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// The export format (systemd.io/JOURNAL_EXPORT_FORMATS): fields NAME=value, one a line; a
// field whose value is no plain text is its name alone in a line, the size of the value
// in 8 bytes, little endian, the value and a newline; an empty line ends the entry.

// maxBinary is the size of the largest field of a journal (DATA_SIZE_MAX of
// systemd, journal-file.h, 768 MiB). More is not an export.
const maxBinary = 768 << 20

// openExport begins an entry if s is the first field of one.
func (d *Decoder) openExport(s string, number int64) bool {
	if !strings.HasPrefix(s, "__CURSOR=") && !strings.HasPrefix(s, "__REALTIME_TIMESTAMP=") {
		return false
	}
	d.multi = true
	d.entry = newEntry(Export, number)
	return d.exportField(s, number)
}

// exportField takes a line of an entry; false when s is none.
func (d *Decoder) exportField(s string, number int64) bool {
	n := fieldName(s)
	if n == 0 {
		return false
	}
	if n == len(s) {
		d.binary = &binaryField{name: s}
		return true
	}
	if s[n] != '=' {
		return false
	}
	d.entry.set(s[:n], s[n+1:], number, 1)
	return true
}

// binaryField is an open field with a size. Since its value may hold newlines
// anywhere, and so may the size itself, whoever splits the input into lines cuts
// it to pieces; feed puts the newlines back.
type binaryField struct {
	name   string
	head   []byte // of the size
	left   uint64 // bytes of the value to come
	begun  bool
	number int64  // of the line in which the value begins
	value  []byte // as much as is kept
}

// feed takes a raw line. Done means that the field is complete, or wrong: then
// rest, if not nil, is the line or the part of it that does not belong to the field.
func (b *binaryField) feed(raw []byte, number int64) (rest []byte, done bool) {
	if n := min(8-len(b.head), len(raw)); n > 0 {
		b.head = append(b.head, raw[:n]...)
		raw = raw[n:]
		if len(b.head) == 8 && !b.size() {
			return raw, true
		}
	}
	if len(b.head) < 8 { // a byte of the size was the newline
		b.head = append(b.head, '\n')
		return nil, len(b.head) == 8 && !b.size()
	}
	if !b.begun {
		b.begun, b.number = true, number
	}
	if uint64(len(raw)) > b.left {
		value, rest := raw[:b.left], raw[b.left:]
		b.take(value)
		return rest, true
	}
	whole := uint64(len(raw)) == b.left
	b.take(raw)
	if whole { // the newline of this line is the one after the value
		return nil, true
	}
	b.take([]byte{'\n'})
	return nil, false
}

// size reads the size out of the head.
func (b *binaryField) size() bool {
	b.left = binary.LittleEndian.Uint64(b.head)
	return b.left <= maxBinary
}

func (b *binaryField) take(data []byte) {
	b.left -= uint64(len(data))
	most := maxValue
	if b.name == "MESSAGE" {
		most = maxText
	}
	b.value = append(b.value, data[:min(len(data), most-len(b.value))]...)
}

func (b *binaryField) close(e *entry) {
	if b.begun {
		e.set(b.name, string(b.value), b.number, 1)
	}
}

// EntryStart returns how many bytes at the end of before belong to the entry
// which line continues, before being what stands in the input directly before
// line. It is 0 when line begins an entry, or is of a format in which every line
// is one, or the start of the entry is not in before. For journalctl -o export
// it is the line of __CURSOR, for -o verbose that of the date.
func EntryStart(before, line []byte) int {
	if n := verboseStart(before, line); n > 0 {
		return n
	}
	// A value with a size may hold empty lines, so only reading forward tells
	// whether the entry is still open.
	cursor := []byte("__CURSOR=")
	at := bytes.LastIndex(before, cursor)
	for at > 0 && before[at-1] != '\n' {
		at = bytes.LastIndex(before[:at], cursor)
	}
	if at < 0 || bytes.HasPrefix(line, cursor) {
		return 0
	}
	d := NewDecoder()
	var lines []Line
	for rest := before[at:]; len(rest) > 0; {
		raw, more, _ := bytes.Cut(rest, newline)
		lines = d.Decode(raw, 1, lines[:0])
		if d.entry == nil {
			return 0 // it ended before line
		}
		rest = more
	}
	if d.binary == nil {
		n := fieldName(string(line[:min(len(line), 65)]))
		if n == 0 || n < len(line) && line[n] != '=' && !(n == len(line)-1 && line[n] == '\r') {
			return 0
		}
	}
	return len(before) - at
}

var newline = []byte{'\n'}
