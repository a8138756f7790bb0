package analyze

import (
	"context"
	"errors"
	"fmt"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/objects"
	"github.com/hacrash/hacrash/pkg/postmortem"
	"github.com/hacrash/hacrash/pkg/source"
	"github.com/hacrash/hacrash/pkg/streamdump"
	"github.com/hacrash/hacrash/pkg/symbols"
)

// inspection is a core that is open to questions. It is for one goroutine at a time.
type inspection struct {
	Core    *elfcore.Core
	Modules *module.Set
	Version haproxy.Version
	names   *symbols.Symbolizer
	flags   *streamdump.Namer
	ctx     context.Context
}

// inspect opens the one core that o names and hands it to use. Memory of a
// compressed core is spooled to a temporary file, since questions may be about
// any of it.
func inspect(ctx context.Context, o Options, use func(*inspection) error) error {
	if len(o.Living) == 1 && len(o.Names) == 0 {
		return inspectInput(ctx, o, o.Living[0].input(), use)
	}
	return oneInput(ctx, o, func(in *source.Input) error { return inspectInput(ctx, o, in, use) })
}

// oneInput opens the one input that o names.
func oneInput(ctx context.Context, o Options, use func(*source.Input) error) error {
	var err error
	n := 0
	source.Walk(ctx, o.Names, source.Options{Stdin: o.Stdin, TempDir: o.TempDir}, func(in *source.Input, problem error) bool {
		if err = problem; err != nil {
			return false
		}
		if n++; n > 1 {
			err = errors.New("more than one file; name one core")
			return false
		}
		err = use(in)
		return err == nil
	})
	if err == nil && n == 0 {
		err = errors.New("no core given")
	}
	return err
}

func inspectInput(ctx context.Context, o Options, in *source.Input, use func(*inspection) error) (err error) {
	if in.Kind != source.Core {
		return fmt.Errorf("%s: not a core; inspect looks into cores", in.Name)
	}
	core, err := openWhole(ctx, in)
	if err != nil {
		return err
	}
	modules := module.New(ctx, core, o.Modules)
	defer modules.Close()
	i := &inspection{Core: core, Modules: modules, names: symbols.New(core, modules, o.Symbols), ctx: ctx}
	if i.Version, err = i.version(o.Version); err != nil {
		return fmt.Errorf("%s: %w", in.Name, err)
	}
	i.flags = streamdump.NewNamer(i.Version)
	if cut := modules.Guard(func() { err = use(i) }); cut != nil {
		return fmt.Errorf("%s: a file of the process: %w; try again", in.Name, cut)
	}
	return err
}

// openWhole opens a core so that all of its memory can be asked for.
func openWhole(ctx context.Context, in *source.Input) (*elfcore.Core, error) {
	if in.At == nil {
		if err := in.Spool(ctx, nil); err != nil {
			return nil, fmt.Errorf("%s: %w", in.Name, err)
		}
	}
	core, err := elfcore.Open(in.At, in.Length, elfcore.Options{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	return core, nil
}

// version is what the user says, else what lies in memory.
func (i *inspection) version(said string) (haproxy.Version, error) {
	if said != "" {
		return haproxy.ParseVersion(said)
	}
	found, err := postmortem.Read(i.ctx, i.Core, postmortem.Options{})
	if err != nil {
		return haproxy.Version{}, err
	}
	c := found.Crash(i.Core, nil)
	v, _ := haproxy.ParseVersion(c.Version()) // the zero Version is one that is not known
	return v, nil
}

// Resolve names a runtime address of code, "" if nothing does.
func (i *inspection) Resolve(addr uint64) string { return i.names.Function(addr) }

// Process gives HAProxy's structures as the debug data describes them.
func (i *inspection) Process() (*objects.Process, error) {
	p, err := objects.Open(i.Core, i.Modules, objects.Options{Wide: true})
	if err != nil {
		return nil, err
	}
	p.Resolve = i.Resolve
	return p, nil
}

// NameFlags puts the names of flags beside the numbers of an object.
func (i *inspection) NameFlags(o *crash.Object) { i.flags.Fields(o.Fields) }
