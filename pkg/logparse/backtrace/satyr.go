package backtrace

import (
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
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
type satyr struct{ jsonReport }

func opensSatyr(t string) bool {
	return jsonKey(t, "signal") || jsonKey(t, "only_crash_thread") || jsonKey(t, "crash_thread")
}

func (s *satyr) line(text string, _ int64) verdict {
	if !s.jsonText.line(text) {
		return over
	}
	return member
}

func (s *satyr) finish() *stack {
	s.walk(func(jsonPath) {}, func(p jsonPath, v any) {
		switch {
		case p.is("signal"):
			s.Signal = fault(int(jsonInt(v)))
		case p.is("executable"):
			s.Executable = jsonString(v)
		}
	})
	s.readThreads("stacktrace", func(t *stack, key string, v any) {
		if is, _ := v.(bool); key == "crash_thread" && is && s.crashed == nil {
			s.crashed = t
		}
	}, satyrFrame)
	s.names, s.Heads = []string{s.Executable}, true
	if s.crashed != nil && len(s.crashed.frames) > 0 {
		return s.crashed
	}
	return s.first()
}

func satyrFrame(f *crash.Frame, key string, v any) {
	switch key {
	case "address":
		f.Address = crash.Addr(jsonInt(v))
	case "build_id_offset":
		f.ModuleOffset = crash.Addr(jsonInt(v))
	case "file_name":
		f.Module = jsonString(v)
	case "function_name":
		if name := jsonString(v); lex.Identifier(name) > 0 {
			setName(f, name)
		}
	}
}
