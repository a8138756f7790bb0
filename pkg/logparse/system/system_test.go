package system

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/join"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text   string
		kind   crash.Kind
		role   join.Role
		pid    int
		signal int
		code   int // exit code
	}{
		// Kernel; issues 1169 and 2950.
		{"syslog : [53711176.092123] haproxy[152912]: segfault at 0 ip 00000000004ac185 sp 00007f1173fd41a0 error 4 in haproxy[400000+235000]", crash.Segfault, join.Kernel, 152912, 11, 0},
		{"traps: haproxy[265522] general protection fault ip:72ce7b sp:7f68dcee9fe8 error:0 in haproxy[400000+988000]", crash.Segfault, join.Kernel, 265522, 11, 0},
		{"[  842.113] traps: haproxy[31] trap invalid opcode ip:55d0c3a4e1c2 sp:7ffd5 error:0 in haproxy[55d0c39f0000+200000]", crash.IllegalInstruction, join.Kernel, 31, 4, 0},
		{"traps: haproxy[31] trap divide error ip:72ce7b sp:7f68dcee9fe8 error:0 in haproxy[400000+988000]", crash.FPE, join.Kernel, 31, 8, 0},
		{"traps: haproxy[31] general protection ip:72ce7b sp:7f68dcee9fe8 error:0", crash.Segfault, join.Kernel, 31, 11, 0},
		{"haproxy[12]: segfault at 1 ip 000055b0c0e13000 sp 00007ffc error 6 in haproxy[35000,55b0c0de0000+1000000] likely on CPU 2 (core 1, socket 0)", crash.Segfault, join.Kernel, 12, 11, 0},
		{"haproxy[123]: unhandled level 2 translation fault (11) at 0x00000008, esr 0x92000006, in haproxy[aaaac0de0000+1000]", crash.Segfault, join.Kernel, 123, 11, 0},
		{"haproxy[123]: unhandled exception: DABT (lower EL), ESR 0x0000000092000006, level 2 translation fault in haproxy[aaaac0de0000+1000]", crash.Segfault, join.Kernel, 123, 11, 0},
		{"haproxy: unhandled page fault (11) at 0x00000000, code 0x017", crash.Segfault, join.Kernel, 0, 11, 0},
		{"haproxy[77]: segfault (11) at 0 nip 10000700 lr 100006f0 code 1 in haproxy[10000000+10000]", crash.Segfault, join.Kernel, 77, 11, 0},
		{"haproxy[77]: unhandled signal 11 code 0x1 at 0x0000000000000000 in haproxy[10000+b000]", crash.Segfault, join.Kernel, 77, 11, 0},
		{"Code: 48 8b 05 43 2f 22 00 <0f> 0b 90 48 8b", crash.Unknown, join.Body, 0, 0, 0},
		{"Code: Unable to access opcode bytes at 0xffffffffffffffd6.", crash.Unknown, join.Body, 0, 0, 0},
		// OOM killer, old and new.
		{"Out of memory: Killed process 123 (haproxy) total-vm:123kB, anon-rss:5kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:5kB oom_score_adj:0", crash.OutOfMemory, join.Kernel, 123, 9, 0},
		{"Out of memory: Kill process 123 (haproxy) score 900 or sacrifice child", crash.OutOfMemory, join.Kernel, 123, 9, 0},
		{"Killed process 123 (haproxy) total-vm:123kB, anon-rss:5kB, file-rss:0kB", crash.OutOfMemory, join.Kernel, 123, 9, 0},
		{"Killed process 123, UID 99, (haproxy) total-vm:123kB, anon-rss:5kB, file-rss:0kB", crash.OutOfMemory, join.Kernel, 123, 9, 0},
		{"Memory cgroup out of memory: Killed process 123 (haproxy) total-vm:1kB, anon-rss:5kB", crash.OutOfMemory, join.Kernel, 123, 9, 0},
		{"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=haproxy,pid=123,uid=0", crash.OutOfMemory, join.Kernel, 123, 9, 0},
		{"oom_reaper: reaped process 123 (haproxy), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB", crash.OutOfMemory, join.Kernel, 123, 9, 0},
		{"haproxy invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", crash.OutOfMemory, join.Environment, 0, 0, 0},
		// systemd.
		{"haproxy.service: Main process exited, code=dumped, status=11/SEGV", crash.Segfault, join.Exit, 0, 11, 139},
		{"haproxy.service: main process exited, code=killed, status=9/KILL", crash.Killed, join.Exit, 0, 9, 137},
		{"haproxy@lb1.service: Main process exited, code=exited, status=139/n/a", crash.Segfault, join.Exit, 0, 0, 139},
		{"haproxy.service: Main process exited, code=exited, status=134/n/a", crash.Abort, join.Exit, 0, 0, 134},
		{"haproxy.service: Main process exited, code=exited, status=132/n/a", crash.IllegalInstruction, join.Exit, 0, 0, 132},
		{"haproxy.service: Failed with result 'core-dump'.", crash.Unknown, join.Exit, 0, 0, 0},
		{"haproxy.service: Failed with result 'oom-kill'.", crash.OutOfMemory, join.Exit, 0, 0, 0},
		{"haproxy.service: A process of this unit has been killed by the OOM killer.", crash.OutOfMemory, join.Exit, 0, 9, 0},
		{"systemd[1]: haproxy.service: Main process exited, code=dumped, status=6/ABRT", crash.Abort, join.Exit, 0, 6, 134},
		// systemd-coredump.
		{"Process 1897590 (haproxy) of user 991 dumped core.", crash.Unknown, join.Coredump, 1897590, 0, 0},
		{"[🡕] Process 1897590 (haproxy) of user 991 dumped core.", crash.Unknown, join.Coredump, 1897590, 0, 0},
		{"Process 5 (haproxy) of user 0 terminated abnormally with signal 11/SEGV, processing...", crash.Segfault, join.Coredump, 5, 11, 0},
		{"Process 5 (haproxy) of user 0 terminated abnormally without generating a coredump.", crash.Unknown, join.Coredump, 5, 0, 0},
		{"Resource limits disable core dumping for process 5 (haproxy).", crash.Unknown, join.Coredump, 5, 0, 0},
		{"Removed old coredump core.haproxy.0.8bb0a8f0.1234.1700000000000000.zst.", crash.Unknown, join.Environment, 0, 0, 0},
		// C library.
		{"double free or corruption (out)", crash.HeapCorruption, join.Head, 0, 6, 0},
		{"free(): double free detected in tcache 2", crash.HeapCorruption, join.Head, 0, 6, 0},
		{"malloc(): corrupted top size", crash.HeapCorruption, join.Head, 0, 6, 0},
		{"corrupted size vs. prev_size", crash.HeapCorruption, join.Head, 0, 6, 0},
		{"*** stack smashing detected ***: terminated", crash.Abort, join.Head, 0, 6, 0},
		{"*** stack smashing detected ***: <unknown> terminated", crash.Abort, join.Head, 0, 6, 0},
		{"*** buffer overflow detected ***: /usr/sbin/haproxy terminated", crash.Abort, join.Head, 0, 6, 0},
		{"*** glibc detected *** /usr/sbin/haproxy: double free or corruption (!prev): 0x0000000001c0b010 ***", crash.HeapCorruption, join.Head, 0, 6, 0},
		{"*** Error in `/usr/sbin/haproxy': free(): invalid pointer: 0x00007f30 ***", crash.HeapCorruption, join.Head, 0, 6, 0},
		// Shells; issue 1108 is the one on Solaris.
		{"Segmentation Fault (core dumped)", crash.Segfault, join.Exit, 0, 11, 139},
		{"Segmentation fault", crash.Segfault, join.Exit, 0, 11, 139},
		{"Segmentation fault: 11", crash.Segfault, join.Exit, 0, 11, 139},
		{"Aborted (core dumped)", crash.Abort, join.Exit, 0, 6, 134},
		{"Illegal instruction (core dumped)", crash.IllegalInstruction, join.Exit, 0, 4, 132},
		{"Killed", crash.Killed, join.Exit, 0, 9, 137},
		{"./x.sh: line 3:  1234 Segmentation fault      (core dumped) haproxy -f x.cfg", crash.Segfault, join.Exit, 1234, 11, 139},
		{"bash:  6949 Aborted                 /usr/sbin/haproxy -db", crash.Abort, join.Exit, 6949, 6, 134},
		{"[1]+  Segmentation fault      (core dumped) haproxy -f x.cfg", crash.Segfault, join.Exit, 0, 11, 139},
		{"zsh: segmentation fault (core dumped)  haproxy -f x.cfg", crash.Segfault, join.Exit, 0, 11, 139},
		{"fish: Job 1, 'haproxy -f x.cfg' terminated by signal SIGSEGV (Address boundary error)", crash.Segfault, join.Exit, 0, 11, 139},
		// Containers.
		{`f1c2a3b4d5e6   haproxy:3.0   "docker-entrypoint.s…"   2 hours ago   Exited (139) 3 minutes ago             lb`, crash.Segfault, join.Exit, 0, 0, 139},
		{"Exit Code:    139", crash.Segfault, join.Exit, 0, 0, 139},
		{`"ExitCode": 132,`, crash.IllegalInstruction, join.Exit, 0, 0, 132},
		{"Reason:       OOMKilled", crash.OutOfMemory, join.Exit, 0, 0, 137},
		{`"OOMKilled": true,`, crash.OutOfMemory, join.Exit, 0, 0, 137},
		{"haproxy-7d9f8   0/1     OOMKilled   3 (10s ago)   5m", crash.OutOfMemory, join.Exit, 0, 0, 137},
	} {
		e, ok := Parse("  "+c.text, "", nil)
		if !ok {
			t.Errorf("%s\nnot read", c.text)
			continue
		}
		signal, code := endOf(e)
		if e.Kind != c.kind || e.Crash.Kind != c.kind || e.Role != c.role || e.PID != c.pid || signal != c.signal || code != c.code {
			t.Errorf("%s\nkind %s/%s role %d pid %d signal %d code %d", c.text, e.Kind, e.Crash.Kind, e.Role, e.PID, signal, code)
		}
	}
}

