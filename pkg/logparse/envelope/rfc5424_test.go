package envelope

import "testing"

func TestRFC5424(t *testing.T) {
	const who = "1 rfc5424 2025-05-06T01:08:21.003 host=lb01 ident=haproxy pid=1234 "
	runCases(t, []envelopeCase{
		{"<133>1 2025-05-06T01:08:21.003Z lb01 haproxy 1234 - - x", who + `"x"`},
		{"<133>1 2025-05-06T03:08:21.003+02:00 lb01 haproxy 1234 ID47 - \xef\xbb\xbfx", who + `"x"`},
		{`<133>1 2025-05-06T01:08:21.003Z lb01 haproxy 1234 - [ex@32473 iut="3" src="a \"b\" \\ [c\]"][more@1 x="y"] x [z]`, who + `"x [z]"`},
		{`<133>1 2025-05-06T01:08:21.003Z lb01 haproxy 1234 - [meta sequenceId="1"] [ALERT]    (1) : x`, who + `"[ALERT]    (1) : x"`},
		{`<133>1 2025-05-06T01:08:21.003Z lb01 haproxy 1234 - -`, who + `""`},
		// Structured data is missing, or not what it seems.
		{`<133>1 2025-05-06T01:08:21.003Z lb01 haproxy 1234 - [ALERT]    (1) : x`, who + `"[ALERT]    (1) : x"`},
		{`<133>1 2025-05-06T01:08:21.003Z lb01 haproxy 1234 - [a b="c`, who + `"[a b=\"c"`},
		{"<133>1 - - - - - - x", `1 rfc5424 host= ident= pid=0 "x"`},
		{"<133>1 - lb01 haproxy worker - - x", `1 rfc5424 host=lb01 ident=haproxy pid=0 "x"`},
		{"<133>1 yesterday lb01 haproxy 1 - - x", `1 priority host= ident= pid=0 "1 yesterday lb01 haproxy 1 - - x"`},
	})
}
