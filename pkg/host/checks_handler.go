package host

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/advice"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// coredump are the settings of systemd-coredump.
func (h *host) coredump() ini { return h.settingsOf("Coredump", "systemd", "coredump.conf") }

func (h *host) checkCoredumpStorage() []Finding {
	if h.pattern.handler != handlerSystemd {
		return nil
	}
	keep := "mkdir -p /etc/systemd/coredump.conf.d && printf '[Coredump]\\nStorage=external\\n' >/etc/systemd/coredump.conf.d/storage.conf"
	switch s := h.coredump().last("Storage"); s {
	case "none":
		return problem("systemd-coredump has Storage=none: it logs a stack and throws the core away", keep, costMemory)
	case "journal":
		return problem("systemd-coredump has Storage=journal: cores larger than JournalSizeMax, 767 MB by default, are thrown away, and the journal's rotation takes the rest", keep, costMemory)
	case "", "external":
		return ok("systemd-coredump keeps cores in /var/lib/systemd/coredump")
	default:
		return unknown("systemd-coredump has Storage=" + s + ", which is not known here")
	}
}

// coredumpBounds are bounds of systemd-coredump that a core must be under.
var coredumpBounds = [...]string{"ProcessSizeMax", "ExternalSizeMax", "MaxUse"}

func (h *host) checkCoredumpSize() []Finding {
	if h.pattern.handler != handlerSystemd {
		return nil
	}
	settings := h.coredump()
	for _, key := range coredumpBounds {
		text := settings.last(key)
		if text == "" {
			continue
		}
		most, known := size(text)
		switch {
		case !known:
			return unknown(fmt.Sprintf("systemd-coredump has %s=%s, which cannot be read here", key, text))
		case most == 0 && key != "MaxUse":
			return problem(fmt.Sprintf("systemd-coredump has %s=0: it keeps no core", key), advice.RaiseCoreSize, costMemory)
		case h.process != nil && h.process.rss > most:
			return problem(fmt.Sprintf("systemd-coredump has %s=%s, and HAProxy has %s in memory: its core is cut or thrown away", key, text, amount(h.process.rss)), h.raise(key), costMemory)
		}
	}
	if h.process == nil {
		return unknown("HAProxy does not run, so that its size cannot be compared with the bounds of systemd-coredump")
	}
	return ok("HAProxy's " + amount(h.process.rss) + " are under the bounds of systemd-coredump")
}

func (h *host) raise(key string) string {
	if key == "MaxUse" {
		return "mkdir -p /etc/systemd/coredump.conf.d && printf '[Coredump]\\nMaxUse=64G\\n' >/etc/systemd/coredump.conf.d/use.conf"
	}
	return advice.RaiseCoreSize
}

// size reads a size as systemd writes it: bytes, with K, M, G, T, or infinity.
func size(s string) (uint64, bool) {
	if s == "infinity" {
		return 1 << 62, true
	}
	shift := 0
	s = strings.TrimSuffix(s, "B")
	if n := len(s); n > 0 {
		if i := strings.IndexByte("KMGTPE", s[n-1]); i >= 0 {
			shift = 10 * (i + 1)
			s = strings.TrimSpace(s[:n-1])
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0) {
		return 0, false
	}
	v *= float64(uint64(1) << shift)
	return uint64(min(v, 1<<62)), true
}

func amount(n uint64) string {
	if n >= 10<<30 {
		return fmt.Sprintf("%d GiB", n>>30)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// program is the path of HAProxy's executable.
func (h *host) program() string {
	if h.process != nil && h.process.exe != "" {
		return strings.TrimSuffix(h.process.exe, deleted)
	}
	return "/usr/sbin/haproxy"
}

// checkApport: apport reports programs of packages alone, and a program once until somebody
// has seen the report. Beside that it writes a core if the limit allows one.
func (h *host) checkApport() []Finding {
	if h.pattern.handler != handlerApport {
		return nil
	}
	exe := h.program()
	report := "var/crash/" + strings.ReplaceAll(exe, "/", "_") + "." + strconv.Itoa(max(0, h.uidOrRoot())) + ".crash"
	ignored, _ := h.text("etc/apport/report-ignore/haproxy")
	switch {
	case !h.packaged(exe):
		return problem(exe+" belongs to no package: apport writes no report about it", useSystemd, costPattern)
	case strings.Contains(ignored, exe):
		return problem("/etc/apport/report-ignore names "+exe, "rm /etc/apport/report-ignore/haproxy", costNothing)
	case h.exists(report):
		return problem("/"+report+" is there: apport reports no further crash until it has been seen", "mv "+lex.ShellWord("/"+report)+" /root/", costNothing)
	}
	return ok("apport reports crashes of " + exe + " to /var/crash")
}

func (h *host) uidOrRoot() int {
	uid, _ := h.user()
	return uid
}

// packaged says that dpkg knows the file.
func (h *host) packaged(exe string) bool {
	for _, name := range []string{"haproxy.list", "haproxy:amd64.list", "haproxy:arm64.list"} {
		text, _ := h.text(filepath.Join("var/lib/dpkg/info", name))
		for line := range strings.Lines(text) {
			if strings.TrimSpace(line) == exe {
				return true
			}
		}
	}
	return false
}

func (h *host) checkAbrt() []Finding {
	if h.pattern.handler != handlerAbrt {
		return nil
	}
	conf := ini{}
	for _, name := range []string{"etc/abrt/abrt-action-save-package-data.conf", "etc/abrt/abrt.conf"} {
		text, _ := h.text(name)
		conf.add(text, "")
	}
	edit := func(key, value string) string {
		return fmt.Sprintf("sed -i 's/^ *%[1]s *=.*/%[1]s = %[2]s/' /etc/abrt/*.conf", key, value)
	}
	if strings.Contains(conf.last("BlackListedPaths")+conf.last("BlackList"), "haproxy") {
		return problem("abrt's BlackList names haproxy", edit("BlackList", ""), costNothing)
	}
	if conf.last("ProcessUnpackaged") == "no" && !h.exists("var/lib/rpm") && !h.exists("usr/lib/sysimage/rpm") {
		return problem("abrt has ProcessUnpackaged = no, and no package database is here", edit("ProcessUnpackaged", "yes"), costNothing)
	}
	if text := conf.last("MaxCrashReportsSize"); text != "" && h.process != nil {
		if mib, err := strconv.ParseUint(text, 10, 32); err == nil && mib > 0 && mib<<20 < h.process.rss {
			return problem(fmt.Sprintf("abrt has MaxCrashReportsSize = %s (MiB), and HAProxy has %s in memory", text, amount(h.process.rss)), edit("MaxCrashReportsSize", "32768"), costMemory)
		}
	}
	if conf.last("ProcessUnpackaged") == "no" {
		return unknown("abrt drops crashes of programs that no package has; the package database is not read here: rpm -qf " + h.program())
	}
	return ok("abrt keeps cores in /var/spool/abrt")
}