func TestOrdinaryLinesAreNoEvents(t *testing.T) {
	for _, text := range []string{
		"",
		"nginx[152912]: segfault at 0 ip 00000000004ac185 sp 00007f1173fd41a0 error 4 in nginx[400000+235000]",
		"traps: nginx[1] general protection fault ip:72ce7b sp:7f68dcee9fe8 error:0 in nginx[400000+988000]",
		"192.0.2.1:4242 [21/Mar/2023:12:10:18.711] fe be/s1 0/0/0/1/1 200 0 - - ---- 1/1/0/0/0 0/0 \"GET /?q=Segmentation fault (core dumped) HTTP/1.1\"",
		"GET /haproxy[1]: segfault at 0 ip 0 sp 0 error 4",
		"Out of memory: Killed process 123 (mysqld) total-vm:123kB",
		"mysqld invoked oom-killer: gfp_mask=0xcc0",
		"Server be/Killed is DOWN",
		"Killed by user",
		"Aborted connection 12 to db",
		"haproxy.service: Main process exited, code=exited, status=0/SUCCESS",
		"haproxy.service: Main process exited, code=exited, status=1/FAILURE",
		"haproxy.service: Main process exited, code=exited, status=143/n/a",
		"haproxy.service: Main process exited, code=killed, status=15/TERM",
		"haproxy.service: Failed with result 'exit-code'.",
		"haproxy.service: Succeeded.",
		"nginx.service: Main process exited, code=dumped, status=11/SEGV",
		"Process 12 (nginx) of user 0 dumped core.",
		"Process 12 (haproxy) of user 0 is fine.",
		"Terminated", "Hangup", "Quit (core dumped)", "Segmentation faults are bad", "Segmentation fault in backend",
		"./x.sh: line 3:  1234 Segmentation fault      (core dumped) ./other",
		"./x.sh: line 3: haproxy: command not found",
		"[1]+  Killed                  vim /etc/haproxy/haproxy.cfg", "[1]+  Killed                  tail -f /var/log/haproxy/haproxy.log",
		"Exit Code:    0", "Exit Code:    1", "Exit Code:    143", `"ExitCode": 0,`, `"OOMKilled": false,`, "Reason:       Completed",
		"f1c2a3b4d5e6   nginx:1   \"x\"   2 hours ago   Exited (139) 3 minutes ago   lb",
		"f1c2a3b4d5e6   haproxy:3.0   \"x\"   2 hours ago   Exited (0) 3 minutes ago   lb",
		"Code: 404", "Code: 48 8b", "Code: 00 01 02 03 04 05 06 07 08",
		"*** glibc detected *** /usr/sbin/nginx: double free or corruption (!prev): 0x0000000001c0b010 ***",
		"free(): something else", "double free or corruption (out) in the news",
		strings.Repeat("Killed ", 10000),
	} {
		if e, ok := Parse(text, "", nil); ok {
			t.Errorf("%.100s\ngives %s", text, e.Kind)
		}
	}
	// What HAProxy logs under its own name is not the kernel's.
	if _, ok := Parse("haproxy[1]: segfault at 0 ip 0 sp 0 error 4 in haproxy[400000+1000]", "haproxy", nil); ok {
		t.Error("a line of haproxy was taken for the kernel's")
	}
}

