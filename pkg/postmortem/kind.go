package postmortem

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/signals"
)

// Signals and codes (include/uapi/asm-generic/signal.h, siginfo.h).
const (
	sigILL  = 4
	sigTRAP = 5
	sigABRT = 6
	sigSEGV = 11

	segvMapErr = 1
	illOpcodes = 2 // ILL_ILLOPC 1 (aarch64), ILL_ILLOPN 2 (x86)
	siUser     = 0
	siTkill    = -6
)

// deliberate says whether the signal is one that ABORT_NOW raises: a write to
// address 1 (2.0 to 2.7, and rare machines later), or an undefined instruction
// (2.8 on). A wild jump or pointer can raise the same.
func deliberate(s *elfcore.Signal) bool {
	switch s.Number {
	case sigSEGV:
		return !s.Bare && s.Code == segvMapErr && s.Address == 1
	case sigILL:
		return s.Bare || s.Code > 0 && s.Code <= illOpcodes
	}
	return false
}

// ownSignal says whether the process sent the signal to itself: abort() and
// debug dev tkill do.
func ownSignal(c *elfcore.Core) bool {
	s := c.Signal
	if s.Bare {
		return true
	}
	if s.Code != siTkill && s.Code != siUser {
		return false
	}
	// Folklore: the sender's pid is as the process sees it in its pid
	// namespace, that of the note as whoever dumped sees it.
	return c.Process == nil || s.SenderPID == c.Process.PID || s.Code == siTkill
}

// trapOpcode says whether the instruction at pc is one that ABORT_NOW is
// compiled to; known is false if its bytes cannot be had, as code is not dumped.
func trapOpcode(c *elfcore.Core, pc uint64) (is, known bool) {
	var b [8]byte
	n, _ := c.ReadMemory(b[:], pc)
	return n == len(b) && c.Machine.Traps(b[:]), n == len(b)
}

// text gives the first text of a kind.
func (f *Findings) text(kind TextKind) *Text {
	for i := range f.Texts {
		if f.Texts[i].Kind == kind {
			return &f.Texts[i]
		}
	}
	return nil
}

// onFaultyStack says whether a text of that kind lies in the stack of the thread
// that died: what other threads printed earlier says nothing of this end.
func (f *Findings) onFaultyStack(kind TextKind) bool {
	for _, t := range f.Texts {
		if n, ok := f.places.stack(t.Address); t.Kind == kind && ok && n == 0 {
			return true
		}
	}
	return false
}

// kind says what sort of crash it was, as far as the signal and the presence
// of texts tell; what the texts say in detail may refine it.
//
//	deliberate signal + spin message            spinning
//	                  + pool message            pool corruption
//	                  + BUG_ON text or trace    bug_on
//	SIGABRT sent by itself + spin message       spinning (2.0 to 2.3)
//	        + thread dump of a stuck requester  watchdog
//	        + panic header, or debug dev panic  panic
//	else                                        what the signal says
func (f *Findings) kind(c *elfcore.Core) (k crash.Kind, fatal bool) {
	s := c.Signal
	if s == nil || s.Number == 0 {
		return crash.Unknown, false
	}
	if f.HAProxy {
		if deliberate(s) {
			if k := f.deliberateKind(c); k != "" {
				return k, true
			}
		}
		if s.Number == sigABRT && ownSignal(c) {
			return f.abortKind(c), true
		}
	}
	if s.Number == sigTRAP || signals.FateOf(s.Number) == signals.Harmless {
		// Folklore: gcore of a living process leaves the signal that stopped
		// it for the debugger, which is no crash.
		return crash.Unknown, false
	}
	return signals.KindOf(s.Number), true
}

func (f *Findings) deliberateKind(c *elfcore.Core) crash.Kind {
	is, known := false, false
	if len(c.Threads) > 0 {
		is, known = trapOpcode(c, c.Threads[0].Registers.PC())
	}
	if known && !is {
		return ""
	}
	switch {
	case f.text(SpinText) != nil:
		return crash.Spinning
	case f.text(PoolText) != nil:
		return crash.PoolCorruption
	case is, f.text(AssertionText) != nil, f.onFaultyStack(TraceText):
		return crash.BugOn
	}
	return ""
}

// abortKind explains a SIGABRT of HAProxy's own.
//
// Folklore: "show threads" leaves the same blocks in the same buffers as a
// panic does since 3.1, and the header is gone in both cases. A requester that
// is stuck cannot have typed anything; else a panic needs its header or the
// typed command, and what remains is an abort until its frames say ha_panic.
func (f *Findings) abortKind(c *elfcore.Core) crash.Kind {
	for _, t := range f.Texts {
		switch t.Kind {
		case SpinText:
			return crash.Spinning
		case PanicText:
			if stuckRequester(t.Text) {
				return crash.Watchdog
			}
			return crash.Panic
		case AssertionText:
			return crash.BugOn // built with DEBUG_USE_ABORT
		case ThreadText:
			if strings.HasPrefix(t.Text, "*>") {
				return crash.Watchdog
			}
		}
	}
	if f.text(ThreadText) != nil && strings.HasPrefix(f.Provoked(c), "debug dev panic") {
		return crash.Panic
	}
	return crash.Abort
}

func stuckRequester(dump string) bool {
	return strings.Contains(dump, "\n*>Thread ") || strings.HasPrefix(dump, "*>Thread ")
}
