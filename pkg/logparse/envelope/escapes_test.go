package envelope

import "testing"

func TestRsyslogEscapes(t *testing.T) {
	const head = " rfc3164 0000-05-06T01:08:21 noyear nozone host=lb01 ident=haproxy pid=1 "
	runCases(t, []envelopeCase{
		{"May  6 01:08:21 lb01 haproxy[1]: FATAL: x#012  call trace(1):#012#011| 0x1#012", "1" + head + `"FATAL: x"` + "\n1" + head + `"  call trace(1):"` + "\n1" + head + `"\t| 0x1"`},
		{"May  6 01:08:21 lb01 haproxy[1]: #0  foo () #1 #01 #0", "1" + head + `"#0  foo () #1 #01 #0"`},
		{"May  6 01:08:21 lb01 haproxy[1]: a#015#012b#033[0m", "1" + head + `"a"` + "\n1" + head + `"b#033[0m"`},
		// Pasted without the header.
		{"FATAL: x#012  call trace(1):", "1 plain host= ident= pid=0 \"FATAL: x\"\n1 plain host= ident= pid=0 \"  call trace(1):\""},
	})
}
