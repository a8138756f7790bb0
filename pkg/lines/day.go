package lines

import "time"

// dayOf is the day of a crash's time, since 1970; 0 when its year is not known.
func dayOf(s string) int {
	if len(s) < len(time.DateOnly) {
		return 0
	}
	t, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)])
	if err != nil || t.Year() < 2017 {
		return 0
	}
	return int(t.Unix() / 86400)
}
