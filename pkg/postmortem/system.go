package postmortem

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

// System is what the post_mortem object tells about the machine (src/debug.c,
// struct post_mortem, since 3.1; 3.0 has it by backport).
type System struct {
	Address uint64 // of the object
	// Name, Release, Build, Machine are those of uname(2); Node is its name in
	// the network.
	Name, Node, Release, Build, Machine string
	// Distribution is PRETTY_NAME of os-release where the version keeps it.
	Distribution string
	// Virtual and Container say what HAProxy took the machine for; empty if none.
	Virtual, Container string
	PID                int
}

// String gives it in one line, without the machine's name.
func (s *System) String() string {
	parts := []string{s.Name, s.Release, s.Build, s.Machine}
	text := strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
	if s.Distribution != "" {
		text += ", " + s.Distribution
	}
	if s.Virtual != "" && s.Virtual != "no" {
		text += ", virtual machine: " + s.Virtual
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
		b := make([]byte, systemSize)
		if n, _ := c.ReadMemory(b, at); n < len(b) {
			continue
		}
		if s := decodeSystem(c, b); s != nil {
			s.Address = at
			f.System = s
			return
		}
	}
}

// systemOf is the platform of an object in short.
func systemOf(c *elfcore.Core, o *Object) *System {
	p := o.Platform
	s := &System{
		Address: uint64(o.Address), Name: p.OS, Node: o.Node, Release: p.Release, Build: p.Build, Machine: p.Machine,
		Distribution: p.Distribution, Virtual: p.VirtualMachine, Container: p.Container,
	}
	if own, _ := knownPID(c, o.PID); own {
		s.PID = o.PID
	}
	return s
}

func decodeSystem(c *elfcore.Core, b []byte) *System {
	uts := func(i int) string { return field(b[pmUname+i*utsField:][:utsField]) }
	s := &System{Name: uts(0), Node: uts(1), Release: uts(2), Build: uts(3), Machine: uts(4)}
	if s.Name == "" || s.Release == "" || s.Machine == "" {
		return nil
	}
	if s.Node == "(none)" {
		s.Node = ""
	}
	for _, distribution := range []int{0, pmField} {
		technos := pmStrings + distribution + pmHardware
		at := (technos + 2*pmTechno + 3) &^ 3
		pid := int(int32(uint32(b[at]) | uint32(b[at+1])<<8 | uint32(b[at+2])<<16 | uint32(b[at+3])<<24))
		own, parent := knownPID(c, pid)
		if !own && !parent {
			continue
		}
		if own {
			s.PID = pid
		}
		if distribution > 0 {
			s.Distribution = field(b[pmStrings:][:pmField])
		}
		s.Virtual = field(b[technos:][:pmTechno])
		s.Container = field(b[technos+pmTechno:][:pmTechno])
		return s
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
