package join

import (
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Role says what sort of text, or core, a Part was read from.
type Role int

// The roles.
const (
	// Head is the crash's own announcement: the spin line, the FATAL line, the
	// panic header, the pool error. A head starts a crash of its own unless it
	// repeats another one (the alert and the syslog copy of a spin).
	Head Role = iota
	// Body is text that follows a head but was found apart from it: a call
	// trace without its condition, a thread block without its panic.
	Body
	// Kernel is a kernel line: segfault at, traps:, the OOM killer.
	Kernel
	// Coredump is a systemd-coredump message, or a debugger's or eu-stack's
	// backtrace.
	Coredump
	// Exit is what a parent says of its child: HAProxy's master, systemd, a shell.
	Exit
	// Core is a core file.
	Core
	// Environment tells about a process or a machine but of no crash:
	// haproxy -vv, show info, show dev, a version notice.
	Environment
	// Warning is not fatal: blocked traffic, WARN_ON.
	Warning
)

// Part is one piece of evidence: a partly filled Crash, and what it may be
// recognised by.
type Part struct {
	Crash crash.Crash
	Role  Role
	// Rank says who could have written the source. Empty is what the role is by itself:
	// a core is state, a head, body or warning is HAProxy's, the rest is others'.
	Rank crash.Rank
	// Likely says that the kind is no more than that: nothing told of a signal.
	Likely bool
	// PID is that of the process that died, when the text itself says so.
	PID int
	// Prefix is the pid in the envelope or the alert prefix: the process, or
	// its master. A master's own notices set both to the master's pid.
	Prefix int
	// Tag is the pid in the envelope, when whoever wrote the line may be HAProxy.
	Tag int
	// Time is zero when not known. NoYear and NoZone as in envelope.Stamp.
	Time           time.Time
	NoYear, NoZone bool
	// Seq orders the parts of one input: the number of the line it starts at. Last is that
	// of its last line, where it has several.
	Seq, Last int64
	// Input is the name of the input, and Stream tells apart what one input
	// interleaves (host and program).
	Input, Stream string
	// Pointers are runtime addresses of objects that the part names.
	Pointers []crash.Addr
	// weights of facts that are from within a core and not its state: see Within.
	weights map[string]weight
}
