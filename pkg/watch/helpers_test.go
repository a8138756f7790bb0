package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
)

var knowledge = sync.OnceValue(classify.Load)

// analysed is what the command gives a watch.
func analysed(ctx context.Context, text []byte, name string, cores []string, each func(*crash.Crash) error) error {
	o := analyze.Options{Knowledge: knowledge(), Stdin: bytes.NewReader(text)}
	if text != nil {
		o.Names = []string{"-"}
	}
	o.Names = append(o.Names, cores...)
	res, err := analyze.Run(ctx, o, each)
	return errors.Join(append(res.Failed, err)...)
}

// began is when the crashes of tests happen: recent, so that the limiter counts them.
func began() time.Time { return time.Now().Add(-10 * time.Minute).Truncate(time.Second) }

// crashLines are the lines of the n-th crash of a worker, without what a log puts around them.
func crashLines(n int) []string {
	pid := 20000 + n
	bug := fmt.Sprintf("FATAL: bug condition \"co_data(req) < %d\" matched at src/stream.c:2217", n%3)
	return []string{
		bug, "  call trace(2):", "  | 0x55d0a0001000 [c6 04 25 01 00 00 00 00]: process_stream+0x10/0x20", "  | 0x55d0a0002000 [0f 0b 00 00 00 00 00 00]: run_tasks_from_lists+0x10/0x20",
		"[NOTICE]   (1000) : haproxy version is 2.8.3", fmt.Sprintf("[ALERT]    (1000) : Current worker (%d) exited with code 139 (Segmentation fault)", pid),
	}
}

// journalLines are crashes as journalctl -o json prints them, a second apart, with lines of traffic
// between them that look like crashes.
func journalLines(crashes int) string {
	var b strings.Builder
	at, cursor := began(), 0
	line := func(pid int, text string) {
		cursor++
		m, _ := json.Marshal(text)
		fmt.Fprintf(&b, `{"__CURSOR":"s=1;i=%d","__REALTIME_TIMESTAMP":"%d","_HOSTNAME":"lb1","SYSLOG_IDENTIFIER":"haproxy","_PID":"%d","_SYSTEMD_UNIT":"haproxy.service","MESSAGE":%s}`+"\n", cursor, at.UnixMicro()+int64(cursor%1000), pid, m)
	}
	for n := range crashes {
		at = at.Add(100 * time.Millisecond)
		line(1000, fmt.Sprintf(`203.0.113.7:4000 [01/Dec/2026:10:00:00.000] fe be/s1 0/0/0/1/1 200 100 - - ---- 1/1/0/0/0 0/0 "GET /?q=FATAL:+bug+condition+%d HTTP/1.1"`, n))
		for i, text := range crashLines(n) {
			pid := 20000 + n
			if i > 3 {
				pid = 1000
			}
			line(pid, text)
		}
	}
	return b.String()
}

// standIn writes a program that behaves as journalctl -f does on a file of its output: it prints what
// is behind the cursor, and waits.
func standIn(t testing.TB, dir, lines string) []string {
	t.Helper()
	data := filepath.Join(dir, "journal.json")
	if err := os.WriteFile(data, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(dir, "journalctl")
	text := `#!/bin/sh
from=1 follow=
for a; do
	case $a in
	--after-cursor=*) n=${a##*i=}; from=$((n+1)) ;;
	--follow) follow=1 ;;
	esac
done
tail -n +$from ` + data + `
[ -z "$follow" ] || exec sleep 1000
`
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{script}
}

// outcome is what a watch has written.
type outcome struct {
	reports map[int]int // by pid
	counted map[int]int
}

func (o *outcome) total() int {
	n := 0
	for _, c := range o.reports {
		n += c
	}
	for _, c := range o.counted {
		n += c
	}
	return n
}

func readOutcome(t testing.TB, dir string) *outcome {
	t.Helper()
	o := &outcome{map[int]int{}, map[int]int{}}
	files, err := filepath.Glob(filepath.Join(dir, "reports", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var r crash.Report
		if err := json.Unmarshal(b, &r); err != nil || len(r.Crashes) != 1 {
			t.Fatalf("%s is no whole report: %v", name, err)
		}
		o.reports[r.Crashes[0].Process.PID]++
	}
	b, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		var k known
		if json.Unmarshal([]byte(line), &k) == nil && k.Counted {
			o.counted[k.PID]++
		}
	}
	return o
}

// each checks that each of the crashes is in one of the two, once.
func (o *outcome) each(t testing.TB, crashes int) {
	t.Helper()
	for n := range crashes {
		pid := 20000 + n
		if o.reports[pid]+o.counted[pid] != 1 {
			t.Errorf("process %d: %d reports, counted %d times", pid, o.reports[pid], o.counted[pid])
		}
	}
	if o.total() != crashes {
		t.Errorf("%d events of %d crashes", o.total(), crashes)
	}
}
