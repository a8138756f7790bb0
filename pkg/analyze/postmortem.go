package analyze

import (
	"context"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/postmortem"
)

// condition finds out which BUG_ON ended the process, when no text in memory says it.
func (r *runner) condition(ctx context.Context, found *postmortem.Findings, main *module.Module, c *crash.Crash, name string) ([]join.Part, error) {
	if c.Kind != crash.BugOn || len(c.Threads) == 0 || found.HasAssertion() {
		return nil, nil
	}
	var said *postmortem.Condition
	var cut error
	if f := reporter(c.Threads[0].Frames, main); f != nil {
		cut = main.Guard(func() { said = found.Condition(uint64(f.Address), f.Offset) })
	}
	if said == nil || said.Shared {
		if only := found.Fired(c.Threads[0].Frames); only != nil {
			said = only
		}
	}
	lacks := func(why, remedy string) {
		c.Missing = append(c.Missing, crash.Missing{
			What: "which BUG_ON ended the process: " + why, Effect: "it is known by its stack only", Remedy: remedy,
		})
	}
	switch {
	case cut != nil:
		lacks(main.Path+": "+cut.Error(), "analyse the core again")
	case main == nil || main.File() == nil:
		lacks("its text lies in the executable", "give it with --exe or --sysroot")
	case said == nil:
		lacks("the code before it does not say", "give the log with the line that starts with FATAL")
	case said.Shared:
		lacks("several of them end there", "give the log with the line that starts with FATAL")
	default:
		text := said.Found()
		parts, err := logparse.Lines(ctx, text.Text, name)
		for i := range parts {
			relocate(&parts[i], text)
		}
		return parts, err
	}
	return nil, nil
}

// reporter is the innermost frame of the executable: of a function that found something
// wrong, whether it ended the process itself or called abort. Of functions inlined there
// it is the outermost one, from whose start its offset counts. nil if there is none.
func reporter(frames []crash.Frame, main *module.Module) *crash.Frame {
	for i := range frames {
		f := &frames[i]
		if a := uint64(f.Address); main != nil && !f.Inlined && a >= main.Start && a < main.End {
			return f
		}
	}
	return nil
}
