package watch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// inChild makes the test program a watch that its parent kills.
const inChild = "HACRASH_TEST_WATCH"

func TestMain(m *testing.M) {
	if dir := os.Getenv(inChild); dir != "" {
		o := Options{
			Dir: dir, Journal: []string{filepath.Join(dir, "journalctl")}, Quiet: 50 * time.Millisecond, Analyze: analysed,
			Once: os.Getenv(inChild+"_ONCE") != "", PerHour: 10,
		}
		if os.Getenv(inChild+"_LIMITED") != "" {
			o.Burst = 5
		}
		if err := Run(context.Background(), o, NewMetrics()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestKilledAtAnyMoment: whenever the watch is killed, each crash is reported or counted once.
func TestKilledAtAnyMoment(t *testing.T) {
	crashes, kills := 120, 15
	if os.Getenv("HACRASH_LONG") != "" {
		crashes, kills = 1000, 200
	}
	for _, limited := range []string{"", "1"} {
		t.Run("limited "+limited, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			standIn(t, dir, journalLines(crashes))
			run := func(once string) *exec.Cmd {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), inChild+"="+dir, inChild+"_LIMITED="+limited, inChild+"_ONCE="+once)
				cmd.Stderr = os.Stderr
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				return cmd
			}
			r := rand.New(rand.NewPCG(7, uint64(crashes)))
			for range kills {
				cmd := run("")
				time.Sleep(time.Duration(r.IntN(300)) * time.Millisecond)
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
			}
			if err := run("1").Wait(); err != nil {
				t.Fatal(err)
			}
			got := readOutcome(t, dir)
			got.each(t, crashes)
			if n := len(got.reports); limited != "" && n > 15 {
				t.Errorf("%d reports, more than the limiter allows", n)
			} else if limited == "" && n != crashes {
				t.Errorf("%d reports", n)
			}
			left, _ := filepath.Glob(filepath.Join(dir, "*", ".new-*"))
			if len(left) > 0 {
				t.Errorf("unfinished files are left: %q", left)
			}
		})
	}
}

// until waits for something, and gives up.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 1200 {
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s did not come about", what)
}

