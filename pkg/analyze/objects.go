package analyze

import (
	"errors"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/objects"
)

// readObjects reads what the faulty thread was busy with: the object that the spin
// guard named, else the task that the thread was running; and the thread itself.
// Without debug data there is nothing to read, which the modules say already.
func readObjects(core *elfcore.Core, modules *module.Set, c *crash.Crash, resolve func(uint64) string, o objects.Options) {
	p, err := objects.Open(core, modules, o)
	if err == nil && len(core.Threads) > 0 {
		p.Resolve = resolve
		err = modules.Guard(func() {
			number := p.ThreadOf(core.Threads[0].Registers.ThreadPointer)
			c.Objects = append(subject(p, c, number), p.Thread(number)...)
			c.Objects = append(c.Objects, p.Globals()...)
			if used, unused := p.Uses(); len(used) > 0 {
				if c.Process == nil {
					c.Process = &crash.Process{}
				}
				c.Process.Uses, c.Process.Unused = used, unused
			}
		})
	}
	if err != nil && !errors.Is(err, objects.ErrNoTypes) {
		c.Missing = append(c.Missing, crash.Missing{What: "objects: " + err.Error(), Effect: "streams and applets are not read from the core"})
	}
}

// subject is what the crash is about.
func subject(p *objects.Process, c *crash.Crash, thread int) []crash.Object {
	if s := c.Spin; s != nil && s.Address != 0 {
		switch s.Object {
		case "APPCTX":
			return p.Applet(uint64(s.Address))
		case "STREAM":
			return p.Stream(uint64(s.Address))
		}
	}
	return p.Current(thread)
}
