package analyze

import (
	"context"

	"github.com/hacrash/hacrash/pkg/logparse"
	"github.com/hacrash/hacrash/pkg/source"
)

// text leads a log or a backtrace to the joiner.
func (r *runner) text(ctx context.Context, in *source.Input) error {
	li := logparse.Input{Name: in.Name, Size: in.Length}
	if in.At != nil {
		li.At = r.o.Meter.readerAt(in.At)
	} else {
		li.Reader = r.o.Meter.reader(in.Reader)
	}
	var o logparse.Options
	if r.o.Linger > 0 && in.At == nil {
		o.Whole = -1 // a live stream is not held back
	}
	sum, err := logparse.Parse(ctx, li, o, r.joiner.Add)
	others := sum.Others
	if w := sum.Words; w.Count > 0 {
		others = append(others, logparse.Other{Kind: logparse.OtherWords, What: w.String(), Line: w.First})
	}
	for _, other := range others {
		if len(r.res.Others) == maxOthers {
			break
		}
		r.res.Others = append(r.res.Others, Other{in.Name, other})
	}
	return err
}
