package signals

import "github.com/hacrash/hacrash/pkg/crash"

// Fate is what a signal does to HAProxy when nothing handles it.
type Fate int

// The fates. HAProxy handles HUP, TERM, INT, USR1, USR2 and ignores PIPE, so those end
// it in an orderly way or not at all.
const (
	// Harmless signals stop, continue or are ignored: no process dies of them.
	Harmless Fate = iota
	// Orderly ones are how HAProxy is asked to stop or to reload.
	Orderly
	// Deadly ones end the process; most leave a core.
	Deadly
)

// FateOf tells what a signal does (signal(7), HAProxy src/haproxy.c, src/mworker.c).
func FateOf(n int) Fate {
	switch n {
	case 1, 2, 10, 12, 13, 15: // HUP INT USR1 USR2 PIPE TERM
		return Orderly
	case 17, 18, 19, 20, 21, 22, 23, 28: // CHLD CONT STOP TSTP TTIN TTOU URG WINCH
		return Harmless
	}
	if Name(n) == "" {
		return Harmless
	}
	return Deadly
}

// KindOf gives the kind of a death by a signal of which nothing more is known. It is
// the only table of that: a log, a core and a debugger's text of one death agree. It is
// empty for what is no signal, or ends no process.
//
// A trap has no kind of its own: debuggers, tests and compilers raise it.
func KindOf(n int) crash.Kind {
	switch n {
	case 4:
		return crash.IllegalInstruction
	case 5:
		return crash.Unknown
	case 6:
		return crash.Abort
	case 7:
		return crash.BusError
	case 8:
		return crash.FPE
	case 11:
		return crash.Segfault
	}
	if FateOf(n) == Harmless {
		return ""
	}
	return crash.Killed
}
