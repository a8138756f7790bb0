package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

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
		for k := range c.Threads[i].Frames[:min(2, len(c.Threads[i].Frames))] {
			c.Threads[i].Frames[k].Function = long
		}
	}
	for i := range c.Stream.Fields[:3] {
		c.Stream.Fields[i].Value = long
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

// TestPageSaysWhatItHolds: a page from which nothing was taken out says so first.
func TestPageSaysWhatItHolds(t *testing.T) {
	for _, groups := range []bool{false, true} {
		of := func(off bool) string {
			o := Options{Redact: redact.Options{Off: off}}
			if groups {
				return renderGroups(t, "html", fleet(), o)
			}
			return render(t, "html", fleet(), o)
		}
		body := func(page string) string { return page[strings.Index(page, "<body>"):] }
		if page := body(of(true)); !strings.HasPrefix(page, "<body>\n<p class=\"alarm\"") {
			t.Errorf("groups %v: begins with %.80q", groups, page)
		}
		if page := body(of(false)); strings.Contains(page, redact.Warning) {
			t.Errorf("groups %v: says that it holds everything", groups)
		}
	}
}

// TestPagePolicy: the policy's hash is that of the style that stands in the page.
func TestPagePolicy(t *testing.T) {
	out := render(t, "html", spinLog(), Options{})
	if !strings.Contains(out, "<style>"+strings.TrimSpace(htmlCSS)) && !strings.Contains(out, htmlCSS) {
		t.Error("the style is not as it was hashed: a line of it is missing")
	}
	if n := strings.Count(out, "style="); n > 0 {
		t.Errorf("%d style attributes, which the policy forbids", n)
	}
}

// TestFlowMarksWhatSpins: by the applet's address, else by its name if only one side has it.
func TestFlowMarksWhatSpins(t *testing.T) {
	c := spinCore().Crashes[0]
	if f := flow(&c); f == nil || f.Server.Fault == "" || f.Client.Fault != "" || !strings.Contains(f.Server.Fault, "7,791,234") {
		t.Fatalf("%+v", f)
	}
	dump := func(fields ...string) *crash.Crash {
		c := crash.Crash{Spin: &crash.Spin{Object: "APPCTX", Applet: "CLI"}, Stream: &crash.Stream{}}
		for _, f := range fields {
			name, value, _ := strings.Cut(f, "=")
			c.Stream.Fields = append(c.Stream.Fields, crash.Field{Name: name, Value: value})
		}
		return &c
	}
	for _, x := range []struct {
		fields         []string
		client, server bool
	}{
		{[]string{"scf.state=EST", "src=10.0.0.1:4", "dst=<CLI>", "scb.state=EST"}, false, true},
		{[]string{"scf.state=EST", "src=<CLI>", "dst=srv1", "scb.state=EST"}, true, false},
		{[]string{"scf.state=EST", "src=<CLI>", "dst=<CLI>", "scb.state=EST"}, false, false},
		{[]string{"scf.state=EST", "src=<PEER>", "scb.state=EST"}, false, false},
	} {
		f := flow(dump(x.fields...))
		if f == nil || (f.Client.Fault != "") != x.client || (f.Server.Fault != "") != x.server {
			t.Errorf("%v: %+v", x.fields, f)
		}
	}
	whole := dump("scf.state=EST")
	whole.Spin = &crash.Spin{Object: "STREAM", Address: 0x10, Rate: 5000}
	whole.Stream.Address = 0x10
	if f := flow(whole); f == nil || f.Fault != "spins: 5,000 calls/s" {
		t.Errorf("%+v", f)
	}
	whole.Stream.Address = 0x20
	if f := flow(whole); f == nil || f.Fault != "" {
		t.Errorf("another stream is blamed: %+v", f)
	}
	if f := flow(&crash.Crash{}); f != nil {
		t.Errorf("a stream of which nothing is known is drawn: %+v", f)
	}
}

// TestFlowDirections: closed directions are crossed out, and said.
func TestFlowDirections(t *testing.T) {
	for _, x := range []struct {
		flags       []string
		read, write string
	}{
		{[]string{"SC_FL_EOS"}, "SC_FL_EOS", ""},
		{[]string{"SC_FL_SHUT_DONE", "SC_FL_ABRT_DONE"}, "SC_FL_ABRT_DONE", "SC_FL_SHUT_DONE"},
		{[]string{"SC_FL_ISBACK"}, "", ""},
	} {
		c := crash.Crash{Stream: &crash.Stream{Fields: []crash.Field{{Name: "scb.state", Value: "EST"}, {Name: "scb.flags", Value: "0x1", Flags: x.flags}}}}
		f := flow(&c)
		if f.Back.ReadShut != x.read || f.Back.WriteShut != x.write {
			t.Errorf("%v: %q %q", x.flags, f.Back.ReadShut, f.Back.WriteShut)
		}
		want := 0
		for _, s := range []string{x.read, x.write} {
			if s != "" {
				want++
			}
		}
		for _, down := range []bool{false, true} {
			crossed := slices.DeleteFunc(drawFlow(f, down).Arrows, func(a arrow) bool { return a.Cross == "" })
			if len(crossed) != want {
				t.Errorf("%v: %d arrows are crossed out, want %d", x.flags, len(crossed), want)
			}
		}
	}
}

// TestStacksAreMerged: every thread is counted in every function that it is in, and the thread
// at fault comes first.
func TestStacksAreMerged(t *testing.T) {
	thread := func(faulty bool, names ...string) crash.Thread {
		x := crash.Thread{Faulty: faulty}
		for _, n := range names {
			x.Frames = append(x.Frames, crash.Frame{Function: n})
		}
		return x
	}
	c := crash.Crash{Threads: []crash.Thread{
		thread(true, "spin", "poll", "main"), thread(false, "wait", "poll", "start"), thread(false, "wait", "poll", "start"), thread(false),
	}}
	s := stacks(&c)
	var got []string
	var walk func(list []*Call, path string)
	walk = func(list []*Call, path string) {
		for _, x := range list {
			at := path + "/" + x.Name.Plain()
			got = append(got, fmt.Sprint(at, " ", x.Threads, " ", x.Culprit))
			walk(x.Calls, at)
		}
	}
	walk(s.Roots, "")
	want := []string{"/main 1 false", "/main/poll 1 false", "/main/poll/spin 1 true", "/start 2 false", "/start/poll 2 false", "/start/poll/wait 2 false"}
	if !slices.Equal(got, want) || s.Threads != 3 || s.Left != 1 {
		t.Errorf("%d threads, %d left: %q", s.Threads, s.Left, got)
	}
}

// TestDrawingsStayInside: no shape leaves its drawing, and none has a negative size.
func TestDrawingsStayInside(t *testing.T) {
	viewBox := regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`)
	shape := regexp.MustCompile(`<rect class="[^"]*" x="(-?\d+)" y="(-?\d+)" width="(-?\d+)" height="(-?\d+)"`)
	for name, r := range pages() {
		out := render(t, "html", r, Options{})
		for _, svg := range strings.Split(out, "<svg ")[1:] {
			var w, h int
			if m := viewBox.FindStringSubmatch(svg); m != nil {
				fmt.Sscan(m[1]+" "+m[2], &w, &h)
			}
			for _, m := range shape.FindAllStringSubmatch(svg, -1) {
				var x, y, dx, dy int
				fmt.Sscan(strings.Join(m[1:], " "), &x, &y, &dx, &dy)
				if x < 0 || y < 0 || dx <= 0 || dy <= 0 || x+dx > w || y+dy > h {
					t.Errorf("%s: %s in %d x %d", name, m[0], w, h)
				}
			}
		}
	}
}