type fault struct {
	text            string
	offset          crash.Addr
	symbol, details string
	address         crash.Addr
}

// module is the name before the brackets.
func (f fault) module() string {
	if strings.Contains(f.text, " in haproxy-np[") {
		return "haproxy-np"
	}
	if strings.Contains(f.text, " in haproxy[") {
		return "haproxy"
	}
	return ""
}

func TestFaultFrame(t *testing.T) {
	for _, c := range []fault{
		// Not relocated: the address is the link-time one. Issue 1169.
		{"haproxy[152912]: segfault at 0 ip 00000000004ac185 sp 00007f1173fd41a0 error 4 in haproxy[400000+235000]", 0x4ac185, "haproxy[400000+235000]", "read of an address that is not mapped", 0},
		{"haproxy[1]: segfault at 1 ip 000055b0c0de0042 sp 7f error 6 in haproxy[55b0c0de0000+1000]", 0x42, "haproxy[55b0c0de0000+1000]", "write to an address that is not mapped", 1},
		{"haproxy[1]: segfault at 1 ip 000055b0c0de0042 sp 7f error 7 in haproxy[35042,55b0c0de0000+1000] likely on CPU 0 (core 0, socket 0)", 0x35042, "haproxy[35042,55b0c0de0000+1000]", "write to an address whose protection forbids it", 1},
		{"haproxy[1]: segfault at 0 ip 0000000000000000 sp 7f error 14 in haproxy[400000+1000]", 0, "", "execution at an address that is not mapped", 0},
		// As Linux 6.18 printed them for HAProxy 2.6.12 and for small programs.
		{"haproxy[31920]: segfault at 1 ip 00005569ac2ed9b6 sp 00007fffec994b90 error 6 in haproxy[539b6,5569ac2e9000+1dd000] likely on CPU 0 (core 0, socket 0)", 0x539b6, "haproxy[539b6,5569ac2e9000+1dd000]", "write to an address that is not mapped", 1},
		{"haproxy-np[1858]: segfault at 8 ip 00000000004011ab sp 00007fb472110eb0 error 6 in haproxy-np[11ab,401000+1000] likely on CPU 3 (core 3, socket 0)", 0x4011ab, "haproxy-np[11ab,401000+1000]", "write to an address that is not mapped", 8},
		{"haproxy-k[1855]: segfault at 0 ip 0000000000000000 sp 00007fea8ca9eea8 error 14 likely on CPU 3 (core 3, socket 0)", 0, "", "execution at an address that is not mapped", 0},
		// The address lies outside of the mapping: nothing is made of it.
		{"haproxy[1]: segfault at 5 ip 000055b0c0df0042 sp 7f error 15 in haproxy[35042,55b0c0de0000+1000]", 0, "", "execution at an address whose protection forbids it", 5},
	} {
		e, ok := Parse(c.text, "kernel", nil)
		if !ok {
			t.Fatalf("%s: not read", c.text)
		}
		th := e.Crash.Threads[0]
		f := th.Frames[0]
		if f.Module != c.module() || f.ModuleOffset != c.offset || f.Symbol != c.symbol || e.Detail != c.details || *e.Crash.Signal.Address != c.address {
			t.Errorf("%s\n%+v %s %v", c.text, f, e.Detail, e.Crash.Signal.Address)
		}
		if !e.Thread || th.LWP != e.PID || e.Crash.Process != nil {
			t.Errorf("%s: the thread's id was taken for that of the process", c.text)
		}
	}
}

