package postmortem

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
)

// System is what the post_mortem object tells about the machine (src/debug.c,
// struct post_mortem, since 3.1; 3.0 has it by backport).
type System struct {
	crash.Platform
	Address uint64 // of the object
	Node    string // the machine's name in the network
	PID     int
}

// String gives it in one line, without the machine's name.
func (s *System) String() string {
	parts := []string{s.OS, s.Release, s.Build, s.Machine}
	text := strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
	if s.Distribution != "" {
		text += ", " + s.Distribution
	}
	if s.VirtualMachine != "" && s.VirtualMachine != "no" {
		text += ", virtual machine: " + s.VirtualMachine
	}
	if s.Container != "" && s.Container != "no" {
		text += ", container: " + s.Container
	}
	return text
}

// The object after its magic of 32 bytes: struct utsname, six strings of 65
// bytes on Linux; since 3.3 (3.2 by backport) the distribution; eight strings of
// hardware; what sort of virtual machine and container; then, aligned, the pid.
const (
	pmUname    = 32
	utsField   = 65
	pmStrings  = pmUname + 6*utsField
	pmField    = 64
	pmHardware = 8 * pmField
	pmTechno   = 16
	systemSize = pmStrings + pmField + pmHardware + 2*pmTechno + 16
)

// readSystem reads the first object that makes sense. Where no layout fits all of it,
// the platform and the pid stand at its start still. HAProxy's own lies in its
// executable: what looks the same elsewhere was sent by somebody.
func (f *Findings) readSystem(c *elfcore.Core, hits hitsOf) {
	main := c.MainModule()
	for _, at := range hits[litPostMortem] {
		if main != nil && (at < main.Start || at >= main.End) {
			continue
		}
		if f.Object = readObject(c, at, nil, ""); f.Object != nil {
			f.System = systemOf(c, f.Object)
			return
		}
		if f.System = startOf(c, at); f.System != nil {
			return
		}
	}
}

// startOf reads the start of an object at an address, whose rest is not understood; nil if
// it is none. The pid tells whether the distribution is among the strings before it.
func startOf(c *elfcore.Core, at uint64) *System {
	o := objectReader{c: c, at: at, b: make([]byte, systemSize)}
	if n, _ := c.ReadMemory(o.b, at); n < len(o.b) {
		return nil
	}
	var s *System
	for _, b := range []build{{}, {distribution: true}} {
		o.l = layoutOf(b, members())
		x := o.start()
		if x == nil {
			return nil
		}
		s = systemOf(c, x)
		if own, parent := knownPID(c, x.PID); own || parent {
			return s
		}
	}
	s.Distribution, s.VirtualMachine, s.Container = "", "", ""
	return s
}

// systemOf is the platform of an object in short.
func systemOf(c *elfcore.Core, o *Object) *System {
	s := &System{Platform: *o.Platform, Address: uint64(o.Address), Node: o.Node}
	if own, _ := knownPID(c, o.PID); own {
		s.PID = o.PID
	}
	return s
}

// knownPID says whether pid is that of the core's process, or of its parent.
//
// Folklore: 3.0 fills the object before the worker is forked, so a worker's core
// holds the master's pid. And when the core was written outside the container's
// pid namespace the two count differently: then the layout stays unknown.
func knownPID(c *elfcore.Core, pid int) (own, parent bool) {
	if pid <= 0 {
		return false, false
	}
	if p := c.Process; p != nil {
		return p.PID == pid, p.PPID == pid
	}
	return len(c.Threads) > 0 && c.Threads[0].LWP == pid, false
}

// field is a NUL-ended text of printable bytes; empty if it is anything else.
func field(b []byte) string {
	text, _, ok := strings.Cut(string(b), "\x00")
	if !ok || len(printable([]byte(text))) != len(text) || strings.ContainsAny(text, "\n\t") {
		return ""
	}
	return text
}
