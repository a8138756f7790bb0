package host

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/advice"
	"github.com/hacrash/hacrash/pkg/haconf"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

const setDumpable = `write "set-dumpable" into the global section of the configuration`

// editDumpable adds the directive after the line that begins the global section.
func (h *host) editDumpable() string {
	name := "/" + usualConfig
	if !slices.Contains(h.configs, h.path(usualConfig)) {
		name = lex.ShellWord(h.configs[0])
	}
	return `sed -i '0,/^global/s//global\n    set-dumpable/' ` + name + " && systemctl restart haproxy"
}

func (p *process) name() string { return strconv.Itoa(p.pid) }

func (h *host) suidDumpable() string {
	text, _ := h.text("proc/sys/fs/suid_dumpable")
	return text
}

func (h *host) checkLimit() []Finding {
	if h.process == nil || h.process.soft == "" {
		return h.checkLimitOfUnit()
	}
	p := h.process
	command, cost := h.liftLimit(), "nothing for the process that runs; "+costMemory
	switch {
	case p.soft == "0" && h.pattern.handler == handlerPipe:
		return unknown("HAProxy's limit of cores is 0; the kernel asks no limit where cores go to a program, which may")
	case p.soft == "0" && h.pattern.handler == handlerApport:
		return ok("HAProxy's limit of cores is 0; apport puts the core into its report all the same")
	case p.soft == "0" && h.pattern.handler == handlerAbrt:
		return ok("abrt keeps cores whatever the limit is")
	case p.hard == "0":
		return problem("HAProxy's limit of cores is 0, soft and hard: it leaves none", command, cost)
	case p.soft == "0":
		return problem("HAProxy's soft limit of cores is 0: it leaves none", command, cost)
	case p.soft == "unlimited":
		return ok("HAProxy's limit of cores is unlimited")
	}
	if n, err := strconv.ParseUint(p.soft, 10, 64); err == nil && n < p.rss {
		return problem(fmt.Sprintf("HAProxy's limit of cores is %s, and it has %s in memory: its core is cut", amount(n), amount(p.rss)), command, cost)
	}
	return ok("HAProxy's limit of cores is " + p.soft + " bytes")
}

// liftLimit lifts the limit of the process that runs, and of those to come.
func (h *host) liftLimit() string {
	now := "prlimit --core=unlimited:unlimited --pid " + h.process.name()
	if !h.exists("run/systemd/system") {
		return now
	}
	return advice.AllowCores + " && systemctl daemon-reload && " + now
}

// checkLimitOfUnit: with set-dumpable a HAProxy that begins as root lifts the limit itself.
func (h *host) checkLimitOfUnit() []Finding {
	limit := h.unit.last("LimitCORE")
	switch {
	case h.settings != nil && h.settings.Dumpable == haconf.Used:
		return ok("set-dumpable lifts the limit of cores, if HAProxy begins as root")
	case limit == "0" || strings.HasPrefix(limit, "0:"):
		return problem("the unit has LimitCORE="+limit+": HAProxy leaves no core", advice.AllowCores+reload, costRestart+"; "+costMemory)
	case limit != "":
		return ok("the unit has LimitCORE=" + limit)
	}
	return unknown("no running HAProxy's limit of cores can be read, and neither its unit nor its configuration sets one")
}

// checkDumpable: a process that changes its user leaves no core, unless it asks for one or
// fs.suid_dumpable says otherwise. /proc shows it: the files of such a process
// belong to root.
func (h *host) checkDumpable() []Finding {
	p := h.process
	if p == nil || p.uid < 0 {
		return h.checkDumpableToBe()
	}
	set := h.settings != nil && h.settings.Dumpable == haconf.Used
	switch {
	case p.uid == 0 && set:
		return ok("the configuration has set-dumpable")
	case p.uid == 0:
		return ok("HAProxy runs as root, and has not changed its user")
	case p.owner == p.uid:
		return ok("the kernel holds HAProxy dumpable")
	case h.suidDumpable() == "2" && h.pattern.handler != handlerCwd:
		return ok("HAProxy changed its user; fs.suid_dumpable is 2, so that its core is written for root to read")
	case set:
		return problem("HAProxy runs without the set-dumpable that its configuration has: it was not restarted since", "systemctl restart haproxy", costRestart)
	}
	return problem("HAProxy changed its user and is not dumpable: it leaves no core. "+setDumpable, h.editDumpable(), costRestart+"; "+costMemory)
}

