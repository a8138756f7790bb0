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
	var panics, crashes, heap, overrun string
	// Folklore: musl says nothing when it finds its heap damaged, and halts (a_crash), which
	// is a SIGSEGV.
	inHandler, aborts, behind := false, len(frames) > 0 && frames[0].Instruction == "hlt", few
	for i := range frames {
		f := &frames[i]
		name := Plain(f.Function)
		switch {
		case f.Signal && panics != "" && !inHandler:
			// Folklore: of a stripped HAProxy wdt_handler has no name; what it called was
			// ha_panic, and the signal's frame is behind it.
			inHandler = true
		case name == "stream_dump_and_crash":
			r.Kind, r.Function = crash.Spinning, name
			return r
		case name == "wdt_handler" && !f.Signal:
			panics, inHandler = name, true
		case name == "ha_panic":
			panics, behind = name, len(frames)-i-1
		case name == "ha_crash_now" || name == "abort_with_line":
			crashes = name
		case IsAbort(name):
			aborts = aborts || i < near
		case aborts && i < near && IsHeap(name):
			heap = name
		case aborts && i < near && isOverrun(name):
			overrun = name
		case crashes != "" && isPoolCheck(name) && only(frames[:i]):
			r.Kind, r.Function = crash.PoolCorruption, name
			return r
		}
	}
	switch {
	case panics != "" && (inHandler || behind < few) && r.Command != "debug dev panic":
		r.Kind, r.Function = crash.Watchdog, panics
	case panics != "":
		r.Kind, r.Function = crash.Panic, panics
	case crashes != "":
		r.Kind, r.Function = crash.BugOn, crashes
	case heap != "":
		r.Kind, r.Function = crash.HeapCorruption, heap
	case overrun != "":
		r.Kind, r.Function = crash.Abort, overrun
	}
	return r
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