func TestCodeBytes(t *testing.T) {
	e, ok := Parse("[ 12.5] Code: 48 8b 05 43 2f 22 00 <0f> 0b 90 48 8b", "kernel", nil)
	if !ok || !e.Continues || e.Crash.Threads[0].Frames[0].Bytes != "0f 0b 90 48 8b" {
		t.Errorf("%v %+v", ok, e)
	}
}

func TestGlibcItem(t *testing.T) {
	e, _ := Parse("*** glibc detected *** /usr/sbin/haproxy: double free or corruption (!prev): 0x0000000001c0b010 ***", "", nil)
	if p := e.Crash.Pool; p == nil || p.Error != "double free or corruption (!prev)" || p.Item != 0x1c0b010 {
		t.Errorf("%+v", e.Crash.Pool)
	}
}

func TestJournalFields(t *testing.T) {
	fields := map[string]string{
		"COREDUMP_PID": "1897590", "COREDUMP_SIGNAL": "6", "COREDUMP_SIGNAL_NAME": "SIGABRT", "COREDUMP_EXE": "/usr/sbin/haproxy",
		"COREDUMP_CMDLINE": "haproxy -Ws -f /etc/haproxy/haproxy.cfg", "COREDUMP_TIMESTAMP": "1623000000000000",
		"COREDUMP_HOSTNAME": "lb1", "COREDUMP_UNIT": "haproxy.service", "COREDUMP_FILENAME": "/var/lib/systemd/coredump/core.haproxy.zst",
	}
	e, ok := Parse("Process 1897590 (haproxy) of user 991 dumped core.", "systemd-coredump", fields)
	if !ok || e.Kind != crash.Abort || e.Crash.Signal.Name != "SIGABRT" || e.Unit != "haproxy.service" || e.Crash.Host != "lb1" ||
		e.Crash.Time != "2021-06-06T17:20:00Z" || e.Crash.Process.Executable != "/usr/sbin/haproxy" || !strings.Contains(e.Detail, "core.haproxy.zst") {
		t.Errorf("%v %+v %+v", ok, e, e.Crash.Process)
	}
	// The other lines of the entry have the same fields and are no events.
	if _, ok := Parse("#0  0x00007fd8a13cf7ff raise (libc.so.6)", "systemd-coredump", fields); ok {
		t.Error("a frame gave an event")
	}
	// Fields of another process are not believed.
	if e, _ := Parse("Process 5 (haproxy) of user 991 dumped core.", "systemd-coredump", fields); e.Crash.Signal != nil {
		t.Error("took the signal of another process")
	}
}