// checkDumpableToBe is about a HAProxy that does not run.
func (h *host) checkDumpableToBe() []Finding {
	if h.settings == nil {
		return unknown(h.unread)
	}
	suid := h.suidDumpable()
	switch {
	case h.settings.Dumpable == haconf.Used:
		return ok("the configuration has set-dumpable")
	case suid == "1", suid == "2" && h.pattern.handler != handlerCwd:
		return ok("fs.suid_dumpable is " + suid + ": a HAProxy that changes its user leaves a core all the same")
	case h.settings.Dumpable == haconf.MaybeUsed:
		return unknown("set-dumpable stands under a condition in the configuration")
	case h.settings.User != "" || h.settings.Group != "":
		return problem("the configuration changes the user and has no set-dumpable: HAProxy leaves no core. "+setDumpable, h.editDumpable(), costRestart+"; "+costMemory)
	}
	return ok("the configuration does not change the user")
}

// What coredump_filter lets in.
const (
	filterPrivate = 1 << 0 // heap and stacks
	filterHeaders = 1 << 4 // of ELF files, with their build-ids
)

func (h *host) checkFilter() []Finding {
	filter := int64(-1)
	if h.process != nil {
		filter = h.process.filter
	} else if text := h.unit.last("CoredumpFilter"); text != "" {
		if n, err := strconv.ParseInt(strings.TrimPrefix(text, "0x"), 16, 64); err == nil {
			filter = n
		}
	} else {
		return nil
	}
	switch {
	case filter < 0:
		return unknown("coredump_filter was not read")
	case filter&filterPrivate == 0:
		return problem(fmt.Sprintf("coredump_filter is %#x: cores hold no heap and no stacks", filter), advice.WholeCores+reload, costRestart)
	case filter&filterHeaders == 0:
		return problem(fmt.Sprintf("coredump_filter is %#x: cores lack ELF headers, and with them the build-ids of what ran", filter), advice.WholeCores+reload, costRestart)
	}
	return ok(fmt.Sprintf("coredump_filter is %#x", filter))
}

// checkDisk takes what HAProxy has in memory for the size of its core. What
// systemd-coredump packs needs less.
func (h *host) checkDisk() []Finding {
	dir := h.store()
	if dir == "" || h.process == nil {
		return nil
	}
	at := h.path(dir)
	for !h.exists(dir) && dir != "." && dir != "/" {
		dir = filepath.Dir(dir)
		at = h.path(dir)
	}
	left, err := h.free(at)
	if err != nil {
		return unknown("the room on the disk of " + at + " was not found out: " + err.Error())
	}
	keep, _ := size(h.coredump().last("KeepFree"))
	if h.pattern.handler != handlerSystemd {
		keep = 0
	}
	if left < h.process.rss+keep {
		return problem(fmt.Sprintf("%s is free for cores, and HAProxy has %s in memory", amount(left-min(left, keep)), amount(h.process.rss)), "du -xh --max-depth=2 /var | sort -h | tail", "it shows what takes the room; what may go is yours to say")
	}
	return ok(amount(left) + " is free for cores")
}

func (h *host) checkStderr() []Finding {
	if h.process == nil {
		return nil
	}
	switch to := h.process.stderr; {
	case to == "":
		return unknown("where HAProxy's stderr goes can be read by root alone")
	case to == "/dev/null":
		return problem("HAProxy's stderr is /dev/null: what it prints as it dies is lost; it runs with -D or daemon, or its unit has StandardError=null",
			"mkdir -p /etc/systemd/system/haproxy.service.d && printf '[Service]\\nType=notify\\nExecStart=\\nExecStart=/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid\\nStandardError=journal\\n' >/etc/systemd/system/haproxy.service.d/stderr.conf"+reload, costRestart)
	case strings.HasPrefix(to, "socket:"):
		return ok("HAProxy's stderr is a socket, as the journal's is")
	case strings.HasPrefix(to, "pipe:"):
		return ok("HAProxy's stderr is a pipe, as container runtimes make it")
	default:
		return ok("HAProxy's stderr is " + to)
	}
}
