package logparse_test

import (
	"context"
	"fmt"
	"log"

	"github.com/hacrash/hacrash/pkg/logparse"
)

// Lines as journalctl prints them. A part is one piece of evidence: which pieces are
// one crash, package join knows.
func ExampleLines() {
	const text = `May 06 01:08:21 lb1 haproxy[8631]: FATAL: bug condition "!node->leaf_p" matched at src/quic_conn.c:1234
May 06 01:08:21 lb1 haproxy[8631]:   call trace(2):
May 06 01:08:21 lb1 haproxy[8631]:   | 0x55d0 [0f 0b 48 8b]: quic_conn_release+0x12/0x80
`
	parts, err := logparse.Lines(context.Background(), text, "haproxy.log")
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range parts {
		fmt.Println(p.Crash.Kind, p.Crash.Assertion.Condition, p.Crash.Assertion.File, p.Crash.Assertion.Line)
	}
	// Output: bug_on !node->leaf_p src/quic_conn.c 1234
}
