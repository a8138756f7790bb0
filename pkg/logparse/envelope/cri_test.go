package envelope

import (
	"fmt"
	"strings"
	"testing"
)

func TestCRI(t *testing.T) {
	const stamp = "2025-05-06T01:08:21.123456789Z "
	const who = " cri 2025-05-06T01:08:21.123456789 host= ident= pid=0 "
	runCases(t, []envelopeCase{
		{stamp + "stderr F [ALERT]    (1) : x", "1" + who + `"[ALERT]    (1) : x"`},
		{"2025-05-06T03:08:21.123456789+02:00 stderr F   x", "1" + who + `"  x"`},
		{stamp + "stderr F ", "1" + who + `""`},
		{stamp + "stderr F", "1" + who + `""`},
		{stamp + "stderr P a\n" + stamp + "stdout P 1\n" + stamp + "stderr P b\n" + stamp + "stdout F 2\n" + stamp + "stderr F c", "2" + who + `"12"` + "\n1" + who + `"abc"`},
		{stamp + "stderr P a\n" + stamp + "stderr P b", "1" + who + `"ab"`},
		{stamp + "stderr F:x a", "1" + who + `"a"`},
		{stamp + "stderr X a", `1 stamped 2025-05-06T01:08:21.123456789 host= ident= pid=0 "stderr X a"`},
	})
	// Few streams are joined at a time; the first ones are given out.
	var b strings.Builder
	for i := range 3 * maxStreams {
		fmt.Fprintf(&b, "name-%d | %sstderr P x%d\n", i, stamp, i)
	}
	out := decode(b.String())
	if len(out) != 3*maxStreams {
		t.Fatalf("%d lines", len(out))
	}
	for i, l := range out {
		if l.Text != fmt.Sprintf("x%d", i) || l.Number != int64(i+1) || l.Ident != fmt.Sprintf("name-%d", i) {
			t.Errorf("%s", show(l))
		}
	}
}
