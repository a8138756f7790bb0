package analyze

import (
	"errors"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/objects"
)

// structures is HAProxy as its debug data describes it, or why it is not.
type structures struct {
	*objects.Process
	err error
}

// openStructures finds the types of HAProxy's objects.
func openStructures(core *elfcore.Core, modules *module.Set) (s structures) {
	s.Process, s.err = objects.Open(core, modules, objects.Options{})
	return s
}

// read reads what the faulty thread was busy with: the object that the spin
// guard named, else the task that the thread was running; and the thread itself.
// Without debug data there is nothing to read, which the modules say already.
func (s structures) read(core *elfcore.Core, modules *module.Set, c *crash.Crash, resolve func(uint64) string) {
	err := s.err
	if err == nil && len(core.Threads) > 0 {
		s.Resolve = resolve
		err = modules.Guard(func() {
			number := s.ThreadOf(core.Threads[0].Registers.ThreadPointer)
			c.Objects = append(subject(s.Process, c, number), s.Thread(number)...)
			c.Objects = append(c.Objects, s.Globals()...)
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
