package logparse

import (
	"github.com/hacrash/hacrash/pkg/logparse/system"
)

// The C library and shells name no program. Where nothing above their line says whose end it
// tells of, what follows at once may: a worker dies while HAProxy starts, and the master, or
// somebody who asks for its version, writes the next line.
//
//	free(): double free detected in tcache 2
//	[NOTICE]   (8812) : haproxy version is 2.8.5-aaba8d0
//	[ALERT]    (8812) : Current worker (8814) exited with code 134 (Aborted)

// Of such lines in one stream: how many may wait, and for how many lines.
const (
	maxWaiting = 4
	waitLines  = 4
)

// wait keeps the event of a line until somebody says whose it is.
func (s *stream) wait(l *line, e *system.Event, other string) bool {
	if other != "" || e.Table || len(s.waiting) >= maxWaiting {
		if e.Container == "" { // one of many
			s.p.owners.foreign(other, l.Number)
		}
		return false
	}
	s.waiting = append(s.waiting, s.eventPart(l, e))
	return true
}

// printed notes that HAProxy wrote a line, and gives out what waited for that.
func (s *stream) printed(l *line) {
	s.p.owners.printed(l)
	for _, part := range s.waiting {
		s.p.send(part)
	}
	s.waiting = nil
}

// dropWaiting ends the waiting: the process is not known.
func (s *stream) dropWaiting() {
	for i := range s.waiting {
		s.p.owners.foreign("", s.waiting[i].Seq)
	}
	s.waiting = nil
}
