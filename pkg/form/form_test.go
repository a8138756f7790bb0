package form

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hacrash/hacrash/internal/golden"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/report"
)

// filled is a form of a segfault, with boxes as long as the test wants them.
func filled(t testing.TB, given report.Given, c crash.Crash) *report.Form {
	t.Helper()
	forms := report.NewForms(report.Options{})
	if err := forms.Crash(&c); err != nil {
		t.Fatal(err)
	}
	f, err := forms.Form(&crash.Report{}, given)
	if err != nil {
		t.Fatal(err)
	}
	return &f
}

func segfault() crash.Crash {
	return crash.Crash{
		Kind: crash.Segfault, Fatal: true, Text: "[ALERT] exited with code 139\n@someone #12 `x` <script>",
		Process: &crash.Process{Version: "2.8.3", PID: 7}, Exit: &crash.Exit{Code: 139, Signal: "SIGSEGV"},
		Threads: []crash.Thread{{Faulty: true, Frames: []crash.Frame{{Function: "h1_process", File: "src/mux_h1.c", Line: 12, Trust: crash.TrustPrinted}}}},
	}
}

// TestBody: the body of an issue, box by box.
func TestBody(t *testing.T) {
	f := filled(t, report.Given{Configuration: "global\n nbthread 2\n", VV: "HAProxy version 2.8.3\n"}, segfault())
	golden.Check(t, "testdata/body.md", []byte("# "+f.Title+"\n\n"+Body(f)))
	if len(f.Boxes) != len(Boxes()) {
		t.Fatalf("%d boxes, and the form has %d", len(f.Boxes), len(Boxes()))
	}
	for i, id := range Boxes() {
		if f.Boxes[i].ID != id {
			t.Errorf("box %d is %s, want %s", i, f.Boxes[i].ID, id)
		}
	}
}

// TestLimits: whatever the length of what was read, GitHub takes the body and the link, no fence
// stays open, and what did not fit is told.
func TestLimits(t *testing.T) {
	for _, lines := range []int{0, 100, 3000, 100_000} {
		long := strings.Repeat("frontend name_1 ä ``` & %41 # <x>\n", lines)
		c := segfault()
		c.Text = long
		f := filled(t, report.Given{Configuration: long, VV: long, Around: long}, c)
		body := Body(f)
		if n := utf8.RuneCountInString(body); n > maxBody {
			t.Errorf("%d lines: a body of %d characters", lines, n)
		}
		if fence := openFence(strings.Split(body, "\n")); fence != "" {
			t.Errorf("%d lines: %s is not closed", lines, fence)
		}
		if lines == 100_000 && !strings.Contains(body, "lines were left out for the length") {
			t.Errorf("nobody is told that it was cut")
		}
		link, rest := Link(f)
		if len(link) > maxLink {
			t.Errorf("%d lines: a link of %d bytes", lines, len(link))
		}
		u, err := url.Parse(link)
		if err != nil || u.Query().Get("template") != "Bug.yml" || u.Query().Get("title") != f.Title {
			t.Errorf("%v: %s", err, link)
		}
		left := map[string]bool{}
		for _, b := range rest {
			left[b.ID] = true
		}
		for i := range f.Boxes {
			b := &f.Boxes[i]
			if got := u.Query().Get(b.ID); Paste(b) != "" && (left[b.ID] == (got != "") || !left[b.ID] && got != Paste(b)) {
				t.Errorf("%d lines: %s is in the link: %t, and in the rest: %t", lines, b.ID, got != "", left[b.ID])
			}
		}
	}
}

// TestShorten keeps both ends of a text and closes what was open.
func TestShorten(t *testing.T) {
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, "line %d\n", i)
	}
	got := shorten("```plain\n"+text.String()+"```\nend", 200)
	if !strings.HasPrefix(got, "```plain\nline 0\n") || !strings.HasSuffix(got, "\n```\nend") || openFence(strings.Split(got, "\n")) != "" {
		t.Errorf("%s", got)
	}
}

// TestQuestions: each rule belongs to some crash, and what is answered is not asked.
func TestQuestions(t *testing.T) {
	asked := map[string]bool{}
	for _, kind := range []crash.Kind{crash.Segfault, crash.Watchdog, crash.BugOn, crash.OutOfMemory, crash.Killed, crash.PoolCorruption, crash.Unknown} {
		for _, core := range []bool{false, true} {
			for _, has := range []Has{{}, {true, true}} {
				c := segfault()
				c.Kind, c.Threads[0].Lua = kind, "x"
				c.Process.Role = "worker"
				if core {
					c.Modules = []crash.Module{{Main: true}}
				}
				if !has.VV {
					c.Process.Version = ""
				}
				if kind == crash.Segfault {
					c.Threads[0].Frames[0].Line = 0
				}
				for _, q := range Questions(&c, has) {
					asked[q.Ask] = true
					if has.Configuration && strings.Contains(q.Ask, "configuration") || has.VV && strings.Contains(q.Ask, "was built") {
						t.Errorf("%s: asks for %s, which is there", kind, q.Ask)
					}
				}
			}
		}
	}
	for i := range rules {
		if !asked[rules[i].Ask] {
			t.Errorf("nobody is asked %s", rules[i].Ask)
		}
	}
}

// TestNoNews: a bug that is known and a crash on purpose are no news.
func TestNoNews(t *testing.T) {
	c := segfault()
	if why := NoNews(&c); why != "" {
		t.Errorf("%s", why)
	}
	c.Verdict = &crash.Verdict{Status: crash.Known, Matches: []crash.Match{{ID: "x", Title: "t\x1b[2J", FixedIn: []string{"2.8.4"}, Issues: []int{1}, Advice: "upgrade"}}}
	if why := NoNews(&c); !strings.Contains(why, "2.8.4") || !strings.Contains(why, "issues/1") || strings.Contains(why, "\x1b") {
		t.Errorf("%q", why)
	}
	c.Verdict.Status = crash.Probable
	if NoNews(&c) != "" {
		t.Error("a probable bug needs a report")
	}
}
