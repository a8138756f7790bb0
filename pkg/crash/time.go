package crash

import "time"

// TimeForm is how much a crash's time tells.
type TimeForm int

// The forms. Times of one form can be put in order among each other.
//
// Folklore: HAProxy up to 2.x prints the day of the year and the time of day before an alert,
// "041/091244"; syslog of RFC 3164 prints no year.
const (
	Zoned     TimeForm = iota // year and zone
	Local                     // year, and no zone
	Yearless                  // "Jan  2 15:04:05"
	DayOfYear                 // "041/091244"
	TimeForms                 // how many there are
)

// ParseTime reads the time of a crash; false when it has none, or a form that cannot be read.
// What is not told is that of year 0, and UTC.
func ParseTime(text string) (time.Time, TimeForm, bool) {
	for form, layout := range [TimeForms]string{time.RFC3339, "2006-01-02T15:04:05", time.Stamp, "002/150405"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, TimeForm(form), true
		}
	}
	return time.Time{}, 0, false
}