func FuzzSystem(f *testing.F) {
	for _, s := range []string{
		"syslog : [53711176.092123] haproxy[152912]: segfault at 0 ip 00000000004ac185 sp 00007f1173fd41a0 error 4 in haproxy[400000+235000]",
		"haproxy[1]: segfault at 1 ip 000055b0c0de0042 sp 7f error 7 in haproxy[35042,55b0c0de0000+1000] likely on CPU 0 (core 0, socket 0)",
		"traps: haproxy[265522] general protection fault ip:72ce7b sp:7f68dcee9fe8 error:0 in haproxy[400000+988000]",
		"haproxy[123]: unhandled level 2 translation fault (11) at 0x00000008, esr 0x92000006, in haproxy[aaaac0de0000+1000]",
		"haproxy[77]: unhandled signal 11 at 00000000 nip 10000700 lr 100006f0 code 1",
		"Code: 48 8b 05 43 2f 22 00 <0f> 0b 90 48 8b",
		"Killed process 123, UID 99, (haproxy) total-vm:123kB", "oom-kill:constraint=X,task=haproxy,pid=123",
		"haproxy.service: Main process exited, code=dumped, status=11/SEGV", "Process 1 (haproxy) of user 0 dumped core.",
		"*** Error in `/usr/sbin/haproxy': free(): invalid pointer: 0x00007f30 ***", "zsh: [1] segmentation fault: 11  haproxy",
		"./x.sh: line 3:  1234 Segmentation fault      (core dumped) haproxy", "fish: Job 1, 'haproxy' terminated by signal SIGSEGV (x)",
		"f1c2a3b4d5e6 haproxy Exited (139) 3 minutes ago", "haproxy-7d9f8 0/1 OOMKilled 3 5m", "Exit Code: 139",
	} {
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, text, ident string) {
		e, ok := Parse(text, ident, map[string]string{"COREDUMP_PID": "1", "COREDUMP_SIGNAL": text, "COREDUMP_TIMESTAMP": ident})
		if !ok {
			return
		}
		if e.Kind == "" || e.Kind != e.Crash.Kind {
			t.Errorf("kind %q, crash kind %q", e.Kind, e.Crash.Kind)
		}
		if e.PID < 0 || len(e.Comm) > maxText || len(e.Crash.Threads) > 1 {
			t.Errorf("%+v", e)
		}
	})
}

