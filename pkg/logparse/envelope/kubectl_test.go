package envelope

import "testing"

func TestKubectl(t *testing.T) {
	runCases(t, []envelopeCase{
		{"2025-05-06T01:08:21.123456789Z [ALERT]    (1) : x", `1 stamped 2025-05-06T01:08:21.123456789 host= ident= pid=0 "[ALERT]    (1) : x"`},
		{"2025-05-06T01:08:21.123456789Z   | 0x1 [89]: main", `1 stamped 2025-05-06T01:08:21.123456789 host= ident= pid=0 "  | 0x1 [89]: main"`},
		{"2025-05-06T01:08:21.123456789Z", `1 stamped 2025-05-06T01:08:21.123456789 host= ident= pid=0 ""`},
		{"[pod/haproxy-0/haproxy] [ALERT]    (1) : x", `1 kubectl host=haproxy-0 ident=haproxy pid=0 "[ALERT]    (1) : x"`},
		{"[pod/haproxy-0/haproxy] 2025-05-06T01:08:21.12Z FATAL: x", `1 kubectl 2025-05-06T01:08:21.12 host=haproxy-0 ident=haproxy pid=0 "FATAL: x"`},
		{"[pod/haproxy-0/haproxy]", `1 kubectl host=haproxy-0 ident=haproxy pid=0 ""`},
		{"[pod/haproxy-0] x", `1 plain host= ident= pid=0 "[pod/haproxy-0] x"`},
		{"[pod/a b/c] x", `1 plain host= ident= pid=0 "[pod/a b/c] x"`},
		// A container that logs as syslog does.
		{"2025-05-06T01:08:21.123456789Z <133>May  6 01:08:21 haproxy[8]: x", `1 rfc3164 2025-05-06T01:08:21.123456789 host= ident=haproxy pid=8 "x"`},
	})
}
