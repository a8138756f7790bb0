package analyze_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/internal/shapes"
	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/module"
)

// coredumpEntry is what systemd-coredump 252 logs of a worker, with all of its fields.
func coredumpEntry(number, pid int, function string) string {
	p := fmt.Sprint(pid)
	message := "Process " + p + " (haproxy) of user 105 dumped core.\n\n" +
		"Module libzstd.so.1 from deb libzstd-1.5.4+dfsg2-5.amd64\n" +
		"Stack trace of thread " + p + ":\n" +
		"#0  0x000055d0c0a1b2c3 " + function + " (haproxy + 0x9b2c3)\n" +
		"#1  0x000055d0c0b0c100 process_stream (haproxy + 0x18c100)\n" +
		"#2  0x000055d0c0b1d200 run_tasks_from_lists (haproxy + 0x19d200)\n" +
		"#3  0x000055d0c0b2e300 run_poll_loop (haproxy + 0x1ae300)\n" +
		"#4  0x000055d0c0a00123 main (haproxy + 0x80123)\n" +
		"#5  0x00007f10d3a4624a n/a (libc.so.6 + 0x2724a)\n\n" +
		"Stack trace of thread " + fmt.Sprint(pid+1) + ":\n" +
		"#0  0x00007f10d3b1a3f6 epoll_wait (libc.so.6 + 0xfb3f6)\n" +
		"#1  0x000055d0c0b2e300 run_poll_loop (haproxy + 0x1ae300)\n" +
		"ELF object binary architecture: AMD x86-64"
	return shapes.Entry(number, "PRIORITY", "2", "SYSLOG_IDENTIFIER", "systemd-coredump", "MESSAGE_ID", "fc2e22bc6ee647b6b90729ab34a250b1",
		"_TRANSPORT", "journal", "_COMM", "systemd-coredum", "_EXE", "/usr/lib/systemd/systemd-coredump", "_PID", "9001", "_SYSTEMD_UNIT", "systemd-coredump@0-9000-0.service",
		"COREDUMP_UID", "105", "COREDUMP_GID", "113", "COREDUMP_SIGNAL", "11", "COREDUMP_SIGNAL_NAME", "SIGSEGV", "COREDUMP_TIMESTAMP", "1739178764000000",
		"COREDUMP_RLIMIT", "18446744073709551615", "COREDUMP_HOSTNAME", "lb1", "COREDUMP_COMM", "haproxy", "COREDUMP_PID", p, "COREDUMP_EXE", "/usr/sbin/haproxy",
		"COREDUMP_UNIT", "haproxy.service", "COREDUMP_CMDLINE", "/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg", "COREDUMP_CGROUP", "/system.slice/haproxy.service",
		"COREDUMP_SLICE", "system.slice", "COREDUMP_CWD", "/", "COREDUMP_ROOT", "/", "COREDUMP_OPEN_FDS", "0:/dev/null\npos:\t0\nflags:\t02\n", "COREDUMP_ENVIRON", "LANG=C\nSTATS_PW=hunter22\n",
		"COREDUMP_PROC_STATUS", "Name:\thaproxy\nPid:\t"+p+"\n", "COREDUMP_PROC_MAPS", "55d0c0980000-55d0c0a00000 r--p 00000000 08:01 1 /usr/sbin/haproxy\n",
		"COREDUMP_PROC_LIMITS", "Limit Soft Hard\n", "COREDUMP_PROC_CGROUP", "0::/system.slice/haproxy.service\n", "COREDUMP_PROC_MOUNTINFO", "22 27 0:21 / /proc rw\n",
		"COREDUMP_FILENAME", "/var/lib/systemd/coredump/core.haproxy.105."+strings.Repeat("0", 32)+"."+p+".1739178764000000.zst", "MESSAGE", message)
}

