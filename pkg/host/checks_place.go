package host

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/advice"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/symbols/matched"
)

func (h *host) journald() ini { return h.settingsOf("Journal", "systemd", "journald.conf") }

func journalSetting(key, value string) string {
	return fmt.Sprintf("mkdir -p /etc/systemd/journald.conf.d && printf '[Journal]\\n%[1]s=%[2]s\\n' >/etc/systemd/journald.conf.d/hacrash-%[1]s.conf && systemctl restart systemd-journald", key, value)
}

func (h *host) hasJournal() bool {
	if h.exists("run/systemd") { // else the files of a machine that does not run
		return h.exists("run/systemd/journal")
	}
	return h.exists("var/log/journal")
}

func (h *host) checkJournal() []Finding {
	storage := h.journald().last("Storage")
	persistent := journalSetting("Storage", "persistent")
	switch {
	case !h.hasJournal():
		return unknown("there is no journald here: where HAProxy's last lines go is up to what started it")
	case storage == "none":
		return problem("journald has Storage=none: it keeps nothing", persistent, costJournald)
	case storage == "volatile", !h.exists("var/log/journal") && storage != "persistent":
		return problem("the journal is in memory only: a reboot takes it", persistent, costJournald+"; up to 4 GB on disk")
	}
	if text := h.journald().last("SystemMaxUse"); text != "" {
		if n, known := size(text); known && n < 64<<20 {
			return problem("journald has SystemMaxUse="+text+": a busy log pushes a crash out within hours", journalSetting("SystemMaxUse", "1G"), costJournald)
		}
	}
	return ok("the journal is kept on disk")
}

// dumpLines is what a dump of all threads of a large HAProxy comes to.
const dumpLines = 1000

func (h *host) checkJournalRate() []Finding {
	if !h.hasJournal() {
		return nil
	}
	text, key := h.unit.last("LogRateLimitBurst"), "the unit has LogRateLimitBurst="
	if text == "" {
		text, key = h.journald().last("RateLimitBurst"), "journald has RateLimitBurst="
	}
	interval := h.journald().last("RateLimitIntervalSec")
	if text == "" || interval == "0" || h.unit.last("LogRateLimitIntervalSec") == "0" {
		return ok("journald's rate limit leaves room for a dump of all threads")
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return unknown(key + text + ", which cannot be read here")
	}
	if n > 0 && n < dumpLines {
		return problem(key+text+": a dump of all threads may have more lines, and the rest is dropped", journalSetting("RateLimitBurst", "10000"), costJournald)
	}
	return ok(key + text)
}

// contained says that what is looked at runs in a container.
func (h *host) contained() bool {
	if h.exists(".dockerenv") || h.exists("run/.containerenv") {
		return true
	}
	if p := h.process; p != nil {
		for _, mark := range []string{"docker", "kubepods", "containerd", "libpod", "/lxc"} {
			if strings.Contains(p.groups, mark) {
				return true
			}
		}
	}
	return false
}

func (h *host) checkContainer() []Finding {
	if !h.contained() {
		return nil
	}
	dir := h.pattern.dir()
	p := h.process
	mount := ""
	if p != nil && dir != "" {
		mount = mountOf(p.mounts, dir)
	}
	switch {
	case h.pattern.handler >= handlerPipe:
		return unknown("HAProxy runs in a container, and kernel.core_pattern is the host's: its handler runs there, and keeps the core there. Run hacrash doctor on the host")
	case strings.Contains(mount, "kubernetes.io~empty-dir"):
		return problem(dir+" is an emptyDir: its cores go with the pod", "kubectl explain pod.spec.volumes.hostPath", "a hostPath, or a sidecar that copies cores out of the emptyDir")
	case dir != "" && mount == "":
		return problem(dir+" is in the container itself: its cores go with it", "docker run --ulimit core=-1 -v "+lex.ShellWord("/var/crash:"+dir)+" haproxy", "a new container; cores of all containers go to that path, if they have it")
	case dir != "":
		return ok(dir + " is a volume of the container")
	}
	return unknown("this is a container, whose kernel.core_pattern is the host's: where cores end up is seen there")
}

// mountOf is the source of the mount that holds a directory, "" if that is the root's.
func mountOf(mountinfo, dir string) (source string) {
	longest := 1
	for line := range strings.Lines(mountinfo) {
		f := strings.Fields(line)
		if len(f) < 5 || len(f[4]) <= longest {
			continue
		}
		if f[4] == dir || strings.HasPrefix(dir, f[4]+"/") {
			longest, source = len(f[4]), f[3]
		}
	}
	return source
}

