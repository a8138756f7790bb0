package form

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elffile"
)

func debian(t *testing.T) (path, version string) {
	t.Helper()
	path, err := exec.LookPath("haproxy")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("no haproxy")
	}
	text, err := exec.Command(path, "-v").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "version ")
	version, _, _ = strings.Cut(after, " ")
	return path, version
}

// TestExecutable: only the executable that crashed answers for it.
func TestExecutable(t *testing.T) {
	path, version := debian(t)
	f, err := elffile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	id := f.BuildID()
	f.Close()
	for _, c := range []struct {
		name  string
		crash crash.Crash
		wrong string // of the error
	}{
		{"build-id of the core", crash.Crash{Modules: []crash.Module{{Main: true, BuildID: id}}}, ""},
		{"another build", crash.Crash{Modules: []crash.Module{{Main: true, BuildID: "aa"}}, Process: &crash.Process{Version: version}}, "it is another build"},
		{"version of the log", crash.Crash{Process: &crash.Process{Version: version}}, ""},
		{"another version", crash.Crash{Process: &crash.Process{Version: "2.0.1"}}, "the process was of 2.0.1"},
		{"nothing to tell by", crash.Crash{}, "neither build-id nor version"},
	} {
		e, err := Check(context.Background(), path, &c.crash)
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if text, err := e.VV(context.Background()); err != nil || !strings.Contains(text, "Feature list") {
			t.Errorf("%s: %v: %s", c.name, err, text)
		}
	}
}

// TestAnonymizedByHAProxy: what haproxy -dC prints is taken also where it ends with 2, for want of
// a listener; an executable that prints none is an error.
func TestAnonymizedByHAProxy(t *testing.T) {
	dir := t.TempDir()
	script := func(name, body string) *Executable {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o700); err != nil {
			t.Fatal(err)
		}
		return &Executable{path: path}
	}
	e := script("new", `[ "$2" = -c ] && [ "$3" = -f ] || exit 9; printf 'global\n\tnbthread 1\n'; echo warn >&2; exit 2`)
	if text, err := e.Configuration(context.Background(), []string{"x.cfg"}); err != nil || text != "global\n\tnbthread 1\n" {
		t.Errorf("%v: %q", err, text)
	}
	for name, body := range map[string]string{"old": "exit 1", "silent": "echo Configuration file is valid", "env": `printf '%s' "$SECRET"`} {
		t.Setenv("SECRET", "a\nb\n")
		if text, err := script(name, body).Configuration(context.Background(), []string{"x.cfg"}); err == nil {
			t.Errorf("%s: %q", name, text)
		}
	}
}

// TestAround: the lines that tell something, those of traffic left away, secrets taken out.
func TestAround(t *testing.T) {
	log := strings.Join([]string{
		"May 6 00:00:01 lb haproxy[1]: 203.0.113.9:5555 [06/May/2025:00:00:01.1] fe be/s 0/0/1/2/3 200 99 - - ---- 1/1/0/0/0 0/0 \"GET /secret HTTP/1.1\"",
		"May 6 00:00:02 lb haproxy[1]: [NOTICE]   (1) : New worker (2) forked, password=hunter2secret",
		"May 6 00:00:03 lb haproxy[1]: [ALERT]    (1) : Current worker (2) exited with code 139 (Segmentation fault)",
		"May 6 00:00:04 lb systemd[1]: haproxy.service: Main process exited",
		"May 6 00:00:05 lb haproxy[3]: 203.0.113.9:5556 GET /secret",
	}, "\n")
	c := &crash.Crash{Evidence: []crash.Evidence{{Source: "-", Where: "line 3"}, {Source: "core", Where: "0x55"}}}
	got := Around(c, []byte(log))
	if !strings.Contains(got, "New worker") || !strings.Contains(got, "systemd[1]") || strings.Contains(got, "203.0.113") || strings.Contains(got, "hunter2") || strings.Contains(got, "exited with code 139") {
		t.Errorf("%s", got)
	}
	file := filepath.Join(t.TempDir(), "x.log")
	if err := os.WriteFile(file, []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Evidence[0].Source = file
	if again := Around(c, nil); again != got {
		t.Errorf("from the file: %s", again)
	}
	if got := Around(&crash.Crash{}, []byte(log)); got != "" {
		t.Errorf("no lines are known, and there is %s", got)
	}
}
