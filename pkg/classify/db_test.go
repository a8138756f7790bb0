package classify

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hacrash/hacrash/pkg/classify/internal/sig"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
)

// compiled.go must say what bugs/*.yaml say.
func TestCompiledIsFresh(t *testing.T) {
	want, problems, err := sig.ReadDir(os.DirFS("bugs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("bugs/%s:%d:%d: %s: %s", p.File, p.Line, p.Col, p.ID, p.Text)
	}
	if d := cmp.Diff(want, compiled()); d != "" {
		t.Errorf("compiled.go is stale; run go generate ./pkg/classify\n%s", d)
	}
	// The generator itself gives the same bytes.
	out := filepath.Join(t.TempDir(), "compiled.go")
	cmd := exec.Command("go", "run", "./internal/gen", "bugs", out)
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
		t.Error("compiled.go is stale; run go generate ./pkg/classify")
	}
}

const sound = `
- id: my-own-bug
  title: A title
  facts: What goes wrong.
  fix: 0123456789ab
  require:
    kind: spinning
    object: APPCTX
    applet: MYAPPLET
  versions:
    introduced: 3.2-dev1
    fixed: {master: 3.3-dev1, "3.2": 3.2.5}
    backport: "3.2"
  unique: true
  evidence: What was read.
`

func TestAdd(t *testing.T) {
	db := load(t)
	before := len(db.Signatures())
	if err := db.Add([]byte(sound), "mine.yaml"); err != nil {
		t.Fatal(err)
	}
	v := db.Classify(applet("MYAPPLET", "3.2.4"))
	if v.Status != crash.Known || v.Matches[0].ID != "my-own-bug" {
		t.Errorf("%s: %s %+v", v.Status, v.Why, v.Matches)
	}
	// The same ID again replaces it.
	if err := db.Add([]byte(strings.Replace(sound, "MYAPPLET", "OTHER", 1)), "mine.yaml"); err != nil {
		t.Fatal(err)
	}
	if n := len(db.Signatures()); n != before+1 {
		t.Errorf("%d signatures, want %d", n, before+1)
	}
	if v := db.Classify(applet("MYAPPLET", "3.2.4")); v.Status == crash.Known {
		t.Error("the replaced signature still fits")
	}
	if k := db.Knowledge(); k.Signatures != before+1 || k.Date == "" || len(k.Commit) < 10 || k.Fixes < 60 {
		t.Errorf("%+v", k)
	}
	if err := db.Add([]byte("- id: x\n"), "bad.yaml"); err == nil || !strings.HasPrefix(err.Error(), "bad.yaml:1:") {
		t.Errorf("%v", err)
	}
	// What was added does not leak into another DB.
	if _, ok := load(t).Get("my-own-bug"); ok {
		t.Error("a DB changed another")
	}
}

