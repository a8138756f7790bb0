package form

import (
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Question is what the maintainers ask next, and how to find it out.
type Question struct {
	Ask string `json:"ask"`
	// Command answers it, or helps to.
	Command string `json:"command,omitempty"`
}

// Has says what of a report is there.
type Has struct{ Configuration, VV bool }

// rule is a question and the crashes that it belongs to.
type rule struct {
	kinds []crash.Kind // none: all
	// open says that the report does not answer it.
	open func(c *crash.Crash, has Has) bool
	Question
}

var (
	memoryKinds = []crash.Kind{crash.Segfault, crash.Abort, crash.PoolCorruption, crash.HeapCorruption, crash.MemoryError, crash.BusError, crash.IllegalInstruction, crash.StackOverflow}
	busyKinds   = []crash.Kind{crash.Watchdog, crash.Hang, crash.BlockedTraffic, crash.Spinning, crash.Snapshot}
)

const socket = "socat stdio /run/haproxy/admin.sock"

// rules are in the order in which answers help.
var rules = []rule{
	{open: func(c *crash.Crash, _ Has) bool { return c.Version() == "" }, Question: Question{
		"which version it was, to the last suffix of its package", "haproxy -v; dpkg -l haproxy || rpm -q haproxy"}},
	{open: func(_ *crash.Crash, has Has) bool { return !has.VV }, Question: Question{
		"how the executable that crashed was built", "haproxy -vv > vv.txt; hacrash report --vv vv.txt …"}},
	{open: func(_ *crash.Crash, has Has) bool { return !has.Configuration }, Question: Question{
		"the configuration, names and addresses replaced", "hacrash report --config /etc/haproxy/haproxy.cfg …"}},
	{open: func(c *crash.Crash, _ Has) bool {
		return ended(c) && !hasCore(c) && c.Kind != crash.OutOfMemory && c.Kind != crash.Killed
	}, Question: Question{
		"a core, or the stacks of all threads with arguments and variables", "hacrash doctor; then, of the core: gdb -batch -ex 't a a bt full' $(command -v haproxy) CORE"}},
	{open: func(c *crash.Crash, _ Has) bool { return hasCore(c) && !hasLines(c) }, Question: Question{
		"the same stacks with debug symbols of that very build", "DEBUGINFOD_URLS=https://debuginfod.elfutils.org/ hacrash report CORE"}},
	{open: func(c *crash.Crash, _ Has) bool { return hasCore(c) && hasLines(c) }, Question: Question{
		"the variables of all frames, if the stacks do not suffice; look through them for secrets before you send them", "gdb -batch -ex 't a a bt full' $(command -v haproxy) CORE > bt-full.txt"}},
	{kinds: busyKinds, open: always, Question: Question{
		"what the threads do while it lasts, twice with some seconds between", `echo "show threads; show activity; show sess all" | ` + socket}},
	{kinds: busyKinds, open: always, Question: Question{
		"which functions take the time, measured for a minute under load", `echo "set profiling tasks on" | ` + socket + `; sleep 60; echo "show profiling" | ` + socket}},
	{kinds: memoryKinds, open: always, Question: Question{
		"whether and where it dies with checks of memory (it costs some per cent of CPU; the options are of 2.8 and later)", "haproxy -dMno-merge,cold-first,integrity,tag,caller -f /etc/haproxy/haproxy.cfg"}},
	{kinds: []crash.Kind{crash.OutOfMemory}, open: always, Question: Question{
		"which pools grow, some hours after a start and again before the end", `echo "show pools; show info; show fd" | ` + socket}},
	{kinds: []crash.Kind{crash.BugOn, crash.WarnOn}, open: always, Question: Question{
		"the last protocol errors and the counters of HAProxy's own checks", `echo "show errors; debug counters" | ` + socket}},
	{kinds: []crash.Kind{crash.Killed, crash.Unknown, crash.OutOfMemory}, open: always, Question: Question{
		"what the kernel and the service manager say of the time of the death", "journalctl -k -u haproxy --since '10 minutes ago'"}},
	{open: runsLua, Question: Question{
		"whether it dies without the Lua scripts, and which those are", "grep -n lua /etc/haproxy/haproxy.cfg"}},
	{open: func(c *crash.Crash, _ Has) bool { return c.Process != nil && c.Process.Role != "" }, Question: Question{
		"how often it is reloaded, and whether old processes were about at the time", "echo 'show proc' | socat stdio /run/haproxy-master.sock"}},
}

// Questions are those that a report leaves open, the most useful first.
func Questions(c *crash.Crash, has Has) []Question {
	const most = 6
	var out []Question
	for i := range rules {
		r := &rules[i]
		if len(out) < most && (r.kinds == nil || slices.Contains(r.kinds, c.Kind)) && r.open(c, has) {
			out = append(out, r.Question)
		}
	}
	return out
}

func always(*crash.Crash, Has) bool { return true }

// ended says that there was a process that left a core.
func ended(c *crash.Crash) bool { return c.Fatal }

// hasCore says that a core was read: its modules are known.
func hasCore(c *crash.Crash) bool { return len(c.Modules) > 0 }

// hasLines says that debug data told the lines of the thread that died.
func hasLines(c *crash.Crash) bool {
	t := c.Faulty()
	return t != nil && slices.ContainsFunc(t.Frames, func(f crash.Frame) bool { return f.Line > 0 && strings.HasPrefix(f.File, "src/") })
}

func runsLua(c *crash.Crash, _ Has) bool {
	t := c.Faulty()
	if t == nil {
		return false
	}
	return t.Lua != "" || slices.ContainsFunc(t.Frames, func(f crash.Frame) bool { return strings.HasPrefix(f.Function, "hlua_") })
}
