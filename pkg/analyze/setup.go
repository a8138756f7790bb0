package analyze

import (
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
)

// version is that of the options where the input does not say.
func (j *judging) version(c *crash.Crash) {
	version, source := j.o.Version, "option"
	if b := j.o.Setup.Build; version == "" && b != nil {
		version, source = b.Version.Raw, "haproxy -vv"
	}
	if version == "" || c.Process != nil && c.Process.Version != "" {
		return
	}
	if c.Process == nil {
		c.Process = &crash.Process{}
	}
	c.Process.Version, c.Process.VersionSource = version, source
}

// misfits says of a configuration, and of the output of haproxy -vv, that it is not that of
// the process.
func (j *judging) misfits(c *crash.Crash) {
	config, build := classify.Misfits(j.o.Setup, c)
	for _, m := range []struct{ what, why string }{{"the configuration of the process that crashed", config}, {"haproxy -vv of the build that crashed", build}} {
		if m.why != "" {
			c.Missing = append(c.Missing, crash.Missing{
				What: m.what, Effect: "of the one that was given, " + m.why + ": nothing is concluded from it", Remedy: "give that of the process",
			})
		}
	}
}
