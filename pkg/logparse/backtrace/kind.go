package backtrace

import (
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/ending"
	"github.com/hacrash/hacrash/pkg/signals"
)

// judge sets Kind, Plausible and Spin from the frames of the faulty thread
// (nil when there is none), the signal, and what the other threads do.
func judge(r *Result, faulty *stack, all []*stack) {
	signal := 0
	if r.Signal != nil {
		signal = r.Signal.Number
	}
	r.Kind = crash.Unknown
	if faulty != nil {
		if k := fromFrames(r, faulty); k != "" {
			r.Kind = k
			r.Plausible = deliberate(k, faulty, all)
			return
		}
	}
	if k := signals.KindOf(signal); k != "" {
		r.Kind = k
		if faulty != nil && len(faulty.frames) > 0 {
			r.Plausible = deliberate(k, faulty, all)
		}
		return
	}
	r.Plausible = guess(faulty, all)
}

// fromFrames names the kinds that the functions of the thread prove.
func fromFrames(r *Result, s *stack) crash.Kind {
	frames := make([]crash.Frame, len(s.frames))
	aborts := false
	for i := range s.frames {
		frames[i] = s.frames[i].Frame
		aborts = aborts || i < 4 && aborting(frames[i])
	}
	read := ending.Read(frames)
	if read.Kind == crash.Spinning {
		i := slices.IndexFunc(frames, func(f crash.Frame) bool { return ending.Plain(f.Function) == read.Function })
		r.Spin = spin(frames[i])
	}
	if read.Kind == "" && aborts && (r.Signal == nil || r.Signal.Number == 6) {
		return crash.Abort
	}
	return read.Kind
}

// aborting says whether the frame shows that SIGABRT was raised: abort itself,
// or raise and its kin where the signal is printed. raise alone can be any
// signal ("debug dev tkill" raises SIGSEGV).
func aborting(f crash.Frame) bool {
	if !ending.IsAbort(ending.Plain(f.Function)) {
		return false
	}
	if lean(f.Function) == "abort" {
		return true
	}
	for _, a := range f.Arguments {
		if n := strings.TrimSuffix(a.Name, "@entry"); (n == "sig" || n == "signo") && a.Value == "6" {
			return true
		}
	}
	return false
}

// deliberate tells whether an abort or an illegal instruction is likely one of
// HAProxy's own, where the binary has no symbols to say so.
func deliberate(k crash.Kind, s *stack, all []*stack) crash.Kind {
	switch k {
	case crash.IllegalInstruction:
		// Since 2.8 BUG_ON is an illegal instruction on x86 and ARM64, and tools
		// that show no inlined functions show no ha_crash_now.
		f := s.frames[0]
		if f.number != 0 || isWait(f.Function) {
			return ""
		}
		return ending.Reported([]crash.Frame{f.Frame})
	case crash.Abort:
		if s.abortsInHandler() {
			return crash.Watchdog
		}
		for _, t := range all {
			if t != s && t.interrupted() {
				return crash.Panic // other threads had to dump their state
			}
		}
	}
	return ""
}

// abortsInHandler says whether the thread aborted within a signal handler, with
// no function between that has a name.
//
// Folklore: ha_panic and wdt_handler have no symbols in a stripped executable
// such as Debian's; what is left of a watchdog's panic is abort, nameless
// frames, the signal's frame and the code that was stuck.
func (s *stack) abortsInHandler() bool {
	for i, f := range s.frames {
		switch {
		case f.Signal:
			return i > 0
		case i > 8 || f.Function != "" && !ending.IsAbort(ending.Plain(f.Function)):
			return false
		}
	}
	return false
}

// guess tells what a backtrace without a word of a signal likely is.
func guess(faulty *stack, all []*stack) crash.Kind {
	locked := false
	for _, s := range all {
		if s.interrupted() {
			return crash.Watchdog
		}
		for i, f := range s.frames {
			if i > 2 {
				break
			}
			if isLockWait(f.Function) || i == 0 && len(all) > 1 && isTableLock(f.Function) {
				locked = true
			}
		}
	}
	if faulty == nil || len(faulty.frames) == 0 {
		if locked {
			return crash.Watchdog
		}
		return ""
	}
	if f := faulty.frames[0]; f.number == 0 && !f.Signal && !ending.IsAbort(ending.Plain(f.Function)) && !faulty.idle() {
		return crash.Segfault
	}
	if locked {
		return crash.Watchdog
	}
	return ""
}
