package ending

import (
	"path"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// maxHandler is how many frames a signal handler that reports a crash may have.
const maxHandler = 24

// markLeads marks the frames of threads at fault that only lead from the cause to the
// end of the process.
func markLeads(c *crash.Crash) {
	for i := range c.Threads {
		t := &c.Threads[i]
		if !t.Faulty {
			continue
		}
		n := leads(whole(t))
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

// whole gives the innermost frames, up to where some are missing.
func whole(t *crash.Thread) []crash.Frame {
	for i := 1; i < len(t.Frames); i++ {
		if t.Gap(i) {
			return t.Frames[:i]
		}
	}
	return t.Frames
}

// looking counts those of a living process: the handler with which HAProxy's watchdog
// looks at the code that is stuck.
func looking(frames []crash.Frame) int {
	handler := false
	for i := range frames[:min(len(frames), maxHandler)] {
		f := &frames[i]
		name := f.LikelyFunction()
		handler = handler || name == "wdt_handler" || name == "debug_handler"
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
	for n < len(frames) && n < maxHandler && isLibc(frames[n].Module) && !frames[n].Signal {
		n++
	}
	if n == len(frames) {
		return 0
	}
	return n
}

// isLibc says whether a module is the C library: libc.so.6, libc-2.31.so, libc as HAProxy
// prints it, and not libcrypto.
func isLibc(module string) bool {
	base := path.Base(module)
	return base == "libc" || strings.HasPrefix(base, "libc.") || strings.HasPrefix(base, "libc-") || strings.HasPrefix(base, "ld-musl")
}

// leads counts the frames that only lead to the end, from the innermost outwards:
// functions that report, and the handler of a signal that does nothing else, with the
// signal's own frame.
//
// Folklore: of a stripped HAProxy static functions have no name; a watchdog's
// handler then has frames without one between ha_panic and the signal. The C library's
// own, between abort and the function that found the heap damaged, have none either.
func leads(frames []crash.Frame) int {
	if WildCall(frames) {
		return 1
	}
	n := 0
	for n < len(frames) && (reports(&frames[n]) || n > 0 && isNeighbour(&frames[n])) {
		n++
	}
	if n == 0 {
		return 0
	}
	for n < len(frames) && IsHeap(Plain(frames[n].Function)) {
		n++
	}
	for i := range frames[:min(len(frames), maxHandler)] {
		f := &frames[i]
		switch {
		case f.Signal:
			return i + 1
		case i >= n && f.LikelyFunction() != "" && !reports(f):
			return n + library(frames[n:], aborting(frames[:n]))
		}
	}
	return n + library(frames[n:], aborting(frames[:n]))
}

// aborting gives the module that aborted, unless that is HAProxy: one whose own functions report
// is no library that somebody called.
//
// Folklore: stream_dump_and_crash ends the process itself, by an instruction that is none.
func aborting(reporting []crash.Frame) string {
	module := reporting[0].Module
	for i := range reporting {
		f := &reporting[i]
		if name := f.LikelyFunction(); f.Module == module && haproxy.ReportsCrash(name) && !IsAbort(Plain(name)) {
			return ""
		}
	}
	return module
}

// isNeighbour says that a frame without a name lies right behind a function that reports:
// in the file that reports.
//
// Folklore: since 3.0 static functions are printed as the nearest symbol before them, so that
// ha_panic and its like are ha_dump_backtrace+0x3129 in the dumps of 3.2 and 3.5; what
// is further off (+0xbfa0 is the handler of the statistics) is of other files.
func isNeighbour(f *crash.Frame) bool {
	const size = 0x6000
	name, offset, ok := strings.Cut(f.Symbol, "+0x")
	n, err := strconv.ParseUint(offset, 16, 64)
	return f.Function == "" && ok && err == nil && n < size && haproxy.ReportsCrash(name)
}

// reports says whether a function only reports the end or is a part of the C library's way
// of raising its signal.
func reports(f *crash.Frame) bool {
	plain := Plain(f.LikelyFunction())
	return haproxy.ReportsCrash(f.LikelyFunction()) || haproxy.ReportsCrash(plain) || IsAbort(plain)
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

// WildCall says whether the innermost frame is a call, or a return, to where no code is: a
// null pointer, or one that was overwritten. What stands there is no function; the caller
// is to be looked at.
//
// Folklore: code that a library makes while it runs (regular expressions, Lua) is of no
// module either. It can be executed, so the unwinder does not take its address for wild.
func WildCall(frames []crash.Frame) bool {
	const unmapped = 0x10000 // vm.mmap_min_addr of Linux
	if len(frames) < 2 {
		return false
	}
	f := &frames[0]
	if f.Signal || f.Inlined || f.Function != "" || f.Module != "" || f.Symbol != "" || f.Number != 0 {
		return false
	}
	return frames[1].Trust == crash.TrustBadPC || f.Address < unmapped
}
