package advice

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
)

// evidenceRules are about what the input lacks, and how to get it.
var evidenceRules = []rule{
	{topicModule, when{all: foreign},
		"report it to those who made {library}", "it died in their code, which is no part of HAProxy; a script, a module or LD_PRELOAD brought it in",
		"dpkg -S {library_path} || rpm -qf {library_path}"},
	{topicModule, when{all: foreign},
		"report it to those who made {library}", "it died in their code, which is no part of HAProxy; a script, a module or LD_PRELOAD brought it in",
		"ldconfig -p | grep -F {library}"},
	{topicAvoid, when{all: foreign},
		"run HAProxy without {library}, and see if it comes again", "if it does, HAProxy may have handed it something wrong",
		""},
	{topicModule, when{all: library, status: open},
		"see which package {library} is of, and whether there is an update", "it died in that library; who handed it something wrong is not known",
		"dpkg -S {library_path} || rpm -qf {library_path}"},
	{topicModule, when{all: library, status: open},
		"see which package {library} is of, and whether there is an update", "it died in that library; who handed it something wrong is not known",
		"ldconfig -p | grep -F {library}"},

	{topicCore, when{none: coreRead | notOurs, lacks: []crash.Lack{crash.LacksKept}, status: undecided},
		"analyze the core that systemd-coredump kept", "it holds more than the text about it",
		"coredumpctl -o core.{pid} dump {pid} && hacrash analyze core.{pid}"},
	{topicCore, when{none: coreRead | notOurs, lacks: []crash.Lack{crash.LacksKept}, status: undecided},
		"analyze the core that was kept", "it holds more than the text about it",
		""},

	// A core without the files that it was made of.
	{topicExecutable, when{all: coreRead, none: notOurs, lacks: []crash.Lack{crash.LacksExecutable}, status: undecided},
		"give the executable with build-id {build_id}", "its functions have no names without it",
		"hacrash analyze --debuginfod {server} {core}"},
	{topicExecutable, when{all: coreRead, none: notOurs, lacks: []crash.Lack{crash.LacksExecutable}, status: undecided},
		"give the executable with build-id {build_id}", "copy it from the machine or image of the crash; its functions have no names without it",
		"hacrash analyze --exe ./haproxy {core}"},
	{topicExecutable, when{all: coreRead, none: notOurs, lacks: []crash.Lack{crash.LacksExecutable}, status: undecided},
		"give the executable that left the core", "copy it from the machine or image of the crash; its functions have no names without it",
		"hacrash analyze --exe ./haproxy {core}"},
	{topicNames, when{all: coreRead, none: notOurs, lacks: []crash.Lack{crash.LacksDebug, crash.LacksExecutable}, status: undecided},
		"install {debug_package} of {distribution}, for build-id {build_id}", "it adds lines, arguments and HAProxy's own structures; --debuginfod {server} may fetch the same",
		"{install}"},
	{topicNames, when{all: coreRead, none: notOurs, lacks: []crash.Lack{crash.LacksDebug, crash.LacksExecutable}, status: undecided},
		"install {debug_package} of {distribution}, for build-id {build_id}", "it adds lines, arguments and HAProxy's own structures",
		"{install}"},
	{topicNames, when{all: coreRead, none: notOurs, lacks: []crash.Lack{crash.LacksDebug}, status: undecided},
		"get the debug data of build-id {build_id} from {distribution}", "they add lines, arguments and HAProxy's own structures",
		"hacrash analyze --debuginfod {server} {core}"},
	{topicNames, when{all: coreRead, none: notOurs, lacks: []crash.Lack{crash.LacksDebug}, status: undecided},
		"get the debug data of build-id {build_id}", "from the package's debug archive, the build itself, or your distribution's debuginfod server",
		"hacrash analyze --debug-dir /usr/lib/debug {core}"},
	{topicLibraries, when{all: coreRead, none: notOurs, lacks: []crash.Lack{crash.LacksLibrary}, status: undecided},
		"copy the libraries of the machine of the crash, and pass --sysroot", "the way through them is a guess without their files",
		"tar -chzf libraries.tar.gz {libraries}"},
	{topicLibraries, when{all: coreRead, none: notOurs, lacks: []crash.Lack{crash.LacksLibrary}, status: undecided},
		"copy the libraries of the machine of the crash, and pass --sysroot", "the way through them is a guess without their files",
		""},
	{topicWhole, when{none: notOurs, lacks: []crash.Lack{crash.LacksWhole}, status: undecided},
		"raise the limit that cut the core, so that the next one is whole", "the stacks that lay in the rest are lost; a full disk cuts cores too",
		RaiseCoreSize},
	{topicWhole, when{none: notOurs, lacks: []crash.Lack{crash.LacksMemory}, status: undecided},
		"let cores hold private memory and ELF headers", "coredump_filter kept them out",
		WholeCores},

	// A text.
	{topicLines, when{none: notOurs, lacks: []crash.Lack{crash.LacksLines}, status: undecided},
		"get {lines} from the journal", "{effect}",
		"journalctl -u haproxy {around} -o short-iso | hacrash analyze"},
	{topicNames, when{all: fatal | traced | printed, none: named | coreRead | debugged | foreign | notOurs, status: undecided, kinds: crashes},
		"give the executable that ran, so that its functions get names", "the stack that was printed has addresses and few names",
		"hacrash analyze --exe {exe} {inputs}"},
	{topicNames, when{all: fatal | traced | printed, none: named | coreRead | debugged | foreign | notOurs, status: undecided, kinds: crashes},
		"give the executable that ran, so that its functions get names", "the stack that was printed has addresses and few names",
		"hacrash analyze --exe /usr/sbin/haproxy {inputs}"},
	{topicNames, when{all: traced | debugged, none: named | coreRead | foreign | notOurs, status: undecided, kinds: crashes},
		"install {debug_package} of {distribution}, and take the stack again", "the function that it died in has no name",
		"{install}"},
	{topicNames, when{all: traced | debugged, none: named | coreRead | foreign | notOurs, status: undecided, kinds: crashes},
		"take the stack again with HAProxy's debug symbols installed", "the function that it died in has no name",
		`coredumpctl debug -A "-batch -ex 'thread apply all bt full'" haproxy >stacks.txt`},
	{topicDump, when{all: fatal, none: coreRead | notOurs, lacks: []crash.Lack{crash.LacksCore}, status: undecided, kinds: crashes},
		`set LimitCORE and "set-dumpable", so that the next crash leaves a core`, `its limits allowed none; "set-dumpable" goes into the global section`,
		AllowCores},
	{topicCore, when{all: fatal | contained, none: coreRead | notOurs, status: []crash.Status{crash.CannotTell}, kinds: crashes},
		"look for the core on the host of the container", "the host's kernel.core_pattern says where cores go, for its containers too",
		"sysctl kernel.core_pattern; coredumpctl list haproxy"},
	{topicCore, when{all: fatal, none: coreRead | notOurs, status: []crash.Status{crash.CannotTell}, kinds: crashes},
		"look for the core, and analyze it", "it has the stack, and what this text lacks",
		"coredumpctl -o core.{pid} dump {pid} && hacrash analyze core.{pid}"},
	{topicCore, when{all: fatal, none: coreRead | notOurs, status: []crash.Status{crash.CannotTell}, kinds: crashes},
		"look for the core, and analyze it", "it has the stack, and what this text lacks",
		"coredumpctl list haproxy; sysctl kernel.core_pattern"},
	{topicCore, when{all: fatal | debugged, none: coreRead | notOurs, status: unexplained, kinds: cored},
		"analyze the core itself, if it is still there", "it has all threads, and HAProxy's own structures",
		"coredumpctl list haproxy"},
	{topicDump, when{all: fatal | contained, none: coreRead | debugged | notOurs, status: open, kinds: cored},
		`set "set-dumpable", the core limit and the host's core_pattern, so that the next crash leaves a core`, "containers have no core_pattern of their own, and its path must exist in them",
		"docker run --ulimit core=-1 -v /var/tmp/cores:/cores haproxy; sysctl -w kernel.core_pattern=/cores/core.%e.%p"},
	{topicDump, when{all: fatal, none: coreRead | debugged | notOurs, status: open, kinds: cored},
		`set LimitCORE and "set-dumpable", so that the next crash leaves a core`, `"set-dumpable" goes into the global section: HAProxy changes its user, and leaves no core without it`,
		AllowCores},

	{topicNewest, when{all: production | lacking, none: newest | ended | notOurs, status: unsolved, kinds: crashes},
		"upgrade to {newest}, which has {closes} that {version} lacks", "none of them is known to be of this crash",
		""},
	{topicBranch, when{all: production | ended, none: notOurs, status: unsolved, kinds: crashes},
		"move to a branch that gets fixes, {successors}", "branch {branch} gets no more",
		""},
}

// unsolved are verdicts that name no release which ends the crash.
var unsolved = []crash.Status{crash.UnknownBug, crash.Suspects, crash.CannotTell, crash.AlreadyFixed}

// cored are the kinds of which a core tells more than a text. A sanitizer's text tells more.
var cored = slices.DeleteFunc(slices.Clone(crashes), func(k crash.Kind) bool { return k == crash.MemoryError })
