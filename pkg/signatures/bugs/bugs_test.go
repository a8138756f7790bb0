package bugs

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/signatures"
)

// compiled.go must say what *.yaml say.
func TestCompiledIsFresh(t *testing.T) {
	want, problems, err := signatures.ReadDir(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
	if d := cmp.Diff(want, All()); d != "" {
		t.Errorf("compiled.go is stale; run go generate ./pkg/signatures/...\n%s", d)
	}
	// The generator itself gives the same bytes.
	out := filepath.Join(t.TempDir(), "compiled.go")
	cmd := exec.Command("go", "run", "../internal/gen", ".", out)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("compiled.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, have) {
		t.Error("compiled.go is stale; run go generate ./pkg/signatures/...")
	}
}

// The built-in signatures say what the index knows. Notes are allowed.
func TestBuiltInLint(t *testing.T) {
	names, err := filepath.Glob("*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal("no signatures", err)
	}
	l := linter(t)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		l.Add(text, name)
	}
	findings, err := l.Check(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if !f.Note {
			t.Error(f)
		}
	}
}

// Without a file the same is said, but not where.
func TestCompiledLint(t *testing.T) {
	list := All()
	list[0].Fix = "0123456789"
	l := linter(t)
	l.AddBuiltIn(list, false)
	findings, err := l.Check(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "built-in: " + list[0].ID + " fix: commit 0123456789: no commit"
	for _, f := range findings {
		if strings.HasPrefix(f.String(), want) {
			return
		}
	}
	t.Errorf("%v, want one with %q", findings, want)
}

// A file is compared with what is built in, which has no complaints of its own.
func TestOverlapWithBuiltIn(t *testing.T) {
	l := linter(t)
	const own = `
- id: first-one
  title: t
  facts: f
  evidence: e
  fix: c6c2ef1f1189
  require: {kind: spinning, object: APPCTX, applet: CLI, role: worker, state: '0'}
  versions:
    introduced: {master: 3.2-dev12}
    fixed: {master: 3.3-dev7, "3.2": 3.2.5}
    backport: "3.2"
  unique: true
`
	l.Add([]byte(own), "own.yaml")
	l.AddBuiltIn(All(), true)
	found, err := l.Check(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		if !f.Note {
			got = append(got, f.String())
		}
	}
	want := "own.yaml:12:3: first-one unique: all that this one requires fits cli-inbuf-full-flag too, and 3.3-dev2 has both bugs; ask for what tells them apart, or take unique out"
	if len(got) != 1 || got[0] != want {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func linter(t *testing.T) *signatures.Linter {
	t.Helper()
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	return signatures.NewLinter(x)
}
