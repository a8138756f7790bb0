package system

import (
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/join"
)

// oom reads what the kernel's OOM killer says (mm/oom_kill.c). Of one kill it
// prints several lines; all name the victim, but for the first, which names
// who asked for memory.
//
//	haproxy invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
//	oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),…,task=haproxy,pid=123,uid=0
//	Out of memory: Killed process 123 (haproxy) total-vm:…kB, anon-rss:…kB, …
//	Out of memory: Kill process 123 (haproxy) score 900 or sacrifice child   before 5.1
//	Memory cgroup out of memory: Killed process 123 (haproxy) total-vm:…
//	oom_reaper: reaped process 123 (haproxy), now anon-rss:0kB, …
func oom(t string) (Event, bool) {
	if comm, rest, ok := strings.Cut(t, " invoked oom-killer: gfp_mask="); ok {
		if !haproxy.IsProgram(comm) || len(comm) > maxComm || rest == "" {
			return Event{}, false
		}
		// Memory ran out while HAProxy asked for some; who was killed is said later.
		e := Event{Kind: crash.OutOfMemory, Role: join.Environment, Comm: comm, Detail: "memory ran out while the process asked for some"}
		e.Crash.Kind = crash.OutOfMemory
		return e, true
	}
	if rest, ok := strings.CutPrefix(t, "oom-kill:constraint="); ok {
		return oomSummary(rest)
	}
	if rest, ok := strings.CutPrefix(t, "oom_reaper: reaped process "); ok {
		pid, comm, rest, ok := processOf(rest)
		return oomKill(pid, comm, ok && strings.HasPrefix(rest, ", now "), false)
	}
	rest, cgroup := strings.CutPrefix(t, "Memory cgroup out of memory: ")
	if !cgroup {
		rest = strings.TrimPrefix(rest, "Out of memory: ")
		rest = strings.TrimPrefix(rest, "Out of memory (oom_kill_allocating_task): ")
	}
	for _, p := range [...]string{"Killed process ", "Kill process "} {
		r, ok := strings.CutPrefix(rest, p)
		if !ok {
			continue
		}
		pid, comm, r, ok := processOf(r)
		if !ok {
			// 3.x to 4.x: Killed process 123 (haproxy) total-vm, and with a comma
			// after the pid: Killed process 123, UID 0, (haproxy) total-vm:
			pid, comm, r, ok = processWithUID(strings.TrimPrefix(rest, p))
		}
		ok = ok && (strings.HasPrefix(r, " total-vm:") || strings.HasPrefix(r, " score ") || strings.HasPrefix(r, ", UID "))
		return oomKill(pid, comm, ok, cgroup)
	}
	return Event{}, false
}

// processWithUID reads "123, UID 0, (haproxy)".
func processWithUID(s string) (int, string, string, bool) {
	pid, s, ok := lex.Int(s)
	if !ok {
		return 0, "", s, false
	}
	s, ok = strings.CutPrefix(s, ", UID ")
	if !ok {
		return 0, "", s, false
	}
	_, s, ok = lex.Int(s)
	s, isComm := strings.CutPrefix(s, ", (")
	i := strings.IndexByte(s, ')')
	if !ok || !isComm || i <= 0 || i > maxComm {
		return 0, "", s, false
	}
	return pid, s[:i], s[i+1:], true
}

// oomSummary reads the values of the line that begins with oom-kill:.
func oomSummary(t string) (Event, bool) {
	pid, comm, cgroup := 0, "", false
	for _, pair := range strings.Split(t, ",") {
		key, value, _ := strings.Cut(pair, "=")
		switch key {
		case "task":
			comm = value
		case "pid":
			pid, _, _ = lex.Int(value)
		case "oom_memcg":
			cgroup = true
		}
	}
	return oomKill(pid, comm, pid != 0, cgroup)
}

func oomKill(pid int, comm string, ok, cgroup bool) (Event, bool) {
	if !ok || !haproxy.IsProgram(comm) {
		return Event{}, false
	}
	e, _ := signalled(join.Kernel, 9)
	e.Kind, e.Crash.Kind = crash.OutOfMemory, crash.OutOfMemory
	e.Detail = "the machine had no memory left"
	if cgroup {
		e.Detail = "the memory limit of the process's cgroup was reached"
	}
	e.named(pid, comm)
	return e, true
}
