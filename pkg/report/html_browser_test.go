package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/browser"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// manyThreads is a core of 64 threads, each in another place.
func manyThreads() *crash.Report {
	r := spinCore()
	c := &r.Crashes[0]
	for n := 2; n <= 64; n++ {
		t := crash.Thread{Number: n, LWP: 4000 + n}
		for i := range 14 {
			t.Frames = append(t.Frames, crash.Frame{Address: crash.Addr(0x55aa00000000 + n<<16 + i), Function: fmt.Sprintf("function_%d_%d", n*(1-min(i/10, 1)), i),
				File: "src/some_file.c", Line: 100 + i, Trust: crash.TrustCFI, Arguments: []crash.Argument{{Name: "context", Value: "0x55aa00001234"}, {Name: "state", Value: "3"}}})
		}
		c.Threads = append(c.Threads, t)
	}
	return r
}

// manyCrashes is a log of 200 crashes of three versions.
func manyCrashes() *crash.Report {
	r := one(spinLog().Crashes[0], crash.Input{Name: "fleet.log", Type: "log", Complete: true})
	for i := range 199 {
		c := spinLog().Crashes[0]
		if i%3 == 0 {
			c = watchdog().Crashes[0]
		}
		if i%7 == 0 {
			c = bugOn().Crashes[0]
		}
		c.Time = fmt.Sprintf("2026-11-%02dT%02d:%02d:00Z", 1+i%28, i%24, i%60)
		c.Host = fmt.Sprintf("lb%d", i%9)
		p := *c.Process
		p.PID, p.Version = 1000+i, []string{"3.2-dev5", "3.0.5-1~bpo12+1", "2.8.3"}[i%3]
		c.Process = &p
		c.Fingerprint += fmt.Sprint(i % 2)
		r.Crashes = append(r.Crashes, c)
	}
	return r
}

// longNames has names of a megabyte in its every part.
func longNames() *crash.Report {
	r := spinCore()
	long := strings.Repeat("<script>alert(1)</script>\u202e\x1b[2J", 40_000)
	c := &r.Crashes[0]
	c.Host, c.Text, c.Process.Executable, c.Verdict.Why = long, long, long, long
	for i := range c.Threads {
		for k := range c.Threads[i].Frames {
			c.Threads[i].Frames[k].Function = long
		}
	}
	if c.Stream != nil {
		for i := range c.Stream.Fields {
			c.Stream.Fields[i].Value = long
		}
	}
	return r
}

func pages() map[string]*crash.Report {
	return map[string]*crash.Report{"first": spinLog(), "core": spinCore(), "threads": manyThreads(), "crashes": manyCrashes(), "hostile": hostile(), "long": longNames()}
}

// maxPage is what a page may have at most.
const maxPage = 300_000

func TestPageIsBounded(t *testing.T) {
	for name, r := range pages() {
		if out := render(t, "html", r, Options{Level: Full, Threads: "all"}); len(out) > maxPage {
			t.Errorf("%s: %d bytes", name, len(out))
		}
	}
}

// TestPageHoldsNoMarkup: the only tags of a page are those of its templates.
func TestPageHoldsNoMarkup(t *testing.T) {
	for _, name := range []string{"hostile", "long"} {
		out := render(t, "html", pages()[name], Options{Threads: "all", Redact: redact.Options{Off: true, Strings: true}})
		for _, bad := range []string{"<script", "<img", "javascript:", "\u202e", "\x1b", "http-equiv=\"refresh", " onload"} {
			if strings.Contains(out, bad) {
				t.Errorf("%s: %q stands in the page", name, bad)
			}
		}
		if n, m := strings.Count(out, "<details"), strings.Count(out, "</details>"); n != m || n == 0 {
			t.Errorf("%s: %d <details> and %d </details>", name, n, m)
		}
	}
}

// TestPageInBrowser: nothing is asked for, nothing is complained of, and everybody can read it.
// With HACRASH_SCREENSHOTS=DIRECTORY it writes what the pages look like.
func TestPageInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	b := browser.Open(t)
	axe := browser.Axe(t)
	dir := t.TempDir()
	drawings := map[string]int{"first": 2, "core": 3, "threads": 3, "crashes": 4}
	for name, r := range pages() {
		file := filepath.Join(dir, name+".html")
		if err := os.WriteFile(file, []byte(render(t, "html", r, Options{})), 0o600); err != nil {
			t.Fatal(err)
		}
		looks := []browser.Look{{Width: 390}, {Width: 1440, Dark: true}, {Width: 390, Dark: true}, {Width: 1440}}
		if drawings[name] == 0 {
			looks = looks[:2]
		}
		for _, l := range looks {
			at := fmt.Sprintf("%s-%d-dark=%v", name, l.Width, l.Dark)
			for _, p := range b.Load(file, l) {
				t.Errorf("%s: %s", at, p)
			}
			if shots := os.Getenv("HACRASH_SCREENSHOTS"); shots != "" {
				if err := os.WriteFile(filepath.Join(shots, at+".png"), b.Screenshot(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var wide struct{ Page, Window, Drawings int }
			b.Eval(`({page: document.documentElement.scrollWidth, window: innerWidth, drawings: [...document.querySelectorAll("svg")].filter(s => s.querySelector("rect")).length})`, &wide)
			if wide.Page > l.Width {
				t.Errorf("%s: the page is %d wide", at, wide.Page)
			}
			if wide.Drawings < drawings[name] {
				t.Errorf("%s: %d drawings", at, wide.Drawings)
			}
			b.Eval(`document.querySelectorAll("details").forEach(d => d.open = true)`, nil)
			for _, v := range b.Violations(axe) {
				t.Errorf("%s: %s", at, v)
			}
		}
	}
}
