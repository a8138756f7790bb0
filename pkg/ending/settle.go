package ending

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/signals"
)

// Settle adds to a crash what the stack of the thread at fault says of its end, wherever it
// was read: that somebody asked for it, and that a recursion used up the stack. It marks
// the frames that only lead to the end.
func Settle(c *crash.Crash) {
	markLeads(c)
	t := c.Faulty()
	if t == nil || !c.Fatal || c.Signal != nil && c.Signal.Outside {
		return
	}
	if r := Read(t.Frames); c.Provoked == "" && ends(r.Command, c.Kind) {
		c.Provoked = r.Command
	}
	if len(t.Registers) > 0 && t.Frames[0].Trust != crash.TrustPrinted {
		return // a core's: its stack pointer has told
	}
	if k := signals.KindOf(signals.Number(c.SignalName())); c.Kind == k && (k == crash.Segfault || k == crash.BusError) && recursion(t.Frames) > 0 {
		c.Kind = crash.StackOverflow
	}
}

// ends says whether a command of the CLI can have ended a process in that way. All of them
// run in the thread that was asked, so what happens below one of them is its doing.
//
// Folklore: HAProxy prints a static function under the name of the nearest one that has
// some, which for commands is that of a neighbour: "warn" and "check" end no process, and
// stand for whichever it was.
func ends(command string, kind crash.Kind) bool {
	word := strings.TrimPrefix(command, "debug dev ")
	switch word {
	case "":
		return false
	case "panic":
		return kind == crash.Panic
	case "loop", "deadlock":
		return kind == crash.Watchdog
	case "bug":
		return kind == crash.BugOn || kind == crash.Abort || kind == crash.IllegalInstruction || kind == crash.Segfault
	case "warn", "check", "counters", "memstats", "task", "sched", "sym", "fd":
		return false
	}
	return true // tkill, exit, and those that write where they are told to
}

// Bounds of a recursion that used up a stack, for texts: HAProxy calls itself nowhere near
// as deep, and readers of texts keep 256 frames.
const (
	leastRecursion = 240
	mostCycle      = 8
	nearTop        = 16
)

// recursion says whether the stack is one function, or a few in turn, that called
// themselves until it was full. It returns how many functions are in the ring, 0 if that is
// not how the stack looks.
func recursion(frames []crash.Frame) int {
	if len(frames) < leastRecursion {
		return 0
	}
	_, _, ring := Ring(frames, leastRecursion-nearTop-mostCycle)
	return ring
}

// Ring finds where a stack repeats itself near its top: the frames from and before to are
// the same functions in turn as the ring frames before them. It looks for at least so many
// frames that do; ring is 0 if there are none.
func Ring(frames []crash.Frame, least int) (from, to, ring int) {
	for start := range min(nearTop, len(frames)) {
		for ring := 1; ring <= mostCycle; ring++ {
			run := 0
			for i := start; i+ring < len(frames) && same(&frames[i], &frames[i+ring]); i++ {
				run++
			}
			if run >= least {
				return start + ring, start + ring + run/ring*ring, ring
			}
		}
	}
	return 0, 0, 0
}

// same says whether two frames are of one function.
func same(a, b *crash.Frame) bool {
	if a.Function != "" || b.Function != "" {
		return a.Function == b.Function
	}
	return a.Symbol == b.Symbol && a.Module == b.Module && (a.ModuleOffset == b.ModuleOffset && a.Address == b.Address)
}
