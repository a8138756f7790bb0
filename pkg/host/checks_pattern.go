package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// useSystemd makes systemd-coredump take cores; useDirectory is for where there is no systemd.
const (
	useSystemd   = "apt-get install systemd-coredump || dnf install systemd-udev"
	useDirectory = "mkdir -p /var/crash && chmod 1777 /var/crash && echo kernel.core_pattern=/var/crash/core.%e.%p.%t >/etc/sysctl.d/60-cores.conf && sysctl -p /etc/sysctl.d/60-cores.conf"
)

const costPattern = "cores of all programs go there from now on"

// keepCores is the command that makes this host keep cores.
func (h *host) keepCores() string {
	if h.exists("run/systemd/system") && !h.contained() {
		return useSystemd
	}
	if root, _ := h.chroot(); root != "/" {
		return strings.ReplaceAll(useDirectory, "mkdir -p /var/crash && chmod 1777 /var/crash",
			fmt.Sprintf("mkdir -p /var/crash %[1]s && chmod 1777 /var/crash %[1]s", lex.ShellWord(filepath.Join(root, "var/crash"))))
	}
	return useDirectory
}

func (h *host) checkPattern() []Finding {
	p := &h.pattern
	switch p.handler {
	case handlerUnread:
		return unknown(p.why)
	case handlerNone:
		return problem("kernel.core_pattern is empty: no program leaves a core, unless kernel.core_uses_pid is set", h.keepCores(), costPattern)
	case handlerFile:
		if strings.HasPrefix(p.text, "/dev/null") {
			return problem("kernel.core_pattern is /dev/null: cores are thrown away", h.keepCores(), costPattern)
		}
		if !strings.Contains(p.text, "%p") && !strings.Contains(p.text, "%P") && !strings.Contains(p.text, "%t") && !h.usesPID() {
			return problem("kernel.core_pattern is "+p.text+": each core overwrites the one before", "sysctl -w kernel.core_pattern="+lex.ShellWord(p.text+".%e.%p.%t"), costNothing)
		}
		return ok("cores are written to " + p.text)
	case handlerCwd:
		return h.checkRelative()
	case handlerSocket:
		return unknown("cores go to the socket " + p.text + "; what listens there is not known here")
	}
	if p.program == "" || !filepath.IsAbs(p.program) || !h.exists(p.program) {
		return problem(fmt.Sprintf("kernel.core_pattern pipes cores to %q, which is not there: they are lost", p.program), h.keepCores(), costPattern)
	}
	if p.handler == handlerPipe {
		return unknown("cores go to " + p.program + "; what it does with them is not known here")
	}
	if p.handler == handlerSystemd && h.masked("systemd-coredump.socket") {
		return problem("systemd-coredump.socket is masked: systemd-coredump cannot take cores", "systemctl unmask systemd-coredump.socket && systemctl start systemd-coredump.socket", costNothing)
	}
	return ok("cores go to " + p.program)
}

func (h *host) usesPID() bool {
	text, _ := h.text("proc/sys/kernel/core_uses_pid")
	return text != "" && text != "0"
}

// checkRelative: a relative path is one in the working directory, and HAProxy's is the
// root of its chroot, or / as a service.
func (h *host) checkRelative() []Finding {
	says := "kernel.core_pattern is " + h.pattern.text + ", a file in HAProxy's working directory"
	root, known := h.chroot()
	uid, gid := h.user()
	if st, err := os.Stat(h.path(root)); known && err == nil && uid >= 0 && filepath.Base(h.pattern.text) == h.pattern.text && writable(st, uid, gid) {
		return ok(says + ": " + root + ", where its user can write")
	}
	if known && root != "/" {
		return problem(says+": that is its chroot, "+root+", where its user cannot write, or should not", h.keepCores(), costPattern)
	}
	return problem(says+": as a service that is /, where its user cannot write", h.keepCores(), costPattern)
}

func (h *host) checkDirectory() []Finding {
	if h.pattern.handler != handlerFile || strings.HasPrefix(h.pattern.text, "/dev/null") {
		return nil
	}
	dir := h.pattern.dir()
	if dir == "" {
		return unknown("the directory of " + h.pattern.text + " depends on the crash")
	}
	root, known := h.chroot()
	if !known {
		return unknown("HAProxy's chroot is not known, in which " + dir + " would have to be")
	}
	at := filepath.Join(root, dir)
	if p := h.process; p != nil && p.elsewhere {
		at = fmt.Sprintf("/proc/%d/root%s", p.pid, dir)
	}
	where := dir
	if root != "/" {
		where = dir + " in the chroot " + root
	}
	st, err := os.Stat(h.path(at))
	switch {
	case os.IsPermission(err):
		return unknown(where + ": it cannot be looked at without being root")
	case err != nil || !st.IsDir():
		return problem("there is no directory "+where+": the kernel writes a core below the root of the process",
			fmt.Sprintf("mkdir -p %[1]s && chmod 1777 %[1]s", lex.ShellWord(at)), "others can write there too")
	}
	uid, gid := h.user()
	switch {
	case uid < 0:
		return unknown("HAProxy's user is not known, who must be able to write to " + where)
	case !writable(st, uid, gid) && !h.writtenByRoot():
		return problem(fmt.Sprintf("HAProxy's user, number %d, cannot write to %s", uid, where), "chmod 1777 "+lex.ShellWord(at), "others can write there too")
	}
	return ok(where + " can be written to")
}

// writtenByRoot says that the kernel writes cores of processes that changed their user
// as root.
func (h *host) writtenByRoot() bool {
	p := h.process
	return p != nil && p.uid > 0 && p.owner == 0 && h.suidDumpable() == "2"
}

func writable(st os.FileInfo, uid, gid int) bool {
	s, is := st.Sys().(*syscall.Stat_t)
	switch mode := st.Mode().Perm(); {
	case !is || uid == 0:
		return true
	case int(s.Uid) == uid:
		return mode&0o300 == 0o300
	case int(s.Gid) == gid:
		return mode&0o030 == 0o030
	default:
		return mode&0o003 == 0o003
	}
}
