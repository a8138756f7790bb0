package classify

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// A crash is judged as every release that its lines fit: known and fixed is only what all
// of them are, and one that is stated is one more if the lines are not its own.
func TestReleasesOfLines(t *testing.T) {
	db := load(t)
	for _, tt := range []struct {
		stated, fit string
		contradicts bool
		want        crash.Status
		why         string
	}{
		{"", "3.2-dev5", false, crash.Known, "every release that the lines of the backtrace fit (R) lacks its fix"},
		{"", "3.2-dev5 3.2-dev6", false, crash.Probable, "whether every release that the lines of the backtrace fit (R) has the fix cannot be told"},
		{"", "3.2-dev6 3.2-dev7 3.2.0", false, crash.AlreadyFixed, "every release that the lines of the backtrace fit (R) already has the fix"},
		{"3.2-dev5", "3.2-dev6", true, crash.Probable, "the lines of the backtrace fit R, not the stated 3.2-dev5"},
		{"3.2-dev6", "3.2-dev5", true, crash.Probable, "the lines of the backtrace fit R, not the stated 3.2-dev6"},
		{"3.2-dev6", "3.2-dev7", true, crash.AlreadyFixed, "each of version 3.2-dev6, which is stated, and R, which the lines of the backtrace fit, already has the fix"},
		{"3.2-dev5", "", false, crash.Known, "the lines of the backtrace fit no release"},
		{"3.2-dev5", "3.2-dev6", false, crash.Known, "version 3.2-dev5 lacks its fix"},
	} {
		c := applet("CLI", tt.stated, "proto=sockpair", "app1.st0=1", "res.o=0")
		r := &crash.Releases{Versions: strings.Fields(tt.fit), Contradicts: tt.contradicts, Places: 3}
		if tt.fit != "" {
			r.Range = "R"
		}
		c.Process.Releases = r
		v := db.Classify(c)
		if v.Status != tt.want || !strings.Contains(v.Why, tt.why) {
			t.Errorf("%q, %q: %s: %s", tt.stated, tt.fit, v.Status, v.Why)
		}
	}
	many := applet("CLI", "", "proto=sockpair", "app1.st0=1", "res.o=0")
	many.Process.Releases = &crash.Releases{Versions: strings.Fields(strings.Repeat("3.2-dev5 ", maxReleases+1)), Range: "R"}
	if v := db.Classify(many); v.Status != crash.Probable || !strings.Contains(v.Why, "the version of HAProxy would help") {
		t.Errorf("too many to tell anything: %s: %s", v.Status, v.Why)
	}
}
