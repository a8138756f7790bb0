package envelope

import (
	"strconv"
	"strings"
	"time"
)

// noStamp is the stamp of a line whose envelope carries no time.
var noStamp = Stamp{Uptime: -1}

// isoStamp reads "2006-01-02T15:04:05" with an optional fraction of up to nine
// digits and an optional zone (Z, +02:00, +0200, +02) at the start of s. A blank
// may stand for the T, and svlogd has a '_'. It returns the stamp, its length and the number of fraction digits.
func isoStamp(s string) (st Stamp, n, fraction int, ok bool) {
	if len(s) < 19 || s[4] != '-' || s[7] != '-' || s[10] != 'T' && s[10] != ' ' && s[10] != '_' {
		return Stamp{}, 0, 0, false
	}
	year, okYear := decimal(s[:4])
	month, okMonth := decimal(s[5:7])
	day, okDay := decimal(s[8:10])
	c, okClock := clock(s[11:])
	if !okYear || !okMonth || !okDay || !okClock || !dateOK(month, day) {
		return Stamp{}, 0, 0, false
	}
	n = 11 + c.size
	offset, size, okZone := zone(s[n:])
	if size == 0 && len(s) > n+6 && s[n] == ' ' && (s[n+1] == '+' || s[n+1] == '-') { // fluentd's stdout
		if offset, size, okZone = zone(s[n+1:]); size == 5 {
			n++
		} else {
			offset, size, okZone = 0, 0, false
		}
	}
	n += size
	t := time.Date(year, time.Month(month), day, c.hour, c.minute, c.second, c.nano, time.UTC)
	if okZone {
		t = inZone(t, offset)
	}
	return Stamp{Time: t, Text: s[:n], NoZone: !okZone, Uptime: -1}, n, c.fraction, true
}

// inZone makes the time of a clock the one of a zone, offset seconds east of Greenwich.
func inZone(clock time.Time, offset int) time.Time {
	if offset == 0 {
		return clock
	}
	return clock.Add(-time.Duration(offset) * time.Second).In(time.FixedZone("", offset))
}

// monthStamp reads "Jan  2 15:04:05", with an optional year after the day and an
// optional fraction, at the start of s. Padded says that the day has a blank for
// a zero, as RFC 3164 wants it and journalctl does not do.
//
// Folklore: journalctl and some syslog daemons print month names in the language
// of the user ("Mai 06", "déc. 02", "12月 02"). A name that is not known gives a
// stamp with its text only.
func monthStamp(s string) (st Stamp, n int, padded, ok bool) {
	n = strings.IndexByte(s[:min(len(s), 16)], ' ')
	if n < 2 || !monthLike(s[:n]) {
		return Stamp{}, 0, false, false
	}
	month := monthOf(s[:n])
	n++
	if n < len(s) && s[n] == ' ' {
		padded = true
		n++
	}
	day, size := number(s[n:], 2)
	if size == 0 || day < 1 || day > 31 {
		return Stamp{}, 0, false, false
	}
	n += size
	if n >= len(s) || s[n] != ' ' {
		return Stamp{}, 0, false, false
	}
	n++
	year, yearSize := number(s[n:], 4)
	if yearSize == 4 && n+4 < len(s) && s[n+4] == ' ' {
		n += 5
	} else {
		year = 0
	}
	c, ok := clock(s[n:])
	if !ok {
		return Stamp{}, 0, false, false
	}
	n += c.size
	st = Stamp{Text: s[:n], NoYear: year == 0, NoZone: true, Uptime: -1}
	if month > 0 {
		st.Time = time.Date(year, time.Month(month), day, c.hour, c.minute, c.second, c.nano, time.UTC)
	}
	return st, n, padded, true
}

// weekdayStamp reads "Mon 2006-01-02 15:04:05.000000 CET", the form of
// journalctl -o short-full and verbose (format_timestamp of systemd).
func weekdayStamp(s string) (st Stamp, n int, ok bool) {
	if len(s) < 24 || s[3] != ' ' || !letters(s[:3]) {
		return Stamp{}, 0, false
	}
	st, n, _, ok = isoStamp(s[4:])
	if !ok || s[14] != ' ' {
		return Stamp{}, 0, false
	}
	n += 4
	if n >= len(s) || s[n] != ' ' {
		return Stamp{}, 0, false
	}
	end := strings.IndexByte(s[n+1:min(len(s), n+12)], ' ')
	if end < 1 {
		return Stamp{}, 0, false
	}
	name := s[n+1 : n+1+end]
	n += 1 + end
	st.Text = s[:n]
	if offset, size, ok := zone(name); ok && size == len(name) {
		st.Time, st.NoZone = inZone(st.Time, offset), false
		return st, n, true
	}
	// Abbreviations of other zones are ambiguous (IST, CST): local time.
	st.NoZone = name != "UTC" && name != "GMT"
	return st, n, letters(name)
}

