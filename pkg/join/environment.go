package join

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
)

// maxProcesses caps the processes remembered for their version.
const maxProcesses = 4096

// environment remembers what the inputs tell about processes and the machine
// beside their crashes: version notices by pid, haproxy -vv without one.
type environment struct {
	byPID map[int]known
	order []int // pids, oldest first
	// only is what is known of the version that all processes told of had, and of
	// what they have in common; unlike says that they had several.
	only   known
	unlike bool
	// loose are processes told of without a pid, by version.
	loose []known
}

// known is what is known of a process, and where it was read.
type known struct {
	crash.Process
	host     string
	evidence []crash.Evidence
}

func newEnvironment() environment { return environment{byPID: map[int]known{}} }

// add takes an Environment part.
func (e *environment) add(p Part) {
	pr := p.Crash.Process
	if pr == nil {
		return
	}
	pid := p.PID
	if pid == 0 {
		pid = p.Prefix
	}
	k := known{*pr, p.Crash.Host, sourced(p)}
	e.compare(k)
	if pid != 0 {
		e.remember(pid, k)
		return
	}
	for i := range e.loose {
		if e.loose[i].Version == pr.Version || pr.Version == "" || e.loose[i].Version == "" {
			e.loose[i].fill(k)
			return
		}
	}
	if len(e.loose) < 16 {
		e.loose = append(e.loose, k)
	}
}

// compare looks whether another process of another version, or of another host, was told of.
func (e *environment) compare(k known) {
	switch {
	case k.Version == "":
	case e.only.Version == "":
		e.only = known{crash.Process{Version: k.Version, VersionSource: k.VersionSource}, k.host, k.evidence}
	case e.only.Version != k.Version || e.only.host != k.host:
		e.unlike = true
	}
}

// sourced is the evidence of a part, with the input that it is from; a few lines
// of it are enough.
func sourced(p Part) []crash.Evidence {
	ev := slices.Clone(p.Crash.Evidence[:min(len(p.Crash.Evidence), 4)])
	for i := range ev {
		if ev[i].Source == "" {
			ev[i].Source = p.Input
		}
	}
	return ev
}

// fill adds what o knows, if it is of the same version.
func (k *known) fill(o known) {
	before := k.Process.Version
	fillProcess(&k.Process, &o.Process)
	if before == "" && k.Process.Version != "" || len(k.evidence) == 0 {
		k.evidence = o.evidence
	}
}

// note learns the version of a process from a part of a crash: its master's
// exit line may name both.
func (e *environment) note(p Part) {
	if pr := p.Crash.Process; pr.Version != "" && p.Prefix != 0 && p.Role != Core {
		k := known{Process: crash.Process{Version: pr.Version, VersionSource: pr.VersionSource, Executable: pr.Executable}, host: p.Crash.Host}
		e.compare(k)
		e.remember(p.Prefix, k)
	}
}

func (e *environment) remember(pid int, k known) {
	old, ok := e.byPID[pid]
	if !ok {
		if len(e.order) == maxProcesses {
			delete(e.byPID, e.order[0])
			e.order = e.order[1:]
		}
		e.order = append(e.order, pid)
	}
	// The newer notice wins: a pid may be used again by another build.
	k.fill(old)
	e.byPID[pid] = k
}

// fill gives a finished crash what is known of its process.
func (e *environment) fill(g *group) {
	c := &g.crash
	if c.Process == nil {
		c.Process = &crash.Process{}
	}
	defer func() {
		if p := c.Process; p.Version == "" && p.PID == 0 && p.Executable == "" && p.Arguments == "" && p.Role == "" && p.System == "" && p.MasterPID == 0 && !p.Container {
			c.Process = nil
		}
	}()
	pids := []int{g.pid, c.Process.PID, c.Process.MasterPID, e.byPID[g.pid].MasterPID}
	pids = append(pids, slices.Sorted(slices.Values(g.prefixes))...)
	for _, pid := range pids {
		if k, ok := e.byPID[pid]; ok && pid != 0 {
			k.tell(c)
		}
	}
	if len(e.loose) == 1 {
		e.loose[0].tell(c)
		return
	}
	if e.mustBe(g) {
		e.only.tell(c)
	}
	if len(e.loose) > 1 && c.Process.Version == "" {
		c.Missing = append(c.Missing, crash.Missing{
			ID: crash.LacksVersion, What: "version", Effect: "the input tells of several HAProxy versions and not which one crashed",
			Remedy: "pass --haproxy-version",
		})
	}
}

// mustBe says that a crash is of the version that was told of.
//
// Folklore: BUG_ON and panic print no pid. Where the log of a container or of a terminal
// has but one HAProxy in it, which said its version when it started, that one died.
func (e *environment) mustBe(g *group) bool {
	return g.pid == 0 && len(g.prefixes) == 0 && len(e.loose) == 0 && !e.unlike && (g.crash.Host == "" || g.crash.Host == e.only.host)
}

// tell fills in what a crash lacks, and says where it was read when it is the version.
func (k known) tell(c *crash.Crash) {
	before := c.Process.Version
	fillProcess(c.Process, &k.Process)
	if before == "" && c.Process.Version != "" && len(c.Evidence)+len(k.evidence) <= maxEvidence {
		c.Evidence = append(c.Evidence, k.evidence...)
	}
}

// fillProcess fills what d lacks; facts of another version are not mixed in.
func fillProcess(d, s *crash.Process) {
	if d.Version != "" && s.Version != "" && d.Version != s.Version {
		return
	}
	if d.Version == "" {
		d.Version, d.VersionSource = s.Version, s.VersionSource
	}
	if d.Executable == "" {
		d.Executable = s.Executable
	}
	if len(d.Features) == 0 {
		d.Features = s.Features
	}
	if d.BuildOptions == "" {
		d.BuildOptions = s.BuildOptions
	}
	if d.System == "" {
		d.System = s.System
	}
}
