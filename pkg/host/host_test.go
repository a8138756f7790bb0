package host

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

const plenty = 1 << 40

// situations are machines, and what must be said of them: "ID STATE text in it".
var situations = []struct {
	name string
	root func() root
	free uint64
	want string
}{
	{"all is well", good, plenty, ""},
	{"master and worker", good, plenty, "process ok process 101"},
	{"no core_pattern", func() root { return good().toFile("") }, plenty, "core-pattern problem is empty"},
	{"dev null", func() root { return good().toFile("/dev/null") }, plenty, "core-pattern problem thrown away"},
	{"relative with a chroot", func() root { return good().toFile("core") }, plenty, "core-pattern problem its chroot, /var/lib/haproxy"},
	{"relative without a chroot", func() root { return good().toFile("core.%p").with("proc/101/root", "-> /") }, plenty, "core-pattern problem as a service that is /"},
	{"handler is gone", func() root { return good().without("usr/lib/systemd/systemd-coredump") }, plenty, "core-pattern problem which is not there"},
	{"pipe without a program", func() root { return good().toFile("|") }, plenty, "core-pattern problem which is not there"},
	{"unknown handler", func() root { return good().toFile("|/opt/keep %p").with("opt/keep", "x") }, plenty, "core-pattern unknown /opt/keep"},
	{"socket", func() root { return good().toFile("@/run/cores") }, plenty, "core-pattern unknown socket"},
	{"masked socket", func() root { return good().with("etc/systemd/system/systemd-coredump.socket", "-> /dev/null") }, plenty, "core-pattern problem masked"},
	{"one name for all", func() root { return good().toFile("/cores/core").with("var/lib/haproxy/cores/.keep", "") }, plenty, "core-pattern problem overwrites"},
	{"core_uses_pid", func() root { return good().toFile("/cores/core").with("proc/sys/kernel/core_uses_pid", "1") }, plenty, "core-pattern ok written to"},
	{"directory outside of the chroot", func() root { return good().toFile("/cores/core.%p").with("cores/.keep", "") }, plenty, "core-directory problem in the chroot /var/lib/haproxy"},
	{"directory by the crash", func() root { return good().toFile("/cores/%e/core.%p") }, plenty, "core-directory unknown depends on the crash"},
	{"stopped, directory missing", func() root { return good().stopped().toFile("/cores/core.%p") }, plenty, "core-directory problem in the chroot /var/lib/haproxy"},
	{"storage none", func() root { return good().with("etc/systemd/coredump.conf", "[Coredump]\nStorage=none\n") }, plenty, "coredump-storage problem Storage=none"},
	{"storage none in a drop-in", func() root {
		return good().with("etc/systemd/coredump.conf", "[Coredump]\nStorage=external\n").with("usr/lib/systemd/coredump.conf.d/z.conf", "[Coredump]\nStorage=none\n")
	}, plenty, "coredump-storage problem Storage=none"},
	{"drop-in hidden by one of the same name", func() root {
		return good().with("etc/systemd/coredump.conf.d/z.conf", "[Coredump]\n").with("usr/lib/systemd/coredump.conf.d/z.conf", "[Coredump]\nStorage=none\n")
	}, plenty, "coredump-storage ok keeps"},
	{"storage of another section", func() root { return good().with("etc/systemd/coredump.conf", "[Other]\nStorage=none\n") }, plenty, "coredump-storage ok keeps"},
	{"storage journal", func() root { return good().with("etc/systemd/coredump.conf", "[Coredump]\nStorage=journal\n") }, plenty, "coredump-storage problem JournalSizeMax"},
	{"process size 0", func() root { return good().with("etc/systemd/coredump.conf", "[Coredump]\nProcessSizeMax=0\n") }, plenty, "coredump-size problem keeps no core"},
	{"process size too small", func() root { return good().with("etc/systemd/coredump.conf", "[Coredump]\nProcessSizeMax=1G\n") }, plenty, "coredump-size problem ProcessSizeMax=1G"},
	{"external size too small", func() root { return good().with("etc/systemd/coredump.conf", "[Coredump]\nExternalSizeMax=512M\n") }, plenty, "coredump-size problem ExternalSizeMax=512M"},
	{"max use too small", func() root { return good().with("etc/systemd/coredump.conf", "[Coredump]\nMaxUse=100M\n") }, plenty, "coredump-size problem MaxUse=100M"},
	{"size that cannot be read", func() root { return good().with("etc/systemd/coredump.conf", "[Coredump]\nProcessSizeMax=lots\n") }, plenty, "coredump-size unknown lots"},
	{"apport without a package", func() root { return apport().without("var/lib/dpkg/info/haproxy.list") }, plenty, "apport problem no package"},
	{"apport with a report that is unseen", func() root { return apport().with("var/crash/_usr_sbin_haproxy."+itoa(own())+".crash", "x") }, plenty, "apport problem has been seen"},
	{"apport told to ignore it", func() root { return apport().with("etc/apport/report-ignore/haproxy", "/usr/sbin/haproxy") }, plenty, "apport problem report-ignore"},
	{"apport", apport, plenty, "apport ok /var/crash"},
	{"apport without a limit", func() root { return apport().running(101, 100, 4711, "0") }, plenty, "core-limit ok into its report"},
	{"unknown handler without a limit", func() root { return good().toFile("|/opt/keep %p").with("opt/keep", "x").running(101, 100, 4711, "0") }, plenty, "core-limit unknown which may"},
	{"a root that does not run", func() root {
		return root{"var/log/journal/.keep": "", "etc/haproxy/haproxy.cfg": "global\n\tuser haproxy\n"}
	}, plenty, "journal ok on disk"},
	{"relative in a chroot of its own", func() root { return good().toFile("core").running(101, 100, 0, "unlimited") }, plenty, "core-pattern ok its user can write"},
	{"abrt's black list", func() root { return abrt("BlackList = nspluginwrapper, haproxy\n") }, plenty, "abrt problem BlackList"},
	{"abrt and programs of no package", func() root { return abrt("ProcessUnpackaged = no\n").with("var/lib/rpm/.keep", "") }, plenty, "abrt unknown rpm -qf"},
	{"abrt's size", func() root { return abrt("").with("etc/abrt/abrt.conf", "MaxCrashReportsSize = 1000\n") }, plenty, "abrt problem MaxCrashReportsSize"},
	{"soft limit 0", func() root { return good().running(101, 100, 4711, "0") }, plenty, "core-limit problem soft limit"},
	{"hard limit 0", func() root { return good().with("proc/101/limits", "Max core file size 0 0 bytes\n") }, plenty, "core-limit problem soft and hard"},
	{"limit below its size", func() root { return good().running(101, 100, 4711, "1048576") }, plenty, "core-limit problem is cut"},
	{"stopped, unit without cores", func() root {
		return good().stopped().with("etc/haproxy/haproxy.cfg", "global\n\tuser haproxy\n").with("etc/systemd/system/haproxy.service.d/a.conf", "[Service]\nLimitCORE=0\n")
	}, plenty, "core-limit problem LimitCORE=0"},
	{"stopped, no set-dumpable", func() root { return good().stopped().with("etc/haproxy/haproxy.cfg", "global\n\tuser haproxy\n") }, plenty, "dumpable problem no set-dumpable"},
	{"stopped, set-dumpable off", func() root {
		return good().stopped().with("etc/haproxy/haproxy.cfg", "global\n\tuser haproxy\n\tset-dumpable off\n")
	}, plenty, "dumpable problem no set-dumpable"},
	{"stopped, set-dumpable on a condition", func() root {
		return good().stopped().with("etc/haproxy/haproxy.cfg", "global\n\tuser haproxy\n.if defined(A)\n\tset-dumpable\n.endif\n")
	}, plenty, "dumpable unknown condition"},
	{"stopped, suid_dumpable", func() root {
		return good().stopped().with("etc/haproxy/haproxy.cfg", "global\n\tuser haproxy\n").with("proc/sys/fs/suid_dumpable", "2\n")
	}, plenty, "dumpable ok fs.suid_dumpable is 2"},
	{"no configuration", func() root { return good().stopped().without("etc/haproxy/haproxy.cfg") }, plenty, "dumpable unknown was not read"},
	{"filter without memory", func() root { return good().with("proc/101/coredump_filter", "00000010\n") }, plenty, "core-filter problem no heap"},
	{"filter without headers", func() root { return good().with("proc/101/coredump_filter", "00000003\n") }, plenty, "core-filter problem build-ids"},
	{"disk is full", good, 1 << 30, "disk problem 1024 MiB is free"},
	{"disk is kept free", func() root { return good().with("etc/systemd/coredump.conf", "[Coredump]\nKeepFree=15G\n") }, 16 << 30, "disk problem 1024 MiB is free"},
	{"stderr is thrown away", func() root { return good().with("proc/101/fd/2", "-> /dev/null") }, plenty, "stderr problem /dev/null"},
	{"stderr is a pipe", func() root { return good().with("proc/101/fd/2", "-> pipe:[7]") }, plenty, "stderr ok pipe"},
	{"journal in memory", func() root { return good().without("var/log/journal/.keep") }, plenty, "journal problem in memory only"},
	{"journal is volatile", func() root { return good().with("etc/systemd/journald.conf", "[Journal]\nStorage=volatile\n") }, plenty, "journal problem in memory only"},
	{"journal keeps nothing", func() root { return good().with("etc/systemd/journald.conf", "[Journal]\nStorage=none\n") }, plenty, "journal problem keeps nothing"},
	{"small journal", func() root { return good().with("etc/systemd/journald.conf", "[Journal]\nSystemMaxUse=16M\n") }, plenty, "journal problem SystemMaxUse=16M"},
	{"no journald", func() root { return good().without("var/log/journal/.keep").without("run/systemd/journal/.keep") }, plenty, "journal unknown no journald"},
	{"journal's rate", func() root { return good().with("etc/systemd/journald.conf", "[Journal]\nRateLimitBurst=100\n") }, plenty, "journal-rate problem RateLimitBurst=100"},
	{"unit's rate", func() root {
		return good().with("etc/systemd/system/haproxy.service.d/l.conf", "[Service]\nLogRateLimitBurst=50\n")
	}, plenty, "journal-rate problem LogRateLimitBurst=50"},
	{"container with a handler", func() root { return good().with(".dockerenv", "") }, plenty, "container unknown on the host"},
	{"container without a volume", func() root { return good().with(".dockerenv", "").toFile("/cores/core.%p") }, plenty, "container problem in the container itself"},
	{"emptyDir", func() root { return pod("/var/lib/kubelet/pods/x/volumes/kubernetes.io~empty-dir/cores") }, plenty, "container problem emptyDir"},
	{"hostPath", func() root { return pod("/var/cores") }, plenty, "container ok volume"},
	{"private tmp", func() root { return unit("/tmp/core.%p", "PrivateTmp=true") }, plenty, "unit problem PrivateTmp"},
	{"strict", func() root { return unit("/cores/core.%p", "ProtectSystem=strict") }, plenty, "unit problem ProtectSystem=strict"},
	{"strict with a way out", func() root { return unit("/cores/core.%p", "ProtectSystem=strict\nReadWritePaths=/cores") }, plenty, "unit ok may write"},
	{"replaced", func() root { return good().with("proc/101/exe", "-> /usr/sbin/haproxy (deleted)") }, plenty, "executable problem was replaced"},
	{"as another user", func() root { return good().anonymous() }, plenty, "process unknown by root alone"},
	{"as another user, limits", func() root { return good().anonymous().with("etc/haproxy/haproxy.cfg", "global\n\tuser haproxy\n") }, plenty, "core-limit unknown neither"},
	{"no proc", func() root { return root{"etc/os-release": ""} }, plenty, "process unknown no /proc"},
	{"no proc, pattern", func() root { return root{"etc/os-release": ""} }, plenty, "core-pattern unknown was not read"},
	{"no HAProxy", func() root { return good().stopped() }, plenty, "process unknown no HAProxy runs"},
	{"executable without debug data", withProgram, plenty, "debug-data problem haproxy-dbgsym"},
}

