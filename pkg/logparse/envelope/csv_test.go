package envelope

import (
	"strings"
	"testing"
)

func TestCSV(t *testing.T) {
	const when = " csv 2025-05-06T01:08:21 host= ident= pid=0 "
	const fatal = `"FATAL: bug condition \"a\" matched at x.c:1"`
	runCases(t, []envelopeCase{
		{`"2025-05-06T01:08:21Z","lb01","FATAL: bug condition ""a"" matched at x.c:1"`, "1" + when + fatal},
		{`2025-05-06T01:08:21Z,lb01,"FATAL: bug condition ""a"" matched at x.c:1"`, "1" + when + fatal},
		{`"FATAL: bug condition ""a"" matched at x.c:1"`, "1 csv host= ident= pid=0 " + fatal},
		{`"[ALERT]    (1) : x"`, `1 csv host= ident= pid=0 "[ALERT]    (1) : x"`},
		{`"2025-05-06T01:08:21Z","May  6 01:08:21 lb01 haproxy[1]: a long text"`, `1 rfc3164 2025-05-06T01:08:21 host=lb01 ident=haproxy pid=1 "a long text"`},
		// With a header even a short message is found.
		{"time,message,host\n2025-05-06T01:08:21Z,x,a-long-host-name\n\"2025-05-06T01:08:21Z\",\"y\"\"\",\"another-long-one\"",
			"1 plain host= ident= pid=0 \"time,message,host\"\n2" + strings.Replace(when, "host=", "host=a-long-host-name", 1) + `"x"` + "\n3" + strings.Replace(when, "host=", "host=another-long-one", 1) + `"y\""`},
		{"time,message\nnot, a row", "1 plain host= ident= pid=0 \"time,message\"\n2 plain host= ident= pid=0 \"not, a row\""},
		// A field of several lines.
		{"\"2025-05-06T01:08:21Z\",\"FATAL: \"\"a\"\"\n  call trace(2):\n\n  | 0x1 \"\"b\"\"\",\"lb01\"\nplain",
			"1" + when + `"FATAL: \"a\""` + "\n2 csv 2025-05-06T01:08:21 host= ident= pid=0 \"  call trace(2):\"\n3 csv 2025-05-06T01:08:21 host= ident= pid=0 \"\"\n4 csv 2025-05-06T01:08:21 host= ident= pid=0 \"  | 0x1 \\\"b\\\"\"\n5 plain host= ident= pid=0 \"plain\""},
		{`"no end`, `1 plain host= ident= pid=0 "\"no end"`},
		{`"GET / HTTP/1.1" 200`, `1 plain host= ident= pid=0 "\"GET / HTTP/1.1\" 200"`},
	})
}
