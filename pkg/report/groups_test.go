package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/internal/golden"
	"github.com/hacrash/hacrash/internal/schematest"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

func renderGroups(t testing.TB, format string, r *crash.Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	o.Tool = tool()
	s, err := NewGroups(&b, format, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Crashes {
		if err := s.Crash(&r.Crashes[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGoldenGroups prints the groups of a fleet, of a hostile log and of nothing.
func TestGoldenGroups(t *testing.T) {
	for _, f := range fixtures() {
		if f.name != "fleet" && f.name != "hostile" && f.name != "nothing" {
			continue
		}
		for _, format := range Formats() {
			t.Run(f.name+"."+format, func(t *testing.T) {
				out := renderGroups(t, format, f.report(), Options{})
				switch format {
				case "json":
					schematest.Validate(t, []byte(out))
				case "jsonl":
					schematest.ValidateGroupLines(t, []byte(out))
				}
				golden.Check(t, filepath.Join("testdata", f.name+".groups."+format+".golden"), withoutStyle([]byte(out)))
			})
		}
	}
}

func TestGroupsNoRawInput(t *testing.T) {
	for _, format := range Formats() {
		for _, width := range []int{40, 80, 200} {
			out := renderGroups(t, format, hostile(), Options{Width: width, Redact: redact.Options{Off: true, Strings: true}})
			if !utf8.ValidString(out) {
				t.Errorf("%s: invalid UTF-8", format)
			}
			for i, r := range out {
				if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
					t.Fatalf("%s: %U at byte %d: %q", format, r, i, out[max(0, i-20):i+10])
				}
			}
		}
	}
	bare := withoutCode(t, renderGroups(t, "markdown", hostile(), Options{}))
	for _, bad := range []string{"<script", "<img", "@haproxy", "#2862", "](", "owned"} {
		if strings.Contains(bare, bad) {
			t.Errorf("%q stands outside of code:\n%s", bad, bare)
		}
	}
}

func TestGroupsWriteError(t *testing.T) {
	for _, format := range Formats() {
		s, err := NewGroups(failing{}, format, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(nil); format != "jsonl" && !errors.Is(err, errFull) {
			t.Errorf("%s: %v", format, err)
		}
	}
	if _, err := NewGroups(io.Discard, "pdf", Options{}); err == nil {
		t.Error("pdf is known")
	}
}

// TestTally: what crashes of one fingerprint have in common.
func TestTally(t *testing.T) {
	one := func(host, version, at string, pid int, status crash.Status) *crash.Crash {
		return &crash.Crash{Kind: crash.BugOn, Fatal: true, Fingerprint: "F", Host: host, Time: at,
			Process:   &crash.Process{PID: pid, Version: version},
			Assertion: &crash.Assertion{Macro: "bug", File: "src/x.c", Line: pid, Condition: "a > b"},
			Evidence:  []crash.Evidence{{Source: "x.log", Where: fmt.Sprint("line ", pid)}},
			Verdict:   &crash.Verdict{Status: status, Matches: []crash.Match{{ID: "x", VersionStatus: crash.Affected, Fixes: []string{"0123456789"}}}}}
	}
	s := newTally(redact.Options{})
	s.add(one("b", "3.0.1", "2025-02-17T12:00:00+01:00", 1, crash.Probable))
	s.add(one("a", "3.0.2", "2025-02-17T10:30:00Z", 2, crash.Known))
	s.add(one("a", "3.0.2", "Feb 17 10:00:00", 3, crash.Known))
	s.add(one("", "", "", 4, crash.Known))
	core := one("a", "3.0.2", "2025-02-17T10:45:00Z", 5, crash.Known)
	core.Modules, core.Provoked = []crash.Module{{Path: "/usr/sbin/haproxy", Main: true}}, "debug dev bug"
	s.add(core)
	s.add(&crash.Crash{Fingerprint: "G"})
	want := []crash.Group{
		{Fingerprint: "F", Count: 5, Kind: crash.BugOn, What: "an internal check failed (BUG_ON at src/x.c): a > b; HAProxy stopped itself",
			FirstSeen: "2025-02-17T10:30:00Z", LastSeen: "2025-02-17T12:00:00+01:00", Undated: 2, Hosts: 2, Provoked: 1,
			Versions: []crash.GroupVersion{{Version: "3.0.2", Count: 3}, {Version: "3.0.1", Count: 1}, {Count: 1}},
			Verdicts: []crash.GroupVerdict{
				{Count: 4, Status: crash.Known, ID: "x", Fix: "0123456789", VersionStatus: crash.Affected},
				{Count: 1, Status: crash.Probable, ID: "x", Fix: "0123456789", VersionStatus: crash.Affected}},
			Example: &crash.GroupExample{Input: []string{"x.log"}, Where: "line 5", PID: 5, Host: "a", Time: "2025-02-17T10:45:00Z"}},
		{Fingerprint: "G", Count: 1, What: "died; the evidence does not say why", Undated: 1, Versions: []crash.GroupVersion{{Count: 1}},
			Example: &crash.GroupExample{}},
	}
	if diff := cmp.Diff(want, s.sorted()); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

// Two crashes of one cause are told in the same words.
// One process dies once: what another input tells of it better takes its place.
func TestTallyOneProcess(t *testing.T) {
	dead := func(print string, strength crash.Strength, host string, pid int) *crash.Crash {
		return &crash.Crash{Kind: crash.Segfault, Fingerprint: print, Strength: strength, Host: host, Process: &crash.Process{PID: pid, Version: "3.0.1"}}
	}
	strong, weak, none := dead("HC2-s-1", crash.Strong, "h1", 7), dead("HC2-s-2", crash.Weak, "h1", 7), dead("", "", "h1", 7)
	for name, tt := range map[string]struct {
		crashes []*crash.Crash
		want    string
	}{
		"weak first":        {[]*crash.Crash{weak, strong}, "HC2-s-1:1"},
		"weak last":         {[]*crash.Crash{strong, weak, none}, "HC2-s-1:1"},
		"another process":   {[]*crash.Crash{strong, dead("HC2-s-2", crash.Weak, "h1", 8)}, "HC2-s-1:1 HC2-s-2:1"},
		"another host":      {[]*crash.Crash{dead("", "", "h2", 7), strong}, ":1 HC2-s-1:1"},
		"no pid":            {[]*crash.Crash{strong, dead("HC2-s-2", crash.Weak, "h1", 0)}, "HC2-s-1:1 HC2-s-2:1"},
		"others stay":       {[]*crash.Crash{weak, dead("HC2-s-2", crash.Weak, "h3", 1), strong}, "HC2-s-2:1 HC2-s-1:1"},
		"two strong deaths": {[]*crash.Crash{strong, strong}, "HC2-s-1:2"},
	} {
		s := newTally(redact.Options{})
		for _, c := range tt.crashes {
			s.add(c)
		}
		var got []string
		for _, g := range s.sorted() {
			got = append(got, fmt.Sprintf("%s:%d", g.Fingerprint, g.Count))
			if len(g.Versions) != 1 || g.Versions[0].Count != g.Count {
				t.Errorf("%s: versions %+v of %d", name, g.Versions, g.Count)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestGist(t *testing.T) {
	var said []string
	for i := range 2 {
		c := crash.Crash{Kind: crash.Spinning, Fatal: true, Spin: &crash.Spin{Object: "STREAM", Rate: int64(1000 + i), Address: crash.Addr(i)}}
		alike := gist(&c)
		said = append(said, what(&alike, Escape))
		c = crash.Crash{Kind: crash.Watchdog, Fatal: true, Threads: []crash.Thread{{Number: 3 + i, Faulty: true, Frames: []crash.Frame{{Function: "f"}}}}}
		alike = gist(&c)
		said = append(said, what(&alike, Escape))
		c = crash.Crash{Kind: crash.Segfault, Fatal: true, Signal: &crash.Signal{Address: addr(crash.Addr(0x1000 * (1 + i)))}}
		alike = gist(&c)
		said = append(said, what(&alike, Escape))
	}
	want := []string{"STREAM was spinning; HAProxy stopped itself", "a thread was stuck in f and the watchdog stopped HAProxy", "segmentation fault"}
	if diff := cmp.Diff(append(want, want...), said); diff != "" {
		t.Error(diff)
	}
}

func TestSpan(t *testing.T) {
	tests := []struct {
		name        string
		times       []string
		first, last string
		undated     int
	}{
		{"none", nil, "", "", 0},
		{"no time", []string{"", ""}, "", "", 2},
		{"out of order", []string{"2025-01-02T00:00:00Z", "2025-01-03T00:00:00Z", "2025-01-01T00:00:00.5Z"}, "2025-01-01T00:00:00.5Z", "2025-01-03T00:00:00Z", 0},
		{"zones", []string{"2025-01-02T01:00:00+02:00", "2025-01-02T00:00:00Z"}, "2025-01-02T01:00:00+02:00", "2025-01-02T00:00:00Z", 0},
		{"no zone", []string{"2025-01-02T01:00:00.25", "2025-01-02T01:00:00.125"}, "2025-01-02T01:00:00.125", "2025-01-02T01:00:00.25", 0},
		{"new year", []string{"Dec 31 23:59:59", "Jan  1 00:00:01", "Dec 30 00:00:00"}, "Dec 30 00:00:00", "Jan  1 00:00:01", 0},
		{"day of the year", []string{"041/091244", "041/091243"}, "041/091243", "041/091244", 0},
		{"forms do not mix", []string{"Feb 10 09:12:44", "2025-01-02T01:00:00", "Feb 10 09:12:43", "once"}, "Feb 10 09:12:43", "Feb 10 09:12:44", 2},
	}
	for _, tt := range tests {
		var s span
		for _, at := range tt.times {
			s.add(at)
		}
		if first, last, undated := s.ends(); first != tt.first || last != tt.last || undated != tt.undated {
			t.Errorf("%s: %q %q %d", tt.name, first, last, undated)
		}
	}
}

// TestGroupsBounds: what is kept does not grow with crashes, and what found no
// room is counted.
func TestGroupsBounds(t *testing.T) {
	s := newTally(redact.Options{})
	long := strings.Repeat("x", 10_000)
	c := func(group, i int) *crash.Crash {
		return &crash.Crash{Kind: crash.Segfault, Fatal: true, Fingerprint: fmt.Sprint("F", group), Host: fmt.Sprint(i, long),
			Process: &crash.Process{Version: fmt.Sprint(i, long)}, Assertion: &crash.Assertion{Condition: long}, Text: long,
			Verdict: &crash.Verdict{Status: crash.Probable, Matches: []crash.Match{{ID: fmt.Sprint("id", i)}}}}
	}
	const groups, each = maxGroups + 10, 40
	for g := range groups {
		s.add(c(g, 0))
	}
	for i := 1; i < each; i++ {
		s.add(c(0, i))
	}
	list := s.sorted()
	g := list[0]
	if len(list) != maxGroups || s.left != 10 || g.Count != each || g.Hosts != each {
		t.Errorf("%d groups, %d left out, the first has %d of %d hosts", len(list), s.left, g.Count, g.Hosts)
	}
	if len(g.Versions) != maxGroupVersions || g.OtherVersions != each-maxGroupVersions ||
		len(g.Verdicts) != maxGroupVerdicts || g.OtherVerdicts != each-maxGroupVerdicts {
		t.Errorf("%d versions and %d, %d verdicts and %d", len(g.Versions), g.OtherVersions, len(g.Verdicts), g.OtherVerdicts)
	}
	if line := allGroups(list, s.left); line != "1,073 crashes or warnings in 1,024 groups; 10 of other groups found no room" {
		t.Error(line)
	}
}

func TestGroupsMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("counts 100,000 crashes")
	}
	s, err := NewGroups(io.Discard, "text", Options{})
	if err != nil {
		t.Fatal(err)
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	random := rand.New(rand.NewPCG(1, 2))
	count := func(n int) {
		for range n {
			c := crash.Crash{Kind: crash.Segfault, Fatal: true, Fingerprint: fmt.Sprint("F", random.IntN(50)), Host: fmt.Sprint("h", random.IntN(100)),
				Time: fmt.Sprintf("2025-02-17T10:00:%02dZ", random.IntN(60)), Text: strings.Repeat("x", 4096)}
			if err := s.Crash(&c); err != nil {
				t.Fatal(err)
			}
		}
	}
	count(20_000)
	before := heap()
	count(100_000)
	if after := heap(); after > before+256<<10 {
		t.Errorf("the heap grew by %d bytes", after-before)
	}
	runtime.KeepAlive(s)
}
