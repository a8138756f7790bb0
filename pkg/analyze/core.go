package analyze

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/fault"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/objects"
	"github.com/hacrash/hacrash/pkg/postmortem"
	"github.com/hacrash/hacrash/pkg/source"
)

// core analyses a core and adds it to the joiner as one part. Of all steps only the search
// of memory is worth a goroutine (docs/decisions/0005-goroutines.md).
func (r *runner) core(ctx context.Context, in *source.Input) (problems []string, err error) {
	c, err := r.openCore(ctx, in)
	if err != nil {
		return nil, err
	}
	modules := module.New(ctx, c, r.o.Modules)
	defer modules.Close()
	part, problems, err := r.partOf(ctx, c, modules, in)
	if err != nil {
		return problems, err
	}
	return problems, r.joiner.Add(part)
}

// partOf is what a core tells of its crash.
func (r *runner) partOf(ctx context.Context, c *elfcore.Core, modules *module.Set, in *source.Input) (part join.Part, problems []string, err error) {
	part = join.Part{Role: join.Core, Rank: crash.RankState, Input: in.Name}
	if !in.Time.IsZero() {
		part.Time = in.Time
	}
	if c.Report != nil && r.useReport(ctx, c, modules, &part) {
		return part, c.Problems(), nil
	}
	searching := fault.Go(func() searched { return search(ctx, c) })
	defer searching.End() // it reads what is closed behind us
	walked := walkStacks(ctx, c, modules, r.o.Symbols)
	memory := searching.Wait()
	if memory.err != nil {
		return part, c.Problems(), memory.err
	}
	found := memory.Read()
	part.Crash = crashOf(c, modules, found, walked)
	if !in.Time.IsZero() {
		part.Crash.Time = in.Time.Format(time.RFC3339Nano)
	}
	if p := part.Crash.Process; p != nil {
		part.PID = p.PID
	}
	problems = append(c.Problems(), found.Problems...)
	if !found.HAProxy {
		otherProgram(&part.Crash, found.Name)
		return part, problems, nil
	}
	said, err := r.condition(ctx, found, modules.Main(), &part.Crash, in.Name)
	if err != nil {
		return part, problems, err
	}
	inside, err := r.texts(ctx, found, in.Name)
	if err != nil {
		return part, problems, err
	}
	part = join.Within(part, append(said, inside...))
	walked.nameHandlers(&part.Crash)
	readObjects(c, modules, &part.Crash, walked.resolve, objects.Options{})
	return part, problems, nil
}

// searched is a search of memory, and what went wrong with it.
type searched struct {
	postmortem.Search
	err error
}

func search(ctx context.Context, c *elfcore.Core) (s searched) {
	s.Search, s.err = postmortem.SearchMemory(ctx, c, postmortem.Options{})
	return s
}

// crashOf makes a crash of what memory, the files of the process and its stacks tell.
func crashOf(c *elfcore.Core, modules *module.Set, found *postmortem.Findings, walked stacks) (out crash.Crash) {
	main := modules.Main()
	cut := modules.Guard(func() {
		found.UseProgram(c, main)
		for _, m := range modules.Modules {
			found.UseLibrary(c, m)
		}
		out = found.Crash(c, walked.first())
	})
	if cut != nil { // what was read of memory is there
		found.UseProgram(c, nil)
		out = found.Crash(c, walked.first())
		found.Problems = append(found.Problems, fmt.Sprintf("%s: %v", main.Path, cut))
	}
	walked.add(&out, modules)
	return out
}

// otherProgram says of a crash that it is not HAProxy's.
func otherProgram(c *crash.Crash, name string) {
	if name == "" {
		name = "an unknown program"
	}
	c.Missing = append(c.Missing, crash.Missing{
		ID:     crash.LacksHAProxy,
		What:   "HAProxy: this is a core of " + name,
		Effect: "its threads and its signal are shown, without a verdict on HAProxy",
		Remedy: "give the core of the haproxy process",
	})
	c.Verdict = &crash.Verdict{
		Status: crash.CannotTell,
		Why:    fmt.Sprintf("this is a core of %s, not of HAProxy", name),
	}
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
