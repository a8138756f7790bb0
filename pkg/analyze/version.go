package analyze

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/lines"
)

// releases adds the releases that the lines of a crash fit. A version that is stated stays,
// and it is said if the lines are not its own.
func releases(c *crash.Crash) {
	found := lines.Of(c).Candidates()
	if found.Used == 0 {
		return
	}
	r := &crash.Releases{Range: found.String(), Basis: fixes.BasisLines, Places: found.Used}
	for _, v := range found.Releases {
		r.Versions = append(r.Versions, v.String())
	}
	if c.Process == nil {
		c.Process = &crash.Process{}
	}
	c.Process.Releases = r
	stated, err := haproxy.ParseVersion(c.Process.Version)
	if fits, known := found.Fits(stated); err != nil || !known || fits {
		return
	}
	// A package has patches, which move lines: one of the same branch may be what it says.
	if stated.Distro() && slices.ContainsFunc(found.Releases, func(v haproxy.Version) bool { return v.CompareBranch(stated) == 0 }) {
		return
	}
	r.Contradicts = true
	lines := crash.ConflictValue{Value: r.Range, Source: r.Basis}
	if r.Range == "" {
		lines.Value = "no release"
	}
	c.Conflicts = append(c.Conflicts, crash.Conflict{Fact: "version", Values: []crash.ConflictValue{
		{Value: c.Process.Version, Source: c.Process.VersionSource}, lines,
	}})
}

// askForVersion puts first among what is missing the version, if nothing states it.
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
		m.Effect = "the lines of the backtrace fit no release, so which bugs it has cannot be told"
		if r := c.Process.Releases.Range; r != "" {
			m.Effect = "the lines of the backtrace fit " + r
		}
	}
	c.Missing = slices.Insert(c.Missing, 0, m)
}