func apport() root {
	return good().toFile("|/usr/share/apport/apport -p%p").with("usr/share/apport/apport", "x").with("var/lib/dpkg/info/haproxy.list", "/.\n/usr/sbin/haproxy\n")
}

func abrt(conf string) root {
	return good().toFile("|/usr/libexec/abrt-hook-ccpp %s").with("usr/libexec/abrt-hook-ccpp", "x").with("etc/abrt/abrt-action-save-package-data.conf", conf)
}

func pod(source string) root {
	return good().with("proc/101/cgroup", "0::/kubepods.slice/x\n").toFile("/cores/core.%p").
		with("proc/101/mountinfo", "1 0 0:1 / / rw - overlay o rw\n2 1 8:1 "+source+" /cores rw - ext4 /dev/vda1 rw\n")
}

func unit(pattern, lines string) root {
	return good().toFile(pattern).with("etc/systemd/system/haproxy.service.d/x.conf", "[Service]\n"+lines+"\n")
}

// withProgram has an executable with a build-id, and no debug data: this test's own
// has its in itself, so that it is a small one of the system.
func withProgram() root {
	b, err := os.ReadFile("/bin/true")
	if err != nil {
		return good()
	}
	return good().with("usr/sbin/haproxy", string(b))
}

func TestSituations(t *testing.T) {
	if len(situations) < 30 {
		t.Fatalf("%d situations", len(situations))
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			r := s.root()
			found := examine(t, r, s.free)
			if s.want == "" {
				for _, f := range found.Findings {
					if f.State == Problem && f.ID != "core-directory" {
						t.Errorf("%s: %s", f.ID, f.Says)
					}
				}
				return
			}
			want := strings.SplitN(s.want, " ", 3)
			for _, f := range found.Findings {
				if f.ID == want[0] && string(f.State) == want[1] && strings.Contains(f.Says, want[2]) {
					if f.State == Problem && (f.Command == "" || f.Costs == "") {
						t.Errorf("%s: no command, or not what it costs", f.ID)
					}
					return
				}
			}
			t.Errorf("no %q among %+v", s.want, found.Findings)
		})
	}
}

