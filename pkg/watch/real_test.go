package watch

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hacrash/hacrash/internal/haproxytest"
)

// TestRealCrash: the core and the lines of a HAProxy that dies become one report, whichever comes
// first; a core alone becomes one, too.
func TestRealCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("crashes HAProxy")
	}
	for _, way := range []string{"lines first", "core first", "core alone"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			p := haproxytest.Start(t, haproxytest.Options{})
			p.CLI("expert-mode on; debug dev panic")
			p.Wait()
			core, err := os.ReadFile(p.Core())
			if err != nil {
				t.Fatal(err)
			}
			pid := p.PID
			dir := t.TempDir()
			cores, log, state := filepath.Join(dir, "cores"), filepath.Join(dir, "haproxy.log"), filepath.Join(dir, "state")
			if err := os.Mkdir(cores, 0o700); err != nil {
				t.Fatal(err)
			}
			write := func() {
				var b strings.Builder
				at := time.Now().Format("2006-01-02T15:04:05.000000Z07:00")
				for line := range strings.Lines(p.Stderr()) {
					fmt.Fprintf(&b, "%s lb1 haproxy[%d]: %s", at, pid, line)
				}
				fmt.Fprintf(&b, "%s lb1 haproxy[1]: [ALERT]    (1) : Current worker (%d) exited with code 134 (Aborted)\n", at, pid)
				if err := os.WriteFile(log, []byte(b.String()), 0o600); err != nil {
					t.Error(err)
				}
			}
			dump := func() {
				if err := os.WriteFile(filepath.Join(cores, fmt.Sprintf("core.haproxy.%d", pid)), core, 0o600); err != nil {
					t.Error(err)
				}
			}
			start(t, Options{Dir: state, Files: []string{log}, Cores: []string{cores}})
			switch way {
			case "lines first":
				write()
				dump()
			case "core first":
				dump()
				write()
			default:
				dump()
			}
			report := func() []byte {
				files, _ := filepath.Glob(filepath.Join(state, "reports", "*.json"))
				if len(files) != 1 {
					return nil
				}
				b, _ := os.ReadFile(files[0])
				return b
			}
			until(t, "the report", func() bool { return report() != nil })
			time.Sleep(3 * time.Second) // for a second one
			b := report()
			if b == nil || !bytes.Contains(b, []byte(`"kind": "panic"`)) || !bytes.Contains(b, []byte(`"modules"`)) {
				t.Errorf("no report of a panic with its core, or several: %.3000s", b)
			}
			if way != "core alone" && !bytes.Contains(b, []byte("line ")) {
				t.Errorf("the lines are not in the report")
			}
		})
	}
}

// TestRealJournal: what journalctl prints of a journal that systemd wrote.
func TestRealJournal(t *testing.T) {
	remote := "/lib/systemd/systemd-journal-remote"
	if _, err := os.Stat(remote); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("no systemd-journal-remote")
	}
	dir := t.TempDir()
	var export strings.Builder
	const crashes = 20
	for n := range crashes {
		at := began().Add(time.Duration(n) * time.Second)
		for i, text := range crashLines(n) {
			pid := 20000 + n
			if i > 3 {
				pid = 1000
			}
			fmt.Fprintf(&export, "__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=0123456789abcdef0123456789abcdef\n_HOSTNAME=lb1\nSYSLOG_IDENTIFIER=haproxy\n_PID=%d\n_SYSTEMD_UNIT=haproxy.service\nMESSAGE=%s\n\n",
				at.UnixMicro()+int64(i), 1+n*100+i, pid, text)
		}
	}
	in, journal := filepath.Join(dir, "export"), filepath.Join(dir, "test.journal")
	if err := os.WriteFile(in, []byte(export.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(remote, "--output="+journal, in).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	state := filepath.Join(dir, "state")
	o := Options{
		Dir: state, Journal: []string{"journalctl", "--file", journal}, Matches: []string{"_SYSTEMD_UNIT=haproxy.service"}, Since: "-1d", Once: true,
		Quiet: 50 * time.Millisecond, Analyze: analysed, Note: func(s string) { t.Log(s) },
	}
	for range 2 { // the second time nothing is new
		if err := Run(t.Context(), o, NewMetrics()); err != nil {
			t.Fatal(err)
		}
		readOutcome(t, state).each(t, crashes)
	}
}
