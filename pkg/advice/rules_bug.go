package advice

import "github.com/hacrash/hacrash/pkg/crash"

var (
	probable = []crash.Status{crash.Probable}
	fixed    = []crash.Status{crash.AlreadyFixed}
	hinted   = []crash.Status{crash.Suspects}
)

// bugRules are about the bug that the verdict names, and the releases without it.
var bugRules = []rule{
	{topicFix, when{status: matched, all: several | stated},
		"upgrade to {release_of_all} or later, which has the fixes of all {matches} bugs that fit", "the facts do not tell which of them it is",
		""},
	{topicFix, when{status: matched, all: stated | affected, none: production | unreleased},
		"upgrade to {release} or later{if_so}", "{version} lacks fix {fix}; development versions get fixes only by newer ones",
		""},
	{topicFix, when{status: matched, all: ownBranch | affected},
		"upgrade to {release} or later{if_so}", "{version} lacks fix {fix}, and {release} is the first of its branch that has it",
		""},
	{topicFix, when{status: matched, all: ownBranch},
		"upgrade to {release} or later, if {version} lacks fix {fix}", "it cannot be told whether it has it",
		""},
	{topicFix, when{status: matched, all: stated, none: unreleased},
		"move to branch {release_branch}, {release} or later{if_so}", "no release of branch {branch} is known to have fix {fix}",
		""},
	{topicFix, when{status: matched, all: unreleased},
		"build HAProxy with fix {fix} applied{if_so}", "no release that is known here has it",
		"curl -fsSLO https://github.com/haproxy/haproxy/commit/{fix}.patch"},

	{topicBinary, when{status: fixed},
		"see whether the process that died ran {version}, or an older file", "a process keeps the file that it was started from, also when an upgrade replaced it",
		"ps -C haproxy -o pid,lstart,args; ls -l /proc/[0-9]*/exe 2>/dev/null | grep haproxy"},
	{topicBinary, when{status: fixed},
		"see whether the process that died ran an older file", "a process keeps the file that it was started from, also when an upgrade replaced it",
		"ps -C haproxy -o pid,lstart,args; ls -l /proc/[0-9]*/exe 2>/dev/null | grep haproxy"},
	{topicPatches, when{status: fixed, all: packaged},
		"see which patches the package of {version} has", "a packager's patches may have brought it back",
		""},
	{topicReport, when{status: fixed},
		"report it as a new bug that looks like {issue}", "{version} has the fix, so it is a new bug unless the build was changed: https://github.com/haproxy/haproxy/issues/new/choose",
		"hacrash analyze --format markdown -o report.md {inputs}"},
	{topicReport, when{status: fixed},
		"report it as a new bug, if the build was not changed", "the form is at https://github.com/haproxy/haproxy/issues/new/choose",
		""},

	{topicVersion, when{all: stated | doubted, none: notOurs, kinds: crashes},
		"make sure that the binary that crashed is {version}", "the lines of the backtrace fit {range}",
		"haproxy -vv"},
	// The version first where there is none: all else depends on it.
	{topicVersion, when{none: stated | notOurs, all: inferred, kinds: crashes, status: undecided},
		"add the output of haproxy -vv, of the binary that crashed", "which bugs it has depends on it; the lines of the backtrace leave several releases",
		"(haproxy -vv; cat {inputs}) | hacrash analyze"},
	{topicVersion, when{none: stated | notOurs | coreRead, kinds: crashes, status: undecided},
		"add the output of haproxy -vv, of the binary that crashed", "which bugs it has, and which release has the fixes, depends on it",
		"(haproxy -vv; cat {inputs}) | hacrash analyze"},
	{topicVersion, when{all: coreRead, none: stated | notOurs, kinds: crashes, status: undecided},
		"add the output of haproxy -vv, of the binary that crashed", "which bugs it has, and which release has the fixes, depends on it",
		"haproxy -vv >vv.txt && hacrash analyze {core} vv.txt"},
	{topicVersion, when{none: stated | notOurs, kinds: crashes, status: undecided},
		"add the output of haproxy -vv, of the binary that crashed", "which bugs it has, and which release has the fixes, depends on it",
		"haproxy -vv"},

	{topicFix, when{status: probable, none: stated},
		"if yours lacks fix {fix}, upgrade to {releases} or later", "it is the fix of {id}",
		""},
	{topicPackage, when{status: matched, all: packaged | stated},
		"look for a package of {distribution} with fix {fix}", "packages get fixes as patches, and keep the number of the release; newer ones are at {elsewhere}",
		"{update}"},
	{topicPackage, when{status: matched, all: packaged | stated},
		"look for a package of {distribution} with fix {fix}", "packages get fixes as patches, and keep the number of the release",
		"{update}"},
	{topicAvoid, when{status: matched, none: several},
		"{avoid}", "{avoid_why}",
		""},
	{topicAvoid, when{status: matched, none: several},
		"{avoid}", "it avoids {id}, or makes it rare",
		""},
	{topicAvoid, when{status: matched, none: several},
		"see how to live with {id} until the upgrade", "{advice}",
		""},
	{topicCompare, when{status: probable, all: several},
		"compare what each of the bugs that fit needs with your configuration", "the facts do not tell which of them it is",
		"for id in {ids}; do hacrash bugs show $id; done"},
	{topicCompare, when{status: probable},
		"compare what the bug needs with your configuration", "the facts fit {id}, and do not prove it",
		"hacrash bugs show {id}"},

	{topicNewest, when{status: hinted, all: helped, none: ended},
		"upgrade to {newest}, which has {helps} of the {suspected} likeliest fixes", "none of them is proven to be of this crash; in all it has {closes} that {version} lacks",
		""},
	{topicSuspect, when{status: hinted},
		"see whether fix {suspect} is about what you use", "it is the likeliest of {suspected}: {suspect_is}",
		"hacrash bugs show {suspect}"},
	{topicSuspect, when{status: hinted},
		"see whether fix {suspect} is about what you use", "it is the likeliest of {suspected}",
		"hacrash bugs show {suspect}"},

	// Nothing is known: newer releases are the best guess.
	{topicNewest, when{status: unexplained, all: production | near, none: newest | ended | notOurs, kinds: crashes},
		"upgrade to {newest}, which has {closes} that {version} lacks", "{near} functions or subsystems that this crash names; none is known to be of it",
		""},
	{topicBranch, when{status: unexplained, all: production | ended, none: notOurs, kinds: crashes},
		"move to a branch that gets fixes, {successors}", "branch {branch} gets no more",
		""},
	{topicNewest, when{status: unexplained, all: stated, kinds: crashes, none: production | notOurs},
		"take the newest development version, {master}, or release {branch_release}", "development versions get fixes only by newer ones",
		""},
	{topicNewest, when{status: unexplained, all: stated, kinds: crashes, none: production | notOurs},
		"take the newest development version, {master}", "development versions get fixes only by newer ones",
		""},
}

// unexplained are verdicts that name no release.
var unexplained = []crash.Status{crash.UnknownBug, crash.Suspects}

// undecided are those that the version may change.
var undecided = []crash.Status{crash.UnknownBug, crash.Suspects, crash.CannotTell, crash.Probable}

// crashes are the kinds that may be of a bug in HAProxy.
var crashes = []crash.Kind{
	crash.Spinning, crash.BugOn, crash.Watchdog, crash.Panic, crash.Segfault, crash.Abort, crash.IllegalInstruction, crash.BusError,
	crash.FPE, crash.PoolCorruption, crash.HeapCorruption, crash.BlockedTraffic, crash.WarnOn, crash.StackOverflow, crash.MemoryError,
	crash.Hang, crash.Unknown, "",
}