func TestForm(t *testing.T) {
	if _, pp := sig.Parse([]byte(sound)); len(pp) != 0 {
		t.Fatalf("%+v", pp)
	}
	for _, c := range []struct {
		name, old, new string
		line           int
		want           string
	}{
		{"unknown key", "  title: A", "  titel: A", 3, "no such key: titel"},
		{"missing key", "  evidence: What was read.\n", "", 2, "evidence is missing"},
		{"unknown fact", "    applet: MYAPPLET", "    aplet: MYAPPLET", 9, "no such fact: aplet"},
		{"bad commit", "0123456789ab", "0123xyz", 5, "no commit"},
		{"short commit", "0123456789ab", "'1234567'", 5, "no commit"},
		{"bad id", "my-own-bug", "My Bug", 2, "want lower-case words"},
		{"bad version", "3.2.5}", "3.2.x}", 12, "want a release"},
		{"branch and release", "\"3.2\": 3.2.5", "\"3.0\": 3.2.5", 12, "not a release of branch 3.0"},
		{"bad clause", `backport: "3.2"`, "backport: maybe", 13, "want a branch"},
		{"not boolean", "unique: true", "unique: perhaps", 14, "true or false"},
		{"twice", "  title: A title\n", "  title: A title\n  title: B\n", 4, "title"},
		{"too general", "    applet: MYAPPLET\n", "", 6, "kind and object alone"},
		{"spin of unknown age", "    introduced: 3.2-dev1\n", "", 6, "a spin needs"},
		{"alias", "object: APPCTX", "object: &a APPCTX", 8, "anchors"},
		{"not a list", sound, "id: x\n", 1, "want a list"},
		{"not YAML", sound, "- id: [\n", 1, ""},
		{"zero byte", sound, "- id: \x00\n", 1, "not a text file"},
		{"deep", sound, strings.Repeat("[", 1000), 1, "too deeply"},
		{"deep dashes", sound, strings.Repeat("- ", 1000), 1, "too deeply"},
	} {
		_, pp := sig.Parse([]byte(strings.Replace(sound, c.old, c.new, 1)))
		ok := false
		for _, p := range pp {
			ok = ok || p.Line == c.line && p.Col > 0 && strings.Contains(p.Text, c.want)
		}
		if !ok {
			t.Errorf("%s: %+v, want line %d: %s", c.name, pp, c.line, c.want)
		}
	}
	if _, pp := sig.Parse(bytes.Repeat([]byte("# filler\n"), 200000)); len(pp) != 1 || !strings.Contains(pp[0].Text, "at most") {
		t.Errorf("%+v", pp)
	}
}

func FuzzLint(f *testing.F) {
	f.Add([]byte(sound))
	f.Add([]byte("a: &a [*a, *a]\n"))
	f.Add([]byte("- id: x\n  require: {any_of: [[], {a: b}]}\n"))
	f.Add([]byte("<<: {a: *b}\n? x\n: y\n--- |\n text\n"))
	f.Add([]byte(strings.Repeat("- ", 20) + strings.Repeat("{", 20)))
	if text, err := os.ReadFile("bugs/spin-cli.yaml"); err == nil {
		f.Add(text)
	}
	x, err := fixes.Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := NewLinter(x)
		l.Add(data, "f")
		findings, err := l.Check(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range findings {
			if p.Text == "" || p.Line < 1 || p.Col < 0 || strings.Contains(p.String(), "\n") {
				t.Fatalf("%+v", p)
			}
		}
		db := &DB{}
		if db.Add(data, "f") == nil {
			db.Classify(applet("CLI", "3.2-dev5"))
		}
	})
}

func FuzzClassify(f *testing.F) {
	f.Add("spinning", "APPCTX", "CLI", "3.2-dev5", "app1.st0", "1", "c_empty(ic)", "cli_io_handler")
	f.Add("bug_on", "STREAM", "", "2.6.12-1+deb12u2", "filters", `{0x1="a", "b`, "a*b", "**")
	f.Add("watchdog", "", "<", "2.2", "rqa", "ffffffffff", `"`, "main+0x1")
	db, err := Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, kind, object, applet, version, field, value, condition, function string) {
		c := &crash.Crash{Kind: crash.Kind(kind), Spin: &crash.Spin{Object: object, Applet: applet, Handler: function},
			Process: &crash.Process{Version: version}, Assertion: &crash.Assertion{Condition: condition, File: value},
			Stream:  fields(field + "=" + value),
			Threads: []crash.Thread{{Frames: []crash.Frame{{Function: function, Module: value, ModuleOffset: 1}}}},
			Pool:    &crash.Pool{CallerFunction: function, Name: value}}
		v := db.Classify(c)
		if v.Status == "" || v.Why == "" || v.Status == crash.Known && len(v.Matches) != 1 {
			t.Fatalf("%+v", v)
		}
		if fp := Fingerprint(c); !strings.HasPrefix(fp, "HC1-") || fp != Fingerprint(c) {
			t.Fatal(fp)
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkClassify(b *testing.B) {
	db := load(b)
	c := applet("CLI", "3.2-dev5-37e84676c", "app1.st0=1", "proto=sockpair")
	for b.Loop() {
		db.Classify(c)
	}
}
