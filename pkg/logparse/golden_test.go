package logparse

import (
	"bytes"
	"encoding/json"

	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/golden"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/join"
)

// goldenPart is a part as the goldens hold it.
type goldenPart struct {
	Role     string       `json:"role"`
	Seq      int64        `json:"seq"`
	PID      int          `json:"pid,omitempty"`
	Prefix   int          `json:"prefix,omitempty"`
	Stream   string       `json:"stream,omitempty"`
	Pointers []crash.Addr `json:"pointers,omitempty"`
	Crash    crash.Crash  `json:"crash"`
}

func roleName(r join.Role) string {
	return [...]string{"head", "body", "kernel", "coredump", "exit", "core", "environment", "warning"}[r]
}

func goldenForm(t testing.TB, parts []join.Part) []byte {
	t.Helper()
	out := make([]goldenPart, 0, len(parts))
	for _, p := range parts {
		out = append(out, goldenPart{roleName(p.Role), p.Seq, p.PID, p.Prefix, p.Stream, p.Pointers, p.Crash})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(out); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// samples are the texts of testdata/samples, by name.
func samples(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/samples/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no samples", err)
	}
	out := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(f), ".txt")] = string(data)
	}
	return out
}

func TestSamples(t *testing.T) {
	for name, text := range samples(t) {
		parts, err := Lines(t.Context(), text, name)
		if err != nil {
			t.Fatal(err)
		}
		got := goldenForm(t, parts)
		file := filepath.Join("testdata", "samples", name+".json")
		golden.Check(t, file, got)
	}
}

// Each row of the table of headlines has a text that begins with it.
func TestHeadlinesHaveSamples(t *testing.T) {
	all := samples(t)
	for _, h := range haproxy.Headlines() {
		shown := false
		for _, text := range all {
			for line := range strings.Lines(text) {
				_, rest, ok := strings.Cut(line, h.Begins)
				shown = shown || ok && IsHeadline(strings.TrimSpace(h.Begins+rest))
			}
		}
		if !shown {
			t.Errorf("no sample has a line %q", h.Begins)
		}
	}
}