// twoDeaths is a journal in which two workers die, 10 s one after the other, with all that is
// logged of it; the master goes on.
func twoDeaths() string {
	said := func(number int, message string) string {
		return shapes.Entry(number, "PRIORITY", "5", "SYSLOG_IDENTIFIER", "haproxy", "_COMM", "haproxy", "_EXE", "/usr/sbin/haproxy", "_PID", "4242", "_SYSTEMD_UNIT", "haproxy.service", "_TRANSPORT", "stdout", "MESSAGE", message)
	}
	var b strings.Builder
	for i, function := range []string{"h1_process", "pat_match_str"} {
		pid, n := 4250+10*i, 10*i
		b.WriteString(said(n, fmt.Sprintf("[NOTICE]   (4242) : New worker (%d) forked", pid)))
		b.WriteString(shapes.Entry(n+1, "PRIORITY", "6", "SYSLOG_IDENTIFIER", "kernel", "_TRANSPORT", "kernel", "MESSAGE",
			fmt.Sprintf("haproxy[%d]: segfault at 18 ip 000055d0c0a1b2c3 sp 00007ffd1b0f0d40 error 4 in haproxy[55d0c0a00000+1f0000]", pid)))
		b.WriteString(coredumpEntry(n+2, pid, function))
		b.WriteString(said(n+3, "[NOTICE]   (4242) : haproxy version is 2.6.12-1+deb12u4"))
		b.WriteString(said(n+3, "[NOTICE]   (4242) : path to executable is /usr/sbin/haproxy"))
		b.WriteString(said(n+3, fmt.Sprintf("[ALERT]    (4242) : Current worker (%d) exited with code 139 (Segmentation fault)", pid)))
	}
	return b.String()
}

