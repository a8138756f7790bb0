package analyze

import (
	"context"
	"fmt"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/objects"
	"github.com/hacrash/hacrash/pkg/postmortem"
	"github.com/hacrash/hacrash/pkg/redact"
	"github.com/hacrash/hacrash/pkg/source"
	"github.com/hacrash/hacrash/pkg/trim"
)

// Trim makes a small core of the one that o names.
func Trim(ctx context.Context, o Options) (out trim.Result, err error) {
	err = oneInput(ctx, o, func(in *source.Input) error {
		if in.Kind != source.Core {
			return fmt.Errorf("%s: not a core; trim makes cores small", in.Name)
		}
		core, err := openWhole(ctx, in)
		if err != nil {
			return err
		}
		modules := module.New(ctx, core, o.Modules)
		defer modules.Close()
		program, err := programOf(ctx, o, core, modules)
		if err == nil {
			out, err = trim.Core(ctx, core, modules, program)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", in.Name, err)
		}
		return err
	})
	return out, err
}

// programOf is what a small core keeps of a HAProxy: the objects of the crash, and the texts that
// HAProxy had printed, without secrets.
func programOf(ctx context.Context, o Options, core *elfcore.Core, modules *module.Set) (p trim.Program, err error) {
	memory, err := postmortem.SearchMemory(ctx, core, postmortem.Options{})
	if err != nil {
		return p, err
	}
	found := memory.Read()
	if !found.HAProxy {
		return p, nil
	}
	walked := walkStacks(ctx, core, modules, o.Symbols)
	of := crashOf(core, modules, found, walked)
	if text := found.Carry(func(s string) string { return redact.Text(s, redact.Options{}) }); text != nil {
		p.Note = &elfcore.Note{Owner: postmortem.CarriedOwner, Type: postmortem.CarriedType, Desc: text}
	}
	p.Objects = func(number func(addr, size uint64)) {
		readObjects(core, modules, &of, walked.resolve, objects.Options{Numbers: number})
	}
	return p, nil
}
