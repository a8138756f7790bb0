package crash_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/hacrash/hacrash/pkg/crash"
)

// The report that hacrash analyze --format json prints.
func ExampleReport() {
	const printed = `{
	  "schema": "hacrash.report/1",
	  "crashes": [{
	    "kind": "segfault",
	    "signal": {"name": "SIGSEGV", "number": 11},
	    "threads": [
	      {"number": 1, "frames": [{"index": 0, "function": "epoll_wait"}]},
	      {"number": 2, "faulty": true, "frames": [{"index": 0, "pc": "0x5581", "function": "h1_process"}]}
	    ]
	  }]
	}`
	var r crash.Report
	if err := json.Unmarshal([]byte(printed), &r); err != nil {
		log.Fatal(err)
	}
	for _, c := range r.Crashes {
		died := c.Faulty()
		fmt.Println(c.Kind, c.SignalName(), "in", died.Frames[0].Function, "of thread", died.Number)
	}
	// Output: segfault SIGSEGV in h1_process of thread 2
}
