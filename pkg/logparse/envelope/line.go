package envelope

import "time"

// Line is one line of a message, out of the envelope that carried it. A message
// of several lines (a journal entry, an rsyslog #012 escape) gives several
// Lines with the same envelope.
type Line struct {
	// Number is the line of the input, from 1, that the text stands in.
	Number int64
	// Text is without line end; leading blanks are kept.
	Text string
	// Time is zero when the envelope has none.
	Time Stamp
	Host string
	// Ident is the program or container that wrote the message: haproxy,
	// kernel, systemd, systemd-coredump …
	Ident string
	// PID is the one in the envelope: for HAProxy, that of the process or of its master.
	PID int
	// Fields are the other fields of a journal entry that matter here
	// (COREDUMP_*, _SYSTEMD_UNIT, UNIT, EXIT_CODE …), nil for other envelopes.
	Fields map[string]string
	// Part says where in its message the line stands.
	Part Part
	// Format names the envelope: "journal-short", "docker-json" …; "plain" for none.
	Format string

	// Raw is the line with its envelope, where that may be something else: docker compose's.
	Raw string
	// Frame says that the line may be of a document, before its first text.
	Frame bool
	// Moved says that the line seems to go on with the message above, but for its blanks,
	// which are not those that journalctl puts.
	Moved bool

	// outer are the senders that envelopes outside of the one of Ident named.
	outer []string
	// traffic says that the record tells of a request: its strings are a client's.
	traffic bool
}

// Alone gives a line that was Moved as one that has no envelope.
func (l Line) Alone() Line {
	return Line{Number: l.Number, Text: l.Text, Time: noStamp, Format: Plain}
}

// Part says where in its message a line stands.
type Part int

// The parts.
const (
	First Part = iota
	// Further: the message holds a newline before it.
	Further
	// Escaped: a newline before it was written as #012, by a logger or by whoever wrote the
	// text: the same two bytes in a client's words look alike.
	Escaped
)

// Stamp is the time an envelope carries.
type Stamp struct {
	time.Time
	// Text is the time as printed.
	Text string
	// NoYear: the envelope has none (RFC 3164); Time is in year 0.
	NoYear bool
	// NoZone: the envelope has no zone; Time is in UTC although it is local time.
	NoZone bool
	// Uptime is seconds since boot, for dmesg lines without a date; -1 when not known.
	Uptime float64
}

// setTime keeps the stamp of the outermost envelope: those of containers and
// of the journal have year and zone, a syslog line within has none.
func (l *Line) setTime(st Stamp) {
	if l.Time.Text == "" {
		uptime := l.Time.Uptime
		l.Time = st
		if st.Uptime < 0 {
			l.Time.Uptime = uptime
		}
	}
}