// dateStamp reads "Mon Jan  2 15:04:05 2006", the form of dmesg -T (ctime of C).
func dateStamp(s string) (st Stamp, n int, ok bool) {
	if len(s) < 24 || s[3] != ' ' || !letters(s[:3]) {
		return Stamp{}, 0, false
	}
	st, n, _, ok = monthStamp(s[4:])
	if !ok || !st.NoYear {
		return Stamp{}, 0, false
	}
	n += 4
	if n >= len(s) || s[n] != ' ' {
		return Stamp{}, 0, false
	}
	year, size := number(s[n+1:], 4)
	if size != 4 {
		return Stamp{}, 0, false
	}
	n += 5
	if !st.Time.IsZero() {
		st.Time = st.Time.AddDate(year, 0, 0)
	}
	st.Text, st.NoYear = s[:n], false
	return st, n, true
}

// bracketUptime reads "[  123.456789]" and returns the seconds and the length.
// Folklore: journalctl -o short-delta and dmesg -d add " <    0.001234 >" inside, and
// kernels built with CONFIG_PRINTK_CALLER a second bracket, "[ T1234]".
func bracketUptime(s string) (seconds float64, n int, ok bool) {
	if len(s) < 5 || s[0] != '[' {
		return 0, 0, false
	}
	n = 1
	for n < len(s) && s[n] == ' ' {
		n++
	}
	whole, size := number(s[n:], 9)
	n += size
	if size == 0 || n >= len(s) || s[n] != '.' {
		return 0, 0, false
	}
	part, size := number(s[n+1:], 9)
	n += 1 + size
	if size == 0 || n >= len(s) {
		return 0, 0, false
	}
	scale := 1.0
	for range size {
		scale *= 10
	}
	seconds = float64(whole) + float64(part)/scale
	n = closeBracket(s, n)
	if n == 0 {
		return 0, 0, false
	}
	return seconds, n + callerSize(s[n:]), true
}

// callerSize is the length of "[ T1234]" or "[    C0]" at the start of s, or 0.
func callerSize(s string) int {
	if s == "" || s[0] != '[' {
		return 0
	}
	n := 1
	for n < len(s) && n < 16 && s[n] == ' ' {
		n++
	}
	if n >= len(s) || s[n] != 'T' && s[n] != 'C' {
		return 0
	}
	_, size := number(s[n+1:], 10)
	n += 1 + size
	if size == 0 || n >= len(s) || s[n] != ']' {
		return 0
	}
	return n + 1
}

// microseconds makes a stamp of a journal time stamp.
func microseconds(text string) (Stamp, bool) {
	us, err := strconv.ParseInt(text, 10, 64)
	if err != nil || us < 0 || us > 1e17 { // year 5138
		return Stamp{}, false
	}
	return Stamp{Time: time.UnixMicro(us).UTC(), Text: text, Uptime: -1}, true
}

// timeOfDay is what clock reads; size and fraction are numbers of bytes.
type timeOfDay struct {
	hour, minute, second, nano int
	size, fraction             int
}

// clock reads "15:04:05", with an optional fraction of at most nine digits, at
// the start of s.
func clock(s string) (c timeOfDay, ok bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return c, false
	}
	var okHour, okMinute, okSecond bool
	c.hour, okHour = decimal(s[:2])
	c.minute, okMinute = decimal(s[3:5])
	c.second, okSecond = decimal(s[6:8])
	if !okHour || !okMinute || !okSecond || c.hour > 23 || c.minute > 59 || c.second > 60 {
		return c, false
	}
	c.size = 8
	if len(s) < 10 || s[8] != '.' && s[8] != ',' {
		return c, true
	}
	nano, size := number(s[9:], 9)
	if size == 0 {
		return c, true
	}
	c.size, c.fraction = 9+size, size
	for ; size < 9; size++ {
		nano *= 10
	}
	c.nano = nano
	return c, true
}

// zone reads Z, +02:00, +0200 or +02 at the start of s: seconds east of Greenwich.
func zone(s string) (offset, n int, ok bool) {
	if s == "" {
		return 0, 0, false
	}
	if s[0] == 'Z' {
		return 0, 1, true
	}
	if s[0] != '+' && s[0] != '-' || len(s) < 3 {
		return 0, 0, false
	}
	hours, ok := decimal(s[1:3])
	if !ok || hours > 15 {
		return 0, 0, false
	}
	n = 3
	rest := s[3:]
	if rest != "" && rest[0] == ':' {
		rest, n = rest[1:], 4
	}
	minutes, size := number(rest, 2)
	switch {
	case size == 2 && minutes < 60:
		n += 2
	case n == 4 || size > 0:
		return 0, 0, false
	default:
		minutes = 0
	}
	offset = hours*3600 + minutes*60
	if s[0] == '-' {
		offset = -offset
	}
	return offset, n, true
}

