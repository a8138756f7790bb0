package report

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/golden"
	"github.com/hacrash/hacrash/internal/schematest"
	"github.com/hacrash/hacrash/pkg/affects"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/signatures"
)

const ownBug = `
- id: my-own-bug
  title: A title that is long enough to be broken somewhere, as the words of a title may well be
  facts: What goes wrong.
  fix: 0123456789ab
  issues: [12, 345]
  cves: [CVE-2025-11230]
  require:
    kind: spinning
    applet: [MYAPPLET, OTHER]
    any_of:
      - {object: APPCTX}
      - {object: STREAM, handler: cli_io_handler}
  forbid:
    handler: other_handler
  versions:
    introduced: 3.2-dev1
    fixed: {master: 3.3-dev1, "3.2": 3.2.5}
    backport: "3.2"
  unique: true
  evidence: What was read.
`

// own is a DB with one signature of a user's.
func own(t *testing.T) (*classify.DB, signatures.Signature) {
	t.Helper()
	db := classify.Load()
	if err := db.Add([]byte(ownBug), "mine\x1b.yaml"); err != nil {
		t.Fatal(err)
	}
	s, _ := db.Get("my-own-bug")
	return db, s
}

func TestWriteSignature(t *testing.T) {
	_, s := own(t)
	var b bytes.Buffer
	if err := WriteSignature(&b, s); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, filepath.Join("testdata", "signature.text.golden"), b.Bytes())
}

func TestWriteSignatures(t *testing.T) {
	db, _ := own(t)
	var b bytes.Buffer
	if err := WriteSignatures(&b, db); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != len(db.Signatures())+1 {
		t.Errorf("%d lines for %d signatures", len(lines), len(db.Signatures()))
	}
	last := strings.Join(strings.Fields(lines[len(lines)-1]), " ")
	if last != `my-own-bug spinning 3.3-dev1 0123456789ab #12 #345 mine\x1b.yaml` {
		t.Errorf("%s", last)
	}
	if strings.Count(b.String(), "built in") != len(db.Signatures())-1 {
		t.Error("the others are not said to be built in")
	}
}

func TestWriteComparison(t *testing.T) {
	db, s := own(t)
	c := crash.Crash{Kind: crash.Spinning, Process: &crash.Process{Version: "3.2.4"}, Spin: &crash.Spin{Object: "APPCTX", Applet: "MYAPPLET"}}
	var b bytes.Buffer
	if err := WriteComparison(&b, s, &c, db.Explain(s, &c)); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, filepath.Join("testdata", "comparison.text.golden"), b.Bytes())
}

func TestWriteFindings(t *testing.T) {
	var b bytes.Buffer
	found := []signatures.Finding{
		{File: "a.yaml", Problem: signatures.Problem{Line: 3, Col: 5, ID: "x", Text: "bad\x1b"}},
		{File: "a.yaml", Problem: signatures.Problem{ID: "x", Text: "odd", Note: true}},
	}
	n, err := WriteFindings(&b, found)
	if err != nil || n != 1 || b.String() != "a.yaml:3:5: x bad\\x1b\na.yaml: note: x odd\n" {
		t.Errorf("%v, %d problems: %q", err, n, b.String())
	}
}

func TestWriteAffects(t *testing.T) {
	v, err := haproxy.ParseVersion("2.6.12-1+deb12u4")
	if err != nil {
		t.Fatal(err)
	}
	full := func(commit string) string { return commit + strings.Repeat("0", 40-len(commit)) }
	d := affects.Result{
		Schema: affects.Schema, Version: v.Raw, Page: "http://www.haproxy.org/bugs/bugs-2.6.12.html", Knowledge: affects.Knowledge{Commit: "aaaaaaaaaa", Date: "2026-11-01"},
		Asked: "2.6", Note: "2.6 names no release",
		Configuration: &affects.Configuration{Files: 2, Statements: 9, Conditional: 3, Broken: 1, Where: []string{"a.cfg:3: a quote is not closed"}, Uses: []string{"ssl"}},
		Counts:        affects.Counts{Affected: 5, Estimated: 1, CannotTell: 2, NotBuilt: 3, Touching: 2, Certain: 1, Possible: 1, Unused: 3},
		Closes:        []affects.Closing{{Release: "2.6.27", Fixes: 1, Enough: "2.6.16"}, {Release: "3.0.9", Fixes: 2, Enough: "3.0.2"}},
		Best:          []affects.Closing{{Release: "2.6.27", Fixes: 1, Enough: "2.6.16"}, {Release: "3.0.9", Fixes: 2, Enough: "3.0.2"}},
		Fixes: []affects.Fix{
			{Commit: full("06675db4bf"), Date: "2025-10-02", Severity: "CRITICAL", Subsystems: []string{"mjson"}, Kinds: []string{"watchdog"}, CVEs: []string{"CVE-2025-11230"},
				Issues: []int{7}, Status: crash.Affected, Basis: "git", Estimated: true, Reason: "it is newer", FixedIn: []string{"3.3-dev9"}, Subject: "BUG: \x1b mend",
				Sentence: "A body of JSON keeps a thread busy for ever.", Workaround: "Do without json_query.", Touches: "used",
				Because: []affects.Reason{{Need: "word:json_query", Use: "used", Why: "http-request … json_query in frontend, a b.cfg:12", File: "etc/a b.cfg", Line: 12}}},
			{Commit: full("89e20033c7"), Date: "2023-09-14", Severity: "MAJOR", Status: crash.Affected, Basis: "cherry-pick", Reason: "the branch got it in 2.6.16", Upgrade: "2.6.16",
				Touches: "possible", Because: []affects.Reason{{Need: "h2|quic", Use: "possible", Why: "bind in frontend"}}},
			{Commit: full("99e20033c7"), Date: "2023-09-14", Severity: "MINOR", Status: crash.VersionCannotTell, Reason: "nothing says so", Upgrade: "2.6.17", Touches: "used"},
			{Commit: full("a9e20033c7"), Date: "2023-09-14", Status: crash.VersionCannotTell, Reason: "nothing says so", Touches: "used"},
		},
	}
	for _, format := range AffectsFormats() {
		file := "affects." + format + ".golden"
		var b bytes.Buffer
		if err := WriteAffects(&b, format, "1.2.3", &d); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, filepath.Join("testdata", file), b.Bytes())
		switch format {
		case "json":
			schematest.ValidateAffects(t, b.Bytes())
		case "sarif":
			schematest.ValidateSARIF(t, b.Bytes())
		}
	}
	var b bytes.Buffer
	if err := WriteAffects(&b, "text", "", &affects.Result{Version: "3.0.0", All: true}); err != nil || !strings.HasPrefix(b.String(), "HAProxy 3.0.0 lacks 0 fixes.\n") {
		t.Errorf("%v: %s", err, b.String())
	}
}

func TestKnowsThreads(t *testing.T) {
	for s, want := range map[string]bool{"": true, "all": true, "faulty": true, "7": true, "0": false, "-1": false, "zero": false} {
		if KnowsThreads(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}
