package classify

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

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

// FuzzAdd: whatever a file says, what is taken from it can be compared.
func FuzzAdd(f *testing.F) {
	f.Add([]byte(sound))
	f.Add([]byte("- id: x\n  require: {any_of: [[], {a: b}]}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
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
	db := Load()
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
		if fp := printOf(c); fp != "" && !strings.HasPrefix(fp, "HC2-") || fp != printOf(c) {
			t.Fatal(fp)
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		Load()
	}
}

func BenchmarkClassify(b *testing.B) {
	db := load(b)
	c := applet("CLI", "3.2-dev5-37e84676c", "app1.st0=1", "proto=sockpair")
	for b.Loop() {
		db.Classify(c)
	}
}
