package host

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/hacrash/hacrash/internal/golden"
)

// root is a machine made for a test: files by their paths; "-> TARGET" makes a link.
type root map[string]string

// good is a machine on which a crash leaves all: systemd-coredump, set-dumpable, a journal.
func good() root {
	return root{
		"etc/os-release":                     "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
		"etc/passwd":                         "root:x:0:0::/root:/bin/sh\nhaproxy:x:4711:4712::/var/lib/haproxy:/bin/false\n",
		"etc/haproxy/haproxy.cfg":            "global\n\tchroot /var/lib/haproxy\n\tuser haproxy\n\tgroup haproxy\n\tset-dumpable\n",
		"proc/sys/kernel/core_pattern":       "|/usr/lib/systemd/systemd-coredump %P %u %g %s %t 9223372036854775808 %h\n",
		"proc/sys/kernel/core_uses_pid":      "0\n",
		"proc/sys/fs/suid_dumpable":          "0\n",
		"usr/lib/systemd/systemd-coredump":   "x",
		"var/lib/systemd/coredump/.keep":     "",
		"var/lib/haproxy/.keep":              "",
		"var/log/journal/.keep":              "",
		"run/systemd/journal/.keep":          "",
		"run/systemd/system/.keep":           "",
		"lib/systemd/system/haproxy.service": "[Service]\nType=notify\nExecStart=/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg\n",
	}.running(100, 1, 0, "unlimited").running(101, 100, 4711, "unlimited")
}

// running adds a HAProxy.
func (r root) running(pid, parent, uid int, soft string) root {
	dir := "proc/" + strconv.Itoa(pid) + "/"
	id := strconv.Itoa(uid)
	r[dir+"comm"] = "haproxy\n"
	r[dir+"status"] = "Name:\thaproxy\nPPid:\t" + strconv.Itoa(parent) + "\nUid:\t" + id + "\t" + id + "\t" + id + "\t" + id +
		"\nGid:\t4712\t4712\t4712\t4712\nVmRSS:\t  2097152 kB\n"
	r[dir+"limits"] = "Limit   Soft Limit  Hard Limit  Units\nMax core file size        " + soft + "    unlimited     bytes\n"
	r[dir+"coredump_filter"] = "00000033\n"
	r[dir+"exe"] = "-> /usr/sbin/haproxy"
	r[dir+"root"] = "-> /var/lib/haproxy"
	r[dir+"fd/2"] = "-> socket:[4242]"
	r[dir+"ns/mnt"] = "-> mnt:[1]"
	r["proc/1/ns/mnt"] = "-> mnt:[1]"
	r[dir+"cgroup"] = "0::/system.slice/haproxy.service\n"
	r[dir+"mountinfo"] = "22 1 8:1 / / rw - ext4 /dev/vda1 rw\n"
	return r
}

// stopped takes away all HAProxys.
func (r root) stopped() root {
	for name := range r {
		if strings.HasPrefix(name, "proc/10") {
			delete(r, name)
		}
	}
	return r
}

// with sets a file.
func (r root) with(name, text string) root { r[name] = text; return r }

func (r root) without(name string) root { delete(r, name); return r }

// toFile makes the kernel write cores to a path.
func (r root) toFile(path string) root { return r.with("proc/sys/kernel/core_pattern", path+"\n") }

// anonymous takes away what only root may read of a process.
func (r root) anonymous() root {
	for _, name := range []string{"exe", "root", "fd/2", "limits", "coredump_filter"} {
		delete(r, "proc/101/"+name)
	}
	return r
}

func (r root) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range r {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if to, is := strings.CutPrefix(text, "-> "); is {
			err = os.Symlink(to, at)
		} else {
			err = os.WriteFile(at, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// examine looks at a machine with so much room on its disks. The directory in /proc of
// a process that is dumpable belongs to the process's user, who is the one of the test here.
func examine(t *testing.T, r root, free uint64) *Result {
	t.Helper()
	for name, text := range r {
		if strings.HasSuffix(name, "/status") {
			r[name] = strings.ReplaceAll(text, "4711", strconv.Itoa(own()))
		}
	}
	dir := r.write(t)
	if at := filepath.Join(dir, "proc/101"); own() != os.Getuid() && r["proc/101/dumpable"] != "0" {
		if _, err := os.Stat(at); err == nil {
			if err := os.Chown(at, own(), -1); err != nil {
				t.Fatal(err)
			}
		}
	}
	out, err := Examine(Options{Root: dir, free: func(string) (uint64, error) { return free, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// own is a user other than root whose processes the test can make: its own, if it is
// not root's.
func own() int {
	if id := os.Getuid(); id != 0 {
		return id
	}
	return 4711
}
