package backtrace

import (
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// jsonReport is a report in JSON that has a list of threads, each with a list of frames.
type jsonReport struct {
	reading
	jsonText
	crashed *stack
}

// readThreads reads the list of that name. What is known of threads and frames goes to the
// functions by its key.
func (j *jsonReport) readThreads(list string, inThread func(t *stack, key string, v any), inFrame func(f *crash.Frame, key string, v any)) {
	var at *stack
	var f *crash.Frame
	put := func() {
		if at != nil && f != nil {
			j.append(at, *f)
		}
		f = nil
	}
	j.walk(func(p jsonPath) {
		switch {
		case p.is(list, "[]"):
			put()
			at = j.add(&stack{listed: true})
		case p.is(list, "[]", "frames", "[]"):
			put()
			f = &crash.Frame{Trust: crash.TrustPrinted, Where: lex.Where(j.FirstLine)}
		}
	}, func(p jsonPath, v any) {
		switch {
		case at == nil || len(p) < 3 || !p[:2].is(list, "[]"):
		case len(p) == 3:
			inThread(at, p[2], v)
		case len(p) == 5 && f != nil && p[2] == "frames":
			inFrame(f, p[4], v)
		}
	})
	put()
}
