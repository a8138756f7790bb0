package haproxy

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

func TestHeadlines(t *testing.T) {
	for _, h := range Headlines() {
		if len(h.Literal()) < 8 || strings.Contains(h.Literal(), "\n") || h.Kind == "" {
			t.Errorf("%+v cannot be searched for", h)
		}
		if got := HeadlineOf(h.Begins + "3 " + h.Sure); got == nil || got.Begins != h.Begins {
			t.Errorf("%q is hidden by %+v", h.Begins, got)
		}
		if h.Sure != "" && HeadlineOf(h.Begins+"3 streams") != nil {
			t.Errorf("%q without what makes it sure is a headline", h.Begins)
		}
	}
	for line, want := range map[string]crash.Kind{
		`FATAL: bug condition \"x\" matched at src/a.c:1`:     crash.BugOn,
		"FATAL: pool inconsistency detected in thread 1: tag": crash.PoolCorruption,
		"FATAL: out of memory":                                "",
		"Thread 2 is about to kill the process.":              crash.Watchdog,
		"Thread 2 \"haproxy\" received signal":                "",
		"WARNING: warn condition \"x\" matched at src/a.c:1":  crash.WarnOn,
		" A bogus STREAM":                                     "",
		"":                                                    "",
	} {
		if h := HeadlineOf(line); (h == nil) != (want == "") || h != nil && h.Kind != want {
			t.Errorf("%q: %+v, want %q", line, h, want)
		}
	}
}
