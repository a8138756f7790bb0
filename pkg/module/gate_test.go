package module

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// gated is a set on a machine whose mounts are told, and which has a program in each of
// some directories.
func gated(t *testing.T, root string, mounts ...string) *Set {
	t.Helper()
	var info strings.Builder
	info.WriteString("22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw\n23 22 0:5 / /proc rw - proc proc rw\n")
	for _, m := range mounts {
		at, kind, _ := strings.Cut(m, " ")
		fmt.Fprintf(&info, "30 22 0:40 / %s rw,relatime master:1 - %s server:/x rw\n", strings.ReplaceAll(filepath.Join(root, at), " ", `\040`), kind)
	}
	file := filepath.Join(t.TempDir(), "mountinfo")
	if err := os.WriteFile(file, []byte(info.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &Set{}
	s.mounts.file = file
	return s
}

func TestGate(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	exe := compile(t, crasher)
	for _, p := range []string{"usr/p", "net/host/p", "home/u/p", "fuse/p", "proc/1/p", "dev/p", "local/p", "procedure/p", "debug/p"} {
		put(t, exe, filepath.Join(root, p))
	}
	for link, to := range map[string]string{
		"usr/tonet": "../net/host/p", "usr/netdir": root + "/net", "usr/toproc": "/proc/self/exe", "usr/todev": "/dev/null",
		"usr/fd": "/dev/fd/0", "usr/two": "netdir/host/p", "usr/good": "../local/p", "debug/away": root + "/net/host/p", "nfs": root + "/home",
	} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	s := gated(t, root, "net autofs", "home/u nfs4", "fuse fuse.sshfs", "local ext4")
	host := func(p string) place { return place{start: "/", rel: root + "/" + p} }
	inside := func(p string) place { return place{root: root, start: "/", rel: p} }
	for _, tt := range []struct {
		p    place
		want string // of the error; empty if it may be opened
	}{
		{host("usr/p"), ""}, {host("usr/good"), ""}, {host("local/p"), ""}, {host("procedure/p"), ""},
		{host("net/host/p"), "net is of other machines (autofs)"},
		{host("net"), "(autofs)"},
		{host("home/u/p"), "(nfs4)"},
		{host("fuse/p"), "(fuse.sshfs)"},
		{host("usr/../net/host/p"), "(autofs)"},
		{host("usr//./../fuse/p"), "(fuse.sshfs)"},
		{host("usr/tonet"), "(autofs)"}, {host("usr/netdir/host/p"), "(autofs)"}, {host("usr/two"), "(autofs)"},
		{host("nfs/u/p"), "(nfs4)"},
		{host("usr/toproc"), "below /proc"}, {host("usr/todev"), "below /dev"}, {host("usr/fd"), "below /dev"},
		{place{start: "/", rel: "/proc/self/exe"}, "below /proc"},
		{place{start: "/", rel: "/proc/../proc/self/root/" + root + "/usr/p"}, "below /proc"},
		{place{start: "/", rel: "/sys/kernel/notes"}, "below /sys"},
		{place{start: "/", rel: "/dev/zero"}, "below /dev"},

		// What the user named, and what lies there.
		{thisVery(root + "/net/host/p"), ""}, {thisVery("/proc/self/exe"), ""},
		{inDir(root+"/net/host", "p"), ""}, {inDir(root+"/home/u", "p"), ""}, {inDir(root+"/usr/netdir/host", "p"), ""},
		{inDir(root+"/debug", "p"), ""}, {inDir(root+"/debug", "away"), "(autofs)"}, {inDir(root+"/debug", "../net/host/p"), "(autofs)"},
		{inDir(root+"/home/u", "../../fuse/p"), "(fuse.sshfs)"},

		// In a sysroot its own directories are meant.
		{inside("/usr/p"), ""}, {inside("/usr/good"), ""}, {inside("/local/p"), ""},
		{inside("/proc/1/p"), "below /proc"}, {inside("/usr/../proc/1/p"), "below /proc"}, {inside("/dev/p"), "below /dev"}, {inside("/usr/todev"), "below /dev"},
		{inside("/net/host/p"), "(autofs)"}, {inside("/usr/tonet"), "(autofs)"},
		{place{root: root + "/net/host", start: "/", rel: "/p"}, ""},
		{place{root: "/proc/self/root/" + root, start: "/", rel: "/usr/p"}, ""},
	} {
		f, err := s.open(tt.p)
		switch {
		case err != nil && tt.want == "" || err == nil && tt.want != "":
			t.Errorf("%+v: %v, want %q", tt.p, err, tt.want)
		case err != nil && !strings.Contains(err.Error(), tt.want):
			t.Errorf("%+v: %v, want %q", tt.p, err, tt.want)
		}
		if f != nil {
			f.Close()
		}
	}
}

// A directory below an automounter is not even looked at: that a name in it is asked
// for would mount it.
func TestGateLooksAtNothing(t *testing.T) {
	s := gated(t, "/", "net autofs")
	for _, p := range []string{"/net/attacker/x", "/net", "/usr/../net/attacker/x"} {
		if at, err := s.resolve("/", "/", p); err == nil {
			t.Errorf("%s: %s", p, at)
		}
	}
	// Names that cannot be resolved are refused before they are: the error is ours.
	if _, err := s.open(place{start: "/", rel: "/net/" + strings.Repeat("x", 300) + "/y"}); err == nil || !strings.Contains(err.Error(), "autofs") {
		t.Error(err)
	}
}

func TestForeignMounts(t *testing.T) {
	got := foreignMounts(`36 35 98:0 / / rw - nfs server:/ rw
37 36 0:40 / /a\040b rw,relatime shared:1 master:2 - autofs systemd-1 rw
38 36 0:41 / /tmp rw - tmpfs tmpfs rw
39 36 0:42 / /run/user/0/gvfs rw - fuse.gvfsd-fuse gvfsd-fuse rw
broken
40 - nfs
`)
	if want := "[{/a b autofs} {/run/user/0/gvfs fuse.gvfsd-fuse}]"; fmt.Sprint(got) != want {
		t.Errorf("%v, not %s", got, want)
	}
}

// A core that names a relative path, or one of /proc, gets no file of it.
func TestPathsOfACore(t *testing.T) {
	exe := compile(t, crasher)
	for path, want := range map[string]string{"p": "in which directory", "../p": "in which directory", "/proc/self/exe": "below /proc"} {
		s := set(t, crash(t, exe), Options{})
		m := s.mainModule(t)
		t.Chdir(filepath.Dir(exe))
		m.Module.Path = path
		if f := m.File(); f != nil {
			t.Errorf("%s: %s", path, f.Path)
		}
		if _, why := m.Status(); !strings.Contains(why, want) {
			t.Errorf("%s: %s", path, why)
		}
	}
}