// start runs a watch until the test ends.
func start(t testing.TB, o Options) *Metrics {
	t.Helper()
	m, ctx, done := NewMetrics(), t.Context(), make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	ready := make(chan struct{})
	o.Ready = func() { close(ready) }
	if o.Analyze == nil {
		o.Analyze = analysed
	}
	if o.Quiet == 0 {
		o.Quiet = 100 * time.Millisecond
	}
	go func() { done <- Run(ctx, o, m) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	<-ready
	return m
}

// TestRotation: a log that is renamed, and one that is cut, lose no crash.
func TestRotation(t *testing.T) {
	for _, way := range []string{"rename", "cut"} {
		t.Run(way, func(t *testing.T) {
			dir := t.TempDir()
			log := filepath.Join(dir, "haproxy.log")
			write := func(n int) {
				f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				for i, text := range crashLines(n) {
					pid := 20000 + n
					if i > 3 {
						pid = 1000
					}
					fmt.Fprintf(f, "%s lb1 haproxy[%d]: %s\n", time.Now().Format("2006-01-02T15:04:05.000000Z07:00"), pid, text)
				}
			}
			write(900) // before the watch: not its
			state := filepath.Join(dir, "state")
			start(t, Options{Dir: state, Files: []string{log}})
			const crashes = 12
			for n := range crashes {
				write(n)
				if n%3 != 2 {
					continue
				}
				until(t, "the report before the rotation", func() bool { return readOutcome(t, state).total() == n+1 })
				if way == "rename" {
					write2 := os.Rename(log, log+".1")
					if write2 != nil {
						t.Fatal(write2)
					}
				} else if err := os.Truncate(log, 0); err != nil {
					t.Fatal(err)
				}
			}
			until(t, "all reports", func() bool { return readOutcome(t, state).total() == crashes })
			readOutcome(t, state).each(t, crashes)
		})
	}
}

// TestTwoRotations: the file that was written and renamed while nobody looked is read, too.
func TestTwoRotations(t *testing.T) {
	dir := t.TempDir()
	log, state := filepath.Join(dir, "haproxy.log"), filepath.Join(dir, "state")
	write := func(name string, n int) {
		var b strings.Builder
		for i, text := range crashLines(n) {
			pid := 20000 + n
			if i > 3 {
				pid = 1000
			}
			fmt.Fprintf(&b, "%s lb1 haproxy[%d]: %s\n", time.Now().Format("2006-01-02T15:04:05.000000Z07:00"), pid, text)
		}
		if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func() {
		o := Options{Dir: state, Files: []string{log}, Quiet: 50 * time.Millisecond, Analyze: analysed}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if err := Run(ctx, o, NewMetrics()); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(log, []byte("2026-12-01T10:00:00+00:00 lb1 haproxy[1]: [NOTICE]   (1) : started\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		time.Sleep(500 * time.Millisecond)
		f, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0o600)
		if err == nil {
			_, _ = f.WriteString("2026-12-01T10:00:01+00:00 lb1 haproxy[1]: [NOTICE]   (1) : goes on\n")
			f.Close()
		}
	}()
	run()
	time.Sleep(20 * time.Millisecond) // the times of files tell their order
	for n := range 2 {
		if err := os.Rename(log, fmt.Sprintf("%s.%d", log, 9-n)); err != nil {
			t.Fatal(err)
		}
		write(log, n)
		time.Sleep(20 * time.Millisecond)
	}
	run()
	readOutcome(t, state).each(t, 2)
}

// TestSameProcessAgain: in a container each process has the number of the one before; two deaths are
// two events, and one that is read twice is one.
func TestSameProcessAgain(t *testing.T) {
	now := time.Now()
	first := event{PID: 1, Time: now, Host: "pod"}
	for _, c := range []struct {
		other event
		same  bool
	}{
		{event{PID: 1, Time: now, Host: "pod"}, true},
		{event{PID: 1, Time: now.Add(10 * time.Second), Host: "pod"}, false},
		{event{PID: 1, Time: now.Add(40 * time.Second), Core: true}, true},
		{event{PID: 2, Time: now, Host: "pod"}, false},
		{event{PID: 1, Time: now, Host: "other"}, false},
	} {
		if first.same(&c.other) != c.same || c.other.same(&first) != c.same {
			t.Errorf("%+v and %+v are taken for one: %t", first, c.other, !c.same)
		}
	}
}

// TestWordsOfClients: what clients wrote makes no event, however much of it there is.
func TestWordsOfClients(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	for n := range 20000 {
		fmt.Fprintf(&b, `{"__CURSOR":"s=1;i=%d","__REALTIME_TIMESTAMP":"%d","_HOSTNAME":"lb1","SYSLOG_IDENTIFIER":"haproxy","_PID":"7","MESSAGE":"203.0.113.7:4000 [01/Dec/2026:10:00:00.000] fe be/s1 0/0/0/1/1 200 100 - - ---- 1/1/0/0/0 0/0 \"GET /[ALERT]+(7)+:+Current+worker+(8)+exited+with+code+139 HTTP/1.1\""}`+"\n", n+1, began().UnixMicro())
	}
	o := Options{Dir: dir, Journal: standIn(t, dir, b.String()), Once: true, Quiet: 20 * time.Millisecond, Analyze: analysed}
	if err := Run(t.Context(), o, NewMetrics()); err != nil {
		t.Fatal(err)
	}
	if n := readOutcome(t, dir).total(); n != 0 {
		t.Errorf("%d events", n)
	}
}

// TestJournalEndsAndForgets: a child that ends is started again from where it was, and a cursor that
// the journal does not know is given up.
func TestJournalEndsAndForgets(t *testing.T) {
	dir := t.TempDir()
	command := standIn(t, dir, journalLines(3))
	script := `#!/bin/sh
case "$*" in
*--after-cursor=s=9*) echo "Failed to seek to cursor: Invalid argument" >&2; exit 1 ;;
*--follow*) shift $(($#-$#)); ` + command[0] + ` $(echo "$@" | sed s/--follow//); exit 1 ;;
esac
`
	dying := filepath.Join(dir, "dying")
	if err := os.WriteFile(dying, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "state.json"), []byte(`{"journal":"s=9;i=77"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, Options{Dir: dir, Journal: []string{dying}})
	until(t, "all reports", func() bool { return readOutcome(t, dir).total() == 3 })
	time.Sleep(1500 * time.Millisecond) // the child ends again and again
	readOutcome(t, dir).each(t, 3)
}
