package analyze

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/hacrash/hacrash/pkg/advice"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fault"
	"github.com/hacrash/hacrash/pkg/haconf"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/source"
	"github.com/hacrash/hacrash/pkg/symbols"
)

// Options of a run.
type Options struct {
	// Names are files, directories and "-"; none means stdin.
	Names []string
	Stdin io.Reader
	// TempDir is where a compressed core is spooled; empty for the system's.
	TempDir string
	// Version is that of HAProxy when the input does not say.
	Version string
	// Linger makes crashes of a live stream come out that long after their last line.
	Linger time.Duration
	// Modules say where the files are that a core was made of, Symbols how much is
	// read of their debug data.
	Modules module.Options
	Symbols symbols.Options
	// Choice is which crashes are wanted.
	Choice Choice
	// Living are processes as cores; they are read before all else.
	Living []Living
	// Setup is what is known of the HAProxy that crashed, besides its version.
	Setup haconf.Setup
	// Knowledge decides the verdicts.
	Knowledge *classify.DB
	// System is the distribution of the machine at hand, as its os-release names it.
	System string
	// Meter, when not nil, is told how far the work is.
	Meter *Meter
}

// Living is a process that is alive, in the form of a core of Size bytes (package live).
type Living struct {
	Name string
	io.ReaderAt
	Size int64
}

func (l *Living) input() *source.Input {
	return &source.Input{Name: l.Name, Kind: source.Core, At: l.ReaderAt, Length: l.Size, Size: l.Size}
}

// Sink takes the crashes, in the order in which they are known whole.
type Sink func(*crash.Crash) error

// Result is what a run says beside its crashes.
type Result struct {
	Inputs []crash.Input
	// Crashes are those that were given to the sink, Foreign the ones of them that are of
	// another program: a core that is not HAProxy's.
	Crashes, Foreign int
	// LeftOut are those that were found and not asked for.
	LeftOut int
	// Incomplete tells that something was missing: an input that failed or was
	// cut, a crash with parts that could not be read.
	Incomplete bool
	// Others are what was seen that is no crash of HAProxy: of other programs, or no
	// crash at all.
	Others []Other
	// Next is what to do when no crash of HAProxy was found.
	Next []crash.Step
	// Notes are remarks on what was not read, or not given to the sink.
	Notes []error
	// Failed are the errors of single inputs; the run went on after them.
	Failed []error
}

// Other is what an input holds instead of a crash of HAProxy.
type Other struct {
	Input string
	logparse.Other
}

// Nothing says of a run without a crash of HAProxy what its inputs hold instead: the
// first thing of each. It is nil after a run that found one, or that failed.
func (r Result) Nothing() []error {
	if r.Crashes > r.Foreign || len(r.Failed) > 0 {
		return nil
	}
	if r.LeftOut > 0 {
		return nil // a note says it
	}
	if len(r.Others) == 0 {
		return []error{errors.New("no crash of HAProxy found in the input")}
	}
	var list []error
	said := map[string]bool{}
	for _, o := range r.Others {
		if !said[o.Input] {
			said[o.Input] = true
			list = append(list, fmt.Errorf("%s: line %d: %s; no crash of HAProxy found", o.Input, o.Line, o.What))
		}
	}
	return list
}

// others are the kinds of what was seen.
func (r Result) others() []logparse.OtherKind {
	var kinds []logparse.OtherKind
	for _, o := range r.Others {
		kinds = append(kinds, o.Kind)
	}
	return kinds
}

// maxOthers bounds what is told of.
const maxOthers = 100

