package envelope

import "testing"

func TestVerbose(t *testing.T) {
	const head = "Tue 2025-05-06 01:08:21.123456 UTC [s=0a;i=1;b=2;m=3;t=4;x=5]\n"
	const who = " journal-verbose 2025-05-06T01:08:21.123456 host=lb01 ident=haproxy pid=1234 "
	const tail = "    _HOSTNAME=lb01\n    SYSLOG_IDENTIFIER=haproxy\n    _PID=1234\n"
	runCases(t, []envelopeCase{
		{head + "    MESSAGE=[ALERT]    (1) : x\n" + tail, "2" + who + `"[ALERT]    (1) : x"`},
		{head + tail + "    MESSAGE=a\n              b\n            c\n            \n            d\n" + head + tail + "    MESSAGE=e",
			"5" + who + `"a"` + "\n6" + who + `"  b"` + "\n7" + who + `"c"` + "\n8" + who + `""` + "\n9" + who + `"d"` + "\n14" + who + `"e"`},
		{head + tail + "    MESSAGE=a\nplain", "5" + who + "\"a\"\n6 plain host= ident= pid=0 \"plain\""},
		{"> " + head + "> " + tail[:18] + "\n>     MESSAGE=a", `3 journal-verbose 2025-05-06T01:08:21.123456 host=lb01 ident= pid=0 "a"`},
	})
	l := one(t, head+tail+"    COREDUMP_X=a\n               b\n    MESSAGE=x")
	if l.Fields["COREDUMP_X"] != "a\nb" {
		t.Errorf("%q", l.Fields)
	}
}