// deaths lists process, signal and the first function.
func deaths(t *testing.T, o analyze.Options) (list []string, failed []error) {
	t.Helper()
	res, err := analyze.Run(t.Context(), o, func(c *crash.Crash) error {
		signal, function := "", ""
		if c.Signal != nil {
			signal = c.Signal.Name
		}
		if len(c.Threads) > 0 && len(c.Threads[0].Frames) > 0 {
			function = c.Threads[0].Frames[0].Function
		}
		list = append(list, fmt.Sprintf("%s %d %s %s %s", c.Host, c.Process.PID, signal, function, c.Version()))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list, res.Failed
}

// Each entry of systemd-coredump is one crash with all that was logged of the same death: from
// the journal itself, and in each form in which journalctl prints it.
func TestCoredumpEntriesAreOneCrashEach(t *testing.T) {
	name := shapes.JournalFile(t, twoDeaths())
	want := []string{"lb1 4250 SIGSEGV h1_process 2.6.12-1+deb12u4", "lb1 4260 SIGSEGV pat_match_str 2.6.12-1+deb12u4"}
	got, failed := deaths(t, analyze.Options{Names: []string{name}})
	if !slices.Equal(got, want) || len(failed) > 0 {
		t.Errorf("journal: %q %v", got, failed)
	}
	for _, form := range []string{"short", "short-full", "short-iso", "short-iso-precise", "short-precise", "short-unix", "short-monotonic", "short-delta", "with-unit", "verbose", "export", "json", "json-pretty", "json-sse", "json-seq"} {
		for _, more := range [][]string{nil, {"--all"}, {"--reverse"}} {
			if form == "short-delta" && more != nil && more[0] == "--reverse" {
				continue // it counts from the line before
			}
			out, err := exec.Command("journalctl", append([]string{"--file=" + name, "--no-pager", "-o", form}, more...)...).Output()
			if err != nil {
				t.Fatal(err)
			}
			host := want
			got, _ := deaths(t, analyze.Options{Stdin: bytes.NewReader(out)})
			if !slices.Equal(got, host) {
				t.Errorf("-o %s %v: %q", form, more, got)
			}
		}
	}
	// What was asked for is what journalctl is asked for.
	since, err := analyze.ParseMoment("2025-02-10T09:12:50Z", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := deaths(t, analyze.Options{Names: []string{name}, Choice: analyze.Choice{Since: since}}); !slices.Equal(got, want[1:]) {
		t.Errorf("since: %q", got)
	}
}

// An archive of what an operator gathered gives what its files give.
func TestArchiveOfADeath(t *testing.T) {
	name := shapes.JournalFile(t, twoDeaths())
	journal, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for path, content := range map[string][]byte{"etc/haproxy.cfg": []byte("global\n"), "var/log/journal/x.journal": journal, "var/log/haproxy.log": []byte("Feb 10 09:12:47 lb1 haproxy[4242]: [ALERT]    (4242) : Current worker (4250) exited with code 139 (Segmentation fault)\n")} {
		if err := w.WriteHeader(&tar.Header{Name: path, Mode: 0o600, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(t.TempDir(), "bundle.tar")
	if err := os.WriteFile(archive, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	got, failed := deaths(t, analyze.Options{Names: []string{archive}})
	if len(got) != 2 || len(failed) > 0 {
		t.Errorf("%q %v", got, failed)
	}
}

// A core in a report of apport, or packed in an archive, is the core.
func TestCoreInOtherInputs(t *testing.T) {
	p := haproxytest.Start(t, haproxytest.Options{})
	p.CLI("expert-mode on; debug dev bug")
	p.Wait()
	core, err := os.ReadFile(p.Core())
	if err != nil {
		t.Fatal(err)
	}
	o := analyze.Options{Modules: module.Options{Executable: "/usr/sbin/haproxy"}}
	want := crashOf(t, p.Core(), o)
	var packed, archive bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(core)
	_ = z.Close()
	w := tar.NewWriter(&archive)
	_ = w.WriteHeader(&tar.Header{Name: "core.gz", Mode: 0o600, Size: int64(packed.Len())})
	_, _ = w.Write(packed.Bytes())
	_ = w.Close()
	report := shapes.ApportReport(core)
	for name, b := range map[string][]byte{"x.crash": report, "x.tar": archive.Bytes()} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		got := crashOf(t, path, o)
		if got.Kind != want.Kind || got.Fingerprint != want.Fingerprint || len(got.Threads) != len(want.Threads) || len(got.Threads[0].Frames) != len(want.Threads[0].Frames) {
			t.Errorf("%s: %s %s, %d threads; want %s %s, %d", name, got.Kind, got.Fingerprint, len(got.Threads), want.Kind, want.Fingerprint, len(want.Threads))
		}
	}
	// Cut in the core: what is there is told, and that it was cut.
	cut := filepath.Join(t.TempDir(), "cut.crash")
	if err := os.WriteFile(cut, report[:len(report)*9/10], 0o600); err != nil {
		t.Fatal(err)
	}
	n := 0
	o.Names = []string{cut}
	res, err := analyze.Run(t.Context(), o, func(*crash.Crash) error { n++; return nil })
	if err != nil || n == 0 || !res.Incomplete {
		t.Errorf("cut: %d crashes, %v, %+v", n, err, res)
	}
}

// What ABRT gathered of a death is one crash, with the stack in either form.
func TestProblemIsOneCrash(t *testing.T) {
	for name, stack := range map[string]string{
		"backtrace": "[New LWP 2470780]\nCore was generated by `/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg'.\nProgram terminated with signal SIGSEGV, Segmentation fault.\n\n" +
			"Thread 1 (Thread 0x7f (LWP 2470780)):\n#0  0x000055d0c0a1b2c3 in process_stream (t=0x55d0c1000000) at src/stream.c:2655\n#1  0x000055d0c0b00000 in run_tasks_from_lists () at src/task.c:600\n",
		"core_backtrace": `{   "signal": 11
,   "executable": "/usr/sbin/haproxy"
,   "stacktrace":
      [ {   "crash_thread": true
        ,   "frames":
              [ {   "address": 94364
                ,   "build_id_offset": 1234
                ,   "function_name": "process_stream"
                ,   "file_name": "/usr/sbin/haproxy"
                } ]
        } ]
}
`,
	} {
		dir := filepath.Join(t.TempDir(), "ccpp-2021-08-04-03:22:51.1-2470780")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for file, content := range map[string]string{
			"reason": "haproxy killed by SIGSEGV", "time": "1628047371", "analyzer": "abrt-ccpp", "executable": "/usr/sbin/haproxy", "hostname": "lb7", "pid": "2470780",
			"cmdline": "/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg", "package": "haproxy-2.4.22-3.el9", name: stack,
		} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, failed := deaths(t, analyze.Options{Names: []string{dir}})
		if !slices.Equal(got, []string{"lb7 2470780 SIGSEGV process_stream 2.4.22-3.el9"}) || len(failed) > 0 {
			t.Errorf("%s: %q %v", name, got, failed)
		}
	}
}