// Run reads all inputs and gives every crash to sink. The error is that of the
// sink or of ctx: errors of inputs are in Result, and so is a bug of ours that ended
// the work on one input or one crash ([fault.Internal]).
func Run(ctx context.Context, o Options, sink Sink) (Result, error) {
	r := runner{o: o, judging: judging{o: o, sink: sink}}
	if o.Knowledge != nil {
		r.judging.adviser = advice.New(o.Knowledge)
		r.judging.adviser.System = o.System
		o.Knowledge.UseSetup(o.Setup)
	}
	if o.Modules.Executable != "" {
		p, err := openProgram(ctx, o.Modules, !o.Symbols.NoMatches)
		if err != nil {
			return Result{}, fmt.Errorf("--exe: %w", err)
		}
		defer p.module.Close()
		r.judging.program = p
	}
	r.joiner = join.New(join.Options{Linger: o.Linger}, r.finish)
	var stop error
	r.chooser.Choice = o.Choice
	from := source.Options{Stdin: o.Stdin, TempDir: o.TempDir, Note: r.note}
	from.Since, from.Until = o.Choice.around()
	for i := 0; i < len(o.Living) && stop == nil; i++ {
		stop = r.input(ctx, o.Living[i].input())
	}
	if stop == nil && (len(o.Names) > 0 || len(o.Living) == 0) {
		source.Walk(ctx, o.Names, from, func(in *source.Input, err error) bool {
			if err != nil {
				stop = r.fail(err)
			} else {
				stop = r.input(ctx, in)
			}
			return stop == nil
		})
	}
	if stop == nil {
		stop = ctx.Err()
	}
	if !errors.As(stop, new(errSink)) {
		// Also when the user called it off: a live stream has no other end.
		stop = cmp.Or(stop, r.flush(), r.giveLast())
	}
	stop = cmp.Or(stop, r.judging.end(&r.res))
	r.res.LeftOut = r.chooser.leftOut
	if len(r.res.Nothing()) > 0 && r.res.Foreign == 0 { // a core of another program has its own
		r.res.Next = advice.WithoutCrash(r.res.others())
	}
	if s := r.chooser.String(); s != "" {
		r.res.Notes = append(r.res.Notes, errors.New(s))
	}
	return r.res, stop
}

// flush hands out the crashes that are left. One that a bug of ours takes costs no
// other.
func (r *runner) flush() error {
	for {
		err := fault.Catch(r.joiner.Flush)
		if fault.Of(err) == nil || errors.As(err, new(errSink)) {
			return err
		}
		_ = r.fail(err) // such an error does not end the run
	}
}

// note keeps a remark on what was not read.
func (r *runner) note(where, what string) {
	r.res.Notes = append(r.res.Notes, fmt.Errorf("%s: %s", where, what))
}

type runner struct {
	o       Options
	joiner  *join.Joiner
	chooser chooser
	judging judging
	res     Result
}

// errSink marks an error of the sink, which ends the run.
type errSink struct{ error }

func (e errSink) Unwrap() error { return e.error }

// fail notes an error of one input; it returns those that end the run.
func (r *runner) fail(err error) error {
	if errors.As(err, new(errSink)) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	r.res.Failed = append(r.res.Failed, err)
	r.res.Incomplete = true
	return nil
}

// input analyses one input and notes how it went.
func (r *runner) input(ctx context.Context, in *source.Input) error {
	note := crash.Input{Name: in.Name, Compression: in.Compression, Size: in.Size, Complete: true}
	r.o.Meter.start(in)
	defer r.o.Meter.stop()
	var err error
	var problems []string
	switch in.Kind {
	case source.Core:
		note.Type = crash.InputCore
		err = fault.Catch(func() (err error) { problems, err = r.core(ctx, in); return err })
	case source.Log, source.Backtrace:
		note.Type = crash.InputLog
		if in.Kind == source.Backtrace {
			note.Type = crash.InputBacktrace
		}
		err = fault.Catch(func() error { return r.text(ctx, in) })
	default:
		what := "neither a core nor text; nothing to analyse"
		if len(in.Problems) > 0 {
			what = in.Problems[0]
		}
		return r.fail(fmt.Errorf("%s: %s", in.Name, what))
	}
	note.Problems = append(append(note.Problems, in.Problems...), problems...)
	if err != nil {
		if ctx.Err() != nil || errors.As(err, new(errSink)) {
			return err
		}
		note.Problems = append(note.Problems, err.Error())
		r.res.Failed = append(r.res.Failed, fmt.Errorf("%s: %w", in.Name, err))
	}
	if len(note.Problems) > 0 {
		note.Complete = false
		r.res.Incomplete = true
	}
	r.res.Inputs = append(r.res.Inputs, note)
	return nil
}

// finish takes a joined crash.
func (r *runner) finish(c *crash.Crash) error {
	if give := r.chooser.choose(c); give != nil {
		return r.judging.add(give)
	}
	return nil
}

// giveLast hands on those that were kept until it was known which are the last ones.
func (r *runner) giveLast() error {
	for _, c := range r.chooser.last() {
		if err := r.judging.add(c); err != nil {
			return err
		}
	}
	return nil
}
