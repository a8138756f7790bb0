package fixes_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

func load(t testing.TB) *fixes.Index {
	t.Helper()
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func allFixes(t testing.TB, x *fixes.Index) []fixes.Fix {
	t.Helper()
	list, err := x.Fixes()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func parse(t testing.TB, s string) haproxy.Version {
	t.Helper()
	v, err := haproxy.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestFirstCase is the fix of issue 2862 and what it is about.
func TestFirstCase(t *testing.T) {
	x := load(t)
	f, err := x.Fix("972ce87676")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(f.Commit, "972ce87676") || len(f.Commit) != 40 || f.Severity != "MEDIUM" || f.First.String() != "3.2-dev6" ||
		f.Date.Format("2006-01-02") != "2025-02-17" || !slices.Equal(f.Issues, []int{2862}) || !slices.Equal(f.Subsystems, []string{"cli"}) ||
		!slices.Contains(f.Changed, "cli_snd_buf") || !slices.Contains(f.Files, "src/cli.c") || !slices.Contains(f.Kinds, "loop") || f.Backport.Floor != "3.1" {
		t.Errorf("%+v", *f)
	}
	if !slices.Contains(slices.Concat(f.Exposed, f.Introduced), "7214dcd52d") {
		t.Errorf("7214dcd52d is not among the commits that brought or exposed it: %v %v", f.Introduced, f.Exposed)
	}
	if at, err := x.At(f.Position); err != nil || !cmp.Equal(at, f) {
		t.Errorf("at %d: %v, %v", f.Position, at, err)
	}
	exposing, err := x.Order("7214dcd52d")
	if err != nil {
		t.Fatal(err)
	}
	tag, ok := x.Tag(parse(t, "3.2-dev5"))
	if !ok || exposing >= tag.Position || tag.Position >= f.Position {
		t.Errorf("order: exposed at %d, 3.2-dev5 at %d, fixed at %d", exposing, tag.Position, f.Position)
	}
	if build, err := x.Build(parse(t, "3.2-dev5-37e84676c")); err != nil || build < tag.Position || build >= f.Position {
		t.Errorf("the build of the report is at %d, %v", build, err)
	}
	if n, err := x.Build(parse(t, "3.2-dev5-"+tag.Commit+"-4")); err != nil || n != tag.Position {
		t.Errorf("a build that names its commit: %d, %v; want %d", n, err, tag.Position)
	}
}

func TestLookUps(t *testing.T) {
	x := load(t)
	var several *fixes.AmbiguousError
	if _, err := x.Order("efc46de"); !errors.As(err, &several) || len(several.Positions) != 2 {
		t.Errorf("efc46de begins two commits: %v", err)
	}
	var none *fixes.NotFoundError
	if _, err := x.Order("0000000000"); !errors.As(err, &none) {
		t.Errorf("no such commit: %v", err)
	}
	if _, err := x.Fix("972ce87676" + strings.Repeat("0", 30)); !errors.As(err, &none) {
		t.Errorf("a hash that is right in its first ten digits only: %v", err)
	}
	for _, bad := range []string{"", "97", "972ce", "972ce8767g", strings.Repeat("a", 41), "3.2-dev5"} {
		if _, err := x.Order(bad); err == nil || errors.As(err, &none) {
			t.Errorf("%q is no commit: %v", bad, err)
		}
		if _, err := x.Fix(bad); err == nil || errors.As(err, &none) {
			t.Errorf("%q is no commit: %v", bad, err)
		}
	}
	for _, bad := range []string{"2.6.12", "2.6", "9.9-dev1", "3.5-dev5-0123456789"} {
		if n, err := x.Build(parse(t, bad)); err == nil {
			t.Errorf("%s has position %d on master", bad, n)
		}
	}
	for version, day := range map[string]string{
		"2.0.0": "2019-06-16", "2.2-dev3": "2020-02-25", "2.6.12": "2023-03-28", "3.0.11": "2025-06-02", "3.2.26": "2026-10-14",
		"2.6.12-1+deb12u2": "2023-03-28",
	} {
		if d, ok := x.Release(parse(t, version)); !ok || d.Format("2006-01-02") != day {
			t.Errorf("%s: released %v, %v; want %s", version, d, ok, day)
		}
	}
	if _, ok := x.Release(parse(t, "2.6.99")); ok {
		t.Error("2.6.99 has a day")
	}
}

// TestTables compares landings with what was read in the branches by hand.
func TestTables(t *testing.T) {
	x := load(t)
	complete := map[string]string{}
	for _, b := range x.Branches() {
		v, _ := x.Complete(b)
		complete[b] = v.String()
	}
	want := map[string]string{
		"2.0": "2.0.35", "2.1": "2.1.12", "2.2": "2.2.34", "2.3": "2.3.21", "2.4": "2.4.36", "2.5": "2.5.14", "2.6": "2.6.32", "2.7": "2.7.12",
		"2.8": "2.8.27", "2.9": "2.9.15", "3.0": "3.0.26", "3.1": "3.1.17", "3.2": "3.2.26", "3.3": "3.3.13", "3.4": "3.4.7",
	}
	if diff := cmp.Diff(want, complete); diff != "" {
		t.Errorf("branches (-want +got):\n%s", diff)
	}
	for _, tc := range []struct {
		fix, branch string
		patch       int
		basis       fixes.Basis
	}{
		{"551b896772", "2.6", 12, fixes.CherryPick},
		{"a7777bbf79", "2.8", 5, fixes.CherryPick},
		{"c6c2ef1f11", "3.2", 5, fixes.CherryPick},
		{"9ad9def126", "3.2", 23, fixes.Changelog},
	} {
		f, err := x.Fix(tc.fix)
		if err != nil {
			t.Fatal(err)
		}
		if l, ok := x.Landed(tc.branch, f.Position); !ok || l.Patch != tc.patch || l.Basis != tc.basis {
			t.Errorf("%s in %s: %+v, %v", tc.fix, tc.branch, l, ok)
		}
	}
	// No fix can be in a release that is older than it. What is no fix brought the bug
	// of one.
	brought := map[int]bool{}
	for _, f := range allFixes(t, x) {
		for _, commit := range slices.Concat(f.Introduced, f.Exposed) {
			if p, err := x.Order(commit); err == nil {
				brought[p] = true
			}
		}
	}
	for _, b := range x.Branches() {
		for _, l := range x.Table(b) {
			f, err := x.At(l.Position)
			if err == nil && f == nil && brought[l.Position] {
				continue
			}
			if err != nil || f == nil {
				t.Fatalf("%s: the landing at %d is neither a fix nor brought a bug: %v", b, l.Position, err)
			}
			v := parse(t, b+".0")
			v.Patch = l.Patch
			if day, ok := x.Release(v); !ok || day.Before(f.Date) {
				t.Errorf("%s of %s landed in %s of %s", f.Commit[:10], f.Date, v, day)
			}
		}
	}
}

// TestCounts holds the shipped data to what the history has: any change of the
// grammar shows here. The shares agree with those of a count by hand: severity
// 99 %, subsystem 99 %, issue 21 %, origin 15 %.
func TestCounts(t *testing.T) {
	list := allFixes(t, load(t))
	got := map[string]int{}
	for i := range list {
		f := &list[i]
		got["all"]++
		got["severity "+f.Severity]++
		got["clause "+f.Backport.Kind.String()]++
		for name, has := range map[string]bool{
			"subsystem": len(f.Subsystems) > 0, "files": len(f.Files) > 0, "changed": len(f.Changed) > 0, "called": len(f.Called) > 0,
			"named": len(f.Named) > 0, "conditions": len(f.Conditions) > 0, "issues": len(f.Issues) > 0, "cves": len(f.CVEs) > 0,
			"origin": len(f.Introduced)+len(f.Exposed) > 0, "revert": f.Revert != "", "crash": f.Crash(), "released": f.First.Raw != "",
		} {
			if has {
				got[name]++
			}
		}
		for _, k := range f.Kinds {
			got["kind "+k]++
		}
	}
	want := map[string]int{
		"all": 5191, "released": 5191, "revert": 34, "crash": 1335,
		"severity ": 47, "severity CRITICAL": 6, "severity MAJOR": 225, "severity MEDIUM": 1829, "severity MINOR": 3084,
		"clause all": 693, "clause asked": 142, "clause floor": 2884, "clause none": 784, "clause same": 199, "clause silent": 489,
		"subsystem": 5158, "files": 5173, "changed": 5030, "called": 3166, "named": 2670, "conditions": 4372,
		"issues": 1103, "cves": 10, "origin": 802,
		"kind bug_on": 169, "kind corruption": 71, "kind crash": 626, "kind deadlock": 49, "kind double_free": 32, "kind freeze": 124, "kind leak": 312, "kind loop": 198,
		"kind null": 123, "kind out_of_bounds": 166, "kind race": 105, "kind segfault": 133, "kind uninitialised": 101, "kind use_after_free": 95, "kind watchdog": 61,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestEncodeAgain(t *testing.T) {
	x := load(t)
	content, err := x.Content()
	if err != nil {
		t.Fatal(err)
	}
	one, err := content.Encode()
	if err != nil {
		t.Fatal(err)
	}
	y, err := fixes.Open(one)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(allFixes(t, x), allFixes(t, y)); diff != "" {
		t.Errorf("fixes change when they are written:\n%.2000s", diff)
	}
	if diff := cmp.Diff(x.Table("3.2"), y.Table("3.2")); diff != "" {
		t.Errorf("a table changes when it is written:\n%s", diff)
	}
	content, err = y.Content()
	if err != nil {
		t.Fatal(err)
	}
	two, err := content.Encode()
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("the same content gives other bytes, %v", err)
	}
}

// without is an index that has not searched a branch.
func without(t *testing.T, x *fixes.Index, branch string) *fixes.Index {
	t.Helper()
	content, err := x.Content()
	if err != nil {
		t.Fatal(err)
	}
	content.Tables = slices.DeleteFunc(slices.Clone(content.Tables), func(b fixes.Table) bool { return b.Branch == branch })
	data, err := content.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if x, err = fixes.Open(data); err != nil {
		t.Fatal(err)
	}
	return x
}

func TestWithChangelog(t *testing.T) {
	x := without(t, load(t), "3.1")
	f, err := x.Fix("972ce87676")
	if err != nil {
		t.Fatal(err)
	}
	text := "2025/02/20 : 3.1.4\n    - BUG/MINOR: nobody: never heard of\n    - DOC: x\n\n2025/01/29 : 3.1.3\n    - BUG/MINOR: nobody: cut off he"
	y, found, err := x.WithChangelog(strings.NewReader(text), "3.1")
	if err != nil {
		t.Fatal(err)
	}
	if found.Lines != 1 || found.Found != 0 {
		t.Errorf("%+v", found)
	}
	if v, ok := y.Complete("3.1"); !ok || v.String() != "3.1.4" {
		t.Errorf("complete up to %s, %v", v, ok)
	}
	if _, ok := y.Landed("3.1", f.Position); ok {
		t.Error("a fix landed that the changelog has not")
	}
	if _, ok := x.Complete("3.1"); ok {
		t.Error("the index itself was changed")
	}
	for _, bad := range []string{"", "2025/02/20 : 3.0.4\n", strings.Repeat("x", 70000)} {
		if _, _, err := x.WithChangelog(strings.NewReader(bad), "3.1"); err == nil {
			t.Errorf("%.20q is a changelog of 3.1", bad)
		}
	}
}

// TestDamage cuts the data and turns its bytes: an error or answers, no panic.
func TestDamage(t *testing.T) {
	whole := small(t)
	for n := range whole {
		readAll(whole[:n])
		b := bytes.Clone(whole)
		b[n] ^= 0x55
		x, err := fixes.Open(b)
		if err == nil {
			_, err = x.Fixes()
		}
		if err == nil {
			t.Errorf("byte %d turned is not noticed", n)
		}
	}
	for text, want := range map[string]string{"": "not a fix index", "hello, this is a text": "not a fix index", "hafixes9....": "another version", string(whole[:40]): "damaged"} {
		if _, err := fixes.Open([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.10q: %v, want %q", text, err, want)
		}
	}
}

// small is an index of a few fixes.
func small(t testing.TB) []byte {
	content, err := load(t).Content()
	if err != nil {
		t.Fatal(err)
	}
	c := *content
	c.Order = c.Order[:4*200]
	c.Fixes = slices.Clone(c.Fixes)
	c.Fixes = slices.DeleteFunc(c.Fixes, func(f fixes.Fix) bool { return f.Position >= 200 })
	c.Tags = slices.DeleteFunc(slices.Clone(c.Tags), func(t fixes.Tag) bool { return t.Position >= 200 })
	first := c.Fixes[0].Position
	c.Tables = []fixes.Table{{
		Branch: "2.0", Complete: 1, Releases: []fixes.Release{{Patch: 1, Day: c.Day}},
		Landings: []fixes.Landing{{Position: first, Patch: 1}}, Pending: []fixes.Pending{{Patch: 1, Mark: 7}},
	}}
	data, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func readAll(data []byte) {
	x, err := fixes.Open(data)
	if err != nil {
		return
	}
	x.Fixes()
	x.Order("972ce87676")
	x.Fix("972ce87676")
	for _, b := range x.Branches() {
		x.Complete(b)
		x.Table(b)
	}
	x.Build(haproxy.Version{Major: 2, Dev: 0, RC: -1, Patch: -1, CommitCount: 4})
}

func FuzzOpen(f *testing.F) {
	f.Add(small(f))
	f.Fuzz(func(t *testing.T, data []byte) { readAll(fixes.Reseal(data)) })
}

func FuzzChangelog(f *testing.F) {
	f.Add("2025/02/20 : 3.1.4\n    - BUG/MINOR: x: y\n", "3.1")
	f.Add("2025/02/20 : 3.1.4\n - Revert \"BUG/MEDIUM: dns: z\"\n9999/99/99 : 3.1.5\n", "3.1")
	x := load(f)
	f.Fuzz(func(t *testing.T, text, branch string) {
		if y, found, err := x.WithChangelog(strings.NewReader(text), branch); err == nil && found.Found > found.Lines {
			t.Errorf("%d of %d lines found, %d", found.Found, found.Lines, len(y.Table(branch)))
		}
	})
}

// BenchmarkLoad is what a run pays in which only versions are asked for.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		x := load(b)
		if _, err := x.Order("972ce87676"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFixes is what a run pays besides in which suspects are asked for.
func BenchmarkFixes(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		allFixes(b, load(b))
	}
}
