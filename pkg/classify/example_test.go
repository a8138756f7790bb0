package classify_test

import (
	"fmt"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
)

// The applet of the command line that spun, in a version that lacks the fix.
func ExampleDB_Classify() {
	c := crash.Crash{
		Kind:    crash.Spinning,
		Process: &crash.Process{Version: "3.2-dev5"},
		Spin:    &crash.Spin{Object: "APPCTX", Applet: "CLI", Rate: 5645323},
	}
	v := classify.Load().Classify(&c)
	fmt.Println(v.Status)
	for _, m := range v.Matches {
		fmt.Println(m.ID, m.Confidence, m.Fixes[0], "first in", m.FixedIn[0])
	}
	// Output:
	// known
	// cli-end-state-unread-input exact 972ce87676f4 first in 3.2-dev6
}
