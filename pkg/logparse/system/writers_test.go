package system

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

// Lines of other writers than Linux's kernel, systemd and shells.
var otherWriters = []struct {
	text   string
	ident  string
	kind   crash.Kind
	role   join.Role
	from   envelope.Sender
	pid    int
	signal int
	code   int // exit code
}{
	// The kernels of the BSDs.
	{"pid 90994 (haproxy), uid 80: exited on signal 11 (core dumped)", "", crash.Segfault, join.Exit, envelope.Kernel, 90994, 11, 0},
	{"pid 90994 (haproxy), jid 3, uid 80: exited on signal 11", "kernel", crash.Segfault, join.Exit, envelope.Kernel, 90994, 11, 0},
	{"pid 7 (haproxy), jid 0, uid 0: exited on signal 11 (no core dump - bad address)", "", crash.Segfault, join.Exit, envelope.Kernel, 7, 11, 0},
	{"pid 7 (haproxy-2.8.3), jid 0, uid 0: exited on signal 6 (no core dump - too large)", "", crash.Abort, join.Exit, envelope.Kernel, 7, 6, 0},
	{"pid 7 (haproxy), jid 0, uid 0: exited on signal 10 (core dumped)", "", crash.BusError, join.Exit, envelope.Kernel, 7, 7, 0},
	{"pid 7 (haproxy), jid 0, uid 0: exited on signal 12", "", crash.Killed, join.Exit, envelope.Kernel, 7, 31, 0},
	{"pid 7 (haproxy), jid 0, uid 0: exited on signal 4 (core dumped)", "", crash.IllegalInstruction, join.Exit, envelope.Kernel, 7, 4, 0},
	{"pid 521 (haproxy), uid 99: exited on signal 11 (core not dumped, err = 13)", "", crash.Segfault, join.Exit, envelope.Kernel, 521, 11, 0},
	{"[12.5] kernel: pid 7 (haproxy), uid 80: exited on signal 11", "", crash.Segfault, join.Exit, envelope.Kernel, 7, 11, 0},
	{"[haproxy]82153/467364 sp=7f7ffffc6f50 inside 7f7ffffbf000-7f7fffff0000: not MAP_STACK", "", crash.Segfault, join.Exit, envelope.Kernel, 82153, 11, 0},
	{"haproxy(71538) in free(): chunk is already free 0x1f0a8000", "", crash.HeapCorruption, join.Head, envelope.Nobody, 71538, 6, 0},
	{"haproxy(71538) in free(): bogus pointer (double free?) 0x1f0a8000", "", crash.HeapCorruption, join.Head, envelope.Nobody, 71538, 6, 0},
	// Kernels on other machines.
	{"haproxy[4321]: unhandled exception: PC Alignment, ESR 0x000000008a000000, SP/PC alignment exception in haproxy[aaaac54c0000+300000]", "", crash.BusError, join.Kernel, envelope.Nobody, 4321, 7, 0},
	{"haproxy[4321]: unhandled exception: DABT (lower EL), ESR 0x92000021, alignment fault in haproxy[aaaac54c0000+300000]", "", crash.BusError, join.Kernel, envelope.Nobody, 4321, 7, 0},
	{"haproxy[4321]: unhandled exception: BTI, ESR 0x0000000034000002, Oops - BTI in haproxy[aaaac54c0000+300000]", "", crash.IllegalInstruction, join.Kernel, envelope.Nobody, 4321, 4, 0},
	{"haproxy: unhandled section translation fault (11) at 0x00000018, code 0x805", "", crash.Segfault, join.Kernel, envelope.Nobody, 0, 11, 0},
	{"haproxy[4321]: undefined instruction: pc=0000aaaac54d1b2c", "", crash.IllegalInstruction, join.Kernel, envelope.Nobody, 4321, 4, 0},
	{"haproxy[77]: segfault at 0 ip           (null) sp 00007ffd5f1c2a58 error 14 in haproxy[5617aa000000+1f0000]", "", crash.Segfault, join.Kernel, envelope.Nobody, 77, 11, 0},
	{"haproxy[77] general protection ip:7f1212345678 sp:7ffd5f1c2a58 error:0 in libcrypto.so.1.1[7f1212200000+178000]", "", crash.Segfault, join.Kernel, envelope.Nobody, 77, 11, 0},
	{"haproxy[77] trap invalid opcode ip:55d0c0de1234 sp:7ffc11223340 error:0 in haproxy[55d0c0d00000+2f4000]", "", crash.IllegalInstruction, join.Kernel, envelope.Nobody, 77, 4, 0},
	{"haproxy (4321): undefined instruction: pc=004a3f10", "", crash.IllegalInstruction, join.Kernel, envelope.Nobody, 4321, 4, 0},
	{"do_page_fault(): sending SIGSEGV to haproxy for invalid read access from 00000018", "", crash.Segfault, join.Kernel, envelope.Nobody, 0, 11, 0},
	{"do_page_fault() #2: sending SIGSEGV to haproxy for invalid write access to 0000000000000018", "", crash.Segfault, join.Kernel, envelope.Nobody, 0, 11, 0},
	{"haproxy[77]: segfault at 18 ip 00000001000a1b2c (rpc 00000001000a1b00) sp 000007feff8b1001 error 1 in haproxy[100000000+300000]", "", crash.Segfault, join.Kernel, envelope.Nobody, 77, 11, 0},
	// Audit.
	{`type=ANOM_ABEND msg=audit(1697690504.123:456): auid=4294967295 uid=188 gid=188 ses=4294967295 subj=x pid=4321 comm="haproxy" exe="/usr/sbin/haproxy" sig=11 res=1`, "", crash.Segfault, join.Exit, envelope.Kernel, 4321, 11, 0},
	{"type=ANOM_ABEND msg=audit(1697690504.123:456): auid=1 uid=1 gid=1 ses=1 pid=4321 comm=\"haproxy\" exe=\"/usr/sbin/haproxy\" sig=6 res=1\x1dAUID=\"unset\" UID=\"haproxy\"", "", crash.Abort, join.Exit, envelope.Kernel, 4321, 6, 0},
	{`audit: type=1701 audit(1697690504.123:456): auid=1 uid=188 gid=188 ses=1 pid=4321 comm="haproxy" exe="/usr/sbin/haproxy" sig=4 res=1`, "kernel", crash.IllegalInstruction, join.Exit, envelope.Kernel, 4321, 4, 0},
	{`ANOM_ABEND auid=1 uid=188 gid=188 ses=1 pid=4321 comm="haproxy" exe="/usr/sbin/haproxy" sig=11 res=1`, "audit", crash.Segfault, join.Exit, envelope.Shell, 4321, 11, 0},
	{"node=lb1 type=ANOM_ABEND msg=audit(10/19/2023 04:41:44.123:456) : auid=unset uid=haproxy gid=haproxy ses=unset pid=4321 comm=haproxy exe=/usr/sbin/haproxy sig=SIGSEGV res=yes", "", crash.Segfault, join.Exit, envelope.Kernel, 4321, 11, 0},
	{`type=ANOM_ABEND msg=audit(1697690504.123:456): auid=1 uid=1 gid=1 ses=1 pid=4321 comm=686170726F7879 exe="/usr/sbin/haproxy" sig=11 res=1`, "", crash.Segfault, join.Exit, envelope.Kernel, 4321, 11, 0},
	{`type=SECCOMP msg=audit(1697690504.123:456): auid=1 uid=1 gid=1 ses=1 subj=x pid=4321 comm="haproxy" exe="/usr/sbin/haproxy" sig=31 arch=c000003e syscall=435 compat=0 ip=0x7f3c code=0x80000000`, "", crash.Killed, join.Exit, envelope.Kernel, 4321, 31, 0},
	{`type=1326 audit(1697690504.123:456): auid=1 uid=1 gid=1 ses=1 pid=4321 comm="haproxy" exe="/usr/sbin/haproxy" sig=31 arch=c000003e syscall=435 compat=0 ip=0x7f3c code=0x0`, "kernel", crash.Killed, join.Exit, envelope.Kernel, 4321, 31, 0},
	// Collectors of cores.
	{"Process 2470780 (haproxy) of user 188 killed by SIGSEGV - dumping core", "abrt-hook-ccpp", crash.Segfault, join.Coredump, envelope.Tool, 2470780, 11, 0},
	{"Process 2470780 (haproxy) of user 188 killed by signal 6 - ignoring (low free space)", "abrt-hook-ccpp", crash.Abort, join.Coredump, envelope.Tool, 2470780, 6, 0},
	{"Process 2470780 (haproxy) crashed in process_stream()", "abrt-notification", crash.Unknown, join.Coredump, envelope.Tool, 2470780, 0, 0},
	{"Saved core dump of pid 2470780 (/usr/sbin/haproxy) to /var/spool/abrt/ccpp-2021-08-04-03:22:51-2470780 (123 bytes)", "abrt", crash.Unknown, join.Coredump, envelope.Tool, 2470780, 0, 0},
	{"2470780   188   188  11 * /usr/sbin/haproxy", "", crash.Segfault, join.Coredump, envelope.Nobody, 2470780, 11, 0},
	{"2470780   188   188  11 present   /usr/sbin/haproxy", "", crash.Segfault, join.Coredump, envelope.Nobody, 2470780, 11, 0},
	{"2470780 188 188 SIGABRT missing  /usr/local/sbin/haproxy-3.0 -", "", crash.Abort, join.Coredump, envelope.Nobody, 2470780, 6, 0},
	// Containers.
	{"container die 3f0d9c1a2b4e (exitCode=139, image=haproxy:3.0, name=lb)", "", crash.Segfault, join.Exit, envelope.Nobody, 0, 0, 139},
	{"container died 3f0d9c1a2b4e (image=docker.io/library/haproxy:3.0, name=lb, containerExitCode=134)", "", crash.Abort, join.Exit, envelope.Nobody, 0, 0, 134},
	{"haproxy-1 exited with code 139", "", crash.Segfault, join.Exit, envelope.Nobody, 0, 0, 139},
	// Supervisors.
	{"WARN exited: haproxy (terminated by SIGSEGV (core dumped); not expected)", "", crash.Segfault, join.Exit, envelope.Nobody, 0, 11, 139},
	{"INFO exited: lb:haproxy_00 (terminated by SIGABRT; not expected)", "supervisord", crash.Abort, join.Exit, envelope.Nobody, 0, 6, 134},
	{"INFO exited: haproxy (exit status 139; not expected)", "", crash.Segfault, join.Exit, envelope.Nobody, 0, 0, 139},
	{"haproxy main process (4321) killed by SEGV signal", "init", crash.Segfault, join.Exit, envelope.Manager, 4321, 11, 139},
	{"init: haproxy main process (4321) terminated with status 139", "", crash.Segfault, join.Exit, envelope.Manager, 4321, 0, 139},
	{"/usr/sbin/haproxy, pid 4321, terminated by signal 11", "supervise-daemon", crash.Segfault, join.Exit, envelope.Shell, 4321, 11, 139},
	{"haproxy: finish: killed by signal 11", "", crash.Segfault, join.Exit, envelope.Shell, 0, 11, 139},
	{"haproxy[4321]: terminated by SIGABRT (core dumped)", "", crash.Abort, join.Exit, envelope.Shell, 4321, 6, 134},
	{"(homebrew.mxcl.haproxy[25509]): Service exited due to SIGSEGV", "", crash.Segfault, join.Exit, envelope.Shell, 25509, 11, 139},
	{"com.apple.xpc.launchd[1] (homebrew.mxcl.haproxy[25509]): Service exited due to signal: Segmentation fault: 11", "", crash.Segfault, join.Exit, envelope.Shell, 25509, 11, 139},
}

