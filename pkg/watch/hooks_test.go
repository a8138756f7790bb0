package watch

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestHooks: a web hook that fails twice, one that refuses, programs, mail; each is told once of a new
// kind and of a storm.
func TestHooks(t *testing.T) {
	const secret = "of the hook"
	var mu sync.Mutex
	var got []Told
	keys := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		mu.Lock()
		defer mu.Unlock()
		keys[r.Header.Get("Idempotency-Key")]++
		switch {
		case r.URL.Path == "/refuses":
			w.WriteHeader(http.StatusForbidden)
			return
		case r.Header.Get("X-Hacrash-Signature") != "sha256="+hex.EncodeToString(mac.Sum(nil)):
			t.Error("the signature is wrong")
		case keys[r.Header.Get("Idempotency-Key")] <= 2:
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		var told Told
		if err := json.Unmarshal(body, &told); err != nil {
			t.Error(err)
		}
		got = append(got, told)
	}))
	defer server.Close()
	dir := t.TempDir()
	program := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	kept, mailed := filepath.Join(dir, "kept"), filepath.Join(dir, "mailed")
	m := start(t, Options{
		Dir: filepath.Join(dir, "state"), Journal: standIn(t, dir, journalLines(40)), Burst: 5, PerHour: 100,
		Hooks: Hooks{
			URLs: []string{server.URL + "/fails-twice", server.URL + "/refuses"}, Secret: secret, Retry: 10 * time.Millisecond,
			Exec: [][]string{{program("keep", "cat >>"+kept+"; echo >>"+kept), "$(touch /nowhere)"}},
			Mail: []string{"ops@example.net"}, Sendmail: program("sendmail", "cat >>"+mailed),
		},
	})
	until(t, "the storms", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(got) >= 6
	})
	mu.Lock()
	events := map[string]int{}
	for _, told := range got {
		events[told.Event]++
		if told.Crash != nil && strings.Contains(fmt.Sprint(told.Crash), "GET /") {
			t.Error("a message holds a request")
		}
	}
	mu.Unlock()
	if events[NewKind] != 3 || events[StormBegins] != 3 {
		t.Errorf("told of %v, want three kinds and three storms", events)
	}
	until(t, "the program and the mail", func() bool {
		a, _ := os.ReadFile(kept)
		b, _ := os.ReadFile(mailed)
		return bytes.Count(a, []byte("\n")) >= 6 && bytes.Count(b, []byte("Subject: hacrash: ")) >= 6
	})
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`hacrash_hooks_total{result="failed"} 6`, `hacrash_crashes_total{kind="bug_on",verdict="`, "hacrash_storms 3", `hacrash_source_up{source="journal"} 1`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
	lintMetrics(t, b.String())
}

// lintMetrics checks the text format: help and type before the samples of a family, names, labels,
// and that counters end in _total.
func lintMetrics(t *testing.T, text string) {
	t.Helper()
	if promtool, err := exec.LookPath("promtool"); err == nil {
		cmd := exec.Command(promtool, "check", "metrics")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("promtool: %v\n%s", err, out)
		}
	}
	sample := regexp.MustCompile(`^([a-z_]+)(\{[a-z]+="(?:[^"\\\n]|\\.)*"(?:,[a-z]+="(?:[^"\\\n]|\\.)*")*\})? (-?[0-9.e+]+)$`)
	kinds, seen := map[string]string{}, map[string]bool{}
	help := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		f := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "# HELP "):
			help = f[2]
		case strings.HasPrefix(line, "# TYPE "):
			if f[2] != help || kinds[f[2]] != "" {
				t.Errorf("%s: no help before it, or twice", line)
			}
			kinds[f[2]] = f[3]
			if f[3] == "counter" != strings.HasSuffix(f[2], "_total") {
				t.Errorf("%s: a counter ends in _total, and nothing else does", line)
			}
		default:
			m := sample.FindStringSubmatch(line)
			if m == nil {
				t.Errorf("%q is no sample", line)
				continue
			}
			family := strings.TrimSuffix(strings.TrimSuffix(m[1], "_sum"), "_count")
			if kinds[family] == "" || seen[m[1]+m[2]] {
				t.Errorf("%q has no type, or comes twice", line)
			}
			seen[m[1]+m[2]] = true
		}
	}
}

// TestNotify: systemd hears that the service is ready, and that it lives.
func TestNotify(t *testing.T) {
	heard := notifySocket(t)
	t.Setenv("WATCHDOG_USEC", "3000000")
	n := NewNotifier()
	n.Say("READY=1")
	n.Alive()
	n.Alive() // too soon
	if got := heard(2); got[0] != "READY=1" || got[1] != "WATCHDOG=1" {
		t.Errorf("%q", got)
	}
	t.Setenv("NOTIFY_SOCKET", "")
	NewNotifier().Say("READY=1") // nobody listens
}
