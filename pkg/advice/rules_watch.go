package advice

import "github.com/hacrash/hacrash/pkg/crash"

// watchRules are about what to catch when it comes again.
var watchRules = []rule{
	{topicStacks, when{kinds: []crash.Kind{crash.Hang}},
		"take the stacks of all threads twice, some seconds apart", "what does not move between the two is what hangs",
		`for i in 1 2; do gdb -p {pid} -batch -ex 'thread apply all bt full' >stacks.$i.txt 2>&1; sleep 5; done`},
	{topicStacks, when{kinds: []crash.Kind{crash.Hang}},
		"take the stacks of all threads twice, some seconds apart", "what does not move between the two is what hangs",
		`for i in 1 2; do gdb -p "$(pidof -s haproxy)" -batch -ex 'thread apply all bt full' >stacks.$i.txt 2>&1; sleep 5; done`},
	{topicWatch, when{kinds: []crash.Kind{crash.Hang, crash.Watchdog, crash.Panic}, none: notOurs, status: open},
		"while it hangs, or is slow before it ends, save what HAProxy says of its threads", "the stats socket may have another path, and may not answer any more",
		"printf 'show threads; show activity; show profiling\\n' | socat stdio /run/haproxy/admin.sock >threads.txt"},
	{topicCheck, when{kinds: []crash.Kind{crash.Hang, crash.Watchdog}, none: notOurs, status: open},
		"turn task profiling on, so that slow tasks are seen before the next one", "a thread is called stuck after two seconds of CPU time in one task",
		"echo 'set profiling tasks on' | socat stdio /run/haproxy/admin.sock"},
	{topicWatch, when{kinds: []crash.Kind{crash.Spinning}, none: notOurs, status: open},
		"save the sessions while one spins", "HAProxy ends the process when an object is woken 100,000 times a second and more",
		"echo 'show sess all' | socat stdio /run/haproxy/admin.sock >sessions.txt"},
	{topicCheck, when{kinds: []crash.Kind{crash.HeapCorruption, crash.PoolCorruption}, none: notOurs, status: open},
		"run one instance with the checks of its memory pools on (-dM, since 2.6)", "it ends the process nearer to where the damage is done; it costs speed",
		"haproxy -dMno-merge,tag,integrity,caller -Ws -f /etc/haproxy/haproxy.cfg"},
	{topicStacks, when{kinds: []crash.Kind{crash.HeapCorruption, crash.PoolCorruption}, none: notOurs, status: open},
		"if it comes often, run a build with AddressSanitizer", "who finds the damage did not do it; the sanitizer names who did",
		"make TARGET=linux-glibc CC=gcc ARCH_FLAGS='-g -fsanitize=address' USE_OPENSSL=1"},
	{topicCheck, when{kinds: []crash.Kind{crash.StackOverflow}, none: notOurs, status: open},
		"look in the stack for a function that calls itself without end", "regular expressions, scripts and deep configurations do; musl's stacks of threads are small",
		""},
	{topicCheck, when{kinds: []crash.Kind{crash.BusError}, none: notOurs, status: open},
		"see whether a mapped file got shorter, by a binary replaced in place or a full disk", "SIGBUS is sent for pages behind the end of a file",
		"df -h /dev/shm /tmp; ls -l --time-sort /usr/sbin/haproxy"},
	{topicCheck, when{kinds: []crash.Kind{crash.IllegalInstruction}, none: notOurs | named, status: open},
		"see whether the binary was built for this CPU", "HAProxy ends itself by such an instruction too, and says why just before",
		"haproxy -vv | grep -E 'CPU|CFLAGS'; lscpu | head -20"},
}

// lastRules are for what nothing above has an answer to, and for all that is worth a report.
var lastRules = []rule{
	{topicReport, when{status: unexplained, kinds: crashes, none: notOurs | foreign, all: named | newest},
		"report it, for no newer release of branch {branch} is known here", "no signature describes it; report.md is for https://github.com/haproxy/haproxy/issues/new/choose",
		"hacrash analyze --format markdown -o report.md {inputs}"},
	{topicReport, when{status: unexplained, kinds: crashes, none: notOurs | foreign, all: named},
		"report it, if the newest release has it too", "no signature describes it; report.md is for https://github.com/haproxy/haproxy/issues/new/choose",
		"hacrash analyze --format markdown -o report.md {inputs}"},
	{topicReport, when{status: unexplained, kinds: crashes, none: notOurs | foreign},
		"report it, if the newest release has it too", "no signature describes it; the form is at https://github.com/haproxy/haproxy/issues/new/choose",
		""},
	{topicAny, when{kinds: crashes, status: open, none: notOurs | coreRead | debugged},
		"get all lines of HAProxy's log around it", "what is known comes from few of them",
		"journalctl -u haproxy {around} -o short-iso | hacrash analyze"},
}

// fallback is what is left when no rule applies.
var fallback = crash.Step{
	Do: "get all lines of HAProxy's log around it, and its core", Why: "what is known comes from few facts",
	Command: "journalctl -u haproxy --since yesterday -o short-iso | hacrash analyze",
}
