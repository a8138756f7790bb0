package envelope

import "testing"

func TestJournalShort(t *testing.T) {
	const text = "[ALERT]    (4242) : x"
	runCases(t, []envelopeCase{
		{"May 06 01:08:21 lb01 haproxy[1234]: " + text, `1 journal-short 0000-05-06T01:08:21 noyear nozone host=lb01 ident=haproxy pid=1234 "[ALERT]    (4242) : x"`},
		{"May 06 01:08:21.123456 lb01 haproxy[1234]: " + text, `1 journal-short 0000-05-06T01:08:21.123456 noyear nozone host=lb01 ident=haproxy pid=1234 "[ALERT]    (4242) : x"`},
		{"2025-05-06T01:08:21+0200 lb01 haproxy[1234]: " + text, `1 syslog-iso 2025-05-05T23:08:21 host=lb01 ident=haproxy pid=1234 "[ALERT]    (4242) : x"`},
		{"2025-05-06T01:08:21.123456+02:00 lb01 haproxy[1234]: " + text, `1 syslog-iso 2025-05-05T23:08:21.123456 host=lb01 ident=haproxy pid=1234 "[ALERT]    (4242) : x"`},
		{"Tue 2025-05-06 01:08:21 UTC lb01 haproxy[1234]: " + text, `1 journal-full 2025-05-06T01:08:21 host=lb01 ident=haproxy pid=1234 "[ALERT]    (4242) : x"`},
		{"[ 1234.567890] lb01 haproxy[1234]: " + text, `1 journal-monotonic up=1234.56789 host=lb01 ident=haproxy pid=1234 "[ALERT]    (4242) : x"`},
		{"[ 1234.567890] lb01 kernel: traps: haproxy[1] trap invalid opcode", `1 journal-monotonic up=1234.56789 host=lb01 ident=kernel pid=0 "traps: haproxy[1] trap invalid opcode"`},
		{"May 06 01:08:21 lb01 (haproxy)[1234]: haproxy.service: Failed", `1 journal-short 0000-05-06T01:08:21 noyear nozone host=lb01 ident=(haproxy) pid=1234 "haproxy.service: Failed"`},
		{"1746493701.123456 lb01 haproxy[1]: x", `1 journal-short 2025-05-06T01:08:21.123456 host=lb01 ident=haproxy pid=1 "x"`},
		{"1746493701.123456 FATAL: x", `1 plain host= ident= pid=0 "1746493701.123456 FATAL: x"`},
		// Set apart as code in Markdown.
		{"    May 06 01:08:21 lb01 haproxy[1]:   x", `1 journal-short 0000-05-06T01:08:21 noyear nozone host=lb01 ident=haproxy pid=1 "  x"`},
		{"\t[  123.456789] traps: x", `1 dmesg up=123.456789 host= ident=kernel pid=0 "traps: x"`},
		// The program of a message may be unknown, a text empty.
		{"May 06 01:08:21 lb01 unknown: x", `1 journal-short 0000-05-06T01:08:21 noyear nozone host=lb01 ident=unknown pid=0 "x"`},
		{"May 06 01:08:21 lb01 haproxy[1]: ", `1 journal-short 0000-05-06T01:08:21 noyear nozone host=lb01 ident=haproxy pid=1 ""`},
		{"May 06 01:08:21 lb01 haproxy[1]:", `1 journal-short 0000-05-06T01:08:21 noyear nozone host=lb01 ident=haproxy pid=1 ""`},
		// The leading blanks of the text are its own.
		{"May 06 01:08:21 lb01 haproxy[1]:   0x55aa00: [22/Nov/2026:19:06:36.000979] id=7", `1 journal-short 0000-05-06T01:08:21 noyear nozone host=lb01 ident=haproxy pid=1 "  0x55aa00: [22/Nov/2026:19:06:36.000979] id=7"`},
		{"-- Boot 0123456789abcdef --\n-- Logs begin at Tue 2025-05-06 --\n-- No entries --\n-- else", `4 plain host= ident= pid=0 "-- else"`},
	})
}

func TestWithUnit(t *testing.T) {
	l := one(t, "Tue 2025-05-06 01:08:21 CEST lb01 haproxy.service[1234]: x")
	if l.Ident != "haproxy" || l.PID != 1234 || l.Fields["_SYSTEMD_UNIT"] != "haproxy.service" || !l.Time.NoZone {
		t.Errorf("%+v", l)
	}
	l = one(t, "Tue 2025-05-06 01:08:21 CEST lb01 user@1000.service/haproxy.service[1234]: x")
	if l.Ident != "user@1000" || l.Text != "x" {
		t.Errorf("%+v", l)
	}
}

// Further lines of a message stand behind blanks of the prefix's width.
func TestJournalShortContinued(t *testing.T) {
	const prefix = "May 06 01:08:21 lb01 systemd-coredump[99]: "
	const blanks = "                                           "
	if len(prefix) != len(blanks) {
		t.Fatal("the test is wrong")
	}
	const host = " journal-short 0000-05-06T01:08:21 noyear nozone host=lb01 ident=systemd-coredump pid=99 "
	runCases(t, []envelopeCase{
		{prefix + "Process 1 (haproxy) of user 0 dumped core.\n" + blanks + "\n" + blanks + "Stack trace of thread 1:\n" + blanks + "  #0  0x1 n/a (haproxy + 0x1)\nFATAL: bug",
			"1" + host + `"Process 1 (haproxy) of user 0 dumped core."` + "\n2" + host + `""` + "\n3" + host + `"Stack trace of thread 1:"` +
				"\n4" + host + `"  #0  0x1 n/a (haproxy + 0x1)"` + "\n5 plain host= ident= pid=0 \"FATAL: bug\""},
		// Fewer blanks, or none directly before: a line of its own.
		{prefix + "x\n             call trace(2):", "1" + host + `"x"` + "\n2 plain host= ident= pid=0 \"             call trace(2):\""},
		{prefix + "x\ny\n" + blanks + "z", "1" + host + `"x"` + "\n2 plain host= ident= pid=0 \"y\"\n3 plain host= ident= pid=0 \"" + blanks + "z\""},
	})
}