// TestDirectory: who may write to it is a matter of its mode.
func TestDirectory(t *testing.T) {
	for _, c := range []struct {
		mode os.FileMode
		want State
	}{{0o777, OK}, {0o500, Problem}, {0o666, Problem}} {
		dir := good().with("etc/haproxy/haproxy.cfg", "global\n\tchroot /var/lib/haproxy\n\tuser 4711\n").
			stopped().toFile("/cores/core.%p").with("var/lib/haproxy/cores/.keep", "").write(t)
		if err := os.Chmod(dir+"/var/lib/haproxy/cores", c.mode); err != nil {
			t.Fatal(err)
		}
		found, err := Examine(Options{Root: dir})
		if err != nil {
			t.Fatal(err)
		}
		seen := false
		for _, f := range found.Findings {
			if f.ID != "core-directory" {
				continue
			}
			if seen = true; f.State != c.want {
				t.Errorf("%o: %+v", c.mode, f)
			}
		}
		if !seen {
			t.Errorf("%o: nothing is said of the directory", c.mode)
		}
	}
}

// TestRefuses: what is named must be there.
func TestRefuses(t *testing.T) {
	dir := good().write(t)
	for _, o := range []Options{{Root: dir, PID: 5}, {Root: dir, Configs: []string{dir + "/none.cfg"}}} {
		if _, err := Examine(o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}

// TestNotDumpable needs files in /proc of root's for a process of another user.
func TestNotDumpable(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("it needs files of root")
	}
	for _, c := range []struct{ suid, config, want string }{
		{"0", "global\n\tuser haproxy\n", "problem HAProxy changed its user"},
		{"0", "global\n\tuser haproxy\n\tset-dumpable\n", "problem HAProxy runs without"},
		{"2", "global\n\tuser haproxy\n", "ok HAProxy changed its user"},
	} {
		r := good().with("proc/101/dumpable", "0").with("proc/sys/fs/suid_dumpable", c.suid).with("etc/haproxy/haproxy.cfg", c.config)
		state, text, _ := strings.Cut(c.want, " ")
		for _, f := range examine(t, r, plenty).Findings {
			if f.ID == "dumpable" && (string(f.State) != state || !strings.HasPrefix(f.Says, text)) {
				t.Errorf("suid_dumpable %s: %+v", c.suid, f)
			}
		}
	}
}

// TestScript: names that others chose do nothing in the script, and sh takes it.
func TestScript(t *testing.T) {
	evil := "/tmp/$(touch owned)'; touch owned; '"
	r := good().toFile(evil+"/core.%p").with("proc/101/exe", "-> "+evil+"\ntouch owned (deleted)")
	found := examine(t, r, 0)
	var b bytes.Buffer
	if err := WriteScript(&b, found); err != nil {
		t.Fatal(err)
	}
	script := b.String()
	if !strings.Contains(script, "mkdir -p '") || strings.Contains(script, "\ntouch") {
		t.Errorf("not quoted:\n%s", script)
	}
	sh := exec.Command("sh", "-n")
	sh.Stdin = strings.NewReader(script)
	if out, err := sh.CombinedOutput(); err != nil {
		t.Errorf("%v: %s\n%s", err, out, script)
	}
	b.Reset()
	if err := WriteScript(&b, &Result{}); err != nil || !strings.Contains(b.String(), "nothing to mend") {
		t.Errorf("%v: %s", err, b.String())
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]uint64{"0": 0, "100": 100, "1K": 1 << 10, "1.5G": 3 << 29, "32G": 32 << 30, "infinity": 1 << 62, "9999999999E": 1 << 62} {
		if n, ok := size(text); !ok || n != want {
			t.Errorf("%s: %d", text, n)
		}
	}
	for _, text := range []string{"", "G", "-1", "NaN", "x"} {
		if n, ok := size(text); ok {
			t.Errorf("%q: %d", text, n)
		}
	}
}

// FuzzSettings: what a machine says is never trusted.
func FuzzSettings(f *testing.F) {
	f.Add("[Coredump]\nStorage=none\nStorage=\n", "|/usr/lib/systemd/systemd-coredump %P", "22 1 8:1 / / rw")
	f.Fuzz(func(_ *testing.T, text, core, mounts string) {
		i := ini{}
		i.add(text, "Coredump")
		size(i.last("Storage"))
		p := parsePattern(core)
		p.dir()
		mountOf(mounts, "/cores")
		lex.ShellWord(core)
	})
}
func itoa(n int) string { return strconv.Itoa(n) }
