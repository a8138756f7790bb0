package haproxytest

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestPanicLeavesCore(t *testing.T) {
	p := Start(t, Options{Threads: 2})
	p.CLI("expert-mode on; debug dev panic")
	code, signal := p.Wait()
	if code != 134 || signal != syscall.SIGABRT {
		t.Errorf("haproxy ended with %d, %v; want 134, SIGABRT\n%s", code, signal, p.Stderr())
	}
	if !strings.Contains(p.Stderr(), "is about to kill the process") {
		t.Errorf("no panic on stderr:\n%s", p.Stderr())
	}
	if st, err := os.Stat(p.Core()); err != nil || st.Size() == 0 {
		t.Errorf("core: %v", err)
	}
}

func TestMasterTellsWorkersEnd(t *testing.T) {
	p := Start(t, Options{Threads: 2, MasterWorker: true})
	p.CLI("expert-mode on; debug dev tkill 1 11")
	if code, signal := p.Wait(); code != 139 || signal != 0 {
		t.Errorf("master ended with %d, %v; want 139 and no signal\n%s", code, signal, p.Stderr())
	}
	p.Core()
}

func TestSpin(t *testing.T) {
	p := Start(t, Options{Threads: 2})
	p.Spin(7791234)
	p.Wait()
	if !strings.Contains(p.Stderr(), "is spinning at 7791234 calls per second") {
		t.Errorf("no spin message on stderr:\n%s", p.Stderr())
	}
	p.Core()
}
