package analyze_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
)

// All of hacrash analyze but the report: cores and logs go in, crashes come out.
func ExampleRun() {
	options := analyze.Options{
		Names:     []string{"../../testdata/logs/spin-cli-3.2-dev5.log"},
		Knowledge: classify.Load(),
	}
	result, err := analyze.Run(context.Background(), options, func(c *crash.Crash) error {
		fmt.Println(c.Kind, c.Version(), c.Spin.Applet, c.Spin.Rate, "calls/s:", c.Verdict.Status)
		for _, m := range c.Verdict.Matches {
			fmt.Println(m.ID, "fixed by", m.Fixes[0], "first in", strings.Join(m.FixedIn, ", "))
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Crashes, "crash,", len(result.Failed), "errors")
	// Output:
	// spinning 3.2-dev5-37e84676c CLI 5645323 calls/s: known
	// cli-end-state-unread-input fixed by 972ce87676f4 first in 3.2-dev6, 3.1.4
	// 1 crash, 0 errors
}
