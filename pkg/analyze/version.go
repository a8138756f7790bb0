package analyze

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/lines"
)

// mostReleases is how many releases a crash may fit and be said to: one frame of a helper
// fits hundreds, which tells nothing.
const mostReleases = 200

// releases adds the releases that the lines of a crash fit. A version that is stated stays,
// and it is said if the lines are not its own.
func releases(c *crash.Crash) {
	found := lines.Of(c).Candidates()
	doubt := contradicts(&found, c.Version())
	if found.Used == 0 || len(found.Releases) > mostReleases && !doubt {
		return
	}
	r := &crash.Releases{Range: found.String(), Basis: fixes.BasisLines, Places: found.Used, Contradicts: doubt}
	for _, v := range found.Releases {
		r.Versions = append(r.Versions, v.String())
	}
	if c.Process == nil {
		c.Process = &crash.Process{}
	}
	c.Process.Releases = r
	if !doubt {
		return
	}
	c.Conflicts = append(c.Conflicts, crash.Conflict{Fact: "version", Values: []crash.ConflictValue{
		{Value: c.Process.Version, Source: c.Process.VersionSource}, {Value: r.Range, Source: r.Basis},
	}})
}

// contradicts says that lines are those of other releases than the one that is stated. A package has
// patches, which move lines: if they fit another release of its branch, it may be what it says.
func contradicts(found *lines.Candidates, version string) bool {
	stated, err := haproxy.ParseVersion(version)
	if fits, known := found.Fits(stated); err != nil || !known || fits || len(found.Releases) == 0 {
		return false
	}
	return !stated.Distro() || !slices.ContainsFunc(found.Releases, func(v haproxy.Version) bool { return v.CompareBranch(stated) == 0 })
}

// askForVersion puts first among what is missing the version, if nothing states it.
func askForVersion(c *crash.Crash) {
	if c.Version() != "" || c.Provoked != "" || c.Kind == crash.Killed || c.Kind == crash.OutOfMemory || c.Kind == crash.Snapshot {
		return
	}
	m := crash.Missing{
		ID:     crash.LacksVersion,
		What:   "the version of HAProxy",
		Effect: "which bugs it has cannot be told",
		Remedy: "add the output of haproxy -vv, of the binary that crashed",
	}
	if c.Process != nil && c.Process.Releases != nil {
		m.Effect = "the lines of the backtrace fit no release, so which bugs it has cannot be told"
		if r := c.Process.Releases.Range; r != "" {
			m.Effect = "the lines of the backtrace fit " + r
		}
	}
	c.Missing = slices.Insert(c.Missing, 0, m)
}
