package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/internal/schematest"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

func render(t testing.TB, format string, r *crash.Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestUnknownFormat(t *testing.T) {
	err := Write(io.Discard, "pdf", nothing(), Options{})
	if err == nil || !strings.Contains(err.Error(), "text, json, jsonl, markdown") {
		t.Errorf("the error does not name the formats: %v", err)
	}
}

// TestFirstScreen: what happened, whether it is known and what to do stand in
// the first 24 lines of 80 columns.
func TestFirstScreen(t *testing.T) {
	for _, f := range fixtures() {
		if f.name == "hostile" || f.name == "nothing" {
			continue
		}
		out := render(t, "text", f.report(), Options{})
		verdict := verdictWord(f.report().Crashes[0].Verdict.Status)
		lines := strings.Split(out, "\n")
		screen := strings.Join(lines[:min(24, len(lines))], "\n")
		next := "\n  Next  "
		if v := f.report().Crashes[0].Verdict; v.Next == nil {
			next = "\n  What to do  "
			if v.Advice == "" && v.Matches == nil {
				next = ""
			}
		}
		for _, want := range []string{verdict, next} {
			if !strings.Contains(screen, want) {
				t.Errorf("%s: no %q on the first screen", f.name, want)
			}
		}
		for i, line := range lines {
			if len(line) > 80 && !strings.Contains(line, "https://") {
				t.Errorf("%s: line %d has %d columns: %s", f.name, i+1, len(line), line)
			}
		}
	}
}

// TestNoRawInput: whatever an input holds, no control byte, no invalid UTF-8 and
// no invisible character reaches an output.
func TestNoRawInput(t *testing.T) {
	for _, format := range Formats() {
		for _, width := range []int{40, 80, 200} {
			out := render(t, format, hostile(), Options{Width: width, Threads: "all", Redact: redact.Options{Off: true, Strings: true}})
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
}

// TestMarkdownInjection takes code out of the document as a renderer would;
// nothing of the input may be left.
func TestMarkdownInjection(t *testing.T) {
	out := render(t, "markdown", hostile(), Options{Threads: "all"})
	bare := withoutCode(t, out)
	for _, bad := range []string{"<script", "<img", "@haproxy", "@all", "#2862", "#1", "](", "owned"} {
		if strings.Contains(bare, bad) {
			t.Errorf("%q stands outside of code:\n%s", bad, bare)
		}
	}
	if n, m := strings.Count(bare, "<details>"), strings.Count(bare, "</details>"); n != m || n == 0 {
		t.Errorf("%d <details> and %d </details>", n, m)
	}
}

// withoutCode takes out fenced blocks and code spans by the rules of CommonMark.
func withoutCode(t *testing.T, doc string) string {
	t.Helper()
	var b strings.Builder
	fence := ""
	for line := range strings.Lines(doc) {
		line = strings.TrimPrefix(line, "   ") // within a list, or as a fence may be indented
		run := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence != "":
			if len(run) >= len(fence) && strings.TrimSpace(line) == run {
				fence = ""
			}
		case len(run) >= 3 && !strings.Contains(line[len(run):], "`"):
			fence = run
		default:
			b.WriteString(withoutSpans(line))
		}
	}
	if fence != "" {
		t.Errorf("a fence is never closed")
	}
	return b.String()
}

func withoutSpans(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		if line[i] != '`' {
			b.WriteByte(line[i])
			i++
			continue
		}
		n := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
		rest := line[i+n:]
		end := -1
		for j := 0; j < len(rest); {
			if rest[j] != '`' {
				j++
				continue
			}
			m := len(rest[j:]) - len(strings.TrimLeft(rest[j:], "`"))
			if m == n {
				end = j + m
				break
			}
			j += m
		}
		if end < 0 {
			b.WriteString(line[i : i+n])
			i += n
			continue
		}
		i += n + end
	}
	return b.String()
}

// TestMarkdownFits: GitHub refuses issues of more than 65,536 characters.
func TestMarkdownFits(t *testing.T) {
	r := hostile()
	c := &r.Crashes[0]
	c.Text = strings.Repeat(strings.Repeat("x|`", 3000)+"\n", 500)
	c.Threads[0].Lua = c.Text
	for i := range 1000 {
		c.Threads = append(c.Threads, crash.Thread{Number: 10 + i, Frames: []crash.Frame{{Function: strings.Repeat("f", i)}}})
		c.Threads[0].Frames = append(c.Threads[0].Frames, crash.Frame{Function: strings.Repeat("g", 5000)})
		c.Stream.Fields = append(c.Stream.Fields, crash.Field{Name: fmt.Sprint("f", i), Value: strings.Repeat("v", i)})
		c.Evidence = append(c.Evidence, crash.Evidence{Fact: strings.Repeat("e", i), Source: strings.Repeat("s", i)})
		c.Missing = append(c.Missing, crash.Missing{What: strings.Repeat("m", i)})
	}
	out := render(t, "markdown", r, Options{Threads: "all"})
	if len(out) > 65000 {
		t.Errorf("%d bytes", len(out))
	}
	withoutCode(t, out)
	for _, section := range []string{"### Last Outputs and Backtraces", "### Additional Information", "left out for their length"} {
		if !strings.Contains(out, section) {
			t.Errorf("no %q", section)
		}
	}
}

// TestMarkdownSections: the fields of the bug form, in its order.
func TestMarkdownSections(t *testing.T) {
	var got []string
	for line := range strings.Lines(render(t, "markdown", spinCore(), Options{})) {
		if rest, ok := strings.CutPrefix(line, "### "); ok {
			got = append(got, strings.TrimSpace(rest))
		}
	}
	want := []string{"Detailed Description of the Problem", "Expected Behavior", "Steps to Reproduce the Behavior",
		"Do you have any idea what may have caused this?", "Do you have an idea how to solve the issue?", "What is your configuration?",
		"Output of `haproxy -vv` and `uname -a`", "Last Outputs and Backtraces", "Additional Information"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sections (-want +got):\n%s", diff)
	}
}

func TestMarkdownLeavesOut(t *testing.T) {
	r := &crash.Report{}
	for i := range 60 {
		c := spinLog().Crashes[0]
		c.Fingerprint = fmt.Sprint("f", i)
		r.Crashes = append(r.Crashes, c)
	}
	out := render(t, "markdown", r, Options{})
	if !strings.Contains(out, "10 crashes were left out") || !strings.Contains(out, "60 crashes or warnings in all") {
		t.Errorf("it does not say how many were left out:\n%s", out[:1500])
	}
}

// TestJSONRoundTrip: what is written is what pkg/crash holds, whether the
// report is known at once or only at the end.
func TestJSONRoundTrip(t *testing.T) {
	for _, f := range fixtures() {
		want := f.report()
		redact.Report(want, redact.Options{})
		if want.Crashes == nil {
			want.Crashes = []crash.Crash{}
		}
		if f.name == "hostile" {
			continue // invalid UTF-8 cannot stand in JSON
		}
		whole := []byte(render(t, "json", f.report(), Options{}))
		var got crash.Report
		if err := json.Unmarshal(whole, &got); err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		if diff := cmp.Diff(want, &got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f.name, diff)
		}
		var b bytes.Buffer
		s, err := NewStream(&b, "json", Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := f.report()
		for i := range r.Crashes {
			if err := s.Crash(&r.Crashes[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(r); err != nil {
			t.Fatal(err)
		}
		schematest.Validate(t, b.Bytes())
		var streamed crash.Report
		if err := json.Unmarshal(b.Bytes(), &streamed); err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		if diff := cmp.Diff(want, &streamed); diff != "" {
			t.Errorf("%s, streamed (-want +got):\n%s", f.name, diff)
		}
	}
}

// TestLinesAppearAtOnce: a line is written before the next crash is known.
func TestLinesAppearAtOnce(t *testing.T) {
	for _, format := range []string{"jsonl", "text"} {
		var b bytes.Buffer
		s, err := NewStream(&b, format, Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := spinLog().Crashes[0]
		if err := s.Crash(&c); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "7f9e440acd30") {
			t.Errorf("%s: nothing was written before the end", format)
		}
	}
}

// TestBoundedMemory: ten thousand different crashes leave next to nothing
// behind in the streams that do not collect.
func TestBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("prints 10,000 crashes")
	}
	for _, format := range []string{"text", "json", "jsonl"} {
		s, err := NewStream(io.Discard, format, Options{})
		if err != nil {
			t.Fatal(err)
		}
		heap := func() uint64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		before := heap()
		for i := range 10000 {
			c := crash.Crash{Kind: crash.Segfault, Fatal: true, Fingerprint: fmt.Sprint("segfault:", i), Text: strings.Repeat("x", 4096)}
			if err := s.Crash(&c); err != nil {
				t.Fatal(err)
			}
		}
		after := heap()
		if after > before+4<<20 {
			t.Errorf("%s: the heap grew by %d bytes", format, after-before)
		}
		if err := s.Close(&crash.Report{}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestThreadsOption(t *testing.T) {
	tests := []struct {
		threads   string
		has, lack []string
	}{
		{"", []string{"THREAD 1 (LWP 4242): at fault", "2-4  epoll_wait"}, []string{"THREAD 2"}},
		{"faulty", []string{"THREAD 1"}, []string{"epoll_wait"}},
		{"all", []string{"THREAD 1", "THREAD 2", "THREAD 4", "#0  epoll_wait"}, []string{"OTHER THREADS"}},
		{"3", []string{"THREAD 3"}, []string{"THREAD 1", "THREAD 2"}},
		{"99", []string{"THREAD 99", "not among the 4 threads"}, []string{"THREAD 1"}},
	}
	for _, tt := range tests {
		out := render(t, "text", spinCore(), Options{Threads: tt.threads})
		for _, s := range tt.has {
			if !strings.Contains(out, s) {
				t.Errorf("threads %q: no %q", tt.threads, s)
			}
		}
		for _, s := range tt.lack {
			if strings.Contains(out, s) {
				t.Errorf("threads %q: has %q", tt.threads, s)
			}
		}
	}
}

func TestColor(t *testing.T) {
	plainText := render(t, "text", spinCore(), Options{})
	if strings.Contains(plainText, "\x1b") {
		t.Error("colour without being asked for")
	}
	colored := render(t, "text", spinCore(), Options{Color: true})
	if !strings.Contains(colored, "\x1b[1;31mKNOWN BUG\x1b[0m") {
		t.Error("no colour")
	}
	for _, code := range []string{bold, red} {
		colored = strings.ReplaceAll(colored, "\x1b["+code+"m", "")
	}
	if colored = strings.ReplaceAll(colored, "\x1b[0m", ""); colored != plainText {
		t.Errorf("colour changes the text:\n%s", cmp.Diff(plainText, colored))
	}
}

// TestWriteError: a full disk is told, in every format.
func TestWriteError(t *testing.T) {
	for _, format := range Formats() {
		if err := Write(failing{}, format, spinCore(), Options{}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

var errFull = errors.New("disk full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestHeadline(t *testing.T) {
	const exe = "/usr/sbin/haproxy"
	executable := []crash.Module{{Path: exe, Main: true}}
	died := func(frames ...crash.Frame) []crash.Thread { return []crash.Thread{{Faulty: true, Frames: frames}} }
	tests := []struct {
		c    crash.Crash
		want string
	}{
		{crash.Crash{Fatal: true}, "haproxy: died; the evidence does not say why"},
		{crash.Crash{Fatal: true, Kind: "later_kind", Signal: &crash.Signal{Name: "SIGSYS"}}, "haproxy: later_kind (SIGSYS)"},
		{crash.Crash{Fatal: true, Kind: crash.Segfault, Signal: &crash.Signal{Address: addr(0)}}, "haproxy: segmentation fault at address 0x0 (a null pointer)"},
		{crash.Crash{Fatal: true, Kind: crash.Killed, Signal: &crash.Signal{Name: "SIGKILL", SenderPID: 12}}, "haproxy: ended from outside by SIGKILL from process 12"},
		{crash.Crash{Fatal: true, Kind: crash.OutOfMemory, Exit: &crash.Exit{Code: 137, Signal: "SIGKILL"}}, "haproxy: ended for lack of memory (SIGKILL)"},
		{crash.Crash{Fatal: true, Kind: crash.Panic, Provoked: "debug dev panic", Process: &crash.Process{Role: "worker"}},
			"haproxy (worker): HAProxy panicked; it was crashed on purpose (debug dev panic)"},
		{crash.Crash{Fatal: true, Kind: crash.BugOn, Assertion: &crash.Assertion{Macro: "abort", File: "src/x.c", Line: 7, Message: "no way"}},
			"haproxy: HAProxy gave up (ABORT_NOW at src/x.c:7): no way; HAProxy stopped itself"},
		{crash.Crash{Kind: crash.WarnOn, Assertion: &crash.Assertion{Macro: "check", File: "src/x.c", Line: 7}},
			"warning from haproxy: an internal check failed (CHECK_IF at src/x.c:7); the process went on"},
		{crash.Crash{Kind: crash.BlockedTraffic}, "warning from haproxy: a thread made no progress for a while; the process went on"},
		{crash.Crash{Fatal: true, Kind: crash.Spinning}, "haproxy: an object was spinning; HAProxy stopped itself"},
		{crash.Crash{Fatal: true, Kind: crash.HeapCorruption, Pool: &crash.Pool{Error: "double free or corruption"}, Signal: &crash.Signal{Name: "SIGABRT"}},
			"haproxy: the heap is damaged: double free or corruption (SIGABRT)"},
		{crash.Crash{Fatal: true, Kind: crash.Segfault, Signal: &crash.Signal{Name: "SIGSEGV", SenderPID: 12, Outside: true}, Threads: died(crash.Frame{Function: "epoll_wait"})},
			"haproxy: ended from outside by SIGSEGV from process 12"},
		{crash.Crash{Fatal: true, Kind: crash.Segfault, Threads: died(crash.Frame{Module: exe, ModuleOffset: 0x1234, Symbol: "sub_1200"}, crash.Frame{Function: "h1_process", Module: exe}), Modules: executable},
			"haproxy: segmentation fault in an unnamed function at haproxy+0x1234"},
		{crash.Crash{Fatal: true, Kind: crash.Segfault, Threads: died(crash.Frame{Function: "memcpy", Module: "/lib/libc.so.6"}, crash.Frame{Module: exe, ModuleOffset: 0x1234, Symbol: "sub_1200"}), Modules: executable},
			"haproxy: segmentation fault in memcpy, called from an unnamed function at haproxy+0x1234"},
		{crash.Crash{Fatal: true, Kind: crash.Segfault, Threads: died(crash.Frame{Module: exe, ModuleOffset: 0x1234}), Modules: executable},
			"haproxy: segmentation fault in haproxy+0x1234"},
		{crash.Crash{Fatal: true, Kind: crash.Segfault, Threads: died(crash.Frame{Function: "hook", Module: "/opt/agent/libagent.so"}, crash.Frame{Function: "recv", Module: "/lib/libc.so.6"}), Modules: executable},
			"haproxy: segmentation fault in hook of libagent.so (no part of HAProxy)"},
		{crash.Crash{Fatal: true, Kind: crash.Segfault, Signal: &crash.Signal{Address: addr(0)}, Threads: died(crash.Frame{Lead: true}, crash.Frame{Function: "h1_process", Module: exe, Trust: crash.TrustBadPC}), Modules: executable},
			"haproxy: segmentation fault by a call to address 0x0 (a null pointer) in h1_process"},
		{crash.Crash{Fatal: true, Kind: crash.Abort, Text: "*** stack smashing detected ***: terminated", Threads: died(crash.Frame{Function: "h1_process"})},
			"haproxy: aborted (SIGABRT) in h1_process: stack smashing detected"},
		{crash.Crash{Fatal: true, Kind: crash.Watchdog, Threads: []crash.Thread{{Number: 4, Faulty: true, Task: &crash.Task{Function: "process_stream"}}}},
			"haproxy: thread 4 was stuck in task process_stream and the watchdog stopped HAProxy"},
	}
	for _, tt := range tests {
		if got := headline(&tt.c, Escape); got != tt.want {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
}

// A recursion is told once, with how often it came, and what called it is still there.
func TestRecursionIsFolded(t *testing.T) {
	frames := []crash.Frame{{Function: "memcpy"}}
	for range 300 {
		frames = append(frames, crash.Frame{Function: "sample_conv"}, crash.Frame{Function: "sample_process"})
	}
	frames = append(frames, crash.Frame{Function: "http_process_req"}, crash.Frame{Function: "main"})
	c := crash.Crash{Fatal: true, Kind: crash.StackOverflow, Threads: []crash.Thread{{LWP: 7, Faulty: true, Frames: frames}}}
	for _, format := range []string{"text", "markdown"} {
		got := render(t, format, &crash.Report{Schema: crash.Schema, Crashes: []crash.Crash{c}}, Options{})
		for _, want := range []string{"the same again, 299 more times", "http_process_req", "main"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", format, want, got)
			}
		}
		if n := strings.Count(got, "sample_process"); n > 2 {
			t.Errorf("%s: sample_process stands there %d times", format, n)
		}
	}
}

func TestSmallWords(t *testing.T) {
	for in, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 7791234: "7,791,234", -1234: "-1,234"} {
		if got := number(in); got != want {
			t.Errorf("number(%d) = %q", in, got)
		}
	}
	if got := ranges([]int{7, 2, 3, 4, 9, 10}); got != "2-4, 7, 9, 10" {
		t.Errorf("ranges: %q", got)
	}
	if got := nearest("libc:+0x3c050"); got != "libc:+0x3c050" {
		t.Errorf("nearest: %q", got)
	}
	if got := commitShort("972ce87676e2b2c8"); got != "972ce87676" {
		t.Errorf("commitShort: %q", got)
	}
	if got := commitShort("@user"); got != "(no hash)" {
		t.Errorf("commitShort: %q", got)
	}
}

// Knowledge that is older than half a year says so.
func TestOldKnowledge(t *testing.T) {
	k := &crash.Knowledge{Date: "2026-08-21"}
	for now, want := range map[string]string{
		"2026-08-21": "", "2027-02-17": "", "2027-02-18": ", 181 days old: newer bugs and fixes are not in it", "2020-01-01": "",
	} {
		day, err := time.Parse(time.DateOnly, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := age(k, day); got != want {
			t.Errorf("%s: %q, want %q", now, got, want)
		}
	}
	if got := age(&crash.Knowledge{Date: "soon"}, time.Now()) + age(k, time.Time{}); got != "" {
		t.Errorf("%q of a date that is none", got)
	}
}

// TestLocals: variables of functions are shown to who asks for them, and in full reports.
func TestLocals(t *testing.T) {
	r := func() *crash.Report {
		return &crash.Report{Crashes: []crash.Crash{{Kind: crash.Segfault, Fatal: true, Threads: []crash.Thread{{Faulty: true, Frames: []crash.Frame{{
			Function: "h1_process", Trust: crash.TrustContext, Locals: []crash.Argument{{Name: "total", Value: "42"}, {Name: "h1s", Value: "0x55d0"}},
		}}}}}}}
	}
	for _, c := range []struct {
		o    Options
		want bool
	}{{Options{}, false}, {Options{Locals: true}, true}, {Options{Level: Full}, true}} {
		if out := render(t, "text", r(), c.o); strings.Contains(out, "locals: total=42, h1s=0x55d0") != c.want {
			t.Errorf("%+v: %s", c.o, out)
		}
	}
}
