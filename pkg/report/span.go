package report

import (
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// halfYear is how far two times without a year may be apart. Those further apart
// are taken to be of two years: January comes after December.
const halfYear = 183 * 24 * time.Hour

// span is the first and the last of some times, by form.
type span struct {
	forms   [crash.TimeForms]ends
	undated int
}

type ends struct {
	n                   int
	first, last         string
	firstTime, lastTime time.Time
}

// add adds a time and gives what it was read as.
func (s *span) add(text string) (time.Time, crash.TimeForm, bool) {
	t, form, ok := crash.ParseTime(text)
	if ok {
		s.forms[form].add(text, t, form >= crash.Yearless)
	} else {
		s.undated++
	}
	return t, form, ok
}

func (e *ends) add(text string, t time.Time, yearless bool) {
	before := func(a, b time.Time) bool {
		if d := b.Sub(a); yearless && (d > halfYear || d < -halfYear) {
			return d < 0
		}
		return a.Before(b)
	}
	if e.n == 0 || before(t, e.firstTime) {
		e.first, e.firstTime = strings.Clone(text), t
	}
	if e.n == 0 || before(e.lastTime, t) {
		e.last, e.lastTime = strings.Clone(text), t
	}
	e.n++
}

// most are the ends of the form that most times have.
func (s *span) most() *ends {
	most := &s.forms[0]
	for i := range s.forms {
		if s.forms[i].n > most.n {
			most = &s.forms[i]
		}
	}
	return most
}

// ends are the first and the last time, and how many are not among those that they
// are taken from.
func (s *span) ends() (first, last string, undated int) {
	undated = s.undated
	most := s.most()
	for i := range s.forms {
		if e := &s.forms[i]; e != most {
			undated += e.n
		}
	}
	return most.first, most.last, undated
}

// lastSeen is for the order of groups: times without a year come before all that
// have one.
func (s *span) lastSeen() time.Time { return s.most().lastTime }
