package host

// check looks at one thing. It gives no finding where the thing does not matter.
type check struct {
	id   string
	look func(*host) []Finding
}

// checks are in the order in which one would mend: where cores go, whether there is one,
// what is in it, and what is there to read it.
var checks = [...]check{
	{"process", (*host).checkProcess},
	{"core-pattern", (*host).checkPattern},
	{"core-directory", (*host).checkDirectory},
	{"coredump-storage", (*host).checkCoredumpStorage},
	{"coredump-size", (*host).checkCoredumpSize},
	{"apport", (*host).checkApport},
	{"abrt", (*host).checkAbrt},
	{"core-limit", (*host).checkLimit},
	{"dumpable", (*host).checkDumpable},
	{"core-filter", (*host).checkFilter},
	{"disk", (*host).checkDisk},
	{"stderr", (*host).checkStderr},
	{"journal", (*host).checkJournal},
	{"journal-rate", (*host).checkJournalRate},
	{"container", (*host).checkContainer},
	{"unit", (*host).checkUnit},
	{"executable", (*host).checkExecutable},
	{"debug-data", (*host).checkDebugData},
}

// Costs that several findings name.
const (
	costRestart  = "a restart of HAProxy"
	costMemory   = "a core holds HAProxy's memory, keys and customers' data among it; it needs as much disk as HAProxy has memory"
	costNothing  = "nothing; it counts at once"
	costJournald = "a restart of systemd-journald, which keeps connections open"
)

const reload = " && systemctl daemon-reload && systemctl restart haproxy"

func (h *host) checkProcess() []Finding {
	if h.process == nil {
		return unknown(h.absent + ": what only a running one shows is taken from its configuration and its unit, where they tell")
	}
	if h.process.root == "" {
		return unknown("process " + h.process.name() + " belongs to another user: its limits, links and root can be read by root alone")
	}
	return ok("process " + h.process.name() + " was looked at")
}
