package haconf

// Why a configuration does not tell.
const (
	openArgument = "an option of the command line asks for it"
	openCLI      = "a command on the CLI does it"
	openMoment   = "no configuration tells"
	openLoad     = "it depends on the load"
)

// process are words of how the process runs.
func process() []Word {
	return []Word{
		{Name: "master-worker", Means: "master and workers", lines: "master-worker", Open: "-W and -Ws ask for it, as units of systemd do"},
		{Name: "master-cli", Means: "the master's CLI", Open: "-S asks for it", under: "master-worker"},
		{Name: "reload", Means: "a reload", Open: openMoment},
		{Name: "program", Means: "program sections", lines: "program"},
		{Name: "daemon", Means: "in the background", lines: "daemon", Open: "-D asks for it"},
		{Name: "nbproc", Means: "more than one process"},
		{Name: "threads", Means: "more than one thread", Open: "there are as many as CPUs unless nbthread says otherwise", built: "THREAD"},
		{Name: "thread-groups", Means: "more than one group of threads", built: "THREAD"},
		{Name: "ring", Means: "ring buffers", lines: "ring; log ring@*", Open: "HAProxy keeps some for itself"},
		{Name: "log", Means: "any log", lines: "log"},
		{Name: "log-forward", Means: "log-forward sections", lines: "log-forward"},
		{Name: "syslog-udp", Means: "logs sent by UDP", lines: "log"},
		{Name: "httpclient", Means: "HAProxy's own HTTP client", lines: "ocsp-update.*; acme", words: "ocsp-update", hints: hintHTTPClient + "; bind .. crt-list", Open: openCLI},
		{Name: "stats-file", Means: "counters in a file", lines: "stats-file|shm-stats-file"},
		{Name: "guid", Means: "GUIDs", lines: "guid", words: "guid"},
		{Name: "profiling", Means: "profiling of tasks or memory", lines: "profiling.*", Open: "profiling of tasks is automatic, and the CLI turns it on"},
		{Name: "numa", Means: "binding to CPUs", lines: "cpu-map|cpu-set|cpu-policy|numa-cpu-mapping", Open: "it is automatic on machines with several nodes"},
		{Name: "chroot", Means: "chroot", lines: "chroot"},
		{Name: "memory-limit", Means: "a limit of memory", Open: "-m and ulimit set one"},
		{Name: "hard-stop", Means: "hard-stop-after", lines: "hard-stop-after"},
		{Name: "soft-stop", Means: "stopping with connections open", Open: openMoment},
		{Name: "maxconn", Means: "a limit of connections that is reached", Open: openLoad},
		{Name: "fd-limit", Means: "no file descriptors left", Open: openLoad},
		{Name: "oom", Means: "no memory left", Open: openLoad},
		{Name: "pools-debug", Means: "memory debugging: -dM", Open: openArgument},
		{Name: "splice", Means: "splicing in the kernel", lines: "option splice-auto|splice-request|splice-response"},
	}
}

// command are words of the CLI.
func command() []Word {
	const master = "the master's CLI, if there is one, reaches the workers"
	return []Word{
		{Name: "cli", Means: "the CLI", lines: "stats socket", Open: master},
		{Name: "cli-expert", Means: "commands of expert mode, debug dev", Open: openCLI},
		{Name: "show-commands", Means: "a show command on the CLI", Open: openCLI},
		{Name: "traces", Means: "traces", lines: "traces|trace", Open: openCLI},
	}
}

// moments are words of when it happens.
func moments() []Word {
	return []Word{
		{Name: "start", Means: "only while it starts", Open: openMoment},
		{Name: "bad-config", Means: "only with a wrong or odd configuration", Open: openMoment},
		{Name: "config-check", Means: "haproxy -c", Open: openMoment},
		{Name: "exit", Means: "only as the process ends", Open: openMoment},
		{Name: "init-fail", Means: "when the start fails", Open: openMoment},
	}
}
