package analyze

import (
	"context"
	"errors"
	"fmt"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/fault"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/postmortem"
	"github.com/hacrash/hacrash/pkg/source"
)

// core analyses a core and adds it to the joiner as one part.
func (r *runner) core(ctx context.Context, in *source.Input) (problems []string, err error) {
	c, err := r.openCore(ctx, in)
	if err != nil {
		return nil, err
	}
	modules := module.New(ctx, c, r.o.Modules)
	main := modules.Main()
	// Three ways into the files are gone beside the search of memory: for types of
	// objects, for what tells of memory, and along the stacks.
	types := fault.Go(func() structures { return openStructures(c, modules) })
	program := fault.Go(func() *postmortem.Program { return postmortem.ReadProgram(c, main) })
	walking := fault.Go(func() stacks { return walkStacks(ctx, c, modules, r.o.Symbols) })
	defer func() {
		types.End()
		program.End()
		walking.End()
		r.unmap(modules)
	}()
	found, err := postmortem.Read(ctx, c, postmortem.Options{})
	walked, structures, told := walking.Wait(), types.Wait(), program.Wait()
	if err != nil {
		return c.Problems(), err
	}
	part := join.Part{Role: join.Core, Rank: crash.RankState, Input: in.Name}
	cut := modules.Guard(func() {
		found.Use(told)
		for _, m := range modules.Modules {
			found.UseLibrary(c, m)
		}
		part.Crash = found.Crash(c, walked.first())
	})
	if cut != nil { // of the program alone: what was read of memory is there
		found.Use(nil)
		part.Crash = found.Crash(c, walked.first())
		found.Problems = append(found.Problems, fmt.Sprintf("%s: %v", main.Path, cut))
	}
	walked.add(&part.Crash, modules)
	if p := part.Crash.Process; p != nil {
		part.PID = p.PID
	}
	problems = append(c.Problems(), found.Problems...)
	if !found.HAProxy {
		part.Crash.Missing = append(part.Crash.Missing, crash.Missing{
			What:   fmt.Sprintf("HAProxy: this is a core of %s", orUnknown(found.Name)),
			Effect: "its threads and its signal are shown, without a verdict on HAProxy",
			Remedy: "give the core of the haproxy process",
		})
		part.Crash.Verdict = &crash.Verdict{
			Status: crash.CannotTell,
			Why:    fmt.Sprintf("this is a core of %s, not of HAProxy", orUnknown(found.Name)),
		}
		return problems, r.joiner.Add(part)
	}
	said, err := r.condition(ctx, found, main, &part.Crash, in.Name)
	if err != nil {
		return problems, err
	}
	inside, err := r.texts(ctx, found, in.Name)
	if err != nil {
		return problems, err
	}
	part = join.Within(part, append(said, inside...))
	walked.nameHandlers(&part.Crash)
	structures.read(c, modules, &part.Crash, walked.resolve)
	return problems, r.joiner.Add(part)
}

// texts reads what HAProxy had printed, as if it were a log. A text that nothing of the
// process's state bears out may be anybody's, and is none of those.
func (r *runner) texts(ctx context.Context, found *postmortem.Findings, name string) (inside []join.Part, err error) {
	for _, t := range found.Texts {
		if !t.Agrees {
			continue
		}
		parts, err := logparse.Lines(ctx, t.Text, name)
		if err != nil {
			return nil, err
		}
		for i := range parts {
			relocate(&parts[i], t)
		}
		inside = append(inside, parts...)
	}
	return inside, nil
}

// openCore opens a core: one that is compressed, or comes through a pipe, in one
// pass if its parts lie in the order that this needs.
func (r *runner) openCore(ctx context.Context, in *source.Input) (*elfcore.Core, error) {
	if in.At == nil {
		o, err := postmortem.OnePass()
		if err != nil {
			return nil, err
		}
		c, err := elfcore.OpenStream(ctx, r.o.Meter.reader(in.Reader), o)
		var out *elfcore.OutOfOrderError
		if !errors.As(err, &out) {
			return c, err
		}
		if err := in.Spool(ctx, out.Front); err != nil {
			return nil, err
		}
	}
	return elfcore.Open(in.At, in.Length, elfcore.Options{})
}

// relocate makes evidence of a text in memory say where it lies there.
func relocate(p *join.Part, t postmortem.Text) {
	where := fmt.Sprintf("%s (%s)", crash.Addr(t.Address), t.Where)
	for i := range p.Crash.Evidence {
		p.Crash.Evidence[i].Where = where
	}
	for i := range p.Crash.Threads {
		for k := range p.Crash.Threads[i].Frames {
			p.Crash.Threads[i].Frames[k].Where = where
		}
	}
}

func orUnknown(s string) string {
	if s == "" {
		return "an unknown program"
	}
	return s
}
