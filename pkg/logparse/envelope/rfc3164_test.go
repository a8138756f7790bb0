package envelope

import "testing"

func TestRFC3164(t *testing.T) {
	runCases(t, []envelopeCase{
		{"<133>May  6 01:08:21 lb01 haproxy[1234]: x", `1 rfc3164 0000-05-06T01:08:21 noyear nozone host=lb01 ident=haproxy pid=1234 "x"`},
		{"May  6 01:08:21 lb01.example.com haproxy[1234]: x", `1 rfc3164 0000-05-06T01:08:21 noyear nozone host=lb01.example.com ident=haproxy pid=1234 "x"`},
		{"May  6 01:08:21 192.0.2.1 haproxy: x", `1 rfc3164 0000-05-06T01:08:21 noyear nozone host=192.0.2.1 ident=haproxy pid=0 "x"`},
		{"May  6 01:08:21 2001:db8::1 haproxy[1]: x", `1 rfc3164 0000-05-06T01:08:21 noyear nozone host=2001:db8::1 ident=haproxy pid=1 "x"`},
		{"<134>Dec  2 07:10:35 haproxy[4242]: x", `1 rfc3164 0000-12-02T07:10:35 noyear nozone host= ident=haproxy pid=4242 "x"`},
		{"Dec  2 07:10:35.625 haproxy[4242]: x", `1 rfc3164 0000-12-02T07:10:35.625 noyear nozone host= ident=haproxy pid=4242 "x"`},
		{"Dec 12 07:10:35 haproxy: x", `1 rfc3164 0000-12-12T07:10:35 noyear nozone host= ident=haproxy pid=0 "x"`},
		{"Mai 12 07:10:35 lb01 haproxy[1]: x", `1 journal-short 0000-05-12T07:10:35 noyear nozone host=lb01 ident=haproxy pid=1 "x"`},
		{"May  6 01:08:21 lb01 local0.alert haproxy[8]: x", `1 rfc3164 0000-05-06T01:08:21 noyear nozone host=lb01 ident=haproxy pid=8 "x"`},
		{"May  6 01:08:21 lb01 kernel: [ 1234.567890] traps: haproxy[1] trap", `1 rfc3164 0000-05-06T01:08:21 noyear nozone up=1234.56789 host=lb01 ident=kernel pid=0 "traps: haproxy[1] trap"`},
		{"May  6 01:08:21 lb01 kernel: haproxy[1]: segfault at 1 ip 0", `1 rfc3164 0000-05-06T01:08:21 noyear nozone host=lb01 ident=kernel pid=0 "haproxy[1]: segfault at 1 ip 0"`},
		// A tag is missing: never is HAProxy's text taken for one.
		{"May  6 01:08:21 lb01 FATAL: bug condition", `1 rfc3164 0000-05-06T01:08:21 noyear nozone host=lb01 ident= pid=0 "FATAL: bug condition"`},
		{"May  6 01:08:21 FATAL: bug condition", `1 rfc3164 0000-05-06T01:08:21 noyear nozone host= ident= pid=0 "FATAL: bug condition"`},
		{"May  6 01:08:21 [ALERT]    (1) : x", `1 rfc3164 0000-05-06T01:08:21 noyear nozone host= ident= pid=0 "[ALERT]    (1) : x"`},
		{"May  6 01:08:21 lb01 last message repeated 3 times", `1 rfc3164 0000-05-06T01:08:21 noyear nozone host=lb01 ident= pid=0 "last message repeated 3 times"`},
		{"May  6 01:08:21", `1 rfc3164 0000-05-06T01:08:21 noyear nozone host= ident= pid=0 ""`},
		// HAProxy's log formats short and timed.
		{"<133>[ALERT] 087/101500 (4242) : x", `1 priority host= ident= pid=0 "[ALERT] 087/101500 (4242) : x"`},
		{"<133>", `1 priority host= ident= pid=0 ""`},
		{"<192>x", `1 plain host= ident= pid=0 "<192>x"`},
		{"<6>[  123.456789] traps: x", `1 dmesg up=123.456789 host= ident=kernel pid=0 "traps: x"`},
		{"44 <133>May  6 01:08:21 lb01 haproxy[1234]: x", `1 rfc3164 0000-05-06T01:08:21 noyear nozone host=lb01 ident=haproxy pid=1234 "x"`},
	})
}

func TestRsyslogFile(t *testing.T) {
	runCases(t, []envelopeCase{
		{"2025-05-06T01:08:21.123456+02:00 lb01 haproxy[1234]: x", `1 syslog-iso 2025-05-05T23:08:21.123456 host=lb01 ident=haproxy pid=1234 "x"`},
		{"2025-05-06T01:08:21.123456+00:00 lb01 haproxy: x", `1 syslog-iso 2025-05-06T01:08:21.123456 host=lb01 ident=haproxy pid=0 "x"`},
		{"2025-05-06T01:08:21Z lb01 kernel: [1.5] x", `1 syslog-iso 2025-05-06T01:08:21 up=1.5 host=lb01 ident=kernel pid=0 "x"`},
		{"2025-05-06T01:08:21Z HAProxy info:", `1 stamped 2025-05-06T01:08:21 host= ident= pid=0 "HAProxy info:"`},
	})
}
