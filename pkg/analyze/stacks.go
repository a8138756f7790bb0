package analyze

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/symbols"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// stack is what was found of one thread.
type stack struct {
	frames []crash.Frame
	broken string
}

// walkStacks walks the stacks of all threads of a core, in its order. It is run
// beside the search for texts in memory.
//
// Executables are mapped, and may be cut while they are read: that is a fault,
// which ends the thread's walk and not the program.
func walkStacks(ctx context.Context, c *elfcore.Core, modules *module.Set, o symbols.Options) []stack {
	u := unwind.New(c, modules)
	s := symbols.New(c, modules, u, o)
	out := make([]stack, len(c.Threads))
	for i := range c.Threads {
		if ctx.Err() != nil {
			break
		}
		out[i] = walkStack(u, s, &c.Threads[i])
	}
	return out
}

// walkStack walks one stack. Whatever happens on a damaged file costs this stack
// only.
func walkStack(u *unwind.Unwinder, s *symbols.Symbolizer, t *elfcore.Thread) (out stack) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if e := recover(); e != nil {
			out.broken = fmt.Sprintf("walking it failed on damaged or changing files: %v", e)
		}
	}()
	st := u.Thread(t)
	if !st.Whole {
		out.broken = st.Reason
	}
	for _, f := range s.Stack(st) {
		out.frames = append(out.frames, crashFrame(&f))
	}
	return out
}

// addStacks gives the threads of a core's crash, which are in the core's order,
// their stacks.
func addStacks(c *crash.Crash, stacks []stack) {
	for i := range min(len(c.Threads), len(stacks)) {
		t := &c.Threads[i]
		t.Broken = stacks[i].broken
		if len(stacks[i].frames) > 0 {
			t.Frames = stacks[i].frames
		}
	}
}

// crashFrame puts a frame into the words of the report.
func crashFrame(f *symbols.Frame) crash.Frame {
	out := crash.Frame{
		Address: crash.Addr(f.Address),
		Offset:  f.Offset,
		File:    f.File,
		Line:    f.Line,
		Inlined: f.Inlined,
		Tail:    f.Tail,
		Signal:  f.Signal,
		Trust:   crash.Trust(f.Trust),
	}
	// A name made up from bounds is no function's name: it changes with every build.
	if f.MadeUp {
		out.Symbol = f.Function
	} else {
		out.Function = f.Function
	}
	if f.Module != nil {
		out.Module = f.Module.Path
		if f.Address != 0 {
			out.ModuleOffset = crash.Addr(f.Module.LinkTime(f.Address))
		}
	}
	for _, a := range f.Arguments {
		out.Arguments = append(out.Arguments, crash.Argument{Name: a.Name, Value: a.Value})
		if a.Entry != "" {
			out.Arguments = append(out.Arguments, crash.Argument{Name: a.Name + "@entry", Value: a.Entry})
		}
	}
	return out
}