func TestOtherWriters(t *testing.T) {
	for _, c := range otherWriters {
		e, ok := Parse(c.text, c.ident, nil)
		if !ok {
			t.Errorf("%s\nnot read", c.text)
			continue
		}
		signal, code := endOf(e)
		if e.Kind != c.kind || e.Crash.Kind != c.kind || e.Role != c.role || e.From != c.from || e.PID != c.pid || signal != c.signal || code != c.code {
			t.Errorf("%s\nkind %s/%s role %d from %d pid %d signal %d code %d", c.text, e.Kind, e.Crash.Kind, e.Role, e.From, e.PID, signal, code)
		}
	}
}

func TestOtherWritersOfOtherThings(t *testing.T) {
	for _, text := range []string{
		"pid 90994 (php-fpm), jid 0, uid 80: exited on signal 11 (core dumped)",
		"pid 90994 (haproxy_exporte), jid 0, uid 80: exited on signal 11",
		"pid 7 (haproxy), jid 0, uid 80: exited on signal 15", "pid 7 (haproxy), jid 0, uid 80: exited on signal 17",
		"pid 7 (haproxy), jid 0, uid 80: exited on signal 11, said the client", "pid 7 (haproxy), jid 0: was killed: out of swap",
		"[php-fpm]82153/467364 sp=7f7ffffc6f50 inside 7f7ffffbf000-7f7fffff0000: not MAP_STACK",
		"php(71538) in free(): chunk is already free 0x1f0a8000", "haproxy in backend(): double free of charge",
		"do_page_fault(): sending SIGSEGV to uhttpd for invalid read access from 00000018",
		`type=ANOM_ABEND msg=audit(1697690504.123:456): auid=1 pid=4321 comm="nginx" exe="/usr/sbin/nginx" sig=11 res=1`,
		`type=ANOM_ABEND msg=audit(1697690504.123:456): auid=1 pid=4321 comm="haproxy" exe="/usr/sbin/haproxy" sig=15 res=1`,
		`type=SECCOMP msg=audit(1697690504.123:456): auid=1 pid=4321 comm="haproxy" exe="/usr/sbin/haproxy" sig=0 arch=c000003e syscall=435 compat=0 ip=0x7f code=0x7ffc0000`,
		`type=AVC msg=audit(1697690504.123:456): avc: denied { read } pid=4321 comm="haproxy" sig=11`,
		`GET /?type=ANOM_ABEND msg=audit(1697690504.123:456): pid=4321 comm="haproxy" sig=11`,
		"Process 12 (nginx) of user 188 killed by SIGSEGV - dumping core", "Process 12 (haproxy) of user 188 killed by SIGTERM - ignoring",
		"Saved core dump of pid 12 (/usr/sbin/nginx) to /var/spool/abrt/ccpp-1 (123 bytes)",
		"1032  33  33 SIGSEGV present  /usr/sbin/nginx   1.1M", "1032 33 33 SIGTERM present /usr/sbin/haproxy 1M", "1032 33 33 11 haproxy",
		"WARN exited: nginx (terminated by SIGSEGV (core dumped); not expected)", "INFO exited: haproxy (exit status 1; not expected)",
		"INFO exited: haproxy (terminated by SIGTERM; expected)", "INFO exited: lb:exporter (terminated by SIGSEGV; not expected)",
		"haproxy main process (4321) killed by TERM signal", "nginx main process (4321) killed by SEGV signal",
		"container die 3f0d9c1a2b4e (exitCode=139, image=nginx:1, name=web)", "container die 3f0d9c1a2b4e (exitCode=0, image=haproxy:3.0, name=lb)",
		"(homebrew.mxcl.nginx[25509]): Service exited due to SIGSEGV", "(homebrew.mxcl.haproxy[25509]): Service exited due to SIGTERM",
		"nginx, pid 4321, terminated by signal 11", "nginx behind haproxy was killed by signal 11", "haproxy was killed by signal 11 because of the firewall",
		"Instance haproxy::instance1 s in a crash loop 6 crashes, 0 seconds since last crash", "'haproxy' process is not running",
	} {
		if e, ok := Parse(text, "", nil); ok {
			t.Errorf("%s\ngives %s", text, e.Kind)
		}
	}
	// Nor are they HAProxy's own words.
	for _, c := range otherWriters {
		if strings.Contains(c.text, "xit") && c.code != 0 {
			continue // a table or a supervisor in HAProxy's own container
		}
		if c.from == envelope.Nobody && c.role != join.Coredump && c.role != join.Kernel {
			continue
		}
		if _, ok := Parse(c.text, "haproxy", nil); ok {
			t.Errorf("%s\nwas taken from HAProxy", c.text)
		}
	}
}

