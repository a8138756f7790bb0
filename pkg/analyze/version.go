package analyze

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/lines"
)

// placeVersion adds the releases that the lines of a crash fit. A version that is stated
// stays, and it is said if the lines are not its own.
func placeVersion(c *crash.Crash) {
	found := lines.Of(c).Candidates()
	if found.Used == 0 {
		return
	}
	r := &crash.Releases{Range: found.String(), Basis: fixes.BasisLines, Places: found.Used}
	for _, v := range found.Releases {
		r.Versions = append(r.Versions, v.String())
	}
	stated := c.Version()
	v, err := haproxy.ParseVersion(stated)
	if fits, known := found.Fits(v); err == nil && known && !fits {
		r.Contradicts = true
		c.Conflicts = append(c.Conflicts, crash.Conflict{Fact: "version", Values: []crash.ConflictValue{
			{Value: stated, Source: c.Process.VersionSource}, {Value: r.Range, Source: r.Basis},
		}})
	}
	if c.Process == nil {
		c.Process = &crash.Process{}
	}
	c.Process.Releases = r
}

// askForVersion puts first among what is missing the version that nothing states.
func askForVersion(c *crash.Crash) {
	if c.Version() != "" || c.Provoked != "" || c.Kind == crash.Killed || c.Kind == crash.OutOfMemory || c.Kind == crash.Snapshot {
		return
	}
	m := crash.Missing{
		What:   "the version of HAProxy",
		Effect: "which bugs it has cannot be told",
		Remedy: "add the output of haproxy -vv, of the binary that crashed",
	}
	if c.Process != nil && c.Process.Releases != nil {
		switch r := c.Process.Releases; {
		case r.Range == "":
			m.Effect = "the lines of the backtrace are those of no release, so which bugs it has cannot be told"
		default:
			m.Effect = "it is one of " + r.Range + " by the lines of the backtrace"
		}
	}
	c.Missing = slices.Insert(c.Missing, 0, m)
}