// A scene keeps little and claims nothing by itself.
func FuzzScene(f *testing.F) {
	f.Add("Containers:\n  haproxy:\n    Image:  haproxy:3.0\n")
	f.Add("[{\n \"Id\": \"1\",\n \"Path\": \"docker-entrypoint.sh\",\n \"Args\": [\n \"haproxy\",\n")
	f.Add("root@lb1:~# sudo -E haproxy -f x\n00000266:fe.accept(0007)=0010 from [192.0.2.36:49292]\n")
	f.Fuzz(func(t *testing.T, text string) {
		var s Scene
		for line := range strings.SplitSeq(text, "\n") {
			s.Line(line)
		}
		for _, table := range []bool{false, true} {
			if ours, other := s.Whose(&Event{Table: table}); ours && other != "" {
				t.Errorf("ours and of %q", other)
			}
		}
		if s == (Scene{}) {
			if ours, _ := s.Whose(&Event{Table: true}); ours {
				t.Error("a scene that is mute names HAProxy")
			}
		}
	})
}

// endOf is the signal and the exit code of an event, 0 where it has none.
func endOf(e Event) (signal, code int) {
	if e.Crash.Signal != nil {
		signal = e.Crash.Signal.Number
	}
	if e.Crash.Exit != nil {
		code = e.Crash.Exit.Code
	}
	return signal, code
}
