package ending

import (
	"path"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// maxHandler is how many frames a signal handler that reports a crash may have.
const maxHandler = 24

// MarkLeads marks the frames of threads at fault that only lead from the cause to the
// end of the process.
func MarkLeads(c *crash.Crash) {
	for i := range c.Threads {
		t := &c.Threads[i]
		if !t.Faulty {
			continue
		}
		n := Leads(t.Frames)
		switch c.Kind {
		case crash.HeapCorruption:
			n = max(n, inLibrary(t.Frames))
		case crash.Hang:
			n = looking(t.Frames)
		}
		for k := range t.Frames {
			t.Frames[k].Lead = k < n
		}
	}
}

// looking counts those of a living process: the handler with which HAProxy's watchdog
// looks at the code that is stuck.
func looking(frames []crash.Frame) int {
	handler := false
	for i := range frames[:min(len(frames), maxHandler)] {
		f := &frames[i]
		handler = handler || f.Function == "wdt_handler" || f.Function == "debug_handler"
		if f.Signal && handler {
			return i + 1
		}
	}
	return 0
}

// inLibrary counts the frames of the C library in which it found its heap damaged: whoever
// called it is of interest. Its static functions have no names in a stripped one.
func inLibrary(frames []crash.Frame) int {
	n := 0
	for n < len(frames) && n < maxHandler && strings.HasPrefix(path.Base(frames[n].Module), "libc") && !frames[n].Signal {
		n++
	}
	if n == len(frames) {
		return 0
	}
	return n
}

// Leads counts the frames that only lead to the end, from the innermost outwards:
// functions that report, and the handler of a signal that does nothing else, with the
// signal's own frame.
//
// Folklore: of a stripped HAProxy static functions have no name; a watchdog's
// handler then has frames without one between ha_panic and the signal. The C library's
// own, between abort and the function that found the heap damaged, have none either.
func Leads(frames []crash.Frame) int {
	n := 0
	for n < len(frames) && (haproxy.ReportsCrash(frames[n].Function) || isAbort(Plain(frames[n].Function))) {
		n++
	}
	if n == 0 {
		return 0
	}
	for i := range frames[:min(len(frames), maxHandler)] {
		f := &frames[i]
		switch {
		case f.Signal:
			return i + 1
		case f.Function != "" && !haproxy.ReportsCrash(f.Function):
			return n + library(frames[n:], frames[0].Module)
		}
	}
	return n + library(frames[n:], frames[0].Module)
}

// library counts the frames of the module that aborted, when there is a frame of another
// one behind them: they found that something was wrong, and who called them did it.
func library(frames []crash.Frame, aborting string) int {
	for i := range frames {
		if frames[i].Module == aborting && aborting != "" {
			continue
		}
		return i
	}
	return 0
}
