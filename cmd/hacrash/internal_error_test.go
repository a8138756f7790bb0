package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/internal/schematest"
)

// bugs are functions that a write to a nil map is put into, by how they begin.
var bugs = []struct{ name, file, at string }{
	{"symbols", "pkg/symbols/frame.go", "func (s *Symbolizer) stack("},
	{"goroutine", "pkg/analyze/core.go", "func search("},
	{"unwind", "pkg/unwind/unwinder.go", "func (u *Unwinder) walk("},
	{"postmortem", "pkg/postmortem/program.go", "func (f *Findings) UseProgram("},
	{"logparse", "pkg/logparse/input.go", "func Parse("},
	{"streamdump", "pkg/streamdump/rules.go", "func Observe("},
	{"report", "pkg/report/text.go", "func (s *textStream) Crash("},
	{"source", "pkg/source/sniff.go", "func sniff("},
	{"classify", "cmd/hacrash/knowledge.go", "func (p *program) knowledge("},
}

// buggy builds hacrash with the bugs in it; HACRASH_TEST_BUG says which one strikes.
// The product has no place for that: the compiler is given other files.
func buggy(t *testing.T) string {
	t.Helper()
	coretest.Need(t, "go", "golang")
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	put := func(file, text string) {
		path := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(root, file)] = path
	}
	for _, b := range bugs {
		text, err := os.ReadFile(filepath.Join(root, b.file))
		if err != nil {
			t.Fatal(err)
		}
		before, after, found := strings.Cut(string(text), b.at)
		if !found {
			t.Fatalf("%s: no %q in %s", b.name, b.at, b.file)
		}
		line, rest, _ := strings.Cut(after, "{\n")
		put(b.file, before+b.at+line+"{ bugOfTest(\""+b.name+"\")\n"+rest)
		pkg := filepath.Base(filepath.Dir(b.file))
		if pkg == "hacrash" {
			pkg = "main"
		}
		put(filepath.Dir(b.file)+"/injected.go", "package "+pkg+`
import "os"
func bugOfTest(name string) {
	if os.Getenv("HACRASH_TEST_BUG") == name {
		var m map[string]bool
		m[name] = true
	}
}
`)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	list, exe := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "hacrash")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-overlay", list, "-o", exe, "./cmd/hacrash")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return exe
}

// A bug of ours is seen: one line on stderr, exit status 1, and what was found beside
// it comes out.
func TestBugsAreSeen(t *testing.T) {
	exe := buggy(t)
	core := coretest.Crash(t, coretest.Program{Source: "noreturn", Variant: coretest.Plain()}).Core
	log, err := filepath.Abs("../../testdata/logs/spin-cli-3.2-dev5.log")
	if err != nil {
		t.Fatal(err)
	}
	run := func(bug, debug, dir string, args ...string) (code int, stdout, stderr string) {
		cmd := exec.Command(exe, append([]string{"analyze"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HACRASH_TEST_BUG="+bug, "HACRASH_DEBUG="+debug)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		_ = cmd.Run() // the code tells
		return cmd.ProcessState.ExitCode(), out.String(), errs.String()
	}
	const spin, died = "KNOWN BUG  cli-end-state-unread-input", "noreturn"
	for _, tt := range []struct {
		bug       string
		at        string // of the line, behind "hacrash: "
		has, lost string // in the report of core and log
	}{
		{"symbols", core + ": internal error: assignment to entry in nil map (symbols.bugOfTest at ", spin, died},
		{"goroutine", core + ": internal error: ", spin, died},
		{"unwind", core + ": internal error: ", spin, died},
		{"postmortem", core + ": internal error: ", spin, died},
		{"logparse", log + ": internal error: ", died, spin},
		{"streamdump", ": internal error: ", "", spin},
		{"report", ": internal error: ", "", spin},
		{"source", ": internal error: ", "", spin},
		{"classify", "internal error: ", "", spin},
	} {
		t.Run(tt.bug, func(t *testing.T) {
			code, stdout, stderr := run(tt.bug, "", t.TempDir(), core, log)
			lines := strings.Split(strings.TrimSpace(stderr), "\n")
			want := 1
			if strings.HasPrefix(tt.at, ":") {
				want = 2 // it strikes both
			}
			if code != exitFailed || strings.Contains(stderr, "goroutine") || strings.Contains(stderr, ".go:1\n\t") {
				t.Errorf("exit status %d\n%s", code, stderr)
			}
			n := 0
			for _, line := range lines {
				if strings.HasPrefix(line, "hacrash: ") && strings.Contains(line, tt.at) && strings.Contains(line, "; please report it at ") {
					n++
				}
			}
			if n != want || len(lines) != want {
				t.Errorf("%d lines, want %d:\n%s", n, want, stderr)
			}
			if !strings.Contains(stdout, tt.has) || strings.Contains(stdout, tt.lost) {
				t.Errorf("the report has not %q, or has %q:\n%s", tt.has, tt.lost, stdout)
			}
		})
	}
	if code, stdout, stderr := run("", "", t.TempDir(), core, log); code != exitOK || stderr != "" || !strings.Contains(stdout, spin) || !strings.Contains(stdout, died) {
		t.Errorf("without a bug: %d\n%s%s", code, stdout, stderr)
	}
	if _, _, stderr := run("symbols", "1", t.TempDir(), core); !strings.Contains(stderr, "pkg/symbols.bugOfTest") || !strings.Contains(stderr, "goroutine ") {
		t.Errorf("HACRASH_DEBUG shows no stack:\n%s", stderr)
	}
	_, stdout, _ := run("symbols", "", t.TempDir(), "--format", "json", core, log)
	schematest.Validate(t, []byte(stdout))
	if !strings.Contains(stdout, "internal error: ") {
		t.Error("the document does not say it of the input")
	}
}
