package advice

import "github.com/hacrash/hacrash/pkg/crash"

var (
	killed = []crash.Kind{crash.Killed}
	oom    = []crash.Kind{crash.OutOfMemory}
)

// endRules are about ends that are no bug of HAProxy's, and about what ended nothing.
var endRules = []rule{
	{topicWhose, when{all: alien},
		"analyze the core of the haproxy process", "this one is of another program, about which hacrash knows nothing",
		"coredumpctl list haproxy"},

	{topicWhose, when{all: provoked},
		`find out who typed "{provoked}", if it was not you`, "that command ends the process on purpose; there is no bug to look for",
		""},
	{topicManager, when{all: provoked},
		"keep the stats socket below level admin where nobody debugs", "debug commands need level admin",
		"grep -rn 'stats socket' /etc/haproxy/"},

	{topicWhose, when{all: sender},
		"find out what process {sender} is, or was", "it sent {signal}: what ended HAProxy is not in HAProxy",
		"ps -o pid,ppid,lstart,args -p {sender}; journalctl {around} _PID={sender}"},
	{topicWhose, when{all: outside},
		"look outside of the container for who sent {signal}", "the sender has no process number inside: the engine, the kubelet or somebody on the host",
		"journalctl {around} -u docker -u containerd -u kubelet"},
	{topicWhose, when{kinds: killed, all: seccomp},
		"allow the system call that was refused, if HAProxy needs it", "a filter of system calls ended it: SystemCallFilter of the unit, or the engine's seccomp profile",
		"systemctl show haproxy -p SystemCallFilter; ausearch -m SECCOMP -c haproxy"},

	{topicKernel, when{kinds: killed, all: sigkill},
		"see whether the kernel killed it for lack of memory", "the OOM killer sends SIGKILL, and says so in the kernel's log only",
		"journalctl -k {around} | grep -iE 'oom|out of memory|killed process'"},
	{topicManager, when{kinds: killed, all: sigkill},
		"see whether systemd killed it after a time limit", "TimeoutStopSec and WatchdogSec end in SIGKILL",
		"journalctl -u haproxy {around} | grep -iE 'timed out|timeout|watchdog|killing'"},
	{topicEngine, when{kinds: killed, all: sigkill},
		"if it ran in a container, ask the engine how it ended", "docker stop sends SIGKILL after 10 seconds, a liveness probe when it fails",
		"docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}} {{.State.FinishedAt}}' haproxy"},
	{topicManager, when{kinds: killed, all: stopping},
		"if nobody stopped it on purpose, see who asked for it", "{signal} is how supervisors, engines and scripts stop a process",
		"journalctl -u haproxy {around}"},
	{topicManager, when{kinds: killed, none: seccomp},
		"see who sent the signal", "something outside of HAProxy ended it",
		"journalctl -u haproxy {around}"},

	{topicMemory, when{kinds: oom},
		"compare the memory limit with what maxconn and the buffers may take", "each connection takes buffers of tune.bufsize; tables, caches and TLS sessions come on top",
		"systemctl show haproxy -p MemoryMax,MemoryHigh; grep -nE 'maxconn|bufsize|nbthread' /etc/haproxy/haproxy.cfg"},
	{topicOld, when{kinds: oom},
		"look for old workers that reloads left behind", "each keeps its memory until its last connection ends; hard-stop-after limits that",
		"ps -C haproxy -o pid,ppid,lstart,rss,args"},
	{topicGrowth, when{kinds: oom},
		"watch which memory pool grows and does not shrink", "a pool that only grows is a leak, and its name says of what",
		"echo 'show pools' | socat stdio /run/haproxy/admin.sock"},
	{topicStacks, when{kinds: oom},
		"if no pool explains it, start HAProxy with -dMno-merge", "pools of equal size are one pool otherwise (-dM is known since 2.6)",
		"haproxy -dMno-merge -Ws -f /etc/haproxy/haproxy.cfg"},

	{topicWarning, when{kinds: []crash.Kind{crash.Snapshot}},
		"look for the core of the process that died, if one did", "this is the state of a process that lived on",
		"coredumpctl list haproxy"},
	{topicStacks, when{kinds: []crash.Kind{crash.Snapshot}},
		"if it hung, take its stacks twice, some seconds apart, and compare them", "what does not move between the two is what hangs",
		`for i in 1 2; do gdb -p "$(pidof -s haproxy)" -batch -ex 'thread apply all bt full' >stacks.$i.txt 2>&1; sleep 5; done`},

	{topicWarning, when{kinds: []crash.Kind{crash.WarnOn}},
		"let it run, for the warning ended nothing", "it found a state that should not be; a crash may follow",
		""},
	{topicWarning, when{kinds: []crash.Kind{crash.BlockedTraffic}, all: scripted},
		"let the Lua script do less at a time", "the thread was running Lua while it made no progress; it ended nothing",
		"grep -rnE 'lua-load|tune.lua' /etc/haproxy/"},
	{topicWarning, when{kinds: []crash.Kind{crash.BlockedTraffic}},
		"turn profiling on for a minute, and see which task takes the time", "the warning ended nothing, but the watchdog ends a thread that is stuck for long",
		"echo 'set profiling tasks on' | socat stdio /run/haproxy/admin.sock; sleep 60; echo 'show profiling' | socat stdio /run/haproxy/admin.sock"},
	{topicWarning, when{kinds: []crash.Kind{crash.MemoryError}, none: fatal},
		"treat it like a crash, though the process lived on", "without the tool the same access may crash, or damage data",
		""},
}
