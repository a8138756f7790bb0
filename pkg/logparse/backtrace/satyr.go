package backtrace

import (
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/signals"
)

// satyr reads core_backtrace, the file of ABRT with the stacks of a core (satyr
// lib/core_stacktrace.c):
//
//	{   "signal": 11
//	,   "executable": "/usr/sbin/haproxy"
//	,   "stacktrace":
//	      [ {   "crash_thread": true
//	        ,   "frames":
//	              [ {   "address": 94455555555
//	                ,   "build_id": "3ed9f912d91acf11a9f72e0d98b3e0bfb189738b"
//	                ,   "build_id_offset": 1234567
//	                ,   "function_name": "process_stream"
//	                ,   "file_name": "/usr/sbin/haproxy"
//	                } ]
//	        } ]
//	}
//
// Names are those of the symbol tables, not of the debug data; file_name is the module.
type satyr struct {
	stacks
	jsonText
	exe     string
	signal  *crash.Signal
	crashed *stack
	row     int64
}

func opensSatyr(t string) bool {
	return jsonKey(t, "signal") || jsonKey(t, "only_crash_thread") || jsonKey(t, "crash_thread")
}

func (s *satyr) line(text string, number int64) verdict {
	if s.row == 0 {
		s.row = number
	}
	if !s.jsonText.line(text) {
		return over
	}
	return member
}

func (s *satyr) read() {
	var at *stack
	var f *crash.Frame
	put := func() {
		if at != nil && f != nil {
			s.append(at, *f)
		}
		f = nil
	}
	s.walk(func(p jsonPath) {
		switch {
		case p.is("stacktrace", "[]"):
			put()
			at = s.add(&stack{listed: true})
		case p.is("stacktrace", "[]", "frames", "[]"):
			put()
			f = &crash.Frame{Trust: crash.TrustPrinted, Where: lex.Where(s.row)}
		}
	}, func(p jsonPath, v any) {
		switch {
		case p.is("signal"):
			if n := int(jsonInt(v)); signals.Name(n) != "" {
				s.signal = &crash.Signal{Number: n, Name: signals.Name(n)}
			}
		case p.is("executable"):
			s.exe = jsonString(v)
		case p.is("stacktrace", "[]", "crash_thread"):
			if is, _ := v.(bool); is && s.crashed == nil {
				s.crashed = at
			}
		case f == nil || len(p) != 5 || !p[:4].is("stacktrace", "[]", "frames", "[]"):
		case p[4] == "address":
			f.Address = crash.Addr(jsonInt(v))
		case p[4] == "build_id_offset":
			f.ModuleOffset = crash.Addr(jsonInt(v))
		case p[4] == "file_name":
			f.Module = jsonString(v)
		case p[4] == "function_name":
			if name := jsonString(v); lex.Identifier(name) > 0 {
				f.Symbol, f.Function = name, unversioned(name)
				f.Signal = isTrampoline(name)
			}
		}
	})
	put()
}

func (s *satyr) programs() ([]string, bool) { return []string{s.exe}, true }

func (s *satyr) finish(r *Result) {
	s.read()
	r.Executable, r.Signal = s.exe, s.signal
	faulty := s.crashed
	if faulty != nil && len(faulty.frames) == 0 {
		faulty = nil
	}
	if faulty == nil {
		faulty = first(&s.stacks)
	}
	r.Threads = s.threads(faulty)
	judge(r, faulty, s.all)
}
