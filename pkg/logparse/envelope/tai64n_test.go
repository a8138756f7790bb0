package envelope

import "testing"

func TestTAI64N(t *testing.T) {
	runCases(t, []envelopeCase{
		{"@400000005f1b2c3d075bcd15 FATAL: x", `1 stamped 2020-07-24T18:45:07.123456789 host= ident= pid=0 "FATAL: x"`},
		{"@400000005f1b2c3d075bcd15   | 0x1", `1 stamped 2020-07-24T18:45:07.123456789 host= ident= pid=0 "  | 0x1"`},
		{"@400000005f1b2c3d075bcd15", `1 stamped 2020-07-24T18:45:07.123456789 host= ident= pid=0 ""`},
		{"@400000005f1b2c3d075bcd1 x", `1 plain host= ident= pid=0 "@400000005f1b2c3d075bcd1 x"`},
		{"@800000005f1b2c3d075bcd15 x", `1 plain host= ident= pid=0 "@800000005f1b2c3d075bcd15 x"`},
		{"@400000005f1b2c3dffffffff x", `1 plain host= ident= pid=0 "@400000005f1b2c3dffffffff x"`},
		{"2026-11-30_22:36:35.12345 FATAL: x", `1 stamped 2026-11-30T22:36:35.12345 nozone host= ident= pid=0 "FATAL: x"`}, // svlogd
	})
}

// What follows the name of a child is the child's.
func TestSupervisord(t *testing.T) {
	const at = "2026-11-30 22:36:35,123 "
	runCases(t, []envelopeCase{
		{at + "DEBG 'web' stdout output:\nx\ny\n" + at + "INFO z\nw", "1 stamped 2026-11-30T22:36:35.123 nozone host= ident= pid=0 \"DEBG 'web' stdout output:\"\n" +
			"2 plain host= ident=web pid=0 \"x\"\n3 plain host= ident=web pid=0 \"y\"\n4 stamped 2026-11-30T22:36:35.123 nozone host= ident= pid=0 \"INFO z\"\n5 plain host= ident= pid=0 \"w\""},
	})
}

// A relay puts a header before one that stands there already.
func TestRelayed(t *testing.T) {
	runCases(t, []envelopeCase{
		{"Nov 30 22:36:36 relay Nov 30 22:36:35 lb1 haproxy[8044]: x", `1 journal-short 0000-11-30T22:36:36 noyear nozone host=lb1 ident=haproxy pid=8044 "x"`},
		{"Nov 30 22:36:36 relay rsyslogd: Nov 30 22:36:35 lb1 haproxy[8044]: x", `1 journal-short 0000-11-30T22:36:36 noyear nozone host=lb1 ident=haproxy pid=8044 "x"`},
		{"Nov 30 22:36:36 relay app[3]: Nov 30 22:36:35 lb1 haproxy[8044]: x", `1 journal-short 0000-11-30T22:36:36 noyear nozone host=relay ident=app pid=3 "Nov 30 22:36:35 lb1 haproxy[8044]: x"`},
	})
}
