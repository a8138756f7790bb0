package analyze

import (
	"context"
	"fmt"

	"github.com/hacrash/hacrash/pkg/module"
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
		if out, err = trim.Core(ctx, core, modules); err != nil {
			err = fmt.Errorf("%s: %w", in.Name, err)
		}
		return err
	})
	return out, err
}
