package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/crash"
)

// inspected runs hacrash inspect on the core of testdata/src/objects.c.
func inspected(t *testing.T, way string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	c := coretest.Crash(t, coretest.Program{Source: "objects", Way: way, Variant: coretest.Plain()})
	var out, errs bytes.Buffer
	code = Run(t.Context(), append([]string{"inspect", "--exe", c.Exe, "--haproxy-version", "3.2.0", c.Core}, args...), strings.NewReader(""), &out, &errs)
	return out.String(), errs.String(), code
}

func TestInspect(t *testing.T) {
	for _, c := range []struct {
		args  string
		lines int
		has   []string
	}{
		{"streams", 4, []string{"front=H1 front.state=CLO back=<CLI> back.state=EST", "stream.flags=0x4a(SF_CURR_SESS|"}},
		{"streams --applet CLI", 1, []string{"id=7"}},
		{"streams --flag SF_CURR_SESS --limit 2", 2, nil},
		{"streams --frontend fe2", 0, nil},
		{"threads", 2, []string{"flags=0x34(TH_FL_IN_LOOP|"}},
		{"proxies", 2, []string{"id=be1 uuid=3 mode=http"}},
		{"proxies --name fe1", 1, []string{"id=fe1"}},
		{"servers be1", 2, []string{"id=s2 proxy=be1 state=STOPPED next_state=STARTING"}},
		{"servers nowhere", 0, nil},
		{"pools", 2, []string{"name=stream size=64 allocated=15 used=5 bytes=960"}},
		{"fds", 1, []string{"fd=17", "iocb=sock_conn_iocb"}},
		{"tasks", 3, []string{"queue=timers", "process=process_stream"}},
		{"modules", 0, []string{"status=ok"}},
	} {
		out, errs, code := inspected(t, "", strings.Fields(c.args)...)
		if n := strings.Count(out, "\n"); code != exitOK || c.lines > 0 && n != c.lines || errs != "" {
			t.Errorf("%s: status %d, %d lines, want %d: %s%s", c.args, code, n, c.lines, out, errs)
		}
		for _, want := range c.has {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", c.args, want, out)
			}
		}
	}
}

func TestInspectOne(t *testing.T) {
	list, _, _ := inspected(t, "", "streams", "--applet", "CLI")
	at, _, _ := strings.Cut(list, " ")
	out, errs, code := inspected(t, "", "stream", at)
	for _, want := range []string{at + " stream strm:", "stconn scb:", "applet=<CLI>", "st0=1(CLI_ST_END)", "co0.h1c:", "endp.flags=0x5060c601(SE_FL_"} {
		if code != exitOK || !strings.Contains(out, want) {
			t.Errorf("status %d, no %q in\n%s%s", code, want, out, errs)
		}
	}
}

func TestInspectJSON(t *testing.T) {
	out, _, code := inspected(t, "broken", "streams", "--format", "json")
	var doc struct {
		Schema, What string
		Objects      []crash.Object
		Broken       []string
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != exitOK {
		t.Fatalf("%v, status %d: %s", err, code, out)
	}
	if doc.Schema != "hacrash.inspect/1" || doc.What != "streams" || len(doc.Objects) != 3 || len(doc.Broken) != 1 || !strings.Contains(doc.Broken[0], "thread 2") {
		t.Errorf("%+v", doc)
	}
	out, _, _ = inspected(t, "", "servers", "nowhere", "--format", "json")
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Errorf("nothing at all: %v: %s", err, out)
	}
	out, _, _ = inspected(t, "broken", "proxies", "--format", "jsonl")
	for line := range strings.Lines(out) {
		if !json.Valid([]byte(line)) {
			t.Errorf("%s", line)
		}
	}
	if !strings.Contains(out, `{"broken":"proxies: `) {
		t.Errorf("the chain that comes back to itself is not told: %s", out)
	}
}

// TestInspectMemory hides what clients sent unless it is asked for.
func TestInspectMemory(t *testing.T) {
	list, _, _ := inspected(t, "", "stream", firstStream(t))
	_, rest, _ := strings.Cut(list, "channel req:")
	_, rest, _ = strings.Cut(rest, "data=")
	buffer, _, _ := strings.Cut(rest, " ")
	out, _, code := inspected(t, "", "memory", buffer, "64")
	if code != exitOK || strings.Contains(out, "Auth") || !strings.Contains(out, " .. ..") || strings.Count(out, "\n") != 4 {
		t.Errorf("status %d: %s", code, out)
	}
	if out, _, _ := inspected(t, "", "memory", buffer, "64", "--no-redact"); !strings.Contains(out, "|Authorization: B|") {
		t.Errorf("%s", out)
	}
}

func firstStream(t *testing.T) string {
	t.Helper()
	list, _, _ := inspected(t, "", "streams", "--limit", "1")
	at, _, _ := strings.Cut(list, " ")
	return at
}

func TestInspectErrors(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"everything"}, exitUsage, "hacrash help inspect"},
		{[]string{"stream"}, exitUsage, "its address is needed"},
		{[]string{"stream", "here"}, exitUsage, "not an address"},
		{[]string{"stream", "0x10"}, exitFailed, "nothing of that sort is there"},
		{[]string{"streams", "all"}, exitUsage, "no argument is taken"},
		{[]string{"memory", "0x10"}, exitUsage, "an address and a length"},
		{[]string{"memory", "0x10", "1G"}, exitUsage, "not a length"},
		{[]string{"memory", "0x10", "16"}, exitFailed, "0x10"},
		{[]string{"list", "0x10"}, exitFailed, "0x10"},
		{[]string{"tree"}, exitUsage, "its address is needed"},
		{[]string{"streams", "--format", "html"}, exitUsage, "not known"},
	} {
		_, errs, code := inspected(t, "", c.args...)
		if code != c.code || !strings.Contains(errs, c.says) || strings.Count(errs, "\n") > 2 {
			t.Errorf("%v: status %d, %q; want %d, %q", c.args, code, errs, c.code, c.says)
		}
	}
	var out, errs bytes.Buffer
	if code := Run(t.Context(), []string{"inspect", "../../testdata/logs/spin-cli-3.2-dev5.log", "streams"}, strings.NewReader(""), &out, &errs); code != exitFailed ||
		!strings.Contains(errs.String(), "not a core") {
		t.Errorf("a log: %d, %s", code, errs.String())
	}
}
