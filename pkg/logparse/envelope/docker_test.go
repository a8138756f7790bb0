package envelope

import (
	"strings"
	"testing"
)

func TestDockerJSON(t *testing.T) {
	const tail = `","stream":"stderr","time":"2025-05-06T01:08:21.5Z"}` + "\n"
	const out = `","stream":"stdout","time":"2025-05-06T01:08:22Z"}` + "\n"
	const who = " docker-json 2025-05-06T01:08:21.5 host= ident= pid=0 "
	const whoOut = " docker-json 2025-05-06T01:08:22 host= ident= pid=0 "
	long := strings.Repeat("x", dockerPiece)
	runCases(t, []envelopeCase{
		{`{"log":"[ALERT]    (1) : \"x\"\n` + tail, "1" + who + `"[ALERT]    (1) : \"x\""`},
		{`{"log":"a\n","stream":"stderr","attrs":{"tag":"b"},"time":"2025-05-06T01:08:21.5Z"}`, "1" + who + `"a"`},
		// Pieces, with the other stream between them.
		{`{"log":"` + long + tail + `{"log":"other\n` + out + `{"log":"` + long + tail + `{"log":"end\n` + tail,
			"2" + whoOut + `"other"` + "\n1" + who + `"` + long + long + `end"`},
		{`{"log":"FATAL: bug cond` + tail + `{"log":"ition\n` + tail, "1" + who + `"FATAL: bug condition"`},
		// Newlines were removed from all: no pieces.
		{`{"log":"a` + tail + `{"log":"b` + tail + `{"log":"c` + tail, "1" + who + `"a"` + "\n2" + who + `"b"` + "\n3" + who + `"c"`},
		// A process died in mid-line.
		{`{"log":"a` + tail, "1" + who + `"a"`},
		// fluent-bit: no newline, with and without a tag.
		{`{"log":"a","stream":"stderr","time":"2025-05-06T01:08:21.5Z","kubernetes":{"pod_name":"p"}}`, "1" + strings.Replace(who, "host=", "host=p", 1) + `"a"`},
		{`{"log":"a","logtag":"P` + tail + `{"log":"b","logtag":"P` + tail + `{"log":"c","logtag":"F` + tail, "1" + who + `"abc"`},
		// A syslog line said by the container.
		{`{"log":"<133>May  6 01:08:21 haproxy[8]: x\n` + tail, `1 rfc3164 2025-05-06T01:08:21.5 host= ident=haproxy pid=8 "x"`},
	})
	// The length of what is joined is bounded, nothing is lost.
	total := 0
	for _, l := range decode(strings.Repeat(`{"log":"`+long+tail, 200)) {
		total += len(l.Text)
		if len(l.Text) > maxText+dockerPiece {
			t.Errorf("a line of %d bytes", len(l.Text))
		}
	}
	if total != 200*dockerPiece {
		t.Errorf("%d bytes", total)
	}
}
