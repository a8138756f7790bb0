package ending

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Reading is what a stack shows of the end of its process.
type Reading struct {
	// Kind is empty if the stack shows nothing that the signal does not say.
	Kind crash.Kind
	// Function is the one that tells it.
	Function string
	// Command is what somebody typed on the CLI to end the process, as far as the stack
	// shows it: debug dev loop, without its arguments. It is empty if nobody did.
	Command string
}

// few is how many frames there must be behind ha_panic to say that no handler of a signal
// called it: a paste may be cut, and the watchdog is who panics by far most often.
const few = 4

// near is how far from the innermost frame the C library's way of aborting is looked for.
const near = 12

// Read reads a stack, innermost frame first.
func Read(frames []crash.Frame) Reading {
	r := Reading{Command: command(frames)}
	s := look(frames)
	switch {
	case s.spin != "":
		r.Kind, r.Function = crash.Spinning, s.spin
	case s.pool != "":
		r.Kind, r.Function = crash.PoolCorruption, s.pool
	case s.panic != "" && (s.inHandler || s.behind < few) && r.Command != "debug dev panic":
		r.Kind, r.Function = crash.Watchdog, s.panic
	case s.panic != "":
		r.Kind, r.Function = crash.Panic, s.panic
	case s.check != "":
		r.Kind, r.Function = crash.BugOn, s.check
	case s.heap != "":
		r.Kind, r.Function = crash.HeapCorruption, s.heap
	case s.overrun != "":
		r.Kind, r.Function = crash.Abort, s.overrun
	}
	return r
}

// sights are the functions of a stack that tell of the end, each the outermost of its sort.
type sights struct {
	spin, pool, panic, check, heap, overrun string
	inHandler                               bool // the panic happened in the handler of a signal
	behind                                  int  // frames behind ha_panic
}

func look(frames []crash.Frame) (s sights) {
	// Folklore: musl says nothing when it finds its heap damaged, and halts (a_crash), which
	// is a SIGSEGV.
	aborts := len(frames) > 0 && frames[0].Instruction == "hlt"
	for i := range frames {
		name := Plain(frames[i].Function)
		switch {
		case frames[i].Signal:
			// Folklore: of a stripped HAProxy wdt_handler has no name; what it called was
			// ha_panic, and the signal's frame is behind it.
			s.inHandler = s.inHandler || s.panic != ""
		case name == "stream_dump_and_crash":
			s.spin = name
			return s
		case s.check != "" && isPoolCheck(name) && only(frames[:i]):
			s.pool = name
			return s
		case name == "wdt_handler":
			s.panic, s.inHandler = name, true
		case name == "ha_panic":
			s.panic, s.behind = name, len(frames)-i-1
		case name == "ha_crash_now", name == "abort_with_line":
			s.check = name
		case i >= near:
		case IsAbort(name):
			aborts = true
		case aborts && IsHeap(name):
			s.heap = name
		case aborts && isOverrun(name):
			s.overrun = name
		}
	}
	return s
}

// only says that all frames belong to the end itself or to pools, so that it was the
// pool's check that failed.
func only(frames []crash.Frame) bool {
	for i := range frames {
		if n := Plain(frames[i].Function); !haproxy.ReportsCrash(n) && !IsAbort(n) && !isPoolCheck(n) {
			return false
		}
	}
	return true
}

// command finds the function of the CLI that ends processes on demand (HAProxy
// src/debug.c, debug_parse_cli_* and what they start).
func command(frames []crash.Frame) string {
	for i := range frames {
		name := Plain(frames[i].Function)
		if name == "debug_run_cli_deadlock" {
			return "debug dev deadlock"
		}
		if word, ok := strings.CutPrefix(name, "debug_parse_cli_"); ok {
			return "debug dev " + word
		}
	}
	return ""
}

// Reported says whether the innermost function that is not a part of the C library's way
// out is one that checks pools: of a HAProxy whose ha_crash_now is inlined the pool's
// function stops at an undefined instruction itself.
func Reported(frames []crash.Frame) crash.Kind {
	if len(frames) > 0 && isPoolCheck(Plain(frames[0].Function)) {
		return crash.PoolCorruption
	}
	return crash.BugOn
}
