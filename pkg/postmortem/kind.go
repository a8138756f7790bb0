package postmortem

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/ending"
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
	siQueue    = -1
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

// fromOutside says whether another process sent the signal.
//
// Folklore: both the sender's pid and that of the notes are as the process itself sees
// them in its pid namespace. A sender outside of it is 0, and so is one that nobody noted
// (emulators): of a 0 nothing is said.
func fromOutside(c *elfcore.Core) bool {
	s := c.Signal
	if s.Bare || s.Code != siTkill && s.Code != siUser && s.Code != siQueue || c.Process == nil {
		return false
	}
	return s.SenderPID != 0 && s.SenderPID != c.Process.PID
}

// trapOpcode says whether the instruction at pc is one that ABORT_NOW is
// compiled to; known is false if its bytes cannot be had, as code is not dumped.
func (f *Findings) trapOpcode(c *elfcore.Core, pc uint64) (is, known bool) {
	var b [8]byte
	code := b[:]
	if n, _ := c.ReadMemory(code, pc); n < len(code) {
		if f.program == nil {
			return false, false
		}
		code = f.program.constant(pc)
	}
	return len(code) >= len(b) && c.Machine.Traps(code), len(code) >= len(b)
}

// text gives the first text of a kind that agrees with the state.
func (f *Findings) text(kind TextKind) *Text {
	for i := range f.Texts {
		if f.Texts[i].Kind == kind && f.Texts[i].Agrees {
			return &f.Texts[i]
		}
	}
	return nil
}

// kind says what sort of crash it was. The signal, the code that raised it and the stack
// decide; frames are those of the thread that died, the innermost first. Texts are asked
// last, and those only that agree with the state (agree.go): of a stripped HAProxy without
// its executable no function has a name.
func (f *Findings) kind(c *elfcore.Core, frames []crash.Frame) (k crash.Kind, fatal bool) {
	s := c.Signal
	if s == nil || s.Number == 0 || s.Number == sigTRAP && s.Code <= 0 && s.SenderPID == 0 || signals.FateOf(s.Number) == signals.Harmless {
		// Folklore: gcore of a living process leaves no signal, or the one that
		// stopped it for the debugger.
		return crash.Snapshot, false
	}
	if !f.HAProxy || fromOutside(c) {
		return signals.KindOf(s.Number), true
	}
	stack := ending.Read(frames)
	switch {
	case overran(c):
		return crash.StackOverflow, true
	case stack.Kind == crash.Spinning:
		return crash.Spinning, true
	case deliberate(s), s.Bare && s.Number == sigSEGV:
		// Folklore: emulators (qemu-user) and old kernels leave no siginfo, and so no
		// address. The code says whether it was written to on purpose.
		if k := f.deliberateKind(c, frames, stack.Kind); k != "" {
			return k, true
		}
	case stack.Kind == crash.HeapCorruption:
		return stack.Kind, true
	case s.Number != sigABRT:
	case stack.Kind != "" && stack.Kind != crash.Abort:
		return stack.Kind, true
	case f.AbortMessage != "":
		return crash.Abort, true // the C library's own, and no panic
	default:
		return f.abortKind(), true
	}
	return signals.KindOf(s.Number), true
}

// deliberateKind explains an end by the instruction of ABORT_NOW; it is empty if that is
// not what it was.
func (f *Findings) deliberateKind(c *elfcore.Core, frames []crash.Frame, stack crash.Kind) crash.Kind {
	if len(c.Threads) == 0 {
		return ""
	}
	pc := c.Threads[0].Registers.PC()
	if m, main := c.Module(pc), c.MainModule(); m != nil && main != nil && m != main {
		return "" // a library's code, and no check of HAProxy's
	}
	is, known := f.trapOpcode(c, pc)
	switch {
	case known && !is, !is && c.Signal.Bare && c.Signal.Number == sigSEGV:
		return ""
	case f.text(SpinText) != nil:
		return crash.Spinning
	case stack == crash.PoolCorruption || f.text(PoolText) != nil:
		return crash.PoolCorruption
	case is:
		return ending.Reported(frames)
	case stack == crash.BugOn, f.text(AssertionText) != nil, f.text(TraceText) != nil:
		return crash.BugOn
	}
	return ""
}

// abortKind explains a SIGABRT of HAProxy's own whose stack has no names.
//
// Folklore: "show threads" leaves the same blocks in the same buffers as a
// panic does since 3.1, and the header is gone in both cases. A requester that
// is stuck cannot have typed anything; else a panic needs its header or the
// typed command, and what remains is an abort until its frames say ha_panic.
func (f *Findings) abortKind() crash.Kind {
	for i := range f.Texts {
		t := &f.Texts[i]
		if !t.Agrees {
			continue
		}
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
	if f.text(ThreadText) != nil && strings.HasPrefix(f.Command, "debug dev panic") {
		return crash.Panic
	}
	return crash.Abort
}

func stuckRequester(dump string) bool {
	return strings.Contains(dump, "\n*>Thread ") || strings.HasPrefix(dump, "*>Thread ")
}

// overran says whether the thread that died ran over its stack: the fault is near the
// stack pointer, and beyond the end of the memory that holds the stack.
func overran(c *elfcore.Core) bool {
	const near, guard = 64 << 10, 1 << 20
	s := c.Signal
	if s.Bare || len(c.Threads) == 0 || !signals.HasAddress(s.Number, s.Code) {
		return false
	}
	sp := c.Threads[0].Registers.SP()
	if s.Address > sp+4096 || s.Address+near < sp || sp < near {
		return false
	}
	if in := c.Segment(s.Address); in != nil && in.Flags&elfcore.Writable != 0 {
		return false
	}
	for _, at := range c.Segments {
		if at.Flags&elfcore.Writable != 0 && at.Address >= s.Address && at.Address-s.Address < guard && at.Address <= sp+guard {
			return true
		}
	}
	return false
}
