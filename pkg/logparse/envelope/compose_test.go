package envelope

import "testing"

func TestCompose(t *testing.T) {
	runCases(t, []envelopeCase{
		{"haproxy-1  | [ALERT]    (1) : x", `1 docker-compose host= ident=haproxy-1 pid=0 "[ALERT]    (1) : x"`},
		{"\x1b[36mhaproxy_1  |\x1b[0m   | 0x1 [89]: main", `1 docker-compose host= ident=haproxy_1 pid=0 "  | 0x1 [89]: main"`},
		{"haproxy-1  |", `1 docker-compose host= ident=haproxy-1 pid=0 ""`},
		{"haproxy-1  | 2025-05-06T01:08:21.123456789Z x", `1 docker-compose 2025-05-06T01:08:21.123456789 host= ident=haproxy-1 pid=0 "x"`},
		{"0x1  | x", `1 plain host= ident= pid=0 "0x1  | x"`},
		{"haproxy| x", `1 plain host= ident= pid=0 "haproxy| x"`},
		{"haproxy |x", `1 plain host= ident= pid=0 "haproxy |x"`},
	})
}
