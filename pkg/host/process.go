package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// process is a HAProxy that runs. What could not be read is "" or -1.
type process struct {
	pid, parent int
	uid, gid    int // effective
	rss         uint64
	owner       int    // of its directory in /proc
	root, exe   string // links
	stderr      string
	soft, hard  string // limit of cores: bytes or unlimited
	filter      int64
	mounts      string
	groups      string // control groups
	elsewhere   bool   // in another mount namespace than pid 1
}

func (h *host) findProcess(pid int) error {
	if pid != 0 {
		h.process = h.readProcess(pid)
		if h.process == nil {
			return fmt.Errorf("--pid %d: there is no such process", pid)
		}
		return nil
	}
	if !h.exists("proc") {
		h.absent = "there is no /proc"
		return nil
	}
	for _, name := range h.names("proc") {
		n, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		comm, err := h.text(filepath.Join("proc", name, "comm"))
		if err != nil || !haproxy.IsProgram(comm) {
			continue
		}
		p := h.readProcess(n)
		if p == nil {
			continue
		}
		// A worker does the work, and drops its rights, which its master does not.
		if h.process == nil || p.parent == h.process.pid {
			h.process = p
		}
	}
	if h.process == nil {
		h.absent = "no HAProxy runs here"
	}
	return nil
}

func (h *host) readProcess(pid int) *process {
	dir := filepath.Join("proc", strconv.Itoa(pid))
	status, err := h.text(filepath.Join(dir, "status"))
	if err != nil {
		return nil
	}
	p := &process{pid: pid, uid: -1, gid: -1, owner: -1, filter: -1}
	for line := range strings.Lines(status) {
		key, value, _ := strings.Cut(line, ":")
		words := strings.Fields(value)
		switch {
		case key == "PPid" && len(words) > 0:
			p.parent, _ = strconv.Atoi(words[0])
		case key == "Uid" && len(words) > 1:
			p.uid = number(words[1])
		case key == "Gid" && len(words) > 1:
			p.gid = number(words[1])
		case key == "VmRSS" && len(words) > 0:
			kib, _ := strconv.ParseUint(words[0], 10, 40)
			p.rss = kib << 10
		}
	}
	if st, err := os.Stat(h.path(dir)); err == nil {
		p.owner = int(st.Sys().(*syscall.Stat_t).Uid)
	}
	link := func(name string) string {
		to, _ := os.Readlink(filepath.Join(string(h.tree), dir, name)) // "" without the right to
		return to
	}
	p.root, p.exe, p.stderr = link("root"), link("exe"), link("fd/2")
	ours, _ := os.Readlink(filepath.Join(string(h.tree), "proc/1/ns/mnt"))
	p.elsewhere = ours != "" && link("ns/mnt") != "" && link("ns/mnt") != ours
	p.limits(h, dir)
	if text, err := h.text(filepath.Join(dir, "coredump_filter")); err == nil {
		if p.filter, err = strconv.ParseInt(text, 16, 64); err != nil {
			p.filter = -1
		}
	}
	p.mounts, _ = h.text(filepath.Join(dir, "mountinfo"))
	p.groups, _ = h.text(filepath.Join(dir, "cgroup"))
	return p
}

func (p *process) limits(h *host, dir string) {
	text, _ := h.text(filepath.Join(dir, "limits"))
	for line := range strings.Lines(text) {
		if rest, is := strings.CutPrefix(line, "Max core file size"); is {
			if words := strings.Fields(rest); len(words) >= 2 {
				p.soft, p.hard = words[0], words[1]
			}
		}
	}
}

func number(s string) int {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return -1
	}
	return int(n)
}

// user is the one that the process runs as, or will: a number, -1 if it is not known.
func (h *host) user() (uid, gid int) {
	if p := h.process; p != nil {
		return p.uid, p.gid
	}
	if h.settings == nil || h.settings.User == "" {
		return -1, -1
	}
	if n := number(h.settings.User); n >= 0 {
		return n, number(h.settings.Group)
	}
	passwd, _ := h.text("etc/passwd")
	for line := range strings.Lines(passwd) {
		f := strings.Split(line, ":")
		if len(f) > 3 && f[0] == h.settings.User {
			return number(f[2]), number(f[3])
		}
	}
	return -1, -1
}

// chroot is the root of the process, or the one it will have; known is whether that can be told.
func (h *host) chroot() (dir string, known bool) {
	if p := h.process; p != nil && p.root != "" {
		return p.root, true
	}
	if h.settings != nil {
		return "/" + strings.TrimPrefix(h.settings.Chroot, "/"), true
	}
	return "/", false
}
