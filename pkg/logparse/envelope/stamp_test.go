package envelope

import (
	"testing"
	"time"
)

func TestStamps(t *testing.T) {
	iso := func(s string) (Stamp, int, bool) { st, n, _, ok := isoStamp(s); return st, n, ok }
	month := func(s string) (Stamp, int, bool) { st, n, _, ok := monthStamp(s); return st, n, ok }
	for _, c := range []struct {
		read func(string) (Stamp, int, bool)
		in   string
		text string // of the stamp; empty for none
		time string
		flag string
	}{
		{iso, "2025-05-06T01:08:21Z x", "2025-05-06T01:08:21Z", "2025-05-06T01:08:21Z", ""},
		{iso, "2025-05-06T01:08:21.5+02:00 x", "2025-05-06T01:08:21.5+02:00", "2025-05-05T23:08:21.5Z", ""},
		{iso, "2025-05-06T01:08:21,123456789-0330", "2025-05-06T01:08:21,123456789-0330", "2025-05-06T04:38:21.123456789Z", ""},
		{iso, "2025-05-06T01:08:21+02 x", "2025-05-06T01:08:21+02", "2025-05-05T23:08:21Z", ""},
		{iso, "2025-05-06 01:08:21 x", "2025-05-06 01:08:21", "2025-05-06T01:08:21Z", "nozone"},
		{iso, "2025-13-06T01:08:21Z", "", "", ""},
		{iso, "2025-12-06T24:08:21Z", "", "", ""},
		{iso, "2025-12-06T2x:08:21Z", "", "", ""},
		{iso, "2025-12-06", "", "", ""},
		{month, "May  6 01:08:21 x", "May  6 01:08:21", "0000-05-06T01:08:21Z", "noyear nozone"},
		{month, "Dec  2 07:10:35.625 x", "Dec  2 07:10:35.625", "0000-12-02T07:10:35.625Z", "noyear nozone"},
		{month, "Mai 06 01:08:21", "Mai 06 01:08:21", "0000-05-06T01:08:21Z", "noyear nozone"},
		{month, "déc. 02 01:08:21", "déc. 02 01:08:21", "0000-12-02T01:08:21Z", "noyear nozone"},
		{month, "12月 02 01:08:21", "12月 02 01:08:21", "0000-12-02T01:08:21Z", "noyear nozone"},
		{month, "Xyz 02 01:08:21", "Xyz 02 01:08:21", "", "noyear nozone"}, // some language
		{month, "May  6 2025 01:08:21 x", "May  6 2025 01:08:21", "2025-05-06T01:08:21Z", "nozone"},
		{month, "May 32 01:08:21", "", "", ""},
		{month, "May  6 01:08", "", "", ""},
		{month, "Thread 12 01:08:2x", "", "", ""},
		{month, "123 06 01:08:21", "", "", ""},
		{weekdayStamp, "Tue 2025-05-06 01:08:21 UTC x", "Tue 2025-05-06 01:08:21 UTC", "2025-05-06T01:08:21Z", ""},
		{weekdayStamp, "Tue 2025-05-06 01:08:21.123456 CEST x", "Tue 2025-05-06 01:08:21.123456 CEST", "2025-05-06T01:08:21.123456Z", "nozone"},
		{weekdayStamp, "Tue 2025-05-06 01:08:21 +03 x", "Tue 2025-05-06 01:08:21 +03", "2025-05-05T22:08:21Z", ""},
		{weekdayStamp, "Tue 2025-05-06T01:08:21 UTC x", "", "", ""},
		{weekdayStamp, "Tue 2025-05-06 01:08:21 [s=x] yyy", "", "", ""},
		{dateStamp, "Tue May  6 01:08:21 2025] x", "Tue May  6 01:08:21 2025", "2025-05-06T01:08:21Z", "nozone"},
		{dateStamp, "Tue May  6 01:08:21 202] x", "", "", ""},
		{dateStamp, "Tue May  6 2025 01:08:21 x", "", "", ""},
	} {
		st, n, ok := c.read(c.in)
		if ok != (c.text != "") {
			t.Errorf("%q: %v", c.in, ok)
			continue
		}
		if !ok {
			continue
		}
		flag := ""
		if st.NoYear {
			flag = "noyear "
		}
		if st.NoZone {
			flag += "nozone"
		}
		got := st.UTC().Format(time.RFC3339Nano)
		if st.IsZero() {
			got = ""
		}
		if st.Text != c.text || n != len(c.text) || got != c.time || flag != c.flag || st.Uptime != -1 {
			t.Errorf("%q: %q %d %s %q", c.in, st.Text, n, got, flag)
		}
	}
}

func TestBracketUptime(t *testing.T) {
	for _, c := range []struct {
		in string
		up float64
		n  int
	}{
		{"[  123.456789] x", 123.456789, 14},
		{"[12345.000001][ T1234] x", 12345.000001, 22},
		{"[12345.000001][    C0] x", 12345.000001, 22},
		{"[  123.456789 <    0.000001 >] x", 123.456789, 30},
		{"[ALERT]    (1) : x", 0, 0},
		{"[NOTICE] 087/101500 (4242) : ", 0, 0},
		{"[123] x", 0, 0},
		{"[123.] x", 0, 0},
		{"[123.4", 0, 0},
		{"[123.4 < x", 0, 0},
		{"[", 0, 0},
	} {
		up, n, ok := bracketUptime(c.in)
		if ok != (c.n > 0) || ok && (up != c.up || n != c.n) {
			t.Errorf("%q: %v %d %v", c.in, up, n, ok)
		}
	}
}