func TestContinue(t *testing.T) {
	for _, c := range []struct {
		text    string
		ok      bool
		address crash.Addr
		offset  crash.Addr
		module  string
		lwp     int
	}{
		{"pc : 0000aaaac54d1b2c", true, 0xaaaac54d1b2c, 0, "", 0},
		{"lr : 0000aaaac54d1a00", true, 0, 0, "", 0},
		{"sp : 0000ffffd1a2b3c0", true, 0, 0, "", 0},
		{"pstate: 60001000 (nZCv daif -PAN -UAO)", true, 0, 0, "", 0},
		{"x29: 0000ffffd1a2b3c0 x28: 0000aaaac5700000", true, 0, 0, "", 0},
		{"CPU: 3 PID: 4321 Comm: haproxy Not tainted 5.15.0 #1", true, 0, 0, "", 4321},
		{"CPU: 3 PID: 4321 Comm: nginx Not tainted 5.15.0 #1", false, 0, 0, "", 0},
		{"PC is at 0x4a3f10", true, 0x4a3f10, 0, "", 0},
		{"pc : [<004a3f10>]    lr : [<004a3ef4>]    psr: 60000010", true, 0x4a3f10, 0, "", 0},
		{"[   37.498052] epc = 77b6b8a4 in libc.so[77b2c000+9c000]", true, 0x77b6b8a4, 0x3f8a4, "libc.so", 0},
		{"ra  = 0040c8b8 in haproxy[400000+226000]", true, 0, 0, "", 0},
		{"Code: 48 8b 05 43 2f 22 00 <0f> 0b 90 48 8b", true, 0, 0, "", 0},
		{"pc said: hello", false, 0, 0, "", 0},
		{"usb 1-1: new device", false, 0, 0, "", 0},
		{"haproxy[5]: segfault at 0 ip 0000000000401000 sp 00007ffc error 4", false, 0, 0, "", 0},
	} {
		e, ok := Continue(c.text)
		if ok != c.ok {
			t.Errorf("%s: %t", c.text, ok)
			continue
		}
		var f crash.Frame
		lwp := 0
		if len(e.Crash.Threads) > 0 {
			lwp = e.Crash.Threads[0].LWP
			if len(e.Crash.Threads[0].Frames) > 0 {
				f = e.Crash.Threads[0].Frames[0]
			}
		}
		if ok && !e.Continues || f.Address != c.address || f.ModuleOffset != c.offset || f.Module != c.module || lwp != c.lwp {
			t.Errorf("%s: %+v thread %d", c.text, f, lwp)
		}
	}
	// The address that comes later finds its place in the mapping that was named.
	f := crash.Frame{Module: "haproxy", Symbol: "haproxy[aaaac54c0000+300000]"}
	if Place(&f, 0xaaaac54d1b2c); f.ModuleOffset != 0x11b2c || f.Address != 0xaaaac54d1b2c || f.Module != "haproxy" {
		t.Errorf("%+v", f)
	}
	f = crash.Frame{Module: "haproxy", Symbol: "haproxy[aaaac54c0000+300000]"}
	if Place(&f, 0xffff00000010); f.Module != "" || f.ModuleOffset != 0 {
		t.Errorf("elsewhere: %+v", f)
	}
}

func FuzzOtherWriters(f *testing.F) {
	for _, c := range otherWriters {
		f.Add(c.text, c.ident)
	}
	f.Add("pc : [<004a3f10>]    lr : [<004a3ef4>]    psr: 60000010", "kernel")
	f.Add("epc = 77b6b8a4 in libc.so[77b2c000+9c000]", "kernel")
	f.Fuzz(func(t *testing.T, text, ident string) {
		if e, ok := Parse(text, ident, nil); ok && e.Comm != "" && !IsHAProxy(e.Comm) {
			t.Errorf("%q is of %q", text, e.Comm)
		}
		if e, ok := Continue(text); ok && !e.Continues {
			t.Errorf("%q goes on with nothing", text)
		}
	})
}