// checkUnit: what hardens a unit may keep the kernel from writing a core, for it
// writes as the process.
func (h *host) checkUnit() []Finding {
	if len(h.unit) == 0 {
		return nil
	}
	dir := h.pattern.dir()
	if dir == "" {
		return ok("nothing in the unit keeps a core from being written")
	}
	mend := func(key, value string) string {
		if lex.ShellWord(value) != value { // no line of a unit is made of it
			return ""
		}
		return fmt.Sprintf("mkdir -p /etc/systemd/system/haproxy.service.d && printf '[Service]\\n%s=%s\\n' >/etc/systemd/system/haproxy.service.d/cores.conf%s", key, value, reload)
	}
	writable := strings.Join(h.unit["ReadWritePaths"], " ")
	below := func(top string) bool { return dir == top || strings.HasPrefix(dir, top+"/") }
	switch protect := h.unit.last("ProtectSystem"); {
	case yes(h.unit.last("PrivateTmp")) && (below("/tmp") || below("/var/tmp")):
		return problem("the unit has PrivateTmp: its cores go to a "+dir+" of its own, which is removed when it stops", "sysctl -w kernel.core_pattern=/var/crash/core.%e.%p.%t", costPattern)
	case strings.Contains(writable, dir):
		return ok("the unit may write to " + dir)
	case protect == "strict", protect == "full" && (below("/usr") || below("/etc") || below("/boot")):
		return problem("the unit has ProtectSystem="+protect+": HAProxy cannot write to "+dir, mend("ReadWritePaths", dir), costRestart)
	case yes(h.unit.last("ProtectHome")) && (below("/home") || below("/root")):
		return problem("the unit has ProtectHome: HAProxy cannot write to "+dir, mend("ProtectHome", "false"), costRestart)
	}
	return ok("nothing in the unit keeps a core from being written")
}

func yes(s string) bool {
	switch s {
	case "yes", "true", "on", "1", "disconnected", "tmpfs", "read-only":
		return true
	}
	return false
}

const deleted = " (deleted)"

func (h *host) checkExecutable() []Finding {
	if h.process == nil {
		return nil
	}
	switch exe := h.process.exe; {
	case exe == "":
		return unknown("which executable runs can be read by root alone")
	case strings.HasSuffix(exe, deleted):
		return problem(strings.TrimSuffix(exe, deleted)+" was replaced while it runs: a core of it does not fit the file",
			fmt.Sprintf("cp /proc/%d/exe /var/tmp/haproxy.running; systemctl restart haproxy", h.process.pid), costRestart+"; until then the copy reads its cores, with --exe")
	default:
		return ok(exe + " is what runs")
	}
}

// openProgram opens HAProxy's executable. /proc has the one that runs, even if it was
// replaced or lies in a container.
func (h *host) openProgram() (*elffile.File, error) {
	if p := h.process; p != nil && h.tree == "/" && p.exe != "" {
		return elffile.Open(fmt.Sprintf("/proc/%d/exe", p.pid))
	}
	return elffile.Open(h.path(h.program()))
}

// version is the one that the executable tells.
func (h *host) version() (v haproxy.Version) {
	f, err := h.openProgram()
	if err != nil {
		return v
	}
	defer f.Close()
	v, _ = matched.Version(f)
	return v
}

func (h *host) checkDebugData() []Finding {
	exe := h.program()
	f, err := h.openProgram()
	if err != nil {
		return unknown("the executable was not read: " + err.Error())
	}
	defer f.Close()
	id := f.BuildID()
	switch {
	case f.Has(".debug_info"):
		return ok(exe + " has its debug data in it")
	case len(id) < 3:
		return unknown(exe + " has no build-id to find its debug data by")
	case h.exists(fmt.Sprintf("usr/lib/debug/.build-id/%s/%s.debug", id[:2], id[2:])):
		return ok("the debug data of build-id " + id + " are here")
	}
	says := "there are no debug data of build-id " + id + ": reports have few names of variables and no lines of source"
	if name, install := advice.DebugPackage(h.system); name != "" {
		return problem(says+"; "+name+" has them", install, "some 10 MB on disk; it may be installed after the crash too, as long as the repository has it")
	}
	return problem(says, "hacrash analyze --debuginfod SERVER CORE", "the build's own files, or a server of your distribution, must have them")
}
