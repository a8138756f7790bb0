package envelope

import "strings"

// piece is a line of a MESSAGE.
type piece struct {
	number int64
	text   string
}

// entry is a journal entry whose fields come one by one (systemd.journal-fields(7)).
type entry struct {
	line    Line
	message []piece
	size    int // bytes in message
	// comm and syslogPID count only without the better SYSLOG_IDENTIFIER and _PID.
	comm      string
	syslogPID int
	source    Stamp // _SOURCE_REALTIME_TIMESTAMP, which counts without the other one
	last      string
	width     int // of the field that may go on in the next line of -o verbose
	more      int // lines by which it did
}

func newEntry(format string, number int64) *entry {
	return &entry{line: Line{Number: number, Time: noStamp, Format: format}}
}

// set takes a field. Each line of a value has a number step more than the one before.
func (e *entry) set(name, value string, number, step int64) {
	l := &e.line
	switch name {
	case "MESSAGE":
		e.addMessage(value, number, step)
	case "SYSLOG_IDENTIFIER":
		l.Ident = short(value)
	case "_COMM":
		e.comm = short(value)
		e.keep(name, value)
	case "_PID":
		if v, ok := decimal(short(value)); ok && len(value) <= 9 {
			l.PID = v
		}
	case "SYSLOG_PID":
		if v, ok := decimal(short(value)); ok && len(value) <= 9 {
			e.syslogPID = v
		}
	case "_HOSTNAME":
		l.Host = short(value)
	case "__REALTIME_TIMESTAMP":
		if st, ok := microseconds(value); ok {
			l.Time = st
		}
	case "_SOURCE_REALTIME_TIMESTAMP":
		if st, ok := microseconds(value); ok {
			e.source = st
		}
	default:
		e.keep(name, value)
	}
}

// short cuts what is a name to the length of one.
func short(value string) string { return value[:min(len(value), 256)] }

// keep remembers the fields that tell of crashes.
func (e *entry) keep(name, value string) {
	switch name {
	case "_COMM", "_SYSTEMD_UNIT", "UNIT", "EXIT_CODE", "EXIT_STATUS", "MESSAGE_ID", "_EXE", "_CMDLINE", "_TRANSPORT", "PRIORITY", "CONTAINER_NAME", "IMAGE_NAME":
	default:
		// The field COREDUMP itself, of old systemd, is the core: not wanted.
		if !strings.HasPrefix(name, "COREDUMP_") || len(name) > 64 {
			return
		}
	}
	if len(e.line.Fields) >= maxFields {
		return
	}
	if e.line.Fields == nil {
		e.line.Fields = map[string]string{}
	}
	if _, twice := e.line.Fields[name]; !twice {
		e.line.Fields[name] = value[:min(len(value), maxValue)]
	}
}

// addMessage appends text to the message, up to maxText bytes; the rest is dropped.
func (e *entry) addMessage(text string, number, step int64) {
	text = strings.TrimSuffix(text, "\n")
	for {
		line, rest, more := strings.Cut(text, "\n")
		if e.size+len(line) > maxText || len(e.message) >= maxLines {
			return
		}
		e.size += len(line) + 1
		e.message = append(e.message, piece{number, line})
		if !more {
			return
		}
		text = rest
		number += step
	}
}

// lines appends the lines of the message, which all carry all of the entry.
func (e *entry) lines(out []Line) []Line {
	l := e.line
	if l.Ident == "" {
		l.named(e.comm, l.PID)
	}
	if l.PID == 0 {
		l.PID = e.syslogPID
	}
	if l.Time.Text == "" && e.source.Text != "" {
		l.Time = e.source
	}
	for _, p := range e.message {
		l.Number = p.number
		out = finish(l, clean(p.text), out)
		l.Part = Further
	}
	return out
}

// fieldName is the length of the name of a journal field at the start of s.
func fieldName(s string) int {
	n := 0
	for n < len(s) && n < 64 && (s[n] >= 'A' && s[n] <= 'Z' || s[n] == '_' || n > 0 && s[n] >= '0' && s[n] <= '9') {
		n++
	}
	return n
}

// field takes a line of an open entry; false when it is none of its lines.
func (d *Decoder) field(s string, number int64) bool {
	if d.entry.line.Format == Verbose {
		return d.entry.verboseField(s, number)
	}
	return d.exportField(s, number)
}

func (d *Decoder) closeEntry(out []Line) []Line {
	out = d.entry.lines(out)
	d.entry = nil
	return out
}
