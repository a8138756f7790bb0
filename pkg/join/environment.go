package join

import "github.com/hacrash/hacrash/pkg/crash"

// maxProcesses caps the processes remembered for their version.
const maxProcesses = 4096

// environment remembers what the inputs tell about processes and the machine
// beside their crashes: version notices by pid, haproxy -vv without one.
type environment struct {
	byPID map[int]crash.Process
	order []int // pids, oldest first
	// loose are processes told of without a pid, by version.
	loose []crash.Process
}

func newEnvironment() environment { return environment{byPID: map[int]crash.Process{}} }

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
	if pid != 0 {
		e.remember(pid, *pr)
		return
	}
	for i := range e.loose {
		if e.loose[i].Version == pr.Version || pr.Version == "" || e.loose[i].Version == "" {
			fillProcess(&e.loose[i], pr)
			return
		}
	}
	if len(e.loose) < 16 {
		e.loose = append(e.loose, *pr)
	}
}

// note learns the version of a process from a part of a crash: its master's
// exit line may name both.
func (e *environment) note(p Part) {
	if pr := p.Crash.Process; pr.Version != "" && p.Prefix != 0 && p.Role != Core {
		e.remember(p.Prefix, crash.Process{Version: pr.Version, VersionSource: pr.VersionSource, Executable: pr.Executable})
	}
}

func (e *environment) remember(pid int, pr crash.Process) {
	old, ok := e.byPID[pid]
	if !ok {
		if len(e.order) == maxProcesses {
			delete(e.byPID, e.order[0])
			e.order = e.order[1:]
		}
		e.order = append(e.order, pid)
	}
	// The newer notice wins: a pid may be used again by another build.
	fillProcess(&pr, &old)
	e.byPID[pid] = pr
}

// fill gives a finished crash what is known of its process.
func (e *environment) fill(g *group) {
	c := &g.crash
	if c.Process == nil {
		c.Process = &crash.Process{}
	}
	defer func() {
		if p := c.Process; p.Version == "" && p.PID == 0 && p.Executable == "" && p.Arguments == "" && p.Role == "" && p.System == "" && p.MasterPID == 0 {
			c.Process = nil
		}
	}()
	pids := []int{g.pid, c.Process.PID, c.Process.MasterPID}
	for pid := range g.prefixes {
		pids = append(pids, pid)
	}
	for _, pid := range pids {
		if pr, ok := e.byPID[pid]; ok && pid != 0 {
			fillProcess(c.Process, &pr)
		}
	}
	if len(e.loose) == 1 {
		fillProcess(c.Process, &e.loose[0])
		return
	}
	if len(e.loose) > 1 && c.Process.Version == "" {
		c.Missing = append(c.Missing, crash.Missing{
			What: "version", Effect: "the input tells of several HAProxy versions and not which one crashed",
			Remedy: "pass --haproxy-version",
		})
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