func dateOK(month, day int) bool { return month >= 1 && month <= 12 && day >= 1 && day <= 31 }

// decimal reads all of s, some digits.
func decimal(s string) (int, bool) {
	v, n := number(s, len(s))
	return v, n == len(s) && n > 0
}

// number reads at most most digits (9 or fewer, if s is not trusted) at the start of s.
func number(s string, most int) (v, n int) {
	for n < len(s) && n < most && s[n] >= '0' && s[n] <= '9' {
		v = v*10 + int(s[n]-'0')
		n++
	}
	return v, n
}

func letters(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return s != ""
}

// monthLike says whether s may be the name of a month in some language.
func monthLike(s string) bool {
	foreign := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 0x80:
			foreign = true
		case c|0x20 >= 'a' && c|0x20 <= 'z', c == '.' && i == len(s)-1:
		case c >= '0' && c <= '9' && i < 2: // 12月
		default:
			return false
		}
	}
	return foreign || s[0] > '9'
}

// monthOf returns 1 to 12, or 0 for a name that is not known.
func monthOf(s string) int {
	if v, n := number(s, 2); n > 0 { // 12月, 12월
		return min(v, 12)
	}
	switch strings.ToLower(strings.TrimSuffix(s, ".")) {
	case "jan", "januar", "january", "janv", "ene", "gen", "sty", "led", "янв", "oca":
		return 1
	case "feb", "februar", "february", "févr", "fev", "lut", "úno", "фев", "şub":
		return 2
	case "mar", "mär", "mrz", "märz", "mars", "maa", "mrt", "marzo", "march", "bře", "мар":
		return 3
	case "apr", "april", "avr", "avril", "abr", "kwi", "dub", "апр", "nis":
		return 4
	case "may", "mai", "mag", "mei", "maj", "mayo", "kvě", "мая", "май":
		return 5
	case "jun", "juni", "june", "juin", "giu", "cze", "čen", "июн", "haz":
		return 6
	case "jul", "juli", "july", "juil", "lug", "lip", "čec", "июл", "tem":
		return 7
	case "aug", "august", "août", "ago", "sie", "srp", "авг", "ağu":
		return 8
	case "sep", "sept", "september", "set", "wrz", "zář", "сен", "eyl":
		return 9
	case "oct", "okt", "oktober", "october", "ott", "out", "paź", "říj", "окт", "eki":
		return 10
	case "nov", "november", "lis", "ноя", "kas":
		return 11
	case "dec", "dez", "dezember", "december", "déc", "dic", "gru", "pro", "дек", "ara":
		return 12
	}
	return 0
}

// anyStamp reads a time in ISO's form, or a count since 1970 in seconds or finer.
func anyStamp(v string) (Stamp, bool) {
	if st, n, _, ok := isoStamp(v); ok {
		return st, n == len(v)
	}
	whole, fraction, _ := strings.Cut(v, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 1e8 || len(v) > 32 {
		return kibanaStamp(v)
	}
	switch size := len(whole); {
	case size <= 10: // a second has ten digits until 2286
		n *= 1e9
	case size <= 13:
		n *= 1e6
	case size <= 16:
		n *= 1e3
	}
	if len(whole) <= 10 && fraction != "" {
		part, err := strconv.ParseFloat("0."+fraction, 64)
		if err != nil {
			return Stamp{}, false
		}
		n += int64(part * 1e9)
	}
	return Stamp{Time: time.Unix(0, n).UTC(), Text: v, Uptime: -1}, true
}

// kibanaStamp reads "Feb 10, 2025 @ 09:12:44.006", of which Kibana makes its tables.
func kibanaStamp(v string) (Stamp, bool) {
	date, of, ok := strings.Cut(v, " @ ")
	name, rest, _ := strings.Cut(date, " ")
	day, year, _ := strings.Cut(rest, ", ")
	month := monthOf(name)
	d, okDay := decimal(day)
	y, okYear := decimal(year)
	c, okClock := clock(of)
	if !ok || month == 0 || !okDay || !okYear || !okClock || len(year) != 4 || c.size != len(of) || !dateOK(month, d) {
		return Stamp{}, false
	}
	t := time.Date(y, time.Month(month), d, c.hour, c.minute, c.second, c.nano, time.UTC)
	return Stamp{Time: t, Text: v, NoZone: true, Uptime: -1}, true
}
