package analyze

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Choice is which of the crashes that were found are given to the sink; the zero value is all.
type Choice struct {
	// Since and Until are the first and the last moment.
	Since, Until Moment
	// Hosts are names, or patterns of them; the first label of a name stands for the whole.
	Hosts []string
	// PIDs are those of processes that died.
	PIDs []int
	// Last is how many are given, of those with the latest times.
	Last int
}

// Moment is a bound. One without a zone is compared with times as they were printed, whatever
// zone that was; so is any one with times whose zone is not known.
type Moment struct {
	time.Time
	Zone bool
}

// ParseMoment reads a moment: "2025-02-10 09:12", with seconds or without, with a zone behind it
// or none, or a date alone; "09:12", of today; "90m", "36h", "3d" ago; "today", "yesterday"; seconds since
// 1970 behind an @.
func ParseMoment(s string, now time.Time) (Moment, error) {
	midnight := func(days int) Moment {
		y, m, d := now.Date()
		return Moment{time.Date(y, m, d+days, 0, 0, 0, 0, now.Location()), true}
	}
	switch {
	case s == "now":
		return Moment{now, true}, nil
	case s == "today":
		return midnight(0), nil
	case s == "yesterday":
		return midnight(-1), nil
	}
	if seconds, ok := strings.CutPrefix(s, "@"); ok {
		if n, err := strconv.ParseInt(seconds, 10, 64); err == nil && n >= 0 && n < 1e11 {
			return Moment{time.Unix(n, 0), true}, nil
		}
	}
	if ago, ok := parseAgo(strings.TrimSuffix(strings.TrimPrefix(s, "-"), " ago")); ok {
		return Moment{now.Add(-ago), true}, nil
	}
	dated := strings.Replace(s, " ", "T", 1)
	if len(s) >= 5 && len(s) <= 8 && s[2] == ':' {
		dated = now.Format("2006-01-02T") + s
	}
	for _, layout := range [...]string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, dated); err == nil {
			return Moment{t, false}, nil
		}
		for _, zone := range [...]string{"Z07:00", "Z0700", " Z07:00", " Z0700", " UTC"} {
			if t, err := time.Parse(layout+zone, dated); err == nil {
				return Moment{t, true}, nil
			}
		}
	}
	return Moment{}, errors.New(`no time that can be read; take "2025-02-10 09:12", 36h, 3d or yesterday`)
}

// parseAgo reads a duration; days may be given.
func parseAgo(s string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err == nil
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d >= 0
}

// around is the time in which the lines of chosen crashes lie, for those who read by time. A
// dump is written over some time, and clocks without a zone are those of the reader.
func (c *Choice) around() (since, until time.Time) {
	const margin = 10 * time.Minute
	if !c.Since.IsZero() {
		since = c.Since.Add(-c.Since.slack() - margin)
	}
	if !c.Until.IsZero() {
		until = c.Until.Add(c.Until.slack() + margin)
	}
	return since, until
}

// slack is how far a zone that was not told may be from UTC.
func (m Moment) slack() time.Duration {
	if m.Zone {
		return 0
	}
	return 14 * time.Hour
}

// compare puts the time of a crash before (negative) or behind a bound.
func (m Moment) compare(t time.Time, form crash.TimeForm) int {
	switch form {
	case crash.Zoned:
		if m.Zone {
			return t.Compare(m.Time)
		}
		return wall(t).Compare(m.Time)
	case crash.Local:
		return t.Compare(wall(m.Time))
	}
	// Of the years that the time may be of, the nearest one.
	bound := wall(m.Time)
	best := in(t, bound.Year())
	for _, year := range [...]int{bound.Year() - 1, bound.Year() + 1} {
		if other := in(t, year); other.Sub(bound).Abs() < best.Sub(bound).Abs() {
			best = other
		}
	}
	return best.Compare(bound)
}

// wall is what a clock shows, as a time that has no zone.
func wall(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

func in(t time.Time, year int) time.Time {
	return time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// chooser leaves out what was not asked for.
type chooser struct {
	Choice
	kept    []*crash.Crash // the last ones so far, in their order
	leftOut int
	why     [outReasons]int
}

// Why a crash is left out.
const (
	outBefore = iota
	outBehind
	outUndated
	outHost
	outPID
	outOlder
	outReasons
)

// choose gives a crash that may be handed on now; nil for one that is left out, or waits.
func (c *chooser) choose(cr *crash.Crash) *crash.Crash {
	if why, out := c.leaves(cr); out {
		c.leftOut++
		c.why[why]++
		return nil
	}
	if c.Last <= 0 {
		return cr
	}
	c.kept = append(c.kept, cr)
	if len(c.kept) > c.Last {
		oldest := 0
		for i := range c.kept {
			if older(c.kept[i], c.kept[oldest]) {
				oldest = i
			}
		}
		c.kept = slices.Delete(c.kept, oldest, oldest+1)
		c.leftOut++
		c.why[outOlder]++
	}
	return nil
}

// last gives the crashes that waited.
func (c *chooser) last() []*crash.Crash {
	kept := c.kept
	c.kept = nil
	return kept
}

func (c *Choice) leaves(cr *crash.Crash) (why int, out bool) {
	if !c.Since.IsZero() || !c.Until.IsZero() {
		t, form, ok := crash.ParseTime(cr.Time)
		switch {
		case !ok:
			return outUndated, true
		case !c.Since.IsZero() && c.Since.compare(t, form) < 0:
			return outBefore, true
		case !c.Until.IsZero() && c.Until.compare(t, form) > 0:
			return outBehind, true
		}
	}
	switch {
	case len(c.Hosts) > 0 && !slices.ContainsFunc(c.Hosts, func(h string) bool { return isHost(h, cr.Host) }):
		return outHost, true
	case len(c.PIDs) > 0 && (cr.Process == nil || !slices.Contains(c.PIDs, cr.Process.PID)):
		return outPID, true
	}
	return 0, false
}

// isHost compares names without case. A name without a domain is that of any domain.
func isHost(want, host string) bool {
	want, host = strings.ToLower(want), strings.ToLower(host)
	if !strings.Contains(want, ".") {
		host, _, _ = strings.Cut(host, ".")
	} else if !strings.Contains(host, ".") {
		want, _, _ = strings.Cut(want, ".")
	}
	ok, err := path.Match(want, host)
	return host != "" && (want == host || err == nil && ok)
}

// older puts crashes in the order of their times, and those of times that cannot be compared in
// the order in which they were found.
func older(a, b *crash.Crash) bool {
	x, formX, okX := crash.ParseTime(a.Time)
	y, formY, okY := crash.ParseTime(b.Time)
	if okX && okY && formX == formY {
		return x.Before(y)
	}
	return !okX && okY
}

// String says what was left out, and nothing if nothing was.
func (c *chooser) String() string {
	if c.leftOut == 0 {
		return ""
	}
	var why []string
	for i, what := range [outReasons]string{"before that time", "behind that time", "without a time", "of other hosts or of none", "of other processes", "older ones"} {
		if c.why[i] > 0 {
			why = append(why, fmt.Sprintf("%d %s", c.why[i], what))
		}
	}
	noun := "crashes"
	if c.leftOut == 1 {
		noun = "crash"
	}
	return fmt.Sprintf("%d %s left out: %s", c.leftOut, noun, strings.Join(why, ", "))
}
