package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Timeline is when crashes were, by fingerprint and version.
type Timeline struct {
	From, To Text
	Lanes    []Lane
	// Left are crashes that are in no lane: their times do not compare, or found no room.
	Left int
}

// Lane is the crashes of one fingerprint and one version.
type Lane struct {
	Kind, Version, Fingerprint Text
	Count                      int
	Marks                      []Mark
}

// Mark is crashes close to each other.
type Mark struct {
	At    int // from 0 to marksAcross
	Count int
}

// The bounds of a time line.
const (
	marksAcross = 240
	mostLanes   = 16
	mostMoments = 20_000
)

// moment is when one crash was.
type moment struct {
	group   *tallied
	version string
	time    time.Time
	form    crash.TimeForm
}

// moments are those of a tally's crashes, as far as there is room.
type moments struct {
	list []moment
	left int
}

func (s *moments) add(m moment, ok bool) {
	if !ok || len(s.list) == mostMoments {
		s.left++
		return
	}
	s.list = append(s.list, m)
}

// timeline draws the times of the form that most have; nil when fewer than two compare, or all
// are the same.
func (s *moments) timeline() *Timeline {
	list := s.comparable()
	if len(list) < 2 {
		return nil
	}
	slices.SortStableFunc(list, func(a, b moment) int { return a.time.Compare(b.time) })
	first := list[0].time
	whole := list[len(list)-1].time.Sub(first)
	if whole <= 0 {
		return nil
	}
	out := &Timeline{From: clock(list[0]), To: clock(list[len(list)-1]), Left: s.left + len(s.list) - len(list)}
	type key struct {
		group   *tallied
		version string
	}
	lanes := map[key]*Lane{}
	var order []*Lane
	for _, m := range list {
		k := key{m.group, m.version}
		l := lanes[k]
		if l == nil {
			l = &Lane{Kind: dataText(string(m.group.Kind)), Version: dataText(m.version), Fingerprint: dataText(m.group.Fingerprint)}
			lanes[k] = l
			order = append(order, l)
		}
		l.add(int(float64(m.time.Sub(first)) / float64(whole) * marksAcross))
	}
	slices.SortStableFunc(order, func(a, b *Lane) int { return cmp.Compare(b.Count, a.Count) })
	for i, l := range order {
		if i < mostLanes {
			out.Lanes = append(out.Lanes, *l)
		} else {
			out.Left += l.Count
		}
	}
	return out
}

func (l *Lane) add(at int) {
	l.Count++
	if n := len(l.Marks); n > 0 && l.Marks[n-1].At == at {
		l.Marks[n-1].Count++
		return
	}
	l.Marks = append(l.Marks, Mark{at, 1})
}

// comparable gives the moments of the form that most have. Of those without a year some may
// be of the next one: December comes before January when they are closer so.
func (s *moments) comparable() []moment {
	var n [crash.TimeForms]int
	for _, m := range s.list {
		n[m.form]++
	}
	most := crash.TimeForm(slices.Index(n[:], slices.Max(n[:])))
	var list []moment
	for _, m := range s.list {
		if m.form == most {
			list = append(list, m)
		}
	}
	if most < crash.Yearless || len(list) == 0 {
		return list
	}
	early, late := list[0].time, list[0].time
	for _, m := range list {
		if m.time.Before(early) {
			early = m.time
		}
		if m.time.After(late) {
			late = m.time
		}
	}
	if late.Sub(early) > halfYear {
		for i := range list {
			if list[i].time.Before(early.Add(halfYear)) {
				list[i].time = list[i].time.AddDate(1, 0, 0)
			}
		}
	}
	return list
}

// clock is a time as far as its form tells.
func clock(m moment) Text {
	layout := [crash.TimeForms]string{"2006-01-02 15:04:05 MST", "2006-01-02 15:04:05", "Jan 2 15:04:05", "Jan 2 15:04:05"}[m.form]
	return Text(m.time.Format(layout))
}
