package analyze

import (
	"context"
	"encoding/hex"
	"math"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/symbols"
	"github.com/hacrash/hacrash/pkg/symbols/matched"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// stacks is what was found of all threads of a core.
type stacks struct {
	threads []stack
	// resolve names a runtime address of code; empty if nothing does. match does by likeness.
	resolve func(addr uint64) string
	match   func(addr uint64) *crash.Matched
}

// stack is what was found of one thread.
type stack struct {
	frames []crash.Frame
	broken string
}

// together is how many stacks are walked before they are named. Names by likeness are found
// together; all the stacks of a core with 60,000 threads would not fit into memory.
const together = 64

// walkStacks walks the stacks of all threads of a core, in its order.
func walkStacks(ctx context.Context, c *elfcore.Core, modules *module.Set, o symbols.Options) stacks {
	u, s := unwind.New(c, modules), symbols.New(c, modules, o)
	out := stacks{threads: make([]stack, len(c.Threads)), resolve: s.Function}
	out.match = func(addr uint64) *crash.Matched { return likely(s.Match(addr)) }
	for at := 0; at < len(c.Threads) && ctx.Err() == nil; at += together {
		threads := c.Threads[at:min(at+together, len(c.Threads))]
		var walked []unwind.Stack
		for i := range threads {
			walked = append(walked, u.Thread(&threads[i]))
		}
		s.Expect(walked)
		for i := range threads {
			s.ShowLocals(at+i == 0)
			out.threads[at+i] = nameStack(s, walked[i], &threads[i], at+i == 0)
		}
	}
	return out
}

// nameStack names the frames of a stack; of the first thread, which died, it also
// says at which instruction.
func nameStack(s *symbols.Symbolizer, w unwind.Stack, t *elfcore.Thread, first bool) (out stack) {
	if !w.Whole {
		out.broken = w.Reason
	}
	for _, f := range s.Stack(w) {
		out.frames = append(out.frames, crashFrame(&f))
	}
	if first && len(out.frames) > 0 {
		text, code := s.Instruction(t.Registers.PC())
		out.frames[0].Instruction, out.frames[0].Bytes = text, hex.EncodeToString(code)
	}
	return out
}

// first are the frames of the thread that died, which the core lists first; nil if it
// lists none.
func (s stacks) first() []crash.Frame {
	if len(s.threads) == 0 {
		return nil
	}
	return s.threads[0].frames
}

// add gives a core's crash what was found: stacks for its threads, which
// are in the core's order, names for addresses, and what is lacking to say more.
func (s stacks) add(c *crash.Crash, modules *module.Set) {
	for i := range min(len(c.Threads), len(s.threads)) {
		t := &c.Threads[i]
		t.Broken = s.threads[i].broken
		if len(s.threads[i].frames) > 0 {
			t.Frames = s.threads[i].frames
		}
	}
	// Both lists are in the order of addresses.
	for i, m := range modules.Modules[:min(len(modules.Modules), len(c.Modules))] {
		status, _ := m.Status()
		c.Modules[i].Status = string(status)
	}
	for _, l := range modules.Missing() {
		c.Missing = append(c.Missing, missing(l))
	}
}

// missing puts what a search did not find into the words of the report.
func missing(l module.MissingFile) crash.Missing {
	out := crash.Missing{What: l.Path + ": " + l.Reason, Remedy: l.Do}
	if l.BuildID != "" {
		out.What += " (build-id " + l.BuildID + ")"
	}
	switch {
	case l.What == module.DebugKind:
		out.ID = crash.LacksDebug
		out.What = "debug data of " + out.What
		out.Effect = "no lines, inlined calls and arguments"
		if !l.Symbols {
			out.Effect += "; static functions are named by their address"
		}
	case l.What == module.AlternateKind:
		out.ID = crash.LacksDebug
		out.What = "debug data that dwz moved to " + out.What
		out.Effect = "many names are missing"
	case l.What == module.SplitKind:
		out.ID = crash.LacksDebug
		out.What = "debug data in " + out.What
		out.Effect = "no inlined calls, arguments and structures of what it was made of"
	case l.What == module.CutKind:
		out.Effect = "its functions may have no names, and the way through it is looked for on the stack"
	case l.Status == module.OK || l.Status == module.Unverified:
	default:
		out.ID = crash.LacksLibrary
		if l.Main {
			out.ID = crash.LacksExecutable
		}
		out.Effect = "its functions have no names, and the way through it is looked for on the stack"
	}
	return out
}

// nameHandlers names the addresses that texts in memory tell without a name.
func (s stacks) nameHandlers(c *crash.Crash) {
	if p := c.Spin; p != nil && p.Handler == "" && p.HandlerAddress != 0 {
		if p.Handler = s.resolve(uint64(p.HandlerAddress)); p.Handler == "" {
			p.HandlerMatched = s.match(uint64(p.HandlerAddress))
		}
	}
}

// likely puts a name by likeness into the words of the report.
func likely(m *matched.Match) *crash.Matched {
	if m == nil {
		return nil
	}
	hundredths := func(x float64) float64 { return math.Round(100*x) / 100 }
	return &crash.Matched{Function: m.Name, Similarity: hundredths(m.Similarity), Margin: hundredths(m.Margin)}
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
	switch {
	case !f.MadeUp:
		out.Function = f.Function
	case !f.Signal:
		out.Symbol, out.Matched = f.Function, likely(f.Matched)
	}
	if f.Module != nil {
		out.Module = f.Module.Path
		if f.Address != 0 {
			out.ModuleOffset = crash.Addr(f.Module.LinkTime(f.Address))
		}
	}
	for _, a := range f.Locals {
		out.Locals = append(out.Locals, crash.Argument{Name: a.Name, Value: a.Value})
	}
	for _, a := range f.Arguments {
		out.Arguments = append(out.Arguments, crash.Argument{Name: a.Name, Value: a.Value})
		if a.Entry != "" {
			out.Arguments = append(out.Arguments, crash.Argument{Name: a.Name + "@entry", Value: a.Entry})
		}
	}
	return out
}
