package logparse

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/join"
)

func TestAbout(t *testing.T) {
	for _, c := range []struct {
		sample, version, system, build, arguments string
		features, pid                             int
		next                                      string // what follows in the sample
	}{
		{"about", "2.2.4", "Linux 5.10.0 #1 SMP x86_64",
			"TARGET=linux-glibc CPU=generic CC=gcc CFLAGS='-O2 -g -Wall' OPTIONS='USE_OPENSSL=1 USE_LUA=1' DEBUG=-DDEBUG_STRICT", "", 4, 0, "exit segfault 139/SIGSEGV"},
		{"vv-2.6", "2.6.12-1+deb12u4", "Linux 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC x86_64", "DEBUG='-DDEBUG_STRICT -DDEBUG_MEMORY_POOLS'", "", 43, 0, "exit abort 134/SIGABRT"},
		{"show-dev", "3.4.1-abc123d", "virtual machine: kvm, 6.12.9, distro pretty name: Debian GNU/Linux 13 (trixie)", "", "haproxy -Ws -f /etc/haproxy/haproxy.cfg", 3, 4250,
			"head spinning STREAM/0x55aa00/143210//"},
	} {
		parts, err := Lines(t.Context(), samples(t)[c.sample], c.sample)
		if err != nil || len(parts) != 2 || parts[0].Role != join.Environment || parts[0].Crash.Process == nil {
			t.Errorf("%s: %d parts, %v", c.sample, len(parts), err)
			continue
		}
		p := parts[0].Crash.Process
		if p.Version != c.version || p.System != c.system || !strings.Contains(p.BuildOptions, c.build) || p.Arguments != c.arguments || len(p.Features) != c.features || p.PID != c.pid {
			t.Errorf("%s: %+v", c.sample, *p)
		}
		if got := summary(&parts[1]); got != c.next {
			t.Errorf("%s: %s, want %s", c.sample, got, c.next)
		}
	}
}

func TestShowInfo(t *testing.T) {
	text := "Name: HAProxy\nVersion: 2.8.3-86e043a\nRelease_date: 2023/09/07\nNbthread: 4\nPid: 4250\nUptime: 0d 1h02m03s\nnode: lb1\nTainted: 0x40\n\nKilled\n"
	parts, err := Lines(t.Context(), text, "x")
	if err != nil || len(parts) != 2 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	if p := parts[0].Crash.Process; p.Version != "2.8.3-86e043a" || p.PID != 4250 || parts[0].Crash.Host != "lb1" {
		t.Errorf("%+v", *p)
	}
}

// The thread that runs "show threads" is not stuck, and nothing crashed.
func TestShowThreads(t *testing.T) {
	text := `* Thread 1 : id=0x7f83a94df440 act=1 glob=0 wq=0 rq=0 tl=0 tlsz=0 rqsz=0
      1/1    stuck=0 prof=0 harmless=0 wantrdv=0
             cpu_ns: poll=1240023 now=1372691 diff=132668
             curr_task=0x55f5b92712a0 (task) calls=1 last=0
               fct=0x55f5b1cadd40(task_run_applet) ctx=0x55f5b9271170(<CLI>)
  Thread 2 : id=0x7f83a91ff6c0 act=0 glob=0 wq=0 rq=0 tl=0 tlsz=0 rqsz=0
      1/2    stuck=0 prof=0 harmless=1 wantrdv=0
             cpu_ns: poll=885786 now=969587 diff=83801
             curr_task=0
`
	if c := joinedOf(t, text); len(c) != 0 {
		t.Errorf("%d crashes", len(c))
	}
}

func TestPanicWithoutThreads(t *testing.T) {
	parts, err := Lines(t.Context(), "Thread 3 is about to kill the process.\n", "x")
	if err != nil || len(parts) != 1 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	if c := parts[0].Crash; c.Kind != "watchdog" || len(c.Missing) != 1 {
		t.Errorf("%s %+v", c.Kind, c.Missing)
	}
}