// TestTimeline: December comes before January where no year is told, and what does not compare
// is counted.
func TestTimeline(t *testing.T) {
	tl := newTally(redact.Options{})
	for i, when := range []string{"Jan  2 10:00:00", "Dec 30 10:00:00", "Dec 31 10:00:00", "2026-01-01T00:00:00Z", ""} {
		tl.take(&crash.Crash{Kind: crash.Segfault, Fingerprint: "f", Time: when, Process: &crash.Process{Version: []string{"2.8.3", "3.0.5"}[i%2]}})
	}
	l := tl.times.timeline()
	if l == nil || l.From != "Dec 30 10:00:00" || l.To != "Jan 2 10:00:00" || l.Left != 2 || len(l.Lanes) != 2 || l.Lanes[0].Count != 2 {
		t.Errorf("%+v", l)
	}
	if l := newTally(redact.Options{}).times.timeline(); l != nil {
		t.Errorf("nothing has a time line: %+v", l)
	}
}

// TestPageKeepsWhatOnlyLooksBare: a crash with a stack and without a fingerprint is not taken for one
// before it of which nothing but the end is known.
func TestPageKeepsWhatOnlyLooksBare(t *testing.T) {
	bare := crash.Crash{Kind: crash.Segfault, Fatal: true}
	stack := crash.Crash{Kind: crash.Segfault, Fatal: true, Threads: []crash.Thread{{Faulty: true, Frames: []crash.Frame{{Symbol: "main+0x1234", Trust: crash.TrustPrinted}}}}}
	for _, format := range []string{"html", "text"} {
		r := &crash.Report{Crashes: []crash.Crash{bare, stack, bare, stack}}
		out := render(t, format, r, Options{})
		if n := strings.Count(out, "main+0x1234"); n == 0 {
			t.Errorf("%s: the stack is not shown", format)
		}
		if format == "html" && strings.Count(out, "<article>") != 2 {
			t.Errorf("%d crashes are shown, want the two that differ", strings.Count(out, "<article>"))
		}
	}
}
